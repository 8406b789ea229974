"""The terms of a vote, copied at its opening: protocol, quorum, seats. Pure: no database, no web."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from deliberate.consensus.committee import quorum_needed, quorum_reached
from deliberate.consensus.protocol import Protocol
from deliberate.errors import Refused


@dataclass(frozen=True)
class Quorum:
    """Who was there when it was worked out, and what was needed. METHODS.md section 5."""

    seats: int
    recused: int
    present: int
    represented: int = 0
    share: str = "1/2"
    recused_not_counted: bool = True
    second_call: bool = False

    @property
    def needed(self) -> int:
        return (
            0
            if self.second_call
            else quorum_needed(self.seats, self.recused, Fraction(self.share), self.recused_not_counted)
        )

    @property
    def reached(self) -> bool:
        return quorum_reached(
            self.seats,
            self.recused,
            self.present,
            self.represented,
            Fraction(self.share),
            self.recused_not_counted,
            self.second_call,
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "needed": self.needed, "reached": self.reached}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Quorum":
        return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})


def check_quorum(quorum: Quorum | None) -> None:
    if quorum is not None and not quorum.reached:
        raise Refused(
            "There is no quorum: {present} present or represented, {needed} needed. Record who has arrived, "
            "or call a second meeting on the same agenda.",
            present=quorum.present + quorum.represented,
            needed=quorum.needed,
        )


@dataclass(frozen=True)
class Terms:
    """Everything a result depends on beside the ballots, copied at the opening."""

    protocol: Mapping[str, Any]  # all parameters, as consensus.protocol writes them
    protocol_hash: str
    changeable: bool = True  # until the close; the last ballot counts
    majority_base: str = "present_or_represented"
    casting_vote: bool = True
    not_taking_part_in_base: bool = True
    recused: int = 0  # members who would have had a ballot but for their interests
    quorum: Quorum | None = None  # None: no meeting, a written procedure

    @classmethod
    def under(
        cls, protocol: Protocol, *, quorum: Quorum | None = None, recused: int = 0, changeable: bool = True
    ) -> "Terms":
        committee = protocol.committee
        return cls(
            protocol=protocol.canonical(),
            protocol_hash=protocol.digest(),
            changeable=changeable,
            majority_base=committee.majority_base,
            casting_vote=committee.casting_vote,
            not_taking_part_in_base=committee.not_taking_part_in_base,
            recused=recused,
            quorum=quorum,
        )

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "quorum": self.quorum.as_json() if self.quorum else None}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Terms":
        known = {name: told[name] for name in cls.__dataclass_fields__ if name in told}
        quorum = known.get("quorum")
        return cls(**{**known, "quorum": Quorum.read(quorum) if quorum else None})


@dataclass(frozen=True)
class Seat:
    """One name for the roll. `chair`: whose choice may decide a tie. `held_by`: who votes for who is away."""

    person_id: int
    chair: bool = False
    held_by: int | None = None

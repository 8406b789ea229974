"""Who may vote, when and with which ballot, and what a vote comes to. Pure: no database, no web."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

from deliberate.consensus.committee import quorum_needed, quorum_reached, tally
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.consensus.summary import summarise
from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import NO_BALLOT, UNDECLARED, Standing, check_reads, check_takes_part

LONGEST_REASON = 5_000
KEY_LENGTH = range(8, 65)


class VoteKind(StrEnum):
    CHOICE = "choice"
    RATING = "rating"


class Mode(StrEnum):
    """Chosen before the opening and never changed (TRUST.md section 4)."""

    NAMED = "named"
    CONFIDENTIAL = "confidential"


class VoteState(StrEnum):
    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    NOT_TAKING_PART = "not_taking_part"


NEXT = {  # nothing is opened twice: who wants to ask again asks in another vote
    VoteState.PREPARED: {VoteState.OPEN},
    VoteState.OPEN: {VoteState.CLOSED},
    VoteState.CLOSED: {VoteState.COUNTED},
    VoteState.COUNTED: set(),
}
CANNOT = {
    VoteState.PREPARED: N_("This vote is not open yet."),
    VoteState.OPEN: N_("This vote is open. Close it first."),
    VoteState.CLOSED: N_("This vote is closed. A closed vote is never opened again; prepare another one."),
    VoteState.COUNTED: N_("This vote is counted and its result stands."),
}


def check_step(state: str, wanted: VoteState) -> None:
    if wanted not in NEXT[VoteState(state)]:
        raise Refused(CANNOT[VoteState(state)])


def check_alone(rating_round_id: int | None) -> None:
    """The votes of a round are opened, closed and counted together."""
    if rating_round_id is not None:
        raise Refused(
            "This rating belongs to a round: it is closed and counted with the others of its round."
        )


# Terms


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


# Rights


def check_sees(standing: Standing, gate: str, group_id: int) -> None:
    """Raises NotFound: the vote of another group, or on what one is kept out of, does not exist."""
    check_reads(standing, gate, group_id)


def may_run(standing: Standing, gate: str, group_id: int) -> bool:
    """Whether this person prepares, opens, closes and reveals the votes of `group_id` on `gate`."""
    return standing.secretariat or (
        standing.chairs(group_id) and standing.declared and standing.outcome(gate, group_id) not in NO_BALLOT
    )


def check_runs(standing: Standing, gate: str, group_id: int) -> None:
    """Raises NotFound for everybody else: to them there is no such act."""
    check_sees(standing, gate, group_id)
    if may_run(standing, gate, group_id):
        return
    if standing.chairs(group_id) and not standing.declared:
        raise NotAllowed(UNDECLARED)
    raise NotFound()


def sees_names(standing: Standing, group_id: int) -> bool:
    """Who has answered, by name, before the result: for reminders. Never what."""
    return standing.secretariat or standing.chairs(group_id)


# Ballots


@dataclass(frozen=True)
class Paper:
    """A ballot on its way. It waits in the box until a commit takes or refuses it."""

    vote_id: int
    person_id: int
    key: str
    choice: str | None = None
    rating: int | None = None
    reason: str = ""  # why no answer can be given, the comment of a rating, or the explanation of a choice
    nsp: bool = False  # "no answer", said in so many words; it and a rating exclude each other
    for_id: int | None = None  # the member represented, where it is cast under a proxy

    @property
    def seat_id(self) -> int:
        """Under whose name it is kept."""
        return self.person_id if self.for_id is None else self.for_id

    @property
    def content(self) -> tuple[str | None, int | None, str]:
        return self.choice, self.rating, self.reason


@dataclass(frozen=True)
class Booth:
    """What is known of the vote when papers are checked."""

    kind: str
    state: str
    closed_at: datetime | None
    changeable: bool
    nsp_allowed: bool = True
    nsp_reason_required: bool = True
    deadline_at: datetime | None = None  # of a written procedure
    now: datetime | None = None
    comment_on_zone_change: bool = False


@dataclass(frozen=True)
class Cast:
    """A ballot that was cast: `number` of its entry, or `paper`, its place among those now checked."""

    key: str
    content: tuple[str | None, int | None, str]
    number: int | None = None
    paper: int | None = None


@dataclass
class Voter:
    """One who casts: the refusal that rights demand, if any, and the ballots so far; the last one stands."""

    refusal: Refusal | None
    casts: list[Cast] = field(default_factory=list)
    rated_before: int | None = None  # in the round before, where the protocol asks about a change of zone
    held_by: int | None = None  # who votes for this one, as the roll has it


@dataclass(frozen=True)
class Verdict:
    """A paper that holds. `same`: it was cast before. `replaces`: what it supersedes."""

    revision: int = 0
    same: Cast | None = None
    replaces: Cast | None = None


def right_to_cast(standing: Standing, gate: str, group_id: int, struck: bool | None) -> Refusal | None:
    """Why this person may not cast now, or None. `struck` is None for whoever is not on the roll at all."""
    if not standing.sits_in(group_id):
        return NotFound()
    try:
        check_takes_part(standing, gate, group_id)
    except Refusal as refusal:
        return refusal
    if struck is None:
        return NotAllowed("You are not on the roll of this vote: it lists who could vote when it was opened.")
    # Struck and yet not kept out: the exclusion was lifted later. The roll stays as it was.
    return NotFound() if struck else None


def check_papers(
    papers: Sequence[Paper], booth: Booth, voters: Mapping[int, Voter]
) -> list[Verdict | Refusal]:
    """What becomes of each paper, in order; one refused hurts no other. `voters` learns what was taken."""
    return [
        seat_refuses(paper, voters) or check_paper(place, paper, booth, voters[paper.seat_id])
        for place, paper in enumerate(papers)
    ]


def seat_refuses(paper: Paper, voters: Mapping[int, Voter]) -> Refusal | None:
    """A seat has one who votes for it: the member, or whoever held the proxy when the roll was frozen."""
    own, seat = voters[paper.person_id], voters.get(paper.seat_id)
    if paper.seat_id == paper.person_id:
        if own.refusal is None and own.held_by is not None:
            return NotAllowed(
                "You are represented in this vote: whoever holds your proxy votes for you. The roll was "
                "frozen when the vote opened."
            )
        return None
    if own.refusal is not None:
        return own.refusal
    if seat is None or seat.held_by != paper.person_id:
        return NotFound()  # to everybody else there is no such seat
    if seat.refusal is not None:
        return Refused("The member you represent can no longer vote on this.")
    return None


def check_paper(place: int, paper: Paper, booth: Booth, voter: Voter) -> Verdict | Refusal:
    """The same key gets the same answer, even after the close: it was counted then."""
    if voter.refusal is not None:
        return voter.refusal
    for cast in voter.casts:
        if cast.key == paper.key:
            return Verdict(same=cast) if cast.content == paper.content else Refused(OTHER_CONTENT)
    refusal = state_refuses(booth) or content_refuses(paper, booth, voter.rated_before)
    if refusal is not None:
        return refusal
    if voter.casts and not booth.changeable:
        return Refused("You have already cast your ballot in this vote, and it cannot be changed.")
    verdict = Verdict(revision=len(voter.casts) + 1, replaces=voter.casts[-1] if voter.casts else None)
    voter.casts.append(Cast(paper.key, paper.content, paper=place))
    return verdict


OTHER_CONTENT = N_(
    "Another ballot was already sent under this key. Reload the page to see which one stands, and vote again."
)


def state_refuses(booth: Booth) -> Refusal | None:
    if booth.state == VoteState.OPEN:
        # Whether or not the task that closes it has come by: the deadline itself refuses.
        if booth.deadline_at and booth.now and booth.now >= booth.deadline_at:
            return Refused("This vote closed at {at}: your ballot was not counted.", at=booth.deadline_at)
        return None
    if booth.state == VoteState.PREPARED or booth.closed_at is None:
        return Refused(CANNOT[VoteState.PREPARED])
    return Refused("This vote closed at {at}: your ballot was not counted.", at=booth.closed_at)


def content_refuses(paper: Paper, booth: Booth, rated_before: int | None = None) -> Refusal | None:
    """A choice, or a rating, or "no answer" with its reason; never two of them."""
    if len(paper.key) not in KEY_LENGTH:
        return Invalid("A ballot travels under a key of 8 to 64 characters. Reload the page and vote again.")
    if len(paper.reason) > LONGEST_REASON:
        return _wrong(
            "reason", "This is too long: at most {max_length} characters.", max_length=LONGEST_REASON
        )
    if booth.kind == VoteKind.CHOICE:
        if paper.rating is not None or paper.nsp or paper.choice not in set(Choice):
            return _wrong("choice", "Choose: for, against, abstain, or not taking part.")
        return None
    return rating_refuses(paper, booth, rated_before)


def rating_refuses(paper: Paper, booth: Booth, rated_before: int | None) -> Refusal | None:
    if paper.choice is not None:
        return _wrong("rating", "This vote asks for a rating from 1 to 9.")
    if paper.rating is not None:
        if paper.nsp:
            return _wrong("rating", "A ballot holds a rating or “I cannot judge”, not both.")
        if type(paper.rating) is not int or not 1 <= paper.rating <= 9:
            return _wrong("rating", "A rating is a whole number from 1 to 9.")
        left = rated_before is not None and zone(rated_before) != zone(paper.rating)
        if booth.comment_on_zone_change and left and not paper.reason:
            return _wrong(
                "reason",
                "You rated {before} in the round before: say in a few words why.",
                before=rated_before,
            )
        return None
    if not booth.nsp_allowed:
        return _wrong("rating", "This vote asks for a rating from 1 to 9.")
    if not paper.nsp or (booth.nsp_reason_required and not paper.reason):
        return _wrong("rating", "Choose a rating, or say in a few words why you cannot judge.")
    return None


def zone(rating: int) -> int:
    """0, 1 or 2: the part of the scale in which a rating lies."""
    return (rating - 1) // 3


def _wrong(name: str, message: str, **places: Any) -> Invalid:
    return Invalid(message, problems={name: Invalid(message, **places)}, **places)


# The count


def result_of_choices(
    choices: Sequence[str], *, entitled: int, terms: Terms, chair: str | None
) -> dict[str, Any]:
    """The counts and what they decide. `chair`: the chair's own choice, for a tie."""
    counts = {choice.value: sum(1 for given in choices if given == choice) for choice in Choice}
    outcome = tally(
        counts["for"],
        counts["against"],
        counts["abstain"],
        counts["not_taking_part"],
        base=terms.majority_base,
        casting_vote=terms.casting_vote,
        chair=chair,
        not_taking_part_in_base=terms.not_taking_part_in_base,
    )
    return {
        "counts": counts,
        "cast": len(choices),
        "entitled": entitled,
        "missing": entitled - len(choices),
        "outcome": outcome.value,
        "adopts": outcome.adopts,
    }


def result_of_ratings(
    ratings: Sequence[int], *, nsp: int, entitled: int, recused: int, terms: Terms, round_number: int
) -> dict[str, Any]:
    """The summary of consensus.summary as it stands, with who answered."""
    missing = entitled - len(ratings) - nsp
    summary = summarise(
        ratings,
        nsp=nsp,
        missing=missing,
        protocol=read_protocol(terms.protocol),
        recused=recused,
        round_number=round_number,
    )
    return {**summary.as_json(), "cast": len(ratings) + nsp, "entitled": entitled}


def shows_statistics(kind: str, mode: str, result: Mapping[str, Any], terms: Terms) -> bool:
    """No group statistics below five valid ratings in a confidential vote: with few, they are the ratings."""
    if kind != VoteKind.RATING or mode != Mode.CONFIDENTIAL:
        return True
    return int(result["n"]) >= read_protocol(terms.protocol).display.min_stratum


def told_of_count(kind: str, result: Mapping[str, Any], shown: bool) -> dict[str, Any]:
    """What the entry of the count may say to every reader of the vote: whole numbers and codes."""
    facts: dict[str, Any] = {"cast": result["cast"], "entitled": result["entitled"]}
    if kind == VoteKind.CHOICE:
        return {**facts, "counts": dict(result["counts"]), "outcome": result["outcome"]}
    facts |= {"valid": result["n"], "nsp": result["nsp"], "missing": result["missing"]}
    if shown:
        primary = result["primary"]
        facts |= {
            "frequencies": list(result["frequencies"]),
            "method": primary["method"],
            "verdict": primary["verdict"],
            "degree": primary["degree"],
        }
    return facts

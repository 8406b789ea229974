"""Which ballot is taken, and why another is not. Pure: no database, no web."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deliberate.consensus.grade_grid import COLUMNS
from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.voting.grid import side
from deliberate.voting.rules import CANNOT, Choice, VoteKind, VoteState

LONGEST_REASON = 5_000
KEY_LENGTH = range(8, 65)


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
    grid: bool = False  # a rating is one of the five positions of a GRADE grid


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
        return asks_for(booth)
    if paper.rating is not None:
        if paper.nsp:
            return _wrong("rating", "A ballot holds a rating or “I cannot judge”, not both.")
        if type(paper.rating) is not int or not 1 <= paper.rating <= (COLUMNS if booth.grid else 9):
            if booth.grid:
                return asks_for(booth)
            return _wrong("rating", "A rating is a whole number from 1 to 9.")
        zone = side if booth.grid else zone_of
        left = rated_before is not None and zone(rated_before) != zone(paper.rating)
        if booth.comment_on_zone_change and left and not paper.reason:
            return zone_left(booth, rated_before)
        return None
    if not booth.nsp_allowed:
        return asks_for(booth)
    if not paper.nsp or (booth.nsp_reason_required and not paper.reason):
        return _wrong("rating", "Choose a rating, or say in a few words why you cannot judge.")
    return None


def asks_for(booth: Booth) -> Invalid:
    if booth.grid:
        return _wrong("rating", "Choose one of the five positions, from clearly for to clearly against.")
    return _wrong("rating", "This vote asks for a rating from 1 to 9.")


def zone_left(booth: Booth, rated_before: int | None) -> Invalid:
    if booth.grid:
        return _wrong("reason", "You changed sides since the round before: say in a few words why.")
    return _wrong(
        "reason", "You rated {before} in the round before: say in a few words why.", before=rated_before
    )


def zone_of(rating: int) -> int:
    """0, 1 or 2: the part of the scale in which a rating lies."""
    return (rating - 1) // 3


def _wrong(name: str, message: str, **places: Any) -> Invalid:
    return Invalid(message, problems={name: Invalid(message, **places)}, **places)

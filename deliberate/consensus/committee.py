"""Quorum, proxies and the count of a committee vote. METHODS.md section 5."""

from collections import Counter
from collections.abc import Collection, Mapping
from enum import StrEnum
from fractions import Fraction


class Outcome(StrEnum):
    """Only the first two adopt; `tie` and `no_majority` return the item to a later meeting."""

    ADOPTED = "adopted"
    ADOPTED_CASTING_VOTE = "adopted_casting_vote"
    REJECTED = "rejected"
    REJECTED_CASTING_VOTE = "rejected_casting_vote"
    TIE = "tie"
    NO_MAJORITY = "no_majority"

    @property
    def adopts(self) -> bool:
        return self in (Outcome.ADOPTED, Outcome.ADOPTED_CASTING_VOTE)


def quorum_reached(
    seats: int,
    recused: int,
    present: int,
    represented: int,
    share: Fraction = Fraction(1, 2),
    recused_not_counted: bool = True,
    second_call: bool = False,
) -> bool:
    """Whether enough members are present or represented to open the vote on one item.

    `seats` are the voting seats in office; those `recused` for the item leave the base unless they are
    counted. A second call on the same agenda needs no quorum. ValueError for counts that cannot be.
    """
    if min(seats, recused, present, represented) < 0 or recused > seats:
        raise ValueError(
            f"{recused} recused of {seats} seats, {present} present, {represented} represented: impossible."
        )
    base = seats - recused if recused_not_counted else seats
    return second_call or present + represented >= share * base


def quorum_needed(
    seats: int, recused: int, share: Fraction = Fraction(1, 2), recused_not_counted: bool = True
) -> int:
    """How many present or represented members make the quorum: the number to print beside the count."""
    needed = share * (seats - recused if recused_not_counted else seats)
    return -(-needed.numerator // needed.denominator)


def tally(
    for_votes: int,
    against: int,
    abstain: int = 0,
    not_taking_part: int = 0,
    base: str = "present_or_represented",
    casting_vote: bool = True,
    chair: str | None = None,
    *,
    not_taking_part_in_base: bool = True,
) -> Outcome:
    """The outcome of a vote: more than half of the base is needed either way.

    `base` is `present_or_represented`, where abstentions weigh and, unless the protocol says otherwise, those
    not taking part too, or `votes_cast`. `chair` is the chair's own ballot, which decides an equal count
    where `casting_vote` holds.
    """
    if min(for_votes, against, abstain, not_taking_part) < 0:
        raise ValueError("A count of ballots cannot be negative.")
    weight = _base(base, for_votes + against, abstain, not_taking_part if not_taking_part_in_base else 0)
    if 2 * for_votes > weight:
        return Outcome.ADOPTED
    if 2 * against > weight:
        return Outcome.REJECTED
    if for_votes != against or not for_votes:
        return Outcome.NO_MAJORITY
    if casting_vote and chair == "for":
        return Outcome.ADOPTED_CASTING_VOTE
    return Outcome.REJECTED_CASTING_VOTE if casting_vote and chair == "against" else Outcome.TIE


def check_proxies(
    holders: Mapping[str, str],
    present: Collection[str],
    recused: Collection[str] = (),
    with_alternate: Collection[str] = (),
    most: int = 1,
    only_without_alternate: bool = True,
) -> None:
    """Check the proxies of one item, from represented member to holder. ValueError says which cannot stand.

    The holder is present, the represented member is not, neither is recused, a seat with an alternate sends
    the alternate, and nobody holds more than `most`.
    """
    for absent, holder in holders.items():
        if holder not in present:
            raise ValueError(f"{holder} is not present and cannot vote for {absent}.")
        if absent in present:
            raise ValueError(f"{absent} is present and votes in person.")
        if recused_one := next((member for member in (absent, holder) if member in recused), None):
            raise ValueError(f"{recused_one} is recused for this item and can neither give nor hold a proxy.")
        if only_without_alternate and absent in with_alternate:
            raise ValueError(f"The seat of {absent} has an alternate, who attends instead of a proxy.")
    for holder, held in Counter(holders.values()).items():
        if held > most:
            raise ValueError(f"{holder} holds {held} proxies; at most {most} may be held.")


def _base(base: str, cast: int, abstain: int, not_taking_part: int) -> int:
    if base == "votes_cast":
        return cast
    if base == "present_or_represented":
        return cast + abstain + not_taking_part
    raise ValueError(f"{base!r} is not a majority base: choose present_or_represented or votes_cast.")

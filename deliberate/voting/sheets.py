"""The feedback sheet of one reader: what the group answered to each statement, and the reader's own rating.

Nobody else's rating, name or pseudonym is on it, and no moment of a ballot.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from deliberate.assessments.models import frozen_protocol_hash
from deliberate.voting.comparison import Comparison, compared
from deliberate.voting.models import Ballot, RollEntry, Vote, own_ballots
from deliberate.voting.rules import VoteKind
from deliberate.voting.showing import (
    Place,
    Result,
    beside,
    chart_of,
    headline_of,
    places_of,
    positions_of,
    said_in,
)
from deliberate.web.diff import word_diff
from deliberate.web.i18n import t


@dataclass(frozen=True)
class Own:
    """What the reader answered. Without a rating: could not judge, or `answered` nothing."""

    rating: int | None = None
    answered: bool = False


@dataclass(frozen=True)
class Leaf:
    """One statement of the sheet. `own` is None for whoever was not on the roll."""

    vote: Vote
    place: Place
    result: Result | None  # None before the reveal
    own: Own | None
    before: Vote | None  # the round before, where there was one
    own_before: Own | None
    wording: Markup | None  # word by word, where the statement was reworded since


async def ratings_of(round_id: int) -> list[Vote]:
    """The ratings of a round, in the order in which they were put; one that was repeated counts no more."""
    votes = await Vote.filter(rating_round_id=round_id, kind=VoteKind.RATING).order_by("id")
    repeated = {vote.replaces_id for vote in votes}
    return [vote for vote in votes if vote.id not in repeated]


async def sheet_of(votes: Sequence[Vote], person_id: int) -> list[Leaf]:
    """The leaves of these ratings, whose readers may see them, in as many queries as for one."""
    places, comparisons = await places_of(votes), await compared(votes)
    asked = [*votes, *(found.before for found in comparisons.values())]
    own = await own_answers(asked, person_id)
    frozen = await frozen_protocol_hash(votes[0].assessment_id) if votes else None
    results = {vote.id: headline_of(vote, frozen) for vote in votes}
    shown = [vote.id for vote in votes if (result := results[vote.id]) and result.shown]
    said = await words_in(shown)
    return [
        leaf(vote, places[vote.id], results[vote.id], comparisons.get(vote.id), own, said) for vote in votes
    ]


def leaf(
    vote: Vote,
    place: Place,
    result: Result | None,
    found: Comparison | None,
    own: Mapping[int, Own],
    said: Mapping[int, tuple[list[str], list[str]]],
) -> Leaf:
    before = found.before if found else None
    mine, mine_before = own.get(vote.id), own.get(before.id) if before else None
    if result and result.shown:
        rating = mine.rating if mine else None
        reasons, comments = said.get(vote.id, ([], []))
        positions = positions_of(vote, own=rating)
        result = replace(
            result, chart=chart_of(vote, rating), positions=positions, reasons=reasons, comments=comments
        )
        result = beside(vote, result, found, rating, mine_before.rating if mine_before else None)
    reworded = found is not None and found.reworded
    return Leaf(
        vote=vote,
        place=place,
        result=result,
        own=mine,
        before=before,
        own_before=mine_before,
        wording=word_diff(t(before.text), t(vote.text)) if before and reworded else None,
    )


async def own_answers(votes: Collection[Vote], person_id: int) -> dict[int, Own]:
    """What this person answered in those of `votes` on whose roll it stands."""
    rolls = RollEntry.filter(vote_id__in=[vote.id for vote in votes], person_id=person_id, struck_at=None)
    entitled = set(await rolls.values_list("vote_id", flat=True))
    cast = await own_ballots(person_id, [vote for vote in votes if vote.id in entitled])
    return {
        vote_id: Own(cast[vote_id].rating, answered=True) if vote_id in cast else Own()
        for vote_id in entitled
    }


async def words_in(vote_ids: Collection[int]) -> dict[int, tuple[list[str], list[str]]]:
    """(why some could not judge, comments), by vote, in an order that does not tell who."""
    found: dict[int, list[Ballot]] = {vote_id: [] for vote_id in vote_ids}
    for ballot in await Ballot.filter(vote_id__in=list(vote_ids), set_aside=False).exclude(reason=""):
        found[ballot.vote_id].append(ballot)
    return {vote_id: said_in(ballots) for vote_id, ballots in found.items()}

"""Two rounds of one statement beside each other: what moved. Reads only; the figures come from consensus."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from deliberate.consensus.protocol import read_protocol
from deliberate.consensus.stability import Stability, compare, paired
from deliberate.voting.models import Ballot, Vote
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Terms


@dataclass(frozen=True)
class Comparison:
    """A counted rating and the one before on the same statement.

    `stability` has no figures for a reworded statement, nor below `needed` people who rated both times.
    """

    before: Vote
    reworded: bool
    stability: Stability
    needed: int

    @property
    def computed(self) -> bool:
        return self.stability.stable is not None


async def rounds_before(votes: Collection[Vote]) -> dict[int, Vote]:
    """The counted rating before each of `votes` on the same subject, where there is one, in one query."""
    rows = Vote.filter(
        subject__in=[vote.subject for vote in votes], kind=VoteKind.RATING, state=VoteState.COUNTED
    )
    counted = await rows.order_by("id")
    repeated = {each.replaces_id for each in (*counted, *votes)}  # the one that repeats them counts
    earlier = [each for each in counted if each.id not in repeated]
    last = {
        vote.id: [each for each in earlier if each.subject == vote.subject and each.id < vote.id]
        for vote in votes
        if vote.kind == VoteKind.RATING
    }
    return {vote_id: found[-1] for vote_id, found in last.items() if found}


async def compared(votes: Collection[Vote]) -> dict[int, Comparison]:
    """The comparison of each counted rating that had one before, in two queries."""
    counted = [vote for vote in votes if vote.state == VoteState.COUNTED]
    before = await rounds_before(counted)
    steps = [(vote, before[vote.id]) for vote in counted if vote.id in before]
    ratings = await ratings_in(each for step in steps for each in step if not reworded(*step))
    return {vote.id: comparison(vote, last, ratings) for vote, last in steps}


def comparison(vote: Vote, last: Vote, ratings: dict[int, dict[str, int]]) -> Comparison:
    protocol = read_protocol(Terms.read(vote.terms).protocol)
    first, second = paired(ratings.get(last.id, {}), ratings.get(vote.id, {}))
    needed = protocol.stop.min_pairs
    if Mode.CONFIDENTIAL in (vote.mode, last.mode):
        needed = max(needed, protocol.display.min_stratum)  # a share among four tells what each did
    changed = reworded(vote, last)
    if changed or len(first) < needed:
        return Comparison(last, changed, Stability(len(first)), needed)
    return Comparison(last, changed, compare(first, second, protocol), needed)


def reworded(vote: Vote, last: Vote) -> bool:
    return vote.wording != last.wording


async def ratings_in(votes: Iterable[Vote]) -> dict[int, dict[str, int]]:
    """The ratings that count, by vote and voter, to be paired and counted: never to be shown."""
    found: dict[int, dict[str, int]] = {vote.id: {} for vote in votes}
    if found:
        rows = Ballot.filter(vote_id__in=list(found), set_aside=False, rating__not_isnull=True)
        for vote_id, voter, rating in await rows.values_list("vote_id", "voter", "rating"):
            found[vote_id][voter] = rating
    return found

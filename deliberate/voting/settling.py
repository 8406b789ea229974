"""What ratings make of their statements. One path, whether they were rated in a meeting or in a round."""

from collections.abc import Collection

from deliberate.consensus.protocol import read_protocol
from deliberate.live.journal import Note
from deliberate.questions import statements
from deliberate.questions.statement_rules import StatementState
from deliberate.voting.comparison import compared
from deliberate.voting.models import Vote
from deliberate.voting.round_rules import Decision, decide
from deliberate.voting.rules import VoteKind
from deliberate.voting.terms import Terms

LEADS_TO = {
    Decision.SETTLED_IN: StatementState.SETTLED_IN,
    Decision.SETTLED_OUT: StatementState.SETTLED_OUT,
    Decision.TO_DISCUSS: StatementState.TO_DISCUSS,
    Decision.STABLE_DISSENT: StatementState.CLOSED,
    Decision.NOT_STABLE: StatementState.CLOSED,
}


async def put_to_panel(note: Note, votes: Collection[Vote]) -> None:
    """The statements of ratings that open now: their words stand until the count.

    Raises:
        Refused: one of the statements is not to be rated now.
    """
    rated = ratings_of_statements(votes)
    first = [vote.statement_id for vote in rated if vote.replaces_id is None]
    if first:
        await statements.mark_open(note, first)
    for vote in rated:
        if vote.replaces_id is not None:
            await statements.open_again(note, vote.statement_id)


async def settle_rated(note: Note, votes: Collection[Vote]) -> None:
    """The stop rule over the round before decides for each statement; in the act that shows the results."""
    rated = ratings_of_statements(votes)
    before = await compared(rated)
    for vote in rated:
        stable = before[vote.id].stability.stable if vote.id in before else None
        protocol = read_protocol(Terms.read(vote.terms).protocol)
        settlement = (vote.result or {})["primary"]["settled"]
        vote.decision = decide(vote.round, stable, settlement, protocol)
    if rated:
        await Vote.bulk_update(rated, ["decision"])
        states = {vote.statement_id: LEADS_TO[Decision(vote.decision or "")] for vote in rated}
        await statements.settle(note, states)


def ratings_of_statements(votes: Collection[Vote]) -> list[Vote]:
    return [vote for vote in votes if vote.kind == VoteKind.RATING and vote.statement_id]

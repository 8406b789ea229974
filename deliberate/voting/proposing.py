"""When a panellist may propose a statement: while the first round on its question is open (METHODS.md B6)."""

from deliberate.errors import Refused
from deliberate.questions.models import RiskQuestion
from deliberate.voting.models import Vote
from deliberate.voting.rules import VoteKind, VoteState


async def check_round_one(question: RiskQuestion) -> None:
    rated = Vote.filter(gate=f"question-{question.id}", kind=VoteKind.RATING).exclude(rating_round_id=None)
    states = set(await rated.values_list("state", flat=True))
    if VoteState.OPEN not in states or VoteState.COUNTED in states:
        raise Refused("Statements are proposed while the first rating round on the question is open.")

"""The page of a feedback sheet: read on screen or printed, by one person."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound
from deliberate.questions.models import RiskQuestion
from deliberate.voting.models import seen_vote
from deliberate.voting.rules import VoteKind
from deliberate.voting.sheets import sheet_of
from deliberate.voting.showing import number_in
from deliberate.web.answers import render
from deliberate.web.numbers import number, per_cent
from deliberate.web.routing import page

READERS = {"secretariat", "chair", "expert", "committee_chair", "member"}  # of the group that rates


async def show_vote_sheet(request: Request) -> Response:
    """The sheet of one statement, as it is read in a meeting."""
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    if vote.kind != VoteKind.RATING:
        raise NotFound()
    question = None
    if vote.gate.startswith("question-"):
        question = await RiskQuestion.get(id=number_in(vote.gate))
    context: dict[str, Any] = {
        "assessment": await Assessment.get(id=vote.assessment_id),
        "standing": standing,
        "question": question,
        "round": vote.round,
        "leaves": await sheet_of([vote], request.user.id),
        "back": f"/votes/{vote.id}",
        "number": number,
        "per_cent": per_cent,
    }
    return render(request, "voting/sheet.html", context)


routes = [page("/votes/{vote_id:int}/sheet", show_vote_sheet, who=READERS)]

"""The page of a feedback sheet, of one rating or of a whole round: on screen or on paper, for one person."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion
from deliberate.voting.models import Round, Vote, seen_vote
from deliberate.voting.rules import VoteKind, VoteState, may_run
from deliberate.voting.sheets import ratings_of, sheet_of
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
    return render(
        request,
        "voting/sheet.html",
        {
            **await surroundings(vote.assessment_id, standing),
            "question": question,
            "round": vote.round,
            "leaves": await sheet_of([vote], request.user.id),
            "back": f"/votes/{vote.id}",
            "analysed": False,
        },
    )


async def show_round_sheet(request: Request) -> Response:
    """The sheet of a round: its statements, without those of questions this person is kept out of."""
    found, standing, votes = await seen_ratings(request.user, request.path_params["round_id"])
    counted = [vote for vote in votes if vote.state == VoteState.COUNTED]
    return render(
        request,
        "voting/sheet.html",
        {
            **await surroundings(found.assessment_id, standing),
            "question": None,
            "round": found.number,
            "leaves": await sheet_of(counted, request.user.id),
            "back": f"/rounds/{found.id}",
            "analysed": bool(counted)
            and any(may_run(standing, vote.gate, vote.group_id) for vote in counted),
        },
    )


async def seen_ratings(person: Person, round_id: int) -> tuple[Round, Standing, list[Vote]]:
    """A round and those of its ratings that this person may see.

    Raises:
        NotFound: there is none, or not for this person.
    """
    found = await Round.get_or_none(id=round_id)
    if found is None:
        raise NotFound()
    standing = await standing_of(person.id, found.assessment_id)
    if not standing.reads(f"group-{found.group_id}", found.group_id):
        raise NotFound()
    votes = [vote for vote in await ratings_of(found.id) if standing.reads(vote.gate, vote.group_id)]
    return found, standing, votes


async def surroundings(assessment_id: int, standing: Standing) -> dict[str, Any]:
    return {
        "assessment": await Assessment.get(id=assessment_id),
        "standing": standing,
        "number": number,
        "per_cent": per_cent,
    }


routes = [
    page("/votes/{vote_id:int}/sheet", show_vote_sheet, who=READERS),
    page("/rounds/{round_id:int}/sheet", show_round_sheet, who=READERS),
]

"""Taking a vote of the open item again: what happens, why, and one button."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import Refusal, Refused
from deliberate.live.journal import last_number
from deliberate.meetings import actions
from deliberate.meetings.models import Meeting, meeting_of_vote
from deliberate.voting import rules
from deliberate.voting.models import seen_vote
from deliberate.voting.repeat_rules import LONGEST_REASON
from deliberate.voting.showing import places_of
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.routing import page

RUNNERS = {"secretariat", "chair", "committee_chair"}


async def show_repeat(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    rules.check_runs(standing, vote.gate, vote.group_id)
    found = await meeting_of_vote(vote.id)
    if found is None:
        raise Refused("Only a vote that was taken in a meeting is repeated in it.")
    context = {
        "assessment": await Assessment.get(id=vote.assessment_id),
        "standing": standing,
        "vote": vote,
        "place": (await places_of([vote]))[vote.id],
        "meeting": await Meeting.get(id=found[0]),
        "longest": LONGEST_REASON,
    }
    return render(request, "meetings/repeat.html", context, refusal=refusal, typed=typed)


class RepeatForm(BaseModel):
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


@again(show_repeat)
async def repeat_vote(request: Request) -> Response:
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    rules.check_runs(standing, vote.gate, vote.group_id)
    form = await read(request, RepeatForm)
    repetition = await actions.repeat_vote(vote.id, form.reason, request.user)
    found = await meeting_of_vote(repetition)
    number = await last_number(vote.assessment_id, f"vote-{repetition}")
    where = f"/meetings/{found[0]}/console" if found else f"/votes/{repetition}"
    return see_other(request, where, vote=repetition, number=number)


V = "/votes/{vote_id:int}/repeat"
routes = [
    page(V, show_repeat, who=RUNNERS),
    page(V, repeat_vote, who=RUNNERS, methods=["POST"]),
]

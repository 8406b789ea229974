"""The page of proxies: who represents whom, giving one, withdrawing it."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import Refusal
from deliberate.meetings import actions, rules
from deliberate.meetings.models import seen_meeting
from deliberate.meetings.presence import plain
from deliberate.meetings.rules import MeetingState
from deliberate.meetings.sight import protocol_of, sight_of
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.routing import page

GROUP = {"secretariat", "chair", "expert", "committee_chair", "member"}


async def show_proxies(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    sight = await sight_of(request.user, request.path_params["meeting_id"])
    represented = {each.giver_id for each in sight.proxies}
    seats = sorted(
        ((member.person_id, sight.names[member.person_id]) for member in sight.members),
        key=lambda seat: plain(seat[1]),
    )
    away = [seat for seat in seats if seat[0] not in sight.here and seat[0] not in represented]
    office = sight.standing.secretariat
    most = protocol_of(sight).committee.proxies_max
    runs = sight.meeting.state in (MeetingState.CONVENED, MeetingState.OPENED)
    context = {
        "assessment": sight.assessment,
        "standing": sight.standing,
        "meeting": sight.meeting,
        "most": most,
        "proxies": sight.proxies,
        "names": sight.names,
        "givers": away if office else [seat for seat in away if seat[0] == request.user.id],
        "holders": [seat for seat in seats if seat[0] not in represented],
        "office": office,
        "runs": runs and most > 0,
        "me": request.user.id,
    }
    facts = {"proxies": [{"member": one.giver_id, "holder": one.holder_id} for one in sight.proxies]}
    return render(request, "meetings/proxies.html", context, refusal=refusal, typed=typed, facts=facts)


class ProxyForm(BaseModel):
    holder: int
    member: int | None = None  # whom the secretariat enters; nobody: oneself
    mandate: Annotated[str, Field(max_length=300)] = ""


@again(show_proxies)
async def give_proxy(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    meeting, standing = await seen_meeting(request.user, meeting_id)
    rules.check_has_a_voice(standing, meeting.group_id)
    form = await read(request, ProxyForm)
    giver = form.member or request.user.id
    number = await actions.give_proxy(meeting_id, giver, form.holder, form.mandate, request.user)
    return see_other(request, f"/meetings/{meeting_id}/proxies", meeting=meeting_id, number=number)


class WithdrawForm(BaseModel):
    member: int | None = None


@again(show_proxies)
async def withdraw_proxy(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    meeting, standing = await seen_meeting(request.user, meeting_id)
    rules.check_has_a_voice(standing, meeting.group_id)
    form = await read(request, WithdrawForm)
    number = await actions.withdraw_proxy(meeting_id, form.member or request.user.id, request.user)
    return see_other(request, f"/meetings/{meeting_id}/proxies", meeting=meeting_id, number=number)


P = "/meetings/{meeting_id:int}/proxies"
routes = [
    page(P, show_proxies, who=GROUP),
    page(P, give_proxy, who=GROUP, methods=["POST"]),
    page(f"{P}/withdraw", withdraw_proxy, who=GROUP, methods=["POST"]),
]

"""The list of meetings, and the form that plans one. Handlers, as in pages.py."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called, groups_of
from deliberate.errors import NotFound, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.meetings import actions, rules
from deliberate.meetings.models import Meeting, meetings_of
from deliberate.meetings.rules import MeetingKind, MeetingState
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import t
from deliberate.web.routing import page

GROUP = {"secretariat", "chair", "expert", "committee_chair", "member"}
RUNNERS = {"secretariat", "chair", "committee_chair"}


def meets(standing: Standing) -> bool:
    """Whether meetings of this assessment exist for this person at all."""
    return standing.secretariat or any(
        rules.is_part_of(standing, group_id) for group_id in standing.place.sits_in
    )


def plannable(standing: Standing) -> bool:
    return standing.secretariat or any(rules.runs(standing, group_id) for group_id in standing.place.chairs)


async def seen_meetings(assessment: Assessment, standing: Standing) -> list[Meeting]:
    """All of them for the secretariat, otherwise those of one's own groups; the latest planned first."""
    groups = None if standing.secretariat else list(standing.place.sits_in)
    found = await meetings_of(assessment.id, groups)
    return [meeting for meeting in found if rules.is_part_of(standing, meeting.group_id)]


async def show_meetings(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    if not meets(standing):
        raise NotFound()
    meetings = await seen_meetings(assessment, standing)
    context = {
        "assessment": assessment,
        "standing": standing,
        "meetings": meetings,
        "own_groups": [group for group in await groups_of(assessment.id) if rules.runs(standing, group.id)],
        "waiting": [meeting for meeting in meetings if meeting.state == MeetingState.CONVENED],
        "after": await last_number(assessment.id),
    }
    if typed is None:  # the console asks for a second call of its meeting
        typed = {"second_call_of": request.query_params.get("second_call_of", "")}
    facts = {"meetings": [{"id": one.id, "group": one.group_id, "state": one.state} for one in meetings]}
    return render(request, "meetings/meetings.html", context, refusal=refusal, typed=typed, facts=facts)


class PlanForm(BaseModel):
    group: int
    title_fr: Annotated[str, Field(max_length=300)] = ""
    title_en: Annotated[str, Field(max_length=300)] = ""
    planned_at: datetime
    place: Annotated[str, Field(max_length=300)] = ""
    kind: MeetingKind | None = None  # the usual one of the group, if none is named
    second_call_of: int | None = None


@again(show_meetings)
async def plan_meeting(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    if not standing.secretariat and not standing.place.chairs:
        raise NotFound()
    form = await read(request, PlanForm)
    meeting_id = await actions.plan_meeting(
        assessment.id,
        form.group,
        title={"fr": form.title_fr, "en": form.title_en},
        planned_at=in_zone(form.planned_at, request),
        place=form.place,
        kind=form.kind,
        second_call_of=form.second_call_of,
        actor=request.user,
    )
    return see_other(request, f"/meetings/{meeting_id}/agenda", meeting=meeting_id)


def in_zone(at: datetime, request: Request) -> datetime:
    """What is typed without a zone is the time of the place where people meet."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(request.app.state.settings.time_zone))
    return at.astimezone(UTC)


def new_key() -> str:
    return uuid4().hex


def title_in_words(meeting: Meeting) -> str:
    return t(meeting.title)


POST = ["POST"]
routes = [
    page("/a/{slug}/meetings", show_meetings, who=GROUP),
    page("/a/{slug}/meetings", plan_meeting, who=RUNNERS, methods=POST),
]

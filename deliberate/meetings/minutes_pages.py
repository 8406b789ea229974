"""The minutes as a page and as a PDF; circulating and approving them. Handlers, as in pages.py."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import Refusal
from deliberate.live.checkpoint import in_groups
from deliberate.meetings import actions, minutes_desk, minutes_public_pages, minutes_rules
from deliberate.meetings.minutes_desk import GROUP, MOST, POST, RUNNERS, done, gate, sight_now, surroundings
from deliberate.meetings.minutes_pdf import pdf_of
from deliberate.meetings.minutes_publication import withheld_of
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.minutes_sight import MinutesSight, checkpoint_for, minutes_seen
from deliberate.meetings.models import Meeting, seen_meeting
from deliberate.meetings.planning import in_zone, title_in_words
from deliberate.web.answers import part, render
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, local
from deliberate.web.routing import page


async def show_minutes(request: Request, refusal: Refusal | None = None, typed: Any = None) -> Response:
    """Every section as it stands, and what comes next with the minutes."""
    sight, after = await sight_now(request)
    meeting, minutes = sight.meeting, sight.minutes
    found = await checkpoint_for(minutes, meeting.assessment_id)
    context = {
        **surroundings(sight, after),
        "others": await others_of(meeting)
        if sight.writes and minutes.state == MinutesState.CIRCULATED
        else [],
        "until": proposed_deadline(sight),
        "withheld": await withheld_by_interests(sight),
        "checkpoint": found.note if found else "",
        "fingerprint": in_groups(request.app.state.keeper.fingerprint),
        "stored": request.query_params.get("stored", "")[:20],
    }
    facts = {
        "meeting": meeting.id,
        "state": sight.state,
        "sections": [
            {"key": each.key, "version": each.version, "hidden": each.hidden} for each in sight.sections
        ],
        "unanswered": sight.unanswered,
        "after": after,
    }
    return render(request, "meetings/minutes.html", context, refusal=refusal, typed=typed, facts=facts)


async def withheld_by_interests(sight: MinutesSight) -> tuple[str, ...]:
    """Before the publication: the sections that will be left out in any case."""
    if sight.state != MinutesState.APPROVED or not sight.standing.secretariat:
        return ()
    return (await withheld_of(sight.minutes, sight.meeting.assessment_id)).recused


def proposed_deadline(sight: MinutesSight) -> str:
    """For the field: at the end of a day, local time."""
    until = sight.minutes.amend_until or sight.now + timedelta(days=minutes_rules.AMEND_DAYS)
    return f"{local(until):%Y-%m-%dT%H:%M}"


async def others_of(meeting: Meeting) -> list[tuple[int, str]]:
    """The meetings of the group that could have approved these minutes."""
    rows = Meeting.filter(group_id=meeting.group_id).exclude(id=meeting.id).exclude(opened_at=None)
    return [(each.id, title_in_words(each)) for each in await rows.order_by("-opened_at")]


async def show_minutes_part(request: Request) -> Response:
    sight = await minutes_seen(request.user, request.path_params["meeting_id"])
    return part(request, "meetings/_minutes_sections.html", surroundings(sight, 0))


async def show_minutes_pdf(request: Request) -> Response:
    """As the reader may see them, in the language of the reader."""
    sight = await minutes_seen(request.user, request.path_params["meeting_id"])
    pdf = await pdf_of(sight, request.app.state.keeper, request.app.state.settings)
    name = f"minutes-{sight.meeting.id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


class CirculateForm(BaseModel):
    until: datetime


@again(show_minutes)
async def circulate_minutes(request: Request) -> Response:
    meeting_id = await gate(request)
    form = await read(request, CirculateForm)
    until = in_zone(form.until, request)
    await actions.circulate_minutes(meeting_id, until, request.user, request.app.state.settings)
    return done(request, meeting_id, _("The members can read the minutes and propose amendments."))


class ApproveForm(BaseModel):
    approved_in: Annotated[int, Field(ge=1, le=MOST)] | None = None


@again(show_minutes)
async def approve_minutes(request: Request) -> Response:
    meeting_id = await gate(request)
    form = await read(request, ApproveForm)
    await actions.approve_minutes(meeting_id, form.approved_in, request.user)
    return done(request, meeting_id, _("The minutes are approved. Their text never changes again."))


class PublishForm(BaseModel):
    withheld: list[Annotated[str, Field(max_length=20)]] = []
    reason: Annotated[str, Field(max_length=minutes_rules.LONGEST_WORD)] = ""


@again(show_minutes)
async def publish_minutes(request: Request) -> Response:
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    minutes_rules.check_may_publish(standing, meeting.group_id)
    form = await read(request, PublishForm)
    await actions.publish_minutes(meeting.id, form.withheld, form.reason, request.user)
    return done(request, meeting.id, _("The minutes are published. Everybody can read them."))


M = "/meetings/{meeting_id:int}/minutes"
routes = [
    page(M, show_minutes, who=GROUP),
    page(f"{M}.pdf", show_minutes_pdf, who=GROUP),
    page(f"{M}/part", show_minutes_part, who=GROUP),
    page(f"{M}/circulate", circulate_minutes, who=RUNNERS, methods=POST),
    page(f"{M}/approve", approve_minutes, who=RUNNERS, methods=POST),
    page(f"{M}/publish", publish_minutes, who={"secretariat"}, methods=POST),
    *minutes_desk.routes,
    *minutes_public_pages.routes,
]

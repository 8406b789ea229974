"""What meetings show elsewhere: in "My work", on the pages of assessments and questions."""

from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from deliberate.assessments.models import Assessment, memberships_of
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.topics import Audience
from deliberate.meetings import (
    planning,
    rules,
)
from deliberate.meetings.models import (
    AgendaItem,
    Meeting,
    seen_meeting,
)
from deliberate.meetings.rules import MeetingState
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion
from deliberate.web.answers import page_text
from deliberate.web.i18n import _, t
from deliberate.web.slots import Waiting


async def audience_of_meeting(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        meeting, standing = await seen_meeting(person, ident)
    except NotFound:
        return None
    return Audience(
        meeting.assessment_id, "conductor" if rules.runs(standing, meeting.group_id) else "reader"
    )


async def waiting_for(person: Person) -> list[Waiting]:
    """Meetings that are convened or running, for those who belong there."""
    mine = {seat["assessment_id"] for seat in await memberships_of(person.id)}
    live = Meeting.filter(
        assessment_id__in=list(mine), state__in=[MeetingState.CONVENED, MeetingState.OPENED]
    )
    found: list[Waiting] = []
    standings: dict[int, Standing] = {}
    for meeting in await live.order_by("planned_at").select_related("assessment", "group"):
        if meeting.assessment_id not in standings:
            standings[meeting.assessment_id] = await standing_of(person.id, meeting.assessment_id)
        standing = standings[meeting.assessment_id]
        if rules.is_part_of(standing, meeting.group_id):
            runs = rules.runs(standing, meeting.group_id)
            # The secretariat is at home in all groups, whose meetings often have one title.
            found.append(waiting_item(meeting, runs, t(meeting.group.name) if standing.secretariat else ""))
    return found


def waiting_item(meeting: Meeting, runs: bool, group: str) -> Waiting:
    running = meeting.state == MeetingState.OPENED
    text = _("{title}, running now") if running else _("{title}, convened")
    return Waiting(
        text.format(title=" · ".join(filter(None, (planning.title_in_words(meeting), group)))),
        f"/meetings/{meeting.id}" + ("/console" if runs else ""),
        meeting.assessment.title,
        urgent=running,
        at=None if running else meeting.planned_at,
    )


async def meetings_of_assessment(request: Request, assessment: Assessment, standing: Standing) -> Markup:
    """The section on the assessment's page: what is ahead and what was last."""
    seen = await planning.seen_meetings(assessment, standing)
    if not seen and not planning.plannable(standing):
        return Markup("")
    context = {"meetings": seen[:5], "assessment": assessment}
    return Markup(page_text(request, "meetings/_of_assessment.html", context))  # noqa: S704


async def next_meeting(request: Request, assessment: Assessment, standing: Standing) -> Markup:
    """One line in the list of assessments at home."""
    ahead = [
        meeting
        for meeting in await planning.seen_meetings(assessment, standing)
        if meeting.state in (MeetingState.CONVENED, MeetingState.OPENED)
    ]
    if not ahead:
        return Markup("")
    return Markup(page_text(request, "meetings/_next.html", {"meeting": ahead[-1]}))  # noqa: S704


async def meetings_of_question(request: Request, question: RiskQuestion, standing: Standing) -> Markup:
    """In which meetings the question is on the agenda."""
    rows = AgendaItem.filter(subject=f"question-{question.id}").order_by("meeting__planned_at", "position")
    items = await rows.select_related("meeting")
    seen = [item for item in items if rules.is_part_of(standing, item.meeting.group_id)]
    if not seen:
        return Markup("")
    return Markup(page_text(request, "meetings/_of_question.html", {"items": seen}))  # noqa: S704


async def facts_of_assessment(assessment: Assessment, standing: Standing) -> dict[str, Any]:
    seen = await planning.seen_meetings(assessment, standing)
    return {"meetings": [{"id": one.id, "group": one.group_id, "state": one.state} for one in seen]}

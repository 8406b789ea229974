"""Published minutes, as everybody reads them without signing in: a page, a PDF, the list of an assessment."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called
from deliberate.errors import NotFound
from deliberate.live.checkpoint import in_groups
from deliberate.meetings.minutes_models import Minutes, MinutesCorrection, minutes_of
from deliberate.meetings.minutes_pdf import pdf_of
from deliberate.meetings.minutes_public import Withheld, public_document
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.minutes_sight import by_section, checkpoint_for, corrections_of
from deliberate.meetings.minutes_words import Section, sections_in_words
from deliberate.meetings.models import Meeting
from deliberate.web.answers import render
from deliberate.web.i18n import ngettext, t
from deliberate.web.routing import page
from deliberate.web.slots import Waiting


@dataclass(frozen=True)
class PublicSight:
    """Published minutes: the same for all."""

    meeting: Meeting
    minutes: Minutes
    document: dict[str, Any]
    sections: list[Section]
    corrections: dict[str, list[MinutesCorrection]]

    @property
    def state(self) -> str:
        return str(self.minutes.state)

    @property
    def written_at(self) -> datetime | None:
        return self.minutes.published_at


async def public_sight(slug: str, meeting_id: int) -> PublicSight:
    """Raises NotFound: nothing of this meeting is published."""
    rows = Meeting.filter(id=meeting_id, assessment__slug=slug).select_related("assessment", "group")
    meeting = await rows.first()
    minutes = await minutes_of(meeting_id) if meeting else None
    if meeting is None or minutes is None or minutes.state != MinutesState.PUBLISHED:
        raise NotFound()
    document = public_document(minutes.frozen or {}, Withheld.read(minutes.withheld))
    # The pages of the votes are not the public's.
    sections = [
        replace(section, parts=[replace(part, href="") for part in section.parts])
        for section in sections_in_words(document, ())
    ]
    shown = {section.key for section in sections if not section.withheld}
    corrections = [row for row in await corrections_of(minutes) if row.section.key in shown]
    ids = {row.section_id: row.section.key for row in corrections}
    return PublicSight(meeting, minutes, document, sections, by_section(corrections, ids))


async def show_public_minutes(request: Request) -> Response:
    slug: str = request.path_params["slug"]
    sight = await public_sight(slug, request.path_params["meeting_id"])
    found = await checkpoint_for(sight.minutes, sight.meeting.assessment_id)
    context = {
        "assessment": None,  # the page of the assessment is not the public's
        "slug": slug,
        "meeting": sight.meeting,
        "minutes": sight.minutes,
        "sight": sight,
        "checkpoint": found.note if found else "",
        "fingerprint": in_groups(request.app.state.keeper.fingerprint),
    }
    facts = {
        "meeting": sight.meeting.id,
        "state": sight.state,
        "sections": [
            {"key": each.key, "text": each.text, "withheld": bool(each.withheld)} for each in sight.sections
        ],
    }
    return render(request, "meetings/minutes_public.html", context, facts=facts)


async def show_public_pdf(request: Request) -> Response:
    sight = await public_sight(request.path_params["slug"], request.path_params["meeting_id"])
    pdf = await pdf_of(sight, request.app.state.keeper, request.app.state.settings)
    headers = {"Content-Disposition": f'inline; filename="minutes-{sight.meeting.id}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def show_public_list(request: Request) -> Response:
    """The published minutes of an assessment; before the first there is no such page."""
    assessment = await assessment_called(request.path_params["slug"])
    rows = Minutes.filter(meeting__assessment_id=assessment.id, state=MinutesState.PUBLISHED)
    published = await rows.order_by("-meeting__opened_at").select_related("meeting__group")
    if not published:
        raise NotFound()
    context = {"assessment": None, "title": assessment.title, "slug": assessment.slug, "published": published}
    facts = {"meetings": [each.meeting_id for each in published]}
    return render(request, "meetings/minutes_list.html", context, facts=facts)


async def listed() -> list[Waiting]:
    """For the landing page: a line for each assessment of which minutes are published."""
    rows = Minutes.filter(state=MinutesState.PUBLISHED).order_by("-published_at")
    counts: dict[int, int] = {}
    for ident in await rows.values_list("meeting__assessment_id", flat=True):
        counts[int(ident)] = counts.get(int(ident), 0) + 1
    if not counts:
        return []
    found = {each.id: each for each in await Assessment.filter(id__in=list(counts))}
    return [line_of(found[ident], count) for ident, count in counts.items()]


def line_of(assessment: Assessment, count: int) -> Waiting:
    words = ngettext("{title}, minutes of {num} meeting", "{title}, minutes of {num} meetings", count)
    return Waiting(words.format(title=t(assessment.title), num=count), f"/public/{assessment.slug}/minutes")


P = "/public/{slug}/minutes"
routes = [
    page(P, show_public_list, who={"anyone"}, name="list_public_minutes"),
    page(f"{P}/{{meeting_id:int}}", show_public_minutes, who={"anyone"}),
    page(f"{P}/{{meeting_id:int}}.pdf", show_public_pdf, who={"anyone"}, name="show_public_minutes_pdf"),
]

"""What minutes show elsewhere: on the page of their meeting, in "My work", and who hears of them."""

from datetime import UTC, datetime

from markupsafe import Markup
from starlette.requests import Request

from deliberate.assessments.models import memberships_of
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.topics import Audience
from deliberate.meetings import minutes_rules, rules
from deliberate.meetings.minutes_models import Minutes, MinutesAmendment, minutes_of
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.models import Meeting, seen_meeting
from deliberate.meetings.planning import title_in_words
from deliberate.meetings.rules import MeetingState
from deliberate.people.models import Person
from deliberate.web.answers import page_text
from deliberate.web.i18n import _
from deliberate.web.slots import Waiting


async def audience_of_minutes(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        meeting, standing = await seen_meeting(person, ident)
    except NotFound:
        return None
    minutes = await Minutes.filter(meeting_id=ident).first().values("state")
    if not minutes_rules.reads(standing, meeting.group_id, minutes["state"] if minutes else None):
        return None
    return Audience(meeting.assessment_id, "reader")


async def minutes_waiting_for(person: Person) -> list[Waiting]:
    """Minutes to write, for whoever conducts; minutes to read and amend, for the members."""
    mine = list({seat["assessment_id"] for seat in await memberships_of(person.id)})
    over = Meeting.filter(assessment_id__in=mine, state=MeetingState.CLOSED).select_related("assessment")
    meetings = await over.order_by("planned_at")
    rows = Minutes.filter(meeting_id__in=[meeting.id for meeting in meetings]) if meetings else None
    known = {row.meeting_id: row for row in await rows} if rows else {}
    unread = await unanswered_of(known) if known else set()
    found: list[Waiting] = []
    standings: dict[int, Standing] = {}
    for meeting in meetings:
        minutes = known.get(meeting.id)
        if minutes is None or minutes.state != MinutesState.PUBLISHED:
            if meeting.assessment_id not in standings:
                standings[meeting.assessment_id] = await standing_of(person.id, meeting.assessment_id)
            found += waiting_in(meeting, minutes, standings[meeting.assessment_id], meeting.id in unread)
    return found


async def unanswered_of(known: dict[int, Minutes]) -> set[int]:
    """The meetings whose minutes have an amendment without an answer."""
    rows = MinutesAmendment.filter(answered_at=None, section__minutes__meeting_id__in=list(known))
    return set(await rows.distinct().values_list("section__minutes__meeting_id", flat=True))


def waiting_in(meeting: Meeting, minutes: Minutes | None, standing: Standing, amended: bool) -> list[Waiting]:
    """For the secretariat what is to be written; for members what is to be read; answers for who runs."""
    if not rules.is_part_of(standing, meeting.group_id):
        return []
    href, title = f"/meetings/{meeting.id}/minutes", title_in_words(meeting)
    until = minutes.amend_until if minutes else None
    state = minutes.state if minutes else MinutesState.DRAFT
    assessment = meeting.assessment.title
    if state == MinutesState.DRAFT:
        text = _("Write the minutes: {title}").format(title=title)
        return [Waiting(text, href, assessment)] if standing.secretariat else []
    if state == MinutesState.APPROVED:  # online as soon as possible (METHODS.md section 5)
        text = _("Publish the minutes: {title}").format(title=title)
        return [Waiting(text, href, assessment)] if standing.secretariat else []
    if standing.secretariat and amended:
        return [
            Waiting(_("Answer the amendments to the minutes: {title}").format(title=title), href, assessment)
        ]
    is_time = until is not None and datetime.now(UTC) <= until
    if is_time and standing.sits_in(meeting.group_id):
        text = _("Read and amend the minutes: {title}").format(title=title)
        return [Waiting(text, href, assessment, until=until)]
    if not is_time and (standing.secretariat or standing.chairs(meeting.group_id)):
        return [Waiting(_("Approve the minutes: {title}").format(title=title), href, assessment)]
    return []


async def minutes_link(request: Request, meeting: Meeting, standing: Standing) -> Markup:
    """The line on the page of the meeting, for those who may read its minutes."""
    minutes = await minutes_of(meeting.id)
    if not minutes_rules.reads(standing, meeting.group_id, minutes.state if minutes else None):
        return Markup("")
    context = {"meeting": meeting, "minutes": minutes, "state_words": minutes_rules.STATE_WORDS}
    return Markup(page_text(request, "meetings/_minutes_link.html", context))  # noqa: S704 - template of ours

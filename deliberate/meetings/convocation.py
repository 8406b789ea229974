"""The letter that convenes a member: when, where, on what, with an entry for the calendar (`calendar_entry`).

It holds what the agenda shows to the whole group, the recused too: the titles of its items, and no text.
"""

from collections.abc import Sequence
from datetime import datetime

from deliberate.assessments.models import Assessment, Group
from deliberate.mail import outbox
from deliberate.mail.language import speaking
from deliberate.meetings import agenda_rules
from deliberate.meetings.models import AgendaItem, Meeting, agenda_of, nodes_of, roles_of
from deliberate.people.letters import Letter
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import _, moment, t


async def write_to_members(meeting: Meeting, settings: Settings, at: datetime) -> None:
    """One letter for each seat of the group, inside the act that convenes."""
    if not settings.writes_letters:
        return
    from deliberate.meetings.calendar_entry import invitation

    roles, _names = await roles_of(meeting.group_id)
    assessment, group = await Assessment.get(id=meeting.assessment_id), await Group.get(id=meeting.group_id)
    items = await agenda_of(meeting.id)
    for person in await Person.filter(id__in=list(roles)).order_by("id"):
        letter = convocation(person, meeting, assessment, group, items, settings)
        calendar = invitation(person, meeting, assessment, items, settings, at)
        await outbox.queue(person.email, letter.subject, letter.body, calendar=calendar)


def convocation(
    person: Person,
    meeting: Meeting,
    assessment: Assessment,
    group: Group,
    items: Sequence[AgendaItem],
    settings: Settings,
) -> Letter:
    with speaking(person.language):
        body = _(
            "Good day {name},\n\n{group} is convened.\n\n{title}\n{when}\n{place}\n{assessment}\n\n"
            "Agenda\n{agenda}\n\n{link}\n\nSign your declaration of interests before the meeting, and tell "
            "the chair of any link with an item.\n"
        )
        title, when = t(meeting.title), moment(meeting.planned_at)
        return Letter(
            _("Convocation: {title}, {when}").format(title=title, when=when),
            body.format(
                name=person.name,
                group=t(group.name),
                title=title,
                when=when,
                place=meeting.place or _("place to be announced"),
                assessment=t(assessment.title),
                agenda=agenda_in_words(items),
                link=link_to(meeting, settings),
            ),
        )


def agenda_in_words(items: Sequence[AgendaItem]) -> str:
    """A line for each item, as deep as it stands in the tree."""
    nodes = nodes_of(items)
    numbers, levels = agenda_rules.numbers(nodes), agenda_rules.levels(nodes)
    line = _("{number} {title}, {minutes} min")
    lines = [
        "  " * (levels[item.id] - 1)
        + line.format(number=numbers[item.id], title=t(item.title), minutes=item.planned_minutes)
        for item in items
    ]
    return "\n".join(lines) or _("No item yet.")


def link_to(meeting: Meeting, settings: Settings) -> str:
    return f"{settings.public_url}/meetings/{meeting.id}"

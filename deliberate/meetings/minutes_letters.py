"""What members are written about minutes, in the language of each. A letter tells that something waits."""

from datetime import datetime

from deliberate.mail.language import speaking
from deliberate.meetings.models import Meeting
from deliberate.people.letters import Letter
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import _, moment, t


def circulated(person: Person, meeting: Meeting, until: datetime | None, settings: Settings) -> Letter:
    with speaking(person.language):
        body = _(
            "Good day {name},\n"
            "\n"
            "The minutes of this meeting are ready for you to read and amend:\n"
            "{title}, {when}\n"
            "{link}\n"
            "\n"
            "You can propose amendments until {until}.\n"
        )
        title = t(meeting.title)
        return Letter(
            _("Minutes to read: {title}").format(title=title),
            body.format(
                name=person.name,
                title=title,
                when=moment(meeting.opened_at or meeting.planned_at),
                until=moment(until),
                link=f"{settings.public_url}/meetings/{meeting.id}/minutes",
            ),
        )

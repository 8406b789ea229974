"""The meeting as an entry for a member's calendar. Whoever needs it imports it then: the library behind it
takes a fourteenth of the time until a server is up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, vCalAddress

from deliberate.assessments.models import Assessment
from deliberate.mail.language import speaking
from deliberate.meetings import agenda_rules
from deliberate.meetings.convocation import agenda_in_words, link_to
from deliberate.meetings.models import AgendaItem, Meeting, nodes_of
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import t

USUAL_MINUTES = 60  # of a meeting whose agenda names no duration
REMINDER = timedelta(hours=1)


def invitation(
    person: Person,
    meeting: Meeting,
    assessment: Assessment,
    items: Sequence[AgendaItem],
    settings: Settings,
    at: datetime,
) -> str:
    """The meeting for this person's calendar (RFC 5545, RFC 5546 REQUEST), in the time zone where it is.

    A meeting that is convened is neither moved nor cancelled, so the first sequence is the only one.
    """
    host = urlsplit(settings.public_url).hostname or "localhost"
    begins = meeting.planned_at.astimezone(ZoneInfo(settings.time_zone))
    length = timedelta(minutes=agenda_rules.total_minutes(nodes_of(items)) or USUAL_MINUTES)
    with speaking(person.language):
        event = Event()
        event.add("uid", f"meeting-{meeting.id}@{host}")
        event.add("sequence", 0)
        event.add("dtstamp", at)
        event.add("dtstart", begins)
        event.add("dtend", begins + length)
        event.add("summary", t(meeting.title))
        event.add("description", f"{t(assessment.title)}\n\n{agenda_in_words(items)}")
        event.add("url", link_to(meeting, settings))
        if meeting.place:
            event.add("location", meeting.place)
        event["organizer"] = organiser(settings, host)
        event["attendee"] = attendee(person)
        reminder = Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", t(meeting.title))
        reminder.add("trigger", -REMINDER)
        event.add_component(reminder)
    calendar = Calendar()
    calendar.add("prodid", "-//Deliberate//Convocation//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def organiser(settings: Settings, host: str) -> vCalAddress:
    """Who sends the letter: calendars take a request from nobody else."""
    name, address = parseaddr(settings.mail_from or "")
    found = vCalAddress(f"mailto:{address or f'no-reply@{host}'}")
    if name:
        found.params["CN"] = name
    return found


def attendee(person: Person) -> vCalAddress:
    """No answer is asked for: who comes is recorded in the room."""
    found = vCalAddress(f"mailto:{person.email}")
    found.params["CN"] = person.name
    found.params["RSVP"] = "FALSE"
    return found

"""The letter that convenes: to every seat, with the agenda and an entry for the calendar, without texts."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from deliberate.errors import Refused
from deliberate.mail.letter import compose
from deliberate.mail.models import OutboxMessage
from deliberate.meetings import actions
from deliberate.meetings.models import Meeting
from deliberate.people.models import Person
from deliberate.settings import Settings, data_path
from deliberate.web.i18n import load_catalogs
from tests.meetings.meetings import item, plan, statement_of
from tests.support.builders import World, make_world

pytestmark = pytest.mark.usefixtures("database")
SETTINGS = Settings(
    public_url="https://deliberate.example",
    smtp_url="smtp://mail.example",
    mail_from="Secretariat <office@health.example>",
    time_zone="Europe/Paris",
)


async def convened(world: World) -> Meeting:
    meeting_id = await plan(world)
    for each in (item(), item("Bacteria <b>O'Brien</b>, éàü;", f"question-{world.question.id}", 40)):
        await actions.add_item(meeting_id, each, world["secretariat"])
    await actions.convene_meeting(meeting_id, world["secretariat"], SETTINGS)
    return await Meeting.get(id=meeting_id)


async def letter_to(person: Person) -> OutboxMessage:
    return await OutboxMessage.get(to=person.email)


async def test_every_seat_of_the_group_gets_one_letter_in_its_language_and_nobody_else() -> None:
    load_catalogs(data_path("config") / "locale", ("fr", "en"))
    world = await make_world()
    await Person.filter(id=world["chair"].id).update(language="fr")
    await Person.filter(id=world["expert"].id).update(language="en")
    meeting = await convened(world)
    seats = [world["chair"], *world.experts, world["recused"], world["undeclared"]]
    written = await OutboxMessage.all().values_list("to", flat=True)
    assert sorted(str(to) for to in written) == sorted(person.email for person in seats)
    french, english = await letter_to(world["chair"]), await letter_to(world["expert"])
    assert "Ordre du jour" in french.body and english.subject.startswith("Convocation: Second meeting")
    assert "1 Welcome, 15 min" in english.body and "2 Bacteria" in english.body and "Room 4" in english.body
    assert f"https://deliberate.example/meetings/{meeting.id}" in english.body
    with pytest.raises(Refused):
        await actions.convene_meeting(meeting.id, world["secretariat"], SETTINGS)
    assert await OutboxMessage.all().count() == len(seats)


async def test_the_recused_reads_the_titles_of_the_agenda_and_no_text() -> None:
    world = await make_world()
    statement = await statement_of(world)
    await convened(world)
    letter = await letter_to(world["recused"])
    told = letter.subject + letter.body + letter.calendar
    assert "Bacteria" in told
    for words in [statement.code, *world.question.title.values()]:
        assert words not in told


async def test_the_letter_carries_a_request_for_the_calendar_in_the_zone_of_the_meeting() -> None:
    world = await make_world()
    meeting = await convened(world)
    letter = await letter_to(world["expert"])
    mail = compose(letter, SETTINGS.mail_from or "")
    files = [part for part in mail.iter_attachments() if part.get_filename() == "meeting.ics"]
    assert len(files) == 1 and files[0].get_content_type() == "application/ics"
    calendar = Calendar.from_ical(files[0].get_content())
    (event,) = calendar.events
    assert (calendar["method"], event["sequence"]) == ("REQUEST", 0)
    assert event["uid"] == f"meeting-{meeting.id}@deliberate.example"
    assert event["dtstart"].params["TZID"] == "Europe/Paris" and calendar.timezones
    assert event.start == meeting.planned_at and event.end - event.start == timedelta(minutes=55)
    assert event["organizer"] == "mailto:office@health.example"
    assert event["attendee"] == f"mailto:{world['expert'].email}"
    assert "Bacteria <b>O'Brien</b>, éàü;" in event["description"] and event["location"] == "Room 4"


async def test_a_meeting_without_an_agenda_is_convened_for_an_hour() -> None:
    world = await make_world()
    await actions.convene_meeting(await plan(world), world["secretariat"], SETTINGS)
    letter = await letter_to(world["expert"])
    (event,) = Calendar.from_ical(letter.calendar).events
    assert "No item yet." in letter.body and event.end - event.start == timedelta(hours=1)

"""Minutes: nothing written is lost, nobody writes over another, what is approved never changes."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.live.journal import commitment
from deliberate.live.models import Entry
from deliberate.mail.models import OutboxMessage
from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.minutes_models import (
    Minutes,
    MinutesAmendment,
    MinutesDraft,
    MinutesSection,
    MinutesText,
    fingerprint,
)
from deliberate.meetings.minutes_rules import IDLE, Verdict
from deliberate.meetings.minutes_sight import minutes_seen
from deliberate.meetings.models import (
    Adjournment,
    AgendaItem,
    FloorRequest,
    ItemStretch,
    Meeting,
    Proxy,
    Speech,
    agenda_of,
)
from deliberate.people.models import Person
from deliberate.voting.models import Vote
from tests.meetings.meetings import at_question, opened, world_at_question, world_in_meeting
from tests.support.builders import NOW, World, make_world, pair
from tests.voting.votes import cast

pytestmark = pytest.mark.usefixtures("database")
SOON, LATER = NOW + timedelta(days=7), NOW + timedelta(days=8)


async def told(meeting: Meeting, kind: str) -> list[dict[str, Any]]:
    rows = Entry.filter(topic=f"minutes-{meeting.id}", kind=kind).order_by("number")
    return [json.loads(entry.body)["details"] for entry in await rows]


async def section_of(meeting: Meeting, key: str = "opening") -> MinutesSection:
    return await MinutesSection.get(minutes__meeting_id=meeting.id, key=key)


async def texts_of(meeting: Meeting, key: str = "opening") -> list[str]:
    rows = MinutesText.filter(section__minutes__meeting_id=meeting.id, section__key=key).order_by("version")
    return list(await rows.values_list("text", flat=True))


async def closed(world: World) -> Meeting:
    meeting = await opened(world)
    await actions.close_meeting(meeting.id, world["chair"])
    await meeting.refresh_from_db()
    return meeting


async def circulated(world: World) -> Meeting:
    meeting = await closed(world)
    await actions.write_section(meeting.id, "opening", "The chair opens.", 0, world["secretariat"])
    await actions.circulate_minutes(meeting.id, SOON, world["secretariat"])
    return meeting


async def test_a_section_is_written_in_versions_and_the_journal_holds_commitments_only() -> None:
    world = await make_world()
    meeting, office = await opened(world), world["secretariat"]
    assert await actions.write_section(meeting.id, "opening", "One.", 0, office) == 1
    assert await actions.write_section(meeting.id, "opening", "Two.", 1, world["chair"]) == 2
    assert await actions.write_section(meeting.id, "opening", "Two.", 1, world["chair"]) == 2  # sent twice
    assert await texts_of(meeting) == ["One.", "Two."]
    entries = await told(meeting, "minutes_written")
    assert [entry["version"] for entry in entries] == [1, 2]
    stored = await MinutesText.get(text="Two.")
    assert entries[1]["commitment"] == fingerprint(meeting.id, "opening", "Two.", stored.salt)
    assert "Two." not in str([entry.body for entry in await Entry.all()])


async def test_who_did_not_see_the_newest_version_stores_nothing_over_it_and_loses_nothing() -> None:
    world, meeting = await world_in_meeting()
    await actions.write_section(meeting.id, "opening", "Hers.", 0, world["chair"])
    with pytest.raises(Refused, match="Version 1 was stored"):
        await actions.write_section(meeting.id, "opening", "His.", 0, world["secretariat"])
    assert await texts_of(meeting) == ["Hers."]
    assert (await MinutesDraft.get(person=world["secretariat"])).text == "His."


async def test_two_who_store_at_once_make_one_version_and_one_draft() -> None:
    world = await make_world()
    meeting, people = await opened(world), [world["chair"], world["secretariat"]]
    writes = [actions.write_section(meeting.id, "opening", person.name, 0, person) for person in people]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "int"]
    kept = [*await texts_of(meeting), *[draft.text for draft in await MinutesDraft.all()]]
    assert sorted(kept) == sorted(person.name for person in people)


async def test_one_writes_at_a_time_and_is_displaced_only_with_a_word() -> None:
    world = await make_world()
    meeting, chair, office = await opened(world), world["chair"], world["secretariat"]
    await actions.hold_section(meeting.id, "opening", chair)
    await actions.save_draft(meeting.id, "opening", "Half a sent", 0, chair)
    with pytest.raises(Refused, match="Chair is writing"):
        await actions.hold_section(meeting.id, "opening", office, " ")
    with pytest.raises(Refused, match="Chair is writing"):
        await actions.write_section(meeting.id, "opening", "Mine", 0, office)
    assert (await MinutesDraft.get(person=office)).text == "Mine"
    await actions.hold_section(meeting.id, "opening", office, "I finish this")
    section = await section_of(meeting)
    assert (section.holder_id, section.taken_from_id, section.word) == (office.id, chair.id, "I finish this")
    assert await texts_of(meeting) == ["Half a sent"]  # the other's text is what one goes on from
    assert (await MinutesText.get(version=1)).author_id == chair.id
    with pytest.raises(Refused, match="Secretary is writing"):  # and further typing is kept, too
        await actions.save_draft(meeting.id, "opening", "Half a sentence more", 0, chair)
    assert (await MinutesDraft.get(person=chair)).text == "Half a sentence more"
    assert "I finish this" not in str([entry.body for entry in await Entry.all()])


async def test_a_section_is_free_again_when_left_when_stored_and_when_its_writer_is_gone() -> None:
    world = await make_world()
    meeting, chair, office = await opened(world), world["chair"], world["secretariat"]
    await actions.hold_section(meeting.id, "opening", chair)
    await actions.release_section(meeting.id, "opening", office)  # not hers to free
    assert (await section_of(meeting)).holder_id == chair.id
    await actions.release_section(meeting.id, "opening", chair)
    await actions.hold_section(meeting.id, "opening", office)
    await actions.write_section(meeting.id, "opening", "Stored.", 0, office)
    await actions.hold_section(meeting.id, "opening", chair, now=NOW)
    await actions.save_draft(meeting.id, "opening", "Stored. More", 1, chair, now=NOW)
    await actions.hold_section(meeting.id, "opening", office, now=NOW + IDLE)
    assert (await section_of(meeting)).holder_id == office.id
    assert await texts_of(meeting) == ["Stored.", "Stored. More"]


async def test_an_earlier_version_comes_back_as_a_new_one() -> None:
    world = await make_world()
    meeting, office = await opened(world), world["secretariat"]
    for version, text in enumerate(["One.", "Two."]):
        await actions.write_section(meeting.id, "closing", text, version, office)
    assert await actions.restore_version(meeting.id, "closing", 1, office) == 3
    assert await texts_of(meeting, "closing") == ["One.", "Two.", "One."]
    assert (await MinutesText.get(version=3)).restored == 1
    assert await actions.restore_version(meeting.id, "closing", 1, office) == 3  # it stands already
    with pytest.raises(NotFound):
        await actions.restore_version(meeting.id, "closing", 9, office)


@pytest.mark.parametrize("who", ["expert", "recused", "other_chair", "member", "stakeholder"])
async def test_others_neither_write_nor_read_a_draft(who: str) -> None:
    world = await make_world()
    meeting, person = await opened(world), world[who]
    await actions.write_section(meeting.id, "opening", "One.", 0, world["chair"])
    for attempt in (
        actions.write_section(meeting.id, "opening", "x", 1, person),
        actions.save_draft(meeting.id, "opening", "x", 1, person),
        actions.hold_section(meeting.id, "opening", person),
        actions.restore_version(meeting.id, "opening", 1, person),
        actions.circulate_minutes(meeting.id, SOON, person),
        actions.propose_amendment(meeting.id, "opening", "", "x", person),
        minutes_seen(person, meeting.id),
    ):
        with pytest.raises(NotFound):
            await attempt


@pytest.mark.parametrize("key", ["item-0", "item-999", "item-x", "preamble", "", "opening ", "item-1' OR 1"])
async def test_a_section_that_is_none_does_not_exist(key: str) -> None:
    world, meeting = await world_in_meeting()
    with pytest.raises(NotFound):
        await actions.write_section(meeting.id, key, "x", 0, world["secretariat"])
    other = await opened(await make_world())
    with pytest.raises(NotFound):
        foreign = (await agenda_of(other.id))[0].id
        await actions.write_section(meeting.id, f"item-{foreign}", "x", 0, world["secretariat"])


async def test_what_was_written_stays_when_its_item_leaves_the_agenda() -> None:
    world = await make_world()
    meeting, office = await opened(world), world["secretariat"]
    item = (await agenda_of(meeting.id))[-1]
    await actions.write_section(meeting.id, f"item-{item.id}", "Prepared.", 0, office)
    await actions.remove_item(item.id, office)
    sight = await minutes_seen(office, meeting.id)
    left = next(section for section in sight.sections if section.key == f"item-{item.id}")
    assert left.text == "Prepared." and "taken off the agenda" in left.title


# What the system knows


async def voted(world: World) -> tuple[Meeting, AgendaItem]:
    """A named vote under the item on the question, the recused expert out of the room; counted."""
    meeting, item = await at_question(world)
    vote_id = await actions.open_vote(item.id, Motion(text=pair("Publish?")), world["chair"])
    vote = await Vote.get(id=vote_id)
    for person, choice, reason in (
        (world["chair"], "for", ""),
        (world.experts[0], "against", "Too early."),
        (world.experts[1], "for", ""),
    ):
        await cast(vote, person, choice, reason)
    await actions.close_vote(vote_id, world["chair"])
    await actions.reveal_vote(vote_id, world["chair"])
    await actions.close_item(item.id, world["chair"])
    return meeting, item


async def test_sections_hold_times_presence_exits_quorum_and_votes_without_anybody_typing_them() -> None:
    world = await make_world()
    meeting, item = await voted(world)
    sight = await minutes_seen(world["secretariat"], meeting.id)
    opening, section = sight.section("opening"), sight.section(f"item-{item.id}")
    assert "reached: " in dict(opening.facts)["Quorum at the opening"]
    presence = {row[0]: row[2] for row in opening.tables[0].rows}
    assert "left for an interest" in presence[world["recused"].name]
    assert "in the room" in presence[world["chair"].name]
    assert "40 minutes planned" in dict(section.facts)["Time spent"]
    (exits,) = section.tables
    (row,) = exits.rows
    assert row[0] == world["recused"].name and row[1] and row[2]
    (part,) = section.parts
    assert dict(part.facts)["Put to the vote"] == "Publish?" and "reached" in dict(part.facts)["Quorum"]
    assert [world.experts[0].name, "Against", "Too early."] in part.tables[1].rows


async def test_speaking_times_are_told_per_item_and_in_all_without_what_is_hidden() -> None:
    world, meeting, item = await world_at_question()
    chair, expert = world["chair"], world["expert"]
    second = timedelta(seconds=1)
    for person, under, seconds in ((chair, item.id, 90), (expert, item.id, 125), (chair, None, 10)):
        spoke = {"began_at": NOW, "ended_at": NOW + seconds * second}
        request = await FloorRequest.create(
            meeting=meeting, item_id=under, person=person, kind="contribution", asked_at=NOW, **spoke
        )
        await Speech.create(request=request, **spoke)
    sight = await minutes_seen(world["secretariat"], meeting.id)
    spoken = sight.section(f"item-{item.id}").tables[-1]
    assert spoken.rows == [[expert.name, "2:05"], [chair.name, "1:30"], ["In all", "3:35"]]
    (whole,) = sight.section("closing").tables
    assert whole.rows == [[expert.name, "2:05"], [chair.name, "1:40"], ["In all", "3:45"]]
    await actions.close_item(item.id, chair)
    await actions.close_meeting(meeting.id, chair)
    await actions.circulate_minutes(meeting.id, SOON, world["secretariat"])
    (whole,) = (await minutes_seen(world["recused"], meeting.id)).section("closing").tables
    assert whole.rows == [[chair.name, "0:10"], ["In all", "0:10"]]


async def test_breaks_proxies_and_items_under_others_are_told() -> None:
    world, meeting = await world_in_meeting()
    first, second, _third = await agenda_of(meeting.id)
    await AgendaItem.filter(id=second.id).update(parent_id=first.id)
    minute = timedelta(minutes=1)
    await Adjournment.create(meeting=meeting, began_at=NOW, ended_at=NOW + 15 * minute)
    await Proxy.create(meeting=meeting, giver=world["expert"], holder=world["chair"], entered_at=NOW)
    for begin, end in ((NOW, NOW + 5 * minute), (NOW + 15 * minute, NOW + 25 * minute)):
        await ItemStretch.create(item=first, began_at=begin, ended_at=end)
    sight = await minutes_seen(world["secretariat"], meeting.id)
    facts = dict(sight.section("opening").facts)
    assert f"{world['expert'].name} represented by {world['chair'].name} (from " in facts["Proxies"]
    assert "–" in facts["Breaks"]
    assert "15 minutes used" in dict(sight.section(f"item-{first.id}").facts)["Time spent"]
    titles = [section.title.partition(" ")[0] for section in sight.sections[1:4]]
    assert titles == ["1.", "1.1.", "2."]


async def test_a_vote_without_a_revealed_result_shows_none_and_no_name() -> None:
    world, meeting, item = await world_at_question()
    vote_id = await actions.open_vote(item.id, Motion(text=pair("Publish?")), world["chair"])
    await cast(await Vote.get(id=vote_id), world["chair"], "against", "canary")
    sight = await minutes_seen(world["secretariat"], meeting.id)
    (part,) = sight.section(f"item-{item.id}").parts
    assert part.tables == [] and dict(part.facts)["Result"] == "the vote is open"
    assert "canary" not in str(sight.document)


async def test_who_is_recused_sees_neither_the_section_nor_its_votes_nor_its_amendments() -> None:
    world = await make_world()
    meeting, item = await voted(world)
    key, office = f"item-{item.id}", world["secretariat"]
    await actions.write_section(meeting.id, key, "canary in the account", 0, office)
    for other in await AgendaItem.filter(meeting=meeting, state="planned"):
        await actions.postpone_item(other.id, world["chair"])
    await actions.close_meeting(meeting.id, world["chair"])
    await actions.circulate_minutes(meeting.id, SOON, office)
    await actions.propose_amendment(meeting.id, key, "", "canary amendment", world["expert"])
    for approved in (False, True):
        if approved:
            amendment = await MinutesAmendment.get()
            await actions.answer_amendment(meeting.id, amendment.id, Verdict.REJECTED, "No.", office)
            await actions.approve_minutes(meeting.id, None, world["chair"], now=LATER)
        there = await minutes_seen(world["expert"], meeting.id)
        assert "canary" in str(there.sections) and there.amendments[key]
        sight = await minutes_seen(world["recused"], meeting.id)
        shown = str(sight.sections) + str(sight.amendments) + str(sight.corrections) + str(sight.rows)
        assert "canary" not in shown and "Publish?" not in shown and key not in sight.rows
        with pytest.raises(NotFound):
            sight.section(key)
    with pytest.raises(NotFound):
        await actions.propose_amendment(meeting.id, key, "", "x", world["recused"])


# Circulating, amending, approving


async def test_minutes_are_circulated_after_the_meeting_and_each_member_is_told(settings: Any) -> None:
    world = await make_world()
    meeting, office = await opened(world), world["secretariat"]
    with pytest.raises(Refused, match="not over yet"):
        await actions.circulate_minutes(meeting.id, SOON, office)
    await actions.close_meeting(meeting.id, world["chair"])
    with pytest.raises(Invalid):
        await actions.circulate_minutes(meeting.id, NOW - timedelta(days=1), office)
    mailing = settings.model_copy(update={"smtp_url": "smtp://localhost"})
    await actions.circulate_minutes(meeting.id, SOON, office, mailing)
    letters = await OutboxMessage.all()
    assert world["expert"].email in {letter.to for letter in letters}
    assert all(f"/meetings/{meeting.id}/minutes" in letter.body for letter in letters)
    assert world["member"].email not in {letter.to for letter in letters}  # of the committee
    await minutes_seen(world["expert"], meeting.id)


async def test_members_propose_amendments_until_the_deadline_and_each_gets_one_answer() -> None:
    world = await make_world()
    meeting, office = await circulated(world), world["secretariat"]
    first = await actions.propose_amendment(meeting.id, "opening", "opens", "Say when.", world["expert"])
    assert first == await actions.propose_amendment(
        meeting.id, "opening", "opens", "Say when.", world["expert"]
    )
    with pytest.raises(NotAllowed, match="declaration"):
        await actions.propose_amendment(meeting.id, "opening", "", "x", world["undeclared"])
    with pytest.raises(NotAllowed, match="members"):
        await actions.propose_amendment(meeting.id, "opening", "", "x", office)
    with pytest.raises(Refused, match="ended"):
        await actions.propose_amendment(meeting.id, "opening", "", "x", world["expert"], now=LATER)
    with pytest.raises(Invalid):
        await actions.answer_amendment(meeting.id, first, Verdict.ACCEPTED, " ", office)
    await actions.answer_amendment(meeting.id, first, Verdict.MODIFIED, "The hour is printed.", office)
    with pytest.raises(Refused, match="answered"):
        await actions.answer_amendment(meeting.id, first, Verdict.REJECTED, "No.", office)
    assert [entry["verdict"] for entry in await told(meeting, "amendment_answered")] == ["modified"]
    assert "Say when." not in str([entry.body for entry in await Entry.all()])


@pytest.mark.parametrize("way", ["by the chair", "in a meeting"])
async def test_approved_minutes_never_change_again_and_a_correction_stands_beside_them(way: str) -> None:
    world = await make_world()
    meeting, chair, office = await circulated(world), world["chair"], world["secretariat"]
    if way == "by the chair":
        with pytest.raises(Refused, match="until"):
            await actions.approve_minutes(meeting.id, None, chair)
        with pytest.raises(Refused, match="Name the meeting"):
            await actions.approve_minutes(meeting.id, None, office, now=LATER)
        await actions.approve_minutes(meeting.id, None, chair, now=LATER)
    else:
        with pytest.raises(NotFound):
            await actions.approve_minutes(meeting.id, meeting.id, office)
        await actions.approve_minutes(meeting.id, (await opened(world)).id, office)
    minutes = await Minutes.get(meeting_id=meeting.id)
    (entry,) = await told(meeting, "minutes_approved")
    assert entry["commitment"] == commitment({"minutes": minutes.frozen}, minutes.salt)
    for attempt in (
        actions.write_section(meeting.id, "opening", "Changed.", 1, office),
        actions.save_draft(meeting.id, "opening", "Changed.", 1, office),
        actions.hold_section(meeting.id, "opening", office),
        actions.circulate_minutes(meeting.id, LATER, office),
        actions.approve_minutes(meeting.id, None, chair, now=LATER),
        actions.propose_amendment(meeting.id, "opening", "", "x", world["expert"]),
    ):
        with pytest.raises(Refused):
            await attempt
    await Person.filter(id=chair.id).update(name="Somebody else")  # what the system knew is frozen, too
    await actions.correct_minutes(meeting.id, "opening", "It was the vice-chair.", office)
    sight = await minutes_seen(world["expert"], meeting.id)
    assert sight.section("opening").text == "The chair opens."
    assert "Somebody else" not in str(sight.sections)
    assert [row.text for row in sight.corrections["opening"]] == ["It was the vice-chair."]


async def test_nothing_is_approved_before_amendments_are_answered_and_votes_have_their_result() -> None:
    world = await make_world()
    meeting, office = await circulated(world), world["secretariat"]
    other = await opened(world)
    number = await actions.propose_amendment(meeting.id, "closing", "", "Say more.", world["expert"])
    with pytest.raises(Refused, match="no answer"):
        await actions.approve_minutes(meeting.id, other.id, office)
    await actions.answer_amendment(meeting.id, number, Verdict.REJECTED, "It is enough.", office)
    await actions.approve_minutes(meeting.id, other.id, office)
    item = (await agenda_of(other.id))[0]
    await actions.open_item(item.id, world["chair"])
    vote = await actions.open_vote(item.id, Motion(text=pair("Go on?")), world["chair"])
    await actions.close_vote(vote, world["chair"])
    await actions.close_item(item.id, world["chair"])
    await actions.close_meeting(other.id, world["chair"])
    await actions.circulate_minutes(other.id, SOON, office)
    with pytest.raises(Refused, match="no result"):
        await actions.approve_minutes(other.id, meeting.id, office)

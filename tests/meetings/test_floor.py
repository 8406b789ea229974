"""The floor: who comes next, whose clock runs, and what ends a speech."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deliberate.errors import NotAllowed, NotFound, Refused
from deliberate.meetings import actions
from deliberate.meetings.floor_rules import (
    FloorKind,
    FloorOrder,
    Stretch,
    Waiting,
    queue,
    totals_per_item,
    totals_per_person,
)
from deliberate.meetings.models import FloorRequest, Meeting, Speech, agenda_of, speech_under_way
from deliberate.meetings.rules import Presence
from deliberate.people.models import Person
from tests.meetings.meetings import entries, opened, world_at_question, world_in_meeting
from tests.support.builders import World, make_world, sign_in

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def waits(number: int, kind: FloorKind = FloorKind.CONTRIBUTION, replies_to: int | None = None) -> Waiting:
    return Waiting(number, number, kind, AT + timedelta(seconds=number), replies_to)


def test_a_point_of_order_goes_first_then_a_reply_to_the_last_speech_then_who_spoke_least() -> None:
    hands = [waits(1), waits(2), waits(3, FloorKind.REPLY, 9), waits(4, FloorKind.POINT_OF_ORDER)]
    spoken = {1: 120, 2: 30}
    assert [one.id for one in queue(hands, spoken, FloorOrder.LEAST, 9)] == [4, 3, 2, 1]
    assert [one.id for one in queue(hands, spoken, FloorOrder.ASKED, 9)] == [4, 3, 1, 2]


def test_a_reply_whose_moment_has_passed_waits_among_the_others() -> None:
    hands = [waits(1), waits(2, FloorKind.REPLY, 8)]
    assert [one.id for one in queue(hands, {}, FloorOrder.ASKED, 9)] == [1, 2]


def test_pauses_are_left_out_of_the_totals_and_a_running_speech_counts_until_now() -> None:
    spoken = [
        Stretch(1, 7, AT, AT + timedelta(seconds=60)),
        Stretch(1, 7, AT + timedelta(seconds=90), AT + timedelta(seconds=100)),
        Stretch(2, None, AT + timedelta(seconds=100)),
    ]
    now = AT + timedelta(seconds=130)
    assert totals_per_person(spoken, now) == {1: 70, 2: 30}
    assert totals_per_item(spoken, now) == {7: {1: 70}, None: {2: 30}}


async def ask(meeting: Meeting, person: Person, kind: FloorKind = FloorKind.CONTRIBUTION) -> FloorRequest:
    await actions.ask_for_floor(meeting.id, person.id, kind, person)
    return await FloorRequest.get(meeting=meeting, person=person, began_at=None, withdrawn_at=None)


async def speaks(world: World, meeting: Meeting, person: Person) -> FloorRequest:
    hand = await ask(meeting, person)
    running = await speech_under_way(meeting.id)
    await actions.give_floor(meeting.id, hand.id, running.id if running else 0, world["chair"])
    return await FloorRequest.get(id=hand.id)


async def test_the_clock_stands_on_the_server_and_no_change_to_the_queue_touches_it(database: object) -> None:
    world, meeting = await world_in_meeting()
    first = await speaks(world, meeting, world.experts[0])
    assert first.ends_at and first.began_at and first.ends_at - first.began_at == timedelta(seconds=180)
    hand = await ask(meeting, world.experts[1])
    await actions.take_hand_down(meeting.id, hand.person_id, world.experts[1])
    await actions.set_floor(meeting.id, FloorOrder.ASKED, 60, world["chair"])
    assert (await FloorRequest.get(id=first.id)).ends_at == first.ends_at
    kinds = [entry.kind for entry in await entries(meeting) if entry.kind.startswith("floor_")]
    assert kinds == ["floor_asked", "floor_given", "floor_asked", "floor_withdrawn", "floor_ruled"]


async def test_a_pause_keeps_what_is_left_and_speaking_is_kept_as_intervals(database: object) -> None:
    world, meeting = await world_in_meeting()
    speech = await speaks(world, meeting, world.experts[0])
    await actions.pause_speech(meeting.id, speech.id, world["chair"])
    await speech.refresh_from_db()
    assert speech.ends_at is None and speech.left_seconds is not None and 170 < speech.left_seconds <= 180
    with pytest.raises(Refused):
        await actions.pause_speech(meeting.id, speech.id, world["chair"])
    await actions.resume_speech(meeting.id, speech.id, world["chair"])
    await actions.give_more_time(meeting.id, speech.id, world["chair"])
    await actions.end_speech(meeting.id, speech.id, world["chair"])
    rows = await Speech.filter(request=speech).order_by("id")
    assert len(rows) == 2 and all(row.ended_at for row in rows)


async def test_two_chairs_who_press_at_once_give_the_floor_once(database: object) -> None:
    world, meeting = await world_in_meeting()
    hands = [await ask(meeting, person) for person in world.experts[:2]]
    await actions.give_floor(meeting.id, hands[0].id, 0, world["chair"])
    with pytest.raises(Refused, match="meanwhile"):
        await actions.give_floor(meeting.id, hands[0].id, 0, world["secretariat"])
    with pytest.raises(Refused, match="meanwhile"):
        await actions.give_floor(meeting.id, hands[1].id, 0, world["secretariat"])
    running = await speech_under_way(meeting.id)
    assert running and running.id == hands[0].id
    await actions.end_speech(meeting.id, running.id, world["chair"])
    with pytest.raises(Refused, match="ended meanwhile"):
        await actions.end_speech(meeting.id, running.id, world["secretariat"])


async def test_a_hand_goes_up_once_and_only_of_who_is_there(database: object) -> None:
    world = await make_world()
    meeting = await opened(world, present=[world["chair"], *world.experts])
    await ask(meeting, world.experts[0])
    with pytest.raises(Refused, match="on the list already"):
        await ask(meeting, world.experts[0], FloorKind.POINT_OF_ORDER)
    with pytest.raises(Refused, match="nothing to reply"):
        await ask(meeting, world.experts[1], FloorKind.REPLY)
    with pytest.raises(Refused, match="recorded as present"):
        await ask(meeting, world["recused"])
    with pytest.raises(NotAllowed):
        await ask(meeting, world["undeclared"])
    with pytest.raises(NotFound):
        await ask(meeting, world["other_expert"])
    with pytest.raises(NotFound):
        await actions.give_floor(meeting.id, 1, 0, world.experts[0])


async def test_whoever_is_recused_from_the_item_cannot_ask_and_loses_the_hand_when_it_opens(
    database: object,
) -> None:
    world, meeting = await world_in_meeting()
    await ask(meeting, world["recused"])
    await actions.open_item((await agenda_of(meeting.id))[1].id, world["chair"])
    assert not await FloorRequest.filter(withdrawn_at=None).exists()
    with pytest.raises(NotAllowed, match="recused"):
        await ask(meeting, world["recused"])


async def test_leaving_the_room_and_closing_the_item_end_the_speech(database: object) -> None:
    world, meeting, item = await world_at_question()
    speech = await speaks(world, meeting, world.experts[0])
    await actions.leave(meeting.id, world.experts[0].id, world.experts[0])
    await speech.refresh_from_db()
    assert speech.ended_at and speech.item_id == item.id
    await actions.arrive(meeting.id, world.experts[0].id, Presence.REMOTE, world.experts[0])
    again = await speaks(world, meeting, world.experts[0])
    await ask(meeting, world.experts[1])
    await actions.close_item(item.id, world["chair"])
    await again.refresh_from_db()
    assert again.ended_at
    assert not await FloorRequest.filter(began_at=None, withdrawn_at=None).exists()


async def test_going_from_the_room_to_remote_keeps_the_floor(database: object) -> None:
    world, meeting = await world_in_meeting()
    speech = await speaks(world, meeting, world.experts[0])
    await actions.arrive(meeting.id, world.experts[0].id, Presence.REMOTE, world.experts[0])
    running = await speech_under_way(meeting.id)
    assert running and running.id == speech.id


async def test_a_break_stops_every_clock_and_nothing_is_opened_before_its_end(database: object) -> None:
    world, meeting, item = await world_at_question()
    speech = await speaks(world, meeting, world.experts[0])
    await actions.adjourn_meeting(meeting.id, world["chair"])
    await speech.refresh_from_db()
    assert speech.ended_at
    with pytest.raises(Refused, match="adjourned"):
        await actions.adjourn_meeting(meeting.id, world["secretariat"])
    with pytest.raises(Refused, match="adjourned"):
        await ask(meeting, world.experts[1])
    await actions.resume_meeting(meeting.id, world["chair"])
    with pytest.raises(Refused, match="goes on"):
        await actions.resume_meeting(meeting.id, world["chair"])
    await item.fetch_related("stretches")
    assert [row.ended_at is None for row in item.stretches] == [False, True]


async def test_the_hand_is_raised_in_the_room_and_the_chair_gives_the_floor_on_the_console(
    server: Any,
) -> None:
    world, meeting = await world_in_meeting()
    where = f"/meetings/{meeting.id}"
    expert = server.client(cookies={"deliberate": await sign_in(world["expert"])})
    chair = server.client(cookies={"deliberate": await sign_in(world["chair"])})
    assert "Raise my hand" in (await expert.get(where)).text
    await expert.post(f"{where}/floor", data={"kind": "contribution"})
    assert "Take my hand down" in (await expert.get(f"{where}/hand")).text
    assert "Give the floor to Expert 0" in (await chair.get(f"{where}/console/floor-desk")).text
    hand = await FloorRequest.get(person=world["expert"])
    form = {"request": str(hand.id), "expected": "0"}
    assert (await chair.post(f"{where}/floor/give", data=form)).status_code == 303
    late = await chair.post(f"{where}/floor/give", data={**form, "next": f"{where}/console"})
    assert late.status_code == 409 and "meanwhile" in late.text and "console-floor" in late.text
    room = (await expert.get(where)).text
    assert "Expert 0 has the floor" in room and "data-countdown" in room
    assert "Expert 0 has the floor" in (await expert.get(f"{where}/parts/speaker")).text
    assert "Expert 0" in (await expert.get(f"{where}/speaking")).text

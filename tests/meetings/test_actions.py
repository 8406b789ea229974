import asyncio
import json
from typing import Any

import pytest

from deliberate.errors import NotFound, Refused
from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.hub import Watcher, hub
from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.agenda_rules import Direction
from deliberate.meetings.models import AgendaItem, Attendance, ItemVote, Meeting, agenda_of, here_of
from deliberate.meetings.rules import ItemKind, ItemPlan, Presence
from deliberate.questions.models import Conclusion
from deliberate.voting.models import RollEntry, Vote
from deliberate.voting.rules import Mode, VoteKind
from tests.meetings.meetings import (
    at_question,
    convened,
    entries,
    item,
    opened,
    plan,
    statement_of,
    world_at_question,
    world_convened,
    world_in_meeting,
)
from tests.support.builders import NOW, World, join, make_person, make_world, pair, recuse
from tests.voting.votes import cast

pytestmark = pytest.mark.usefixtures("database")
RATING = {"kind": VoteKind.RATING, "mode": Mode.CONFIDENTIAL}


async def details_of(meeting: Meeting, kind: str) -> dict[str, Any]:
    return dict(json.loads((await entries(meeting, kind))[-1].body)["details"])


async def test_a_meeting_is_planned_convened_opened_and_closed() -> None:
    world, meeting = await world_in_meeting()
    await actions.close_meeting(meeting.id, world["chair"])
    await meeting.refresh_from_db()
    assert meeting.state == "closed" and meeting.opened_at and meeting.closed_at
    kinds = [entry.kind for entry in await entries(meeting)]
    assert [kind for kind in kinds if kind.startswith("meeting_")] == [
        "meeting_planned",
        "meeting_convened",
        "meeting_opened",
        "meeting_closed",
    ]
    assert await here_of(meeting.id) == {}


@pytest.mark.parametrize("who", ["expert", "recused", "other_chair", "member", "stakeholder"])
async def test_others_neither_plan_nor_conduct(who: str) -> None:
    world = await make_world()
    person = world[who]
    with pytest.raises(NotFound):
        await actions.plan_meeting(
            world.assessment.id, world.infection.id, title=pair("x"), planned_at=NOW, actor=person
        )
    meeting = await convened(world)
    first = (await agenda_of(meeting.id))[0]
    for attempt in (
        actions.open_meeting(meeting.id, person),
        actions.close_meeting(meeting.id, person),
        actions.convene_meeting(meeting.id, person),
        actions.add_item(meeting.id, item(), person),
        actions.open_item(first.id, person),
        actions.postpone_item(first.id, person),
        actions.move_item(first.id, Direction.DOWN, person),
        actions.remove_item(first.id, person),
        actions.change_item(first.id, item(), person),
        actions.arrive(meeting.id, world.experts[1].id, Presence.ON_SITE, person),
        actions.open_vote(first.id, Motion(text=pair("Shall we?")), person),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_steps_in_another_order_are_refused() -> None:
    world = await make_world()
    chair = world["chair"]
    meeting_id = await plan(world)
    for step in (actions.open_meeting, actions.close_meeting):
        with pytest.raises(Refused):
            await step(meeting_id, chair)
    with pytest.raises(Refused):
        await actions.arrive(meeting_id, chair.id, Presence.ON_SITE, chair)
    meeting = await opened(world)
    for step in (actions.convene_meeting, actions.open_meeting):
        with pytest.raises(Refused):
            await step(meeting.id, chair)
    first, second, _ = await agenda_of(meeting.id)
    with pytest.raises(Refused):
        await actions.close_item(first.id, chair)
    await actions.open_item(first.id, chair)
    with pytest.raises(Refused, match="still open"):
        await actions.open_item(second.id, chair)
    with pytest.raises(Refused, match="still open"):
        await actions.close_meeting(meeting.id, chair)
    await actions.close_item(first.id, chair)
    for step in (actions.open_item, actions.close_item, actions.postpone_item):
        with pytest.raises(Refused):
            await step(first.id, chair)
    await actions.close_meeting(meeting.id, chair)
    for attempt in (
        actions.open_item(second.id, chair),
        actions.add_item(meeting.id, item(), chair),
        actions.arrive(meeting.id, chair.id, Presence.ON_SITE, chair),
    ):
        with pytest.raises(Refused):
            await attempt


async def test_a_postponed_item_can_be_taken_up_again() -> None:
    world, meeting = await world_in_meeting()
    first = (await agenda_of(meeting.id))[0]
    await actions.postpone_item(first.id, world["chair"])
    await actions.open_item(first.id, world["chair"])
    await actions.close_item(first.id, world["chair"])
    assert (await AgendaItem.get(id=first.id)).state == "done"


async def test_the_agenda_is_edited_moved_and_cut_until_an_item_begins() -> None:
    world, meeting = await world_convened()
    secretary = world["secretariat"]
    first, second, third = await agenda_of(meeting.id)
    await actions.move_item(third.id, Direction.UP, secretary)
    await actions.move_item(first.id, Direction.DOWN, secretary)
    assert [each.id for each in await agenda_of(meeting.id)] == [third.id, first.id, second.id]
    with pytest.raises(Refused):
        await actions.move_item(third.id, Direction.UP, secretary)
    changed = ItemPlan(pair("Bacteria and more"), ItemKind.DECISION, "", 25)
    await actions.change_item(second.id, changed, secretary)
    assert (await AgendaItem.get(id=second.id)).planned_minutes == 25
    await actions.remove_item(first.id, secretary)
    await actions.add_item(meeting.id, item("Last"), secretary)
    assert [each.title["en"] for each in await agenda_of(meeting.id)] == [
        "Any other business",
        "Bacteria and more",
        "Last",
    ]
    kinds = {entry.kind for entry in await entries(meeting)}
    assert {"item_added", "item_moved", "item_changed", "item_removed"} <= kinds
    for person in (world["chair"], *world.experts):
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, person)
    await actions.open_meeting(meeting.id, world["chair"])
    await actions.open_item(third.id, world["chair"])
    for attempt in (
        actions.remove_item(third.id, secretary),
        actions.change_item(third.id, changed, secretary),
    ):
        with pytest.raises(Refused, match="has begun"):
            await attempt


async def test_everybody_records_the_own_arrival_and_the_chair_that_of_others() -> None:
    world, meeting = await world_convened()
    await actions.arrive(meeting.id, world["expert"].id, Presence.REMOTE, world["expert"])
    await actions.arrive(meeting.id, world.experts[1].id, Presence.ON_SITE, world["chair"])
    await actions.arrive(meeting.id, world["secretariat"].id, Presence.ON_SITE, world["secretariat"])
    here = await here_of(meeting.id)
    assert here[world["expert"].id].how == "remote"
    assert len(here) == 3
    number = await actions.arrive(meeting.id, world["expert"].id, Presence.REMOTE, world["expert"])
    assert len(await entries(meeting, "member_arrived")) == 3 and number  # said twice, noted once
    await actions.arrive(meeting.id, world["expert"].id, Presence.ON_SITE, world["expert"])
    assert (await here_of(meeting.id))[world["expert"].id].how == "on_site"
    await actions.leave(meeting.id, world["expert"].id, world["expert"])
    assert world["expert"].id not in await here_of(meeting.id)
    with pytest.raises(Refused):
        await actions.leave(meeting.id, world["expert"].id, world["expert"])
    with pytest.raises(NotFound):
        await actions.arrive(meeting.id, world["other_expert"].id, Presence.ON_SITE, world["chair"])


async def test_without_quorum_a_meeting_does_not_open() -> None:
    world = await make_world(experts=5)  # with chair, undeclared and recused: eight seats
    meeting = await convened(world)
    for person in (world["chair"], *world.experts[:2], world["undeclared"]):
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, world["chair"])
    with pytest.raises(Refused, match="no quorum") as refused:
        await actions.open_meeting(meeting.id, world["chair"])
    assert refused.value.places == {"present": 3, "needed": 4}  # who has not declared does not count
    await actions.arrive(meeting.id, world.experts[2].id, Presence.REMOTE, world["chair"])
    await actions.open_meeting(meeting.id, world["chair"])
    found = await details_of(meeting, "meeting_opened")
    assert found["quorum"]["present"] == 4 and found["quorum"]["seats"] == 8
    await meeting.refresh_from_db()
    assert meeting.quorum == found["quorum"]


async def committee_of(world: World, seats: int, recused: int, here: int) -> tuple[Meeting, AgendaItem]:
    """A committee meeting on a record, with its item open."""
    chair = world["committee_chair"]
    while len(world.members) < seats - 1:
        world.members.append(await join(await make_person(), world.assessment, "member", world.committee))
    for person in world.members[:recused]:
        await recuse(person, world.assessment, "record-3", chair)
    meeting_id = await plan(world, group_id=world.committee.id)
    await actions.add_item(meeting_id, item("The record", "record-3", 60), chair)
    await actions.convene_meeting(meeting_id, chair)
    for person in [chair, *world.members[recused:]][:here]:
        await actions.arrive(meeting_id, person.id, Presence.ON_SITE, chair)
    return await Meeting.get(id=meeting_id), (await agenda_of(meeting_id))[0]


@pytest.mark.parametrize(("here", "opens"), [(12, False), (13, True)])
async def test_at_the_opening_half_of_25_seats_are_needed(here: int, opens: bool) -> None:
    world = await make_world(members=3)
    meeting, _ = await committee_of(world, 25, 3, here)
    if opens:
        await actions.open_meeting(meeting.id, world["committee_chair"])
    else:
        with pytest.raises(Refused, match="no quorum"):
            await actions.open_meeting(meeting.id, world["committee_chair"])


@pytest.mark.parametrize(("leave", "opens"), [(2, True), (3, False)])
async def test_at_the_vote_the_recused_leave_the_base(leave: int, opens: bool) -> None:
    """METHODS.md A11: 25 seats, 3 recused: 11 present suffice, 10 do not."""
    world = await make_world(members=3)
    chair = world["committee_chair"]
    meeting, found = await committee_of(world, 25, 3, 13)
    await actions.open_meeting(meeting.id, chair)
    await actions.open_item(found.id, chair)
    for person in world.members[3 : 3 + leave]:
        await actions.leave(meeting.id, person.id, chair)
    motion = Motion("record-3", pair("The record is adopted."))
    if not opens:
        with pytest.raises(Refused, match="no quorum"):
            await actions.open_vote(found.id, motion, chair)
        assert await Vote.all().count() == 0
        return
    vote = await Vote.get(id=await actions.open_vote(found.id, motion, chair))
    assert vote.entitled == 11
    assert vote.terms["quorum"]["present"] == 11 and vote.terms["quorum"]["recused"] == 3
    assert {row.person_id for row in await RollEntry.filter(vote=vote, chair=True)} == {chair.id}


async def test_a_second_call_opens_with_six_and_takes_over_the_agenda() -> None:
    world = await make_world(members=3)
    chair = world["committee_chair"]
    first, _ = await committee_of(world, 25, 3, 6)
    with pytest.raises(Refused):
        await actions.open_meeting(first.id, chair)
    second_id = await plan(world, group_id=world.committee.id, second_call_of=first.id)
    await actions.convene_meeting(second_id, chair)
    for person in [chair, *world.members[3:8]]:
        await actions.arrive(second_id, person.id, Presence.ON_SITE, chair)
    await actions.open_meeting(second_id, chair)
    (found,) = await agenda_of(second_id)
    assert found.subject == "record-3"
    await actions.open_item(found.id, chair)
    vote_id = await actions.open_vote(found.id, Motion("record-3", pair("Adopted.")), chair)
    assert (await Vote.get(id=vote_id)).terms["quorum"]["second_call"] is True
    with pytest.raises(Refused):
        await plan(world, group_id=world.infection.id, second_call_of=first.id)


async def test_the_recused_leave_for_their_item_and_come_back_at_its_end() -> None:
    world, meeting, found = await world_at_question()
    recused = world["recused"]
    assert recused.id not in await here_of(meeting.id)
    (stay,) = await Attendance.filter(meeting=meeting, person_id=recused.id)
    assert (stay.left_because, stay.out_for_id) == ("interest", found.id)
    told = await details_of(meeting, "member_left")
    assert (told["about"], told["because"]) == (f"person-{recused.id}", "interest")
    with pytest.raises(Refused, match="recused"):
        await actions.arrive(meeting.id, recused.id, Presence.ON_SITE, recused)

    await actions.close_item(found.id, world["chair"])
    assert recused.id in await here_of(meeting.id)
    stays = await Attendance.filter(meeting=meeting, person_id=recused.id).order_by("id")
    assert [bool(each.until) for each in stays] == [True, False]


async def test_who_goes_home_while_waiting_outside_does_not_come_back() -> None:
    world, meeting, found = await world_at_question()
    await actions.leave(meeting.id, world["recused"].id, world["recused"])
    await actions.close_item(found.id, world["chair"])
    assert world["recused"].id not in await here_of(meeting.id)


async def recuse_by_decision(world: World, person: Any, subject: str, outcome: Outcome) -> None:
    await decide_interest(
        world.assessment.id,
        person.id,
        subject,
        world.infection.id,
        outcome=outcome,
        category="capital",
        reason="Holds shares.",
        actor=world["chair"],
        also=[actions.leave_for_interest],
    )


async def test_a_recusal_pronounced_during_the_item_sends_out_at_once() -> None:
    world, meeting, _ = await world_at_question()
    target = world.experts[1]
    await recuse_by_decision(world, target, f"question-{world.question.id}", Outcome.RECUSED_ITEM)
    assert target.id not in await here_of(meeting.id)


async def test_a_recusal_on_another_question_changes_nothing_in_the_room() -> None:
    world, meeting, _ = await world_at_question()
    target = world.experts[1]
    await recuse_by_decision(world, target, "question-999", Outcome.RECUSED_ITEM)
    await recuse_by_decision(world, target, f"question-{world.question.id}", Outcome.OTHER_LINK)
    assert target.id in await here_of(meeting.id)


async def test_an_exclusion_from_the_group_ends_the_stay_for_good() -> None:
    world, meeting, found = await world_at_question()
    target = world.experts[1]
    await recuse_by_decision(world, target, f"group-{world.infection.id}", Outcome.EXCLUDED_GROUP)
    await actions.close_item(found.id, world["chair"])
    assert target.id not in await here_of(meeting.id)


async def test_the_rating_of_a_statement_is_opened_for_those_present_and_entitled() -> None:
    world, meeting, found = await world_at_question()
    await actions.leave(meeting.id, world.experts[2].id, world.experts[2])
    await actions.arrive(meeting.id, world["undeclared"].id, Presence.ON_SITE, world["chair"])
    statement = await statement_of(world)

    vote_id = await actions.open_vote(found.id, Motion(f"statement-{statement.id}", **RATING), world["chair"])

    vote = await Vote.get(id=vote_id)
    assert (vote.subject, vote.gate) == (f"statement-{statement.id}", f"question-{world.question.id}")
    assert (vote.kind, vote.mode, vote.state, vote.wording) == ("rating", "confidential", "open", 1)
    assert vote.text["en"] == "Statement I-1.1"
    roll = {row.person_id for row in await RollEntry.filter(vote=vote)}
    assert roll == {
        person.id for person in world.experts[:2]
    }  # no chair, no recused, no undeclared, no absent
    assert vote.terms["recused"] == 1
    (link,) = await ItemVote.all()
    assert (link.item_id, link.vote_id) == (found.id, vote_id)
    told = await details_of(meeting, "item_vote_opened")
    assert (told["about"], told["entitled"]) == (f"vote-{vote_id}", 2)


async def test_the_adoption_of_a_conclusion_is_voted_by_name_with_the_chair() -> None:
    world = await make_world(stage="opinion_draft")
    _, found = await at_question(world)
    motion = Motion(f"question-{world.question.id}")
    with pytest.raises(Refused, match="no conclusion"):
        await actions.open_vote(found.id, motion, world["chair"])
    await Conclusion.create(
        question=world.question,
        version=2,
        language="fr",
        answer="Le risque est avéré.",
        status="known",
        severity="2",
        likelihood="not_assessable",
        certainty="low",
        author=world["chair"],
        salt="0" * 64,
        at=NOW,
    )
    vote = await Vote.get(id=await actions.open_vote(found.id, motion, world["chair"]))
    assert (vote.wording, vote.text) == (2, {"fr": "Le risque est avéré."})
    roll = await RollEntry.filter(vote=vote)
    assert {row.person_id for row in roll} == {world["chair"].id, *(person.id for person in world.experts)}
    assert [row.person_id for row in roll if row.chair] == [world["chair"].id]


async def test_a_vote_on_a_motion_of_the_moment_has_the_words_of_the_chair() -> None:
    world, meeting = await world_in_meeting()
    first = (await agenda_of(meeting.id))[0]
    motion = Motion(text={"fr": "On termine à 16 h.", "en": "We end at 4 p.m."})
    with pytest.raises(Refused, match="Open the item first"):
        await actions.open_vote(first.id, motion, world["chair"])
    await actions.open_item(first.id, world["chair"])
    vote = await Vote.get(id=await actions.open_vote(first.id, motion, world["chair"]))
    assert (vote.subject, vote.gate, vote.text["en"]) == (f"item-{first.id}", "", "We end at 4 p.m.")
    assert vote.entitled == 5  # the recused member too: this is not about that question


async def test_one_vote_is_open_at_a_time_and_holds_item_and_meeting_open() -> None:
    world, meeting, found = await world_at_question()
    statement = await statement_of(world)
    motion = Motion(f"statement-{statement.id}", **RATING)
    vote_id = await actions.open_vote(found.id, motion, world["chair"])
    for attempt in (
        actions.open_vote(found.id, motion, world["chair"]),
        actions.close_item(found.id, world["chair"]),
        actions.postpone_item(found.id, world["chair"]),
        actions.close_meeting(meeting.id, world["chair"]),
    ):
        with pytest.raises(Refused, match="A vote is open"):
            await attempt
    await actions.close_vote(vote_id, world["chair"])
    await actions.close_item(found.id, world["chair"])
    await actions.close_meeting(meeting.id, world["chair"])
    await actions.reveal_vote(vote_id, world["secretariat"])


async def test_what_belongs_to_another_question_or_group_is_not_voted_under_the_item() -> None:
    world, _, found = await world_at_question()
    foreign = f"question-{world.other_question.id}"
    with pytest.raises(NotFound):
        await actions.open_vote(found.id, Motion(foreign), world["chair"])
    with pytest.raises(NotFound):
        await actions.open_vote(found.id, Motion("statement-4711"), world["chair"])
    with pytest.raises(Refused, match="another question"):
        await actions.open_vote(found.id, Motion("record-9", pair("x")), world["chair"])
    await actions.close_item(found.id, world["chair"])
    free = (await AgendaItem.filter(meeting_id=found.meeting_id).order_by("position"))[2]
    await actions.open_item(free.id, world["chair"])
    statement = await statement_of(world)
    with pytest.raises(Refused, match="another question"):
        await actions.open_vote(free.id, Motion(f"statement-{statement.id}", **RATING), world["chair"])


async def test_steps_of_a_vote_are_news_of_the_meeting() -> None:
    world, meeting, found = await world_at_question()
    statement = await statement_of(world)
    watcher = Watcher(world["expert"].id)
    hub.join(watcher)
    hub.watch(watcher, f"meeting-{meeting.id}")
    vote_id = await actions.open_vote(found.id, Motion(f"statement-{statement.id}", **RATING), world["chair"])
    vote = await Vote.get(id=vote_id)
    for person in world.experts:
        await cast(vote, person, 9)
    await actions.close_vote(vote_id, world["chair"])
    await actions.reveal_vote(vote_id, world["chair"])
    frames = [json.loads(frame) for frame in watcher.take()]
    hub.leave(watcher)
    assert [frame["kind"] for frame in frames] == [
        "item_vote_opened",
        "item_vote_closed",
        "item_vote_counted",
    ]
    assert all(frame["about"] == f"vote-{vote_id}" for frame in frames)
    assert not any("frequencies" in frame["facts"] for frame in frames)


async def test_two_meetings_of_two_groups_run_at_once() -> None:
    world = await make_world(experts=3)
    others = [world["other_chair"], world["other_expert"]]
    one = await opened(world)
    two_id = await plan(world, group_id=world.pharmacology.id)
    subject = f"question-{world.other_question.id}"
    await actions.add_item(two_id, item("Products", subject), world["other_chair"])
    await actions.convene_meeting(two_id, world["other_chair"])
    for person in others:
        await actions.arrive(two_id, person.id, Presence.REMOTE, person)
    await actions.open_meeting(two_id, world["other_chair"])
    first, second = (await agenda_of(one.id))[0], (await agenda_of(two_id))[0]
    await asyncio.gather(
        actions.open_item(first.id, world["chair"]), actions.open_item(second.id, world["other_chair"])
    )
    votes = [
        await Vote.get(id=vote_id)
        for vote_id in await asyncio.gather(
            actions.open_vote(first.id, Motion(text=pair("Here?")), world["chair"]),
            actions.open_vote(second.id, Motion(text=pair("There?")), world["other_chair"]),
        )
    ]
    answers = await asyncio.gather(
        *(cast(votes[0], person, "for") for person in world.experts),
        *(cast(votes[1], person, "against") for person in others),
        cast(votes[0], world["other_expert"], "against"),
        cast(votes[1], world["expert"], "for"),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers] == ["int"] * 5 + ["NotFound"] * 2
    for vote, chair in zip(votes, (world["chair"], world["other_chair"]), strict=True):
        await actions.close_vote(vote.id, chair)
        await actions.reveal_vote(vote.id, chair)
        await vote.refresh_from_db()
    assert votes[0].result and votes[0].result["counts"]["for"] == 3
    assert votes[1].result and votes[1].result["counts"]["against"] == 2
    assert {row.kind for row in await entries(one)} & {"item_vote_counted"}

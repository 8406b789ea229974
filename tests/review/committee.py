"""A record before its committee, and a committee meeting in which it is voted on, by the real actions."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from deliberate.meetings import actions as meetings
from deliberate.meetings.rules import Presence
from deliberate.people.models import Person
from deliberate.record import actions as record_actions
from deliberate.record.models import Record
from deliberate.review import actions
from deliberate.review.actions import Remark
from deliberate.voting import actions as voting
from tests.record.story import make_story
from tests.support.builders import NOW, World, pair
from tests.support.kept import kept


@kept
async def before_committee() -> tuple[World, Record]:
    world = await make_story(blind=False, votes=False)
    record = await record_actions.compile_record(world.assessment.id, world["secretariat"])
    return world, await record_actions.freeze_record(record.id, world["secretariat"])


def remark(
    text: str = "Is this known?", section: str = "question-I-1", kind: str = "question", key: str = ""
) -> Remark:
    return Remark(section, kind, text, "en", key or uuid4().hex)


async def in_meeting(
    world: World, record: Record, present: Sequence[Person] | None = None
) -> tuple[int, int]:
    """A committee meeting whose item on the record is open: (meeting, item)."""
    meeting = await meetings.plan_meeting(
        world.assessment.id,
        world.committee.id,
        title=pair("Committee"),
        planned_at=NOW + timedelta(days=5),
        actor=world["secretariat"],
    )
    item = await actions.put_on_agenda(record.id, meeting, world["secretariat"])
    await meetings.convene_meeting(meeting, world["secretariat"])
    for person in [world["committee_chair"], *world.members] if present is None else present:
        await meetings.arrive(meeting, person.id, Presence.ON_SITE, person)
    await meetings.open_meeting(meeting, world["committee_chair"])
    await meetings.open_item(item, world["committee_chair"])
    return meeting, item


async def voted(
    world: World, record: Record, choices: Sequence[str] = ("for", "for", "for", "against")
) -> int:
    """Proposed, opened in a meeting, cast by chair and members in this order, closed and counted."""
    if not await actions.adoption_of(record.id):
        await actions.propose_adoption(record.id, world["secretariat"])
    _, item = await in_meeting(world, record)
    return await vote_under(world, record, item, choices)


async def vote_under(world: World, record: Record, item: int, choices: Sequence[str]) -> int:
    vote = await actions.open_adoption_vote(record.id, item, world["committee_chair"])
    for person, choice in zip([world["committee_chair"], *world.members], choices, strict=False):
        await voting.cast_ballot(vote, person, choice, None, f"I am {choice}", uuid4().hex)
    await meetings.close_vote(vote, world["committee_chair"])
    await meetings.reveal_vote(vote, world["committee_chair"])
    return vote

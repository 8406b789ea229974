"""The turn in which a meeting is changed: what every act on it reads first, in one place."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from deliberate.assessments.models import Assessment, Group
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import Note, acting
from deliberate.meetings import proxy_rules, rules
from deliberate.meetings.models import AgendaItem, ItemVote, Meeting, proxies_of
from deliberate.meetings.rules import Member
from deliberate.people.models import Person
from deliberate.voting.rules import VoteState
from deliberate.voting.terms import Quorum


@asynccontextmanager
async def conducting(meeting_id: int, actor: Person) -> AsyncIterator[tuple[Meeting, Note]]:
    """The meeting as it is in this turn, for whoever conducts it."""
    meeting = await Meeting.get_or_none(id=meeting_id)
    if meeting is None:
        raise NotFound()
    async with acting(meeting.assessment_id, actor) as note:
        await meeting.refresh_from_db()
        rules.check_runs(await standing_of(actor.id, meeting.assessment_id, note.now), meeting.group_id)
        yield meeting, note


@asynccontextmanager
async def conducting_item(item_id: int, actor: Person) -> AsyncIterator[tuple[AgendaItem, Meeting, Note]]:
    item = await AgendaItem.get_or_none(id=item_id)
    if item is None:
        raise NotFound()
    async with conducting(item.meeting_id, actor) as (meeting, note):
        fresh = await AgendaItem.get_or_none(id=item_id)  # it may have been removed meanwhile
        if fresh is None:
            raise NotFound()
        yield fresh, meeting, note


@asynccontextmanager
async def attending(
    meeting_id: int, person_id: int, actor: Person
) -> AsyncIterator[tuple[Meeting, Standing, Note]]:
    """The meeting and the standing of whoever comes or goes: oneself, or somebody entered by who conducts."""
    meeting = await Meeting.get_or_none(id=meeting_id)
    if meeting is None:
        raise NotFound()
    async with acting(meeting.assessment_id, actor) as note:
        await meeting.refresh_from_db()
        own = await standing_of(actor.id, meeting.assessment_id, note.now)
        rules.check_sees(own, meeting.group_id)
        if person_id == actor.id:
            yield meeting, own, note
            return
        rules.check_runs(own, meeting.group_id)
        yield meeting, await standing_of(person_id, meeting.assessment_id, note.now), note


async def proxies_now(
    meeting: Meeting, members: list[Member], gate: str, protocol: Protocol
) -> Mapping[int, int]:
    """From represented member to holder: those that stand now for what is weighed by `gate`."""
    given = [(each.giver_id, each.holder_id) for each in await proxies_of(meeting.id)]
    most = protocol.committee.proxies_max
    return proxy_rules.standing_proxies(members, given, gate, meeting.group_id, most)


async def quorum_of(
    meeting: Meeting, members: list[Member], gate: str, protocol: Protocol, represented: int | None = None
) -> Quorum:
    """`represented`: how many members are, where it is not all those who could be."""
    group = await Group.get(id=meeting.group_id)
    if represented is None:
        represented = len(await proxies_now(meeting, members, gate, protocol))
    return rules.quorum_of(
        members,
        gate,
        meeting.group_id,
        share=group.quorum_share,
        second_call=meeting.second_call_of_id is not None,
        protocol=protocol,
        represented=represented,
    )


async def protocol_of(assessment_id: int) -> Protocol:
    assessment = await Assessment.get(id=assessment_id)
    return read_protocol(assessment.protocol)


async def open_votes(meeting_id: int, item_id: int | None = None) -> int:
    rows = ItemVote.filter(item__meeting_id=meeting_id, vote__state=VoteState.OPEN)
    return await (rows if item_id is None else rows.filter(item_id=item_id)).count()


def title_of(item: AgendaItem | None) -> str | None:
    """For a sentence: in one of its languages."""
    return next((words for words in item.title.values() if words), "") if item else None

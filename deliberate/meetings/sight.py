"""A meeting as one of its readers may see it, read in one go, in a fixed number of queries.

`hidden` are the gates on the agenda whose texts, votes and results this reader must not see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from deliberate.assessments.models import Assessment, Group
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of, standings_of
from deliberate.interests.rules import Standing
from deliberate.meetings import rules
from deliberate.meetings.models import (
    Adjournment,
    AgendaItem,
    Attendance,
    ItemStretch,
    Meeting,
    Proxy,
    agenda_of,
    proxies_of,
    roles_of,
    votes_of,
)
from deliberate.meetings.rules import Member
from deliberate.people.models import Person
from deliberate.voting.models import Vote
from deliberate.voting.showing import Place, places_of


@dataclass(frozen=True)
class Sight:
    """A meeting as one reader may see it, read in one go."""

    meeting: Meeting
    assessment: Assessment
    group: Group
    standing: Standing
    hidden: tuple[str, ...]
    items: list[AgendaItem]
    votes: list[tuple[int, Vote]]  # (item, vote), without those hidden
    stretches: dict[int, list[ItemStretch]] = field(default_factory=dict)  # by item, in order
    # What follows is left out where the agenda alone is shown.
    places: dict[int, Place] = field(default_factory=dict)  # of these votes
    members: list[Member] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    here: dict[int, Attendance] = field(default_factory=dict)  # by person
    proxies: list[Proxy] = field(default_factory=list)  # in force
    outside: set[int] = field(default_factory=set)  # who left for an interest in the open item
    adjourned_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return rules.runs(self.standing, self.meeting.group_id)


async def sight_of(person: Person, meeting_id: int, taken: Sequence[tuple[int, Vote]] | None = None) -> Sight:
    """What this person may see of the meeting just now. `taken`: its votes, for whoever has just read them.

    Raises:
        NotFound: there is none, or not for this person.
    """
    meeting = await meeting_with_group(meeting_id)
    roles, names = await roles_of(meeting.group_id)
    standings = await standings_of(meeting.assessment_id, {*roles, person.id})
    sight = await agenda_seen(meeting, standings[person.id], taken)
    here, outside = await stays_of(meeting.id, names)
    return replace(
        sight,
        places=await places_of([vote for _item, vote in sight.votes]),
        members=[Member(standings[ident], role, ident in here) for ident, role in roles.items()],
        names=names,
        here=here,
        proxies=await proxies_of(meeting.id),
        outside=outside,
        adjourned_at=await adjourned_since(meeting.id),
    )


async def agenda_sight_of(person: Person, meeting_id: int) -> Sight:
    """The same without the people, where the agenda alone is shown or edited: half the queries."""
    meeting = await meeting_with_group(meeting_id)
    return await agenda_seen(meeting, await standing_of(person.id, meeting.assessment_id))


async def meeting_with_group(meeting_id: int) -> Meeting:
    meeting = await Meeting.filter(id=meeting_id).select_related("assessment", "group").first()
    if meeting is None:
        raise NotFound()
    return meeting


async def agenda_seen(
    meeting: Meeting, standing: Standing, taken: Sequence[tuple[int, Vote]] | None = None
) -> Sight:
    rules.check_sees(standing, meeting.group_id)
    items = await agenda_of(meeting.id)
    hidden = rules.hides(standing, [rules.gate_of(item.subject) for item in items], meeting.group_id)
    taken = await votes_of(meeting.id) if taken is None else taken
    return Sight(
        meeting=meeting,
        assessment=meeting.assessment,
        group=meeting.group,
        standing=standing,
        hidden=hidden,
        items=items,
        votes=[(item, vote) for item, vote in taken if vote.gate not in hidden],
        stretches=await stretches_by_item(meeting.id),
    )


async def adjourned_since(meeting_id: int) -> datetime | None:
    row = await Adjournment.filter(meeting_id=meeting_id, ended_at=None).first().values("began_at")
    return row["began_at"] if row else None


async def stretches_by_item(meeting_id: int) -> dict[int, list[ItemStretch]]:
    found: dict[int, list[ItemStretch]] = {}
    for row in await ItemStretch.filter(item__meeting_id=meeting_id).order_by("id"):
        found.setdefault(row.item_id, []).append(row)
    return found


async def stays_of(meeting_id: int, names: dict[int, str]) -> tuple[dict[int, Attendance], set[int]]:
    """Who is here, and who waits outside. `names` learns those of guests."""
    stays = await Attendance.filter(meeting_id=meeting_id).select_related("person").order_by("id")
    for stay in stays:
        names.setdefault(stay.person_id, stay.person.name)
    here = {stay.person_id: stay for stay in stays if stay.until is None}
    return here, {stay.person_id for stay in stays if stay.out_for_id is not None}


def protocol_of(sight: Sight) -> Protocol:
    return read_protocol(sight.assessment.protocol)

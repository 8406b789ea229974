"""The items of the agenda as a reader sees them: numbers, durations, clocks, links."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from deliberate.assessments.models import Pair
from deliberate.meetings import agenda_rules, rules
from deliberate.meetings.models import (
    AgendaItem,
    ItemStretch,
    nodes_of,
)
from deliberate.meetings.rules import ItemState, MeetingState
from deliberate.meetings.sight import Sight
from deliberate.voting.showing import number_in


@dataclass(frozen=True)
class Line:
    """An item on the agenda, as its readers see it."""

    id: int
    position: int  # counted from 1, whatever the gaps of the stored ones
    number: str  # "2.1"
    level: int
    title: Pair
    kind: str
    subject: str
    state: str
    planned: int
    used: int | None
    opened_at: datetime | None
    since: datetime | None  # from when the clock of an open item counts, breaks taken out
    hidden: bool  # its subject is kept from this reader
    votes: int
    presenting: int | None
    inside: int  # minutes planned under it
    links: list[tuple[str, str]]  # (code, page) of statements and documents, for those to whom they exist
    carried: bool  # from an earlier meeting

    @property
    def is_open(self) -> bool:
        return self.state == ItemState.OPEN

    @property
    def mark(self) -> str:
        """The state in the words of the page's macro."""
        marks = {ItemState.DONE: "done", ItemState.POSTPONED: "deferred"}
        return marks.get(ItemState(self.state), "ahead")

    @property
    def href(self) -> str | None:
        """The page of the subject, for those to whom it exists."""
        gate = rules.gate_of(self.subject)
        if not gate or self.hidden:
            return None
        return f"/{'questions' if gate.startswith('question-') else 'records'}/{number_in(gate)}"


def lines_of(sight: Sight) -> list[Line]:
    now = datetime.now(UTC)
    taken = Counter(item_id for item_id, _vote in sight.votes)
    nodes = nodes_of(sight.items)
    numbers, levels = agenda_rules.numbers(nodes), agenda_rules.levels(nodes)
    inside: Counter[int | None] = Counter()
    for node in nodes:
        inside[node.parent_id] += node.planned
    return [
        Line(
            id=item.id,
            position=position,
            number=numbers[item.id],
            level=levels[item.id],
            title=item.title,
            kind=item.kind,
            subject=item.subject,
            state=item.state,
            planned=item.planned_minutes,
            used=None
            if item.state == ItemState.OPEN
            else used_minutes(sight.stretches.get(item.id, []), now),
            opened_at=item.opened_at,
            since=running_since(sight.stretches.get(item.id, []), now),
            hidden=rules.gate_of(item.subject) in sight.hidden,
            votes=taken[item.id],
            presenting=item.presenting_minutes,
            inside=inside[item.id],
            links=[] if rules.gate_of(item.subject) in sight.hidden else links_of(item),
            carried=item.carried_from_id is not None,
        )
        for position, item in enumerate(sight.items, 1)
    ]


def links_of(item: AgendaItem) -> list[tuple[str, str]]:
    pages = {"statement": "statements", "document": "evidence"}
    return [
        (link["code"], f"/{pages[link['key'].partition('-')[0]]}/{number_in(link['key'])}")
        for link in item.links or []
    ]


def expected_end(sight: Sight) -> datetime | None:
    """When the meeting will end if the rest takes what is planned; an item holds those under it."""
    if sight.meeting.state != MeetingState.OPENED:
        return None
    now = datetime.now(UTC)
    parents = {item.parent_id for item in sight.items}
    ahead: list[tuple[int, timedelta | None]] = []
    for item in sight.items:
        if item.id not in parents and item.state in (ItemState.PLANNED, ItemState.OPEN):
            spans = [(each.began_at, each.ended_at) for each in sight.stretches.get(item.id, [])]
            ahead.append((item.planned_minutes, rules.time_used(spans, now) if spans else None))
    return agenda_rules.expected_end(now, ahead)


def used_minutes(stretches: Sequence[ItemStretch], now: datetime) -> int | None:
    spans = [(each.began_at, each.ended_at) for each in stretches]
    return rules.minutes_used(spans, now) if spans else None


def running_since(stretches: Sequence[ItemStretch], now: datetime) -> datetime | None:
    if not stretches or stretches[-1].ended_at is not None:
        return None
    before = [(each.began_at, each.ended_at) for each in stretches[:-1]]
    return stretches[-1].began_at - rules.time_used(before, now)

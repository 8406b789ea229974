"""The floor as pages show it: the queue, the clock, who spoke how long; and the forms that change it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Pair
from deliberate.meetings import actions
from deliberate.meetings.floor_rules import (
    LONGEST_SPEECH_SECONDS,
    FloorKind,
    FloorOrder,
    Stretch,
    Waiting,
    queue,
    shares,
    totals_per_item,
    totals_per_person,
)
from deliberate.meetings.models import FloorRequest, seen_meeting, stretches_of
from deliberate.meetings.rules import gate_of
from deliberate.meetings.sight import Sight, sight_of
from deliberate.people.models import Person
from deliberate.people.pages import own_page
from deliberate.web.answers import render, see_other
from deliberate.web.charts import lengths
from deliberate.web.forms import read


@dataclass(frozen=True)
class Speaker:
    """The speech under way."""

    id: int
    person_id: int
    name: str
    kind: str
    ends_at: datetime | None
    left_seconds: int | None
    paused: bool


@dataclass(frozen=True)
class Hand:
    """One who waits, with what was spoken so far."""

    id: int
    person_id: int
    name: str
    kind: str
    spoken: int


@dataclass(frozen=True)
class Floor:
    speaker: Speaker | None
    hands: list[Hand] = field(default_factory=list)  # the next one first

    @property
    def expected(self) -> int:
        """What a form says of the speech that its reader saw."""
        return self.speaker.id if self.speaker else 0


async def floor_of(sight: Sight) -> Floor:
    """The speech under way and those who wait, in the order of the meeting's rule: two queries."""
    now = datetime.now(UTC)
    rows = await FloorRequest.filter(meeting_id=sight.meeting.id, withdrawn_at=None).order_by("id")
    names = await names_of(sight, {row.person_id for row in rows})
    stretches = await stretches_of(sight.meeting.id)
    spoken = totals_per_person(stretches, now)
    running = next((row for row in rows if row.began_at and row.ended_at is None), None)
    begun = [row for row in rows if row.began_at]
    last = max(begun, key=lambda row: (row.began_at, row.id), default=None)
    waiting = [
        Waiting(row.id, row.person_id, row.kind, row.asked_at, row.replies_to_id)
        for row in rows
        if row.began_at is None
    ]
    ordered = queue(waiting, spoken, sight.meeting.floor_order, last.id if last else None)
    return Floor(
        speaker=speaker_of(running, names, stretches) if running else None,
        hands=[
            Hand(one.id, one.person_id, names[one.person_id], one.kind, spoken.get(one.person_id, 0))
            for one in ordered
        ],
    )


def speaker_of(running: FloorRequest, names: dict[int, str], stretches: list[Stretch]) -> Speaker:
    speaks = any(one.person_id == running.person_id and one.ended_at is None for one in stretches)
    return Speaker(
        id=running.id,
        person_id=running.person_id,
        name=names[running.person_id],
        kind=running.kind,
        ends_at=running.ends_at,
        left_seconds=running.left_seconds,
        paused=not speaks,
    )


async def names_of(sight: Sight, person_ids: set[int]) -> dict[int, str]:
    """The names of the group; asked for only where somebody spoke who has no seat any more."""
    if person_ids <= set(sight.names):
        return sight.names
    rows = await Person.filter(id__in=list(person_ids)).values_list("id", "name")
    return {**dict(rows), **sight.names}


# Who spoke how long


@dataclass(frozen=True)
class Share:
    name: str
    seconds: int
    width: float  # of the bar, in units of the chart


@dataclass(frozen=True)
class ItemShare:
    title: Pair | None  # None: between two items
    seconds: int
    shares: list[Share]


async def show_speaking(request: Request) -> Response:
    """Per person and per item. What was said on a question kept from this reader is left out."""
    sight = await sight_of(request.user, request.path_params["meeting_id"])
    now = datetime.now(UTC)
    titles = {item.id: item.title for item in sight.items}
    unseen = {item.id for item in sight.items if gate_of(item.subject) in sight.hidden}
    stretches = [one for one in await stretches_of(sight.meeting.id) if one.item_id not in unseen]
    names = await names_of(sight, {one.person_id for one in stretches})
    per_item = totals_per_item(stretches, now)
    order = [None, *titles]
    items = [
        ItemShare(titles.get(item_id) if item_id else None, sum(found.values()), shares_of(found, names))
        for item_id in order
        if (found := per_item.get(item_id))
    ]
    people = shares_of(totals_per_person(stretches, now), names)
    context = {
        "assessment": sight.assessment,
        "standing": sight.standing,
        "meeting": sight.meeting,
        "people": people,
        "items": items,
        "total": sum(share.seconds for share in people),
    }
    facts = {
        "meeting": sight.meeting.id,
        "people": [{"name": share.name, "seconds": share.seconds} for share in people],
    }
    return render(request, "meetings/speaking.html", context, facts=facts)


def shares_of(totals: dict[int, int], names: dict[int, str]) -> list[Share]:
    rows = shares(totals, names)
    widths = lengths([seconds for _name, seconds in rows])
    return [Share(name, seconds, width) for (name, seconds), width in zip(rows, widths, strict=True)]


# Forms


class HandForm(BaseModel):
    kind: FloorKind | None = None  # nothing takes the hand down
    person: int | None = None  # somebody in the room, entered by chair or secretariat
    next: Annotated[str, Field(max_length=200)] = ""


async def change_hand(request: Request) -> Response:
    """Raises a hand, or takes it down."""
    meeting_id = request.path_params["meeting_id"]
    await seen_meeting(request.user, meeting_id)
    form = await read(request, HandForm)
    person_id = form.person or request.user.id
    if form.kind is None:
        number = await actions.take_hand_down(meeting_id, person_id, request.user)
    else:
        number = await actions.ask_for_floor(meeting_id, person_id, form.kind, request.user)
    where = own_page(form.next or f"/meetings/{meeting_id}")
    return see_other(request, where, meeting=meeting_id, number=number)


class SpeechForm(BaseModel):
    expected: Annotated[int, Field(ge=0)] = 0  # the speech that was shown; 0 for none
    request: int | None = None  # whose turn it is
    next: Annotated[str, Field(max_length=200)] = ""


async def give_floor(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    await seen_meeting(request.user, meeting_id)
    form = await read(request, SpeechForm)
    number = await actions.give_floor(meeting_id, form.request or 0, form.expected, request.user)
    where = own_page(form.next or f"/meetings/{meeting_id}/console")
    return see_other(request, where, meeting=meeting_id, number=number)


def speech_step(act: Callable[[int, int, Person], Awaitable[int]]) -> Callable[[Request], Any]:
    """A handler for what is done to the speech under way."""

    async def handle(request: Request) -> Response:
        meeting_id = request.path_params["meeting_id"]
        await seen_meeting(request.user, meeting_id)
        form = await read(request, SpeechForm)
        number = await act(meeting_id, form.expected, request.user)
        where = own_page(form.next or f"/meetings/{meeting_id}/console")
        return see_other(request, where, meeting=meeting_id, number=number)

    handle.__name__ = act.__name__
    return handle


class FloorForm(BaseModel):
    order: FloorOrder = FloorOrder.LEAST
    speech_seconds: Annotated[int, Field(ge=0, le=LONGEST_SPEECH_SECONDS)] = 0
    next: Annotated[str, Field(max_length=200)] = ""


async def set_floor(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    await seen_meeting(request.user, meeting_id)
    form = await read(request, FloorForm)
    number = await actions.set_floor(meeting_id, form.order, form.speech_seconds, request.user)
    where = own_page(form.next or f"/meetings/{meeting_id}/console")
    return see_other(request, where, meeting=meeting_id, number=number)

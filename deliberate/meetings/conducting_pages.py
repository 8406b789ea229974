"""Acts on a running meeting, each a plain form: whoever is refused gets back the page it stood on."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import NotFound, Refusal
from deliberate.live.journal import last_number
from deliberate.meetings import (
    actions,
    floor_pages,
    rules,
)
from deliberate.meetings.actions import Motion
from deliberate.meetings.agenda_editor import show_agenda
from deliberate.meetings.models import (
    AgendaItem,
    open_item_of,
    seen_meeting,
)
from deliberate.meetings.room_pages import show_console, show_room
from deliberate.meetings.rules import Presence
from deliberate.people.models import Person
from deliberate.people.pages import own_page
from deliberate.voting.models import Vote
from deliberate.voting.rules import Mode, VoteKind
from deliberate.web.answers import see_other
from deliberate.web.forms import again, read


class StepForm(BaseModel):
    next: Annotated[str, Field(max_length=200)] = ""


async def show_origin(request: Request, refusal: Refusal, typed: dict[str, Any]) -> Response:
    """The page a refused form stood on."""
    pages = {"console": show_console, "agenda": show_agenda}
    show = pages.get(str(typed.get("next", "")).rpartition("/")[2], show_room)
    return await show(request, refusal=refusal, typed=typed)


def step(act: Callable[[int, Person], Awaitable[int]], of_item: bool = False) -> Callable[[Request], Any]:
    """A handler for an act that needs nothing but its meeting or item."""

    @again(show_origin)
    async def handle(request: Request) -> Response:
        meeting_id = request.path_params["meeting_id"]
        form = await read(request, StepForm)
        ident = await item_in(request) if of_item else meeting_id
        number = await act(ident, request.user)
        where = own_page(form.next or f"/meetings/{meeting_id}/console")
        return see_other(request, where, meeting=meeting_id, number=number)

    handle.__name__ = act.__name__
    return handle


def speech_step(act: Callable[[int, int, Person], Awaitable[int]]) -> Callable[[Request], Any]:
    return again(show_origin)(floor_pages.speech_step(act))


async def item_in(request: Request) -> int:
    """The item of the address, if it belongs to the meeting of the address."""
    await seen_meeting(request.user, request.path_params["meeting_id"])
    ident: int = request.path_params["item_id"]
    if not await AgendaItem.filter(id=ident, meeting_id=request.path_params["meeting_id"]).exists():
        raise NotFound()
    return ident


class AttendanceForm(BaseModel):
    how: Literal["on_site", "remote", "leave"]
    person: int | None = None  # somebody else, entered by chair or secretariat
    next: Annotated[str, Field(max_length=200)] = ""


@again(show_origin)
async def attend(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    await seen_meeting(request.user, meeting_id)
    form = await read(request, AttendanceForm)
    person_id = form.person or request.user.id
    if form.how == "leave":
        number = await actions.leave(meeting_id, person_id, request.user)
    else:
        number = await actions.arrive(meeting_id, person_id, Presence(form.how), request.user)
    where = own_page(form.next or f"/meetings/{meeting_id}")
    return see_other(request, where, meeting=meeting_id, number=number)


class VoteForm(BaseModel):
    item: int | None = None  # the open one, if none is named
    subject: Annotated[str, Field(max_length=40)] = ""
    text_fr: Annotated[str, Field(max_length=2000)] = ""
    text_en: Annotated[str, Field(max_length=2000)] = ""
    kind: VoteKind | None = None
    mode: Mode | None = None
    final: bool = False  # the first ballot stands
    next: Annotated[str, Field(max_length=200)] = ""

    def motion(self) -> Motion:
        """A statement is rated in confidence, all else is voted on by name, unless it is said otherwise."""
        rating = self.kind == VoteKind.RATING or (not self.kind and self.subject.startswith("statement-"))
        kind = VoteKind.RATING if rating else VoteKind.CHOICE
        mode = self.mode or (Mode.CONFIDENTIAL if rating else Mode.NAMED)
        text = {"fr": self.text_fr, "en": self.text_en}
        return Motion(self.subject, text, kind=kind, mode=mode, changeable=not self.final)


@again(show_origin)
async def open_vote(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    await seen_meeting(request.user, meeting_id)
    form = await read(request, VoteForm)
    item = await (
        AgendaItem.get_or_none(id=form.item, meeting_id=meeting_id) if form.item else open_item_of(meeting_id)
    )
    if item is None:
        raise rules.no_open_item() if not form.item else NotFound()
    vote_id = await actions.open_vote(item.id, form.motion(), request.user)
    number = await last_number((await Vote.get(id=vote_id)).assessment_id, f"vote-{vote_id}")
    where = own_page(form.next or f"/meetings/{meeting_id}/console")
    return see_other(request, where, meeting=meeting_id, vote=vote_id, number=number)

"""The participant's room, the console, the hall screen; and what meetings show on other pages."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from tortoise.expressions import Subquery

from deliberate.assessments.models import Assessment, Membership
from deliberate.errors import N_, NotFound, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.models import Entry
from deliberate.live.topics import Audience
from deliberate.meetings import (
    actions,
    agenda_pages,
    floor_pages,
    minutes_home,
    minutes_pages,
    panels,
    planning,
    proxy_pages,
    repeat_page,
    rules,
)
from deliberate.meetings.actions import Motion
from deliberate.meetings.models import (
    AgendaItem,
    Meeting,
    gates_of,
    open_item_of,
    seen_meeting,
    votes_of,
)
from deliberate.meetings.pushed import seen_alike
from deliberate.meetings.rules import MeetingState, Presence
from deliberate.people.models import Person
from deliberate.people.pages import own_page
from deliberate.questions.models import RiskQuestion
from deliberate.voting.models import Vote
from deliberate.voting.pages import shared_tally
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.showing import audience_of, desk_of
from deliberate.web import parts
from deliberate.web.answers import page_text, part, render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, language
from deliberate.web.routing import page
from deliberate.web.slots import NavItem, Waiting

GROUP = {"secretariat", "chair", "expert", "committee_chair", "member"}  # of the group that meets
RUNNERS = {"secretariat", "chair", "committee_chair"}
# Panels by name, and what they are rendered with: once for all who see the same.
ROOM = {
    "now": "meetings/_now.html",
    "agenda": "meetings/_agenda.html",
    "presence": "meetings/_presence.html",
    "results": "meetings/_results.html",
    "hall": "meetings/_hall.html",
    "floor": "meetings/_floor.html",
    "speaker": "meetings/_speaker.html",
}
FLOOR = {"floor", "speaker", "floor-desk"}  # those that show the queue
CONSOLE = {
    "bar": "meetings/_bar.html",
    "desk": "meetings/_desk.html",
    "order": "meetings/_order.html",
    "journal": "meetings/_journal.html",
    "floor-desk": "meetings/_floor_desk.html",
}
# Where the count of a vote goes: kept apart, for it changes with every ballot and what surrounds it does not.
TALLY = "<!-- the count of the vote -->"


# The pages


async def show_room(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """What is under way, the ballot, agenda, presence and results; everything moves by itself."""
    sight, after = await sight_now(request)
    found = {**panels.panels(sight), "floor": await floor_pages.floor_of(sight)}
    context = await surroundings(request, sight, after, found, back="")
    context |= own_place(request.user, sight) | own_hand(request.user, found["floor"])
    context["minutes_link"] = await minutes_home.minutes_link(request, sight.meeting, sight.standing)
    facts = {**panels.facts_of(sight), "after": after}
    return render(request, "meetings/room.html", context, refusal=refusal, typed=typed, facts=facts)


async def show_console(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """The chair's one screen: every act as a plain form, in the order in which a meeting needs them."""
    sight, after = await sight_now(request)
    rules.check_runs(sight.standing, sight.meeting.group_id)
    found = {**await panels.console_panels(sight), "floor": await floor_pages.floor_of(sight)}
    context = await surroundings(request, sight, after, found, back="/console")
    facts = {**panels.facts_of(sight), "after": after}
    return render(request, "meetings/console.html", context, refusal=refusal, typed=typed, facts=facts)


async def show_hall(request: Request) -> Response:
    """For the wall: large, without controls."""
    sight, after = await sight_now(request)
    found = {**panels.panels(sight), "floor": await floor_pages.floor_of(sight)}
    count = await tally(request, found, audience_of(sight.standing, wall=True))
    context = {**found, "assessment": sight.assessment, "after": after, "tally": count}
    return render(request, "meetings/hall.html", context)


async def sight_now(request: Request) -> tuple[panels.Sight, int]:
    """What is seen, and the journal number from which news go on, read before: nothing falls in between."""
    meeting_id: int = request.path_params["meeting_id"]
    journal = Subquery(Meeting.filter(id=meeting_id).values("assessment_id"))
    row = await Entry.filter(journal=journal).order_by("-number").first().values("number")
    after = row["number"] if row else 0
    return await panels.sight_of(request.user, meeting_id), after


async def surroundings(
    request: Request, sight: panels.Sight, after: int, found: dict[str, Any], back: str
) -> dict[str, Any]:
    """A page's context: its panels, and the ballot of its reader."""
    return {
        **found,
        "assessment": sight.assessment,
        "standing": sight.standing,
        "runs": sight.runs,
        "after": after,
        "tally": await tally(request, found, audience_of(sight.standing)),
        "ballot": await ballot_html(request, sight, back),
    }


async def tally(request: Request, found: dict[str, Any], audience: str) -> Markup:
    return await shared_tally(request, found["vote"], audience) if found["vote"] else Markup("")


# Their parts, fetched again when something changed


async def show_part(request: Request) -> Response:
    if request.path_params["name"] not in ROOM:
        raise NotFound()
    return await answer_part(request, ROOM, panels_of_room)


async def show_console_part(request: Request) -> Response:
    if request.path_params["name"] not in CONSOLE:
        raise NotFound()
    return await answer_part(request, CONSOLE, panels.console_panels)


async def panels_of_room(sight: panels.Sight) -> dict[str, Any]:
    return panels.panels(sight)


async def answer_part(
    request: Request,
    templates: Mapping[str, str],
    load: Callable[[panels.Sight], Awaitable[dict[str, Any]]],
) -> Response:
    """One panel, rendered once for all who see the same, with the count of its vote put in."""
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    if templates is CONSOLE:
        rules.check_runs(standing, meeting.group_id)
    name = request.path_params["name"]
    number = await last_number(meeting.assessment_id, f"meeting-{meeting.id}")
    hidden = rules.hides(standing, await gates_of(meeting.id), meeting.group_id)
    taken = await votes_of(meeting.id)
    votes = [vote for _item, vote in taken if vote.gate not in hidden]
    # A vote may be closed on its own page, too.
    key = ("meeting", meeting.id, name, hidden, tuple((vote.id, vote.state) for vote in votes), language())

    async def make() -> str:
        sight = await panels.sight_of(request.user, meeting.id, taken)
        if name in FLOOR:
            found = {"meeting": meeting, "vote": None, "floor": await floor_pages.floor_of(sight)}
        else:
            found = await load(sight)
        mark = f"{TALLY}{found['vote'].id}{TALLY}" if found["vote"] else ""
        return page_text(request, templates[name], {**found, "tally": Markup(mark)})  # noqa: S704 - a number

    before, _mark, rest = (await parts.shared(key, number, make)).partition(TALLY)
    if rest:
        vote_id, _mark, rest = rest.partition(TALLY)
        vote = next((vote for vote in votes if vote.id == int(vote_id)), None)
        # As text: markup added to text would escape it.
        audience = audience_of(standing, wall=name == "hall")
        before += str(await shared_tally(request, vote or await Vote.get(id=int(vote_id)), audience))
    return HTMLResponse(before + rest, headers={"Cache-Control": "no-store"})


# What is each person's own


async def show_ballot(request: Request) -> Response:
    """The place for the ballot: it changes when another vote opens, and not while one is filled in."""
    sight = await panels.sight_of(request.user, request.path_params["meeting_id"])
    back = "/console" if request.query_params.get("back") == "console" else ""
    return HTMLResponse(await ballot_html(request, sight, back), headers={"Cache-Control": "no-store"})


async def ballot_html(request: Request, sight: panels.Sight, back: str) -> Markup:
    vote = panels.open_vote_of(sight)
    context: dict[str, Any] = {"vote": vote, "typed": {}, "errors": {}}
    if vote:
        context |= {
            "desk": await desk_of(vote, sight.standing),
            "place": sight.places[vote.id],
            "key": planning.new_key(),
            "back": f"/meetings/{sight.meeting.id}{back}",
        }
    return Markup(page_text(request, "meetings/_ballot.html", context))  # noqa: S704 - templates of ours


async def show_self(request: Request) -> Response:
    """Whether I am recorded as present, with the buttons to say so."""
    sight = await panels.sight_of(request.user, request.path_params["meeting_id"])
    return part(request, "meetings/_self.html", {"meeting": sight.meeting, **own_place(request.user, sight)})


async def show_hand(request: Request) -> Response:
    """Whether my hand is up, with the buttons to raise it and take it down."""
    sight = await panels.sight_of(request.user, request.path_params["meeting_id"])
    context = {"meeting": sight.meeting, **own_place(request.user, sight)}
    context |= own_hand(request.user, await floor_pages.floor_of(sight))
    return part(request, "meetings/_hand.html", context)


def own_hand(person: Person, floor: floor_pages.Floor) -> dict[str, Any]:
    return {
        "hand": next((hand for hand in floor.hands if hand.person_id == person.id), None),
        "speaks": floor.speaker is not None and floor.speaker.person_id == person.id,
    }


def own_place(person: Person, sight: panels.Sight) -> dict[str, Any]:
    return {"stay": sight.here.get(person.id), "outside": person.id in sight.outside}


# Acts


class StepForm(BaseModel):
    next: Annotated[str, Field(max_length=200)] = ""


async def show_origin(request: Request, refusal: Refusal, typed: dict[str, Any]) -> Response:
    """The page a refused form stood on."""
    pages = {"console": show_console, "agenda": planning.show_agenda}
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


# Elsewhere


async def audience_of_meeting(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        meeting, standing = await seen_meeting(person, ident)
    except NotFound:
        return None
    return Audience(
        meeting.assessment_id, "conductor" if rules.runs(standing, meeting.group_id) else "reader"
    )


async def waiting_for(person: Person) -> list[Waiting]:
    """Meetings that are convened or running, for those who belong there."""
    places = Membership.filter(person_id=person.id, until=None).distinct()
    mine = await places.values_list("assessment_id", flat=True)
    live = Meeting.filter(
        assessment_id__in=list(mine), state__in=[MeetingState.CONVENED, MeetingState.OPENED]
    )
    found: list[Waiting] = []
    standings: dict[int, Standing] = {}
    for meeting in await live.order_by("planned_at").select_related("assessment"):
        if meeting.assessment_id not in standings:
            standings[meeting.assessment_id] = await standing_of(person.id, meeting.assessment_id)
        standing = standings[meeting.assessment_id]
        if rules.is_part_of(standing, meeting.group_id):
            found.append(waiting_item(meeting, rules.runs(standing, meeting.group_id)))
    return found


def waiting_item(meeting: Meeting, runs: bool) -> Waiting:
    running = meeting.state == MeetingState.OPENED
    text = _("{title}, running now") if running else _("{title}, convened")
    return Waiting(
        text.format(title=planning.title_in_words(meeting)),
        f"/meetings/{meeting.id}" + ("/console" if runs else ""),
        meeting.assessment.title,
        until=None if running else meeting.planned_at,
        urgent=running,
    )


async def meetings_of_assessment(request: Request, assessment: Assessment, standing: Standing) -> Markup:
    """The section on the assessment's page: what is ahead and what was last."""
    seen = await planning.seen_meetings(assessment, standing)
    if not seen and not planning.plannable(standing):
        return Markup("")
    context = {"meetings": seen[:5], "more": len(seen) > 5, "assessment": assessment}
    return Markup(page_text(request, "meetings/_of_assessment.html", context))  # noqa: S704


async def next_meeting(request: Request, assessment: Assessment, standing: Standing) -> Markup:
    """One line in the list of assessments at home."""
    ahead = [
        meeting
        for meeting in await planning.seen_meetings(assessment, standing)
        if meeting.state in (MeetingState.CONVENED, MeetingState.OPENED)
    ]
    if not ahead:
        return Markup("")
    return Markup(page_text(request, "meetings/_next.html", {"meeting": ahead[-1]}))  # noqa: S704


async def meetings_of_question(request: Request, question: RiskQuestion, standing: Standing) -> Markup:
    """In which meetings the question is on the agenda."""
    rows = AgendaItem.filter(subject=f"question-{question.id}").order_by("meeting__planned_at", "position")
    items = await rows.select_related("meeting")
    seen = [item for item in items if rules.is_part_of(standing, item.meeting.group_id)]
    if not seen:
        return Markup("")
    return Markup(page_text(request, "meetings/_of_question.html", {"items": seen}))  # noqa: S704


async def facts_of_assessment(assessment: Assessment, standing: Standing) -> dict[str, Any]:
    seen = await planning.seen_meetings(assessment, standing)
    return {"meetings": [{"id": one.id, "group": one.group_id, "state": one.state} for one in seen]}


M, I = "/meetings/{meeting_id:int}", "/meetings/{meeting_id:int}/items/{item_id:int}"  # noqa: E741
POST = ["POST"]
routes = [
    *planning.routes,
    *minutes_pages.routes,
    *agenda_pages.routes,
    *proxy_pages.routes,
    *repeat_page.routes,
    page(M, show_room, who=GROUP),
    page(f"{M}/console", show_console, who=RUNNERS),
    page(f"{M}/hall", show_hall, who=GROUP),
    page(f"{M}/ballot", show_ballot, who=GROUP, name="show_meeting_ballot"),
    page(f"{M}/self", show_self, who=GROUP),
    page(f"{M}/parts/{{name}}", show_part, who=GROUP, name="show_meeting_part"),
    page(f"{M}/console/{{name}}", show_console_part, who=RUNNERS),
    page(f"{M}/hand", show_hand, who=GROUP),
    page(f"{M}/speaking", floor_pages.show_speaking, who=GROUP),
    page(f"{M}/floor", again(show_origin)(floor_pages.change_hand), who=GROUP, methods=POST),
    page(f"{M}/floor/give", again(show_origin)(floor_pages.give_floor), who=RUNNERS, methods=POST),
    page(f"{M}/floor/pause", speech_step(actions.pause_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/resume", speech_step(actions.resume_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/end", speech_step(actions.end_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/more", speech_step(actions.give_more_time), who=RUNNERS, methods=POST),
    page(f"{M}/floor/rule", again(show_origin)(floor_pages.set_floor), who=RUNNERS, methods=POST),
    page(f"{M}/adjourn", step(actions.adjourn_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/resume", step(actions.resume_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/open", step(actions.open_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/close", step(actions.close_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/attendance", attend, who=GROUP, methods=POST),
    page(f"{M}/votes", open_vote, who=RUNNERS, methods=POST, name="open_meeting_vote"),
    page(f"{I}/open", step(actions.open_item, of_item=True), who=RUNNERS, methods=POST),
    page(f"{I}/close", step(actions.close_item, of_item=True), who=RUNNERS, methods=POST),
    page(f"{I}/postpone", step(actions.postpone_item, of_item=True), who=RUNNERS, methods=POST),
]
topics = {"meeting": audience_of_meeting, "minutes": minutes_home.audience_of_minutes}
views = {"meetings": seen_alike}
slots = {
    "nav": [NavItem(N_("Meetings"), "/meetings", lambda standing: planning.meets(standing))],
    "home": [waiting_for, minutes_home.minutes_waiting_for],
    "home_assessment": [next_meeting],
    "assessment": [meetings_of_assessment],
    "question": [meetings_of_question],
    "facts": [facts_of_assessment],
    "recusal": [actions.leave_for_interest],
    "vote_step": [actions.tell_meeting],
}

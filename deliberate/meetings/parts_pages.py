"""Parts of a meeting's pages, fetched again when something changed.

Panels are rendered once for all who see the same; the ballot, the hand and the place are each person's own.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deliberate.errors import NotFound
from deliberate.live.journal import last_number
from deliberate.meetings import (
    floor_pages,
    panels,
    planning,
    rules,
)
from deliberate.meetings.models import (
    gates_of,
    seen_meeting,
    votes_of,
)
from deliberate.meetings.sight import Sight, sight_of
from deliberate.meetings.votables import open_vote_of
from deliberate.people.models import Person
from deliberate.voting.models import Vote
from deliberate.voting.pages import shared_tally
from deliberate.voting.showing import audience_of, desk_of
from deliberate.web import parts
from deliberate.web.answers import page_text, part
from deliberate.web.i18n import language

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


async def show_part(request: Request) -> Response:
    if request.path_params["name"] not in ROOM:
        raise NotFound()
    return await answer_part(request, ROOM, panels_of_room)


async def show_console_part(request: Request) -> Response:
    if request.path_params["name"] not in CONSOLE:
        raise NotFound()
    return await answer_part(request, CONSOLE, panels.console_panels)


async def panels_of_room(sight: Sight) -> dict[str, Any]:
    return panels.panels(sight)


async def answer_part(
    request: Request,
    templates: Mapping[str, str],
    load: Callable[[Sight], Awaitable[dict[str, Any]]],
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
        sight = await sight_of(request.user, meeting.id, taken)
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
    sight = await sight_of(request.user, request.path_params["meeting_id"])
    back = "/console" if request.query_params.get("back") == "console" else ""
    return HTMLResponse(await ballot_html(request, sight, back), headers={"Cache-Control": "no-store"})


async def ballot_html(request: Request, sight: Sight, back: str) -> Markup:
    vote = open_vote_of(sight)
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
    sight = await sight_of(request.user, request.path_params["meeting_id"])
    return part(request, "meetings/_self.html", {"meeting": sight.meeting, **own_place(request.user, sight)})


async def show_hand(request: Request) -> Response:
    """Whether my hand is up, with the buttons to raise it and take it down."""
    sight = await sight_of(request.user, request.path_params["meeting_id"])
    context = {"meeting": sight.meeting, **own_place(request.user, sight)}
    context |= own_hand(request.user, await floor_pages.floor_of(sight))
    return part(request, "meetings/_hand.html", context)


def own_hand(person: Person, floor: floor_pages.Floor) -> dict[str, Any]:
    return {
        "hand": next((hand for hand in floor.hands if hand.person_id == person.id), None),
        "speaks": floor.speaker is not None and floor.speaker.person_id == person.id,
    }


def own_place(person: Person, sight: Sight) -> dict[str, Any]:
    return {"stay": sight.here.get(person.id), "outside": person.id in sight.outside}


async def tally(request: Request, found: dict[str, Any], audience: str) -> Markup:
    return await shared_tally(request, found["vote"], audience) if found["vote"] else Markup("")

"""The participant's room, the console and the hall screen."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from tortoise.expressions import Subquery

from deliberate.assessments.rules import GroupKind
from deliberate.errors import Refusal
from deliberate.live.models import Entry
from deliberate.meetings import (
    floor_pages,
    minutes_home,
    panels,
    rules,
)
from deliberate.meetings.models import (
    Meeting,
)
from deliberate.meetings.parts_pages import ballot_html, own_hand, own_place, tally
from deliberate.meetings.sight import Sight, sight_of
from deliberate.voting.showing import audience_of
from deliberate.web.answers import render


async def show_room(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """What is under way, the ballot, agenda, presence and results; everything moves by itself."""
    sight, after = await sight_now(request)
    found = {**panels.panels(sight), "floor": await floor_pages.floor_of(sight)}
    context = await surroundings(request, sight, after, found, back="")
    context |= own_place(request.user, sight) | own_hand(request.user, found["floor"])
    context["minutes_link"] = await minutes_home.minutes_link(request, sight.meeting, sight.standing)
    # The committee votes under quorum, in its meetings.
    context["writes"] = sight.runs and sight.group.kind == GroupKind.WORKING_GROUP
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


async def sight_now(request: Request) -> tuple[Sight, int]:
    """What is seen, and the journal number from which news go on, read before: nothing falls in between."""
    meeting_id: int = request.path_params["meeting_id"]
    journal = Subquery(Meeting.filter(id=meeting_id).values("assessment_id"))
    row = await Entry.filter(journal=journal).order_by("-number").first().values("number")
    after = row["number"] if row else 0
    return await sight_of(request.user, meeting_id), after


async def surroundings(
    request: Request, sight: Sight, after: int, found: dict[str, Any], back: str
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

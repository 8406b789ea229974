"""An assessment as its people see it: overview and board; and what this package shows elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments import import_page, members_pages, protocol_pages, rules
from deliberate.assessments.actions import end_all_memberships
from deliberate.assessments.letters import role_in_words
from deliberate.assessments.models import (
    Assessment,
    Group,
    assessment_called,
    groups_of,
    members_of,
    place_of,
    places_of,
    without_secretariat,
)
from deliberate.assessments.protocol_words import protocol_in_words
from deliberate.assessments.rules import Place, Role
from deliberate.assessments.standing import standing_in
from deliberate.errors import N_
from deliberate.live.journal import last_number
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.web.answers import render, wants_json
from deliberate.web.i18n import _
from deliberate.web.routing import page
from deliberate.web.slots import Cell, Column, NavItem, Waiting, fill

ON_BOARD = 50  # questions
TAKES_PART = {"secretariat", "chair", "expert", "committee_chair", "member", "stakeholder"}


@dataclass(frozen=True)
class TakingPart:
    """One assessment in the list on "My work"."""

    title: dict[str, str]
    href: str
    roles: list[str]
    lines: list[Markup]


@dataclass(frozen=True)
class GroupView:
    """A group with its people, for those who may see it."""

    group: Group
    members: list[dict[str, Any]]


async def show_assessment(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    place = await place_of(request.user.id, assessment.id)
    rules.check_takes_part(place)
    standing = await standing_in(request, place)
    members = await members_of(assessment.id)
    groups = await group_views(assessment, place, members)
    context = {
        "assessment": assessment,
        "standing": standing,
        "place": place,
        "groups": groups,
        "secretariat": [row["person__name"] for row in members if row["role"] == Role.SECRETARIAT],
        "protocol": [] if place.stakeholder and not place.sits_in else protocol_in_words(assessment.protocol),
        "sections": await fill(request, "assessment", request, assessment, standing),
        "after": await last_number(assessment.id),
    }
    facts = await facts_of(request, assessment, standing, groups) if wants_json(request) else None
    return render(request, "assessments/assessment.html", context, facts=facts)


async def group_views(assessment: Assessment, place: Place, members: list[dict[str, Any]]) -> list[GroupView]:
    """One's own groups; all of them for the secretariat. Of another group not even the members show."""
    first = sorted(members, key=lambda row: row["role"] != Role.CHAIR)
    return [
        GroupView(group, [row for row in first if row["group_id"] == group.id])
        for group in await groups_of(assessment.id)
        if place.sees_group(group.id)
    ]


async def facts_of(
    request: Request, assessment: Assessment, standing: Any, groups: list[GroupView]
) -> dict[str, Any]:
    """The same for scripts: ids of what this person sees, later domains' included."""
    facts: dict[str, Any] = {"id": assessment.id, "slug": assessment.slug}
    facts["groups"] = [
        {"id": view.group.id, "code": view.group.code, "kind": view.group.kind} for view in groups
    ]
    for more in await fill(request, "facts", assessment, standing):
        facts.update(more)
    return facts


async def show_board(request: Request) -> Response:
    """Each question's stage, column by column, and who has not answered yet."""
    assessment = await assessment_called(request.path_params["slug"])
    place = await place_of(request.user.id, assessment.id)
    rules.check_is_secretariat(place)
    order: list[int] = [each for ids in await fill(request, "board_order", assessment) for each in ids]
    number, pages = asked_page(request, len(order))
    shown = order[(number - 1) * ON_BOARD : number * ON_BOARD]
    columns: list[Column] = await fill(request, "board", assessment, shown)
    context = {
        "assessment": assessment,
        "standing": await standing_in(request, place),
        "columns": columns,
        "rows": board_rows(shown, await fill(request, "board_rows", assessment, shown)),
        "page": number,
        "pages": pages,
        "after": await last_number(assessment.id),
    }
    facts = {"questions": order, "columns": [each.title for each in columns]}
    return render(request, "assessments/board.html", context, facts=facts)


def asked_page(request: Request, count: int) -> tuple[int, int]:
    """The page of the board that is asked for, and how many there are."""
    pages = max(1, -(-count // ON_BOARD))
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return min(max(number, 1), pages), pages


def board_rows(shown: Iterable[int], named: Iterable[Column]) -> list[tuple[int, Cell]]:
    """The questions of the page, each with the cell that names it."""
    names = {key: cell for column in named for key, cell in column.cells.items()}
    return [(each, names.get(each) or Cell(str(each))) for each in shown]


async def taking_part(request: Request, person: Person) -> list[TakingPart]:
    """Where the person has a role, with what later domains say of each."""
    places = await places_of(person.id)
    found = await Assessment.filter(id__in=list(places)).order_by("-id")
    return [await line_of(request, assessment, places[assessment.id], person) for assessment in found]


async def line_of(
    request: Request, assessment: Assessment, rows: list[dict[str, Any]], person: Person
) -> TakingPart:
    standing = await standing_in(request, await place_of(person.id, assessment.id))
    lines = await fill(request, "home_assessment", request, assessment, standing)
    roles = [role_in_words(row["role"], row["group__name"]) for row in rows]
    return TakingPart(assessment.title, f"/a/{assessment.slug}", roles, [line for line in lines if line])


async def waiting_for(person: Person) -> list[Waiting]:
    """An administrator hears of assessments that nobody prepares yet."""
    if not person.administrator:
        return []
    return [
        Waiting(_("Invite the secretariat"), f"/a/{assessment.slug}/members", assessment.title)
        for assessment in await without_secretariat()
    ]


async def audience_of_assessment(person: Person | None, ident: int) -> Audience | None:
    """Who comes and goes in which group is for the secretariat alone."""
    if person is None or not (await place_of(person.id, ident)).secretariat:
        return None
    return Audience(ident, "secretariat")


routes = [
    *import_page.routes,
    page("/a/{slug}", show_assessment, who=TAKES_PART),
    page("/a/{slug}/board", show_board, who={"secretariat"}),
    *members_pages.routes,
    *protocol_pages.routes,
]
topics = {"assessment": audience_of_assessment}
slots = {
    "home": [waiting_for],
    "taking_part": [taking_part],
    "leaving": [end_all_memberships],
    "nav": [
        NavItem(N_("Overview"), "", lambda standing: getattr(standing, "place", standing).takes_part),
        NavItem(N_("Board"), "/board", lambda standing: standing.secretariat),
        NavItem(N_("Members"), "/members", lambda standing: standing.secretariat),
    ],
}

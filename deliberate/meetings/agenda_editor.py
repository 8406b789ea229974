"""The agenda editor: every change of an item is a plain form."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import N_, Invalid, NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.meetings import actions, agenda_rules, rules
from deliberate.meetings.agenda_rules import DEEPEST, TEMPLATES, Direction, split_codes
from deliberate.meetings.bringing import links_of, sources_for
from deliberate.meetings.lines import Line, lines_of
from deliberate.meetings.models import AgendaItem, Meeting, nodes_of, seen_meeting
from deliberate.meetings.planning import RUNNERS
from deliberate.meetings.rules import ItemKind, ItemPlan, MeetingState
from deliberate.meetings.sight import agenda_sight_of
from deliberate.meetings.usual_models import usual_agendas_of
from deliberate.people.pages import own_page
from deliberate.questions.models import RiskQuestion
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, t
from deliberate.web.routing import page

KINDS = {
    ItemKind.INFORMATION: N_("information"),
    ItemKind.DISCUSSION: N_("discussion"),
    ItemKind.DECISION: N_("decision"),
    ItemKind.HEARING: N_("hearing"),
}
MOVES = {
    Direction.UP: N_("Move item %(number)s up"),
    Direction.DOWN: N_("Move item %(number)s down"),
    Direction.IN: N_("Put item %(number)s under the one before it"),
    Direction.OUT: N_("Put item %(number)s one level up"),
}


async def show_agenda(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """The editor: every change is a plain form, the order goes by buttons."""
    meeting_id: int = request.path_params["meeting_id"]
    sight = await agenda_sight_of(request.user, meeting_id)
    meeting, standing = sight.meeting, sight.standing
    rules.check_runs(standing, meeting.group_id)
    lines = lines_of(sight)
    context = {
        "assessment": sight.assessment,
        "standing": standing,
        "meeting": meeting,
        "group": sight.group,
        "lines": lines,
        "ways": agenda_rules.ways(nodes_of(sight.items)),
        "moves": {way: _(words) for way, words in MOVES.items()},
        "kinds": {kind: _(words) for kind, words in KINDS.items()},
        "editable": rules.EDITABLE,
        "minutes": sum(line.planned for line in lines if line.level == 1),
        "parents": [
            (str(line.id), f"{line.number} {t(line.title)}") for line in lines if line.level < DEEPEST
        ],
        "sources": await sources_for(meeting),
        "usual": await usual_agendas_of(meeting.assessment_id),
        "templates": {name: _(words) for name, (words, _lines) in TEMPLATES.items()},
        "questions": await group_questions(meeting, standing),
        "after": await last_number(meeting.assessment_id),
    }
    facts = {
        "meeting": meeting.id,
        "state": meeting.state,
        "agenda": [{"id": line.id, "position": line.position, "subject": line.subject} for line in lines],
    }
    return render(request, "meetings/agenda.html", context, refusal=refusal, typed=typed, facts=facts)


async def group_questions(meeting: Meeting, standing: Standing) -> list[tuple[str, str]]:
    """The questions that can be put on the agenda, those of the group that meets: subject, code and title."""
    rows = RiskQuestion.filter(group_id=meeting.group_id).order_by("position", "id")
    return [
        (f"question-{ident}", f"{code} {t(title)}")
        for ident, code, title in await rows.values_list("id", "code", "title")
        if not standing.is_kept_out(f"question-{ident}", meeting.group_id)
    ]


async def subjects_for(line: Line, meeting: Meeting, standing: Standing) -> list[tuple[str, str]]:
    """The questions, and what the item is about now, if that is a record or a hearing."""
    found = await group_questions(meeting, standing)
    if line.subject and not line.subject.startswith("question-"):
        found.append((line.subject, _("as it is")))
    return found


async def show_item(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """One item and the form that changes it: the list of questions is sent here, once, and not per item."""
    sight = await agenda_sight_of(request.user, request.path_params["meeting_id"])
    meeting = sight.meeting
    rules.check_runs(sight.standing, meeting.group_id)
    item_id: int = request.path_params["item_id"]
    line = next((line for line in lines_of(sight) if line.id == item_id and not line.hidden), None)
    if line is None:
        raise NotFound()
    context = {
        "assessment": sight.assessment,
        "standing": sight.standing,
        "meeting": meeting,
        "line": line,
        "kinds": {kind: _(words) for kind, words in KINDS.items()},
        "editable": meeting.state != MeetingState.CLOSED and line.state in rules.EDITABLE,
        "removable": not line.votes and line.opened_at is None,
        "questions": await subjects_for(line, meeting, sight.standing),
        "after": await last_number(meeting.assessment_id),
    }
    facts = {
        "item": line.id,
        "title": line.title,
        "kind": line.kind,
        "subject": line.subject,
        "planned_minutes": line.planned,
        "presenting_minutes": line.presenting,
        "links": [code for code, _href in line.links],
    }
    return render(request, "meetings/agenda_item.html", context, refusal=refusal, typed=typed, facts=facts)


class ItemForm(BaseModel):
    title_fr: Annotated[str, Field(max_length=300)] = ""
    title_en: Annotated[str, Field(max_length=300)] = ""
    kind: ItemKind = ItemKind.DISCUSSION
    subject: Annotated[str, Field(max_length=40)] = ""
    planned_minutes: Annotated[int, Field(ge=1, le=rules.LONGEST_ITEM_MINUTES)] = 15
    presenting_minutes: Annotated[int, Field(ge=0, le=rules.LONGEST_ITEM_MINUTES)] | None = None
    links: Annotated[str, Field(max_length=1000)] = ""  # codes, separated by commas
    parent: int | None = None  # of a new item


async def plan_from(form: ItemForm, meeting: Meeting) -> ItemPlan:
    """An item about a question takes its title, unless it is given one."""
    title = {"fr": form.title_fr, "en": form.title_en}
    if form.subject.startswith("question-"):
        ident = form.subject.removeprefix("question-")
        question = None
        if ident.isascii() and ident.isdigit() and len(ident) < 10:
            question = await RiskQuestion.get_or_none(id=int(ident), group_id=meeting.group_id)
        if question is None:
            refusal = Invalid("Choose a question of the group that meets.")
            raise Invalid("The item is not complete.", problems={"subject": refusal})
        if not any(title.values()):
            title = {code: f"{question.code} {words}" for code, words in question.title.items()}
    elif form.subject and not form.subject.startswith(("record-", "hearing-")):
        refusal = Invalid("Choose one of the answers offered.")
        raise Invalid("The item is not complete.", problems={"subject": refusal})
    return ItemPlan(
        title,
        form.kind,
        form.subject,
        form.planned_minutes,
        form.presenting_minutes,
        await links_from(form),
        form.parent,
    )


async def links_from(form: ItemForm) -> list[dict[str, str]]:
    try:
        return await links_of(split_codes(form.links), form.subject)
    except Refusal as refusal:
        raise Invalid("The item is not complete.", problems={"links": refusal}) from refusal


@again(show_agenda)
async def add_item(request: Request) -> Response:
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    rules.check_runs(standing, meeting.group_id)
    plan = await plan_from(await read(request, ItemForm), meeting)
    item_id = await actions.add_item(meeting.id, plan, request.user)
    return see_other(request, f"/meetings/{meeting.id}/agenda#item-{item_id}", item=item_id)


@again(show_item)
async def change_item(request: Request) -> Response:
    meeting, item_id = await editable_item(request)
    plan = await plan_from(await read(request, ItemForm), meeting)
    number = await actions.change_item(item_id, plan, request.user)
    return see_other(request, f"/meetings/{meeting.id}/agenda#item-{item_id}", item=item_id, number=number)


class MoveForm(BaseModel):
    direction: Direction | None = None
    before: int | None = None  # or in front of this item


@again(show_agenda)
async def move_item(request: Request) -> Response:
    meeting, item_id = await editable_item(request)
    form = await read(request, MoveForm)
    to = form.before or form.direction
    if to is None:
        raise Invalid("Say where the item is to stand.")
    number = await actions.move_item(item_id, to, request.user)
    return see_other(request, f"/meetings/{meeting.id}/agenda#item-{item_id}", item=item_id, number=number)


@again(show_item)
async def remove_item(request: Request) -> Response:
    meeting, item_id = await editable_item(request)
    number = await actions.remove_item(item_id, request.user)
    return see_other(request, f"/meetings/{meeting.id}/agenda", item=item_id, number=number)


async def editable_item(request: Request) -> tuple[Meeting, int]:
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    rules.check_runs(standing, meeting.group_id)
    item_id: int = request.path_params["item_id"]
    if not await AgendaItem.filter(id=item_id, meeting_id=meeting.id).exists():
        raise NotFound()
    return meeting, item_id


class ConveneForm(BaseModel):
    next: Annotated[str, Field(max_length=200)] = ""


@again(show_agenda)
async def convene_meeting(request: Request) -> Response:
    meeting_id = request.path_params["meeting_id"]
    form = await read(request, ConveneForm)
    number = await actions.convene_meeting(meeting_id, request.user, request.app.state.settings)
    where = own_page(form.next or f"/meetings/{meeting_id}/console")
    return see_other(request, where, meeting=meeting_id, number=number)


ITEM = "/meetings/{meeting_id:int}/items/{item_id:int}"
POST = ["POST"]
routes = [
    page("/meetings/{meeting_id:int}/agenda", show_agenda, who=RUNNERS),
    page("/meetings/{meeting_id:int}/agenda", add_item, who=RUNNERS, methods=POST),
    page("/meetings/{meeting_id:int}/convene", convene_meeting, who=RUNNERS, methods=POST),
    page(ITEM, show_item, who=RUNNERS, name="show_agenda_item"),
    page(ITEM, change_item, who=RUNNERS, methods=POST),
    page(f"{ITEM}/move", move_item, who=RUNNERS, methods=POST),
    page(f"{ITEM}/remove", remove_item, who=RUNNERS, methods=POST),
]

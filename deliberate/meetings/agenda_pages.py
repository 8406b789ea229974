"""The agenda as a file and as a document, and what is taken over from elsewhere."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.import_page import sent_text
from deliberate.errors import Refusal
from deliberate.meetings import actions, agenda_rules, bringing, planning, rules
from deliberate.meetings.agenda_editor import show_agenda
from deliberate.meetings.agenda_rules import LARGEST_FILE, Line
from deliberate.meetings.lines import lines_of
from deliberate.meetings.models import nodes_of, seen_meeting
from deliberate.meetings.rules import ItemKind
from deliberate.meetings.sight import Sight, agenda_sight_of, protocol_of
from deliberate.questions.models import RiskQuestion
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, clean, read
from deliberate.web.i18n import language, ngettext, sentence
from deliberate.web.routing import page


async def export_agenda(request: Request) -> Response:
    """The agenda as CSV; what is kept from its reader leaves its question and links out."""
    sight = await agenda_sight_of(request.user, request.path_params["meeting_id"])
    rules.check_runs(sight.standing, sight.meeting.group_id)
    levels = agenda_rules.levels(nodes_of(sight.items))
    codes = dict(await RiskQuestion.filter(group_id=sight.group.id).values_list("id", "code"))
    lines = [
        Line(
            levels[item.id],
            item.title,
            ItemKind(item.kind),
            item.planned_minutes,
            item.presenting_minutes,
            code_of(item.subject, codes, sight.hidden),
            tuple(link["code"] for link in item.links or [] if item.subject not in sight.hidden),
        )
        for item in sight.items
    ]
    name = f"agenda-{sight.meeting.id}.csv"
    return Response(
        "\ufeff" + agenda_rules.written(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def code_of(subject: str, codes: dict[int, str], hidden: tuple[str, ...]) -> str:
    if not subject.startswith("question-") or subject in hidden:
        return ""
    return codes.get(int(subject.removeprefix("question-")), "")


class FileForm(BaseModel):
    text: Annotated[str, Field(max_length=LARGEST_FILE)] = ""
    store: bool = False  # False shows what would be imported


async def show_import(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """A CSV, sent or pasted, and what it would become: all errors by line, before anything is stored."""
    sight = await agenda_sight_of(request.user, request.path_params["meeting_id"])
    rules.check_runs(sight.standing, sight.meeting.group_id)
    text = str((typed or {}).get("text", ""))
    items, problems = await bringing.resolved(text, sight.meeting) if text else ([], [])
    context = {
        "assessment": sight.assessment,
        "standing": sight.standing,
        "meeting": sight.meeting,
        "items": items,
        "lines": [(line, sentence(problem)) for line, problem in problems],
        "columns": ";".join(agenda_rules.COLUMNS),
    }
    return render(request, "meetings/agenda_import.html", context, refusal=refusal, typed=typed)


@again(show_import)
async def import_agenda(request: Request) -> Response:
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    rules.check_runs(standing, meeting.group_id)
    form = await read(request, FileForm)
    text: str = clean(await sent_text(request, "file", "text"))
    if not form.store or text != form.text:  # nothing of a file is stored before it was shown
        return await show_import(request, typed={"text": text})
    count = await actions.import_agenda(meeting.id, form.text, request.user)
    return back_to_agenda(request, meeting.id, count)


def back_to_agenda(request: Request, meeting_id: int, count: int) -> Response:
    words = ngettext("{num} item added", "{num} items added", count).format(num=count)
    return see_other(request, f"/meetings/{meeting_id}/agenda", flash=words, meeting=meeting_id, items=count)


class BringForm(BaseModel):
    source: Annotated[str, Field(max_length=40, pattern=r"^(template|usual|copy|postponed)-[a-z0-9]+$")]


@again(show_agenda)
async def bring_items(request: Request) -> Response:
    """From a usual agenda, from another meeting, or what was postponed there."""
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    rules.check_runs(standing, meeting.group_id)
    form = await read(request, BringForm)
    what, _, name = form.source.partition("-")
    if what == "template":
        count = await actions.bring_template(meeting.id, name, request.user)
        return back_to_agenda(request, meeting.id, count)
    ident = int(name) if name.isdigit() and len(name) < 10 else 0
    if what == "usual":
        count = await actions.bring_usual_agenda(meeting.id, ident, request.user)
    else:
        count = await actions.bring_from(meeting.id, ident, request.user, postponed=what == "postponed")
    return back_to_agenda(request, meeting.id, count)


async def show_convocation(request: Request) -> Response:
    """The page to print or to send: who meets, when, where, on what. Everybody of the group may read it."""
    sight = await agenda_sight_of(request.user, request.path_params["meeting_id"])
    context = {
        "assessment": sight.assessment,
        "standing": sight.standing,
        "meeting": sight.meeting,
        "group": sight.group,
        "organisation": request.app.state.settings.organisation_name(language()),
        "lines": lines_of(sight),
        "minutes": agenda_rules.total_minutes(nodes_of(sight.items)),
        "notice_days": protocol_of(sight).committee.notice_days,
        "notice_given": notice_given(sight),
    }
    return render(request, "meetings/convocation.html", context)


def notice_given(sight: Sight) -> int | None:
    """Whole days between the convocation and the meeting; None before it is convened."""
    meeting = sight.meeting
    return (meeting.planned_at - meeting.convened_at).days if meeting.convened_at else None


M = "/meetings/{meeting_id:int}"
GROUP, RUNNERS, POST = planning.GROUP, planning.RUNNERS, ["POST"]
routes = [
    page(f"{M}/agenda.csv", export_agenda, who=RUNNERS),
    page(f"{M}/agenda/import", show_import, who=RUNNERS, name="show_agenda_import"),
    page(f"{M}/agenda/import", import_agenda, who=RUNNERS, methods=POST),
    page(f"{M}/agenda/bring", bring_items, who=RUNNERS, methods=POST),
    page(f"{M}/convocation", show_convocation, who=GROUP),
]

"""The usual agendas of an assessment: kept from a meeting, listed, renamed, deleted."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called
from deliberate.errors import NotFound, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.meetings import actions, agenda_rules, rules
from deliberate.meetings.agenda_editor import KINDS, show_agenda
from deliberate.meetings.models import seen_meeting
from deliberate.meetings.usual_models import UsualAgenda, usual_agendas_of
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page


async def office_of(request: Request) -> tuple[Assessment, Standing]:
    """Before the form is read: for everybody but the secretariat there is no such page."""
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    rules.check_keeps_agendas(standing)
    return assessment, standing


async def show_usual_agendas(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    assessment, standing = await office_of(request)
    agendas = await usual_agendas_of(assessment.id)
    context = {
        "assessment": assessment,
        "standing": standing,
        "agendas": agendas,
        "numbered": {each.id: numbered(each) for each in agendas},
        "kinds": {kind: _(words) for kind, words in KINDS.items()},
        "refused": request.path_params.get("agenda_id"),
        "after": await last_number(assessment.id),
    }
    facts = {
        "agendas": [{"id": each.id, "name": each.name, "items": len(each.lines)} for each in agendas],
    }
    return render(request, "meetings/usual_agendas.html", context, refusal=refusal, typed=typed, facts=facts)


def numbered(agenda: UsualAgenda) -> list[tuple[str, dict[str, Any]]]:
    numbers = agenda_rules.numbers_by_level(line["level"] for line in agenda.lines)
    return list(zip(numbers, agenda.lines, strict=True))


class NameForm(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=rules.LONGEST_AGENDA_NAME)]


@again(show_agenda)
async def keep_agenda(request: Request) -> Response:
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    rules.check_keeps_agendas(standing)
    form = await read(request, NameForm)
    ident = await actions.keep_agenda(meeting.id, form.name, request.user)
    flash = _("“{name}” can begin the agenda of any meeting of this assessment.").format(name=form.name)
    return see_other(request, f"/meetings/{meeting.id}/agenda", flash=flash, agenda=ident)


async def agenda_in(request: Request) -> UsualAgenda:
    assessment, _standing = await office_of(request)
    found = await UsualAgenda.get_or_none(id=request.path_params["agenda_id"], assessment_id=assessment.id)
    if found is None:
        raise NotFound()
    return found


@again(show_usual_agendas)
async def rename_agenda(request: Request) -> Response:
    agenda = await agenda_in(request)
    form = await read(request, NameForm)
    number = await actions.rename_usual_agenda(agenda.id, form.name, request.user)
    return see_other(
        request, f"/a/{request.path_params['slug']}/meetings/agendas", agenda=agenda.id, number=number
    )


@again(show_usual_agendas)
async def remove_agenda(request: Request) -> Response:
    agenda = await agenda_in(request)
    number = await actions.remove_usual_agenda(agenda.id, request.user)
    flash = _("“{name}” is deleted. Agendas that began from it stand as they are.").format(name=agenda.name)
    where = f"/a/{request.path_params['slug']}/meetings/agendas"
    return see_other(request, where, flash=flash, agenda=agenda.id, number=number)


OFFICE, POST = {"secretariat"}, ["POST"]
A, U = "/a/{slug}/meetings/agendas", "/a/{slug}/meetings/agendas/{agenda_id:int}"
routes = [
    page(A, show_usual_agendas, who=OFFICE),
    page(U, rename_agenda, who=OFFICE, methods=POST, name="rename_usual_agenda"),
    page(f"{U}/remove", remove_agenda, who=OFFICE, methods=POST, name="remove_usual_agenda"),
    page("/meetings/{meeting_id:int}/agenda/keep", keep_agenda, who=OFFICE, methods=POST),
]

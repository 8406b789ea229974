"""The page of the protocol: every parameter in words, changed until the freeze, then only by a deviation."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments import protocol_actions, rules
from deliberate.assessments.models import Assessment, assessment_called, deviations_of, place_of
from deliberate.assessments.protocol_labels import CODES, GROUPS, LABELS
from deliberate.assessments.protocol_values import MATRIX, PARAMETERS, Held, as_text, form_of, held_by
from deliberate.assessments.protocol_words import METHODS
from deliberate.assessments.rules import Place
from deliberate.assessments.standing import standing_in
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import Refusal
from deliberate.live.journal import last_number
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, clean, parsed, read
from deliberate.web.i18n import _, sentence
from deliberate.web.routing import page

READ = {"secretariat", "chair", "expert", "committee_chair", "member"}


async def show_protocol(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    assessment, place = await opened(request)
    protocol = read_protocol(assessment.protocol)
    deviations = await deviations_of(assessment.id)
    frozen = assessment.protocol_frozen_at is not None
    context = {
        "assessment": assessment,
        "standing": await standing_in(request, place),
        "groups": grouped(protocol),
        "hash": protocol.digest(),
        "frozen": frozen,
        "fault": fault_of(protocol),
        "waiting": len(protocol.to_confirm()),
        "may_change": place.secretariat and not frozen,
        "may_deviate": place.secretariat and frozen,
        "parameters": [(key, _(LABELS[key])) for key in PARAMETERS],
        "deviations": [told(each) for each in deviations],
        "after": await last_number(assessment.id),
    }
    facts = {
        "protocol": assessment.protocol,
        "hash": protocol.digest(),
        "frozen_hash": assessment.frozen_hash,
        "complete": not protocol.faults(),
        "deviations": [{"key": each.key, "old": each.old, "new": each.new} for each in deviations],
    }
    return render(request, "assessments/protocol.html", context, refusal=refusal, typed=typed, facts=facts)


async def opened(request: Request) -> tuple[Assessment, Place]:
    """The assessment, for whoever works in it: stakeholders are heard, they do not rate."""
    assessment = await assessment_called(request.path_params["slug"])
    place = await place_of(request.user.id, assessment.id)
    rules.check_works(place)
    return assessment, place


def grouped(protocol: Protocol) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for held in held_by(protocol):
        title = GROUPS[held.parameter.key.partition(".")[0]]
        groups.setdefault(title, []).append(row_of(held))
    return [(_(title), rows) for title, rows in groups.items()]


def row_of(held: Held) -> dict[str, Any]:
    """Words for the page, and what its field needs."""
    parameter = held.parameter
    return {
        "key": parameter.key,
        "label": _(LABELS[parameter.key]),
        "shown": in_words(parameter.key, held.value),
        "text": held.text,
        "form": form_of(parameter),
        "options": [(str(code), in_words(parameter.key, code)) for code in parameter.allowed],
        "note": note_of(held),
        "codes": ", ".join(map(str, parameter.allowed)),
    }


def in_words(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key == "method":
        return _(METHODS[value])
    if key == MATRIX or isinstance(value, dict):
        return as_text(value) or "–"
    if isinstance(value, list) and value and isinstance(value[0], str):
        return ", ".join(in_words(key, each) for each in value)
    return _(CODES[value]) if isinstance(value, str) and value in CODES else as_text(value) or "–"


def note_of(held: Held) -> str:
    if held.to_confirm and held.parameter.confirm_with:
        return _("† default, to confirm with: {guide}").format(guide=_(held.parameter.confirm_with))
    return _("choice of this platform") if held.parameter.platform_choice else ""


def told(deviation: Any) -> dict[str, Any]:
    return {
        "id": deviation.id,
        "label": _(LABELS[deviation.key]) if deviation.key in LABELS else deviation.key,
        "old": in_words(deviation.key, deviation.old),
        "new": in_words(deviation.key, deviation.new),
        "reason": deviation.reason,
        "by": deviation.by.name,
        "at": deviation.at,
        "hash": deviation.hash_after,
    }


def fault_of(protocol: Protocol) -> str:
    try:
        rules.check_complete(protocol)
    except Refusal as refusal:
        return sentence(refusal)
    return ""


async def prepared(request: Request) -> Assessment:
    assessment, place = await opened(request)
    rules.check_is_secretariat(place)
    return assessment


@again(show_protocol)
async def change_protocol(request: Request) -> Response:
    assessment = await prepared(request)
    form = await parsed(request)
    typed = {key: str(clean(form[key])) for key in PARAMETERS if key in form}
    made = await protocol_actions.change_protocol(assessment.id, typed, request.user)
    said = _("The protocol is changed. It is not frozen yet.")
    return see_other(request, here(assessment), flash=said, hash=made)


class FreezeForm(BaseModel):
    hash: str = ""


@again(show_protocol)
async def freeze_protocol(request: Request) -> Response:
    assessment = await prepared(request)
    form = await read(request, FreezeForm)
    made = await protocol_actions.freeze_protocol(assessment.id, form.hash, request.user)
    return see_other(request, here(assessment), flash=_("The protocol is frozen."), hash=made)


class DeviationForm(BaseModel):
    key: str = ""
    value: str = ""
    reason: str = ""


@again(show_protocol)
async def record_deviation(request: Request) -> Response:
    assessment = await prepared(request)
    form = await read(request, DeviationForm)
    made = await protocol_actions.deviate(assessment.id, form.key, form.value, form.reason, request.user)
    said = _("The deviation is recorded. Ratings from now on are held under the new value.")
    return see_other(request, here(assessment), flash=said, deviation=made.id)


def here(assessment: Assessment) -> str:
    return f"/a/{assessment.slug}/protocol"


routes = [
    page("/a/{slug}/protocol", show_protocol, who=READ),
    page("/a/{slug}/protocol", change_protocol, who={"secretariat"}, methods=["POST"]),
    page("/a/{slug}/protocol/freeze", freeze_protocol, who={"secretariat"}, methods=["POST"]),
    page("/a/{slug}/protocol/deviations", record_deviation, who={"secretariat"}, methods=["POST"]),
]

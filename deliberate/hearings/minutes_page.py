"""The secretariat's part of the minutes: writing, sending, answering corrections, locking."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import NotFound
from deliberate.hearings import actions, rules
from deliberate.hearings.forms import MinutesForm, VerdictForm
from deliberate.hearings.hearing_page import done, gate, seen, show_hearing
from deliberate.hearings.models import Correction
from deliberate.hearings.rules import DraftKind, Seat
from deliberate.live.journal import last_number
from deliberate.web.answers import render
from deliberate.web.diff import word_diff
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page


def check_manages(seat: Seat) -> None:
    rules.check_manages(seat.secretariat)


async def show_minutes(request: Request, refusal: Any = None, typed: Any = None) -> Response:
    """The editor. When somebody else stored a version in between, both texts stand side by side."""
    await gate(request, check_manages)
    hearing, context = await seen(request)
    sight = context["sight"]
    draft = sight.drafts[DraftKind.MINUTES].content if DraftKind.MINUTES in sight.drafts else None
    text = (typed or draft or {}).get("minutes", sight.minutes.text if sight.minutes else "")
    version = sight.minutes.version if sight.minutes else 0
    based_on = (typed or draft or {}).get("based_on", version)
    behind = str(based_on) != str(version)
    context |= {
        "after": await last_number(hearing.stakeholder.assessment_id),
        "text": text,
        "based_on": version if refusal else based_on,  # shown both texts, the next try is based on theirs
        "version": version,
        "difference": word_diff(sight.minutes.text, text) if behind and sight.minutes else None,
        "is_draft": draft is not None and not typed,
    }
    facts = {"hearing": hearing.id, "version": version, "text": sight.minutes.text if sight.minutes else ""}
    return render(request, "hearings/minutes.html", context, refusal=refusal, typed=typed, facts=facts)


@again(show_minutes)
async def write_minutes(request: Request) -> Response:
    hearing_id = await gate(request, check_manages)
    form = await read(request, MinutesForm)
    made = await actions.write_minutes(hearing_id, form.minutes, form.based_on, request.user)
    flash = _("Version {version} of the minutes is stored.").format(version=made.version)
    return done(request, hearing_id, flash, version=made.version, number=made.entry)


@again(show_hearing)
async def send_minutes(request: Request) -> Response:
    hearing_id = await gate(request, check_manages)
    await actions.send_minutes(hearing_id, request.user, request.app.state.settings)
    return done(request, hearing_id, _("The minutes are with the organisation for correction."))


@again(show_hearing)
async def answer_correction(request: Request) -> Response:
    hearing_id = await gate(request, check_manages)
    form = await read(request, VerdictForm)
    if not await Correction.filter(id=form.correction_id, hearing_id=hearing_id).exists():
        raise NotFound()
    await actions.answer_correction(form.correction_id, form.verdict, form.answer, request.user)
    return done(request, hearing_id, _("The correction is answered."), correction=form.correction_id)


@again(show_hearing)
async def lock(request: Request) -> Response:
    hearing_id = await gate(request, check_manages)
    await actions.lock(hearing_id, request.user)
    return done(request, hearing_id, _("The minutes are locked."))


OFFICE, POST = {"secretariat"}, ["POST"]
routes = [
    page("/hearings/{hearing_id:int}/minutes", show_minutes, who=OFFICE, name="show_hearing_minutes"),
    page(
        "/hearings/{hearing_id:int}/minutes",
        write_minutes,
        who=OFFICE,
        methods=POST,
        name="write_hearing_minutes",
    ),
    page(
        "/hearings/{hearing_id:int}/send-minutes",
        send_minutes,
        who=OFFICE,
        methods=POST,
        name="send_hearing_minutes",
    ),
    page("/hearings/{hearing_id:int}/corrections/answer", answer_correction, who=OFFICE, methods=POST),
    page("/hearings/{hearing_id:int}/lock", lock, who=OFFICE, methods=POST, name="lock_hearing"),
]

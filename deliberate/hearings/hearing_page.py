"""One hearing on one page: convocation, interests, contribution, minutes, corrections, each with its
receipt.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.hearings import actions, rules
from deliberate.hearings.forms import (
    AnswerForm,
    ContributionForm,
    CorrectionForm,
    DraftForm,
    HoldForm,
    InterestsForm,
)
from deliberate.hearings.minutes_rules import VERDICT_WORDS
from deliberate.hearings.models import Hearing, find_hearing
from deliberate.hearings.rules import DraftKind, Seat
from deliberate.hearings.seats import seat_with
from deliberate.hearings.sight import Sight, sight_of, to_type
from deliberate.interests.models import standing_of
from deliberate.live.journal import last_number
from deliberate.web.answers import part, render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page


async def show_hearing(request: Request, refusal: Any = None, typed: Any = None) -> Response:
    hearing, context = await seen(request)
    after = await last_number(hearing.stakeholder.assessment_id)
    context |= {
        "after": after,
        "verdicts": {str(each): _(words) for each, words in VERDICT_WORDS.items()},
        "speakers": [(row.person_id, row.person.name) for row in context["sight"].spokespersons],
        "to_type": to_type,
    }
    template = "hearings/hearing.html"
    return render(request, template, context, refusal=refusal, typed=typed, facts=told(context["sight"]))


async def show_state(request: Request) -> Response:
    """The part that changes by itself: where the hearing stands."""
    _hearing, context = await seen(request)
    return part(request, "hearings/_state.html", context)


async def seen(request: Request) -> tuple[Hearing, dict[str, Any]]:
    """The hearing as this person sees it. Raises NotFound."""
    hearing = await find_hearing(request.path_params["hearing_id"])
    assessment, now = hearing.stakeholder.assessment, datetime.now(UTC)
    standing = await standing_of(request.user.id, assessment.id, now)
    seat = await seat_with(standing, hearing)
    rules.check_reads(seat)
    sight = await sight_of(hearing, seat, request.user, now)
    return hearing, {"hearing": hearing, "sight": sight, "assessment": assessment, "standing": standing}


def told(sight: Sight) -> dict[str, Any]:
    """The same for scripts."""
    hearing = sight.hearing
    return {
        "hearing": hearing.id,
        "stakeholder": hearing.stakeholder_id,
        "organisation": hearing.stakeholder.name,
        "state": str(sight.state),
        "themes": hearing.themes,
        "meeting": hearing.meeting_id,
        "spokespersons": [row.person_id for row in sight.spokespersons],
        "interests": sight.interests.version if sight.interests else None,
        "contribution": sight.contribution.version if sight.contribution else None,
        "minutes": sight.minutes.version if sight.minutes else None,
        "correct_until": hearing.correct_until.isoformat() if hearing.correct_until else None,
        "corrections": [{"id": row.id, "verdict": row.verdict} for row in sight.corrections],
    }


async def gate(request: Request, check: Callable[[Seat], None]) -> int:
    """The hearing's id, for whoever may act here at all: asked before the form, so that it tells nothing."""
    hearing = await find_hearing(request.path_params["hearing_id"])
    standing = await standing_of(request.user.id, hearing.stakeholder.assessment_id)
    check(await seat_with(standing, hearing))
    return hearing.id


@again(show_hearing)
async def answer(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_speaks)
    form = await read(request, AnswerForm)
    if form.answer == "accept":
        await actions.accept(hearing_id, request.user, form.reply)
        return done(request, hearing_id, _("You accepted the convocation."))
    await actions.decline(hearing_id, request.user, form.reply)
    return done(request, hearing_id, _("You declined the hearing. You can still contribute in writing."))


@again(show_hearing)
async def declare_interests(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_declares)
    form = await read(request, InterestsForm)
    made = await actions.declare_interests(hearing_id, form.interests, request.user)
    flash = _("The interests are recorded: entry {entry} of the journal.").format(entry=made.entry)
    return done(request, hearing_id, flash, version=made.version, number=made.entry)


@again(show_hearing)
async def submit_contribution(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_speaks)
    form = await read(request, ContributionForm)
    paper = actions.Paper(form.title, form.text, form.language, form.may_publish)
    made = await actions.submit_contribution(hearing_id, paper, request.user)
    flash = _("Your contribution, version {version}, is received: entry {entry} of the journal.")
    words = flash.format(version=made.version, entry=made.entry)
    facts = {"contribution": made.id, "version": made.version, "number": made.entry}
    return done(request, hearing_id, words, fingerprint=made.fingerprint, **facts)


@again(show_hearing)
async def hold(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_holds)
    form = await read(request, HoldForm)
    await actions.hold(hearing_id, form.present, request.user, form.began_at, form.ended_at)
    return done(request, hearing_id, _("The hearing is noted, with who was heard and when."))


@again(show_hearing)
async def correct(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_speaks)
    form = await read(request, CorrectionForm)
    made = await actions.correct(
        hearing_id, form.correction, request.user, passage=form.passage, more_follows=form.more_follows
    )
    flash = _("Your correction is received: entry {entry} of the journal.").format(entry=made.entry)
    return done(request, hearing_id, flash, correction=made.id, number=made.entry)


@again(show_hearing)
async def approve(request: Request) -> Response:
    hearing_id = await gate(request, rules.check_speaks)
    await actions.approve_minutes(hearing_id, request.user)
    return done(request, hearing_id, _("You approved the minutes."))


async def save_draft(request: Request) -> Response:
    """Sent by the page while somebody writes. Whoever writes neither minutes nor for the organisation:

    404.
    """
    hearing_id = await gate(request, rules.check_declares)
    form = await read(request, DraftForm)
    await gate(request, may_draft(form.kind))
    await actions.save_draft(hearing_id, form.kind, form.content(), request.user)
    return see_other(request, f"/hearings/{hearing_id}", saved=True)


def may_draft(kind: DraftKind) -> Callable[[Seat], None]:
    def check(seat: Seat) -> None:
        rules.check_drafts(seat, kind)

    return check


def done(request: Request, hearing_id: int, flash: str, **facts: Any) -> Response:
    return see_other(request, f"/hearings/{hearing_id}", flash=flash, hearing=hearing_id, **facts)


READERS = {"secretariat", "chair", "expert", "stakeholder"}
HEARD, POST = {"stakeholder"}, ["POST"]
routes = [
    page("/hearings/{hearing_id:int}", show_hearing, who=READERS),
    page("/hearings/{hearing_id:int}/state", show_state, who=READERS, name="show_hearing_state"),
    page("/hearings/{hearing_id:int}/answer", answer, who=HEARD, methods=POST, name="answer_convocation"),
    page(
        "/hearings/{hearing_id:int}/interests",
        declare_interests,
        who=HEARD | {"secretariat"},
        methods=POST,
        name="declare_organisation_interests",
    ),
    page("/hearings/{hearing_id:int}/contribution", submit_contribution, who=HEARD, methods=POST),
    page(
        "/hearings/{hearing_id:int}/hold",
        hold,
        who={"secretariat", "chair"},
        methods=POST,
        name="hold_hearing",
    ),
    page("/hearings/{hearing_id:int}/corrections", correct, who=HEARD, methods=POST, name="correct_minutes"),
    page("/hearings/{hearing_id:int}/approve", approve, who=HEARD, methods=POST, name="approve_minutes"),
    page(
        "/hearings/{hearing_id:int}/draft",
        save_draft,
        who=HEARD | {"secretariat"},
        methods=POST,
        name="save_hearing_draft",
    ),
]

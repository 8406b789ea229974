"""Routes and topics of this package, and what it shows on pages that come earlier in the story."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from deliberate.assessments.models import Assessment, memberships_of
from deliberate.assessments.rules import Role
from deliberate.errors import NotFound
from deliberate.hearings import hearing_page, minutes_page, organisations_page
from deliberate.hearings.account import by
from deliberate.hearings.models import Contribution, Correction, Hearing, find_hearing
from deliberate.hearings.organisations_page import rows_seen
from deliberate.hearings.rules import HearingState, is_open_to_contributions
from deliberate.hearings.seats import own_stakeholders, seat_of
from deliberate.hearings.sight import SOON
from deliberate.interests.rules import Standing
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.web.answers import page_text
from deliberate.web.i18n import _, day
from deliberate.web.slots import NavItem, Waiting

OPEN_TO_CORRECTION = {HearingState.MINUTES_SENT, HearingState.CORRECTED}


async def waiting_for(person: Person) -> list[Waiting]:
    """For a spokesperson what the own organisation has to do; for the secretariat what it owes those
    heard.
    """
    rows = await memberships_of(person.id)
    heard_in = [row["assessment_id"] for row in rows if row["role"] == Role.STAKEHOLDER]
    office_of = [row["assessment_id"] for row in rows if row["role"] == Role.SECRETARIAT]
    now = datetime.now(UTC)
    waiting = await waiting_for_spokesperson(person.id, heard_in, now) if heard_in else []
    return waiting + (await waiting_for_secretariat(office_of, now) if office_of else [])


async def waiting_for_spokesperson(person_id: int, assessment_ids: list[int], now: datetime) -> list[Waiting]:
    ids = [each.id for each in await own_stakeholders(person_id, assessment_ids)]
    written = set(
        await Contribution.filter(stakeholder_id__in=ids).distinct().values_list("stakeholder_id", flat=True)
    )
    return [
        waiting
        for hearing in await last_hearings(stakeholder_id__in=ids)
        for waiting in own_steps(hearing, hearing.stakeholder_id in written, now)
    ]


async def last_hearings(**where: Any) -> list[Hearing]:
    """The last hearing of each organisation."""
    rows = Hearing.filter(**where).select_related("stakeholder__assessment", "meeting").order_by("id")
    return list({row.stakeholder_id: row for row in await rows}.values())


def own_steps(hearing: Hearing, has_written: bool, now: datetime) -> list[Waiting]:
    state, until = hearing.state_at(now), hearing.correct_until
    steps = []
    if state is HearingState.INVITED:
        steps.append(waiting_at(hearing, _("Answer the convocation to your hearing"), hearing.when))
    if state is HearingState.ACCEPTED:
        steps.append(waiting_at(hearing, _("Declare the interests of your organisation"), hearing.when))
    if not has_written and is_open_to_contributions(state):
        before = hearing.when if hearing.when and hearing.when > now else None
        steps.append(waiting_at(hearing, _("Send your contribution"), before))
    if state in OPEN_TO_CORRECTION and until is not None and now < until:
        text = _("Correct the minutes until {day}").format(day=day(until))
        steps.append(waiting_at(hearing, text, until, urgent=until - now < SOON))
    return steps


def waiting_at(
    hearing: Hearing, text: str, until: datetime | None = None, *, urgent: bool = False
) -> Waiting:
    return Waiting(text, f"/hearings/{hearing.id}", hearing.stakeholder.assessment.title, until, urgent)


async def waiting_for_secretariat(assessment_ids: list[int], now: datetime) -> list[Waiting]:
    hearings = await last_hearings(stakeholder__assessment_id__in=assessment_ids)
    ids = [row.id for row in hearings]
    corrections = by(await Correction.filter(hearing_id__in=ids).order_by("id"), "hearing_id")
    texts = [(hearing, owed(hearing, corrections[hearing.id], now)) for hearing in hearings]
    return [
        waiting_at(hearing, text.format(organisation=hearing.stakeholder.name))
        for hearing, text in texts
        if text
    ]


def owed(hearing: Hearing, corrections: list[Correction], now: datetime) -> str:
    """What the secretariat does next; nothing while the organisation has the word."""
    state, until = hearing.state_at(now), hearing.correct_until
    if state is HearingState.HELD:
        return _("Write and send the minutes of the hearing of {organisation}")
    if state is HearingState.CORRECTED and any(not row.verdict for row in corrections):
        return _("Answer a correction by {organisation}")
    if state is HearingState.CORRECTED and corrections[-1].more_follows and until and now < until:
        return ""
    if state in (HearingState.CORRECTED, HearingState.DEEMED_ACCEPTED):
        return _("Lock the minutes of the hearing of {organisation}")
    return ""


async def section_of_hearings(request: Request, assessment: Assessment, standing: Standing) -> Markup | str:
    """On the page of the assessment: the hearings this person may read."""
    try:
        rows = await rows_seen(assessment.id, standing)
    except NotFound:
        return ""
    if not rows and not standing.secretariat:
        return ""
    context = {"assessment": assessment, "standing": standing, "rows": rows}
    return Markup(page_text(request, "hearings/_section.html", context))  # noqa: S704 - escaped by Jinja


async def facts_of(assessment: Assessment, standing: Standing) -> dict[str, Any]:
    """For scripts that read the page of the assessment."""
    try:
        return {"hearings": [row.told() for row in await rows_seen(assessment.id, standing)]}
    except NotFound:
        return {}


async def audience_of_hearing(person: Person | None, ident: int) -> Audience | None:
    """Whoever may read the page: the secretariat, the organisation, the working groups."""
    if person is None:
        return None
    try:
        hearing = await find_hearing(ident)
    except NotFound:
        return None
    seat = await seat_of(person.id, hearing)
    names = {
        "secretariat": seat.secretariat,
        "stakeholder": seat.speaks,
        "member": seat.hears and seat.declared,
    }
    found = next((name for name, holds in names.items() if holds), None)
    return Audience(hearing.stakeholder.assessment_id, found) if found else None


def is_shown(standing: Standing) -> bool:
    """In the navigation; the working groups find the hearings on the page of the assessment."""
    return standing.secretariat or standing.place.stakeholder


routes = [*organisations_page.routes, *hearing_page.routes, *minutes_page.routes]
topics = {"hearing": audience_of_hearing}
slots: dict[str, list[Callable[..., Any] | NavItem]] = {
    "home": [waiting_for],
    "assessment": [section_of_hearings],
    "facts": [facts_of],
    "nav": [NavItem("Hearings", "/hearings", is_shown)],
}

"""My declaration of interests; and what this package shows elsewhere. An assessment's page: following.py."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Group, memberships_of
from deliberate.errors import N_, Refusal
from deliberate.interests import actions, following, rules
from deliberate.interests.models import (
    Declaration,
    InterestDecision,
    decisions_about,
    latest_declaration,
    standing_of,
)
from deliberate.interests.rules import Link
from deliberate.live.journal import last_number
from deliberate.live.models import HOUSE
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, clean, raw
from deliberate.web.i18n import _, t
from deliberate.web.routing import page
from deliberate.web.slots import NavItem, Waiting, fill

BLANK = Link("", "", "")
SPARE_LINES, MORE_LINES = 1, 4


async def show_my_interests(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    """What I declared, until when it counts, what was decided on it, and the form to sign anew."""
    after = await last_number(HOUSE)
    declaration = await latest_declaration(request.user.id)
    lines = lines_from(typed) if typed is not None else links_of(declaration)
    decisions = await decisions_about(request.user.id)
    spare = MORE_LINES if typed is not None and "more" in typed else SPARE_LINES
    context = {
        "declaration": declaration,
        "until": rules.expiry(declaration.signed_at) if declaration else None,
        "valid": is_valid(declaration),
        "lines": lines + [BLANK] * spare,
        "nothing": bool(typed.get("nothing_to_declare")) if typed is not None else says_nothing(declaration),
        "sections": [(code, _(word)) for code, word in rules.SECTION_WORDS.items()],
        "decisions": decisions,
        "labels": await labels_of(request, decisions),
        "outcome_words": rules.OUTCOME_WORDS,
        "section_words": rules.SECTION_WORDS,
        "after": after,
    }
    return render(
        request, "interests/mine.html", context, refusal=refusal, typed=typed, facts=facts_of(declaration)
    )


async def labels_of(request: Request, decisions: list[InterestDecision]) -> dict[str, str]:
    """The code of each question and the name of each group decided about, and nothing more of them."""
    assessment_ids = {decision.assessment_id for decision in decisions}
    groups = await Group.filter(assessment_id__in=list(assessment_ids))
    labels = {f"group-{group.id}": t(group.name) for group in groups}
    for assessment_id in assessment_ids:
        for listed in await fill(request, "subjects", assessment_id):
            labels |= {key: code for key, code, _title, _group_id in listed}
    return labels


@again(show_my_interests)
async def sign_my_interests(request: Request) -> Response:
    sent = await raw(request)
    if "more" in sent:  # without scripts: the same form with more lines
        return await show_my_interests(request, typed=sent)
    nothing = bool(sent.get("nothing_to_declare"))
    declaration = await actions.sign_declaration(request.user, nothing, lines_from(sent), request.user)
    until = rules.expiry(declaration.signed_at).isoformat()
    said = _("Signed. Your declaration counts for twelve months.")
    return see_other(
        request,
        "/interests",
        flash=said,
        declaration=declaration.id,
        version=declaration.version,
        until=until,
    )


def lines_from(sent: dict[str, Any]) -> list[Link]:
    """The lines `section_0`, `organisation_0`, … that hold anything."""
    lines = [line_from(sent, index) for index in range(rules.MAX_LINKS + MORE_LINES)]
    return [line for line in lines if line.organisation or line.description or line.section]


def line_from(sent: dict[str, Any], index: int) -> Link:
    section, organisation, description, since, until, major = (
        str(clean(text)) if isinstance(text := sent.get(f"{name}_{index}", ""), str) else ""
        for name in ("section", "organisation", "description", "since", "until", "major")
    )
    return Link(section, organisation, description, since, until, bool(major))


def links_of(declaration: Declaration | None) -> list[Link]:
    return actions.links_of(declaration) if declaration else []


def is_valid(declaration: Declaration | None) -> bool:
    return rules.is_valid_declaration(declaration.signed_at if declaration else None, datetime.now(UTC))


def says_nothing(declaration: Declaration | None) -> bool:
    return declaration is not None and declaration.nothing_to_declare


def facts_of(declaration: Declaration | None) -> dict[str, Any]:
    return {
        "valid": is_valid(declaration),
        "version": declaration.version if declaration else 0,
        "until": rules.expiry(declaration.signed_at).isoformat() if declaration else None,
        "interests": [vars(link) for link in links_of(declaration)],
    }


async def waiting_for(person: Person) -> list[Waiting]:
    """Who sits in a group signs, and signs again before the year is over."""
    if not any(seat["group_id"] for seat in await memberships_of(person.id)):
        return []
    declaration = await latest_declaration(person.id)
    now = datetime.now(UTC)
    if not rules.waits_for_renewal(declaration.signed_at if declaration else None, now):
        return []
    if declaration is None:
        return [Waiting(_("Sign your declaration of interests"), "/interests", urgent=True)]
    until = rules.expiry(declaration.signed_at)
    return [Waiting(_("Renew your declaration of interests"), "/interests", until=until, urgent=until < now)]


async def note_refusal(person: Person | None, refusal: Refusal) -> None:
    """Writes down whoever is refused by gate 1; other refusals leave no trace."""
    if person and refusal.message == rules.UNDECLARED and "assessment" in refusal.places:
        await actions.note_undeclared(person.id, refusal.places["assessment"])


async def audience_of_group(person: Person | None, ident: int) -> Audience | None:
    """Who is kept out of what: known to the group, and to the secretariat."""
    group = await Group.get_or_none(id=ident)
    if person is None or group is None:
        return None
    standing = await standing_of(person.id, group.assessment_id)
    if standing.secretariat:
        return Audience(group.assessment_id, "secretariat")
    return Audience(group.assessment_id, "member") if standing.reads(f"group-{ident}", ident) else None


routes = [
    page("/interests", show_my_interests, who={"signed_in"}),
    page("/interests", sign_my_interests, who={"signed_in"}, methods=["POST"]),
    *following.routes,
]
topics = {"group": audience_of_group}
slots = {
    "standing": [standing_of],
    "refused": [note_refusal],
    "home": [waiting_for],
    "nav": [NavItem(N_("Interests"), "/interests", lambda standing: following.shown_to(standing))],
}

"""The record: its versions, one version as a document, what changed, and what the public sees of the adopted
one.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called
from deliberate.errors import N_, NotFound, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.record import actions, changes, public, reporting_actions, reporting_pages, rules
from deliberate.record.compile import canonical
from deliberate.record.models import (
    Record,
    committee_of,
    content_of,
    is_built,
    newest_of,
    overview,
    seen_by,
    versions_of,
)
from deliberate.record.render import asked_page, contents_of, reporting_of, shown_sections
from deliberate.record.rules import RecordState
from deliberate.web.answers import page_text, part, render, see_other, wants_json
from deliberate.web.forms import again
from deliberate.web.i18n import _, language
from deliberate.web.routing import page
from deliberate.web.slots import NavItem, fill

READERS = {"secretariat", "committee_chair", "member"}


async def show_versions(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """All versions this person may read, the newest first."""
    assessment = await assessment_called(request.path_params["slug"])
    standing, committee = await place_in(request, assessment.id)
    versions = await versions_of(assessment.id)
    shown = [each for each in versions if rules.may_read(standing, committee, each.state)]
    context = {
        "assessment": assessment,
        "standing": standing,
        "versions": shown,
        "prepares": standing.secretariat,
        "compiles": standing.secretariat and all(each.state == RecordState.COMPILING for each in versions),
        "extent": await overview(assessment.id) if standing.secretariat else None,
        "words": rules.STATE_WORDS,
        "sealed": await is_built(assessment.id),
        "after": await last_number(assessment.id),
    }
    facts = {"versions": [told(each) for each in shown]}
    return render(request, "record/versions.html", context, refusal=refusal, typed=typed, facts=facts)


async def place_in(request: Request, assessment_id: int) -> tuple[Standing, int | None]:
    """The person's standing and the committee, for whoever is of the secretariat or the committee."""
    standing, committee = await standing_of(request.user.id, assessment_id), await committee_of(assessment_id)
    committee_id = committee.id if committee else None
    if not standing.secretariat and not rules.sits_in_review(standing, committee_id):
        raise NotFound()
    return standing, committee_id


def told(record: Record) -> dict[str, Any]:
    return {
        "record": record.id,
        "version": record.version,
        "state": record.state,
        "as_of": record.as_of,
        "digest": record.digest,
        "changed": record.changed,
    }


@again(show_versions)
async def compile_version(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    record = await actions.compile_record(assessment.id, request.user)
    flash = _("Version {number} says what the proceedings hold at entry {entry}.")
    words = flash.format(number=record.version, entry=record.as_of)
    return see_other(request, f"/records/{record.id}", flash=words, **told(record))


async def show_record(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """One version as a document, with what review writes into its margin.

    As JSON it is the content itself.
    """
    record, standing, _committee = await seen_by(request.user.id, request.path_params["record_id"])
    if wants_json(request):
        return await answer_content(record)
    request.state.refused = (refusal, dict(typed or {}))  # for the forms in the margin
    contents = await contents_of(record.id, language())
    here = asked_page(request.query_params, contents, typed or {})
    keys = [entry.key for entry in contents if entry.page == here]
    context = {
        "assessment": await Assessment.get(id=record.assessment_id),
        "standing": standing,
        "record": record,
        "newest": await newest_of(record.assessment_id),
        "reporting": await reporting_of(record.id),
        "contents": contents,
        "page": here,
        "sections": await shown_sections(request.app.state.templates, record.id, language(), keys),
        "margins": await margins_of(request, record, standing, keys),
        "covers": await fill(request, "record", request, record, standing),
        "prepares": standing.secretariat,
        "words": rules.STATE_WORDS,
        "after": await last_number(record.assessment_id),
    }
    return render(request, "record/record.html", context, refusal=refusal, typed=typed)


async def margins_of(
    request: Request, record: Record, standing: Standing, sections: list[str]
) -> dict[str, Markup]:
    """Section key -> what stands beside it."""
    margins: dict[str, Markup] = {}
    for found in await fill(request, "record_margin", request, record, standing, sections):
        for key, html in found.items():
            margins[key] = margins.get(key, Markup("")) + html
    return margins


async def answer_content(record: Record) -> Response:
    """The bytes whose SHA-256 is the digest of the record."""
    body = canonical(await content_of(record.id))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def show_content(request: Request) -> Response:
    record, _standing, _committee = await seen_by(request.user.id, request.path_params["record_id"])
    return await answer_content(record)


async def show_state(request: Request) -> Response:
    """The line on top of the document: where this version stands, and whether another one has followed."""
    record, _standing, _committee = await seen_by(request.user.id, request.path_params["record_id"])
    newest = await newest_of(record.assessment_id)
    return part(
        request, "record/_state.html", {"record": record, "newest": newest, "words": rules.STATE_WORDS}
    )


@again(show_record)
async def freeze(request: Request) -> Response:
    record = await actions.freeze_record(request.path_params["record_id"], request.user)
    flash = _("Version {number} is before the committee. All questions are locked.")
    return see_other(
        request, f"/records/{record.id}", flash=flash.format(number=record.version), **told(record)
    )


async def audience_of_record(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        record, standing, _committee = await seen_by(person.id, ident)
    except NotFound:
        return None
    return Audience(record.assessment_id, "secretariat" if standing.secretariat else "committee")


async def in_assessment(request: Request, assessment: Assessment, standing: Standing) -> Markup | str:
    """The section on the page of the assessment."""
    committee = await committee_of(assessment.id)
    committee_id = committee.id if committee else None
    reads = standing.secretariat or rules.sits_in_review(standing, committee_id)
    sealed = await is_built(assessment.id)
    if not reads and not sealed:
        return ""
    versions = await versions_of(assessment.id) if reads else []
    context = {
        "assessment": assessment,
        "versions": [each for each in versions if rules.may_read(standing, committee_id, each.state)],
        "reads": reads,
        "sealed": sealed,
        "words": rules.STATE_WORDS,
    }
    return Markup(page_text(request, "record/_in_assessment.html", context))  # noqa: S704 - our template


async def facts_of_assessment(assessment: Assessment, standing: Standing) -> dict[str, Any]:
    """The same for scripts."""
    committee = await committee_of(assessment.id)
    committee_id = committee.id if committee else None
    versions = await versions_of(assessment.id)
    return {
        "records": [told(each) for each in versions if rules.may_read(standing, committee_id, each.state)]
    }


def may_look(standing: Standing) -> bool:
    """Whether the navigation offers the versions: the secretariat and the committee; the page decides."""
    return standing.secretariat or bool(standing.place.sits_in - standing.place.deliberates_in)


routes = [
    page("/a/{slug}/record", show_versions, who=READERS),
    page("/a/{slug}/record", compile_version, who={"secretariat"}, methods=["POST"]),
    page("/records/{record_id:int}", show_record, who=READERS),
    page("/records/{record_id:int}.json", show_content, who=READERS),
    page("/records/{record_id:int}/state", show_state, who=READERS),
    page("/records/{record_id:int}/freeze", freeze, who={"secretariat"}, methods=["POST"]),
    *changes.routes,
    *reporting_pages.routes,
    *public.routes,
]
topics = {"record": audience_of_record}
slots = {
    "founding": [reporting_actions.add_reporting],
    "assessment": [in_assessment],
    "facts": [facts_of_assessment],
    "public": [public.listed],
    "home": [public.waiting_for],
    "nav": [NavItem(N_("Record"), "/record", may_look)],
}

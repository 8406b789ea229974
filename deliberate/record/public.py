"""What everybody may read: the adopted record, how to verify it, and its sealed file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import assessment_called
from deliberate.errors import NotFound
from deliberate.live.checkpoint import in_groups
from deliberate.people.models import Person
from deliberate.record.models import (
    Seal,
    adopted_records,
    bundle_of,
    content_of,
    head_of,
    is_built,
    ready_to_compile,
    seal_of,
)
from deliberate.record.render import asked_page, contents_of, reporting_of, shown_sections
from deliberate.voting.exporting import Answer, Ratings, in_order
from deliberate.voting.ratings_page import json_file, sent_file
from deliberate.web.answers import render
from deliberate.web.i18n import _, language, t
from deliberate.web.routing import page
from deliberate.web.slots import Waiting


async def show_public(request: Request) -> Response:
    """The adopted record with its seal; before the adoption there is nothing here."""
    assessment = await assessment_called(request.path_params["slug"])
    seal = await adopted(assessment.id)
    record = await head_of(seal.record_id)
    contents = await contents_of(record.id, language())
    here = asked_page(request.query_params, contents, {})
    keys = [entry.key for entry in contents if entry.page == here]
    context = {
        "assessment": None,  # the page of the assessment is not the public's
        "title": assessment.title,
        "slug": assessment.slug,
        "record": record,
        "seal": seal,
        "at": datetime.fromisoformat,
        "fingerprint": in_groups(seal.fingerprint),
        "digest": in_groups(record.digest),
        "built": await is_built(assessment.id),
        "reporting": await reporting_of(record.id),
        "contents": contents,
        "page": here,
        "sections": await shown_sections(request.app.state.templates, record.id, language(), keys),
    }
    return render(request, "record/public.html", context, facts=await told(request, seal, record.digest))


async def told(request: Request, seal: Seal, digest: str) -> dict[str, Any] | None:
    if not request.headers.get("accept", "").startswith("application/json"):
        return None
    return {
        "record": await content_of(seal.record_id),
        "digest": digest,
        "number": seal.number,
        "fingerprint": seal.fingerprint,
        "adoption": seal.adoption,
        "bundle": f"{request.url.path}/bundle",
    }


async def adopted(assessment_id: int) -> Seal:
    """Raises NotFound until the record is adopted."""
    seal = await seal_of(assessment_id)
    if seal is None:
        raise NotFound()
    return seal


async def send_bundle(request: Request) -> Response:
    """The one file that the verifier checks, as it was signed."""
    assessment = await assessment_called(request.path_params["slug"])
    bundle = await bundle_of(assessment.id)
    if bundle is None:
        raise NotFound()
    name = f'attachment; filename="{assessment.slug}-record.zip"'
    return Response(bundle, media_type="application/zip", headers={"Content-Disposition": name})


async def send_ratings(request: Request) -> Response:
    """The ratings of the adopted record, under its own names: enough to compute its annex again."""
    assessment = await assessment_called(request.path_params["slug"])
    content = await content_of((await adopted(assessment.id)).record_id)
    form, kind = request.path_params["form"], request.path_params["kind"]
    return await sent_file(published_ratings(content), form, kind, assessment.slug)


async def send_protocol(request: Request) -> Response:
    """The parameters the record was compiled under."""
    assessment = await assessment_called(request.path_params["slug"])
    content = await content_of((await adopted(assessment.id)).record_id)
    return json_file(content["method"]["protocol"], f"{assessment.slug}-protocol")


def published_ratings(content: Mapping[str, Any]) -> Ratings:
    """From the content alone, so that file and record cannot differ."""
    answers = [
        Answer(ballot["voter"], vote["round"], vote["about"], ballot["rating"])
        for vote in content["votes"]
        if vote["kind"] == "rating" and vote["about"] and not vote.get("repeated_by")
        for ballot in vote["ballots"] or ()
    ]
    return Ratings(content["method"]["protocol_hash"], in_order(answers))


async def listed() -> list[Waiting]:
    """For the landing page: what was adopted, and when."""
    return [
        Waiting(text=t(each["title"]), href=f"/public/{each['slug']}", at=each["at"])
        for each in await adopted_records()
    ]


async def waiting_for(person: Person) -> list[Waiting]:
    """The secretariat: every question has its conclusion, and no version is before the committee."""
    return [
        Waiting(
            text=_("Put version {number} of the record before the committee").format(number=each["version"])
            if each["version"]
            else _("Compile the record: every question has its conclusion"),
            href=f"/records/{each['record']}" if each["record"] else f"/a/{each['slug']}/record",
            assessment=each["title"],
        )
        for each in await ready_to_compile(person.id)
    ]


routes = [
    page("/public/{slug}", show_public, who={"anyone"}),
    page("/public/{slug}/bundle", send_bundle, who={"anyone"}),
    page("/public/{slug}/ratings/protocol.json", send_protocol, who={"anyone"}, name="public_protocol"),
    page("/public/{slug}/ratings/{form}.{kind}", send_ratings, who={"anyone"}, name="public_ratings"),
]

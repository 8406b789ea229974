"""The dossier by question, and each document; a person finds what bears on the questions he may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called
from deliberate.errors import N_, Invalid, NotFound, Refusal
from deliberate.evidence import actions, rules
from deliberate.evidence.models import (
    EvidenceItem,
    Listed,
    counts_by_subject,
    documents_page,
    evidence_of,
    subjects_of,
)
from deliberate.evidence.rules import Document
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.web.answers import page_text, render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, t
from deliberate.web.routing import page
from deliberate.web.slots import Cell, Column, NavItem, fill

PAGE_SIZE = 50
SHOWN_BESIDE_A_QUESTION = 30
UNLINKED = "none"


@dataclass(frozen=True)
class Subject:
    key: str
    code: str
    title: Mapping[str, str]
    group_id: int
    count: int = 0


async def show_dossier(request: Request) -> Response:
    """One question's documents at a time: a dossier may hold thousands."""
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    subjects = await subjects_for(request, assessment.id, standing)
    after = await last_number(assessment.id)
    chosen = chosen_subject(request, subjects, standing)
    number = page_number(request)
    first = (number - 1) * PAGE_SIZE
    items, count = ([], 0) if chosen == "" else await documents_page(assessment.id, chosen, first, PAGE_SIZE)
    context = {
        "assessment": assessment,
        "standing": standing,
        "subjects": subjects,
        "chosen": subjects.get(chosen or ""),
        "items": items,
        "count": count,
        "page": number,
        "pages": max(1, -(-count // PAGE_SIZE)),
        **WORDS,
        "after": after,
    }
    facts = {"subjects": {key: each.count for key, each in subjects.items()}, "items": told(items)}
    return render(request, "evidence/dossier.html", context, facts=facts)


async def subjects_for(request: Request, assessment_id: int, standing: Standing) -> dict[str, Subject]:
    """The questions whose documents this person may read, by key; NotFound for whoever may read none."""
    listed = [each for found in await fill(request, "subjects", assessment_id) for each in found]
    groups = {key: group_id for key, _code, _title, group_id in listed}
    open_keys = set(rules.check_reads_dossier(standing, groups))
    counts = await counts_by_subject(open_keys)
    return {
        key: Subject(key, code, title, group_id, counts.get(key, 0))
        for key, code, title, group_id in listed
        if key in open_keys
    }


def chosen_subject(request: Request, subjects: Mapping[str, Subject], standing: Standing) -> str | None:
    """The key asked for, else the first; None for documents that bear on nothing, the secretariat's alone."""
    asked = request.query_params.get("subject")
    if asked == UNLINKED and standing.secretariat:
        return None
    if asked and asked not in subjects:
        raise NotFound()
    return asked or next(iter(subjects), "")


def page_number(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 6 else 1


async def show_document(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    item, linked, subjects, standing = await found_document(request)
    context = {
        "assessment": await Assessment.get(id=item.assessment_id),
        "standing": standing,
        "item": item,
        "linked": [subjects[key] for key in linked if key in subjects],
        "options": options_of(subjects) if standing.secretariat else [],
        "keys": linked,
        **WORDS,
        "after": await last_number(item.assessment_id),
    }
    shown = {"id": item.id, "code": item.code, "title": item.title, "description": item.description}
    facts = {**shown, "source": item.source, "subjects": [key for key in linked if key in subjects]}
    return render(request, "evidence/document.html", context, refusal=refusal, typed=typed, facts=facts)


async def found_document(
    request: Request,
) -> tuple[EvidenceItem, list[str], dict[str, Subject], Standing]:
    """The document of the address with the keys it bears on, for somebody who may read it."""
    item = await EvidenceItem.get_or_none(id=request.path_params["item_id"])
    if item is None:
        raise NotFound()
    standing = await standing_of(request.user.id, item.assessment_id)
    subjects = await subjects_for(request, item.assessment_id, standing)
    linked = await subjects_of(item.id)
    groups = {key: each.group_id for key, each in subjects.items()}
    rules.check_reads_item(standing, linked, groups)
    return item, linked, subjects, standing


class LinkForm(BaseModel):
    subjects: list[str] = []


@again(show_document)
async def link_document(request: Request) -> Response:
    item, _linked, subjects, standing = await found_document(request)
    rules.check_keeps_dossier(standing)
    form = await read(request, LinkForm)
    check_offered(form.subjects, subjects)
    await actions.link_evidence(item.id, form.subjects, request.user)
    return see_other(request, f"/evidence/{item.id}", flash=_("The questions are noted."), item=item.id)


async def show_new_document(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    assessment, subjects, standing = await found_dossier(request)
    context = {
        "assessment": assessment,
        "standing": standing,
        "options": options_of(subjects),
        "kinds": [(str(code), _(word)) for code, word in rules.KIND_WORDS.items()],
        "levels": [(code, _(word)) for code, word in rules.LEVEL_WORDS.items()],
    }
    return render(request, "evidence/new.html", context, refusal=refusal, typed=typed, facts={})


Line = Annotated[str, Field(max_length=300)]
Prose = Annotated[str, Field(max_length=20_000)]


class DocumentForm(BaseModel):
    code: Line
    kind: Line
    level: Line = ""
    title_fr: Line
    title_en: Line
    source_fr: Line
    source_en: Line
    description_fr: Prose
    description_en: Prose
    url: Annotated[str, Field(max_length=1000)] = ""
    subjects: list[str] = []


@again(show_new_document)
async def add_document(request: Request) -> Response:
    assessment, subjects, _standing = await found_dossier(request)
    form = await read(request, DocumentForm)
    check_offered(form.subjects, subjects)
    document = Document(
        code=form.code,
        kind=form.kind,
        title={"fr": form.title_fr, "en": form.title_en},
        description={"fr": form.description_fr, "en": form.description_en},
        source={"fr": form.source_fr, "en": form.source_en},
        level=form.level,
        url=form.url,
    )
    item = await actions.add_evidence(assessment.id, document, form.subjects, request.user)
    return see_other(
        request, f"/evidence/{item.id}", flash=_("The document is in the dossier."), item=item.id
    )


async def found_dossier(request: Request) -> tuple[Assessment, dict[str, Subject], Standing]:
    """The assessment of the address, for its secretariat."""
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    rules.check_keeps_dossier(standing)
    return assessment, await subjects_for(request, assessment.id, standing), standing


def check_offered(keys: list[str], subjects: Mapping[str, Subject]) -> None:
    """The questions of this assessment, which the actions cannot know."""
    if not set(keys) <= set(subjects):
        problem = Invalid("Choose questions of this assessment.")
        raise Invalid("A document bears on questions.", problems={"subjects": problem})


def options_of(subjects: Mapping[str, Subject]) -> list[tuple[str, str]]:
    return [(key, f"{each.code} {t(each.title)}") for key, each in subjects.items()]


def told(items: list[Listed]) -> list[dict[str, Any]]:
    return [{"id": item.id, "code": item.code, "title": item.title} for item in items]


WORDS = {"kind_words": rules.KIND_WORDS, "level_words": rules.LEVEL_WORDS}


async def documents_of(request: Request, assessment: Assessment, subject: str) -> tuple[Markup, list[Listed]]:
    """What the page of a question shows of its dossier, to somebody who may read the question."""
    items = await evidence_of(subject)
    shown = items[:SHOWN_BESIDE_A_QUESTION]
    context = {
        "items": shown,
        "more": len(items) - len(shown),
        "href": f"/a/{assessment.slug}/evidence?subject={subject}",
        **WORDS,
    }
    return Markup(page_text(request, "evidence/_documents.html", context)), items  # noqa: S704


async def board(assessment: Assessment, shown: Sequence[int]) -> Column:
    """How many documents each question has."""
    counts = await counts_by_subject([f"question-{each}" for each in shown])
    href = f"/a/{assessment.slug}/evidence?subject="
    return Column(
        _("Documents"),
        {
            int(key.removeprefix("question-")): Cell(str(count), done=True, href=f"{href}{key}")
            for key, count in counts.items()
        },
    )


def reads_some(standing: Any) -> bool:
    """Whether the navigation offers the dossier: everybody who may deliberate; the page itself decides."""
    if not isinstance(standing, Standing):
        return False
    groups = standing.place.deliberates_in
    return standing.secretariat or any(standing.reads(f"group-{ident}", ident) for ident in groups)


READERS = {"secretariat", "chair", "expert"}
routes = [
    page("/a/{slug}/evidence", show_dossier, who=READERS),
    page("/a/{slug}/evidence", add_document, who={"secretariat"}, methods=["POST"]),
    page("/a/{slug}/evidence/new", show_new_document, who={"secretariat"}),
    page("/evidence/{item_id:int}", show_document, who=READERS),
    page("/evidence/{item_id:int}/questions", link_document, who={"secretariat"}, methods=["POST"]),
]
slots = {"board": [board], "nav": [NavItem(N_("Dossier"), "/evidence", reads_some)]}

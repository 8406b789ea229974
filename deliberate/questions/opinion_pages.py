"""Writing an opinion, its drafts and its versions. Nobody but the author reads here before the reveal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound, Refusal
from deliberate.evidence.models import Listed, evidence_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number, stamp
from deliberate.questions import opinions, rules, scales
from deliberate.questions.models import Opinion, RiskQuestion, newest_version, scales_of, seen_by
from deliberate.questions.rules import OpinionStage, Stage
from deliberate.questions.scales import Scales
from deliberate.questions.sight import Version, own_opinion, turnout_of, versions_of
from deliberate.questions.texts import Assessed, OpinionText
from deliberate.web.answers import render, see_other
from deliberate.web.diff import word_diff
from deliberate.web.forms import again, clean, raw, read
from deliberate.web.i18n import _
from deliberate.web.markdown import to_html
from deliberate.web.routing import page

WRITERS = {"chair", "expert"}
FIELDS = ("position", "reasons", "status", "severity", "likelihood", "certainty", "unknowns", "language")


async def found_question(request: Request) -> tuple[RiskQuestion, Standing]:
    """The question of the address, for a member of its group; whether he may write is for the action."""
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    if not standing.sits_in(question.group_id):
        raise NotFound()
    return question, standing


async def show_opinion_form(
    request: Request,
    refusal: Refusal | None = None,
    typed: Mapping[str, Any] | None = None,
    preview: Markup | None = None,
) -> Response:
    question, standing = await found_question(request)
    after = await last_number(question.assessment_id)
    assessment = await Assessment.get(id=question.assessment_id)
    mine = await own_opinion(question.id, request.user.id)
    filled = typed if typed is not None else await last_words(mine, request.user.language)
    documents = await evidence_of(rules.subject_of(question.id))
    context = {
        "assessment": assessment,
        "standing": standing,
        "question": question,
        "mine": mine,
        "filled": filled,
        "cited": cited_in(filled, documents),
        "documents": documents,
        "scales": worded(await scales_of(assessment.id)),
        "closed": why_closed(question, standing, mine),
        "revealed": question.revealed_at is not None,
        "turnout": await turnout_of(question),
        "step": rules.WAY_STEP[Stage(question.stage)],
        "preview": preview,
        "after": after,
    }
    facts = {"stage": question.stage, "draft": filled, "documents": [item.id for item in documents]}
    return render(request, "questions/write.html", context, refusal=refusal, typed=typed, facts=facts)


async def last_words(mine: Opinion | None, language: str) -> dict[str, Any]:
    """What the form begins with: the draft, else the last version, else nothing."""
    if mine and mine.draft is not None:
        return {"language": language, **mine.draft}
    newest = await newest_version(mine.id) if mine and mine.version else None
    if newest is None:
        return {"language": language}
    text = newest.as_text()
    filled: dict[str, Any] = {name: getattr(newest, name) for name in FIELDS}
    for item_id, passage in text.citations:
        filled |= {f"cite_{item_id}": "yes", f"passage_{item_id}": passage}
    return filled


def cited_in(filled: Mapping[str, Any], documents: Iterable[Listed]) -> dict[int, str]:
    """{document: passage} of those ticked."""
    return {
        item.id: str(filled.get(f"passage_{item.id}", ""))
        for item in documents
        if filled.get(f"cite_{item.id}")
    }


def worded(found: Scales) -> dict[str, list[tuple[str, str]]]:
    offered = {
        "status": scales.statuses(),
        "severity": found.severities(),
        "likelihood": found.likelihoods(),
        "certainty": found.certainties(),
    }
    return {name: [(value, _(word)) for value, word in options] for name, options in offered.items()}


def why_closed(question: RiskQuestion, standing: Standing, mine: Opinion | None) -> Refusal | None:
    """The sentence that stands instead of the form for somebody who cannot write now."""
    try:
        rules.check_writes(standing, question.id, question.group_id)
        rules.check_writing(Stage(question.stage), OpinionStage(mine.stage) if mine else None)
    except Refusal as refusal:
        return refusal
    return None


class OpinionForm(BaseModel):
    """Read as typed: what is missing or too long is told by the rules, all at once."""

    position: str = ""
    reasons: str = ""
    status: str = ""
    severity: str = ""
    likelihood: str = ""
    certainty: str = ""
    unknowns: str = ""
    language: str = ""

    def assessed(self) -> Assessed:
        return Assessed(self.status, self.severity, self.likelihood, self.certainty, self.unknowns)


@again(show_opinion_form)
async def submit_opinion(request: Request) -> Response:
    question, _standing = await found_question(request)
    sent = await raw(request)
    if "preview" in sent:
        return await show_opinion_form(request, typed=sent, preview=to_html(str(sent.get("reasons", ""))))
    if "save" in sent:
        await opinions.save_draft(question.id, draft_from(sent), request.user)
        said = _("Your draft is saved. Nobody else sees it.")
        return see_other(request, f"/questions/{question.id}/opinion", flash=said)
    form = await read(request, OpinionForm)
    text = OpinionText(form.position, form.reasons, form.assessed(), form.language, citations_in(sent))
    made = await opinions.submit_opinion(question.id, text, request.user)
    said = _("Your opinion is submitted, version {number}.").format(number=made.version)
    target = f"/questions/{question.id}"
    return see_other(request, target, flash=said, opinion=made.opinion_id, version=made.version)


def citations_in(sent: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    """Documents ticked as `cite_12`, each with what stands in `passage_12`, in the order of their numbers."""
    numbers = [
        name.removeprefix("cite_") for name, value in sent.items() if name.startswith("cite_") and value
    ]
    ids = sorted({int(number) for number in numbers if number.isdecimal() and len(number) < 10})
    return tuple((item_id, str(clean(str(sent.get(f"passage_{item_id}", ""))))) for item_id in ids)


async def save_draft(request: Request) -> Response:
    """The autosave of the form: answers in JSON. A browser may send it while it submits the same text."""
    question, _standing = await found_question(request)
    draft = draft_from(await raw(request))
    mine = await own_opinion(question.id, request.user.id)
    if mine is None or mine.draft is not None or filled_in(draft) != filled_in(await last_words(mine, "")):
        await opinions.save_draft(question.id, draft, request.user)
    saved = await Opinion.get(question_id=question.id, author_id=request.user.id)
    at = stamp(saved.draft_saved_at) if saved.draft_saved_at else None
    return JSONResponse({"opinion": saved.id, "saved_at": at}, headers={"Cache-Control": "no-store"})


def filled_in(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if value}


def draft_from(sent: Mapping[str, Any]) -> dict[str, str]:
    """Only the fields of the form, as typed."""
    return {
        name: value
        for name, value in sent.items()
        if isinstance(value, str) and (name in FIELDS or name.startswith(("cite_", "passage_")))
    }


async def withdraw_opinion(request: Request) -> Response:
    opinion, question, _standing = await found_opinion(request)
    if opinion.author_id != request.user.id:
        raise NotFound()
    await opinions.withdraw_opinion(opinion.id, request.user)
    said = _("Your opinion is withdrawn.")
    return see_other(request, f"/questions/{question.id}", flash=said, opinion=opinion.id)


async def found_opinion(request: Request) -> tuple[Opinion, RiskQuestion, Standing]:
    """The opinion of the address, for somebody who may see it now. Its draft is not loaded."""
    opinion = await Opinion.get_or_none(id=request.path_params["opinion_id"]).only(
        "id", "question_id", "author_id", "stage", "version", "set_aside_at"
    )
    if opinion is None:
        raise NotFound()
    question, standing = await seen_by(request.user.id, opinion.question_id)
    revealed = question.revealed_at is not None and opinion.set_aside_at is None
    if not rules.may_see_opinion(standing, opinion.author_id, OpinionStage(opinion.stage), revealed):
        raise NotFound()
    return opinion, question, standing


async def show_opinion(request: Request) -> Response:
    """Where a link to an opinion leads: its place in the discussion, or for its author the form."""
    opinion, question, _standing = await found_opinion(request)
    is_shown = question.revealed_at is not None and OpinionStage(opinion.stage) in rules.SHOWN
    target = (
        f"/questions/{question.id}#opinion-{opinion.id}" if is_shown else f"/questions/{question.id}/opinion"
    )
    return see_other(request, target, opinion=opinion.id, version=opinion.version)


@dataclass(frozen=True)
class Change:
    """From one version to the next: texts, answers and documents that changed."""

    before: Version
    after: Version
    texts: list[tuple[str, Markup]]
    answers: list[tuple[str, str, str]]
    come: list[str]
    gone: list[str]


async def show_versions(request: Request) -> Response:
    opinion, question, standing = await found_opinion(request)
    await opinion.fetch_related("author")
    versions = await versions_of(opinion.id)
    found = await scales_of(question.assessment_id)
    context = {
        "assessment": await Assessment.get(id=question.assessment_id),
        "standing": standing,
        "question": question,
        "author": opinion.author.name,
        "opinion": opinion,
        "versions": versions,
        "changes": [change_between(one, two, found) for one, two in pairwise(versions)][::-1],
        "step": rules.WAY_STEP[Stage(question.stage)],
    }
    facts = {"versions": [{"version": each.number, "at": stamp(each.at)} for each in versions]}
    return render(request, "questions/versions.html", context, facts=facts)


def change_between(before: Version, after: Version, found: Scales) -> Change:
    texts = [
        (_("Position"), before.position, after.position),
        (_("Reasons"), before.reasons, after.reasons),
        (_("What remains unknown"), before.assessed.unknowns, after.assessed.unknowns),
    ]
    return Change(
        before,
        after,
        [(name, word_diff(old, new)) for name, old, new in texts if old != new],
        answers_changed(before.assessed, after.assessed, found),
        documents_only_in(after, before),
        documents_only_in(before, after),
    )


def answers_changed(before: Assessed, after: Assessed, found: Scales) -> list[tuple[str, str, str]]:
    names = {
        "status": _("Status"),
        "severity": _("Severity"),
        "likelihood": _("Likelihood"),
        "certainty": _("Certainty"),
    }
    return [
        (label, _(found.word(name, getattr(before, name))), _(found.word(name, getattr(after, name))))
        for name, label in names.items()
        if getattr(before, name) != getattr(after, name)
    ]


def documents_only_in(one: Version, other: Version) -> list[str]:
    there = {(cited.item_id, cited.passage) for cited in other.citations}
    return [
        f"{cited.code} {cited.passage}".strip()
        for cited in one.citations
        if (cited.item_id, cited.passage) not in there
    ]


HERE = "/questions/{question_id:int}"
routes: Sequence[Any] = [
    page(f"{HERE}/opinion", show_opinion_form, who=WRITERS),
    page(f"{HERE}/opinion", submit_opinion, who=WRITERS, methods=["POST"]),
    page(f"{HERE}/draft", save_draft, who=WRITERS, methods=["POST"]),
    page("/opinions/{opinion_id:int}", show_opinion, who={"secretariat", *WRITERS}),
    page("/opinions/{opinion_id:int}/versions", show_versions, who={"secretariat", *WRITERS}),
    page("/opinions/{opinion_id:int}/withdraw", withdraw_opinion, who=WRITERS, methods=["POST"]),
]

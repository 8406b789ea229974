"""The group's conclusion, and the wordings of a statement: written by chair or secretariat, in versions."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions import actions, rules, statements
from deliberate.questions.models import (
    Conclusion,
    RiskQuestion,
    Statement,
    Wording,
    newest_conclusion,
    scales_of,
    seen_by,
)
from deliberate.questions.opinion_pages import worded
from deliberate.questions.rules import Stage
from deliberate.questions.texts import Assessed, ConclusionText
from deliberate.web.answers import render, see_other
from deliberate.web.diff import word_diff
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, t
from deliberate.web.routing import page

CONDUCT = {"secretariat", "chair"}
FIELDS = ("answer", "status", "severity", "likelihood", "certainty", "unknowns", "divergent", "language")


async def conducted_question(request: Request) -> tuple[RiskQuestion, Standing]:
    """The question of the address, for its chair and the secretariat; the action says what they may do."""
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    if not (standing.secretariat or standing.chairs(question.group_id)):
        raise NotFound()
    return question, standing


async def show_conclusion_form(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    question, standing = await conducted_question(request)
    after = await last_number(question.assessment_id)
    newest = await newest_conclusion(question.id)
    context = {
        "assessment": await Assessment.get(id=question.assessment_id),
        "standing": standing,
        "question": question,
        "newest": newest,
        "filled": typed if typed is not None else last_words(newest, request.user.language),
        "difference": difference_from(newest, typed),
        "scales": worded(await scales_of(question.assessment_id)),
        "closed": why_closed(question, standing),
        "step": rules.WAY_STEP[Stage(question.stage)],
        "after": after,
    }
    facts = {"version": newest.version if newest else 0, "stage": question.stage}
    return render(request, "questions/conclude.html", context, refusal=refusal, typed=typed, facts=facts)


def last_words(newest: Conclusion | None, language: str) -> dict[str, Any]:
    if newest is None:
        return {"language": language}
    return {name: getattr(newest, name) for name in FIELDS}


def difference_from(newest: Conclusion | None, typed: Mapping[str, Any] | None) -> Any:
    """Against what somebody else wrote meanwhile."""
    if newest is None or typed is None or str(typed.get("based_on", "")) == str(newest.version):
        return None
    return word_diff(newest.answer, str(typed.get("answer", "")))


def why_closed(question: RiskQuestion, standing: Standing) -> Refusal | None:
    try:
        rules.check_conducts(standing, question.id, question.group_id)
        rules.check_concluding(Stage(question.stage))
    except Refusal as refusal:
        return refusal
    return None


class ConclusionForm(BaseModel):
    """Read as typed: what is missing or too long is told by the rules, all at once."""

    answer: str = ""
    status: str = ""
    severity: str = ""
    likelihood: str = ""
    certainty: str = ""
    unknowns: str = ""
    divergent: str = ""
    language: str = ""
    based_on: int | None = None


@again(show_conclusion_form)
async def write_conclusion(request: Request) -> Response:
    question, _standing = await conducted_question(request)
    form = await read(request, ConclusionForm)
    assessed = Assessed(form.status, form.severity, form.likelihood, form.certainty, form.unknowns)
    text = ConclusionText(form.answer, assessed, form.language, form.divergent)
    made = await actions.write_conclusion(question.id, text, request.user, based_on=form.based_on)
    said = _("The conclusion is written, version {number}.").format(number=made.version)
    target = f"/questions/{question.id}#conclusion"
    return see_other(request, target, flash=said, conclusion=made.id, version=made.version)


async def show_statement(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    statement, question, standing = await found_statement(request)
    after = await last_number(question.assessment_id)
    wordings = await Wording.filter(statement_id=statement.id).order_by("version")
    changes = [(two, word_diff(t(one.text), t(two.text))) for one, two in pairwise(wordings)]
    context = {
        "assessment": await Assessment.get(id=question.assessment_id),
        "standing": standing,
        "question": question,
        "statement": statement,
        "wording": wordings[-1],
        "changes": changes[::-1],
        "may_reword": may_reword(question, standing),
        "step": rules.WAY_STEP[Stage(question.stage)],
        "after": after,
    }
    facts = {"id": statement.id, "version": statement.version, "text": wordings[-1].text}
    return render(request, "questions/statement.html", context, refusal=refusal, typed=typed, facts=facts)


async def found_statement(request: Request) -> tuple[Statement, RiskQuestion, Standing]:
    statement = await Statement.get_or_none(id=request.path_params["statement_id"])
    if statement is None:
        raise NotFound()
    question, standing = await seen_by(request.user.id, statement.question_id)
    return statement, question, standing


def may_reword(question: RiskQuestion, standing: Standing) -> bool:
    conducts = standing.secretariat or (standing.chairs(question.group_id) and standing.declared)
    return conducts and Stage(question.stage) not in (Stage.OPINION_ADOPTED, Stage.LOCKED)


Text = Annotated[str, Field(max_length=5000)]


class WordingForm(BaseModel):
    text_fr: Text
    text_en: Text
    reason: Text


@again(show_statement)
async def reword_statement(request: Request) -> Response:
    statement, question, standing = await found_statement(request)
    rules.check_conducts(standing, question.id, question.group_id)
    form = await read(request, WordingForm)
    text = {"fr": form.text_fr, "en": form.text_en}
    unless = request.app.state.slots.get("rewording", ())
    version = await statements.reword_statement(statement.id, text, form.reason, request.user, unless=unless)
    said = _("The new wording is in force.")
    return see_other(request, f"/statements/{statement.id}", flash=said, version=version)


routes = [
    page("/questions/{question_id:int}/conclusion", show_conclusion_form, who=CONDUCT),
    page("/questions/{question_id:int}/conclusion", write_conclusion, who=CONDUCT, methods=["POST"]),
    page("/statements/{statement_id:int}", show_statement, who={"secretariat", "chair", "expert"}),
    page("/statements/{statement_id:int}/reword", reword_statement, who=CONDUCT, methods=["POST"]),
]

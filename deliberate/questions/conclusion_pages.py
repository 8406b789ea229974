"""The group's conclusion: written by chair or secretariat, in versions."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions import actions, rules
from deliberate.questions.models import (
    Conclusion,
    RiskQuestion,
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
from deliberate.web.i18n import _
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


routes = [
    page("/questions/{question_id:int}/conclusion", show_conclusion_form, who=CONDUCT),
    page("/questions/{question_id:int}/conclusion", write_conclusion, who=CONDUCT, methods=["POST"]),
]

"""The page of a risk question, its live parts, and its steps; the routes, topics and slots of this package."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deliberate.assessments.models import Assessment, Group
from deliberate.errors import Refusal
from deliberate.evidence.pages import documents_of
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.questions import (
    actions,
    conclusion_pages,
    elsewhere,
    founding,
    opinion_pages,
    opinions,
    rules,
    scales,
)
from deliberate.questions.models import (
    Reopening,
    RiskQuestion,
    newest_conclusion,
    scales_of,
    seen_by,
    statement_texts,
)
from deliberate.questions.opinion_pages import comment_targets
from deliberate.questions.rules import Stage
from deliberate.questions.sight import discussion_of, own_opinion, turnout_of
from deliberate.web import parts
from deliberate.web.answers import page_text, part, render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, language, t
from deliberate.web.routing import page
from deliberate.web.slots import fill

READERS = {"secretariat", "chair", "expert"}


@dataclass(frozen=True)
class May:
    """Which steps this page offers; each is asked again when taken."""

    write: bool = False
    comment: bool = False
    open_opinions: bool = False
    reveal: bool = False
    conclude: bool = False
    adopt: bool = False
    reopen: bool = False


async def show_question(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    after = await last_number(question.assessment_id)
    assessment = await Assessment.get(id=question.assessment_id)
    documents, items = await documents_of(request, assessment, rules.subject_of(question.id))
    statements = list((await statement_texts([question.id])).values())
    state = await state_of(question, standing)
    context = {
        **state,
        "assessment": assessment,
        "group": await Group.get(id=question.group_id),
        "kind": kind_of(assessment, question),
        "statements": statements,
        "documents": documents,
        "discussion": await discussion_text(request, question),
        "panels": [panel for panel in await fill(request, "question", request, question, standing) if panel],
        "step": await step_of(request, question),
        "reopenings": await Reopening.filter(question_id=question.id).order_by("id").prefetch_related("by"),
        **await comment_targets(request, question, standing),
        "after": after,
    }
    facts = await facts_of(question, standing, statements, [item.id for item in items], state)
    return render(request, "questions/question.html", context, refusal=refusal, typed=typed, facts=facts)


async def state_of(question: RiskQuestion, standing: Standing) -> dict[str, Any]:
    """What stands at the top and changes most: counts, my own opinion, what I may do."""
    conclusion = await newest_conclusion(question.id) if question.revealed_at else None
    return {
        "question": question,
        "standing": standing,
        "stage": Stage(question.stage),
        "stage_word": rules.STAGE_WORDS[Stage(question.stage)],
        "next_step": rules.NEXT_STEP[Stage(question.stage)],
        "turnout": await turnout_of(question),
        "mine": await own_opinion(question.id, standing.person_id),
        "conclusion": conclusion,
        "may": may_do(question, standing, bool(conclusion)),
    }


def may_do(question: RiskQuestion, standing: Standing, has_conclusion: bool) -> May:
    stage, group_id = Stage(question.stage), question.group_id
    subject = rules.subject_of(question.id)
    member = standing.sits_in(group_id) and standing.declared and rules.is_expected(standing, question.id, group_id)
    chair = member and standing.chairs(group_id)
    discussed = stage is Stage.OPINION_DRAFT
    done = stage in (Stage.OPINION_ADOPTED, Stage.LOCKED)
    return May(
        write=member and stage in rules.WRITING and standing.reads(subject, group_id),
        comment=member and discussed,
        open_opinions=standing.secretariat and stage is Stage.ASSIGNED,
        reveal=standing.secretariat and stage is Stage.EVIDENCE_READY,
        conclude=discussed and (chair or standing.secretariat),
        adopt=discussed and chair and has_conclusion,
        reopen=done and (standing.secretariat or (chair and stage is Stage.OPINION_ADOPTED)),
    )


def kind_of(assessment: Assessment, question: RiskQuestion) -> str:
    names = {row["code"]: row["name"] for row in assessment.risk_kinds}
    return t(names[question.kind]) if question.kind in names else _("question of context")


async def step_of(request: Request, question: RiskQuestion) -> str:
    """Where the question is on its way; once revealed, later domains know better (slot "way")."""
    step = rules.WAY_STEP[Stage(question.stage)]
    if question.stage != Stage.OPINION_DRAFT:
        return step
    known = [found for found in await fill(request, "way", question) if found]
    return str(known[-1]) if known else step


async def facts_of(
    question: RiskQuestion,
    standing: Standing,
    statements: list[Any],
    documents: list[int],
    state: Mapping[str, Any],
) -> dict[str, Any]:
    """The same page for scripts."""
    shown, remarks, _gone = await discussion_of(question)
    turnout, mine, conclusion = state["turnout"], state["mine"], state["conclusion"]
    return {
        "id": question.id,
        "code": question.code,
        "group": question.group_id,
        "stage": question.stage,
        "statements": [{"id": each.id, "code": each.code, "version": each.version} for each in statements],
        "documents": documents,
        "submitted": turnout.submitted,
        "expected": turnout.expected,
        **({"missing": turnout.missing} if standing.secretariat else {}),
        "mine": {"opinion": mine.id, "stage": mine.stage, "version": mine.version} if mine else None,
        "opinions": [
            {"opinion": each.id, "author": each.author, "version": each.version.number} for each in shown
        ],
        "comments": [each.id for each in remarks] + [each.id for one in shown for each in one.remarks],
        "conclusion": conclusion.version if conclusion else 0,
    }


async def discussion_text(request: Request, question: RiskQuestion) -> str:
    """Opinions, comments and conclusion: alike for everybody who may read the question, so rendered once."""

    async def make() -> str:
        shown, remarks, gone = await discussion_of(question)
        context = {
            "question": question,
            "opinions": shown,
            "remarks": remarks,
            "withdrawn": gone,
            "conclusion": await newest_conclusion(question.id) if question.revealed_at else None,
            "words": await scales_of(question.assessment_id),
            "stance_words": rules.STANCE_WORDS,
            "status_words": scales.STATUS_WORDS,
        }
        return page_text(request, "questions/_discussion.html", context)

    number = await last_number(question.assessment_id, rules.subject_of(question.id))
    return await parts.shared(("discussion", question.id, language()), number, make)


async def show_discussion(request: Request) -> Response:
    question, _standing = await seen_by(request.user.id, request.path_params["question_id"])
    return HTMLResponse(await discussion_text(request, question), headers={"Cache-Control": "no-store"})


async def show_state(request: Request) -> Response:
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    return part(request, "questions/_state.html", await state_of(question, standing))


@again(show_question)
async def open_opinions(request: Request) -> Response:
    question_id = request.path_params["question_id"]
    await actions.open_opinions(question_id, request.user)
    said = _("Members can write their opinions now, each unseen by the others.")
    return see_other(request, f"/questions/{question_id}", flash=said, stage=Stage.EVIDENCE_READY)


@again(show_question)
async def reveal_opinions(request: Request) -> Response:
    question_id = request.path_params["question_id"]
    count = await actions.reveal_opinions(question_id, request.user)
    said = _("The opinions are revealed to the group.")
    return see_other(request, f"/questions/{question_id}", flash=said, revealed=count)


class AdoptForm(BaseModel):
    version: int


@again(show_question)
async def adopt_conclusion(request: Request) -> Response:
    question_id = request.path_params["question_id"]
    await seen_by(request.user.id, question_id)
    form = await read(request, AdoptForm)
    await actions.adopt_conclusion(question_id, form.version, request.user)
    said = _("The conclusion is adopted.")
    return see_other(request, f"/questions/{question_id}#conclusion", flash=said, version=form.version)


class ReopenForm(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=5000)]


@again(show_question)
async def reopen_question(request: Request) -> Response:
    question_id = request.path_params["question_id"]
    question, standing = await seen_by(request.user.id, question_id)
    rules.check_conducts(standing, question.id, question.group_id)
    form = await read(request, ReopenForm)
    await actions.reopen_question(question_id, form.reason, request.user)
    said = _("The question is open again. The record will print the reason.")
    return see_other(request, f"/questions/{question_id}", flash=said, stage=Stage.OPINION_DRAFT)


async def audience_of_question(person: Person | None, ident: int) -> Audience | None:
    """Who reads the question hears of it."""
    question = await RiskQuestion.get_or_none(id=ident)
    if person is None or question is None:
        return None
    standing = await standing_of(person.id, question.assessment_id)
    if not rules.may_read(standing, question.id, question.group_id, Stage(question.stage)):
        return None
    return Audience(question.assessment_id, "secretariat" if standing.secretariat else "member")


HERE = "/questions/{question_id:int}"
routes = [
    page(HERE, show_question, who=READERS),
    page(f"{HERE}/discussion", show_discussion, who=READERS),
    page(f"{HERE}/state", show_state, who=READERS),
    page(f"{HERE}/open-opinions", open_opinions, who={"secretariat"}, methods=["POST"]),
    page(f"{HERE}/reveal", reveal_opinions, who={"secretariat"}, methods=["POST"]),
    page(f"{HERE}/adopt", adopt_conclusion, who={"chair"}, methods=["POST"]),
    page(f"{HERE}/reopen", reopen_question, who={"secretariat", "chair"}, methods=["POST"]),
    *opinion_pages.routes(show_question),
    *conclusion_pages.routes,
]
topics = {"question": audience_of_question}
slots = {
    "founding": [founding.add_questions, founding.add_evidence_items],
    "subjects": [elsewhere.subjects],
    "recusal": [opinions.set_aside_opinions],
    "home": [elsewhere.waiting_for],
    "home_assessment": [elsewhere.strip],
    "assessment": [elsewhere.list_of_questions],
    "facts": [elsewhere.facts],
    "board_rows": [elsewhere.board_rows],
    "board": [elsewhere.opinions_column, elsewhere.conclusions_column],
}

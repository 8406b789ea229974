"""The page of a risk question and its two live parts: what stands at the top, and the discussion below."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deliberate.assessments.models import Assessment, Group
from deliberate.errors import Refusal
from deliberate.evidence.pages import documents_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions import rules, scales
from deliberate.questions.models import (
    Comment,
    Reopening,
    RiskQuestion,
    StatementProposal,
    newest_conclusion,
    scales_of,
    seen_by,
    statement_texts,
)
from deliberate.questions.proposal_pages import is_panellist
from deliberate.questions.proposal_rules import ProposalState
from deliberate.questions.rules import Stage
from deliberate.questions.sight import discussion_of, own_opinion, shown_opinions, turnout_of
from deliberate.questions.statement_pages import by_state, may_change
from deliberate.web import parts
from deliberate.web.answers import page_text, part, render, wants_json
from deliberate.web.i18n import _, language, t
from deliberate.web.slots import fill


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
        "lists": by_state(statements),
        "may_add": may_change(question, standing),
        "proposes": (role := proposes(question, standing, assessment)),
        "answers": await answers_to(question.id, standing.person_id) if role == "panel" else [],
        "documents": documents,
        "discussion": await discussion_text(request, question, standing),
        "panels": [panel for panel in await fill(request, "question", request, question, standing) if panel],
        "step": await step_of(request, question),
        "reopenings": await Reopening.filter(question_id=question.id).order_by("id").prefetch_related("by"),
        "form": await comment_form(request, question, typed or {}) if state["may"].comment else None,
        "after": after,
    }
    facts = None
    if wants_json(request):
        facts = await facts_of(question, standing, statements, [item.id for item in items], state)
    return render(request, "questions/question.html", context, refusal=refusal, typed=typed, facts=facts)


def proposes(question: RiskQuestion, standing: Standing, assessment: Assessment) -> str:
    """ "panel" for whoever may propose a statement, "office" for who answers, nothing for others."""
    if question.stage == Stage.DRAFT:
        return ""
    if is_panellist(standing, question, assessment):
        return "panel"
    return "office" if standing.secretariat else ""


async def answers_to(question_id: int, person_id: int) -> list[StatementProposal]:
    """What became of this person's own proposals."""
    rows = StatementProposal.filter(question_id=question_id, by_id=person_id)
    return await rows.exclude(state=ProposalState.OPEN).order_by("id")


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
    member = (
        standing.sits_in(group_id)
        and standing.declared
        and rules.is_expected(standing, question.id, group_id)
    )
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
        "statements": [
            {"id": each.id, "code": each.code, "version": each.version, "state": each.state}
            for each in statements
        ],
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


@dataclass(frozen=True)
class CommentForm:
    """What the form for comments offers: on what, in answer to what, and the key of this comment."""

    key: str
    opinions: list[tuple[str, str]]
    chosen: str
    parent: Comment | None


async def comment_form(request: Request, question: RiskQuestion, typed: Mapping[str, Any]) -> CommentForm:
    shown = await shown_opinions(question)
    answered = str(typed.get("parent") or request.query_params.get("answer") or "")
    parent = (
        await Comment.get_or_none(id=int(answered), question_id=question.id).prefetch_related("author")
        if answered.isdecimal() and len(answered) < 10
        else None
    )
    return CommentForm(
        str(typed.get("key") or secrets.token_hex(16)),
        [(str(each.id), _("the opinion of {name}").format(name=each.author)) for each in shown],
        str(typed.get("opinion") or request.query_params.get("opinion") or ""),
        parent,
    )


async def discussion_text(request: Request, question: RiskQuestion, standing: Standing) -> str:
    """Opinions, comments and conclusion: alike for all of the group, so rendered once for it."""
    answers = question.stage == Stage.OPINION_DRAFT and standing.sits_in(question.group_id)

    async def make() -> str:
        shown, remarks, gone = await discussion_of(question)
        context = {
            "question": question,
            "answers": answers,
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
    return await parts.shared(("discussion", question.id, answers, language()), number, make)


async def show_discussion(request: Request) -> Response:
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    html = await discussion_text(request, question, standing)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


async def show_state(request: Request) -> Response:
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    return part(request, "questions/_state.html", await state_of(question, standing))

"""The steps of a risk question and the comments on it; the routes, topics and slots of this package."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.interests.models import standing_of
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.questions import (
    actions,
    conclusion_pages,
    elsewhere,
    founding,
    opinion_pages,
    opinions,
    proposal_pages,
    rules,
    statement_pages,
)
from deliberate.questions.models import RiskQuestion, seen_by
from deliberate.questions.overview import show_discussion, show_question, show_state
from deliberate.questions.rules import Stage, Stance
from deliberate.questions.texts import COMMENT_LIMIT
from deliberate.web.answers import see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page

READERS = {"secretariat", "chair", "expert"}


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
    question, standing = await seen_by(request.user.id, question_id)
    rules.check_chairs(standing, question.id, question.group_id)
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


class CommentForm(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=COMMENT_LIMIT)]
    stance: Stance
    language: Literal["fr", "en"]
    key: Annotated[str, Field(min_length=8, max_length=64)]
    opinion: int | None = None
    parent: int | None = None


@again(show_question)
async def add_comment(request: Request) -> Response:
    question_id = request.path_params["question_id"]
    question, standing = await seen_by(request.user.id, question_id)
    rules.check_writes(standing, question.id, question.group_id)
    form = await read(request, CommentForm)
    comment = await opinions.add_comment(
        question_id,
        form.text,
        request.user,
        stance=form.stance,
        language=form.language,
        key=form.key,
        opinion_id=form.opinion,
        parent_id=form.parent,
    )
    return see_other(request, f"/questions/{question_id}#comment-{comment.id}", comment=comment.id)


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
    page(f"{HERE}/comments", add_comment, who={"chair", "expert"}, methods=["POST"]),
    *opinion_pages.routes,
    *conclusion_pages.routes,
    *statement_pages.routes,
    *proposal_pages.routes,
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
    "board_order": [elsewhere.board_order],
    "board_rows": [elsewhere.board_rows],
    "board": [elsewhere.opinions_column, elsewhere.statements_column, elsewhere.conclusions_column],
}

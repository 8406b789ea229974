"""Statements that panellists propose: each reads the own ones with their answers, the secretariat all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions import proposal_rules, proposals, rules
from deliberate.questions.models import RiskQuestion, StatementProposal, seen_by, statement_texts
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import StatementState
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, parsed, read
from deliberate.web.forms import clean as cleaned
from deliberate.web.i18n import _, sentence, t
from deliberate.web.routing import page

OFFICE = {"secretariat"}
PANEL = {"expert"}  # and the chair, where the protocol lets it rate
LONGEST = 5_000


async def show_proposals(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    question, standing, assessment = await place_of(request)
    after = await last_number(assessment.id)
    texts = await statement_texts([question.id])
    own = is_panellist(standing, question, assessment)
    context = {
        "assessment": assessment,
        "standing": standing,
        "question": question,
        "own": own,
        "closed": await why_closed(request, question, standing) if own else "",
        "about": [
            (each.id, f"{each.code} {t(each.text)}")
            for each in texts.values()
            if each.state != StatementState.WITHDRAWN
        ],
        "codes": {each.id: each.code for each in texts.values()},
        "proposals": await proposals_read(question.id, standing, own),
        "state_words": proposal_rules.STATE_WORDS,
        "step": rules.WAY_STEP[Stage(question.stage)],
        "after": after,
    }
    facts = {
        "proposals": [
            {"id": each.id, "state": each.state, "text": each.text, "statement": each.statement_id}
            for each in context["proposals"]
        ]
    }
    return render(request, "questions/proposals.html", context, refusal=refusal, typed=typed, facts=facts)


async def place_of(request: Request) -> tuple[RiskQuestion, Standing, Assessment]:
    """The question of the address, or of the proposal it names, for its panel and the secretariat."""
    question_id = request.path_params.get("question_id")
    if question_id is None:
        question_id = (await proposals.stored(request.path_params["proposal_id"])).question_id
    question, standing = await seen_by(request.user.id, question_id)
    assessment = await Assessment.get(id=question.assessment_id)
    if not standing.secretariat and not is_panellist(standing, question, assessment):
        raise NotFound()
    return question, standing, assessment


def is_panellist(standing: Standing, question: RiskQuestion, assessment: Assessment) -> bool:
    rates = read_protocol(assessment.protocol).chair_rates
    return proposal_rules.is_panellist(standing, question.group_id, chair_rates=rates)


async def proposals_read(question_id: int, standing: Standing, own: bool) -> list[StatementProposal]:
    """A panellist's own ones; the secretariat reads all, those that wait first. Nobody reads a name."""
    rows = StatementProposal.filter(question_id=question_id).order_by("id")
    if own:
        rows = rows.filter(by_id=standing.person_id)
    return sorted(await rows, key=lambda each: each.state != proposal_rules.ProposalState.OPEN)


async def why_closed(request: Request, question: RiskQuestion, standing: Standing) -> str:
    """Why none is taken now, or nothing."""
    try:
        proposal_rules.check_proposes(
            standing, rules.subject_of(question.id), question.group_id, chair_rates=True
        )
        for ask in request.app.state.slots.get("proposing", ()):
            await ask(question)
    except Refusal as refusal:
        return sentence(refusal)
    return ""


Text = Annotated[str, Field(max_length=LONGEST)]


class ProposalForm(BaseModel):
    text_fr: Text = ""
    text_en: Text = ""
    reason: Text = ""
    about: Annotated[int, Field(ge=0, lt=2**31)] | None = None


@again(show_proposals)
async def propose_statement(request: Request) -> Response:
    question, standing, assessment = await place_of(request)
    if not is_panellist(standing, question, assessment):
        raise NotFound()
    form = await read(request, ProposalForm)
    made = await proposals.propose_statement(
        question.id,
        {"fr": form.text_fr, "en": form.text_en},
        form.reason,
        form.about,
        request.user,
        when=request.app.state.slots.get("proposing", ()),
    )
    said = _("Your proposal is with the secretariat. You read its answer here.")
    return see_other(request, f"/questions/{question.id}/proposals", flash=said, proposal=made)


@again(show_proposals)
async def accept_proposal(request: Request) -> Response:
    proposal_id, question = await answered_by_office(request)
    typed = await fields_typed(request, proposal_id)
    text = {code: typed.get(f"text_{code}", "") for code in ("fr", "en")}
    with fields_of(proposal_id):
        made = await proposals.accept_proposal(
            proposal_id, typed.get("code", ""), text, typed.get("reason", ""), request.user
        )
    said = _("The proposal is the statement {code} now.").format(code=made.code)
    return see_other(request, f"/questions/{question.id}/proposals", flash=said, statement=made.id)


@again(show_proposals)
async def decline_proposal(request: Request) -> Response:
    proposal_id, question = await answered_by_office(request)
    typed = await fields_typed(request, proposal_id)
    with fields_of(proposal_id):
        await proposals.decline_proposal(proposal_id, typed.get("decline", ""), request.user)
    said = _("The proposal is declined. Its proposer reads the reason.")
    return see_other(request, f"/questions/{question.id}/proposals", flash=said)


async def answered_by_office(request: Request) -> tuple[int, RiskQuestion]:
    question, standing, _assessment = await place_of(request)
    rules.check_prepares(standing)
    return request.path_params["proposal_id"], question


async def fields_typed(request: Request, proposal_id: int) -> dict[str, str]:
    """Several proposals stand on the page: the fields of each have its number before their name."""
    form, prefix = await parsed(request), f"{proposal_id}_"
    names = [name for name in form if name.startswith(prefix)]
    return {name.removeprefix(prefix): str(cleaned(form[name])) for name in names}


@contextmanager
def fields_of(proposal_id: int) -> Iterator[None]:
    try:
        yield
    except Invalid as wrong:
        wrong.problems = {f"{proposal_id}_{name}": problem for name, problem in wrong.problems.items()}
        raise


HERE = "/questions/{question_id:int}/proposals"
ONE = "/proposals/{proposal_id:int}"
routes = [
    page(HERE, show_proposals, who=OFFICE | PANEL),
    page(HERE, propose_statement, who=PANEL, methods=["POST"]),
    page(f"{ONE}/accept", accept_proposal, who=OFFICE, methods=["POST"]),
    page(f"{ONE}/decline", decline_proposal, who=OFFICE, methods=["POST"]),
]

"""A statement with its wordings and its kin; forms for chair and secretariat to change it between rounds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions import rules, statement_rules, statements
from deliberate.questions.models import (
    RiskQuestion,
    Statement,
    StatementOrigin,
    StatementProposal,
    StatementText,
    Wording,
    seen_by,
    statement_texts,
)
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import CHANGEABLE, MOST_PARTS, StatementState
from deliberate.web.answers import part, render, see_other
from deliberate.web.diff import word_diff
from deliberate.web.forms import again, parsed, read
from deliberate.web.forms import clean as cleaned
from deliberate.web.i18n import _, t
from deliberate.web.routing import page

READ = {"secretariat", "chair", "expert"}
CONDUCT = {"secretariat", "chair"}
PARTS_OFFERED = 3  # of a split; further ones may be sent
# In the order of a question's page: what waits, then what is done.
LISTS = (
    StatementState.DRAFT,
    StatementState.OPEN,
    StatementState.TO_DISCUSS,
    StatementState.SETTLED_IN,
    StatementState.SETTLED_OUT,
    StatementState.CLOSED,
    StatementState.WITHDRAWN,
)


@dataclass(frozen=True)
class Kin:
    """A statement that came before this one or after it, and what changed between the two."""

    statement: StatementText
    depth: int  # 1 for parents and children
    how: str
    at: datetime
    reason: str
    difference: Markup


async def show_statement(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    statement, question, standing = await found_statement(request)
    after = await last_number(question.assessment_id)
    wordings = await Wording.filter(statement_id=statement.id).order_by("version")
    siblings = await statement_texts([question.id])
    before, later = await kin_of(statement.id, question.id, siblings)
    changes = [(two, word_diff(t(one.text), t(two.text))) for one, two in pairwise(wordings)]
    context = {
        "assessment": await Assessment.get(id=question.assessment_id),
        "standing": standing,
        "question": question,
        "statement": statement,
        "state_word": statement_rules.STATE_WORDS[StatementState(statement.state)],
        "first": wordings[0],
        "wording": wordings[-1],
        "changes": changes[::-1],
        "proposed": await StatementProposal.get_or_none(statement_id=statement.id),
        "before": before,
        "later": later,
        "may_change": may_change(question, standing) and statement.state in CHANGEABLE,
        "merge_options": merge_options(statement, siblings),
        "merge_chosen": chosen(typed or {}),
        "parts": parts_typed(typed or {}),
        "step": rules.WAY_STEP[Stage(question.stage)],
        "after": after,
    }
    facts = {
        "id": statement.id,
        "version": statement.version,
        "text": wordings[-1].text,
        "state": statement.state,
        "parents": [each.statement.id for each in before if each.depth == 1],
        "children": [each.statement.id for each in later if each.depth == 1],
    }
    return render(request, "questions/statement.html", context, refusal=refusal, typed=typed, facts=facts)


async def found_statement(request: Request) -> tuple[Statement, RiskQuestion, Standing]:
    statement = await Statement.get_or_none(id=request.path_params["statement_id"])
    if statement is None:
        raise NotFound()
    question, standing = await seen_by(request.user.id, statement.question_id)
    return statement, question, standing


def may_change(question: RiskQuestion, standing: Standing) -> bool:
    conducts = standing.secretariat or (standing.chairs(question.group_id) and standing.declared)
    return conducts and Stage(question.stage) not in (Stage.OPINION_ADOPTED, Stage.LOCKED)


def merge_options(statement: Statement, texts: Mapping[int, StatementText]) -> list[tuple[int, str]]:
    """The others of the question that may still change."""
    others = [each for each in texts.values() if each.id != statement.id and each.state in CHANGEABLE]
    return [(each.id, f"{each.code} {t(each.text)}") for each in others]


def chosen(typed: Mapping[str, Any]) -> list[str]:
    given = typed.get("merge_others", [])
    return [given] if isinstance(given, str) else list(given)


async def kin_of(
    statement_id: int, question_id: int, texts: Mapping[int, StatementText]
) -> tuple[list[Kin], list[Kin]]:
    """All that came before a statement, and all that came after it, nearest first."""
    rows = await StatementOrigin.filter(statement__question_id=question_id).order_by("id")
    ids = {each.statement_id for each in rows}
    firsts = await Wording.filter(statement_id__in=ids, version=1).values("statement_id", "text", "reason")
    began = {row["statement_id"]: row for row in firsts}

    def kin(row: StatementOrigin, shown: int, depth: int) -> Kin:
        child = began[row.statement_id]
        changed = word_diff(t(texts[row.parent_id].text), t(child["text"]))
        return Kin(texts[shown], depth, row.how, row.at, child["reason"], changed)

    before = [kin(row, row.parent_id, depth) for row, depth in walk(rows, statement_id, up=True)]
    later = [kin(row, row.statement_id, depth) for row, depth in walk(rows, statement_id, up=False)]
    return before, later


def walk(
    rows: Sequence[StatementOrigin], start: int, *, up: bool, depth: int = 1
) -> Iterator[tuple[StatementOrigin, int]]:
    """The origins on the way up to the parents, or down to the children. Nobody is older than a parent."""
    for row in rows:
        own, other = (row.statement_id, row.parent_id) if up else (row.parent_id, row.statement_id)
        if own == start:
            yield row, depth
            yield from walk(rows, other, up=up, depth=depth + 1)


# On the page of a question


def by_state(texts: Sequence[StatementText]) -> list[tuple[str, list[StatementText]]]:
    """The lists of a question: the words of a state, and the statements in it."""
    found = [(state, [each for each in texts if each.state == state]) for state in LISTS]
    return [(statement_rules.STATE_WORDS[state], each) for state, each in found if each]


async def show_statements(request: Request) -> Response:
    question, _standing = await seen_by(request.user.id, request.path_params["question_id"])
    texts = await statement_texts([question.id])
    return part(request, "questions/_statements.html", {"lists": by_state([*texts.values()])})


# Acts

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


@again(show_statement)
async def split_statement(request: Request) -> Response:
    statement, question, standing = await found_statement(request)
    rules.check_conducts(standing, question.id, question.group_id)
    form = await parsed(request)
    typed = {name: str(cleaned(form[name])) for name in form}
    texts = [{"fr": each["fr"], "en": each["en"]} for each in parts_typed(typed) if each["fr"] or each["en"]]
    with fields_of("split"):
        made = await statements.split_statement(
            statement.id, texts, typed.get("split_reason", ""), request.user
        )
    said = _("The statement is split: its parts are rated from now on.")
    ids = [each.id for each in made]
    return see_other(request, f"/statements/{statement.id}", flash=said, statements=ids)


def parts_typed(typed: Mapping[str, Any]) -> list[dict[str, str]]:
    """What stands in the fields of a split; always as many as the form offers."""
    numbers = range(1, MOST_PARTS + 1)
    parts = [
        {code: str(typed.get(f"split_text_{code}_{number}", "")) for code in ("fr", "en")}
        for number in numbers
    ]
    last = max((at for at, each in enumerate(parts, 1) if each["fr"] or each["en"]), default=0)
    return parts[: max(last, PARTS_OFFERED)]


class MergeForm(BaseModel):
    merge_others: list[int] = []
    merge_text_fr: str = ""
    merge_text_en: str = ""
    merge_reason: str = ""


@again(show_statement)
async def merge_statements(request: Request) -> Response:
    statement, question, standing = await found_statement(request)
    rules.check_conducts(standing, question.id, question.group_id)
    form = await read(request, MergeForm)
    text = {"fr": form.merge_text_fr, "en": form.merge_text_en}
    ids = [statement.id, *form.merge_others]
    with fields_of("merge"):
        made = await statements.merge_statements(ids, text, form.merge_reason, request.user)
    said = _("The statements are merged into {code}.").format(code=made.code)
    return see_other(request, f"/statements/{made.id}", flash=said, statement=made.id)


class WithdrawForm(BaseModel):
    withdraw_reason: str = ""


@again(show_statement)
async def withdraw_statement(request: Request) -> Response:
    statement, question, standing = await found_statement(request)
    rules.check_conducts(standing, question.id, question.group_id)
    form = await read(request, WithdrawForm)
    with fields_of("withdraw"):
        await statements.withdraw_statement(statement.id, form.withdraw_reason, request.user)
    said = _("The statement is withdrawn. It stays readable, with the reason.")
    return see_other(request, f"/statements/{statement.id}", flash=said)


@contextmanager
def fields_of(act: str) -> Iterator[None]:
    """Several forms stand on the page of a statement: the fields of each have its name before theirs."""
    try:
        yield
    except Invalid as wrong:
        wrong.problems = {f"{act}_{name}": problem for name, problem in wrong.problems.items()}
        raise


async def show_new_statement(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    question, standing = await conducted(request)
    context = {
        "assessment": await Assessment.get(id=question.assessment_id),
        "standing": standing,
        "question": question,
        "step": rules.WAY_STEP[Stage(question.stage)],
        "after": await last_number(question.assessment_id),
    }
    facts = {"question": question.id}
    return render(request, "questions/new_statement.html", context, refusal=refusal, typed=typed, facts=facts)


async def conducted(request: Request) -> tuple[RiskQuestion, Standing]:
    """The question of the address, for its chair and the secretariat; the action says what they may do."""
    question, standing = await seen_by(request.user.id, request.path_params["question_id"])
    if not (standing.secretariat or standing.chairs(question.group_id)):
        raise NotFound()
    return question, standing


class StatementForm(BaseModel):
    """Read as typed: what is missing or too long is told by the rules, all at once."""

    code: str = ""
    text_fr: str = ""
    text_en: str = ""
    reason: str = ""


@again(show_new_statement)
async def add_statement(request: Request) -> Response:
    question, _standing = await conducted(request)
    form = await read(request, StatementForm)
    text = {"fr": form.text_fr, "en": form.text_en}
    made = await statements.add_statement(question.id, form.code, text, form.reason, request.user)
    said = _("The statement {code} is added.").format(code=made.code)
    target = f"/questions/{question.id}#statement-{made.id}"
    return see_other(request, target, flash=said, statement=made.id)


routes = [
    page("/questions/{question_id:int}/statements", show_statements, who=READ),
    page("/questions/{question_id:int}/statements/new", show_new_statement, who=CONDUCT),
    page("/questions/{question_id:int}/statements", add_statement, who=CONDUCT, methods=["POST"]),
    page("/statements/{statement_id:int}", show_statement, who=READ),
    page("/statements/{statement_id:int}/reword", reword_statement, who=CONDUCT, methods=["POST"]),
    page("/statements/{statement_id:int}/split", split_statement, who=CONDUCT, methods=["POST"]),
    page("/statements/{statement_id:int}/merge", merge_statements, who=CONDUCT, methods=["POST"]),
    page("/statements/{statement_id:int}/withdraw", withdraw_statement, who=CONDUCT, methods=["POST"]),
]

"""Statements between rounds. After the founding the only writer of statements and wordings.

Nothing is lost: what was reworded, split, merged or withdrawn stays readable, with its votes and the reason.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from deliberate.assessments.models import Pair
from deliberate.errors import NotFound
from deliberate.live.journal import Note, commitment, new_salt
from deliberate.people.models import Person
from deliberate.questions import rules, statement_rules
from deliberate.questions.actions import acting_on, subject_of
from deliberate.questions.models import RiskQuestion, Statement, StatementOrigin, Wording, re_rates_all
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import How, StatementState, check_step

# Asked with "statement-5" before its wording changes; raises Refused while somebody votes on it.
Unless = Callable[[str], Awaitable[None]]


async def add_statement(question_id: int, code: str, text: Pair, reason: str, actor: Person) -> Statement:
    """A further statement, which the panel has not rated yet."""
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        statement_rules.check_between_rounds(Stage(question.stage))
        siblings = await Statement.filter(question_id=question_id)
        statement_rules.check_texts([text], reason)
        statement_rules.check_code(code, {each.code for each in siblings})
        position = 1 + max((each.position for each in siblings), default=0)
        statement, told = await write(note, question, code, position, text, reason)
        await note(subject_of(question), "statement_added", **told)
    return statement


async def reword_statement(
    statement_id: int, text: Mapping[str, str], reason: str, actor: Person, unless: Sequence[Unless] = ()
) -> int:
    """A new version of the wording, the old ones stay; returns its number. Each of `unless` may refuse."""
    found = await stored(statement_id)
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        [statement] = await changeable(question, [statement_id])
        wording = await Wording.get(statement_id=statement_id, version=statement.version)
        statement_rules.check_texts([text], reason, wording.text)
        for refuse in unless:
            await refuse(f"statement-{statement_id}")
        version = statement.version + 1
        told = await word(note, statement_id, version, text, reason)
        await Statement.filter(id=statement_id).update(version=version)
        await note(subject_of(question), "statement_reworded", version=version, **told)
    return version


async def split_statement(
    statement_id: int, texts: Sequence[Pair], reason: str, actor: Person
) -> list[Statement]:
    """Several statements take the place of one, which is withdrawn."""
    found = await stored(statement_id)
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        parents = await changeable(question, [statement_id])
        statement_rules.check_split(texts)
        statement_rules.check_texts(texts, reason)
        return await replace(note, question, parents, texts, reason, How.SPLIT)


async def merge_statements(statement_ids: Sequence[int], text: Pair, reason: str, actor: Person) -> Statement:
    """One statement takes the place of several of the same question, which are withdrawn."""
    found = await stored(statement_ids[0])
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        ids = set(statement_ids)
        asked = await Statement.filter(id__in=ids).values_list("question_id", flat=True)
        statement_rules.check_merge(ids, [*asked])  # type: ignore[list-item]
        parents = await changeable(question, statement_ids)
        statement_rules.check_texts([text], reason)
        [made] = await replace(note, question, parents, [text], reason, How.MERGE)
    return made


async def withdraw_statement(statement_id: int, reason: str, actor: Person) -> None:
    """Never rated again; it stays readable with its votes, and the record gives the reason."""
    found = await stored(statement_id)
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        [statement] = await changeable(question, [statement_id])
        rules.check_reason(reason)
        told = await withdraw(note, statement, reason)
        await note(subject_of(question), "statement_withdrawn", about=f"statement-{statement_id}", **told)


# What voting does to statements, inside its own acts


async def mark_open(note: Note, statement_ids: Collection[int]) -> None:
    """These are put to the panel: joins the act that opens their ratings. Their words stand from now on.

    Raises:
        Refused: one of them is settled, withdrawn or being rated already; then none is opened.
    """
    await settle(note, dict.fromkeys(statement_ids, StatementState.OPEN))


async def open_again(note: Note, statement_id: int) -> None:
    """Its rating is repeated: what the first made of it counts no more, and the repetition settles it.

    Raises:
        Refused: it was withdrawn since.
    """
    statement = await stored(statement_id)
    statement_rules.check_repeats(statement.state, statement.code)
    if statement.state != StatementState.OPEN:  # the first was counted
        await Statement.filter(id=statement.id).update(state=StatementState.OPEN)
        states = {str(statement.id): str(StatementState.OPEN)}
        await note(rules.subject_of(statement.question_id), "statements_moved", states=states)


async def settle(note: Note, states: Mapping[int, StatementState]) -> None:
    """What ratings made of their statements: joins the act that shows the results, for the group reads it.

    Raises:
        Refused: a step that METHODS.md section 10 does not list; then none is taken.
    """
    found = await Statement.filter(id__in=list(states)).order_by("question_id", "position", "id")
    if not found:
        return
    again = await re_rates_all(found[0].question_id)
    moved: dict[int, dict[str, str]] = {}
    for statement in found:
        wanted = states[statement.id]
        check_step(statement.state, wanted, statement.code, re_rates_all=again)
        moved.setdefault(statement.question_id, {})[str(statement.id)] = str(wanted)
    for state in set(states.values()):
        mine = [statement_id for statement_id, wanted in states.items() if wanted is state]
        await Statement.filter(id__in=mine).update(state=state)
    for question_id, told in moved.items():
        await note(rules.subject_of(question_id), "statements_moved", states=told)


# Steps of the acts above


async def stored(statement_id: int) -> Statement:
    found = await Statement.get_or_none(id=statement_id)
    if found is None:
        raise NotFound()
    return found


async def changeable(question: RiskQuestion, statement_ids: Sequence[int]) -> list[Statement]:
    """The statements as they are inside the act, in the order of the question."""
    statement_rules.check_between_rounds(Stage(question.stage))
    found = await Statement.filter(id__in=list(statement_ids)).order_by("position", "id")
    for statement in found:
        statement_rules.check_changeable(statement.state, statement.code)
    return found


async def replace(
    note: Note,
    question: RiskQuestion,
    parents: Sequence[Statement],
    texts: Sequence[Pair],
    reason: str,
    how: How,
) -> list[Statement]:
    """New statements in the place of `parents`, with where they came from."""
    taken = await Statement.filter(question_id=question.id).values_list("code", flat=True)
    codes = statement_rules.codes_after(parents[0].code, [*map(str, taken)], len(texts))
    made: list[Statement] = []
    for code, text in zip(codes, texts, strict=True):
        statement, told = await write(note, question, code, parents[0].position, text, reason)
        made.append(statement)
        await note(subject_of(question), "statement_added", **told, parents=[each.id for each in parents])
    for parent in parents:
        told = await withdraw(note, parent, reason)
        for statement in made:
            await StatementOrigin.create(statement_id=statement.id, parent_id=parent.id, how=how, at=note.now)
        await note(
            subject_of(question),
            "statement_split" if how is How.SPLIT else "statement_merged",
            about=f"statement-{parent.id}",
            into=[each.id for each in made],
            **told,
        )
    return made


async def write(
    note: Note, question: RiskQuestion, code: str, position: int, text: Mapping[str, str], reason: str
) -> tuple[Statement, dict[str, str]]:
    statement = await Statement.create(question_id=question.id, code=code, position=position)
    return statement, await word(note, statement.id, 1, text, reason)


async def word(
    note: Note, statement_id: int, version: int, text: Mapping[str, str], reason: str
) -> dict[str, str]:
    """Stores a wording; what the journal says of it."""
    salt = new_salt()
    await Wording.create(
        statement_id=statement_id, version=version, text=dict(text), reason=reason, salt=salt, at=note.now
    )
    told = commitment({"text": dict(text), "reason": reason}, salt)
    return {"about": f"statement-{statement_id}", "commitment": told}


async def withdraw(note: Note, statement: Statement, reason: str) -> dict[str, str]:
    check_step(statement.state, StatementState.WITHDRAWN, statement.code)
    salt = new_salt()
    await Statement.filter(id=statement.id).update(
        state=StatementState.WITHDRAWN,
        withdrawn_at=note.now,
        withdrawn_reason=reason,
        withdrawn_salt=salt,
    )
    return {"commitment": commitment({"reason": reason}, salt)}

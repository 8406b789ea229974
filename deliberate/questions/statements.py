"""Statements between rounds. After the founding the only writer of statements and wordings."""

from collections.abc import Collection, Mapping

from deliberate.live.journal import Note
from deliberate.questions import rules
from deliberate.questions.models import Statement, re_rates_all
from deliberate.questions.statement_rules import StatementState, check_step


async def mark_open(note: Note, statement_ids: Collection[int]) -> None:
    """These are put to the panel: joins the act that opens their ratings. Their words stand from now on.

    Raises:
        Refused: one of them is settled, withdrawn or being rated already; then none is opened.
    """
    await settle(note, dict.fromkeys(statement_ids, StatementState.OPEN))


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

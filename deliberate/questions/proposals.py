"""A panellist proposes a statement while round one is open; the secretariat takes it up, or says why not.

Round one goes without interaction: no entry and no page names who proposed, and other panellists read a
proposal only as the statement it became.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from deliberate.assessments.models import Assessment, Pair
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.live.journal import acting, commitment, new_salt
from deliberate.people.models import Person
from deliberate.questions import proposal_rules, rules, statement_rules
from deliberate.questions.actions import acting_on, subject_of
from deliberate.questions.models import (
    RiskQuestion,
    Statement,
    StatementOrigin,
    StatementProposal,
    find_question,
)
from deliberate.questions.proposal_rules import ProposalState
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import How
from deliberate.questions.statements import write

# Asked with the question before a proposal is taken; raises Refused unless its first round is open.
When = Callable[[RiskQuestion], Awaitable[None]]


async def propose_statement(
    question_id: int,
    text: Mapping[str, str],
    reason: str,
    about_id: int | None,
    panellist: Person,
    when: Sequence[When] = (),
) -> int:
    """Words of a panellist's own, or a variant of a statement. The entry has no actor."""
    question = await find_question(question_id)
    async with acting(question.assessment_id, None) as note:
        await question.refresh_from_db()
        standing = await standing_of(panellist.id, question.assessment_id, note.now)
        rules.check_may_read(standing, question.id, question.group_id, Stage(question.stage))
        rates = await chair_rates(question.assessment_id)
        proposal_rules.check_proposes(standing, subject_of(question), question.group_id, chair_rates=rates)
        statement_rules.check_between_rounds(Stage(question.stage))
        for ask in when:
            await ask(question)
        words = {code: said for code, said in text.items() if said}
        proposal_rules.check_proposal(words, reason)
        if about_id is not None and not await Statement.exists(id=about_id, question_id=question.id):
            raise NotFound()
        salt = new_salt()
        made = await StatementProposal.create(
            question_id=question.id,
            by=panellist,
            about_id=about_id,
            text=words,
            reason=reason,
            salt=salt,
            at=note.now,
            state=ProposalState.OPEN,
        )
        told = commitment({"text": words, "reason": reason}, salt)
        await note(subject_of(question), "statement_proposed", about=f"proposal-{made.id}", commitment=told)
    return made.id


async def accept_proposal(proposal_id: int, code: str, text: Pair, reason: str, actor: Person) -> Statement:
    """It becomes a statement for the next round, in both languages, with where it came from."""
    found = await stored(proposal_id)
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_prepares(standing)
        await found.refresh_from_db()
        proposal_rules.check_answers(found.state)
        statement_rules.check_between_rounds(Stage(question.stage))
        siblings = await Statement.filter(question_id=question.id)
        statement_rules.check_texts([text], reason)
        statement_rules.check_code(code, {each.code for each in siblings})
        position = 1 + max((each.position for each in siblings), default=0)
        statement, told = await write(note, question, code, position, text, reason)
        parents = [found.about_id] if found.about_id is not None else []
        for parent_id in parents:
            await StatementOrigin.create(
                statement_id=statement.id, parent_id=parent_id, how=How.PROPOSAL, at=note.now
            )
        found.state, found.statement_id = ProposalState.ACCEPTED, statement.id
        found.answered_at, found.answered_by_id = note.now, actor.id
        await found.save(update_fields=["state", "statement_id", "answered_at", "answered_by_id"])
        more = {"parents": parents} if parents else {}
        await note(subject_of(question), "statement_added", **told, **more, proposal=f"proposal-{found.id}")
    return statement


async def decline_proposal(proposal_id: int, reason: str, actor: Person) -> None:
    """Its proposer, and nobody else of the panel, reads why."""
    found = await stored(proposal_id)
    async with acting_on(found.question_id, actor) as (note, question, standing):
        rules.check_prepares(standing)
        await found.refresh_from_db()
        proposal_rules.check_answers(found.state)
        proposal_rules.check_decline(reason)
        found.state, found.answer, found.answer_salt = ProposalState.DECLINED, reason, new_salt()
        found.answered_at, found.answered_by_id = note.now, actor.id
        await found.save(update_fields=["state", "answer", "answer_salt", "answered_at", "answered_by_id"])
        told = commitment({"reason": reason}, found.answer_salt)
        about = f"proposal-{found.id}"
        await note(subject_of(question), "statement_proposal_declined", about=about, commitment=told)


async def stored(proposal_id: int) -> StatementProposal:
    found = await StatementProposal.get_or_none(id=proposal_id)
    if found is None:
        raise NotFound()
    return found


async def chair_rates(assessment_id: int) -> bool:
    assessment = await Assessment.get(id=assessment_id)
    return read_protocol(assessment.protocol).chair_rates

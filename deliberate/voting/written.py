"""A vote on a conclusion in writing: who may vote is worked out without a meeting, until a deadline."""

from datetime import datetime

from deliberate.assessments.models import Assessment, Group, chairs_and_members
from deliberate.assessments.rules import Role
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Refused
from deliberate.interests.models import standings_of
from deliberate.interests.rules import NO_BALLOT
from deliberate.live.journal import acting
from deliberate.mail import outbox
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion, find_question, newest_conclusion
from deliberate.questions.rules import Stage
from deliberate.settings import Settings
from deliberate.voting import actions, letters
from deliberate.voting.actions import Matter
from deliberate.voting.models import Vote
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Seat, Terms


async def open_written_vote(
    question_id: int, deadline_at: datetime, actor: Person, settings: Settings
) -> int:
    """Everybody of the group who has declared and is not recused, wherever they are. Each gets a letter."""
    question = await find_question(question_id)
    async with acting(question.assessment_id, actor) as note:
        await question.refresh_from_db()
        matter = await matter_of(question)
        vote_id = await actions.prepare_vote(matter, VoteKind.CHOICE, Mode.NAMED, actor)
        assessment = await Assessment.get(id=question.assessment_id)
        members = await chairs_and_members(question.group_id)
        chairs = {row["person_id"] for row in members if row["role"] == Role.CHAIR}
        standings = await standings_of(assessment.id, {row["person_id"] for row in members}, note.now)
        out = {
            person_id
            for person_id, standing in standings.items()
            if standing.outcome(matter.gate, question.group_id) in NO_BALLOT
        }
        roll = [
            Seat(person_id, chair=person_id in chairs)
            for person_id, standing in standings.items()
            if standing.declared and person_id not in out
        ]
        terms = Terms.under(read_protocol(assessment.protocol), recused=len(out))
        await actions.open_vote(vote_id, roll, terms, actor, deadline_at)
        vote, group = await Vote.get(id=vote_id), await Group.get(id=question.group_id)
        for person in await Person.filter(id__in=[seat.person_id for seat in roll]).order_by("id"):
            letter = letters.of_written_vote(person, assessment, group, vote, question.code, settings)
            await outbox.queue(person.email, letter.subject, letter.body)
    return vote_id


async def matter_of(question: RiskQuestion) -> Matter:
    """The newest conclusion, as it stands."""
    if question.stage == Stage.LOCKED:
        raise Refused("This question is locked in the record. Reopen it first.")
    conclusion = await newest_conclusion(question.id)
    if conclusion is None:
        raise Refused("There is no conclusion to vote on yet. Write it first, on the page of the question.")
    subject = f"question-{question.id}"
    if await Vote.filter(subject=subject, state=VoteState.OPEN).exists():
        raise Refused("A vote on this conclusion is open already. Close it first.")
    return Matter(
        assessment_id=question.assessment_id,
        group_id=question.group_id,
        subject=subject,
        gate=subject,
        text={conclusion.language: conclusion.answer},
        wording=conclusion.version,
    )

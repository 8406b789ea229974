"""Votes in writing, between meetings: on a conclusion or a motion, by everybody who may, until a deadline."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from deliberate.assessments.models import Assessment, Group, chairs_and_members
from deliberate.assessments.rules import GroupKind, Role
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import NotFound, Refused
from deliberate.interests.models import standing_of, standings_of
from deliberate.interests.rules import NO_BALLOT
from deliberate.live.journal import Note, acting, commitment, new_salt, stamp
from deliberate.mail import outbox
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion, find_question, newest_conclusion
from deliberate.questions.rules import Stage
from deliberate.settings import Settings
from deliberate.voting import actions, letters, round_rules, rules
from deliberate.voting.actions import Matter
from deliberate.voting.models import RoundExtension, Vote
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Seat, Terms
from deliberate.voting.turnout import who_answered


async def open_written_vote(
    question_id: int, deadline_at: datetime, actor: Person, settings: Settings
) -> int:
    """On the conclusion of a question, as it stands. Everybody who may vote gets a letter."""
    question = await find_question(question_id)
    async with acting(question.assessment_id, actor) as note:
        await question.refresh_from_db()
        return await open_to_all(await conclusion_of(question), deadline_at, actor, settings, note)


async def open_motion(
    group_id: int,
    question_id: int | None,
    text: Mapping[str, str],
    deadline_at: datetime,
    actor: Person,
    settings: Settings,
) -> int:
    """On words typed for it: of a working group, or on one of its questions, whose recusals then hold."""
    group = await Group.get_or_none(id=group_id, kind=GroupKind.WORKING_GROUP)
    if group is None:
        raise NotFound()
    async with acting(group.assessment_id, actor) as note:
        matter = await motion_of(group, question_id, text)
        return await open_to_all(matter, deadline_at, actor, settings, note)


async def open_to_all(
    matter: Matter, deadline_at: datetime, actor: Person, settings: Settings, note: Note
) -> int:
    """The roll: everybody of the group who has declared and is not recused, wherever they are."""
    vote_id = await actions.prepare_vote(matter, VoteKind.CHOICE, Mode.NAMED, actor)
    assessment = await Assessment.get(id=matter.assessment_id)
    members = await chairs_and_members(matter.group_id)
    chairs = {row["person_id"] for row in members if row["role"] == Role.CHAIR}
    standings = await standings_of(assessment.id, {row["person_id"] for row in members}, note.now)
    out = {
        person_id
        for person_id, standing in standings.items()
        if standing.outcome(matter.gate, matter.group_id) in NO_BALLOT
    }
    roll = [
        Seat(person_id, chair=person_id in chairs)
        for person_id, standing in standings.items()
        if standing.declared and person_id not in out
    ]
    terms = Terms.under(read_protocol(assessment.protocol), recused=len(out))
    await actions.open_vote(vote_id, roll, terms, actor, deadline_at)
    await write_to(await Vote.get(id=vote_id), [seat.person_id for seat in roll], settings)
    return vote_id


async def conclusion_of(question: RiskQuestion) -> Matter:
    """The newest conclusion, as it stands."""
    check_takes_votes(question)
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


async def motion_of(group: Group, question_id: int | None, text: Mapping[str, str]) -> Matter:
    gate = ""
    if question_id is not None:
        question = await find_question(question_id)
        if question.group_id != group.id:
            raise NotFound()
        check_takes_votes(question)
        gate = f"question-{question.id}"
    words = {code: said.strip() for code, said in text.items() if said.strip()}
    actions.check_text(words)
    subject = f"motion-{group.id}"
    running = Vote.filter(subject=subject, gate=gate, state=VoteState.OPEN)
    if words in await running.values_list("text", flat=True):
        raise Refused("These very words are being voted on already.")
    return Matter(
        assessment_id=group.assessment_id, group_id=group.id, subject=subject, gate=gate, text=words
    )


def check_takes_votes(question: RiskQuestion) -> None:
    if question.stage == Stage.DRAFT:
        raise NotFound()
    if question.stage == Stage.LOCKED:
        raise Refused("This question is locked in the record. Reopen it first.")


async def extend_vote(
    vote_id: int, deadline_at: datetime, reason: str, actor: Person, settings: Settings
) -> None:
    """Puts the deadline off, for a reason that the record prints. Those who have not voted are told."""
    round_rules.check_reason(reason)
    async with running(vote_id, actor) as (vote, note):
        round_rules.check_extension(vote.deadline_at, deadline_at, note.now)
        salt = new_salt()
        await RoundExtension.create(
            vote_id=vote.id,
            from_at=vote.deadline_at,
            to_at=deadline_at,
            reason=reason,
            salt=salt,
            by=actor,
            at=note.now,
        )
        vote.deadline_at = deadline_at
        await vote.save(update_fields=["deadline_at"])
        told = commitment({"reason": reason}, salt)
        await note(f"vote-{vote.id}", "vote_extended", deadline=stamp(deadline_at), reason=told)
        await write_to(vote, await missing_in(vote), settings, reason)


async def remind_missing(vote_id: int, actor: Person, settings: Settings) -> int:
    """A letter to those who have not voted, and to nobody else. How many there were."""
    async with running(vote_id, actor) as (vote, note):
        missing = await missing_in(vote)
        round_rules.check_reminds(missing, settings.writes_letters)
        await note(f"vote-{vote.id}", "vote_reminded", letters=len(missing))
        await write_to(vote, missing, settings)
    return len(missing)


@asynccontextmanager
async def running(vote_id: int, actor: Person) -> AsyncIterator[tuple[Vote, Note]]:
    """A vote in writing that takes ballots, as it is in this turn, for whoever runs it."""
    vote = await actions.stored(vote_id)
    async with acting(vote.assessment_id, actor) as note:
        await vote.refresh_from_db()
        standing = await standing_of(actor.id, vote.assessment_id, note.now)
        rules.check_runs(standing, vote.gate, vote.group_id)
        rules.check_alone(vote.rating_round_id)
        rules.check_in_writing(vote.state, vote.deadline_at, note.now)
        yield vote, note


async def missing_in(vote: Vote) -> list[int]:
    return [row["person_id"] for row in await who_answered(vote) if not row["answered"]]


async def write_to(vote: Vote, person_ids: Collection[int], settings: Settings, reason: str = "") -> None:
    """In the language of each. The letter holds nobody's choice, nor the words that are voted on."""
    if not settings.writes_letters:
        return
    assessment, group = await Assessment.get(id=vote.assessment_id), await Group.get(id=vote.group_id)
    gate = vote.gate.removeprefix("question-")
    code = (await RiskQuestion.get(id=int(gate))).code if gate else ""
    for person in await Person.filter(id__in=list(person_ids)).order_by("id"):
        letter = letters.of_written_vote(person, assessment, group, vote, code, settings, reason)
        await outbox.queue(person.email, letter.subject, letter.body)

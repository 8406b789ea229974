"""A large assessment that has been deliberated: one question by the real actions, and its rows copied to all.

Copying is SQL, for SQLite: what a hundred thousand acts would write in ten minutes stands there in a second.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4

from tortoise.models import Model

from deliberate.assessments.protocol_actions import freeze_protocol
from deliberate.bench import world
from deliberate.bench.commits import TEXT
from deliberate.bench.world import House, pair
from deliberate.consensus.protocol import read_protocol
from deliberate.evidence.models import evidence_of
from deliberate.live.database import connected, writing
from deliberate.questions import actions as questions
from deliberate.questions.models import (
    Citation,
    Comment,
    Conclusion,
    Opinion,
    OpinionVersion,
    RiskQuestion,
    Statement,
    questions_of,
)
from deliberate.questions.opinions import add_comment, submit_opinion
from deliberate.questions.rules import Stance
from deliberate.questions.texts import ConclusionText
from deliberate.settings import Settings
from deliberate.voting import actions as voting
from deliberate.voting.models import Ballot, RollEntry, Vote
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Seat, Terms

# ruff: noqa: S608 - the SQL below is put together of our own names and numbers

ROUNDS = 3
APART = 1_000_000  # between the ids of a row and of its copy for the next question
CONCLUSION = ConclusionText(
    "The group holds the risk for **established**.", TEXT.assessed, "en", "One differs."
)


@dataclass(frozen=True)
class Dossier:
    """The house, and the first of its questions with one of each thing that pages are about."""

    house: House
    question: RiskQuestion
    statement: int
    opinion: int
    document: int
    votes: list[int]


async def make_dossier(settings: Settings, experts: int, count: int, references: int) -> Dossier:
    """`count` questions, each with an opinion of every expert, three rounds and a conclusion."""
    house = await world.make_house(settings, experts, count, references)
    await freeze_protocol(house.assessment.id, house.assessment.protocol_hash, house.secretary.person)
    first = (await questions_of(house.assessment.id))[0]
    await write_opinions(house, first)
    statement = await Statement.get(question_id=first.id)
    votes = [await rate(house, first, statement, number) for number in range(ROUNDS)]
    await questions.write_conclusion(first.id, CONCLUSION, house.chair.person)
    await questions.adopt_conclusion(first.id, 1, house.chair.person)
    await first.refresh_from_db()
    await copy_to_all(first)
    opinion = await Opinion.filter(question_id=first.id).order_by("id").first()
    [document, *_] = await evidence_of(f"question-{first.id}")
    assert opinion is not None  # noqa: S101 - written above
    return Dossier(house, first, statement.id, opinion.id, document.id, votes)


async def write_opinions(house: House, question: RiskQuestion) -> None:
    await questions.open_opinions(question.id, house.secretary.person)
    [document, *_] = await evidence_of(f"question-{question.id}")
    cited = ((document.id, "p. 12"),)
    for guest in house.experts:
        await submit_opinion(question.id, replace(TEXT, citations=cited), guest.person)
    await questions.reveal_opinions(question.id, house.secretary.person)
    for guest, stance in zip(house.experts, Stance, strict=False):
        await add_comment(question.id, "Small.", guest.person, stance=stance, language="en", key=uuid4().hex)


async def rate(house: House, question: RiskQuestion, statement: Statement, number: int) -> int:
    """One confidential round, counted: the later, the more they agree."""
    secretary = house.secretary.person
    matter = voting.Matter(
        assessment_id=house.assessment.id,
        group_id=house.group.id,
        subject=f"statement-{statement.id}",
        gate=f"question-{question.id}",
        text=pair("Infections are serious."),
    )
    vote = await voting.prepare_vote(matter, VoteKind.RATING, Mode.CONFIDENTIAL, secretary)
    seats = [Seat(guest.person.id) for guest in house.experts]
    await voting.open_vote(vote, seats, Terms.under(read_protocol(house.assessment.protocol)), secretary)
    ratings = [7 + (place % 3 if number == 0 else place % 2) for place in range(len(seats))]
    await asyncio.gather(
        *(
            voting.cast_ballot(vote, guest.person, None, rating, "", uuid4().hex)
            for guest, rating in zip(house.experts, ratings, strict=True)
        )
    )
    await voting.close_vote(vote, secretary)
    await voting.reveal_vote(vote, secretary)
    return vote


# Copying


async def copy_to_all(first: RiskQuestion) -> None:
    """Ids of questions, statements and documents follow one another: the founding wrote them in one go."""
    own = f"r.question_id = {first.id}"
    opinions = f"r.opinion_id IN (SELECT id FROM questions_opinion WHERE question_id = {first.id})"
    votes = f"SELECT id FROM voting_vote WHERE gate = 'question-{first.id}'"
    far = f"(q.id - {first.id}) * {APART}"

    def shifted(*columns: str) -> dict[str, str]:
        return {name: f"r.{name} + {far}" for name in ("id", *columns)}

    of_question = {"question_id": "q.id"}
    vote = {
        "gate": "'question-' || q.id",
        "subject": f"'statement-' || (substr(r.subject, 11) + q.id - {first.id})",
    }
    citation = {"item_id": f"r.item_id + q.id - {first.id}"}
    versions = f"r.opinion_version_id IN (SELECT id FROM questions_opinion_version r WHERE {opinions})"
    async with writing():
        await copy(Opinion, shifted() | of_question, own, first)
        await copy(OpinionVersion, shifted("opinion_id"), opinions, first)
        await copy(Citation, shifted("opinion_version_id") | citation, versions, first)
        comment = {"key": f"r.key || '-' || (q.id - {first.id})"}
        await copy(Comment, shifted("opinion_id", "parent_id") | of_question | comment, own, first)
        await copy(Conclusion, shifted() | of_question, own, first)
        await copy(Vote, shifted() | vote, f"r.id IN ({votes})", first)
        await copy(RollEntry, shifted("vote_id"), f"r.vote_id IN ({votes})", first)
        await copy(Ballot, shifted("vote_id"), f"r.vote_id IN ({votes})", first)
        others = RiskQuestion.filter(assessment_id=first.assessment_id)
        await others.update(stage=first.stage, revealed_at=first.revealed_at)


async def copy(model: type[Model], changed: Mapping[str, str], where: str, first: RiskQuestion) -> None:
    """The rows `where`, once more for each further question, with `changed` columns."""
    meta = model._meta
    columns = list(meta.fields_db_projection.values())
    values = ", ".join(changed.get(name, f'r."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    await connected().execute_script(
        f'INSERT INTO "{meta.db_table}" ({names}) SELECT {values} '
        f'FROM "{meta.db_table}" r, questions_question q '
        f"WHERE ({where}) AND q.assessment_id = {first.assessment_id} AND q.id > {first.id}"
    )

"""An assessment that has gone its way, by the real actions:

opinions revealed, rated, concluded; another one blind.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.consensus.protocol import read_protocol
from deliberate.evidence.models import EvidenceItem, EvidenceSubject
from deliberate.hearings.models import (
    Contribution,
    Hearing,
    InterestsText,
    MinutesText,
    Spokesperson,
    Stakeholder,
)
from deliberate.live.keeper import Keeper
from deliberate.people.models import Person
from deliberate.questions.actions import adopt_conclusion, reveal_opinions, write_conclusion
from deliberate.questions.models import RiskQuestion, Statement
from deliberate.questions.opinions import save_draft, submit_opinion
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText
from deliberate.voting import actions as voting
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Seat, Terms
from tests.support.builders import (
    NOW,
    World,
    fill_checklist,
    freeze,
    join,
    make_person,
    make_question,
    make_world,
    pair,
)
from tests.support.kept import kept

FIRST = (7, 8, 8, 9, 3, None, 7)  # None: cannot judge
SECOND = (8, 8, 8, 9, 7, 7, 7)
ASSESSED = Assessed("known", "2", "not_assessable", "low", "The number of sessions is unknown.")
TEXT = OpinionText("The risk is established.", "Because of *twelve* case reports.", ASSESSED, "en")
CONCLUSION = ConclusionText(
    "The group holds the risk for **established**.", ASSESSED, "en", "One member differs."
)
BLIND = "CANARYBLIND"
DRAFT = "CANARYDRAFT"
MATRIX = (("C1", "C1", "C2"), ("C1", "C2", "C2"), ("C1", "C2", "C3"), ("C2", "C2", "C3"), ("C2", "C3", "C3"))
PROTOCOL = {"method": "RAM", "risk.matrix": [list(row) for row in MATRIX]}


def make_keeper() -> Keeper:
    return Keeper(Ed25519PrivateKey.generate(), "example.org")


@kept
async def make_story(*, blind: bool = True, votes: bool = True, reported: bool = True) -> World:
    """Question I-1 is concluded. P-1 holds blind opinions and drafts, or is concluded too if not `blind`. The
    reporting checklist is written if `reported`.
    """
    world = await make_world(experts=7, stage="evidence_ready")
    await freeze(world.assessment, PROTOCOL)
    document = await add_document(world, "L-1", world.question, world.other_question)
    await conclude(world, world.question, world.experts, world["chair"], document, votes=votes)
    await hear(world)
    if reported:
        await fill_checklist(world.assessment)
    if blind:
        await submit_opinion(world.other_question.id, replace(TEXT, position=BLIND), world["other_expert"])
        await save_draft(world.other_question.id, {"position": DRAFT}, world["other_chair"])
    else:
        await conclude(
            world, world.other_question, [world["other_expert"]], world["other_chair"], document, votes=False
        )
    return world


async def conclude(
    world: World,
    question: RiskQuestion,
    experts: Sequence[Person],
    chair: Person,
    document: EvidenceItem,
    *,
    votes: bool = True,
) -> None:
    """Opinions, reveal, two confidential rounds and a named vote, conclusion, adoption."""
    for number, expert in enumerate(experts):
        text = replace(TEXT, position=f"Position {number}", citations=((document.id, "p. 12"),))
        await submit_opinion(question.id, text, expert)
    await reveal_opinions(question.id, world["secretariat"])
    if votes:
        statement = await Statement.filter(question=question).order_by("position").first()
        assert statement
        await rate(world, question, statement, experts, FIRST)
        await rate(world, question, statement, experts, SECOND)
        choices = ("for", "for", "against")
        await choose(world, question, f"question-{question.id}", list(zip(experts, choices, strict=False)))
    await write_conclusion(question.id, CONCLUSION, chair)
    await adopt_conclusion(question.id, 1, chair)


async def rate(
    world: World,
    question: RiskQuestion,
    statement: Statement,
    raters: Sequence[Person],
    ratings: Sequence[int | None],
) -> int:
    """One confidential round, counted; returns the vote."""
    vote = await opened(
        world, question, f"statement-{statement.id}", VoteKind.RATING, Mode.CONFIDENTIAL, raters
    )
    for person, rating in zip(raters, ratings, strict=True):
        reason = "" if rating else "Outside my field."
        await voting.cast_ballot(vote, person, None, rating, reason, uuid4().hex, nsp=rating is None)
    return await counted(world, vote)


async def choose(
    world: World, question: RiskQuestion, subject: str, choices: Sequence[tuple[Person, str]]
) -> int:
    vote = await opened(
        world, question, subject, VoteKind.CHOICE, Mode.NAMED, [person for person, _ in choices]
    )
    for person, choice in choices:
        await voting.cast_ballot(vote, person, choice, None, f"Because I am {choice}", uuid4().hex)
    return await counted(world, vote)


async def opened(
    world: World, question: RiskQuestion, subject: str, kind: VoteKind, mode: Mode, people: Sequence[Person]
) -> int:
    matter = voting.Matter(
        assessment_id=world.assessment.id,
        group_id=question.group_id,
        subject=subject,
        gate=f"question-{question.id}",
        text=pair("What is put to the vote"),
    )
    vote = await voting.prepare_vote(matter, kind, mode, world["secretariat"])
    terms = Terms.under(read_protocol(world.assessment.protocol))
    await voting.open_vote(vote, [Seat(person.id) for person in people], terms, world["secretariat"])
    return vote


async def counted(world: World, vote: int) -> int:
    await voting.close_vote(vote, world["secretariat"])
    await voting.reveal_vote(vote, world["secretariat"])
    return vote


async def add_document(world: World, code: str, *questions: RiskQuestion) -> EvidenceItem:
    item = await EvidenceItem.create(
        assessment=world.assessment,
        code=code,
        kind="literature",
        title=pair(f"Document {code}"),
        description=pair("A case series."),
        source=pair("A journal"),
        level="C",
        url="https://example.org/paper",
        added_at=NOW,
    )
    for question in questions:
        await EvidenceSubject.create(item=item, subject=f"question-{question.id}")
    return item


async def hear(world: World) -> None:
    """One organisation with locked minutes, and one whose minutes are still being corrected."""
    for name, state in (("Society A", "locked"), ("Society B", "minutes_sent")):
        row = await Stakeholder.create(assessment=world.assessment, name=name, salt="0" * 64, added_at=NOW)
        speaker = await join(await make_person(f"Speaker of {name}"), world.assessment, "stakeholder")
        texts: dict[str, Any] = {"author": speaker, "version": 1, "salt": "0" * 64, "at": NOW, "entry": 1}
        await Spokesperson.create(stakeholder=row, person=speaker, since=NOW)
        await InterestsText.create(stakeholder=row, text=f"Funded by {name}", **texts)
        await Contribution.create(
            stakeholder=row, title="Viewpoint", text=f"We of {name} say.", language="en", **texts
        )
        hearing = await Hearing.create(
            stakeholder=row, themes=["T-1"], state=state, salt="0" * 64, convened_at=NOW, locked_at=NOW
        )
        await MinutesText.create(hearing=hearing, text=f"Minutes of {name}", **texts)


async def more_questions(world: World, count: int) -> None:
    """Further concluded questions, each with two rounds on a statement, one opinion and a document."""
    for number in range(count):
        question = await make_question(
            world.assessment, world.infection, f"X-{number}", stage="evidence_ready"
        )
        document = await add_document(world, f"X-{number}", question)
        await conclude(world, question, world.experts, world["chair"], document)

"""Rows to test with, written straight into the tables:

a small assessment with one person for each persona.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from deliberate.assessments.models import Assessment, Group, Membership
from deliberate.assessments.rules import GroupKind, Role
from deliberate.consensus import accord
from deliberate.consensus.protocol import read_protocol
from deliberate.interests.models import Declaration, InterestDecision
from deliberate.live.database import writing
from deliberate.people.models import AuthSession, Person
from deliberate.questions.models import RiskQuestion, Statement, Wording
from deliberate.record.models import ReportingText
from tests.support.kept import kept

NOW = datetime.now(UTC).replace(microsecond=0)
_counter = iter(range(1, 10**9))


def pair(text: str) -> dict[str, str]:
    return {"fr": f"{text} (fr)", "en": text}


async def make_person(name: str = "", *, administrator: bool = False, language: str = "en") -> Person:
    number = next(_counter)
    return await Person.create(
        name=name or f"Person {number}",
        email=f"person{number}@example.org",
        administrator=administrator,
        language=language,
        created_at=NOW,
    )


async def make_assessment(
    slug: str = "", protocol: dict[str, object] | None = None, *, frozen: bool = True
) -> Assessment:
    held = protocol if protocol is not None else {"method": "RAM"}
    digest = read_protocol(held).digest()
    return await Assessment.create(
        slug=slug or f"assessment-{next(_counter)}",
        title=pair("Aesthetic mesotherapy"),
        aim=pair("Map the risks"),
        requester=pair("The authority"),
        context=pair("Context"),
        risk_kinds=[{"code": "infectious", "name": pair("Infectious")}],
        themes=[{"code": "T-1", "title": pair("Practice"), "text": pair("How is it practised?")}],
        protocol=held,
        protocol_hash=digest,
        protocol_frozen_at=NOW if frozen else None,
        frozen_hash=digest if frozen else None,
        file_hash="0" * 64,
        founded_at=NOW,
    )


async def freeze(assessment: Assessment, protocol: Mapping[str, object]) -> None:
    """`protocol` in the place of the one it had, as if it had been frozen so."""
    digest = read_protocol(protocol).digest()
    frozen = {"protocol": dict(protocol), "protocol_hash": digest, "frozen_hash": digest}
    await Assessment.filter(id=assessment.id).update(**frozen, protocol_frozen_at=NOW)
    await assessment.refresh_from_db()


async def make_group(
    assessment: Assessment, code: str, kind: str = GroupKind.WORKING_GROUP, seats: int | None = None
) -> Group:
    return await Group.create(
        assessment=assessment, code=code, name=pair(code.title()), kind=kind, seats=seats, quorum_share="1/2"
    )


async def join(
    person: Person, assessment: Assessment, role: str, group: Group | None = None, *, declared: bool = True
) -> Person:
    await Membership.create(assessment=assessment, group=group, person=person, role=role, since=NOW)
    if declared and role not in (Role.SECRETARIAT, Role.STAKEHOLDER):
        await declare(person)
    return person


async def declare(person: Person, signed_at: datetime | None = None) -> None:
    version = 1 + await Declaration.filter(person=person).count()
    await declaration(person, version, signed_at).save()


def declaration(person: Person, version: int, signed_at: datetime | None = None) -> Declaration:
    return Declaration(
        person=person, version=version, nothing_to_declare=True, signed_at=signed_at or NOW, salt="0" * 64
    )


async def recuse(
    person: Person, assessment: Assessment, subject: str, by: Person, outcome: str = "recused_item"
) -> None:
    await InterestDecision.create(
        assessment=assessment,
        person=person,
        subject=subject,
        outcome=outcome,
        category="capital",
        reason="Holds shares in the maker.",
        salt="0" * 64,
        decided_by=by,
        decided_at=NOW,
    )


async def make_question(
    assessment: Assessment, group: Group, code: str, *, stage: str = "assigned", statements: int = 2
) -> RiskQuestion:
    question = await RiskQuestion.create(
        assessment=assessment,
        group=group,
        code=code,
        kind="infectious",
        title=pair(f"Question {code}"),
        text=pair(f"What is known of {code}?"),
        hazard=pair("Infection"),
        stage=stage,
    )
    for number in range(1, statements + 1):
        statement = await Statement.create(question=question, code=f"{code}.{number}", position=number)
        await Wording.create(statement=statement, version=1, text=pair(f"Statement {code}.{number}"), at=NOW)
    return question


@dataclass
class World:
    """One assessment with everybody in it, and a second one whose people must see nothing of the first."""

    assessment: Assessment
    pharmacology: Group
    infection: Group
    committee: Group
    question: RiskQuestion  # of the infection group
    other_question: RiskQuestion  # of the pharmacology group
    people: dict[str, Person] = field(default_factory=dict)
    experts: list[Person] = field(default_factory=list)  # of the infection group, the persona "expert" first
    members: list[Person] = field(default_factory=list)  # of the committee

    def __getitem__(self, persona: str) -> Person:
        return self.people[persona]


@kept
async def make_world(experts: int = 3, members: int = 3, stage: str = "assigned") -> World:
    async with writing():  # one commit for all of it: the suite builds some thousands of worlds
        assessment = await make_assessment()
        pharmacology = await make_group(assessment, "pharmacology")
        infection = await make_group(assessment, "infection")
        committee = await make_group(assessment, "ceesp", GroupKind.COMMITTEE, seats=members + 1)
        world = World(
            assessment,
            pharmacology,
            infection,
            committee,
            question=await make_question(assessment, infection, "I-1", stage=stage),
            other_question=await make_question(assessment, pharmacology, "P-1", stage=stage),
        )
        await fill(world, experts, members)
        return world


async def fill(world: World, experts: int, members: int) -> None:
    a, people = world.assessment, world.people
    memberships: list[Membership] = []
    declarations: list[Declaration] = []

    async def seat(
        name: str, role: str, group: Group | None = None, *, at: Assessment = a, declared: bool = True
    ) -> Person:
        person = await make_person(name)
        memberships.append(Membership(assessment=at, group=group, person=person, role=role, since=NOW))
        if declared and role not in (Role.SECRETARIAT, Role.STAKEHOLDER):
            declarations.append(declaration(person, 1))
        return person

    people["administrator"] = await make_person("Admin", administrator=True)
    people["secretariat"] = await seat("Secretary", Role.SECRETARIAT)
    people["chair"] = await seat("Chair", Role.CHAIR, world.infection)
    world.experts += [
        await seat(f"Expert {number}", Role.EXPERT, world.infection) for number in range(experts)
    ]
    people["expert"] = world.experts[0]
    people["undeclared"] = await seat("Undeclared", Role.EXPERT, world.infection, declared=False)
    people["recused"] = await seat("Recused", Role.EXPERT, world.infection)
    people["other_chair"] = await seat("Other chair", Role.CHAIR, world.pharmacology)
    people["other_expert"] = await seat("Other expert", Role.EXPERT, world.pharmacology)
    people["committee_chair"] = await seat("Committee chair", Role.CHAIR, world.committee)
    world.members += [
        await seat(f"Member {number}", Role.MEMBER, world.committee) for number in range(members)
    ]
    people["member"] = world.members[0]
    people["stakeholder"] = await seat("Stakeholder", Role.STAKEHOLDER)
    people["signed_in"] = await make_person("Nobody here")
    foreign = await make_assessment()
    people["foreign_secretariat"] = await seat("Foreign secretary", Role.SECRETARIAT, at=foreign)
    await Membership.bulk_create(memberships)
    await Declaration.bulk_create(declarations)
    await recuse(people["recused"], a, f"question-{world.question.id}", people["chair"])


async def sign_in(person: Person) -> str:
    """A session, and the token for its cookie."""
    token = secrets.token_urlsafe(32)
    await AuthSession.create(
        person=person,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        began_at=NOW,
        seen_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    return token


async def fill_checklist(assessment: Assessment, *but: str) -> None:
    """Every item of the reporting checklist is written, but those named."""
    await ReportingText.bulk_create(
        ReportingText(
            assessment=assessment,
            item=item,
            version=1,
            kind="written",
            text=pair(f"Reported for {item}"),
            salt="0" * 64,
            at=NOW,
        )
        for item in accord.IDS
        if item not in but
    )

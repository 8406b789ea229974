"""The people and things the benchmarks need, written by the product's own functions, sign-ins included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deliberate.assessments.actions import found_assessment, import_members
from deliberate.assessments.file import AssessmentFile
from deliberate.assessments.models import Assessment, Group
from deliberate.consensus.protocol import read_protocol
from deliberate.interests.actions import sign_declaration
from deliberate.live.journal import acting
from deliberate.live.models import HOUSE
from deliberate.meetings import actions as meetings
from deliberate.meetings.rules import ItemKind, ItemPlan
from deliberate.people.actions import CONSOLE, begin_session
from deliberate.people.models import Person
from deliberate.people.sessions import terms
from deliberate.questions.founding import add_evidence_items, add_questions
from deliberate.settings import Settings
from deliberate.voting import actions as voting
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Seat, Terms

SLUG, GROUP = "bench", "wg"
MATRIX = [["low", "low", "moderate"], ["low", "moderate", "high"]] + [["moderate", "high", "high"]] * 3
MOST_INVITED = 900  # on one list


@dataclass(frozen=True)
class Guest:
    person: Person
    token: str

    @property
    def cookie(self) -> str:
        return f"deliberate={self.token}"


@dataclass(frozen=True)
class House:
    """An assessment with its working group, everybody signed in."""

    assessment: Assessment
    group: Group
    secretary: Guest
    chair: Guest
    experts: list[Guest]


async def make_house(
    settings: Settings, experts: int, questions: int = 1, references: int = 1, statements: int = 1
) -> House:
    """One group of `experts`, who have declared, with as many questions and references as asked for."""
    file = content(questions, references, statements)
    assessment, _ = await found_assessment(file, CONSOLE, also=[add_questions, add_evidence_items])
    people = await invite(assessment, experts, settings)
    async with acting(HOUSE, CONSOLE):  # type: ignore[arg-type] # one commit for all of it
        guests = []
        for person in people:
            await sign_declaration(person, True, [], person)
            guests.append(Guest(person, await begin_session(person, "bench", terms(settings))))
    group = await Group.get(assessment_id=assessment.id, code=GROUP)
    return House(assessment, group, guests[0], guests[1], guests[2:])


async def invite(assessment: Assessment, experts: int, settings: Settings) -> list[Person]:
    """The secretary, the chair and the experts, in this order."""
    lines = ["Secretary,secretary@example.org,secretariat,", "Chair,chair@example.org,chair,wg"]
    lines += [f"Expert {number},expert-{number}@example.org,expert,wg" for number in range(experts)]
    people: list[Person] = []
    for first in range(0, len(lines), MOST_INVITED):
        text = "\n".join(["name,email,role,group", *lines[first : first + MOST_INVITED]])
        people += [one.person for one in await import_members(assessment, text, CONSOLE, settings)]
    return people


def content(questions: int, references: int, statements: int) -> AssessmentFile:
    """An assessment as a file would describe it."""
    codes = [f"Q-{number + 1}" for number in range(questions)]
    return AssessmentFile.model_validate(
        {
            "format": 1,
            "slug": SLUG,
            "title": pair("Benchmarks"),
            "aim": pair("To see what is fast and what is not."),
            "requester": pair("The health authority"),
            "context": pair("Nobody is asked anything here."),
            "protocol": {"method": "RAM", "risk": {"matrix": MATRIX}},
            "risk_kinds": [{"code": "infectious", "name": pair("Infectious")}],
            "groups": [
                {"code": GROUP, "name": pair("Working group"), "kind": "working_group"},
                {"code": "committee", "name": pair("Committee"), "kind": "committee", "seats": 9},
            ],
            "questions": [question(code, statements) for code in codes],
            "evidence": [reference(number, codes[number % questions]) for number in range(references)],
        }
    )


def question(code: str, statements: int) -> dict[str, Any]:
    return {
        "code": code,
        "group": GROUP,
        "kind": "infectious",
        "title": pair(f"Infection after treatment {code}"),
        "text": pair(f"What is known of infections after treatment {code}, and for whom?"),
        "hazard": pair("Infection"),
        "statements": [
            {"code": f"{code}-{number + 1}", "text": pair(f"Infections after {code} are serious ({number}).")}
            for number in range(statements)
        ],
    }


def reference(number: int, code: str) -> dict[str, Any]:
    return {
        "code": f"L-{number + 1}",
        "kind": "literature",
        "title": pair(f"Mycobacterial infections after injection: a series of {number + 3} cases"),
        "description": pair("A retrospective series from one region, with follow-up of six months."),
        "source": pair("A journal of dermatology"),
        "questions": [code],
        "level": "C",
    }


def pair(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


async def open_votes(house: House, count: int, mode: Mode = Mode.NAMED) -> list[int]:
    """Open votes of the whole group, by written procedure."""
    made = []
    seats = [Seat(guest.person.id) for guest in house.experts]
    rules = Terms.under(read_protocol(house.assessment.protocol))
    for number in range(count):
        matter = voting.Matter(
            assessment_id=house.assessment.id,
            group_id=house.group.id,
            subject=f"item-{number + 1}",
            gate="",
            text=pair("Shall the group adopt this conclusion?"),
        )
        vote = await voting.prepare_vote(matter, VoteKind.CHOICE, mode, house.secretary.person)
        await voting.open_vote(vote, seats, rules, house.secretary.person)
        made.append(vote)
    return made


async def convene(house: House, titles: Sequence[str]) -> tuple[int, list[int]]:
    """A convened meeting of the group with an item for each of `titles`: its number and the items'."""
    secretary = house.secretary.person
    async with acting(house.assessment.id, secretary):
        meeting = await meetings.plan_meeting(
            house.assessment.id,
            house.group.id,
            title=pair("Meeting"),
            planned_at=datetime.now(UTC) + timedelta(days=1),
            actor=secretary,
        )
        plans = [ItemPlan(pair(title), ItemKind.DISCUSSION, "", 5) for title in titles]
        items = [await meetings.add_item(meeting, plan, secretary) for plan in plans]
        await meetings.convene_meeting(meeting, secretary)
    return meeting, items

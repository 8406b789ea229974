"""Opinions, conclusions and journal entries for the tests of questions."""

import json
from dataclasses import replace
from typing import Any

from deliberate.evidence.models import EvidenceItem, EvidenceSubject
from deliberate.live.models import Entry
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion
from deliberate.questions.opinions import Submitted, submit_opinion
from deliberate.questions.rules import Stage
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText
from tests.support.builders import NOW, World, pair

ASSESSED = Assessed("known", "2", "not_assessable", "low", "The number of sessions is unknown.")
TEXT = OpinionText("The risk is established.", "Because of *twelve* case reports.", ASSESSED, "en")
CONCLUSION = ConclusionText(
    "The group holds the risk for established.", ASSESSED, "en", "One member differs."
)


def opinion(position: str, **changes: Any) -> OpinionText:
    return replace(TEXT, position=position, **changes)


async def write(world: World, author: Person, text: OpinionText = TEXT) -> Submitted:
    return await submit_opinion(world.question.id, text, author)


async def at_stage(question: RiskQuestion, stage: Stage) -> None:
    revealed = stage in (Stage.OPINION_DRAFT, Stage.OPINION_ADOPTED, Stage.LOCKED)
    await RiskQuestion.filter(id=question.id).update(stage=stage, revealed_at=NOW if revealed else None)


async def make_evidence(world: World, code: str, *questions: RiskQuestion) -> EvidenceItem:
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


async def entries(world: World, topic: str | None = None) -> list[dict[str, Any]]:
    rows = Entry.filter(journal=world.assessment.id).order_by("number")
    rows = rows.filter(topic=topic) if topic else rows
    return [json.loads(row.body) for row in await rows]


async def kinds(world: World) -> list[str]:
    return [entry["kind"] for entry in await entries(world, f"question-{world.question.id}")]

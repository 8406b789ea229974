"""What one person sees of a question: counts before the reveal, opinions and comments after it. Only reads.

Before the reveal the text of an opinion is asked of the database for its author alone: nothing is loaded that
could leak.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.expressions import F

from deliberate.assessments.models import Membership, Pair
from deliberate.assessments.rules import Role
from deliberate.interests.models import standings_of
from deliberate.people.models import Person
from deliberate.questions import rules
from deliberate.questions.models import (
    Citation,
    Comment,
    Opinion,
    OpinionVersion,
    RiskQuestion,
)
from deliberate.questions.rules import SHOWN, OpinionStage
from deliberate.questions.texts import Assessed

DEEPEST = 4  # answers go on beside each other from here
WRITTEN = frozenset({OpinionStage.SUBMITTED, *SHOWN})


@dataclass(frozen=True)
class Turnout:
    """Who owes an opinion on a question and who has given it. Names are for the secretariat."""

    given: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def submitted(self) -> int:
        return len(self.given)

    @property
    def expected(self) -> int:
        return len(self.given) + len(self.missing)


@dataclass(frozen=True)
class Cited:
    item_id: int
    code: str
    title: Pair
    passage: str


@dataclass(frozen=True)
class Version:
    """One submitted text."""

    number: int
    at: datetime
    language: str
    position: str
    reasons: str
    assessed: Assessed
    citations: tuple[Cited, ...]


@dataclass
class Remark:
    """A comment with what answers it."""

    id: int
    author: str
    at: datetime
    stance: str
    language: str
    text: str
    answers: list["Remark"] = field(default_factory=list)


@dataclass
class Shown:
    """One opinion as the group sees it after the reveal."""

    id: int
    author_id: int
    author: str
    stage: str
    version: Version
    late: bool = False
    remarks: list[Remark] = field(default_factory=list)


async def turnouts(questions: Sequence[RiskQuestion]) -> dict[int, Turnout]:
    """The turnout of several questions of one assessment, in a fixed number of queries."""
    if not questions:
        return {}
    experts = await experts_of({question.group_id for question in questions})
    names = {person_id: name for members in experts.values() for person_id, name in members.items()}
    standings = await standings_of(questions[0].assessment_id, names)
    answers = await answers_to([question.id for question in questions])
    names |= await names_of({author for given in answers.values() for author in given} - names.keys())
    found = {}
    for question in questions:
        given = answers.get(question.id, {})
        missing = [
            name
            for person_id, name in experts[question.group_id].items()
            if person_id not in given
            and rules.is_expected(standings[person_id], question.id, question.group_id)
        ]
        written = [names[author] for author, stage in given.items() if stage in WRITTEN]
        found[question.id] = Turnout(tuple(sorted(written)), tuple(missing))
    return found


async def turnout_of(question: RiskQuestion) -> Turnout:
    return (await turnouts([question]))[question.id]


async def experts_of(group_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """{group: {person: name}} of the experts now in these groups, by name."""
    found: dict[int, dict[int, str]] = {group_id: {} for group_id in group_ids}
    rows = Membership.filter(group_id__in=list(found), role=Role.EXPERT, until=None).order_by("person__name")
    for group_id, person_id, name in await rows.values_list("group_id", "person_id", "person__name"):
        found[group_id][person_id] = name
    return found


async def answers_to(question_ids: list[int]) -> dict[int, dict[int, str]]:
    """{question: {author: stage}} of whoever has given an opinion, or said that there will be none."""
    rows = Opinion.filter(question_id__in=question_ids, set_aside_at=None).exclude(stage=OpinionStage.DRAFT)
    found: dict[int, dict[int, str]] = {}
    for question_id, author_id, stage in await rows.values_list("question_id", "author_id", "stage"):
        found.setdefault(question_id, {})[author_id] = stage
    return found


async def names_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Authors who are not experts of the group now: its chair, or somebody who has left."""
    ids = list(person_ids)
    return dict(await Person.filter(id__in=ids).values_list("id", "name")) if ids else {}


async def shown_opinions(question: RiskQuestion) -> list[Shown]:
    """Every opinion the group may see, by author; none before the reveal."""
    if question.revealed_at is None:
        return []
    rows = (
        await Opinion.filter(question_id=question.id, stage__in=list(SHOWN), set_aside_at=None)
        .order_by("author__name", "id")
        .values("id", "author_id", "author__name", "stage")
    )
    ids = [row["id"] for row in rows]
    # The filter on the opinion's id makes the join that F needs.
    newest = OpinionVersion.filter(opinion__id__in=ids, version=F("opinion__version"))
    versions = {row["opinion_id"]: row for row in await newest.values(*COLUMNS)}
    began = OpinionVersion.filter(opinion_id__in=ids, version=1)
    first_at = {row["opinion_id"]: row["at"] for row in await began.values("opinion_id", "at")}
    cited = await citations_of([row["id"] for row in versions.values()])
    return [
        Shown(
            row["id"],
            row["author_id"],
            row["author__name"],
            row["stage"],
            version_from(versions[row["id"]], cited),
            rules.was_late(first_at[row["id"]], question.revealed_at),
        )
        for row in rows
    ]


COLUMNS = (
    "id",
    "opinion_id",
    "version",
    "at",
    "language",
    "position",
    "reasons",
    "status",
    "severity",
    "likelihood",
    "certainty",
    "unknowns",
)


async def versions_of(opinion_id: int) -> list[Version]:
    """Every submitted text of one opinion, the first one first. Ask `may_see_opinion` before."""
    rows = await OpinionVersion.filter(opinion_id=opinion_id).order_by("version").values(*COLUMNS)
    cited = await citations_of([row["id"] for row in rows])
    return [version_from(row, cited) for row in rows]


def version_from(row: Mapping[str, Any], cited: Mapping[int, tuple[Cited, ...]]) -> Version:
    assessed = Assessed(row["status"], row["severity"], row["likelihood"], row["certainty"], row["unknowns"])
    return Version(
        row["version"],
        row["at"],
        row["language"],
        row["position"],
        row["reasons"],
        assessed,
        cited.get(row["id"], ()),
    )


async def citations_of(version_ids: list[int]) -> dict[int, tuple[Cited, ...]]:
    rows = Citation.filter(opinion_version_id__in=version_ids).order_by("id")
    found: dict[int, list[Cited]] = {}
    for row in await rows.values("opinion_version_id", "item_id", "item__code", "item__title", "passage"):
        cited = Cited(row["item_id"], row["item__code"], row["item__title"], row["passage"])
        found.setdefault(row["opinion_version_id"], []).append(cited)
    return {version_id: tuple(cited) for version_id, cited in found.items()}


async def remarks_on(question: RiskQuestion) -> dict[int | None, list[Remark]]:
    """The threads by opinion (None: on the question itself), each comment with its answers."""
    rows = (
        await Comment.filter(question_id=question.id)
        .order_by("id")
        .values("id", "opinion_id", "parent_id", "author__name", "at", "stance", "language", "text")
    )
    threads: dict[int | None, list[Remark]] = {}
    places: dict[
        int, tuple[list[Remark], int]
    ] = {}  # where the answers to a comment go, and how deep that is
    for row in rows:
        remark = Remark(
            row["id"], row["author__name"], row["at"], row["stance"], row["language"], row["text"]
        )
        found = places.get(row["parent_id"]) or (threads.setdefault(row["opinion_id"], []), 1)
        siblings, depth = found
        siblings.append(remark)
        places[remark.id] = (remark.answers, depth + 1) if depth < DEEPEST else found
    return threads


async def discussion_of(question: RiskQuestion) -> tuple[list[Shown], list[Remark], list[str]]:
    """Opinions with their threads, the thread of the question, and who withdrew after the reveal."""
    opinions = await shown_opinions(question)
    threads = await remarks_on(question)
    for opinion in opinions:
        opinion.remarks = threads.get(opinion.id, [])
    gone = await Opinion.filter(
        question_id=question.id, stage=OpinionStage.WITHDRAWN, version__gt=0
    ).values_list("author__name", flat=True)
    return opinions, threads.get(None, []), sorted(gone)  # type: ignore[type-var]


async def own_opinion(question_id: int, person_id: int) -> Opinion | None:
    """Draft and all, for its author."""
    return await Opinion.get_or_none(question_id=question_id, author_id=person_id)

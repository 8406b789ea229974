"""What this package shows elsewhere: on my work, the assessment, the board; and its questions as subjects."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from starlette.requests import Request

from deliberate.assessments.models import Assessment, Group, memberships_of
from deliberate.assessments.rules import Role
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.models import HOUSE
from deliberate.people.models import Person
from deliberate.questions import rules
from deliberate.questions.models import (
    Conclusion,
    Opinion,
    RiskQuestion,
    Statement,
    StatementProposal,
    StatementText,
    questions_of,
    statement_texts,
)
from deliberate.questions.proposal_rules import ProposalState
from deliberate.questions.rules import OpinionStage, Stage
from deliberate.questions.sight import Turnout, turnouts
from deliberate.questions.statement_rules import SETTLED, STATE_WORDS, StatementState
from deliberate.web.answers import page_text
from deliberate.web.charts import stage_strip
from deliberate.web.i18n import _, language, ngettext, t
from deliberate.web.once import once
from deliberate.web.parts import shared
from deliberate.web.slots import Cell, Column, Waiting

PAGE_SIZE = 50
NAMED = 4  # more of one kind are told as a number
HEIGHT = {step: height for height, step in enumerate(rules.WAY, 1)} | {"done": len(rules.WAY)}


async def subjects(assessment_id: int) -> list[tuple[str, str, dict[str, str], int]]:
    """(key, code, title, group) of every question: what interests and documents bear on."""
    rows = RiskQuestion.filter(assessment_id=assessment_id).order_by("position", "id")
    found = await rows.values("id", "code", "title", "group_id")
    return [(rules.subject_of(row["id"]), row["code"], row["title"], row["group_id"]) for row in found]


async def questions_in(assessment_id: int) -> list[RiskQuestion]:
    """Read once for all the places of one page that show them."""
    return await once(("questions", assessment_id), lambda: questions_of(assessment_id))


async def facts(assessment: Assessment, standing: Standing) -> dict[str, Any]:
    """For scripts: the questions this person may read, with their statements."""
    questions = [each for each in await questions_in(assessment.id) if is_readable(standing, each)]
    texts: dict[int, list[StatementText]] = {each.id: [] for each in questions}
    for one in (await statement_texts(list(texts))).values():
        texts[one.question_id].append(one)
    return {
        "questions": [
            {
                "id": each.id,
                "code": each.code,
                "group": each.group_id,
                "stage": each.stage,
                "statements": [
                    {"id": one.id, "code": one.code, "version": one.version, "state": one.state}
                    for one in texts[each.id]
                ],
            }
            for each in questions
        ]
    }


def is_readable(standing: Standing, question: RiskQuestion) -> bool:
    return rules.may_read(standing, question.id, question.group_id, Stage(question.stage))


async def list_of_questions(request: Request, assessment: Assessment, standing: Standing) -> Markup | str:
    """The questions a person may see with their stage and who does the next step, a page at a time."""
    after = await number_of(assessment.id)  # before anything is read: what is kept may be newer, never older
    questions = await questions_in(assessment.id)
    readable = [each for each in questions if is_readable(standing, each)]
    heard = [each for each in questions if rules.is_heard_only(standing, each.id, each.group_id)]
    if not readable and not heard:
        return ""
    number, pages = page_number(request, len(readable))
    shown = readable[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    several = len({each.group_id for each in readable}) > 1

    async def make() -> str:
        groups = {each.id: each for each in await Group.filter(assessment_id=assessment.id)}
        context = {
            "assessment": assessment,
            "questions": shown,
            "heard": heard,
            "groups": groups if several else {},
            "turnouts": await turnouts(shown),
            "stage_words": rules.STAGE_WORDS,
            "next_steps": rules.NEXT_STEP,
            "page": number,
            "pages": pages,
        }
        return page_text(request, "questions/_list.html", context)

    # Kept for all who see the same questions: whoever is kept out of one sees others.
    seen = tuple((each.id, each.stage) for each in (*shown, *heard))
    key = ("list of questions", assessment.id, language(), number, pages, several, len(heard), seen)
    return Markup(await shared(key, after, make))  # noqa: S704 - our own template


async def number_of(assessment_id: int) -> int:
    """Where the journal stands, read once for a page: what is kept for readers is kept for this number."""
    return await once(("number", assessment_id), lambda: last_number(assessment_id))


def page_number(request: Request, count: int) -> tuple[int, int]:
    pages = max(1, -(-count // PAGE_SIZE))
    asked = request.query_params.get("questions", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    return min(max(number, 1), pages), pages


async def strip(request: Request, assessment: Assessment, standing: Standing) -> Markup | str:
    """One thin bar for each question, in the list of my assessments."""
    rows = RiskQuestion.filter(assessment_id=assessment.id).order_by("position", "id")
    stages = [
        Stage(stage)
        for ident, group, stage in await rows.values_list("id", "group_id", "stage")
        if rules.may_read(standing, ident, group, Stage(stage))
    ]
    if not stages:
        return ""
    heights = [HEIGHT[rules.WAY_STEP[stage]] for stage in stages]

    async def make() -> str:
        chart = stage_strip(heights, key=f"strip-{assessment.id}")
        return page_text(request, "questions/_strip.html", {"chart": chart, "count": len(stages)})

    key = ("strip", assessment.id, language(), *heights)  # all that is in it
    return Markup(await shared(key, 0, make))  # noqa: S704 - our own template


async def waiting_for(person: Person) -> list[Waiting]:
    """Opinions to write, conclusions to draft or adopt, opinions to reveal."""
    places = [seat for seat in await memberships_of(person.id) if seat["role"] != Role.STAKEHOLDER]
    waiting: list[Waiting] = []
    for assessment in await Assessment.filter(id__in=list({row["assessment_id"] for row in places})):
        roles = {(row["role"], row["group_id"]) for row in places if row["assessment_id"] == assessment.id}
        waiting += await waiting_in(assessment, roles, person)
        if any(role == Role.SECRETARIAT for role, _group in roles):
            waiting += await to_answer(assessment)
    return waiting


async def waiting_in(
    assessment: Assessment, roles: set[tuple[str, int | None]], person: Person
) -> list[Waiting]:
    active = RiskQuestion.filter(assessment_id=assessment.id, stage__in=list(rules.WRITING))
    questions = await active.order_by("position", "id")
    if not questions:
        return []
    standing = await standing_of(person.id, assessment.id)
    found = to_write(assessment, roles, standing, questions, await own_answers(person, questions))
    found += await to_conclude(assessment, standing, questions)
    if not standing.secretariat:
        return found
    return found + to_freeze(assessment, questions) + await to_reveal(assessment, questions)


async def own_answers(person: Person, questions: Iterable[RiskQuestion]) -> set[int]:
    """The questions on which this person has given an opinion, or none on purpose."""
    rows = Opinion.filter(author_id=person.id, question_id__in=[each.id for each in questions])
    return set(await rows.exclude(stage=OpinionStage.DRAFT).values_list("question_id", flat=True))  # type: ignore[arg-type]


def to_write(
    assessment: Assessment,
    roles: set[tuple[str, int | None]],
    standing: Standing,
    questions: Iterable[RiskQuestion],
    answered: set[int],
) -> list[Waiting]:
    mine = [
        each
        for each in questions
        if each.stage == Stage.EVIDENCE_READY
        and (Role.EXPERT, each.group_id) in roles
        and each.id not in answered
        and standing.declared  # who is not is told to sign first
        and rules.is_expected(standing, each.id, each.group_id)
    ]
    if len(mine) > NAMED:
        text = ngettext(
            "Write your opinion on {count} question", "Write your opinion on {count} questions", len(mine)
        )
        href = f"/a/{assessment.slug}#questions"
        return [Waiting(text.format(count=len(mine)), href, assessment.title)]
    text = _("Write your opinion on {code}")
    return [
        Waiting(text.format(code=each.code), f"/questions/{each.id}/opinion", assessment.title)
        for each in mine
    ]


async def to_conclude(
    assessment: Assessment, standing: Standing, questions: Iterable[RiskQuestion]
) -> list[Waiting]:
    """For the chair: discussions that have no conclusion yet."""
    chaired = [
        each
        for each in questions
        if each.stage == Stage.OPINION_DRAFT
        and standing.chairs(each.group_id)
        and is_readable(standing, each)
    ]
    if not chaired:
        return []
    rows = Conclusion.filter(question_id__in=[each.id for each in chaired])
    begun = set(await rows.values_list("question_id", flat=True))
    text = _("Draft the conclusion on {code}")
    return [
        Waiting(text.format(code=each.code), f"/questions/{each.id}/conclusion", assessment.title)
        for each in chaired
        if each.id not in begun
    ][:NAMED]


def to_freeze(assessment: Assessment, questions: Iterable[RiskQuestion]) -> list[Waiting]:
    """As soon as a group could rate."""
    if assessment.protocol_frozen_at or not any(each.stage == Stage.OPINION_DRAFT for each in questions):
        return []
    text = _("Freeze the protocol: a group could rate")
    return [Waiting(text, f"/a/{assessment.slug}/protocol", assessment.title, urgent=True)]


async def to_reveal(assessment: Assessment, questions: list[RiskQuestion]) -> list[Waiting]:
    blind = [each for each in questions if each.stage == Stage.EVIDENCE_READY]
    found = await turnouts(blind)
    text = _("Reveal the opinions on {code}: all {count} are in")
    return [
        Waiting(
            text.format(code=each.code, count=found[each.id].submitted),
            f"/questions/{each.id}",
            assessment.title,
        )
        for each in blind
        if found[each.id].submitted and not found[each.id].missing
    ]


async def to_answer(assessment: Assessment) -> list[Waiting]:
    """Statements that panellists proposed, for the secretariat."""
    rows = StatementProposal.filter(question__assessment_id=assessment.id, state=ProposalState.OPEN)
    rows = rows.order_by("question__position", "question_id")
    waiting = Counter(await rows.values_list("question_id", "question__code"))
    return [
        Waiting(
            ngettext(
                "Answer {count} proposed statement on {code}",
                "Answer {count} proposed statements on {code}",
                count,
            ).format(count=count, code=code),
            f"/questions/{question_id}/proposals",
            assessment.title,
        )
        for (question_id, code), count in waiting.items()
    ][:NAMED]


async def board_order(assessment: Assessment) -> list[int]:
    """The questions of the board, page after page."""
    rows = RiskQuestion.filter(assessment_id=assessment.id).order_by("position", "id")
    return await rows.values_list("id", flat=True)  # type: ignore[return-value]


async def questions_on_board(shown: Sequence[int]) -> list[RiskQuestion]:
    """Those of one page of the board, read once for all its columns."""
    return await once(("board", *shown), lambda: RiskQuestion.filter(id__in=shown).order_by("position", "id"))


async def board_rows(assessment: Assessment, shown: Sequence[int]) -> Column:
    """The questions themselves: code, title, stage."""
    return Column(
        _("Question"),
        {
            each.id: Cell(
                f"{each.code} {t(each.title)}",
                href=f"/questions/{each.id}",
                note=_(rules.STAGE_WORDS[Stage(each.stage)]),
            )
            for each in await questions_on_board(shown)
        },
    )


async def opinions_column(assessment: Assessment, shown: Sequence[int]) -> Column:
    """How many of the opinions are in, and for the secretariat whose are missing."""
    # Before anything is read. The house as well: a name may have changed.
    number, house = await number_of(assessment.id), await last_number(HOUSE)
    questions = [each for each in await questions_on_board(shown) if each.stage not in BEFORE]

    async def make() -> str:
        return json.dumps(
            {key: [each.given, each.missing] for key, each in (await turnouts(questions)).items()}
        )

    # Named by the questions as well: these may be newer than the number.
    key = ("turnouts", assessment.id, house, *(each.id for each in questions))
    kept = json.loads(await shared(key, number, make))
    given = {int(key): Turnout(*told) for key, told in kept.items()}
    return Column(_("Opinions"), {each.id: opinion_cell(each, given[each.id]) for each in questions})


def opinion_cell(question: RiskQuestion, turnout: Turnout) -> Cell:
    is_blind = question.stage == Stage.EVIDENCE_READY
    names = ", ".join(turnout.missing[:NAMED]) + (" …" if len(turnout.missing) > NAMED else "")
    note = _("missing: {names}").format(names=names) if is_blind and turnout.missing else ""
    return Cell(
        f"{turnout.submitted}/{turnout.expected}",
        done=not turnout.missing or not is_blind,
        href=f"/questions/{question.id}",
        note=note,
    )


async def statements_column(assessment: Assessment, shown: Sequence[int]) -> Column:
    """How many statements of a question the panel is done with, and which stand where."""
    rows = Statement.filter(question_id__in=shown).order_by("position", "id")
    found: dict[int, dict[str, list[str]]] = {}
    for question_id, state, code in await rows.values_list("question_id", "state", "code"):
        found.setdefault(question_id, {}).setdefault(state, []).append(code)
    return Column(_("Statements"), {each: statements_cell(each, states) for each, states in found.items()})


def statements_cell(question_id: int, states: Mapping[str, list[str]]) -> Cell:
    """What is to be rated again waits for somebody; the rest is told beside the count."""
    rated = {state: codes for state, codes in states.items() if state != StatementState.WITHDRAWN}
    count = sum(map(len, rated.values()))
    done = sum(len(codes) for state, codes in rated.items() if state in DONE)
    lists = {
        state: _("{state}: {codes}").format(state=_(STATE_WORDS[state]), codes=", ".join(states[state]))
        for state in TOLD
        if state in states
    }
    again = lists.pop(StatementState.TO_DISCUSS, "")
    return Cell(
        " · ".join([f"{done}/{count}", *lists.values()]),
        done=done == count,
        href=f"/questions/{question_id}#statements",
        note=again,
    )


async def conclusions_column(assessment: Assessment, shown: Sequence[int]) -> Column:
    """The text of the group: drafted in which version, adopted."""
    versions: dict[int, int] = {}
    rows = Conclusion.filter(question_id__in=shown).order_by("version")
    for question_id, version in await rows.values_list("question_id", "version"):
        versions[question_id] = version
    questions = {each.id: each for each in await questions_on_board(shown)}
    return Column(
        _("Conclusion"),
        {
            question_id: Cell(
                _("version {number}").format(number=version),
                done=questions[question_id].stage in AFTER,
                href=f"/questions/{question_id}#conclusion",
            )
            for question_id, version in versions.items()
        },
    )


BEFORE = (Stage.DRAFT, Stage.ASSIGNED)
AFTER = (Stage.OPINION_ADOPTED, Stage.LOCKED)
DONE = (*SETTLED, StatementState.CLOSED)
TOLD = (StatementState.TO_DISCUSS, *DONE, StatementState.WITHDRAWN)

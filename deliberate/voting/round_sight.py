"""What a round looks like: what may be rated next, who has answered, and one rater's sheet. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deliberate.assessments.models import Assessment, Group
from deliberate.consensus.protocol import read_protocol
from deliberate.consensus.rating_parameters import Rounds
from deliberate.interests.rules import Standing
from deliberate.questions.models import RiskQuestion, StatementText, statement_texts
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import SETTLED, StatementState
from deliberate.voting.comparison import rounds_before
from deliberate.voting.models import (
    Ballot,
    RatingDraft,
    RollEntry,
    Round,
    Vote,
    next_rounds,
    votes_of_round,
)
from deliberate.voting.round_rules import RoundState
from deliberate.voting.rules import may_run
from deliberate.voting.showing import Before, Place, chart_of, places_of, shows
from deliberate.voting.turnout import pseudonyms


async def statements_of(group: Group) -> list[StatementText]:
    """Every statement on the group's questions that are under way, in order."""
    rows = RiskQuestion.filter(group_id=group.id).exclude(stage__in=(Stage.DRAFT, Stage.LOCKED))
    ids = await rows.order_by("position", "id").values_list("id", flat=True)
    order = {ident: place for place, ident in enumerate(ids)}
    texts = (await statement_texts(ids)).values()
    return sorted(texts, key=lambda each: order[each.question_id])


async def to_rate(group: Group) -> list[StatementText]:
    """What the next round of the group may put to the panel."""
    assessment = await Assessment.get(id=group.assessment_id)
    found = await statements_of(group)
    numbers = await next_rounds([f"statement-{each.id}" for each in found])
    return ratable(found, numbers, read_protocol(assessment.protocol).rounds)


def ratable(texts: Sequence[StatementText], numbers: Mapping[str, int], terms: Rounds) -> list[StatementText]:
    """New, or without consensus; under `re_rate` "all" the settled ones too. Never beyond `rounds.max`."""
    wanted = {StatementState.DRAFT, StatementState.TO_DISCUSS}
    if terms.re_rate == "all":
        wanted |= SETTLED
    return [each for each in texts if each.state in wanted and numbers[f"statement-{each.id}"] <= terms.max]


@dataclass(frozen=True)
class Line:
    """One statement of a round, for one rater: what is cast, what is chosen and not sent, what was before."""

    vote: Vote
    place: Place
    own: Ballot | None
    draft: Mapping[str, Any]
    before: Before | None
    reworded: bool
    nsp: bool

    @property
    def name(self) -> str:
        return f"rating_{self.vote.id}"


@dataclass(frozen=True)
class Sheet:
    """All that one person is asked in a round."""

    lines: list[Line] = field(default_factory=list)
    voter: str = ""  # the own pseudonym: it names the draft, and is shown to nobody

    @property
    def answered(self) -> int:
        return sum(1 for line in self.lines if line.own)


async def sheet_of(round_: Round, standing: Standing) -> Sheet:
    """What this person rates, in a fixed number of queries whatever the number of statements."""
    roll = RollEntry.filter(
        vote__rating_round_id=round_.id, person_id=standing.person_id, struck_at=None
    ).values_list("vote_id", flat=True)
    mine = set(await roll)
    votes = [vote for vote in await votes_of_round(round_.id) if vote.id in mine]
    votes = [vote for vote in votes if standing.reads(vote.gate, vote.group_id)]
    if not votes:
        return Sheet()
    voter = (await pseudonyms(round_.group_id, [standing.person_id])).get(standing.person_id, "")
    before = await rounds_before(votes)
    own = await ballots_by(voter, [*votes, *before.values()])
    draft = await RatingDraft.get_or_none(round_id=round_.id, voter=voter)
    places = await places_of(votes)
    return Sheet(
        [
            Line(
                vote=vote,
                place=places[vote.id],
                own=own.get(vote.id),
                draft=(draft.answers if draft else {}).get(str(vote.id), {}),
                before=earlier(before.get(vote.id), own),
                reworded=vote.id in before and before[vote.id].wording != vote.wording,
                nsp=vote.terms["protocol"]["nsp"]["allowed"] if vote.terms else True,
            )
            for vote in votes
        ],
        voter,
    )


async def ballots_by(voter: str, votes: Sequence[Vote]) -> dict[int, Ballot]:
    rows = Ballot.filter(vote_id__in=[vote.id for vote in votes], voter=voter, set_aside=False)
    return {ballot.vote_id: ballot for ballot in await rows}


def earlier(last: Vote | None, own: Mapping[int, Ballot]) -> Before | None:
    if last is None:
        return None
    mine = own.get(last.id)
    return Before(last.round, mine.rating if mine else None, chart_of(last) if shows(last) else None)


@dataclass(frozen=True)
class GroupRounds:
    """The rounds of one group, and where its statements stand, as one reader may know it."""

    group: Group
    rounds: list[Round]
    runs: bool
    offered: list[StatementText] = field(default_factory=list)  # for the next round, while none is under way
    prepared: Round | None = None
    lists: dict[str, list[StatementText]] = field(default_factory=dict)  # by statement_rules.StatementState


async def rounds_of(assessment: Assessment, groups: Sequence[Group], standing: Standing) -> list[GroupRounds]:
    """All of these groups in four queries. Whoever is recused from a question sees none of its statements."""
    ids = [group.id for group in groups]
    rounds = await Round.filter(group_id__in=ids).order_by("-number")
    rows = RiskQuestion.filter(group_id__in=ids).exclude(stage=Stage.DRAFT)
    questions = [
        question
        for question in await rows.order_by("position", "id")
        if standing.reads(f"question-{question.id}", question.group_id)
    ]
    texts: dict[int, list[StatementText]] = {question.id: [] for question in questions}
    for text in (await statement_texts(texts)).values():
        texts[text.question_id].append(text)
    numbers = await next_rounds([f"statement-{each.id}" for some in texts.values() for each in some])
    terms = read_protocol(assessment.protocol).rounds
    found = []
    for group in groups:
        own = [question for question in questions if question.group_id == group.id]
        mine = [each for question in own for each in texts[question.id]]
        runs = may_run(standing, "", group.id)
        held = [each for each in rounds if each.group_id == group.id]
        prepared = next((each for each in held if each.state == RoundState.PREPARED), None)
        busy = any(each.state in (RoundState.OPEN, RoundState.CLOSED) for each in held)
        open_to = {question.id for question in own if question.stage != Stage.LOCKED}
        found.append(
            GroupRounds(
                group,
                [each for each in held if runs or each.state != RoundState.PREPARED],
                runs,
                [
                    each
                    for each in ratable(mine, numbers, terms)
                    if each.question_id in open_to and runs and not busy
                ],
                prepared if runs else None,
                {state: [each for each in mine if each.state == state] for state in StatementState},
            )
        )
    return found

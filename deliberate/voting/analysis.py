"""The analysis of a rating round, for its secretariat and chair: every statement, the panel, who left.

Reads only; every figure comes from consensus. A pseudonym is read to pair ratings, and never shown.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deliberate.assessments.models import frozen_protocol_hash
from deliberate.consensus.attrition import Attrition, Leavers, attrition, compare_leavers
from deliberate.consensus.panel import Panel, describe
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.consensus.table import MISSING, NSP
from deliberate.voting.comparison import Comparison, compared, ratings_in
from deliberate.voting.models import Ballot, Pseudonym, RollEntry, Vote
from deliberate.voting.round_rules import decide
from deliberate.voting.rules import Mode
from deliberate.voting.showing import Place, Result, headline_of, places_of
from deliberate.voting.terms import Terms


@dataclass(frozen=True)
class Row:
    """One statement of the round. `step` is what the stop rule says, None while nothing may be shown."""

    vote: Vote
    place: Place
    result: Result
    found: Comparison | None
    step: str | None

    @property
    def figures(self) -> Mapping[str, Any]:
        return (self.vote.result or {}) if self.result.shown else {}

    @property
    def highlighted(self) -> bool:
        """Whether another method, or another parameter, would have said something else."""
        return bool(self.figures and not self.vote.is_grid and self.figures["sensitivity"]["highlight"])


@dataclass(frozen=True)
class Analysis:
    """`panel` is None below the minimum size; `leavers` where nobody left, or one alone did."""

    rows: list[Row]
    panel: Panel | None
    attrition: Attrition
    leavers: Leavers | None
    left: int


async def analysis_of(votes: Sequence[Vote]) -> Analysis:
    """Of the counted votes of one round, in a fixed number of queries."""
    places, found = await places_of(votes), await compared(votes)
    frozen = await frozen_protocol_hash(votes[0].assessment_id) if votes else None
    rows = [
        row(vote, result, places[vote.id], found.get(vote.id))
        for vote in votes
        if (result := headline_of(vote, frozen)) is not None
    ]
    votes = [each.vote for each in rows]
    rolls, answers = await rolls_of(votes), await answers_in(votes)
    panel = panel_of([each.vote for each in rows if each.result.shown], rolls, answers)
    eligible = {voter for roll in rolls.values() for voter in roll}
    submitted = {voter for given in answers.values() for voter in given}
    last = await ratings_in(each.before for each in found.values())
    left = {voter for ratings in last.values() for voter in ratings} & (eligible - submitted)
    return Analysis(
        rows=rows,
        panel=panel,
        attrition=attrition(eligible, submitted),
        leavers=leavers_of(rows, last, left),
        left=len(left),
    )


def row(vote: Vote, result: Result, place: Place, found: Comparison | None) -> Row:
    step = vote.decision
    if step is None and result.shown and vote.result:
        stable = found.stability.stable if found else None
        step = decide(vote.round, stable, vote.result["primary"]["settled"], protocol_of(vote))
    return Row(vote, place, result, found, step)


def protocol_of(vote: Vote) -> Protocol:
    return read_protocol(Terms.read(vote.terms).protocol)


def panel_of(
    votes: Sequence[Vote], rolls: Mapping[int, set[str]], answers: Mapping[int, Mapping[str, int]]
) -> Panel | None:
    """How alike the members rate: it describes the panel and is never a criterion."""
    raters = sorted({voter for vote in votes for voter in rolls[vote.id]})
    if not votes or len(raters) < protocol_of(votes[0]).display.min_stratum:
        return None
    columns = [bytes(answers[vote.id].get(voter, MISSING) for voter in raters) for vote in votes]
    return describe(columns, len(raters))


def leavers_of(
    rows: Sequence[Row], last: Mapping[int, Mapping[str, int]], left: Collection[str]
) -> Leavers | None:
    """The last ratings of those who left beside those who stayed. One alone would be told from the group."""
    if len(left) < 2 or rows[0].vote.is_grid:  # the zones of the scale from 1 to 9 are not those of a grid
        return None
    befores = {each.place.code: last.get(each.found.before.id, {}) for each in rows if each.found}
    return compare_leavers(befores, left, protocol_of(rows[0].vote))


async def rolls_of(votes: Collection[Vote]) -> dict[int, set[str]]:
    """Under which names ballots were expected, by vote."""
    rows = RollEntry.filter(vote_id__in=[vote.id for vote in votes], struck_at=None)
    people = await rows.values_list("vote_id", "person_id")
    codes = Pseudonym.filter(group_id__in=list({vote.group_id for vote in votes}))
    names = {
        (group, person): code
        for group, person, code in await codes.values_list("group_id", "person_id", "code")
    }
    by_id = {vote.id: vote for vote in votes}
    rolls: dict[int, set[str]] = {vote.id: set() for vote in votes}
    for vote_id, person_id in people:
        vote = by_id[vote_id]
        named = f"person-{person_id}"
        rolls[vote_id].add(named if vote.mode == Mode.NAMED else names.get((vote.group_id, person_id), named))
    return rolls


async def answers_in(votes: Collection[Vote]) -> dict[int, dict[str, int]]:
    """What was answered, by vote and voter: 1 to 9, or NSP."""
    found: dict[int, dict[str, int]] = {vote.id: {} for vote in votes}
    rows = Ballot.filter(vote_id__in=list(found), set_aside=False)
    for vote_id, voter, rating in await rows.values_list("vote_id", "voter", "rating"):
        found[vote_id][voter] = NSP if rating is None else rating
    return found


# The order of the table, as the reader asks for it

AS_PUT: Final = "as_put"
LAST: Final = float("inf")


def figure(name: str, sign: int = 1) -> Callable[[Row], float]:
    return lambda row: LAST if row.figures.get(name) is None else sign * float(row.figures[name])


def least_stable(row: Row) -> float:
    moved = row.found.stability.scheibe_pct if row.found else None
    return LAST if moved is None else -float(moved)


ORDERS: Final[Mapping[str, Callable[[Row], Any]]] = {
    AS_PUT: lambda row: row.vote.id,
    "verdict": lambda row: (row.result.verdict or "~", row.result.degree or ""),
    "median": figure("median", -1),
    "iqr": figure("iqr", -1),
    "di": figure("di", -1),
    "stability": least_stable,
    "sensitivity": lambda row: not row.highlighted,
}


def ordered(rows: Sequence[Row], by: str) -> list[Row]:
    return sorted(rows, key=ORDERS[by])

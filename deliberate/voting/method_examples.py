"""The panels that the methods page judges, and what the rules of real votes say of them. Pure.

Ratings and counts are those of METHODS.md section 13: anyone can compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import Any, Final

from deliberate.consensus import committee, grade_grid, ram, shares, stability
from deliberate.consensus.figures import Quartiles, quartiles
from deliberate.consensus.groups import judge_groups
from deliberate.consensus.ipras import Interpercentile, interpercentile
from deliberate.consensus.panel import Panel, describe
from deliberate.consensus.percentiles import RULES
from deliberate.consensus.protocol import DEFAULT, read_protocol
from deliberate.consensus.ratings import Ratings
from deliberate.consensus.summary import Summary, summarise
from deliberate.consensus.verdicts import Inclusion
from deliberate.web import charts

PANELS: Final = {
    "agreement": (4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9),
    "disagreement": (1, 1, 1, 5, 5, 5, 9, 9, 9),
    "conflict": (1, 2, 2, 3, 5, 6, 6, 7, 8),
    "tie": (1, 1, 1, 5, 5, 6, 6, 7, 9),
    "eleven": (1, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9),
    "third": (1, 2, 3, 5, 5, 5, 6, 7, 8, 9),
    "eight": (7, 7, 7, 8, 8, 8, 9, 9),
    "extreme": (4, 7, 7, 7, 8, 8, 8, 9, 9),
    "comet_none": (1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9),
    "comet_in": (2, 3, 4, 5, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9),
    "three_quarters": (3, 4, 5, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9),
    "close": (4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9),  # a second chart of the first panel
    "apart": (3, 4, 5, 7, 7, 8, 9, 9, 9),
    "six_and_a_half": (5, 5, 6, 6, 6, 7, 7, 8, 8, 9),
    "three_and_a_half": (1, 2, 2, 3, 3, 4, 4, 5, 5, 5),
}
GRIDS: Final = ((14, 2, 2, 1, 1), (5, 6, 6, 2, 1), (5, 5, 6, 3, 1))
BY_HALF: Final = (6, 4, 8, 1, 1)  # exactly half of them for: the SFAR wants more
STAKEHOLDERS: Final = ("comet_in", "comet_none")  # two groups that rate the same outcome
STRICT: Final = read_protocol({"ram.half_point_rule": "strict"})
ANY_GROUP: Final = read_protocol({"comet.groups": "any"})
# After a round: its number, whether it is stable (None: not compared), whether there is consensus.
AFTER: Final[tuple[tuple[int, bool | None, bool], ...]] = (
    (1, None, True),
    (2, False, True),
    (2, True, True),
    (2, True, False),
    (3, True, False),
    (3, False, True),
)
# Answers by item, of six people: all rate high; then all put the items in the same order.
ALL_HIGH: Final = ((8, 9, 7, 9, 8, 7), (9, 8, 8, 7, 7, 9), (7, 8, 9, 8, 9, 7), (8, 7, 9, 9, 7, 8))
ONE_ORDER: Final = ((2, 1, 3, 2, 1, 2), (4, 3, 5, 4, 4, 3), (6, 6, 7, 5, 6, 7), (8, 9, 9, 8, 9, 8))
VOTERS: Final = 20
YES: Final = (20, 19, 16, 15, 11, 10)
FIRST: Final = (5, 6, 7, 7, 8, 3, 9, 6, 7, 5, 8, 4)
SECOND: Final = (6, 7, 7, 7, 8, 5, 8, 7, 7, 6, 8, 5)
SEATS, RECUSED = 25, 3
PRESENCES: Final = ((10, 1, False), (10, 0, False), (6, 0, True))  # present, represented, second call
COUNTS: Final[tuple[dict[str, Any], ...]] = (
    {"for_votes": 7, "against": 4, "abstain": 1},
    {"for_votes": 6, "against": 4, "abstain": 2},
    {"for_votes": 6, "against": 4, "abstain": 2, "base": "votes_cast"},
    {"for_votes": 6, "against": 6, "chair": "for"},
    {"for_votes": 5, "against": 5, "abstain": 2, "chair": "abstain"},
)
SIZES: Final = range(7, 26)  # of panels, in the table of limits


@dataclass(frozen=True)
class Example:
    """A panel and what is said of it."""

    ratings: Ratings
    found: Summary
    spread: Interpercentile
    outside: int
    limits: ram.Limits
    binomial: ram.Limits
    chart: charts.Distribution


def example(name: str, given: Sequence[int]) -> Example:
    ratings, found = Ratings.of(given), summarise(given)
    figures = found.figures
    return Example(
        ratings=ratings,
        found=found,
        spread=interpercentile(ratings),
        outside=ram.outside(ratings, ram.region(ratings)),
        limits=ram.classic_limits(ratings.n),
        binomial=ram.binomial_limits(ratings.n),
        chart=charts.distribution(
            ratings.frequencies,
            median=figures.median,
            q1=figures.q1,
            q3=figures.q3,
            key=name.replace("_", "-"),
            rule=DEFAULT.percentile_rule,
        ),
    )


@dataclass(frozen=True)
class ByRule:
    """The same panel under one of the rules for percentiles."""

    rule: str
    quarter: Quartiles
    spread: Interpercentile


@cache
def worked() -> dict[str, Any]:
    """Everything the page shows beside words; it depends on nothing but the code."""
    tie = Ratings.of(PANELS["tie"])
    return {
        "panels": {name: example(name, ratings) for name, ratings in PANELS.items()},
        "limits": limits(),
        "grids": [(columns, grade_grid.grade(columns)) for columns in GRIDS],
        "by_rule": [ByRule(rule, quartiles(tie, rule), interpercentile(tie, rule)) for rule in RULES],
        "votes": [(yes, Fraction(100 * yes, VOTERS), shares.majority(yes, VOTERS)) for yes in YES],
        "strict": ram.judge(Ratings.of(PANELS["six_and_a_half"]), STRICT),
        "third": ram.judge(Ratings.of(PANELS["third"]), DEFAULT, "third"),
        "third_limit": ram.third_limit(len(PANELS["third"])),
        "stakeholders": stakeholders(),
        "by_half": (BY_HALF, grade_grid.grade(BY_HALF), grade_grid.grade_sfar(BY_HALF)),
        "steps": [(*after, stability.next_step(*after)) for after in AFTER],
        "alike": [(items, described(items)) for items in (ALL_HIGH, ONE_ORDER)],
        "moved": stability.compare(FIRST, SECOND),
        "rounds": (FIRST, SECOND),
        "quorums": [(*each, quorum_met(*each)) for each in PRESENCES],
        "quorum_needed": committee.quorum_needed(SEATS, RECUSED),
        "seats": SEATS,
        "recused": RECUSED,
        "tallies": [(counted, committee.tally(**counted)) for counted in COUNTS],
        "voters": VOTERS,
    }


def stakeholders() -> dict[str, Inclusion]:
    """What two groups make of an outcome together, where all of them have to say in, or any."""
    groups = {name: Ratings.of(PANELS[name]) for name in STAKEHOLDERS}
    return {"all": judge_groups(groups), "any": judge_groups(groups, ANY_GROUP)}


def described(items: Sequence[Sequence[int]]) -> Panel:
    return describe([bytes(answers) for answers in items], len(items[0]))


def limits() -> list[tuple[int, int, ram.Limits, ram.Limits]]:
    """Runs of panel sizes, from and to, with the limits of the table and of the binomial rule."""
    runs = []
    for (table, binomial), sizes in groupby(SIZES, lambda n: (ram.classic_limits(n), ram.binomial_limits(n))):
        run = list(sizes)
        runs.append((run[0], run[-1], table, binomial))
    return runs


def quorum_met(present: int, represented: int, second_call: bool) -> bool:
    return committee.quorum_reached(SEATS, RECUSED, present, represented, second_call=second_call)


def two_rounds(labels: Sequence[str]) -> charts.Rounds:
    """The panel of the section on stability, before and after."""
    shown = []
    for label, given in zip(labels, (FIRST, SECOND), strict=True):
        ratings = Ratings.of(given)
        quarter = quartiles(ratings)
        shown.append(
            charts.RoundRatings(
                label,
                ratings.frequencies,
                quarter.median,
                quarter.q1,
                quarter.q3,
                rule=DEFAULT.percentile_rule,
            )
        )
    return charts.rounds(shown, key="moved")

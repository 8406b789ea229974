"""The GRADE grid: five columns from clearly for to clearly against. METHODS.md 2.7 (Jaeschke 2008)."""

from collections.abc import Sequence
from typing import Final

from .exact import Exact
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .verdicts import Grade

COLUMNS: Final = 5  # clearly for, probably for, balanced or uncertain, probably against, clearly against


def judge(ratings: Ratings, protocol: Protocol = DEFAULT) -> Grade:
    """The class of ratings that are column numbers, from 1 clearly for to 5 clearly against."""
    return (
        grade(columns(ratings), protocol) if ratings.n >= protocol.min_raters.other else Grade.NON_ANALYSABLE
    )


def judge_sfar(ratings: Ratings, protocol: Protocol = DEFAULT) -> Grade:
    """The same under the SFAR variant."""
    if ratings.n < protocol.min_raters.other:
        return Grade.NON_ANALYSABLE
    return grade_sfar(columns(ratings), protocol)


def columns(ratings: Ratings) -> tuple[int, ...]:
    """How many chose each of the five columns."""
    if any(ratings.frequencies[COLUMNS:]):
        raise ValueError(f"A GRADE grid has the columns 1 to {COLUMNS}; a rating lies above.")
    return ratings.frequencies[:COLUMNS]


def grade(columns: Sequence[int], protocol: Protocol = DEFAULT) -> Grade:
    """For if at least 50 % say so and less than 20 % say the opposite; strong if 70 % are clear about it."""
    terms = protocol.grade_grid
    return _graded(columns, terms.direction, terms.opposite, terms.strong, strictly=False)


def grade_sfar(columns: Sequence[int], protocol: Protocol = DEFAULT) -> Grade:
    """The SFAR variant: strictly more than 50 % in the direction, the rest alike."""
    terms = protocol.grade_grid.sfar_variant
    return _graded(columns, terms.direction_strictly_above, terms.opposite_below, terms.strong, strictly=True)


def _graded(
    columns: Sequence[int], direction: Exact, opposite: Exact, strong: Exact, *, strictly: bool
) -> Grade:
    if len(columns) != COLUMNS or min(columns) < 0:
        raise ValueError(f"{columns!r} are not the counts of the {COLUMNS} columns.")
    clearly_for, probably_for, _, probably_against, clearly_against = columns
    n, pro, con = sum(columns), clearly_for + probably_for, probably_against + clearly_against

    def leads(side: int, other: int) -> bool:
        enough = 100 * side > direction * n if strictly else 100 * side >= direction * n
        return enough and 100 * other < opposite * n

    if leads(pro, con):
        return Grade.STRONG_FOR if 100 * clearly_for >= strong * n else Grade.WEAK_FOR
    if leads(con, pro):
        return Grade.STRONG_AGAINST if 100 * clearly_against >= strong * n else Grade.WEAK_AGAINST
    return Grade.NONE

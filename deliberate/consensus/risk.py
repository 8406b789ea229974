"""Risk scales and the risk matrix: looked up, never multiplied, for ranks are not quantities. METHODS.md 8.

A rank counts from 1, the lowest. `not_assessable` is an answer of its own: no rank, and not missing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

NOT_ASSESSABLE: Final = "not_assessable"
Rank = int | Literal["not_assessable"]
Matrix = Sequence[Sequence[str]]

SEVERITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "three_level": ("minor", "serious", "major"),
    "HAS_5": ("mineure", "significative", "majeure", "critique", "catastrophique"),
    "WHO_5": ("minimal", "minor", "moderate", "major", "severe"),
    "CTCAE": ("mild", "moderate", "severe", "life_threatening", "death"),
}
LIKELIHOODS: Final[Mapping[str, tuple[str, ...]]] = {
    "HAS_5": ("V1", "V2", "V3", "V4", "V5"),
    "WHO_5": ("very_unlikely", "unlikely", "likely", "highly_likely", "almost_certain"),
    "CIOMS": ("very_rare", "rare", "uncommon", "common", "very_common"),
}
VOCABULARIES: Final = (("C1", "C2", "C3"), ("low", "moderate", "high", "very_high"))
CELLS: Final = tuple(cell for vocabulary in VOCABULARIES for cell in vocabulary)


def matrix_faults(matrix: Matrix | None, likelihood_scale: str, severity_scale: str) -> tuple[str, ...]:
    """Why a matrix, rows likelihood, columns severity, cannot be frozen, a sentence each; empty if it can."""
    rows, columns = len(LIKELIHOODS[likelihood_scale]), len(SEVERITIES[severity_scale])
    if not matrix:
        return (f"risk.matrix: choose the {rows} x {columns} cells; there are no built-in ones.",)
    if len(matrix) != rows or any(len(row) != columns for row in matrix):
        return (f"risk.matrix: give {rows} rows (likelihood) of {columns} cells (severity).",)
    used = {cell for row in matrix for cell in row}
    levels = next((vocabulary for vocabulary in VOCABULARIES if used <= set(vocabulary)), None)
    if levels is None:
        vocabularies = " or ".join(map(", ".join, VOCABULARIES))
        return (f"risk.matrix: use the cells of one vocabulary only: {vocabularies}.",)
    return tuple(_decreases([[levels.index(cell) for cell in row] for row in matrix]))


def lookup(matrix: Matrix, likelihood: Rank, severity: Rank) -> str:
    """The cell of two ranks; `not_assessable` when either is. ValueError for a rank outside the matrix."""
    if likelihood == NOT_ASSESSABLE or severity == NOT_ASSESSABLE:
        return NOT_ASSESSABLE
    if not (1 <= likelihood <= len(matrix) and 1 <= severity <= len(matrix[0])):
        raise ValueError(f"Likelihood {likelihood} and severity {severity} lie outside the matrix.")
    return matrix[likelihood - 1][severity - 1]


def median_rank(ranks: Iterable[Rank], half: str = "up") -> Rank:
    """The median of the assessed ranks, a half rank going `up` or `down`; `not_assessable` without any."""
    assessed = sorted(rank for rank in ranks if rank != NOT_ASSESSABLE)
    if not assessed:
        return NOT_ASSESSABLE
    twice = assessed[(len(assessed) - 1) // 2] + assessed[len(assessed) // 2]
    return (twice + (half == "up")) // 2


def not_assessable_share(ranks: Sequence[Rank]) -> Fraction | None:
    """The share of answers that said `not_assessable`, 0 to 1; None without answers."""
    return Fraction(sum(rank == NOT_ASSESSABLE for rank in ranks), len(ranks)) if ranks else None


def bubbles(answers: Iterable[tuple[Rank, Rank]]) -> dict[tuple[Rank, Rank], int]:
    """How many gave each pair of likelihood and severity: the bubbles drawn on the matrix."""
    return dict(Counter(answers))


def _decreases(levels: Sequence[Sequence[int]]) -> Iterable[str]:
    for number, row in enumerate(levels, 1):
        if any(left > right for left, right in pairwise(row)):
            yield f"risk.matrix: row {number} decreases as severity rises."
    for number, column in enumerate(zip(*levels, strict=True), 1):
        if any(upper > lower for upper, lower in pairwise(column)):
            yield f"risk.matrix: column {number} decreases as likelihood rises."

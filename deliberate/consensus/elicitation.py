"""Quantities elicited from experts: pooling, and the IDEA three-point answers. METHODS.md section 3.

Numbers come in as they were typed and are kept exactly; results are fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .exact import exact

Number = int | float | Fraction


@dataclass(frozen=True, slots=True)
class ThreePoint:
    """One answer in per cent: from `lowest` to `highest`, most likely `best`. ValueError in another order."""

    lowest: Number
    best: Number
    highest: Number

    def __post_init__(self) -> None:
        if not self.lowest <= self.best <= self.highest:
            raise ValueError(
                "In a three-point answer the best value lies between the lowest and the highest."
            )


def standardise(answer: ThreePoint, confidence: Number, target: Number = 80) -> ThreePoint:
    """The interval as if the expert were `target` % sure instead of `confidence` %, kept within 0 and 100."""
    if not 0 < confidence <= 100:
        raise ValueError(f"A confidence of {confidence} % is not above 0 and up to 100.")
    factor = Fraction(exact(target)) / exact(confidence)
    lowest, best, highest = (exact(value) for value in (answer.lowest, answer.best, answer.highest))
    below, above = best - (best - lowest) * factor, best + (highest - best) * factor
    return ThreePoint(max(below, Fraction(0)), best, min(above, Fraction(100)))


def mean_best(answers: Sequence[ThreePoint]) -> Fraction | None:
    """The IDEA aggregate: the mean of the best values of the second round. None without answers."""
    return _mean([answer.best for answer in answers], None) if answers else None


def linear_pool(
    shares: Sequence[Sequence[Number]], weights: Sequence[Number] | None = None
) -> list[Fraction]:
    """One distribution out of `shares[expert][point]`, probabilities or cumulative shares at the same points.

    Equal weights by default; others have to add up to 1. ValueError otherwise.
    """
    return [_mean(point, weights) for point in zip(*shares, strict=True)]


def quantile_average(
    quantiles: Sequence[Sequence[Number]], weights: Sequence[Number] | None = None
) -> list[Fraction]:
    """One set of quantiles out of `quantiles[expert][level]`; weights as in `linear_pool`."""
    return [_mean(level, weights) for level in zip(*quantiles, strict=True)]


def roulette(chips: Sequence[Sequence[int]]) -> list[Fraction]:
    """The probability of each bin from `chips[expert][bin]`: its chips out of all chips."""
    placed = [sum(bin) for bin in zip(*chips, strict=True)]
    if not sum(placed):
        raise ValueError("No chip was placed.")
    return [Fraction(count, sum(placed)) for count in placed]


def _mean(values: Sequence[Number], weights: Sequence[Number] | None) -> Fraction:
    if weights is None:
        return Fraction(sum(exact(value) for value in values)) / len(values)
    shares = [exact(weight) for weight in weights]
    if sum(shares) != 1 or min(shares) < 0:
        raise ValueError("Weights are not negative and add up to 1.")
    return Fraction(sum(share * exact(value) for share, value in zip(shares, values, strict=True)))

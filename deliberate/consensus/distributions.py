"""Tail probabilities of the normal and chi-squared distributions, for p-values shown beside a statistic."""

from math import erfc, exp, lgamma, log, sqrt
from typing import Final

PRECISION: Final = 1e-15
TINY: Final = 1e-300


def normal_two_sided(z: float) -> float:
    """P(|Z| >= |z|)."""
    return erfc(abs(z) / sqrt(2))


def chi_squared_tail(x: float, df: int) -> float:
    """P(X >= x) with `df` degrees of freedom."""
    shape, half = df / 2, x / 2
    if half <= 0:
        return 1.0
    scale = exp(shape * log(half) - half - lgamma(shape))
    return 1 - scale * _series(shape, half) if half < shape + 1 else scale * _fraction(shape, half)


def _series(shape: float, x: float) -> float:
    """The lower incomplete gamma function without its scale, good below shape + 1."""
    term = total = 1 / shape
    while term > total * PRECISION:
        shape += 1
        term *= x / shape
        total += term
    return total


def _fraction(shape: float, x: float) -> float:
    """The upper one as a continued fraction, good above shape + 1 (Lentz)."""
    base = x + 1 - shape
    above, below = 1 / TINY, 1 / base
    value, step, count = below, 0.0, 0
    while abs(step - 1) > PRECISION and count < 10_000:
        count += 1
        factor = -count * (count - shape)
        base += 2
        below = 1 / _away_from_zero(factor * below + base)
        above = _away_from_zero(base + factor / above)
        step = below * above
        value *= step
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY

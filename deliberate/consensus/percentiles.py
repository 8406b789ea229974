"""Percentiles under the three rules a protocol may choose, exactly. METHODS.md 2.0.

`type7` is the default of R, `type6` of SPSS and `type2` of SAS; numpy calls them `linear`, `weibull` and
`averaged_inverted_cdf`. The median is the same under all three.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

RULES: Final = ("type7", "type6", "type2")
TWENTIETHS: Final = (
    20  # quartiles, 30th and 70th percentiles of whole ratings are whole in twentieths, under every rule
)


def percentile(ordered: Sequence[int], share: Fraction, rule: str = "type7") -> Fraction:
    """The percentile `share` of ratings in ascending order. ValueError without ratings or beyond 0 to 1."""
    if not ordered or not 0 < share < 1:
        raise ValueError("A percentile needs at least one rating and a share strictly between 0 and 1.")
    scale = 2 * share.denominator
    return Fraction(scaled_percentile(ordered, 2 * share.numerator, scale, rule), scale)


def quartiles(ordered: Sequence[int], rule: str = "type7") -> tuple[Fraction, Fraction]:
    """First and third quartile of ratings in ascending order."""
    return percentile(ordered, Fraction(1, 4), rule), percentile(ordered, Fraction(3, 4), rule)


def scaled_percentile(
    ordered: Sequence[int], steps: int, scale: int = TWENTIETHS, rule: str = "type7"
) -> int:
    """`scale` times the percentile `steps`/`scale`, in whole numbers: the form where speed and ties matter.

    `scale` is even and divisible by the denominator of the share, `ordered` ascending and not empty.
    """
    last = len(ordered) - 1
    if rule == "type7":
        below, rest = divmod(last * steps, scale)
    elif rule == "type6":
        below, rest = divmod(min(max((last + 2) * steps - scale, 0), last * scale), scale)
    elif rule == "type2":
        below, rest = divmod((last + 1) * steps, scale)
        return scale * ordered[below] if rest else scale // 2 * (ordered[below - 1] + ordered[below])
    else:
        raise ValueError(f"{rule!r} is not a percentile rule: choose one of {', '.join(RULES)}.")
    value = ordered[below]
    return scale * value + rest * (ordered[below + 1] - value) if rest else scale * value

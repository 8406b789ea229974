"""Median and interquartile range as a rule of consensus, and its variants. METHODS.md 2.8 (Unisanté)."""

from dataclasses import dataclass

from .exact import Exact
from .percentiles import TWENTIETHS, scaled_percentile
from .protocol import DEFAULT, Protocol
from .ratings import ZONES, Ratings
from .verdicts import MedianIqr


@dataclass(frozen=True, slots=True)
class IqrVariants:
    """Other readings of the same spread, shown beside the code.

    `strict`: both quartiles in one of 1-3, 4-6, 7-9. `broad`: within any three points. `aczel`: median at
    least 6 and range at most 2. `sfar`: `strong` if all ratings lie in one zone, else `weak`.
    """

    strict: bool
    broad: bool
    aczel: bool
    sfar: str

    def as_json(self) -> dict[str, bool | str]:
        return {"strict": self.strict, "broad": self.broad, "aczel": self.aczel, "sfar": self.sfar}


def judge(ratings: Ratings, protocol: Protocol = DEFAULT) -> MedianIqr:
    """Agree from median 7, disagree up to median 3, with consensus if Q3 - Q1 is at most 3."""
    if ratings.n < protocol.min_raters.other:
        return MedianIqr.NON_ANALYSABLE
    terms = protocol.iqr
    q1, q3 = _quartiles(ratings, protocol)
    together = q3 - q1 <= TWENTIETHS * terms.max
    if ratings.double_median >= 2 * terms.agree_median:
        return MedianIqr.AGREE_WITH_CONSENSUS if together else MedianIqr.AGREE_WITHOUT_CONSENSUS
    if ratings.double_median <= 2 * terms.disagree_median:
        return MedianIqr.DISAGREE_WITH_CONSENSUS if together else MedianIqr.DISAGREE_WITHOUT_CONSENSUS
    return MedianIqr.NO_AGREE


def variants(ratings: Ratings, protocol: Protocol = DEFAULT) -> IqrVariants | None:
    """The variants; None below the minimum of raters."""
    if ratings.n < protocol.min_raters.other:
        return None
    terms = protocol.iqr.variant
    q1, q3 = _quartiles(ratings, protocol)
    narrow = q3 - q1 <= TWENTIETHS * terms.iqr_max
    return IqrVariants(
        strict=_in_one_zone(q1, q3, TWENTIETHS),
        broad=q3 - q1 <= TWENTIETHS * 2,
        aczel=narrow and ratings.double_median >= 2 * terms.median_min,
        sfar="strong" if _in_one_zone(ratings.ordered[0], ratings.ordered[-1]) else "weak",
    )


def _quartiles(ratings: Ratings, protocol: Protocol) -> tuple[int, int]:
    """Both quartiles, in twentieths."""
    q1 = scaled_percentile(ratings.ordered, 5, TWENTIETHS, protocol.percentile_rule)
    return q1, scaled_percentile(ratings.ordered, 15, TWENTIETHS, protocol.percentile_rule)


def _in_one_zone(lowest: int, highest: Exact, scale: int = 1) -> bool:
    return any(scale * zone[0] <= lowest and highest <= scale * zone[-1] for zone in ZONES)

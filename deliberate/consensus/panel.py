"""The panel as a whole: how alike its members rate. METHODS.md section 3.

None of these figures is ever a criterion of consensus: where all rate everything high they are low,
though all agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from .concordance import Concordance, kendall
from .exact import plain
from .kappa import fleiss
from .krippendorff import METRICS, Coincidences
from .ratings import SCALE, ZONES
from .shares import apmo
from .table import MISSING, NSP

ZONE_OF: Final = bytes(
    next((place for place, zone in enumerate(ZONES) if answer in zone), len(ZONES)) for answer in range(256)
)


@dataclass(frozen=True, slots=True)
class Panel:
    """`concordance` and `fleiss_zones` rest on the `complete_raters`, who rated every item; alpha bears gaps.

    `apmo` is the average per cent of majority opinions, where 7-9 agrees and 1-3 disagrees.

    A figure is None where it is not defined, such as for one rater or when all rate alike.
    """

    raters: int
    items: int
    complete_raters: int
    concordance: Concordance | None
    alpha: dict[str, Fraction | None]
    fleiss_zones: Fraction | None
    apmo: Fraction | None

    def as_json(self) -> dict[str, Any]:
        test = self.concordance
        return {
            "raters": self.raters,
            "items": self.items,
            "complete_raters": self.complete_raters,
            "kendall_w": plain(test.w) if test else None,
            "kendall_chi2": plain(test.chi_squared) if test else None,
            "kendall_df": test.df if test else None,
            "kendall_p": test.p if test else None,
            "alpha": {metric: plain(found) for metric, found in self.alpha.items()},
            "fleiss_zones": plain(self.fleiss_zones),
            "apmo": plain(self.apmo),
        }


def describe(columns: Sequence[bytes], raters: int) -> Panel:
    """From the answers by item, each with a byte per rater."""
    rows = [bytes(row) for row in zip(*columns, strict=True)]
    complete = [row for row in rows if MISSING not in row and NSP not in row]
    frequencies = [tuple(map(column.count, SCALE)) for column in columns]
    meetings = Coincidences(frequencies)
    return Panel(
        raters=raters,
        items=len(columns),
        complete_raters=len(complete),
        concordance=kendall(complete),
        alpha={metric: meetings.alpha(metric) for metric in METRICS},
        fleiss_zones=fleiss(_zone_counts(complete)),
        apmo=apmo((sum(counts[6:]), sum(counts[:3]), sum(counts)) for counts in frequencies),
    )


def _zone_counts(rows: Sequence[bytes]) -> list[tuple[int, ...]]:
    """For each item, how many raters chose each zone."""
    if not rows:
        return []
    answers, width = b"".join(rows).translate(ZONE_OF), len(rows[0])
    return [tuple(map(answers[place::width].count, range(len(ZONES)))) for place in range(width)]

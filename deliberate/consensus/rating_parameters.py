"""The parameters of rating: scale, rounds, the methods and the stop rule. METHODS.md sections 2 to 4 and 11.

`confirm` names the guide or text that has to confirm a default before a protocol is frozen; `choice` marks
our own.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from .exact import Exact
from .kinds import flag, half_points, number, one_of, share, span, table, text, whole, words
from .parameter import Section, parameter, section
from .ratings import HIGHEST, LOWEST

Span = tuple[int, int]

RAND: Final = "RAND/UCLA manual (Fitch 2001)"
HAS_RCF: Final = "HAS RCF guide (2010, updated 2015)"
HAS_RPC: Final = "HAS clinical guideline guide (RPC)"

PERCENT: Final = number(0, 100)
ZONE: Final = span(LOWEST, HIGHEST)
MEDIANS: Final = half_points(LOWEST, HIGHEST)
SIZES: Final = span(1, 1000)


def check_scale_point(name: str) -> None:
    if name not in {str(point) for point in range(LOWEST, HIGHEST + 1)}:
        raise ValueError(f"{name!r} is not a point of the scale from {LOWEST} to {HIGHEST}")


def panel_sizes(name: str) -> tuple[int, int | None]:
    """The smallest and the largest panel that "9-15", "16+" or "12" speak of; None without a limit."""
    smallest, dash, largest = name.rstrip("+").partition("-")
    if not smallest.isdecimal() or (dash and not largest.isdecimal()) or (dash and name.endswith("+")):
        raise ValueError(f'{name!r} is not a range of panel sizes such as "9-15" or "16+"')
    if name.endswith("+"):
        return int(smallest), None
    return int(smallest), int(largest or smallest)


@dataclass(frozen=True)
class Scale(Section, path="scale"):
    min: int = parameter(LOWEST, one_of(LOWEST))
    max: int = parameter(HIGHEST, one_of(HIGHEST))
    step: int = parameter(1, one_of(1))
    anchors: tuple[tuple[str, str], ...] = parameter(
        (("1", "totalement inapproprié"), ("5", "indécision"), ("9", "totalement approprié")),
        table(check_scale_point, text()),
        confirm=HAS_RCF,
    )


@dataclass(frozen=True)
class NoOpinion(Section, path="nsp"):
    allowed: bool = parameter(True, flag(), confirm=HAS_RCF)
    reason_required: bool = parameter(True, flag(), confirm=HAS_RCF)


@dataclass(frozen=True)
class MinRaters(Section, path="min_raters"):
    ram: int = parameter(7, whole(7, 1000), confirm=RAND, key="RAM")  # the table of limits starts at 7
    has_rcf: int = parameter(
        9, whole(3, 1000), confirm=HAS_RCF, key="HAS_RCF"
    )  # two may be set aside, one must stay
    other: int = parameter(5, whole(1, 1000), choice=True)


@dataclass(frozen=True)
class Rounds(Section, path="rounds"):
    min: int = parameter(2, whole(1, 20), confirm=RAND)
    max: int = parameter(3, whole(1, 20), confirm=RAND)
    re_rate: str = parameter("not_settled_only", one_of("not_settled_only", "all"), confirm=HAS_RCF)


@dataclass(frozen=True)
class Ram(Section, path="ram"):
    panel: Span = parameter((7, 15), SIZES, confirm=RAND)
    reference_size: int = parameter(9, whole(7, 1000), confirm=RAND)
    cost_excluded: bool = parameter(True, flag(), confirm=RAND)
    half_point_rule: str = parameter("up", one_of("up", "strict"), confirm=RAND)
    disagreement_rule: str = parameter(
        "classic", one_of("classic", "ipras", "either", "binomial", "third"), confirm=RAND
    )
    k_at_7: int = parameter(3, whole(1, 7), confirm=RAND)
    table_beyond_16: str = parameter("extrapolate", one_of("extrapolate", "refuse"), confirm=RAND)
    legacy_definitions: str = parameter("off", one_of("off", "A9S", "A9R", "A7S", "A7R"), confirm=RAND)
    necessity_round: bool = parameter(False, flag(), confirm=RAND)


@dataclass(frozen=True)
class RcfTable(Section, path="rcf.table"):
    appropriate_median_min: Exact = parameter(7, MEDIANS, confirm=HAS_RCF)
    strong_appropriate: Span = parameter((7, 9), ZONE, confirm=HAS_RCF)
    relative_appropriate: Span = parameter((5, 9), ZONE, confirm=HAS_RCF)
    inappropriate_strong_median_max: Exact = parameter(3, MEDIANS, confirm=HAS_RCF)
    strong_inappropriate: Span = parameter((1, 3), ZONE, confirm=HAS_RCF)
    inappropriate_relative_median_max: Exact = parameter(Fraction(7, 2), MEDIANS, confirm=HAS_RCF)
    relative_inappropriate: Span = parameter((1, 5), ZONE, confirm=HAS_RCF)
    indecision_median: tuple[Exact, Exact] = parameter(
        (4, Fraction(13, 2)), span(LOWEST, HIGHEST, MEDIANS), confirm=HAS_RCF
    )

    @cached_property
    def doubled(self) -> tuple[int, int, int, int, int]:
        """Twice each median limit, in the order above, to compare with `Ratings.double_median`."""
        limits = (
            self.appropriate_median_min,
            self.inappropriate_strong_median_max,
            self.inappropriate_relative_median_max,
            *self.indecision_median,
        )
        appropriate, strong, relative, lowest, highest = (int(2 * limit) for limit in limits)
        return appropriate, strong, relative, lowest, highest


@dataclass(frozen=True)
class RcfExtremes(Section, path="rcf.extremes"):
    round1: int = parameter(0, whole(0, 2), confirm=HAS_RCF)
    round2: tuple[tuple[str, int], ...] = parameter(
        (("9-15", 1), ("16+", 2)), table(panel_sizes, whole(0, 2)), confirm=HAS_RCF
    )
    algorithm: str = parameter(
        "farthest_from_median_one_at_a_time", one_of("farthest_from_median_one_at_a_time"), confirm=HAS_RCF
    )


@dataclass(frozen=True)
class Rcf(Section, path="rcf"):
    steering_group: Span = parameter((6, 8), SIZES, confirm=HAS_RCF)
    rating_group: Span = parameter((9, 15), SIZES, confirm=HAS_RCF)
    reading_group: Span = parameter((30, 50), SIZES, confirm=HAS_RCF)
    groups_disjoint: bool = parameter(True, flag(), confirm=HAS_RCF)
    table: RcfTable = section(RcfTable)
    extremes: RcfExtremes = section(RcfExtremes)
    missing_uses_allowance: bool = parameter(False, flag(), confirm=HAS_RCF)
    settled_after_round1: tuple[str, ...] = parameter(
        ("strong",), words("strong", "relative"), confirm=HAS_RCF
    )
    retained_after_round2: tuple[str, ...] = parameter(
        ("strong", "relative"), words("strong", "relative"), confirm=HAS_RCF
    )


@dataclass(frozen=True)
class Rpc(Section, path="rpc"):
    working_group: Span = parameter((15, 20), SIZES, confirm=HAS_RPC)
    reading_group: Span = parameter((30, 50), SIZES, confirm=HAS_RPC)


@dataclass(frozen=True)
class Reading(Section, path="reading"):
    keep_pct: Exact = parameter(90, PERCENT, confirm=HAS_RPC)
    zone: Span = parameter((5, 9), ZONE, confirm=HAS_RPC)


@dataclass(frozen=True)
class Comet(Section, path="comet"):
    in_pct: Exact = parameter(70, PERCENT)
    opposite_pct: Exact = parameter(15, PERCENT)
    groups: str = parameter("all", one_of("all", "any"))
    round1_in: int = parameter(70, one_of(50, 70))


@dataclass(frozen=True)
class Percent(Section, path="percent"):
    threshold: Exact = parameter(75, PERCENT, confirm="Diamond 2014")
    zone: Span = parameter((7, 9), ZONE, confirm="Diamond 2014")


@dataclass(frozen=True)
class Awmf(Section, path="awmf"):
    abstentions_count: bool = parameter(True, flag(), confirm="AWMF rules")


@dataclass(frozen=True)
class SfarGrid(Section, path="grade_grid.sfar_variant"):
    direction_strictly_above: Exact = parameter(50, PERCENT, confirm="SFAR")
    opposite_below: Exact = parameter(20, PERCENT, confirm="SFAR")
    strong: Exact = parameter(70, PERCENT, confirm="SFAR")


@dataclass(frozen=True)
class GradeGrid(Section, path="grade_grid"):
    direction: Exact = parameter(50, PERCENT, confirm="Jaeschke 2008")
    opposite: Exact = parameter(20, PERCENT, confirm="Jaeschke 2008")
    strong: Exact = parameter(70, PERCENT, confirm="Jaeschke 2008")
    sfar_variant: SfarGrid = section(SfarGrid)


@dataclass(frozen=True)
class IqrVariant(Section, path="iqr.variant"):
    median_min: Exact = parameter(6, MEDIANS, confirm="Aczel checklist")
    iqr_max: Exact = parameter(2, number(0, 8), confirm="Aczel checklist")


@dataclass(frozen=True)
class Iqr(Section, path="iqr"):
    agree_median: Exact = parameter(7, MEDIANS)
    disagree_median: Exact = parameter(3, MEDIANS)
    max: Exact = parameter(3, number(0, 8))
    variant: IqrVariant = section(IqrVariant)


@dataclass(frozen=True)
class Choice(Section, path="choice"):
    retained_share: Fraction = parameter(Fraction(2, 3), share())


@dataclass(frozen=True)
class Stop(Section, path="stop"):
    order: tuple[str, ...] = parameter(
        ("stability", "consensus", "max_rounds"),
        words("stability", "consensus", "max_rounds", every=True),
        confirm="Dajani 1979; von der Gracht 2012",
    )
    scheibe_max_pct: Exact = parameter(15, PERCENT, confirm="Scheibe 1975")
    delta_cqv_max: Exact = parameter(Fraction(1, 10), number(0, 1), confirm="source of the CQV threshold")
    delta_rir_max: Exact = parameter(Fraction(3, 10), number(0, 8), confirm="Landeta 2006")
    min_pairs: int = parameter(5, whole(1, 1000), choice=True)


@dataclass(frozen=True)
class Display(Section, path="display"):
    min_stratum: int = parameter(5, whole(1, 1000), choice=True)

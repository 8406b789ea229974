"""How much a panel moved between two rounds, and whether a statement is rated again. METHODS.md section 4.

Only raters present in both rounds are compared, for an unchanged statement; nothing is carried forward.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from .concordance import spearman
from .exact import plain
from .figures import quartiles
from .kappa import weighted_kappa
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .wilcoxon import signed_rank


@dataclass(frozen=True, slots=True)
class Stability:
    """The comparison of one statement. Percentages run from 0 to 100, differences are second less first.

    Below `stop.min_pairs`, and for a reworded statement, all but `pairs` is None: not computed. `stable`
    follows Scheibe alone; `conflict` says that CQV or RIR see it differently, which is shown, not resolved.
    """

    pairs: int
    stable: bool | None = None
    changed_pct: Fraction | None = None
    scheibe_pct: Fraction | None = None
    delta_cqv: Fraction | None = None
    delta_rir: Fraction | None = None
    cqv_stable: bool | None = None
    rir_stable: bool | None = None
    conflict: bool | None = None
    wilcoxon_w: Fraction | None = None
    wilcoxon_nonzero: int | None = None
    wilcoxon_p_exact: Fraction | None = None
    wilcoxon_p_normal: float | None = None
    kappa: Fraction | None = None
    kappa_linear: Fraction | None = None
    kappa_quadratic: Fraction | None = None
    spearman: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in NAMES}


NAMES = tuple(each.name for each in fields(Stability))


def compare(
    first: Sequence[int], second: Sequence[int], protocol: Protocol = DEFAULT, *, reworded: bool = False
) -> Stability:
    """From the ratings of the same raters in the same order in two rounds."""
    pairs = len(first)
    if reworded or pairs < protocol.stop.min_pairs:
        return Stability(pairs)
    before, after = Ratings.of(first), Ratings.of(second)
    earlier, later = (quartiles(each, protocol.percentile_rule) for each in (before, after))
    delta_cqv, delta_rir = later.cqv - earlier.cqv, later.rir - earlier.rir
    moved = scheibe(before, after)
    verdicts = (
        moved < protocol.stop.scheibe_max_pct,
        abs(delta_cqv) < protocol.stop.delta_cqv_max,
        abs(delta_rir) < protocol.stop.delta_rir_max,
    )
    test = signed_rank(first, second)
    return Stability(
        pairs=pairs,
        stable=verdicts[0],
        changed_pct=Fraction(100 * test.nonzero, pairs),
        scheibe_pct=moved,
        delta_cqv=delta_cqv,
        delta_rir=delta_rir,
        cqv_stable=verdicts[1],
        rir_stable=verdicts[2],
        conflict=len(set(verdicts)) > 1,
        wilcoxon_w=test.w,
        wilcoxon_nonzero=test.nonzero,
        wilcoxon_p_exact=test.p_exact,
        wilcoxon_p_normal=test.p_normal,
        kappa=weighted_kappa(first, second, "nominal"),
        kappa_linear=weighted_kappa(first, second, "linear"),
        kappa_quadratic=weighted_kappa(first, second, "quadratic"),
        spearman=spearman(first, second),
    )


def paired(first: Mapping[str, int], second: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """The ratings of those who rated in both rounds, in the same order, from rater to rating."""
    both = [rater for rater in first if rater in second]
    return [first[rater] for rater in both], [second[rater] for rater in both]


def scheibe(before: Ratings, after: Ratings) -> Fraction:
    """The share of ratings, in per cent, that would have to move to turn one histogram into the other."""
    apart = sum(
        abs(later - earlier) for earlier, later in zip(before.frequencies, after.frequencies, strict=True)
    )
    return Fraction(50 * apart, before.n)


class Step(StrEnum):
    """What the stop rule proposes for a statement still in discussion."""

    RE_RATE = "re_rate"
    SETTLED = "settled"
    STABLE_DISSENT = "stable_dissent"
    CLOSED_NOT_STABLE = "closed_not_stable"


def next_step(round_number: int, stable: bool | None, consensus: bool, protocol: Protocol = DEFAULT) -> Step:
    """After a round: rate again, or close and how. Stability that was not computed counts as not reached.

    The criteria are asked in the order of `stop.order`; consensus alone stops nothing unless it stands first.
    Only the HAS method settles after round one, by `rcf.settled_after_round1` (METHODS.md 2.4).
    """
    if round_number == 1 and consensus and protocol.method == "HAS_RCF":
        return Step.SETTLED
    if round_number < protocol.rounds.min:
        return Step.RE_RATE
    rounds_left = round_number < protocol.rounds.max
    unsettled = Step.STABLE_DISSENT if stable else Step.CLOSED_NOT_STABLE
    for criterion in protocol.stop.order:
        if criterion == "stability" and not stable:
            return Step.RE_RATE if rounds_left else Step.CLOSED_NOT_STABLE
        if criterion == "consensus" and consensus:
            return Step.SETTLED
        if criterion == "max_rounds" and not rounds_left:
            return unsettled
    return unsettled

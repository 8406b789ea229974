"""Everything said about one statement in one round, computed in this one place.

The live panel, the feedback sheet, the record and `deliberate analyse` show this one: they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import comet, grade_grid, median_iqr, primary, ram, rcf, sensitivity, shares
from .exact import plain
from .figures import Figures, figures
from .groups import GroupClass, describe_groups, judge_groups
from .median_iqr import IqrVariants
from .percentiles import RULES
from .protocol import DEFAULT, Protocol
from .rates import Rates
from .ratings import Ratings
from .verdicts import Agreement, Grade, Inclusion, Majority, MedianIqr, Share, Verdict

NOBODY: Final = Ratings.of(())


@dataclass(frozen=True, slots=True)
class Summary:
    """One statement in one round. `primary` is the class that counts; the rest stands beside it.

    `has_rcf` holds the classes with 0, 1 and 2 extremes set aside. `conflict` says that the classic table and
    IPRAS differ about disagreement, None when not analysable. `groups` is empty where the panel has none. For
    the method GRADE_GRID ratings are column numbers: `grade` is set, and all figures and rules of the 1-9
    scale stay without ratings.
    """

    ratings: Ratings
    rates: Rates
    primary: primary.Primary
    figures: Figures
    ram_classic: ram.RamClass
    ram_ipras: Verdict
    ram_ipras_disagreement: bool | None
    ram_binomial: ram.RamClass
    conflict: bool | None
    has_rcf: tuple[rcf.RcfClass, rcf.RcfClass, rcf.RcfClass]
    comet: Inclusion
    percent: Share
    awmf: Majority
    median_iqr: MedianIqr
    iqr_variants: IqrVariants | None
    sensitivity: sensitivity.Sensitivity
    grade: tuple[Grade, Grade] | None
    groups: Mapping[str, GroupClass]
    comet_groups: Inclusion | None

    def as_json(self) -> dict[str, Any]:
        """One item of `deliberate analyse --json`, without its name."""
        told: dict[str, Any] = {
            "n": self.ratings.n,
            "nsp": self.rates.nsp,
            "missing": self.rates.missing,
            "recused": self.rates.recused,
            "response_rate": plain(self.rates.response),
            "valid_rate": plain(self.rates.validity),
            "frequencies": list(self.ratings.frequencies),
            **self.figures.as_json(),
            "conflict": self.conflict,
            "ram_classic": {"verdict": self.ram_classic.verdict, "agreement": self.ram_classic.agreement},
            "ram_ipras": {"verdict": self.ram_ipras, "disagreement": self.ram_ipras_disagreement},
            "ram_binomial": {"verdict": self.ram_binomial.verdict, "agreement": self.ram_binomial.agreement},
            "has_rcf": {
                f"excluded_{count}": {"verdict": found.verdict, "degree": found.degree}
                for count, found in enumerate(self.has_rcf)
            },
            "comet": self.comet,
            "percent": self.percent,
            "awmf": self.awmf,
            "median_iqr": self.median_iqr,
            "median_iqr_variants": self.iqr_variants and self.iqr_variants.as_json(),
            "sensitivity": self.sensitivity.as_json(),
            "primary": self.primary.as_json(),
        }
        if self.grade:
            told["grade_grid"], told["grade_grid_sfar"] = self.grade
        if self.groups:
            told["comet_groups"] = self.comet_groups
            told["groups"] = {name: group.as_json() for name, group in self.groups.items()}
        return told


def summarise(
    ratings: Sequence[int],
    *,
    nsp: int = 0,
    missing: int = 0,
    protocol: Protocol = DEFAULT,
    recused: int = 0,
    round_number: int = 1,
    groups: Mapping[str, Sequence[int]] | None = None,
) -> Summary:
    """The summary of one statement from its valid ratings, in any order.

    `nsp` answered without opinion, `missing` are eligible and did not answer, `recused` are not eligible.
    `groups` repeats the same ratings by stakeholder group. ValueError for anything but ratings from 1 to 9.
    """
    by_group = {name: Ratings.of(given) for name, given in (groups or {}).items()}
    rates = Rates(len(ratings), nsp, missing, recused)
    return summarise_counted(Ratings.of(ratings), rates, protocol, round_number, by_group)


def summarise_counted(
    ratings: Ratings,
    rates: Rates,
    protocol: Protocol = DEFAULT,
    round_number: int = 1,
    groups: Mapping[str, Ratings] | None = None,
) -> Summary:
    """The same from ratings already counted."""
    groups = groups or {}
    grid = protocol.method == "GRADE_GRID"
    scored = NOBODY if grid else ratings
    classic = ram.judge(scored, protocol, "classic")
    ipras = {rule: ram.judge_ipras(scored, protocol, rule) for rule in RULES}
    disagreement = ram.disagree(scored, "ipras", protocol) if scored.n >= protocol.min_raters.ram else None
    extremes = rcf.by_exclusions(scored, protocol)
    included = comet.judge(scored, protocol, round_number)
    return Summary(
        ratings=ratings,
        rates=rates,
        primary=primary.judge(
            ratings, protocol, round_number=round_number, missing=rates.missing, groups=groups
        ),
        figures=figures(scored, protocol.percentile_rule),
        ram_classic=classic,
        ram_ipras=ipras[protocol.percentile_rule],
        ram_ipras_disagreement=disagreement,
        ram_binomial=ram.judge(scored, protocol, "binomial"),
        conflict=_conflict(classic, disagreement),
        has_rcf=extremes,
        comet=included,
        percent=shares.percent(scored, protocol),
        awmf=shares.awmf(scored, protocol),
        median_iqr=median_iqr.judge(scored, protocol),
        iqr_variants=median_iqr.variants(scored, protocol),
        sensitivity=sensitivity.compare(
            classic.verdict, ipras, [found.verdict for found in extremes], included
        ),
        grade=(grade_grid.judge(ratings, protocol), grade_grid.judge_sfar(ratings, protocol))
        if grid
        else None,
        groups=describe_groups(groups, protocol, round_number),
        comet_groups=judge_groups(groups, protocol, round_number) if groups else None,
    )


def _conflict(classic: ram.RamClass, ipras_disagreement: bool | None) -> bool | None:
    if classic.agreement is None:
        return None
    return (classic.agreement == Agreement.DISAGREEMENT) != ipras_disagreement

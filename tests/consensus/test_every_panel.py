"""Every panel there can be: all sets of nine ratings, and classic against IPRAS for 8 to 16 raters."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise
from math import comb

import pytest

from deliberate.consensus import ram
from deliberate.consensus.ipras import interpercentile
from deliberate.consensus.percentiles import RULES
from deliberate.consensus.rates import Rates
from deliberate.consensus.ratings import SCALE, Ratings
from deliberate.consensus.summary import summarise_counted
from tests.consensus import definitions
from tests.consensus.panels import all_panels
from tests.consensus.shared import vectors


def test_all_24310_sets_of_nine_ratings_are_judged_as_the_definitions_say():
    seen = 0
    for panel in all_panels(9):
        found, ratings = summarise_counted(Ratings.of(panel), Rates(9)), list(panel)
        classes = [(each.verdict, each.degree) for each in found.has_rcf]
        assert (found.ram_classic.verdict, found.ram_classic.agreement) == _classic(ratings), panel
        assert found.ram_ipras_disagreement == _ipras(ratings), panel
        assert found.conflict == (_polarised(ratings) != _ipras(ratings)), panel
        assert classes == [_consensus(ratings, excluded) for excluded in range(3)], panel
        assert found.comet == ("in" if _comet(ratings) else "out" if _comet(_mirror(ratings)) else "none"), (
            panel
        )
        seen += 1
    assert seen == 24310


@pytest.mark.parametrize("n", range(8, 17))
def test_classic_and_ipras_agree_as_often_as_published(n):
    expected = vectors()["classic_vs_ipras_exhaustive"]["by_n"][str(n)]
    assert sum(weight for weight, _ in _kinds_of_panels(n, "type7")) == expected["multisets"]
    for rule in RULES:
        counts = Counter[str]()
        for weight, ratings in _kinds_of_panels(n, rule):
            _compare(ratings, rule, counts, weight)
        _assert_published(counts, expected, rule)


@pytest.mark.parametrize("n", range(8, 13))
def test_counting_kinds_of_panels_is_counting_panels(n):
    expected = vectors()["classic_vs_ipras_exhaustive"]["by_n"][str(n)]
    _assert_by_counting(n, expected)


@pytest.mark.long
@pytest.mark.parametrize("n", range(13, 17))
def test_counting_every_single_panel_gives_the_same(n):
    _assert_by_counting(n, vectors()["classic_vs_ipras_exhaustive"]["by_n"][str(n)])


def _assert_by_counting(n, expected):
    counts = {rule: Counter[str]() for rule in RULES}
    for panel in all_panels(n):
        ratings = Ratings.of(panel)
        for rule in RULES:
            _compare(ratings, rule, counts[rule], 1)
    for rule in RULES:
        _assert_published(counts[rule], expected, rule)


def _compare(ratings, rule, counts, weight):
    classic, figures = ram.disagree(ratings), interpercentile(ratings, rule)
    counts["classic"] += weight * classic
    counts["same"] += weight * (classic == figures.disagreement)
    counts["ipras_only"] += weight * (figures.disagreement and not classic)
    counts["classic_only"] += weight * (classic and not figures.disagreement)
    counts["exact_ties"] += weight * (figures.di == 1)


def _assert_published(counts, expected, rule):
    published = expected[rule]
    assert counts["classic"] == expected["classic_disagreements"], rule
    for name in ("same", "ipras_only", "classic_only", "exact_ties"):
        assert counts[name] == published[name], (rule, name)
    assert round(100 * counts["same"] / expected["multisets"], 2) == published["same_pct"], rule


def _kinds_of_panels(n, rule):
    """One panel for each choice of the ratings that decide, with the number of panels that share them.

    Classic looks at the k-th rating from either end, IPRAS at those around the two percentiles. Between two
    fixed ratings all others lie anywhere from one to the other.
    """
    k = definitions.TABLE[n]
    places = sorted({k - 1, n - k, *_around(n, Fraction(3, 10), rule), *_around(n, Fraction(7, 10), rule)})
    for fixed in combinations_with_replacement(SCALE, len(places)):
        borders = [(-1, 1), *zip(places, fixed, strict=True), (n, 9)]
        weight, panel = 1, []
        for (left, low), (right, high) in pairwise(borders):
            free = right - left - 1
            weight *= comb(high - low + free, free)
            panel += [low] * free + ([high] if right < n else [])
        yield weight, Ratings.of(panel)


def _around(n, share, rule):
    """The places, from 0, of the ratings a percentile rests on."""
    place = {"type7": (n - 1) * share, "type6": (n + 1) * share - 1, "type2": n * share - Fraction(1, 2)}[
        rule
    ]
    if rule == "type2" and (n * share).denominator != 1:
        return {int(n * share)}
    below = int(place // 1)
    return {below, below + 1} if place.denominator != 1 else {below}


# The definitions for nine raters in whole numbers, for 24,310 panels in fractions would take minutes.


def _polarised(x):
    return x[2] <= 3 and x[6] >= 7


def _classic(x):
    zone = "appropriate" if x[4] >= 7 else "inappropriate" if x[4] <= 3 else "uncertain"
    if _polarised(x):
        return "uncertain", "disagreement"
    ends = {"appropriate": (7, 9), "inappropriate": (1, 3), "uncertain": (4, 6)}[zone]
    outside = sum(not ends[0] <= rating <= ends[1] for rating in x)
    return zone, "agreement" if outside <= 2 else "indeterminate"


def _ipras(x):
    low, high = 6 * x[2] + 4 * x[3], 4 * x[5] + 6 * x[6]  # tenths: p30 lies at 2.4, p70 at 5.6
    return 4 * (high - low) > 94 + 3 * abs(100 - (low + high))


def _consensus(x, excluded):
    m, kept = x[4], list(x)
    for _ in range(excluded):
        below, above = m - kept[0], kept[-1] - m
        kept = kept[1:] if below > above or (below == above and m >= 5) else kept[:-1]
    if m >= 7:
        degree = "strong" if kept[0] >= 7 else "relative" if kept[0] >= 5 else "no_consensus"
        return ("appropriate" if degree != "no_consensus" else "uncertain"), degree
    if m <= 3 and kept[-1] <= 5:
        return "inappropriate", "strong" if kept[-1] <= 3 else "relative"
    return "uncertain", "indecision" if 4 <= m <= 6 else "no_consensus"


def _comet(x):
    return x[2] >= 7 and x[1] > 3  # 7 of 9 reach 70 %, 1 of 9 is less than 15 %


def _mirror(x):
    return [10 - rating for rating in reversed(x)]

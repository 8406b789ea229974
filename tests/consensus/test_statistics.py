"""Statistics of statements and panels, against golden numbers, definitions, scipy and statsmodels."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import isclose

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from deliberate.consensus.concordance import double_ranks, kendall, spearman
from deliberate.consensus.distributions import chi_squared_tail, normal_two_sided
from deliberate.consensus.figures import figures
from deliberate.consensus.kappa import fleiss, weighted_kappa
from deliberate.consensus.krippendorff import METRICS, alpha
from deliberate.consensus.ordinal import leik, tastle_wierman, van_der_eijk
from deliberate.consensus.ratings import Ratings
from deliberate.consensus.wilcoxon import signed_rank
from tests.consensus import definitions
from tests.consensus.panels import mirrored, panels
from tests.consensus.panels import ratings as one_rating
from tests.consensus.shared import close, rows, vectors

pairs = st.lists(st.tuples(one_rating, one_rating), min_size=2, max_size=40)
frequencies = st.lists(st.integers(0, 30), min_size=3, max_size=9).filter(any)


@st.composite
def tables(draw, raters=(2, 8), items=(2, 8)):
    """Ratings of complete raters, `table[rater][item]`."""
    width = draw(st.integers(*items))
    row = st.lists(one_rating, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=raters[0], max_size=raters[1]))


def test_agreement_within_a_statement_has_its_golden_numbers():
    for case in vectors()["ordinal_consensus"]:
        counts = case["frequencies"]
        assert float(van_der_eijk(counts)) == close(case["van_der_eijk_a"]), case["id"]
        assert tastle_wierman(counts) == close(case["tastle_wierman"]), case["id"]
        assert float(leik(counts)) == close(case["leik_d"]), case["id"]


@given(frequencies)
def test_agreement_within_a_statement_stays_in_its_bounds_and_does_not_know_the_ends_apart(counts):
    for measure, lowest in ((van_der_eijk, -1), (tastle_wierman, 0), (leik, 0)):
        found = measure(counts)
        assert lowest - 1e-12 <= found <= 1 + 1e-12
        assert isclose(measure(counts[::-1]), found, abs_tol=1e-12)
        assert isclose(measure([3 * count for count in counts]), found, abs_tol=1e-12)


@pytest.mark.parametrize("measure", [van_der_eijk, tastle_wierman, leik])
def test_agreement_of_nobody_is_not_a_number(measure):
    assert measure([0] * 9) is None


def test_the_figures_of_a_statement_are_exact():
    found = figures(Ratings.of([5, 6, 7, 7, 8, 3, 9, 6, 7, 5, 8, 4]))
    assert found.median == Fraction(13, 2)
    assert (found.q1, found.q3, found.iqr) == (5, Fraction(29, 4), Fraction(9, 4))
    assert found.cqv == Fraction(9, 49)
    assert found.rir == Fraction(9, 26)
    assert found.mad_m == Fraction(17, 12)
    case = next(case for case in vectors()["ram"] if case["id"] == "ram-1")
    assert figures(Ratings.of(case["ratings"])).mad_m == 1


@given(panels(), st.sampled_from([("type7", "linear"), ("type6", "weibull")]))
def test_the_figures_of_a_statement_are_those_of_scipy(given, rules):
    ours, theirs = rules
    found = figures(Ratings.of(given), ours)
    assert float(found.iqr) == pytest.approx(stats.iqr(given, interpolation=theirs))
    assert float(found.median) == pytest.approx(np.median(given))
    low, high = np.percentile(given, [25, 75], method=theirs)
    assert (float(found.cqv), float(found.rir)) == pytest.approx(
        ((high - low) / (high + low), (high - low) / np.median(given))
    )
    ipr = stats.iqr(given, rng=(30, 70), interpolation=theirs)
    assert float(found.ipr) == pytest.approx(ipr)
    assert float(found.mad_m) == pytest.approx(np.mean(np.abs(np.array(given) - np.median(given))))


def test_the_figures_of_nobody_are_missing_and_not_zero():
    assert set(figures(Ratings.of([])).as_json().values()) == {None}


def test_kendalls_w_has_its_golden_numbers():
    for name, expected in vectors()["kendall"].items():
        table = [
            [int(value) for value in row.values()] for row in rows("reference_reliability", f"{name}.csv")
        ]
        found = kendall(list(zip(*table, strict=True)))
        assert float(found.w) == close(expected["w"])
        assert float(found.chi_squared) == pytest.approx(expected["chi2"], abs=1e-4)
        assert (found.df, found.raters) == (expected["df"], expected["raters"])
        assert found.p == close(expected["p"])
        # Leaving out the correction for ties would give another number: of this share of the one above.
        scale = found.raters * (len(table) ** 3 - len(table))
        ties = sum(n**3 - n for rater in zip(*table, strict=True) for n in Counter(rater).values())
        assert float(found.w * (1 - Fraction(ties, scale))) == close(expected["w_without_tie_correction"])


@given(tables(raters=(2, 8), items=(3, 8)))
def test_kendalls_chi_squared_is_friedmans(table):
    found = kendall(table)
    assume(found is not None)
    friedman = stats.friedmanchisquare(*zip(*table, strict=True))
    assert float(found.chi_squared) == pytest.approx(friedman.statistic, abs=1e-9)
    assert found.p == pytest.approx(friedman.pvalue, abs=1e-9)
    assert 0 <= found.w <= 1


@given(tables(), st.randoms())
def test_kendalls_w_does_not_depend_on_the_order_of_raters(table, shuffler):
    shuffled = list(table)
    shuffler.shuffle(shuffled)
    assert kendall(shuffled) == kendall(table)


def test_kendalls_w_is_not_defined_for_one_rater_one_item_or_no_distinction():
    assert kendall([]) is None
    assert kendall([[1, 2, 3]]) is None
    assert kendall([[1], [2]]) is None
    assert kendall([[5, 5, 5], [9, 9, 9]]) is None
    assert kendall([[1, 2, 3], [4, 5, 9]]).w == 1


def test_krippendorffs_alpha_has_its_golden_numbers():
    units = [
        [int(value) for name, value in row.items() if name != "Units" and value]
        for row in rows("reference_reliability", "cac.raw4raters.csv")
    ]
    expected = vectors()["krippendorff"]
    for metric in METRICS:
        assert float(alpha(units, metric)) == close(expected[metric]), metric
    assert float(alpha(units, "ordinal")) != close(expected["not_this_gwet_ordinal_weights"])
    assert float(alpha(units, "ordinal")) != close(expected["not_this_gwet_ordinal_weights"])


@given(st.lists(st.lists(one_rating, max_size=6), min_size=1, max_size=8), st.sampled_from(sorted(METRICS)))
def test_krippendorffs_alpha_is_that_of_the_definition(units, metric):
    assert alpha(units, metric) == definitions.alpha(units, metric)


@given(st.lists(panels(2, 6), min_size=2, max_size=8), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_krippendorffs_alpha_is_the_same_on_the_mirrored_scale(units, metric):
    assert alpha([mirrored(unit) for unit in units], metric) == alpha(units, metric)


def test_krippendorffs_alpha_is_not_defined_without_differences():
    assert alpha([]) is None
    assert alpha([[5], [7]]) is None
    assert alpha([[5, 5], [5, 5, 5]]) is None
    with pytest.raises(ValueError, match="cubic"):
        alpha([[1, 2]], "cubic")


def test_fleiss_kappa_has_its_golden_numbers():
    expected = vectors()["fleiss"]
    diagnoses = rows("reference_reliability", "diagnoses.csv")
    names = sorted({name for row in diagnoses for name in row.values()})
    counted = [[list(row.values()).count(name) for name in names] for row in diagnoses]
    assert float(fleiss(counted)) == close(expected["diagnoses"]["kappa"])
    distributed = [
        [int(count) for name, count in row.items() if name != "Subject"]
        for row in rows("reference_reliability", "distrib.6raters.csv")
    ]
    assert float(fleiss(distributed)) == close(expected["distrib_6raters"]["kappa"])
    assert float(fleiss(expected["ten_subjects"]["table"])) == close(expected["ten_subjects"]["kappa"])


@given(tables(raters=(2, 9), items=(2, 8)))
def test_fleiss_kappa_is_that_of_statsmodels(table):
    items = zip(*table, strict=True)
    counted = [[sum((rating - 1) // 3 == zone for rating in item) for zone in range(3)] for item in items]
    found = fleiss(counted)
    assume(found is not None)
    assert float(found) == pytest.approx(fleiss_kappa(counted), abs=1e-9)


def test_fleiss_kappa_needs_the_same_raters_throughout_and_more_than_one_category():
    with pytest.raises(ValueError, match="same number of raters"):
        fleiss([[3, 0, 0], [1, 1, 0]])
    assert fleiss([[3, 0, 0], [3, 0, 0]]) is None
    assert fleiss([[1, 0, 0]]) is None
    assert fleiss([]) is None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # statsmodels divides by a standard error of 0
@given(pairs, st.sampled_from([("nominal", None), ("linear", "linear"), ("quadratic", "quadratic")]))
def test_kappa_between_rounds_is_that_of_statsmodels(given, weights):
    ours, theirs = weights
    first, second = zip(*given, strict=True)
    found = weighted_kappa(first, second, ours)
    assume(found is not None)
    table = np.zeros((9, 9))
    for one, two in given:
        table[one - 1, two - 1] += 1
    assert float(found) == pytest.approx(cohens_kappa(table, wt=theirs).kappa, abs=1e-9)


def test_kappa_is_not_defined_when_all_ratings_are_the_same():
    for weights in ("nominal", "linear", "quadratic"):
        assert weighted_kappa([7, 7, 7], [7, 7, 7], weights) is None
        assert weighted_kappa([], [], weights) is None
    with pytest.raises(ValueError, match="cubic"):
        weighted_kappa([1], [2], "cubic")


@given(panels())
def test_mid_ranks_are_those_of_scipy(given):
    ranks = double_ranks(given)
    assert [ranks[rating] / 2 for rating in given] == list(stats.rankdata(given))


@given(tables(raters=(2, 8), items=(3, 8)))
def test_kendalls_w_is_the_mean_rank_correlation_of_all_pairs_of_raters(table):
    # the identity W = (1 + (r - 1) * mean Spearman) / r holds where no rater has ties
    ranked = [np.argsort(np.argsort(row)) + 1 for row in table]
    rows = [[int(rank) for rank in row] for row in ranked]
    pairs = combinations(rows, 2)
    mean = np.mean([stats.spearmanr(one, two).statistic for one, two in pairs])
    assert float(kendall(rows).w) == pytest.approx((1 + (len(rows) - 1) * mean) / len(rows))


@given(pairs)
def test_spearmans_coefficient_is_that_of_scipy(given):
    first, second = zip(*given, strict=True)
    found = spearman(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-9)


@given(st.lists(st.tuples(one_rating, one_rating), max_size=11))
def test_the_signed_rank_test_is_that_of_trying_every_sign(given):
    first, second = [one for one, _ in given], [two for _, two in given]
    assert signed_rank(first, second).p_exact == definitions.signed_rank_p(first, second)


@given(pairs)
def test_the_signed_rank_test_is_that_of_scipy(given):
    assume(any(one != two for one, two in given))
    first, second = zip(*given, strict=True)
    found = signed_rank(first, second)
    theirs = stats.wilcoxon(first, second, zero_method="wilcox", correction=False, method="approx")
    assert float(found.w) == theirs.statistic
    assert found.p_normal == pytest.approx(theirs.pvalue, abs=1e-9)


@settings(max_examples=40)
@given(st.lists(st.tuples(one_rating, one_rating), min_size=2, max_size=9))
def test_the_exact_signed_rank_test_with_ties_is_scipys_over_every_pattern_of_signs(given):
    changed = [(one, two) for one, two in given if one != two]
    assume(len(changed) > 1)
    first, second = zip(*changed, strict=True)
    every = stats.PermutationMethod(n_resamples=2 ** len(changed))
    theirs = stats.wilcoxon(first, second, zero_method="wilcox", correction=False, method=every)
    assert float(signed_rank(first, second).p_exact) == pytest.approx(theirs.pvalue)


def test_the_exact_signed_rank_test_without_ties_is_that_of_scipy():
    first, second = [1, 1, 1, 9, 1, 9, 1, 1], [2, 3, 4, 5, 6, 3, 8, 9]
    found = signed_rank(first, second)
    assert float(found.p_exact) == pytest.approx(stats.wilcoxon(first, second, method="exact").pvalue)


def test_the_signed_rank_test_is_exact_below_25_changes():
    up = [(5, 5 + 1 + place % 4) for place in range(24)]
    exact, normal = signed_rank(*zip(*up, strict=True)), signed_rank(*zip(*up, (5, 6), strict=True))
    assert exact.p_exact == Fraction(2, 2**24)
    assert exact.p == float(exact.p_exact)
    assert (normal.p_exact, normal.p) == (None, normal.p_normal)


def test_without_any_change_the_signed_rank_test_finds_nothing():
    found = signed_rank([5, 6, 7], [5, 6, 7])
    assert (found.w, found.nonzero, found.p_exact, found.p_normal) == (0, 0, 1, 1)


@given(st.floats(0, 300), st.integers(1, 300))
def test_the_tail_of_chi_squared_is_that_of_scipy(x, df):
    assert chi_squared_tail(x, df) == pytest.approx(stats.chi2.sf(x, df), abs=1e-11)


@given(st.floats(-30, 30))
def test_the_tails_of_the_normal_distribution_are_those_of_scipy(z):
    assert normal_two_sided(z) == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-14)

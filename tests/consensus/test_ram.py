from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deliberate.consensus import ram
from deliberate.consensus.ipras import interpercentile
from deliberate.consensus.protocol import DEFAULT
from deliberate.consensus.ratings import Ratings
from tests.consensus import definitions
from tests.consensus.panels import DISAGREEMENT_RULES, all_panels, mirrored, panels, under
from tests.consensus.shared import close, vectors

rules = st.sampled_from(DISAGREEMENT_RULES)
percentile_rules = st.sampled_from(["type7", "type6", "type2"])


def test_the_published_examples_get_their_class_under_both_half_point_rules():
    for case in vectors()["ram"]:
        ratings = Ratings.of(case["ratings"])
        for half_point in ("up", "strict"):
            found = ram.judge(ratings, under(ram__half_point_rule=half_point))
            expected = case[f"classic_verdict_{half_point}"], case[f"agreement_{half_point}"]
            assert (found.verdict, found.agreement) == expected, case["id"]
        assert ram.disagree(ratings) == case["classic_disagreement"], case["id"]


def test_the_published_examples_get_their_disagreement_index_under_each_percentile_rule():
    for case in vectors()["ram"]:
        for rule in ("type7", "type6", "type2"):
            found, expected = interpercentile(Ratings.of(case["ratings"]), rule), case[rule]
            for name in ("p30", "p70", "ipr", "ipras", "di"):
                assert float(getattr(found, name)) == close(expected[name]), (case["id"], rule, name)
            assert found.disagreement == expected["disagreement"], (case["id"], rule)


def test_every_pair_of_percentiles_of_nine_raters_has_its_index():
    expected = vectors()["ipras_n9_pairs"]
    for pair, di in expected["di"].items():
        low, high = map(int, pair.split(","))
        ratings = Ratings.of([low] * 3 + [low] * 2 + [high] * 4)
        for rule in ("type6", "type2"):  # they read the third and the seventh rating
            found = interpercentile(ratings, rule)
            assert (found.p30, found.p70) == (low, high)
            assert float(found.di) == close(di), pair
            assert found.disagreement == (pair in expected["disagreement"]), pair


def test_an_exact_tie_of_range_and_allowance_is_no_disagreement():
    tie = interpercentile(Ratings.of([1, 1, 1, 5, 5, 6, 6, 7, 9]))
    assert tie.ipr == tie.ipras == Fraction(34, 10)
    assert tie.di == 1
    assert not tie.disagreement


def test_limits_are_those_of_the_table():
    for n, limits in vectors()["classic_limits"].items():
        found = ram.classic_limits(int(n))
        assert (found.max_outside, found.min_each_extreme) == tuple(limits.values()), n


def test_limits_of_the_binomial_rule_are_those_of_the_table_and_of_scipy():
    for n, limits in vectors()["binomial_limits"].items():
        found = ram.binomial_limits(int(n))
        assert (found.max_outside, found.min_each_extreme) == tuple(limits.values()), n
    for n in range(7, 40):
        outside, extreme = ram.binomial_limits(n).max_outside, ram.binomial_limits(n).min_each_extreme
        assert stats.binom.sf(outside - 1, n, 0.2) >= 0.33 > stats.binom.sf(outside, n, 0.2)
        assert stats.binom.sf(extreme - 1, n, 0.1) < 0.1 <= stats.binom.sf(extreme - 2, n, 0.1)


def test_limits_of_the_third_are_those_of_the_table():
    for n, limit in vectors()["third_limits"].items():
        assert ram.third_limit(int(n)) == limit


@pytest.mark.parametrize("n", range(8, 17))
def test_every_number_of_low_and_high_ratings_follows_the_table(n):
    k = definitions.TABLE[n]
    for low in range(n + 1):
        for high in range(n + 1 - low):
            ratings = [2] * low + [5] * (n - low - high) + [8] * high
            found = ram.judge(Ratings.of(ratings))
            assert (found.agreement == "disagreement") == (low >= k and high >= k)
            assert (found.verdict, found.agreement) == definitions.classic(ratings)


@given(panels(7, 22))
def test_the_class_is_that_of_the_definition(given):
    found = ram.judge(Ratings.of(given))
    assert (found.verdict, found.agreement) == definitions.classic(given)


@given(panels(7), percentile_rules)
def test_ipras_disagreement_is_that_of_the_definition(given, rule):
    found = interpercentile(Ratings.of(given), rule)
    assert found.disagreement == definitions.ipras_disagreement(given, rule) == (found.di > 1)


@given(panels(7), rules, percentile_rules)
def test_the_mirrored_scale_mirrors_the_verdict_where_half_points_are_strict(given, rule, percentile_rule):
    # `up` favours the upper end at 6.5 and has no counterpart at 3.5; `strict` treats both ends alike
    protocol = under(
        ram__half_point_rule="strict", ram__disagreement_rule=rule, percentile_rule=percentile_rule
    )
    here, there = (ram.judge(Ratings.of(each), protocol) for each in (given, mirrored(given)))
    opposite = {"appropriate": "inappropriate", "uncertain": "uncertain", "inappropriate": "appropriate"}
    assert there.verdict == opposite[here.verdict]
    assert there.agreement == here.agreement


@given(panels(7), rules, percentile_rules)
def test_one_more_rating_at_the_median_never_creates_disagreement(given, rule, percentile_rule):
    # by counts the median's own side is the larger one already, and the number asked of the other side never
    # falls; by percentiles the range closes in on a median that lies inside it
    if Ratings.of(given).double_median % 2 == 0:
        protocol = under(percentile_rule=percentile_rule)
        before, after = _beside_the_median(given, rule, protocol)
        assert before or not after


@pytest.mark.parametrize("n", [7, 8])
def test_of_every_panel_none_comes_to_disagree_by_one_more_rating_at_its_median(n):
    tried = 0
    for panel in all_panels(n):
        if Ratings.of(panel).double_median % 2 == 0:
            for rule in ("classic", "ipras"):
                before, after = _beside_the_median(panel, rule, DEFAULT)
                assert before or not after, (panel, rule)
            tried += 1
    assert tried > 4000


def _beside_the_median(given, rule, protocol):
    at_median = Ratings.of(given).double_median // 2
    return (ram.disagree(Ratings.of(each), rule, protocol) for each in (given, [*given, at_median]))


@given(panels(7))
def test_either_rule_is_the_one_or_the_other(given):
    ratings = Ratings.of(given)
    either = ram.disagree(ratings, "classic") or ram.disagree(ratings, "ipras")
    assert ram.disagree(ratings, "either") == either


def test_the_third_asks_for_one_more_at_10_13_and_16_raters_only():
    asked = {n: ram.third_limit(n) - ram.classic_limits(n).min_each_extreme for n in range(8, 17)}
    assert asked == {n: int(n in (10, 13, 16)) for n in range(8, 17)}


def test_six_ratings_cannot_be_analysed():
    found = ram.judge(Ratings.of([8] * 6))
    assert (found.verdict, found.agreement) == ("non_analysable", None)
    assert ram.judge(Ratings.of([8] * 7)).verdict == "appropriate"
    with pytest.raises(ValueError, match="starts at 7"):
        ram.classic_limits(6)


def test_panels_beyond_the_table_are_extrapolated_or_refused():
    large = Ratings.of([8] * 17)
    refusing = under(ram__table_beyond_16="refuse")
    assert ram.judge(large).agreement == "agreement"
    assert ram.judge(large, refusing).verdict == "non_analysable"
    assert ram.judge(Ratings.of([8] * 16), refusing).agreement == "agreement"
    assert ram.judge(large, refusing, "binomial").agreement == "agreement"
    assert ram.judge_ipras(large, refusing) == "appropriate"


def test_the_number_for_seven_raters_may_be_confirmed_otherwise():
    ratings = Ratings.of([2, 2, 5, 5, 5, 8, 8])
    assert ram.judge(ratings).agreement == "indeterminate"
    assert ram.judge(ratings, under(ram__k_at_7=2)).agreement == "disagreement"


def test_necessity_asks_for_a_median_from_7_without_disagreement():
    assert ram.necessary(Ratings.of([7] * 9))
    assert not ram.necessary(Ratings.of([6] * 5 + [7] * 5))
    assert not ram.necessary(Ratings.of([1, 1, 1, 2, 8, 8, 8, 8, 8]))
    assert ram.necessary(Ratings.of([7] * 6)) is None


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(ValueError, match="majority"):
        ram.disagree(Ratings.of([5] * 9), "majority")

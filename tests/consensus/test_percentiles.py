from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.percentiles import RULES, percentile, quartiles, scaled_percentile
from tests.consensus import definitions
from tests.consensus.panels import panels

NUMPY = {"type7": "linear", "type6": "weibull", "type2": "averaged_inverted_cdf"}
shares = st.fractions(0, 1, max_denominator=40).filter(lambda share: 0 < share < 1)


@given(panels(), shares, st.sampled_from(RULES))
def test_percentiles_follow_their_definition_exactly(given, share, rule):
    assert percentile(sorted(given), share, rule) == definitions.percentile(given, share, rule)


@given(panels(), st.sampled_from([0.25, 0.3, 0.5, 0.7, 0.75]), st.sampled_from(RULES))
def test_percentiles_are_those_of_numpy(given, share, rule):
    exact = percentile(sorted(given), Fraction(str(share)), rule)
    # numpy multiplies in floats: with averages it may step over a whole place, so its own tolerance applies
    theirs = np.percentile(given, 100 * share, method=NUMPY[rule])
    if rule != "type2" or (len(given) * Fraction(str(share))).denominator != 1:
        assert float(exact) == pytest.approx(theirs, abs=1e-9)


@given(panels(), st.sampled_from(RULES))
def test_the_median_is_the_same_under_every_rule(given, rule):
    assert percentile(sorted(given), Fraction(1, 2), rule) == definitions.median(given)


@given(panels(), st.sampled_from([5, 6, 10, 14, 15]), st.sampled_from(RULES))
def test_twentieths_of_percentiles_are_whole_numbers(given, steps, rule):
    scaled = scaled_percentile(sorted(given), steps, 20, rule)
    assert isinstance(scaled, int)
    assert Fraction(scaled, 20) == percentile(sorted(given), Fraction(steps, 20), rule)


def test_quartiles_depend_on_the_rule():
    ordered = [1, 2, 3, 3, 3, 4, 4, 5, 5, 6]
    assert quartiles(ordered, "type7") == (3, Fraction(19, 4))
    assert quartiles(ordered, "type6") == (Fraction(11, 4), 5)
    assert quartiles(ordered, "type2") == (3, 5)


@pytest.mark.parametrize("share", [0, 1, Fraction(5, 4)])
def test_a_share_outside_zero_and_one_is_refused(share):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        percentile([1, 2], Fraction(share))


def test_percentiles_of_nobody_are_refused():
    with pytest.raises(ValueError, match="at least one rating"):
        percentile([], Fraction(1, 2))


def test_an_unknown_rule_is_refused_by_name():
    with pytest.raises(ValueError, match="type5"):
        percentile([1, 2], Fraction(1, 2), "type5")

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.attrition import attrition, attrition_by_group, compare_leavers
from deliberate.consensus.figures import figures
from deliberate.consensus.rates import Rates, rates
from deliberate.consensus.ratings import Ratings
from deliberate.consensus.stability import NAMES, compare, next_step, paired
from tests.consensus.panels import ratings as one_rating
from tests.consensus.panels import under
from tests.consensus.shared import close, vectors

pairs = st.lists(st.tuples(one_rating, one_rating), min_size=5, max_size=30)


def test_two_rounds_compare_as_in_the_golden_numbers():
    case = vectors()["stability"]
    found = compare(case["round1"], case["round2"])
    for name in ("changed_pct", "scheibe_pct", "delta_cqv", "delta_rir", "wilcoxon_w", "wilcoxon_nonzero"):
        assert found.as_json()[name] == close(case[name]), name
    for name in ("kappa", "kappa_linear", "kappa_quadratic", "spearman", "wilcoxon_p_exact"):
        assert found.as_json()[name] == close(case[name]), name
    assert found.wilcoxon_p_normal == close(case["wilcoxon_p_normal_ties_no_continuity"])
    assert found.stable == case["scheibe_stable"]
    assert (found.cqv_stable, found.rir_stable, found.conflict) == (True, True, True)


def test_each_round_describes_itself_as_in_the_golden_numbers():
    case = vectors()["stability"]
    for number in ("1", "2"):
        found = figures(Ratings.of(case[f"round{number}"])).as_json()
        for name, expected in case[f"round{number}_stats"].items():
            assert found[name] == close(expected), (number, name)


@given(pairs, st.randoms())
def test_stability_does_not_depend_on_the_order_of_raters(given, shuffler):
    shuffled = list(given)
    shuffler.shuffle(shuffled)
    assert compare(*zip(*shuffled, strict=True)) == compare(*zip(*given, strict=True))


@given(pairs)
def test_scheibe_is_half_the_distance_between_the_histograms_of_numpy(given):
    first, second = zip(*given, strict=True)
    bins = np.arange(0.5, 10)
    before, after = (np.histogram(each, bins)[0] for each in (first, second))
    moved = 100 * np.abs(after - before).sum() / 2 / len(given)
    assert float(compare(first, second).scheibe_pct) == pytest.approx(moved)


@given(pairs)
def test_a_mirrored_scale_moves_as_much(given):
    first, second = zip(*given, strict=True)
    here = compare(first, second)
    there = compare([10 - one for one in first], [10 - two for two in second])
    for name in ("pairs", "changed_pct", "scheibe_pct", "stable", "wilcoxon_w", "wilcoxon_p_exact"):
        assert getattr(there, name) == getattr(here, name), name
    for name in ("kappa", "kappa_linear", "kappa_quadratic"):
        assert getattr(there, name) == getattr(here, name), name


@given(pairs)
def test_nothing_moved_is_stable(given):
    first = [one for one, _ in given]
    found = compare(first, first)
    assert found.stable
    assert found.changed_pct == found.scheibe_pct == found.delta_cqv == found.delta_rir == 0
    assert not found.conflict


def test_exactly_15_per_cent_is_not_stable():
    first = [5] * 20
    assert compare(first, [8] * 3 + [5] * 17).scheibe_pct == 15
    assert not compare(first, [8] * 3 + [5] * 17).stable
    assert compare(first, [8] * 2 + [5] * 18).stable


def test_raters_who_swap_their_ratings_change_without_moving_the_histogram():
    found = compare([1, 9, 5, 5, 5], [9, 1, 5, 5, 5])
    assert (found.changed_pct, found.scheibe_pct) == (40, 0)


def test_too_few_pairs_and_reworded_statements_are_not_computed():
    few, reworded = compare([5] * 4, [5] * 4), compare([5] * 9, [5] * 9, reworded=True)
    assert (few.pairs, reworded.pairs) == (4, 9)
    for found in (few, reworded):
        assert {getattr(found, name) for name in NAMES if name != "pairs"} == {None}
    assert compare([5] * 4, [5] * 4, under(stop__min_pairs=4)).stable


def test_only_raters_of_both_rounds_are_paired():
    assert paired({"a": 1, "b": 2, "c": 3}, {"c": 7, "d": 8, "a": 9}) == ([1, 3], [9, 7])


@pytest.mark.parametrize(
    ("round_number", "stable", "consensus", "step"),
    [
        (1, None, True, "re_rate"),  # two rounds at least
        (2, False, True, "re_rate"),  # consensus alone stops nothing
        (2, None, True, "re_rate"),
        (2, True, True, "settled"),
        (2, True, False, "stable_dissent"),
        (3, True, True, "settled"),
        (3, True, False, "stable_dissent"),
        (3, False, True, "closed_not_stable"),
        (3, None, False, "closed_not_stable"),
    ],
)
def test_stability_decides_before_consensus(round_number, stable, consensus, step):
    assert next_step(round_number, stable, consensus, under(method="RAM")) == step


def test_the_has_method_alone_settles_after_round_one():
    assert next_step(1, None, True, under(method="HAS_RCF")) == "settled"
    assert next_step(1, None, False, under(method="HAS_RCF")) == "re_rate"
    assert next_step(1, None, True, under(method="COMET_70_15")) == "re_rate"


def test_the_order_of_the_stop_rule_follows_the_protocol():
    eager = under(stop__order=["consensus", "stability", "max_rounds"])
    assert next_step(2, False, True, eager) == "settled"
    assert next_step(2, False, False, eager) == "re_rate"
    assert next_step(2, True, False, eager) == "stable_dissent"
    limited = under(stop__order=["max_rounds", "stability", "consensus"])
    assert next_step(3, False, True, limited) == "closed_not_stable"
    assert next_step(3, True, True, limited) == "stable_dissent"


def test_rates_are_taken_on_those_eligible():
    for case in vectors()["rates"]:
        panel = case.get("panel", case["eligible"])
        found = rates(panel, case["valid"], case["nsp"], case.get("recused", 0), case.get("resigned", 0))
        assert found.eligible == case["eligible"]
        for name, share in (("response", found.response), ("valid", found.validity)):
            assert round(100 * share, 2) == pytest.approx(case[f"{name}_rate_pct"], abs=0.005)
        assert round(100 * found.attrition, 2) == pytest.approx(case["attrition_pct"], abs=0.005)


def test_rates_of_nobody_are_missing_and_more_answers_than_raters_are_refused():
    assert Rates(0).response is None
    with pytest.raises(ValueError, match="16 answers"):
        rates(15, valid=15, nsp=1)


def test_attrition_is_counted_for_the_panel_and_by_group():
    groups = {"a": "patients", "b": "patients", "c": "doctors"}
    assert attrition(groups, {"a", "c"}).share == Fraction(1, 3)
    by_group = attrition_by_group(groups, {"a", "c"})
    assert {name: (each.absent, each.eligible) for name, each in by_group.items()} == {
        "patients": (1, 2),
        "doctors": (0, 1),
    }
    assert attrition([], []).share is None


def test_few_leavers_are_only_counted_together():
    last = {
        "s1": {f"r{i}": 8 for i in range(9)} | {"gone": 2},
        "s2": {f"r{i}": 8 for i in range(9)} | {"gone": 7},
    }
    found = compare_leavers(last, {"gone"})
    assert (found.leavers.outside, found.leavers.ratings) == (1, 2)
    assert (found.stayers.outside, found.stayers.ratings) == (0, 18)
    assert found.medians == {}


def test_enough_leavers_are_compared_by_statement():
    last = {
        "s1": {f"r{i}": 8 for i in range(9)} | {f"gone{i}": 2 for i in range(5)},
        "s2": {"r1": 5, "gone1": 5},
    }
    found = compare_leavers(last, {f"gone{i}" for i in range(5)})
    assert found.medians == {"s1": (2, 8)}  # s2 would show single ratings
    assert found.as_json()["medians"] == {"s1": {"leavers": 2, "stayers": 8}}

from collections import defaultdict
from fractions import Fraction
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.elicitation import (
    ThreePoint,
    linear_pool,
    mean_best,
    quantile_average,
    roulette,
    standardise,
)
from tests.consensus.shared import close, rows, vectors


def test_an_interval_is_standardised_to_the_target_confidence():
    case = vectors()["elicitation"]["idea_standardise"]
    answer = ThreePoint(case["lowest"], case["best"], case["highest"])
    found = standardise(answer, case["confidence"], case["target"])
    assert (float(found.lowest), float(found.highest)) == (close(case["lower"]), close(case["upper"]))
    assert found.best == case["best"]
    assert standardise(answer, 80) == answer


def test_a_standardised_interval_stays_within_0_and_100():
    found = standardise(ThreePoint(2, 10, 95), confidence=50)
    assert (found.lowest, found.highest) == (0, 100)


def test_answers_out_of_order_and_impossible_confidences_are_refused():
    with pytest.raises(ValueError, match="between the lowest and the highest"):
        ThreePoint(40, 30, 60)
    with pytest.raises(ValueError, match="confidence of 0"):
        standardise(ThreePoint(30, 40, 60), confidence=0)


def test_the_mean_and_the_median_of_best_values_are_those_published():
    best = defaultdict(list)
    for row in rows("aggrecat_idea", "three_point_long.csv"):
        if row["round"] == "round_2":
            best[row["paper_id"]].append(float(row["three_point_best"]))
    published = rows("aggrecat_idea", "published_confidence_scores.csv")
    means = {row["paper_id"]: float(row["cs"]) for row in published if row["method"] == "ArMean"}
    medians = {row["paper_id"]: float(row["cs"]) for row in published if row["method"] == "Median"}
    assert len(best) == len(means) == 25
    for paper, values in best.items():
        pooled = mean_best([ThreePoint(0, value, 100) for value in values])
        assert float(pooled) / 100 == pytest.approx(means[paper], abs=1e-4), paper
        assert median(values) / 100 == pytest.approx(medians[paper], abs=1e-4), paper
    for paper, expected in vectors()["elicitation"]["aggrecat"]["mean"].items():
        assert means[paper] == close(expected)


def test_roulette_chips_become_probabilities():
    case = vectors()["elicitation"]["roulette_pool"]
    others = case["total_chips"] - sum(case["chips"])
    pooled = roulette([[*case["chips"], others]])
    assert [float(share) for share in pooled[:4]] == close(case["probability"])
    assert sum(pooled) == 1
    with pytest.raises(ValueError, match="No chip"):
        roulette([[0, 0]])


def test_pools_weigh_experts_alike_unless_told_otherwise():
    assert linear_pool([[0.1, 0.9], [0.3, 0.7]]) == [Fraction(1, 5), Fraction(4, 5)]
    assert linear_pool([[0, 1], [1, 1]], weights=["1/4", 0.75]) == [Fraction(3, 4), 1]
    assert quantile_average([[10, 20, 30], [20, 40, 60]]) == [15, 30, 45]


@given(
    st.integers(1, 6).flatmap(
        lambda points: st.lists(
            st.lists(st.integers(0, 100), min_size=points, max_size=points), min_size=1, max_size=6
        )
    ),
    st.data(),
)
def test_pools_are_the_averages_of_numpy(shares, data):
    parts = data.draw(st.lists(st.integers(1, 9), min_size=len(shares), max_size=len(shares)))
    weights = [Fraction(part, sum(parts)) for part in parts]
    for pool in (linear_pool, quantile_average):
        alike, weighed = pool(shares), pool(shares, weights)
        assert [float(each) for each in alike] == pytest.approx(list(np.average(shares, axis=0)))
        assert [float(each) for each in weighed] == pytest.approx(
            list(np.average(shares, axis=0, weights=[float(each) for each in weights]))
        )


def test_weights_that_do_not_add_up_and_experts_who_answered_less_are_refused():
    with pytest.raises(ValueError, match="add up to 1"):
        linear_pool([[0, 1], [1, 1]], weights=[0.5, 0.6])
    with pytest.raises(ValueError, match=r"shorter|longer"):
        linear_pool([[0, 1], [1]])


def test_nobodys_best_value_is_missing():
    assert mean_best([]) is None

from fractions import Fraction

import pytest

from deliberate.consensus.risk import (
    bubbles,
    lookup,
    matrix_faults,
    median_rank,
    not_assessable_share,
)
from tests.consensus.panels import under
from tests.consensus.shared import vectors


def test_a_risk_is_looked_up_and_never_multiplied():
    fixture = vectors()["risk_matrix"]
    for case in fixture["lookups"]:
        assert lookup(fixture["matrix"], case["likelihood"], case["severity"]) == case["expected"], case
    equal_products = {lookup(fixture["matrix"], 1, 4), lookup(fixture["matrix"], 4, 1)}
    assert equal_products == {"C1", "C2"}


def test_a_rank_outside_the_matrix_is_refused():
    matrix = vectors()["risk_matrix"]["matrix"]
    for likelihood, severity in ((0, 1), (6, 1), (1, 0), (1, 6)):
        with pytest.raises(ValueError, match="outside the matrix"):
            lookup(matrix, likelihood, severity)


def test_the_median_rank_leaves_out_what_was_not_assessable_and_goes_up_at_a_half():
    for case in vectors()["risk_matrix"]["median_axis"]:
        assert median_rank(case["ranks"]) == case["expected"], case
        if "not_assessable_pct" in case:
            assert 100 * not_assessable_share(case["ranks"]) == case["not_assessable_pct"]
    assert median_rank([2, 3], half="down") == 2
    assert median_rank([]) == "not_assessable"


def test_the_share_not_assessable_is_of_all_answers():
    assert not_assessable_share([1, "not_assessable", 2, 2]) == Fraction(1, 4)
    assert not_assessable_share([]) is None


def test_bubbles_count_each_pair_of_ranks():
    answers = [(1, 2), (1, 2), ("not_assessable", 3)]
    assert bubbles(answers) == {(1, 2): 2, ("not_assessable", 3): 1}


def test_the_fixture_may_be_frozen_for_two_scales_of_five():
    assert matrix_faults(vectors()["risk_matrix"]["matrix"], "HAS_5", "HAS_5") == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda matrix: None, "choose the 5 x 5 cells"),
        (lambda matrix: matrix[:4], "5 rows"),
        (lambda matrix: [row[:4] for row in matrix], "5 cells"),
        (lambda matrix: [["C3", *matrix[0][1:]], *matrix[1:]], "row 1 decreases"),
        (lambda matrix: [*matrix[:4], ["C1", "C1", "C1", "C1", "C1"]], "column 2 decreases"),
        (lambda matrix: [["low", *matrix[0][1:]], *matrix[1:]], "one vocabulary"),
    ],
)
def test_a_matrix_that_is_incomplete_or_decreases_blocks_the_freeze(change, fault):
    matrix = change(vectors()["risk_matrix"]["matrix"])
    faults = under(risk__matrix=matrix, risk__severity_scale="HAS_5").faults()
    assert any(fault in each for each in faults), faults


def test_a_complete_matrix_leaves_nothing_between_the_protocol_and_its_freeze():
    matrix = vectors()["risk_matrix"]["matrix"]
    assert under(risk__matrix=matrix, risk__severity_scale="HAS_5").faults() == ()

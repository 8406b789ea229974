import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus import rcf
from deliberate.consensus.ratings import Ratings
from tests.consensus import definitions
from tests.consensus.panels import mirrored, panels, under
from tests.consensus.shared import vectors


def test_the_acceptance_panels_get_their_class_with_0_1_and_2_extremes_set_aside():
    for case in vectors()["rcf"]:
        for excluded, found in enumerate(rcf.by_exclusions(Ratings.of(case["ratings"]))):
            expected = case[f"excluded_{excluded}"]
            assert (found.verdict, found.degree) == (expected["verdict"], expected["degree"]), case["ratings"]
            assert list(found.set_aside) == case["set_aside_order"][:excluded], case["ratings"]


@given(panels(9, 30), st.integers(0, 2))
def test_the_class_is_that_of_the_definition(given, excluded):
    found = rcf.judge(Ratings.of(given), excluded=excluded)
    assert (found.verdict, found.degree) == definitions.consensus_class(given, excluded)


@given(panels(9, 30))
def test_strong_agreement_mirrors_on_the_mirrored_scale(given):
    # only the strong lines of the table are symmetric: 3.5 has no counterpart at 6.5
    here, there = rcf.judge(Ratings.of(given)), rcf.judge(Ratings.of(mirrored(given)))
    assert (here.degree == "strong") == (there.degree == "strong")
    if here.degree == "strong":
        assert {here.verdict, there.verdict} == {"appropriate", "inappropriate"}


@given(panels(9, 30))
def test_the_median_rests_on_all_ratings_and_the_extent_on_those_kept(given):
    ratings = Ratings.of(given)
    taken = rcf.set_aside(ratings, 2)
    kept = sorted(given)
    for rating in taken:
        kept.remove(rating)
    assert len(kept) == len(given) - 2
    farthest_kept = max(abs(2 * rating - ratings.double_median) for rating in kept)
    assert all(abs(2 * rating - ratings.double_median) >= farthest_kept for rating in taken)


def test_on_a_tie_the_low_rating_goes_from_a_median_of_5_and_the_high_one_below():
    assert rcf.set_aside(Ratings.of([3, 4, 5, 5, 5, 6, 7]), 2) == (3, 7)
    assert rcf.set_aside(Ratings.of([2, 3, 4, 4, 4, 5, 6]), 2) == (6, 2)


def test_one_rating_has_to_stay():
    with pytest.raises(ValueError, match="has to stay"):
        rcf.set_aside(Ratings.of([5, 5]), 2)


def test_eight_ratings_cannot_be_analysed():
    assert rcf.judge(Ratings.of([8] * 8)).verdict == "non_analysable"
    assert rcf.judge(Ratings.of([8] * 9)).verdict == "appropriate"


def test_the_log_names_who_gave_the_ratings_set_aside():
    panel = {"P3": 1, "P1": 8, "P2": 1, "P4": 8, "P5": 9, "P6": 8, "P7": 8}
    assert rcf.set_aside_raters(panel, 2) == (("P2", 1), ("P3", 1))


@pytest.mark.parametrize(
    ("n", "round_number", "allowed"), [(12, 1, 0), (8, 2, 0), (9, 2, 1), (15, 2, 1), (16, 2, 2), (40, 3, 2)]
)
def test_how_many_extremes_go_depends_on_the_round_and_the_size_of_the_panel(n, round_number, allowed):
    assert rcf.allowance(n, round_number) == allowed


def test_a_missing_rating_uses_the_allowance_only_where_the_protocol_says_so():
    assert rcf.allowance(16, 2, missing=1) == 2
    using = under(rcf__missing_uses_allowance=True)
    assert [rcf.allowance(16, 2, using, missing) for missing in (0, 1, 2, 3)] == [2, 1, 0, 0]


def test_the_table_follows_the_protocol():
    ratings = Ratings.of([4, 7, 7, 7, 8, 8, 8, 9, 9])
    assert rcf.judge(ratings).degree == "no_consensus"
    wider = under(**{"rcf.table": {"relative_appropriate": [4, 9]}})
    assert rcf.judge(ratings, wider).degree == "relative"

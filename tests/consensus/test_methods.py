"""COMET, per cent, AWMF, the GRADE grid, median and range: the methods with a rule of one line."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus import comet, grade_grid, median_iqr, shares
from deliberate.consensus.ratings import Ratings
from deliberate.consensus.verdicts import Grade, Inclusion
from tests.consensus import definitions
from tests.consensus.panels import mirrored, panels, under
from tests.consensus.shared import vectors

IN, OUT, NONE, TOO_FEW = Inclusion.IN, Inclusion.OUT, Inclusion.NONE, Inclusion.NON_ANALYSABLE
columns = st.lists(st.integers(0, 20), min_size=5, max_size=5)


def test_comet_takes_70_per_cent_in_and_leaves_15_per_cent_out():
    for case in vectors()["comet"]:
        assert comet.decide(case["in_7_9"], case["in_1_3"], case["n"]) == case["expected"], case


@given(panels(5))
def test_comet_is_that_of_the_definition_and_mirrors_on_the_mirrored_scale(given):
    here, there = comet.judge(Ratings.of(given)), comet.judge(Ratings.of(mirrored(given)))
    assert here == definitions.comet(given)
    assert there == {IN: OUT, OUT: IN, NONE: NONE}[here]


def test_comet_may_ask_for_less_in_round_1():
    half, protocol = Ratings.of([8] * 5 + [5] * 5), under(comet__round1_in=50)
    assert comet.judge(half, protocol, round_number=1) == "in"
    assert comet.judge(half, protocol, round_number=2) == "none"


@pytest.mark.parametrize(
    ("classes", "under_all", "under_any"),
    [
        ([IN, IN], IN, IN),
        ([OUT, OUT], OUT, OUT),
        ([IN, NONE], NONE, IN),
        ([IN, OUT], NONE, NONE),
        ([NONE, NONE], NONE, NONE),
        ([IN, TOO_FEW], TOO_FEW, IN),
        ([NONE, TOO_FEW], TOO_FEW, NONE),
        ([TOO_FEW], TOO_FEW, TOO_FEW),
        ([], TOO_FEW, TOO_FEW),
    ],
)
def test_stakeholder_groups_decide_all_together_or_any(classes, under_all, under_any):
    assert comet.combine(classes, "all") == under_all
    assert comet.combine(classes, "any") == under_any


def test_per_cent_reaches_its_threshold_exactly():
    for case in vectors()["percent"]:
        ratings = Ratings.of([8] * case["in_zone"] + [5] * (case["n"] - case["in_zone"]))
        found = shares.percent(ratings, under(percent__threshold=case["threshold"]))
        assert (found == "reached") == case["consensus"], case


def test_the_zone_of_per_cent_follows_the_protocol():
    ratings = Ratings.of([6] * 4 + [5])
    assert shares.percent(ratings) == "not_reached"
    assert shares.percent(ratings, under(percent__zone=[6, 9])) == "reached"


def test_awmf_puts_an_exact_share_in_the_lower_class():
    for case in vectors()["awmf"]:
        yes, voters = case["yes"], case["voters"]
        assert shares.majority(yes, voters) == case["expected"], case
        assert shares.awmf(Ratings.of([8] * yes + [5] * (voters - yes))) == case["expected"], case


def test_abstentions_weigh_in_an_awmf_vote_unless_the_protocol_says_otherwise():
    assert shares.awmf_vote(16, 2, 2) == "consensus"
    assert shares.awmf_vote(18, 0, 2) == "consensus"
    assert shares.awmf_vote(18, 0, 2, abstentions_count=False) == "strong_consensus"
    assert shares.awmf_vote(0, 0) == "no_majority"


def test_the_grade_grid_gives_direction_and_strength():
    for case in vectors()["grade_grid"]:
        ratings = Ratings.of(
            [column for column, count in enumerate(case["columns"], 1) for _ in range(count)]
        )
        assert grade_grid.grade(case["columns"]) == case["expected"], case
        assert grade_grid.judge(ratings) == case["expected"], case


@given(columns)
def test_the_grade_grid_mirrors_when_its_columns_are_mirrored(counts):
    opposite = {
        Grade.STRONG_FOR: Grade.STRONG_AGAINST,
        Grade.WEAK_FOR: Grade.WEAK_AGAINST,
        Grade.NONE: Grade.NONE,
        Grade.WEAK_AGAINST: Grade.WEAK_FOR,
        Grade.STRONG_AGAINST: Grade.STRONG_FOR,
    }
    for rule in (grade_grid.grade, grade_grid.grade_sfar):
        assert rule(counts[::-1]) == opposite[rule(counts)] or sum(counts) == 0


def test_the_sfar_variant_asks_for_strictly_more_than_half():
    assert grade_grid.grade([5, 5, 10, 0, 0]) == "weak_for"
    assert grade_grid.grade_sfar([5, 5, 10, 0, 0]) == "none"
    assert grade_grid.grade_sfar([5, 6, 9, 0, 0]) == "weak_for"
    assert grade_grid.grade_sfar([14, 2, 2, 1, 1]) == "strong_for"


def test_a_sixth_column_is_refused():
    with pytest.raises(ValueError, match="columns 1 to 5"):
        grade_grid.judge(Ratings.of([1, 2, 3, 4, 6]))
    with pytest.raises(ValueError, match="5 columns"):
        grade_grid.grade([1, 2, 3, 4])


def test_median_and_range_give_agreement_and_consensus():
    for case in vectors()["median_iqr"]:
        assert median_iqr.judge(Ratings.of(case["ratings"])) == case["expected"], case


@given(panels(5), st.sampled_from(["type7", "type6", "type2"]))
def test_median_and_range_mirror_on_the_mirrored_scale(given, rule):
    protocol = under(percentile_rule=rule)
    here, there = (median_iqr.judge(Ratings.of(each), protocol) for each in (given, mirrored(given)))
    assert there == _swap(here)


def _swap(code):
    if code.startswith("agree"):
        return "dis" + code
    return code.removeprefix("dis")


@pytest.mark.parametrize(
    ("ratings", "strict", "broad", "aczel", "sfar"),
    [
        ([7, 7, 8, 8, 9], True, True, True, "strong"),
        ([6, 7, 7, 8, 8], True, True, True, "weak"),
        ([5, 6, 7, 8, 8], False, True, True, "weak"),
        ([5, 5, 5, 6, 6], True, True, False, "strong"),
        ([1, 2, 5, 8, 9], False, False, False, "weak"),
    ],
)
def test_variants_read_the_same_spread_more_strictly_or_more_broadly(ratings, strict, broad, aczel, sfar):
    found = median_iqr.variants(Ratings.of(ratings))
    assert (found.strict, found.broad, found.aczel, found.sfar) == (strict, broad, aczel, sfar)


@pytest.mark.parametrize(
    "rule", [comet.judge, shares.percent, shares.awmf, median_iqr.judge, grade_grid.judge]
)
def test_four_ratings_cannot_be_analysed_which_is_not_the_same_as_no_consensus(rule):
    assert rule(Ratings.of([4] * 4)) == "non_analysable"
    assert rule(Ratings.of([4] * 5)) != "non_analysable"


def test_an_option_is_retained_from_two_thirds():
    chosen = {"cream": 8, "injection": 7, "neither": 0}
    assert shares.retained(chosen, 12) == ("cream",)
    assert shares.retained(chosen, 12, Fraction(1, 2)) == ("cream", "injection")
    assert shares.retained(chosen, 0) == ()


def test_the_reading_group_keeps_a_text_from_90_per_cent():
    assert shares.reading_keeps(Ratings.of([5] * 27 + [4] * 3))
    assert not shares.reading_keeps(Ratings.of([9] * 26 + [4] * 4))
    assert shares.reading_keeps(Ratings.of([])) is None


def test_apmo_counts_the_opinions_of_majorities():
    assert shares.apmo([(8, 1, 10), (2, 6, 10), (5, 5, 10)]) == Fraction(100 * 14, 30)
    assert shares.apmo([]) is None

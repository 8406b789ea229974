import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.sensitivity import compare
from deliberate.consensus.summary import summarise
from deliberate.consensus.verdicts import Inclusion, Verdict
from tests.consensus.panels import panels, under
from tests.consensus.shared import close, vectors

FIFTEEN = [4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9]
KEYS = {
    *("n", "nsp", "missing", "recused", "response_rate", "valid_rate", "frequencies"),
    *("median", "q1", "q3", "iqr", "mad_m", "cqv", "rir", "p30", "p70", "ipr", "ipras", "di"),
    *("cns", "leik", "van_der_eijk", "conflict", "ram_classic", "ram_ipras", "ram_binomial", "has_rcf"),
    *("comet", "percent", "awmf", "median_iqr", "median_iqr_variants", "sensitivity", "primary"),
}


def test_a_summary_says_everything_about_a_statement_in_plain_json():
    told = summarise(FIFTEEN, nsp=1, missing=2, recused=3).as_json()
    assert set(told) == KEYS
    assert json.loads(json.dumps(told)) == told
    assert (told["n"], told["nsp"], told["missing"], told["recused"]) == (15, 1, 2, 3)
    assert (told["response_rate"], told["valid_rate"]) == (16 / 18, 15 / 18)
    assert told["frequencies"] == [0, 0, 0, 1, 1, 1, 5, 5, 2]
    assert told["median"] == 7 and isinstance(told["median"], int)
    assert told["di"] == 10 / 61  # full precision
    assert told["ram_classic"] == {"verdict": "appropriate", "agreement": "agreement"}
    assert told["ram_ipras"] == {"verdict": "appropriate", "disagreement": False}
    assert told["has_rcf"]["excluded_0"] == {"verdict": "uncertain", "degree": "no_consensus"}
    assert told["has_rcf"]["excluded_1"] == {"verdict": "appropriate", "degree": "relative"}
    assert told["comet"] == "in"
    assert told["sensitivity"]["highlight"]


def test_a_summary_repeats_the_golden_numbers_of_a_panel():
    for case in vectors()["ram"]:
        told = summarise(case["ratings"]).as_json()
        for name in ("p30", "p70", "ipr", "ipras", "di"):
            assert told[name] == close(case["type7"][name]), case["id"]
        assert told["conflict"] == case["conflict_type7"], case["id"]
        for rule in ("type6", "type2"):
            under_rule = summarise(case["ratings"], protocol=under(percentile_rule=rule)).as_json()
            assert under_rule["di"] == close(case[rule]["di"]), case["id"]


@given(panels(0, 25), st.randoms(), st.integers(0, 3), st.integers(0, 3))
def test_a_summary_does_not_depend_on_the_order_of_raters(given, shuffler, nsp, missing):
    shuffled = list(given)
    shuffler.shuffle(shuffled)
    assert summarise(shuffled, nsp=nsp, missing=missing) == summarise(given, nsp=nsp, missing=missing)


@given(panels(0, 25), st.integers(0, 9), st.integers(0, 9))
def test_answers_without_opinion_and_missing_answers_decide_nothing(given, nsp, missing):
    with_them, without = summarise(given, nsp=nsp, missing=missing).as_json(), summarise(given).as_json()
    apart = ("nsp", "missing", "response_rate", "valid_rate")
    assert {**with_them, **{name: without[name] for name in apart}} == without


def test_nobodys_ratings_are_not_analysable_rather_than_no_consensus():
    told = summarise([], missing=9).as_json()
    assert told["median"] is told["cns"] is told["conflict"] is told["ram_ipras"]["disagreement"] is None
    assert told["valid_rate"] == 0
    for verdict in (told["comet"], told["percent"], told["awmf"], told["median_iqr"]):
        assert verdict == "non_analysable"
    for found in (told["ram_classic"], told["ram_binomial"], told["ram_ipras"], told["primary"]):
        assert found["verdict"] == "non_analysable"
    assert told["primary"]["settled"] == "to_discuss"


def test_each_method_has_its_own_minimum_of_raters():
    told = summarise([8] * 8).as_json()
    assert told["ram_classic"]["verdict"] == "appropriate"
    assert told["has_rcf"]["excluded_2"] == {"verdict": "non_analysable", "degree": None}
    assert told["comet"] == "in"
    assert summarise([8] * 6).as_json()["ram_classic"] == {"verdict": "non_analysable", "agreement": None}


@pytest.mark.parametrize(
    ("method", "verdict", "degree"),
    [
        ("RAM", "appropriate", "agreement"),
        ("HAS_RCF", "uncertain", "no_consensus"),
        ("COMET_70_15", "in", None),
        ("PERCENT", "reached", None),
        ("AWMF", "consensus", None),
        ("MEDIAN_IQR", "agree_with_consensus", None),
    ],
)
def test_the_primary_class_is_that_of_the_frozen_method(method, verdict, degree):
    found = summarise(FIFTEEN, protocol=under(method=method)).as_json()["primary"]
    assert (found["method"], found["verdict"], found["degree"]) == (method, verdict, degree)


def test_the_formal_consensus_sets_extremes_aside_from_round_2_and_keeps_the_class_before():
    first, second, last = (summarise(FIFTEEN, round_number=number).primary for number in (1, 2, 3))
    assert first.set_aside == ()
    assert second.set_aside == (4,)
    assert (second.judgement.degree, second.before.degree) == ("relative", "no_consensus")
    assert (second.settlement, last.settlement) == ("to_discuss", "settled_in")


def test_a_grade_grid_counts_columns_and_leaves_the_scale_of_9_alone():
    ratings = [column for column, count in enumerate([14, 2, 2, 1, 1], 1) for _ in range(count)]
    told = summarise(ratings, protocol=under(method="GRADE_GRID")).as_json()
    assert told["primary"]["verdict"] == told["grade_grid"] == told["grade_grid_sfar"] == "strong_for"
    assert told["primary"]["settled"] == "settled_in"
    assert told["n"] == 20
    assert told["median"] is None
    assert told["ram_classic"]["verdict"] == "non_analysable"


def test_stakeholder_groups_stand_beside_each_other_and_decide_together():
    groups = {"patients": [8] * 6, "doctors": [8] * 5 + [5] * 4, "agencies": [2] * 3}
    everybody = [rating for given in groups.values() for rating in given]
    found = summarise(everybody, groups=groups, protocol=under(method="COMET_70_15"))
    told = found.as_json()
    assert told["groups"]["patients"] == {"n": 6, "median": 8, "q1": 8, "q3": 8, "comet": "in"}
    assert told["groups"]["doctors"]["comet"] == "none"
    assert told["comet_groups"] == told["primary"]["verdict"] == "non_analysable"  # three cannot be analysed
    two = {name: groups[name] for name in ("patients", "doctors")}
    any_group = under(method="COMET_70_15", comet__groups="any")
    assert summarise(everybody[:15], groups=two, protocol=any_group).as_json()["primary"]["verdict"] == "in"


def test_a_small_group_shows_its_size_and_nothing_else():
    shown = summarise([2] * 5, groups={"agencies": [2] * 5}).as_json()["groups"]["agencies"]
    hidden = summarise([2] * 4, groups={"agencies": [2] * 4}).as_json()["groups"]["agencies"]
    assert shown["median"] == 2
    assert hidden == {"n": 4, "median": None, "q1": None, "q3": None, "comet": None}


def test_the_annex_highlights_what_depends_on_the_method():
    appropriate, uncertain = Verdict.APPROPRIATE, Verdict.UNCERTAIN
    ipras = dict.fromkeys(("type7", "type6", "type2"), appropriate)
    same = compare(appropriate, ipras, [appropriate] * 3, Inclusion.IN)
    assert not same.highlight
    assert set(same.as_json().values()) == {"in", False}
    other = compare(appropriate, ipras, [uncertain, appropriate, appropriate], Inclusion.IN)
    assert other.highlight
    assert other.has_rcf_excluded_0 == "none"
    too_few = compare(appropriate, ipras, [Verdict.NON_ANALYSABLE] * 3, Inclusion.IN)
    assert too_few.has_rcf_excluded_2 == "none"


def test_the_annex_has_eight_answers():
    told = summarise(FIFTEEN).as_json()["sensitivity"]
    assert len(told) == 9 and "highlight" in told


def test_the_examples_of_why_freezing_matters():
    # METHODS.md 1.5: the same ratings, another method, another answer
    half = summarise([5, 5, 6, 6, 6, 7, 7, 8, 8, 9])
    assert (half.has_rcf[0].degree, half.ram_classic.verdict) == ("indecision", "appropriate")
    low = summarise([1, 2, 2, 3, 3, 4, 4, 5, 5, 5])
    assert (low.has_rcf[0].degree, low.ram_classic.verdict) == ("relative", "uncertain")
    split = summarise([2] + [3] * 3 + [4] + [7] * 5 + [8] * 4 + [9] * 9)
    assert (split.comet, split.has_rcf[0].degree) == ("none", "no_consensus")
    assert (split.ram_classic.verdict, split.ram_classic.agreement) == ("appropriate", "agreement")

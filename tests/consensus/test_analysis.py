import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliberate.consensus.analysis import analyse
from deliberate.consensus.protocol import Protocol
from deliberate.consensus.ratings_file import read_ratings
from deliberate.consensus.stability import compare
from deliberate.consensus.summary import summarise
from deliberate.consensus.table import MISSING, NSP, RatingTable
from tests.consensus.panels import under
from tests.consensus.shared import close, rows, shared_file, vectors


def unisante(form="wide"):
    return read_ratings(
        shared_file("ratings", "unisante_round2", f"ratings_{form}_round2.csv").read_text("utf-8")
    )


def table_of(rounds, groups=None):
    """From the ratings of each item by round, {"1": {"s1": [7, 8]}}; None where there is no answer."""
    lines = []
    for label, items in rounds.items():
        for item, ratings in items.items():
            for rater, rating in enumerate(ratings):
                if rating is not None:
                    group = f",{groups[rater]}" if groups else ""
                    lines.append(f"R{rater:02},{item},{rating},{label}{group}")
    header = "rater,item,rating,round" + (",group" if groups else "")
    return read_ratings("\n".join([header, *lines]))


@st.composite
def small_tables(draw):
    """Two rounds of 7 to 12 raters and 1 to 4 items, with gaps and answers without opinion."""
    raters, items = draw(st.integers(7, 12)), draw(st.integers(1, 4))
    answer = st.sampled_from([*range(1, 10), *range(1, 10), NSP, MISSING])
    row = st.lists(answer, min_size=items, max_size=items).map(bytes)
    rounds = {label: draw(st.lists(row, min_size=raters, max_size=raters)) for label in ("1", "2")}
    return RatingTable(
        tuple(f"R{place}" for place in range(raters)), tuple(f"s{place}" for place in range(items)), rounds
    )


def test_a_real_round_gives_its_published_figures():
    published = rows("unisante_round2", "published_round2.csv")
    found = {item["item"]: item for item in analyse(unisante())["items"]}
    assert len(published) == len(found) == 10
    for row in published:
        item = found[row["item"]]
        assert item["n"] == int(row["n"])
        assert (item["median"], item["q1"], item["q3"]) == tuple(
            float(row[name]) for name in ("median", "q1", "q3")
        )
        given = [rating for rating, count in enumerate(item["frequencies"], 1) if count]
        assert (given[0], given[-1]) == (int(row["min"]), int(row["max"]))
        assert item["median_iqr"] == row["median_iqr"]
        assert round(100 * item["valid_rate"], 1) == float(row["valid_rate_pct"])


def test_the_quartile_that_tells_the_rules_apart_is_the_published_one():
    quartile = {
        rule: next(
            item["q1"]
            for item in analyse(unisante(), under(percentile_rule=rule))["items"]
            if item["item"] == "b_s12"
        )
        for rule in ("type7", "type6")
    }
    assert quartile == {"type7": 7.5, "type6": 7}


def test_a_real_round_gives_every_figure_computed_for_it():
    found = {
        rule: {item["item"]: item for item in analyse(unisante(), under(percentile_rule=rule))["items"]}
        for rule in ("type7", "type6", "type2")
    }
    for row in rows("unisante_round2", "computed_stats_round2.csv"):
        item = found["type7"][row["item"]]
        assert item["frequencies"] == [int(count) for count in row["freq_1_to_9"].split()]
        for name in ("median", "q1", "q3", "iqr", "p30", "p70", "ipr", "ipras", "mad_m"):
            assert item[name] == close(float(row[name])), (row["item"], name)
        for rule, of_rule in found.items():
            assert of_rule[row["item"]]["di"] == close(float(row[f"di_{rule}"])), (row["item"], rule)
        assert item["van_der_eijk"] == close(float(row["van_der_eijk_a"]))
        assert item["cns"] == close(float(row["tastle_wierman"]))
        assert item["leik"] == close(float(row["leik_d"]))
        assert item["comet"] == row["comet"]
        assert item["ram_classic"] == {"verdict": row["ram_verdict"], "agreement": row["ram_agreement"]}
        for excluded in ("excluded_0", "excluded_1", "excluded_2"):
            assert "/".join(item["has_rcf"][excluded].values()) == row[f"rcf_{excluded}"], row["item"]


def test_a_real_panel_gives_its_golden_numbers_and_the_annex_its_highlights():
    expected, told = vectors()["unisante_round2"], analyse(unisante())
    panel, items = told["panel"], told["items"]
    assert (panel["raters"], panel["items"]) == (expected["raters"], expected["statements"])
    assert panel["complete_raters"] == expected["complete_raters"]
    assert panel["kendall_w"] == close(expected["kendall_w"])
    assert panel["kendall_chi2"] == pytest.approx(expected["kendall_chi2"], abs=1e-4)
    assert panel["kendall_df"] == expected["kendall_df"]
    assert panel["alpha"]["ordinal"] == close(expected["alpha_ordinal"])
    assert panel["alpha"]["interval"] == close(expected["alpha_interval"])
    totals = expected["totals"]
    assert (
        sum(item["ram_classic"]["verdict"] == "appropriate" for item in items)
        == totals["ram_classic_appropriate"]
    )
    assert (
        sum(item["ram_classic"]["agreement"] == "agreement" for item in items)
        == totals["ram_classic_agreement"]
    )
    assert sum(item["di"] > 1 for item in items) == totals["di_above_1"]
    assert sum(item["comet"] == "in" for item in items) == totals["comet_in"]
    assert sum(item["comet"] == "none" for item in items) == totals["comet_none"]
    agreed = sum(item["median_iqr"] == "agree_with_consensus" for item in items)
    assert agreed == totals["median_iqr_agree_with_consensus"]
    no_consensus = [
        sum(item["has_rcf"][f"excluded_{excluded}"]["degree"] == "no_consensus" for item in items)
        for excluded in range(3)
    ]
    assert no_consensus == totals["rcf_no_consensus_excluding_0_1_2"]
    highlighted = [item["item"] for item in items if item["sensitivity"]["highlight"]]
    assert highlighted == totals["sensitivity_rows_highlighted"]


def test_the_long_form_tells_no_opinion_from_no_answer():
    wide, long = (
        {item["item"]: item for item in analyse(unisante(form))["items"]} for form in ("wide", "long")
    )
    assert (wide["z_s1"]["nsp"], wide["z_s1"]["missing"]) == (0, 1)
    assert (long["z_s1"]["nsp"], long["z_s1"]["missing"]) == (1, 0)
    assert wide["z_s1"]["median"] == long["z_s1"]["median"]


def test_one_round_is_told_as_plain_json_without_rounds():
    told = analyse(unisante())
    assert set(told) == {"protocol", "panel", "items"}
    assert json.loads(json.dumps(told)) == told
    assert told["protocol"]["digest"] == Protocol().digest()
    assert "ram.half_point_rule" in told["protocol"]["to_confirm"]
    assert set(told["panel"]) >= {"raters", "items", "kendall_w", "alpha"}
    assert set(told["panel"]["alpha"]) == {"nominal", "ordinal", "interval", "ratio"}


def test_an_item_is_the_summary_of_its_ratings_and_nothing_else():
    ratings = [4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9]
    told = analyse(table_of({"1": {"s1": [*ratings, "NSP"], "s2": [5] * 16}}))
    assert told["items"][0] == {"item": "s1", **summarise(ratings, nsp=1).as_json()}


FIRST = {"s1": [5, 6, 7, 7, 8, 3, 9, 6, 7, 5, 8, 4], "s2": [8] * 12, "s3": [1, 9] * 6}
SECOND = {"s1": [6, 7, 7, 7, 8, 5, 8, 7, 7, 6, 8, 5], "s3": [1, 9] * 5 + [None, None]}


def test_two_rounds_are_compared_item_by_item():
    told = analyse(table_of({"1": FIRST, "2": SECOND}))
    (step,) = told["rounds"]["steps"]
    assert (step["from"], step["to"]) == ("1", "2")
    stability = {item["item"]: item for item in step["items"]}
    assert set(stability) == {"s1", "s3"}  # s2 was not put again
    alone = compare(FIRST["s1"], SECOND["s1"]).as_json()
    assert stability["s1"] == {"item": "s1", **alone, "next": "re_rate"}
    assert stability["s3"]["pairs"] == 10
    assert stability["s3"]["next"] == "stable_dissent"


def test_an_item_is_summarised_in_the_last_round_that_put_it():
    told = analyse(table_of({"1": FIRST, "2": SECOND}))
    items = {item["item"]: item for item in told["items"]}
    assert {name: item["round"] for name, item in items.items()} == {"s1": "2", "s2": "1", "s3": "2"}
    assert items["s1"]["median"] == 7
    assert items["s3"]["missing"] == 2
    first, second = told["rounds"]["by_round"]
    assert [item["item"] for item in first["items"]] == ["s1", "s2", "s3"]
    assert [item["item"] for item in second["items"]] == ["s1", "s3"]
    assert first["items"][0]["median"] == 6.5
    assert told["panel"]["items"] == 3


def test_the_class_of_a_round_depends_on_its_number():
    ratings = {"s1": [2, *[8] * 11]}
    told = analyse(table_of({"1": ratings, "2": ratings}))
    first, second = (each["items"][0]["primary"] for each in told["rounds"]["by_round"])
    assert (first["degree"], second["degree"]) == ("no_consensus", "strong")
    assert (second["set_aside"], second["settled"]) == ([2], "settled_in")


def test_leavers_are_counted_and_their_last_ratings_compared():
    second = {"s1": [6, 7, 7, 7, 8, 5, 8, 7, 7, 6, 8, None]}
    told = analyse(table_of({"1": {"s1": FIRST["s1"]}, "2": second}))
    first, second = told["rounds"]["by_round"]
    assert first["attrition"] == {"eligible": 12, "absent": 0, "share": 0}
    assert second["attrition"] == {"eligible": 12, "absent": 1, "share": 1 / 12}
    leavers = told["rounds"]["steps"][0]["leavers"]
    assert (leavers["count"], leavers["leavers"], leavers["medians"]) == (1, {"outside": 1, "ratings": 1}, {})


def test_groups_are_told_for_each_item_and_for_attrition():
    groups = ["patients", "doctors"] * 6
    told = analyse(table_of({"1": FIRST, "2": SECOND}, groups))
    s3 = next(item for item in told["items"] if item["item"] == "s3")
    assert s3["groups"]["patients"] == {"n": 5, "median": 1, "q1": 1, "q3": 1, "comet": "out"}
    assert s3["groups"]["doctors"]["comet"] == "in"
    assert s3["comet_groups"] == "none"
    assert told["rounds"]["by_round"][1]["attrition_by_group"]["doctors"]["eligible"] == 6


def test_items_with_the_same_frequencies_and_other_groups_are_not_mixed_up():
    groups = ["a"] * 5 + ["b"] * 5
    table = table_of({"1": {"s1": [8] * 5 + [2] * 5, "s2": [2] * 5 + [8] * 5}}, groups)
    first, second = analyse(table)["items"]
    assert first["frequencies"] == second["frequencies"]
    assert (first["groups"]["a"]["comet"], second["groups"]["a"]["comet"]) == ("in", "out")


def test_an_item_nobody_rated_stands_in_the_list_without_figures():
    told = analyse(read_ratings("rater,s1,s2\nA,5,\nB,6,\n"))
    assert [item["n"] for item in told["items"]] == [2, 0]
    assert told["items"][1]["missing"] == 2
    assert told["items"][1]["median"] is None


def test_the_order_of_raters_changes_nothing_but_itself():
    table = unisante()
    turned = RatingTable(table.raters[::-1], table.items, {"1": list(table.rounds["1"])[::-1]})
    assert analyse(turned) == analyse(table)


@settings(max_examples=60)
@given(small_tables(), st.randoms())
def test_no_figure_of_any_table_depends_on_the_order_of_raters(table, shuffler):
    places = list(range(len(table.raters)))
    shuffler.shuffle(places)
    turned = RatingTable(
        tuple(table.raters[place] for place in places),
        table.items,
        {label: [rows[place] for place in places] for label, rows in table.rounds.items()},
    )
    assert analyse(turned) == analyse(table)


@settings(max_examples=60)
@given(small_tables())
def test_every_symmetric_answer_of_a_mirrored_table_is_mirrored(table):
    strict = under(ram__half_point_rule="strict")
    swapped = {
        label: [bytes(10 - answer if 1 <= answer <= 9 else answer for answer in row) for row in rows]
        for label, rows in table.rounds.items()
    }
    mirror = RatingTable(table.raters, table.items, swapped)
    here, there = analyse(table, strict), analyse(mirror, strict)
    opposite = {"in": "out", "out": "in", "none": "none"}
    for one, other in zip(here["items"], there["items"], strict=True):
        assert other["frequencies"] == one["frequencies"][::-1]
        for name in ("ram_classic", *(f"ram_ipras_{rule}" for rule in ("type7", "type6", "type2")), "comet"):
            assert other["sensitivity"][name] == opposite[one["sensitivity"][name]], name
        for name in ("ipr", "iqr", "di", "mad_m", "van_der_eijk", "leik"):
            assert other[name] == pytest.approx(one[name]), name
    for name in ("kendall_w", "kendall_p"):
        assert there["panel"][name] == pytest.approx(here["panel"][name])


@pytest.mark.parametrize("method", ["RAM", "COMET_70_15", "PERCENT", "AWMF", "MEDIAN_IQR"])
@pytest.mark.parametrize("rule", ["type7", "type6", "type2"])
def test_every_method_and_percentile_rule_analyses_a_real_round(method, rule):
    told = analyse(unisante(), under(method=method, percentile_rule=rule))
    assert {item["primary"]["method"] for item in told["items"]} == {method}
    assert told["protocol"]["percentile_rule"] == rule


def test_a_rating_that_is_no_column_of_a_grid_is_refused_with_its_item():
    with pytest.raises(ValueError, match="z_s1: A GRADE grid has the columns 1 to 5"):
        analyse(unisante(), under(method="GRADE_GRID"))


def test_a_table_without_rounds_is_refused():
    with pytest.raises(ValueError, match="no round"):
        analyse(RatingTable(("A",), ("s1",), {}))

"""The golden numbers, through the command line."""

import json
from pathlib import Path

import pytest

from tests.analyse.sheets import by_item, from_counts, reported, wide
from tests.consensus.shared import close, rows, shared_file, vectors

FIGURES = ("n", "median", "q1", "q3", "iqr", "p30", "p70", "ipr", "ipras", "mad_m")


@pytest.fixture(scope="module")
def unisante():
    return reported(shared_file("ratings", "unisante_round2", "ratings_wide_round2.csv"))


def test_the_real_panel_has_its_published_figures(unisante):
    found = by_item(unisante)
    for row in rows("unisante_round2", "computed_stats_round2.csv"):
        item = found[row["item"]]
        assert item["frequencies"] == [int(count) for count in row["freq_1_to_9"].split()]
        for name in FIGURES:
            assert item[name] == close(float(row[name])), (row["item"], name)
        assert item["di"] == close(float(row["di_type7"]))
        assert item["ram_classic"] == {"verdict": row["ram_verdict"], "agreement": row["ram_agreement"]}
        assert (item["comet"], item["median_iqr"]) == (row["comet"], row["median_iqr"])
        for count in range(3):
            verdict, degree = row[f"rcf_excluded_{count}"].split("/")
            assert item["has_rcf"][f"excluded_{count}"] == {"verdict": verdict, "degree": degree}


def test_the_real_panel_as_a_whole(unisante):
    golden, panel, items = vectors()["unisante_round2"], unisante["panel"], unisante["items"]
    assert (panel["raters"], panel["items"]) == (golden["raters"], golden["statements"])
    assert panel["kendall_w"] == close(golden["kendall_w"])
    assert panel["kendall_chi2"] == pytest.approx(golden["kendall_chi2"], abs=1e-4)
    assert panel["alpha"]["ordinal"] == close(golden["alpha_ordinal"])
    assert panel["alpha"]["interval"] == close(golden["alpha_interval"])
    highlighted = [item["item"] for item in items if item["sensitivity"]["highlight"]]
    assert highlighted == golden["totals"]["sensitivity_rows_highlighted"]
    assert not any(item["ram_ipras"]["disagreement"] for item in items)


def test_the_long_file_of_the_real_panel_says_the_same(unisante):
    long = reported(shared_file("ratings", "unisante_round2", "ratings_long_round2.csv"))
    other = by_item(long)
    assert long["panel"] == unisante["panel"]
    for item in unisante["items"]:
        same = set(item) - {"nsp", "missing", "response_rate", "valid_rate", "primary"}
        assert {name: other[item["item"]][name] for name in same} == {name: item[name] for name in same}
    # Only the long file tells an answer without opinion, and that this was the second round: extremes go.
    assert (other["z_s1"]["nsp"], other["z_s1"]["missing"]) == (1, 0)
    assert (by_item(unisante)["z_s1"]["nsp"], by_item(unisante)["z_s1"]["missing"]) == (0, 1)
    assert other["z_s1"]["primary"]["set_aside"] == [5, 6]
    assert by_item(unisante)["z_s1"]["primary"]["set_aside"] == []


@pytest.mark.parametrize("rule", ["type7", "type6", "type2"])
def test_every_ram_vector_under_every_percentile_rule(rule):
    golden = vectors()["ram"]
    found = by_item(
        reported("-", "--percentile", rule, stdin=wide({each["id"]: each["ratings"] for each in golden}))
    )
    for each in golden:
        item = found[each["id"]]
        assert (item["n"], item["median"]) == (each["n"], close(each["median"]))
        for name in ("p30", "p70", "ipr", "ipras", "di"):
            assert item[name] == close(each[rule][name]), (each["id"], name)
        assert item["ram_ipras"]["disagreement"] == each[rule]["disagreement"]
        assert item["ram_classic"] == {
            "verdict": each["classic_verdict_up"],
            "agreement": each["agreement_up"],
        }


def test_a_protocol_file_changes_the_verdict(tmp_path):
    golden = vectors()["ram"]
    protocol = tmp_path / "protocol.json"
    protocol.write_text(json.dumps({"method": "RAM", "ram.half_point_rule": "strict"}))
    told = reported("-", "--protocol", protocol, stdin=wide({each["id"]: each["ratings"] for each in golden}))
    assert told["protocol"]["method"] == "RAM"
    assert {name: item["ram_classic"]["verdict"] for name, item in by_item(told).items()} == {
        each["id"]: each["classic_verdict_strict"] for each in golden
    }


def test_every_vector_of_the_formal_consensus():
    golden = [each for each in vectors()["rcf"] if "excluded_0" in each]
    found = by_item(
        reported("-", stdin=wide({f"s{place}": each["ratings"] for place, each in enumerate(golden)}))
    )
    assert len(golden) > 8
    for place, each in enumerate(golden):
        for count in range(3):
            expected = each[f"excluded_{count}"]
            told = found[f"s{place}"]["has_rcf"][f"excluded_{count}"]
            if isinstance(expected, dict):
                assert told == {"verdict": expected["verdict"], "degree": expected.get("degree")}
            else:
                assert told == {"verdict": expected, "degree": None}


def test_the_vectors_of_comet_per_cent_awmf_and_median():
    comet, percent, awmf, iqr = (vectors()[name] for name in ("comet", "percent", "awmf", "median_iqr"))
    panels = {
        f"comet{place}": from_counts(
            each["in_1_3"], each["n"] - each["in_1_3"] - each["in_7_9"], each["in_7_9"]
        )
        for place, each in enumerate(comet)
    }
    panels |= {
        f"percent{place}": from_counts(each["n"] - each["in_zone"], 0, each["in_zone"])
        for place, each in enumerate(percent)
    }
    panels |= {
        f"awmf{place}": from_counts(each["voters"] - each["yes"], 0, each["yes"])
        for place, each in enumerate(awmf)
    }
    panels |= {f"iqr{place}": each["ratings"] for place, each in enumerate(iqr)}
    found = by_item(reported("-", stdin=wide(panels)))
    for place, each in enumerate(comet):
        assert found[f"comet{place}"]["comet"] == each["expected"]
    for place, each in enumerate(percent):
        assert (found[f"percent{place}"]["percent"] == "reached") == each["consensus"]
    for place, each in enumerate(awmf):
        assert found[f"awmf{place}"]["awmf"] == each["expected"]
    for place, each in enumerate(iqr):
        assert found[f"iqr{place}"]["median_iqr"] == each["expected"]


def test_the_vectors_of_the_grade_grid_with_columns_for_ratings():
    golden = vectors()["grade_grid"]
    panels = {
        f"s{place}": [column for column, count in enumerate(each["columns"], 1) for _ in range(count)]
        for place, each in enumerate(golden)
    }
    told = reported("-", "--method", "GRADE_GRID", stdin=wide(panels))
    assert [item["grade_grid"] for item in told["items"]] == [each["expected"] for each in golden]
    assert [item["primary"]["verdict"] for item in told["items"]] == [each["expected"] for each in golden]


def test_two_rounds_are_compared():
    golden = vectors()["stability"]
    lines = ["rater,round,s1"]
    for number, given in ((1, golden["round1"]), (2, golden["round2"])):
        lines += [f"R{place},{number},{rating}" for place, rating in enumerate(given)]
    told = reported("-", stdin="\n".join(lines).encode())
    (step,) = told["rounds"]["steps"]
    (item,) = step["items"]
    assert (step["from"], step["to"], item["item"]) == ("1", "2", "s1")
    for name in ("changed_pct", "scheibe_pct", "delta_cqv", "delta_rir", "wilcoxon_w", "wilcoxon_nonzero"):
        assert item[name] == close(golden[name]), name
    for name in ("wilcoxon_p_exact", "kappa", "kappa_linear", "kappa_quadratic", "spearman"):
        assert item[name] == close(golden[name]), name
    assert (item["stable"], item["conflict"], item["next"]) == (golden["scheibe_stable"], True, "re_rate")
    first, second = (each["items"][0] for each in told["rounds"]["by_round"])
    assert first["median"] == close(golden["round1_stats"]["median"])
    assert second["q3"] == close(golden["round2_stats"]["q3"])
    assert told["items"][0]["round"] == "2"


VERDICTS = {"appropriate", "uncertain", "inappropriate", "non_analysable"}


def test_the_json_has_the_promised_keys_and_kinds():
    ratings = {"s1": [1, 5, 7, 7, 8, 8, 9, 9, 9], "few": [5]}
    told = reported("-", stdin=wide(ratings) + b"\nR10,NSP,NSP\n")
    assert set(told) == {"protocol", "panel", "items"}  # `rounds` comes with a second round
    panel = told["panel"]
    assert (panel["raters"], panel["items"]) == (10, 2)
    assert "kendall_w" in panel and set(panel["alpha"]) == {"nominal", "ordinal", "interval", "ratio"}
    for item in told["items"]:
        assert all(type(item[name]) is int for name in ("n", "nsp", "missing"))
        assert len(item["frequencies"]) == 9
        for name in ("median", "q1", "q3", "iqr", "mad_m", "p30", "p70", "ipr", "ipras", "di"):
            assert type(item[name]) in (int, float)
        assert item["ram_classic"]["verdict"] in VERDICTS
        assert item["ram_classic"]["agreement"] in {"agreement", "disagreement", "indeterminate", None}
        assert item["ram_ipras"]["verdict"] in VERDICTS
        assert item["ram_ipras"]["disagreement"] in (True, False, None)
        assert set(item["ram_binomial"]) == {"verdict", "agreement"}
        assert set(item["has_rcf"]) == {"excluded_0", "excluded_1", "excluded_2"}
        assert item["comet"] in {"in", "out", "none", "non_analysable"}
    assert [(item["n"], item["nsp"], item["missing"]) for item in told["items"]] == [(9, 1, 0), (1, 1, 8)]
    assert told["items"][1]["ram_classic"] == {"verdict": "non_analysable", "agreement": None}


def test_figures_are_not_rounded():
    told = reported("-", stdin=wide({"s1": [4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9]}))
    assert told["items"][0]["di"] == 10 / 61


def test_the_example_assessment_serves_as_a_protocol():
    file = Path(__file__).parents[2] / "config" / "assessments" / "mesotherapy.toml"
    told = reported("-", "--protocol", file, stdin=wide({"s1": [7] * 9}))
    assert told["items"][0]["primary"]["settled"] == "settled_in"

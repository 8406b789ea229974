import json
from dataclasses import FrozenInstanceError
from hashlib import sha256

import pytest
import rfc8785

from deliberate.consensus.parameter import Parameter
from deliberate.consensus.protocol import METHODS, Protocol, rated_again, read_protocol, settled
from deliberate.consensus.verdicts import Judgement, Settlement
from tests.consensus.panels import under
from tests.consensus.shared import vectors


def defaults():
    return {key: entry for key, entry in vectors()["protocol_defaults"].items() if key != "note"}


def at(mapping, key):
    for name in key.split("."):
        mapping = mapping[name]
    return mapping


def test_every_default_is_the_one_of_the_methods():
    held = Protocol().canonical()
    for key, entry in defaults().items():
        expected, found = entry["default"], at(held, key)
        if key == "risk.matrix":
            assert found is None
        elif isinstance(expected, dict):  # deeper parameters of the same name are listed on their own
            assert {name: found[name] for name in expected} == expected, key
        else:
            assert found == expected, key


def test_no_parameter_is_unknown_to_the_methods():
    known = defaults()
    for parameter in Protocol.parameters():
        parents = {parameter.key, parameter.key.rpartition(".")[0]}
        assert parents & set(known), parameter.key


def test_every_choice_offers_what_the_methods_allow():
    offered = {parameter.key: parameter for parameter in Protocol.parameters()}
    for key, entry in defaults().items():
        if "allowed" in entry:
            assert list(offered[key].allowed) == entry["allowed"], key


def test_every_parameter_names_the_guide_that_has_to_confirm_it():
    known = defaults()
    confirming = {parameter.key for parameter in Protocol.parameters() if parameter.confirm_with}
    for parameter in Protocol.parameters():
        entry = known.get(parameter.key) or known[parameter.key.rpartition(".")[0]]
        if parameter.key == "rcf.steering_group":  # section 11 lists it, the machine-readable list forgot to
            assert parameter.confirm_with
            continue
        assert parameter.confirm_with == entry.get("confirm_with"), parameter.key
        assert parameter.platform_choice == entry.get("platform_choice", False), parameter.key
    assert {parameter.key for parameter in Protocol().to_confirm()} == confirming


def test_a_changed_parameter_is_no_longer_a_default_to_confirm():
    changed = under(ram__half_point_rule="strict")
    before, after = (
        {parameter.key for parameter in protocol.to_confirm()} for protocol in (Protocol(), changed)
    )
    assert before - after == {"ram.half_point_rule"}
    assert after < before


def test_the_canonical_mapping_reads_back_as_the_same_protocol():
    protocol = under(
        method="RAM",
        rcf__extremes={"round2": {"12": 1, "13+": 2}},
        percent__threshold=66.7,
        stop__delta_cqv_max=0.05,
    )
    canonical = protocol.canonical()
    assert read_protocol(json.loads(json.dumps(canonical))) == protocol
    assert canonical["percent"]["threshold"] == 66.7
    assert canonical["committee"]["quorum_share"] == "1/2"


def test_the_digest_is_that_of_canonical_json():
    protocol = Protocol()
    assert protocol.digest() == sha256(rfc8785.dumps(protocol.canonical())).hexdigest()


def test_the_digest_changes_with_any_parameter_and_not_with_the_way_it_is_written():
    assert under(percent__threshold=80).digest() != Protocol().digest()
    assert read_protocol({"percent": {"threshold": 75.0}}).digest() == Protocol().digest()
    assert read_protocol({"percent.threshold": 75}).digest() == Protocol().digest()
    assert read_protocol({}) == Protocol() and hash(read_protocol({})) == hash(Protocol())


def test_a_protocol_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Protocol().method = "RAM"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"metod": "RAM"}, r"metod: unknown parameter. Did you mean method\?"),
        (
            {"ram": {"half_points": "up"}},
            r"ram.half_points: unknown parameter. Did you mean half_point_rule\?",
        ),
        ({"ram": "classic"}, "ram: 'classic' is not a table"),
        ({"method": "MAJORITY"}, "method: 'MAJORITY' is not one of RAM, HAS_RCF"),
        ({"percentile_rule": 7}, "percentile_rule: 7 is not one of type7, type6, type2"),
        ({"rounds": {"min": 4}}, "rounds.min: 4 is more than rounds.max, 3"),
        ({"rounds": {"min": True}}, "rounds.min: True is not a whole number"),
        ({"rounds": {"min": "2"}}, "rounds.min: '2' is not a whole number"),
        ({"min_raters": {"RAM": 6}}, "min_raters.RAM: 6 is not between 7 and 1000"),
        ({"comet": {"round1_in": 60}}, "comet.round1_in: 60 is not one of 50, 70"),
        ({"comet": {"round1_in": True}}, "comet.round1_in: True is not one of"),
        ({"percent": {"threshold": 101}}, "percent.threshold: 101 is not between 0 and 100"),
        ({"percent": {"threshold": "75"}}, "percent.threshold: '75' is text"),
        ({"percent": {"threshold": float("nan")}}, "percent.threshold: nan is not a number"),
        ({"percent": {"zone": [9, 7]}}, "percent.zone: .* is not a pair of numbers, smaller first"),
        ({"percent": {"zone": [7, 10]}}, "percent.zone: 10 is not between 1 and 9"),
        ({"percent": {"zone": 7}}, "percent.zone: 7 is not a list"),
        ({"iqr": {"agree_median": 6.75}}, "iqr.agree_median: 6.75 is neither a whole nor a half point"),
        ({"nsp": {"allowed": 1}}, "nsp.allowed: 1 is neither true nor false"),
        ({"choice": {"retained_share": "3/2"}}, "choice.retained_share: '3/2' is not a share"),
        ({"choice": {"retained_share": "1e999999999"}}, "choice.retained_share: .* is not a number"),
        ({"choice": {"retained_share": "1/0"}}, "choice.retained_share: '1/0' is not a number"),
        ({"iqr": {"agree_median": "7"}}, "iqr.agree_median: '7' is text, not a number"),
        ({"choice": {"retained_share": "a lot"}}, "choice.retained_share: 'a lot' is not a number"),
        ({"stop": {"order": ["stability", "consensus"]}}, "stop.order: .* must name each of"),
        ({"stop": {"order": ["stability"] * 3}}, "stop.order: .* names a word twice"),
        ({"dpi": {"major_links": ["golf"]}}, "dpi.major_links: 'golf' is not one of"),
        ({"scale": {"max": 7}}, "scale.max: 7 is not one of 9"),
        ({"scale": {"anchors": {"10": "parfait"}}}, "scale.anchors: '10' is not a point of the scale"),
        ({"scale": {"anchors": {"9": " "}}}, "scale.anchors: ' ' is not a text"),
        (
            {"rcf": {"extremes": {"round2": {"some": 1}}}},
            "rcf.extremes.round2: 'some' is not a range of panel sizes",
        ),
        ({"rcf": {"extremes": {"round2": {"9-15": 3}}}}, "rcf.extremes.round2: 3 is not between 0 and 2"),
        ({"risk": {"matrix": [["green"]]}}, "risk.matrix: the cell 'green' is not one of C1"),
        ({"ram": {"k_at_7": 2}, "ram.k_at_7": 3}, "ram.k_at_7: given twice"),
        ({"method": "RAM", "method.name": "x"}, "method.name: method already has a value"),
    ],
)
def test_what_cannot_stand_is_refused_with_its_key_and_the_reason(given, message):
    with pytest.raises(ValueError, match=message):
        read_protocol(given)


def test_a_value_given_in_code_is_checked_like_one_that_is_read():
    with pytest.raises(ValueError, match="method: 'majority'"):
        Protocol(method="majority")


@pytest.mark.parametrize(
    ("method", "verdict", "degree", "settlement"),
    [
        ("RAM", "appropriate", "agreement", "settled_in"),
        ("RAM", "inappropriate", "agreement", "settled_out"),
        ("RAM", "appropriate", "indeterminate", "to_discuss"),
        ("RAM", "uncertain", "agreement", "to_discuss"),
        ("RAM", "uncertain", "disagreement", "to_discuss"),
        ("HAS_RCF", "appropriate", "strong", "settled_in"),
        ("HAS_RCF", "inappropriate", "strong", "settled_out"),
        ("HAS_RCF", "appropriate", "relative", "to_discuss"),
        ("HAS_RCF", "uncertain", "indecision", "to_discuss"),
        ("COMET_70_15", "in", None, "settled_in"),
        ("COMET_70_15", "out", None, "settled_out"),
        ("COMET_70_15", "none", None, "to_discuss"),
        ("PERCENT", "reached", None, "settled_in"),
        ("PERCENT", "not_reached", None, "to_discuss"),
        ("AWMF", "strong_consensus", None, "settled_in"),
        ("AWMF", "consensus", None, "settled_in"),
        ("AWMF", "majority", None, "to_discuss"),
        ("GRADE_GRID", "weak_for", None, "settled_in"),
        ("GRADE_GRID", "strong_against", None, "settled_out"),
        ("GRADE_GRID", "none", None, "to_discuss"),
        ("MEDIAN_IQR", "agree_with_consensus", None, "settled_in"),
        ("MEDIAN_IQR", "disagree_with_consensus", None, "settled_out"),
        ("MEDIAN_IQR", "agree_without_consensus", None, "to_discuss"),
        *((method, "non_analysable", None, "to_discuss") for method in METHODS),
    ],
)
def test_a_class_settles_the_statement_or_leaves_it_in_discussion(method, verdict, degree, settlement):
    assert settled(Judgement(method, verdict, degree)) == settlement


def test_after_the_last_round_relative_agreement_settles_too():
    relative = Judgement("HAS_RCF", "inappropriate", "relative")
    assert settled(relative, last_round=True) == "settled_out"
    assert settled(relative, under(rcf__retained_after_round2=["strong"]), last_round=True) == "to_discuss"
    assert settled(relative, under(rcf__settled_after_round1=["strong", "relative"])) == "settled_out"


def test_only_what_is_not_settled_is_rated_again_unless_the_protocol_says_all():
    assert rated_again(Settlement.TO_DISCUSS)
    assert not rated_again(Settlement.IN)
    assert rated_again(Settlement.IN, under(rounds__re_rate="all"))


def test_a_parameter_tells_a_form_all_it_needs():
    found = {parameter.key: parameter for parameter in Protocol.parameters()}
    assert found["ram.half_point_rule"] == Parameter(
        "ram.half_point_rule", "up", ("up", "strict"), "RAND/UCLA manual (Fitch 2001)", False
    )
    assert found["display.min_stratum"].platform_choice

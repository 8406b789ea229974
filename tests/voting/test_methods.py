"""The methods page: open to anyone, in both languages, and its examples are the golden numbers."""

from dataclasses import asdict
from fractions import Fraction

import pytest
from lxml import html

from deliberate.assessments.protocol_labels import GUIDES
from deliberate.consensus.protocol import Protocol
from deliberate.voting import methods
from deliberate.voting.method_examples import COUNTS, PANELS, PRESENCES, RECUSED, SEATS, limits, worked
from tests.consensus.shared import close, vectors

SECTIONS = ("common", "ram", "ipras", "binomial", "rcf", "comet", "shares", "grid", "iqr", "percentiles")
SECTIONS += ("stability", "panel", "committee", "compared")
ELSEWHERE = ("dpi.", "hearing.", "risk.", "certainty.", "elicitation.", "ngt.", "rpc.")  # not about agreement


async def read(server, language="en"):
    answer = await server.client(headers={"Accept-Language": language}).get("/methods")
    assert answer.status_code == 200
    return answer.text, html.fromstring(answer.text)


def words(element):
    return " ".join(element.text_content().split())


async def test_anyone_reads_every_method_in_english(server):
    text, page = await read(server)
    assert [section.get("id") for section in page.xpath("//main//section[@id]")] == list(SECTIONS)
    linked = [link.get("href") for link in page.xpath("//aside//a")]
    assert linked == [f"#{section}" for section in SECTIONS]
    identities = page.xpath("//@id")
    assert len(identities) == len(set(identities))
    assert "%%" not in text and "%(" not in text


async def test_the_page_is_french_too_and_writes_numbers_so(server):
    _, page = await read(server, "fr")
    assert page.get("lang") == "fr"
    ipras = words(page.get_element_by_id("ipras"))
    assert "IPR = 3,6, IPRAS = 3,55, indice de désaccord 1,014" in ipras
    assert "15 % n’est pas moins que 15 %." in words(page.get_element_by_id("comet"))
    assert "The median" not in words(page.xpath("//main")[0])


async def test_the_rendered_page_is_kept(server, monkeypatch):
    first, _ = await read(server)
    monkeypatch.setattr(methods, "context", lambda: pytest.fail("rendered twice"))
    again, _ = await read(server)
    assert main_of(again) == main_of(first)


def main_of(text):
    return text.partition("<main")[2].partition("</main")[0]


async def test_the_examples_say_what_the_rules_found(server):
    _, page = await read(server)
    said = {name: words(page.get_element_by_id(name)) for name in SECTIONS}
    assert (
        "The median is 7: appropriate. 3 ratings lie outside 7 to 9, and with 15 raters 4 may." in said["ram"]
    )
    assert "uncertain, disagreement" in said["ram"]
    assert "the index is exactly 1, and there is no disagreement" in said["ipras"]
    assert "asks for 4 at each end, the binomial rule for 3" in said["binomial"]
    classes = page.get_element_by_id("rcf").xpath(
        ".//div[contains(@class, 'columns')]//table[caption]//tr/td[2]"
    )
    assert [words(cell) for cell in classes] == [
        "uncertain, no consensus",
        "appropriate, strong agreement",
        "appropriate, strong agreement",
    ]
    assert "no consensus" in said["comet"] and "consensus in" in said["comet"]
    assert "consensus reached" in said["shares"] and "majority" in said["shares"]
    assert all(word in said["grid"] for word in ("strongly for", "weakly for", "no consensus"))
    assert "agree, with consensus" in said["iqr"] and "agree, without consensus" in said["iqr"]
    assert "58%" in said["stability"] and "25% · not stable" in said["stability"]
    assert "too few ratings to analyse" in said["common"] and "appropriate, with agreement" in said["common"]
    assert "strict: 7 is asked for uncertain, agreement undetermined" in said["ram"]
    assert (
        "The table is content with 3 for disagreement; the rule of the third asks for 4" in said["binomial"]
    )
    assert "all groups have to agree no consensus" in said["comet"]
    assert "any group is enough consensus in" in said["comet"]
    assert "GRADE grid weakly for SFAR variant no consensus" in said["grid"]
    assert "closed: stable dissent" in said["stability"] and "“not stable” is printed" in said["stability"]
    assert "Kendall’s W1 " in said["panel"] and "Krippendorff’s α, ordinal0.925" in said["panel"]
    assert "11 are needed" in said["committee"] and "tie" in said["committee"]


def test_the_panels_are_those_of_the_golden_numbers():
    golden = {tuple(each["ratings"]): each for each in vectors()["ram"]}
    panels = worked()["panels"]
    for name in ("agreement", "disagreement", "conflict", "tie", "eleven"):
        each, found = golden[PANELS[name]], panels[name]
        assert found.found.ram_classic.agreement == each["agreement_up"]
        assert float(found.spread.di) == close(each["type7"]["di"])
        assert found.found.conflict == each["conflict_type7"]
    rcf = {tuple(each["ratings"]): each for each in vectors()["rcf"]}
    for name in ("extreme", "three_and_a_half", "six_and_a_half"):
        each = rcf[PANELS[name]]
        for count, found in enumerate(panels[name].found.has_rcf):
            assert {"verdict": found.verdict, "degree": found.degree} == each[f"excluded_{count}"]
    for rule in worked()["by_rule"]:
        assert float(rule.spread.di) == close(golden[PANELS["tie"]][rule.rule]["di"])


def test_where_all_rate_high_the_panel_figures_are_low_and_every_statement_is_appropriate():
    (high, low_figures), (_order, high_figures) = worked()["alike"]
    assert all(min(answers) >= 7 for answers in high)
    assert low_figures.concordance.w < Fraction(1, 5) < Fraction(9, 10) < high_figures.concordance.w
    assert low_figures.alpha["ordinal"] < Fraction(1, 5) < Fraction(4, 5) < high_figures.alpha["ordinal"]


def test_the_rule_of_the_third_parts_from_the_table_at_ten_raters():
    found = worked()
    assert found["panels"]["third"].found.ram_classic.agreement == "disagreement"
    assert found["third"].agreement == "indeterminate" and found["third_limit"] == 4


def test_the_limits_votes_and_rounds_are_those_of_the_golden_numbers():
    for first, last, table, binomial in limits():
        for n in range(first, last + 1):
            for name, found in (("classic_limits", table), ("binomial_limits", binomial)):
                assert asdict(found) == vectors()[name][str(n)]
    awmf = {(each["yes"], each["voters"]): each["expected"] for each in vectors()["awmf"]}
    assert all(awmf[yes, 20] == found for yes, _, found in worked()["votes"])
    assert [share for _, share, _ in worked()["votes"]][:2] == [100, Fraction(95)]
    moved, golden = worked()["moved"], vectors()["stability"]
    assert float(moved.scheibe_pct) == close(golden["scheibe_pct"])
    quorums = {
        (each["present"], each["represented"], each.get("second_call", False)): each["expected"]
        for each in vectors()["quorum"]
        if (each["seats"], each["recused"]) == (SEATS, RECUSED)
    }
    assert [quorums[each] for each in PRESENCES] == [met for *_, met in worked()["quorums"]]
    tallies = {key_of(each): each["expected"] for each in vectors()["tally"]}
    assert [tallies[key_of(counted)] for counted in COUNTS] == [outcome for _, outcome in worked()["tallies"]]


def key_of(counted):
    return tuple(sorted((name, value) for name, value in counted.items() if name != "expected"))


def test_every_default_about_agreement_that_a_guide_must_confirm_is_listed():
    shown = {key for section in methods.PARAMETERS for key, _, _ in methods.to_confirm(section)}
    wanted = {each.key for each in Protocol.parameters() if each.confirm_with}
    assert wanted - shown == {key for key in wanted if key.startswith(ELSEWHERE)}
    assert {each.confirm_with for each in Protocol.parameters() if each.confirm_with} == set(GUIDES)

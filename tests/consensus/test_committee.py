import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.committee import Outcome, check_proxies, quorum_needed, quorum_reached, tally
from tests.consensus.shared import vectors

counts = st.integers(0, 40)


def test_the_quorum_counts_present_and_represented_members_against_seats_less_recusals():
    for case in vectors()["quorum"]:
        given = {name: value for name, value in case.items() if name != "expected"}
        assert quorum_reached(**given) == case["expected"], case


@given(counts, counts, counts)
def test_the_number_printed_beside_the_count_is_the_smallest_that_makes_the_quorum(seats, recused, present):
    if recused <= seats:
        assert quorum_reached(seats, recused, present, 0) == (present >= quorum_needed(seats, recused))


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="impossible"):
        quorum_reached(25, 26, 10, 0)
    with pytest.raises(ValueError, match="impossible"):
        quorum_reached(25, 0, -1, 0)
    with pytest.raises(ValueError, match="negative"):
        tally(-1, 0)


def test_votes_are_counted_as_in_the_golden_numbers():
    for case in vectors()["tally"]:
        given = {name: value for name, value in case.items() if name != "expected"}
        assert tally(**given) == case["expected"], case


@given(counts, counts, counts, counts, st.sampled_from(["present_or_represented", "votes_cast"]))
def test_swapping_for_and_against_swaps_the_outcome(for_votes, against, abstain, aside, base):
    opposite = {"adopted": "rejected", "rejected": "adopted"}
    here, there = (
        tally(for_votes, against, abstain, aside, base),
        tally(against, for_votes, abstain, aside, base),
    )
    assert there == opposite.get(here, here)


@given(counts, counts, counts, st.sampled_from([None, "for", "against", "abstain"]))
def test_one_more_vote_for_never_loses_an_adoption(for_votes, against, abstain, chair):
    before, after = (
        tally(for_votes, against, abstain, chair=chair),
        tally(for_votes + 1, against, abstain, chair=chair),
    )
    assert after == "adopted" or before != "adopted"


def test_those_not_taking_part_weigh_unless_the_protocol_says_otherwise():
    assert tally(6, 3, not_taking_part=3) == "no_majority"
    assert tally(6, 3, not_taking_part=3, not_taking_part_in_base=False) == "adopted"


def test_only_two_outcomes_adopt():
    assert {each for each in Outcome if each.adopts} == {"adopted", "adopted_casting_vote"}


def test_an_unknown_base_is_refused_by_name():
    with pytest.raises(ValueError, match="seats"):
        tally(5, 4, base="seats")


def test_a_proxy_stands_when_its_holder_is_there_and_its_giver_is_not():
    check_proxies({"Ana": "Bo"}, present={"Bo", "Cy"})


@pytest.mark.parametrize(
    ("proxies", "terms", "reason"),
    [
        ({"Ana": "Bo", "Di": "Bo"}, {}, "Bo holds 2 proxies"),
        ({"Ana": "Eve"}, {}, "Eve is not present"),
        ({"Cy": "Bo"}, {}, "Cy is present"),
        ({"Ana": "Bo"}, {"recused": {"Ana"}}, "Ana is recused"),
        ({"Ana": "Bo"}, {"recused": {"Bo"}}, "Bo is recused"),
        ({"Ana": "Bo"}, {"with_alternate": {"Ana"}}, "has an alternate"),
    ],
)
def test_a_proxy_that_cannot_stand_is_refused_with_its_reason(proxies, terms, reason):
    with pytest.raises(ValueError, match=reason):
        check_proxies(proxies, present={"Bo", "Cy"}, **terms)


def test_the_protocol_may_allow_two_proxies_and_proxies_despite_an_alternate():
    check_proxies(
        {"Ana": "Bo", "Di": "Bo"}, {"Bo"}, with_alternate={"Ana"}, most=2, only_without_alternate=False
    )

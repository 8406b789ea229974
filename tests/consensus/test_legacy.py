import pytest

from deliberate.consensus import ram
from deliberate.consensus.legacy import DEFINITIONS, holds
from deliberate.consensus.ratings import Ratings
from tests.consensus.panels import under

PANELS = {
    (7, 7, 8, 8, 8, 9, 9, 9, 9): {"A9S", "A9R", "A7S", "A7R"},
    (6, 7, 7, 7, 8, 8, 8, 8, 8): {"A9R", "A7S", "A7R"},
    (1, 7, 7, 7, 8, 8, 9, 9, 9): {"A7S", "A7R", "D9R", "D9S"},
    (1, 1, 4, 5, 5, 5, 6, 9, 9): {"D9S", "D9R", "D7S", "D7R"},
    (2, 3, 4, 5, 5, 5, 6, 7, 8): {"D9R", "D7R"},
    (3, 4, 4, 5, 5, 5, 6, 6, 8): {"D9R", "A7S", "A7R"},
}


@pytest.mark.parametrize(("ratings", "held"), PANELS.items())
def test_each_early_definition_holds_where_it_should(ratings, held):
    found = {code for code in DEFINITIONS if holds(Ratings.of(ratings), code)}
    assert found == held


def test_the_early_definitions_replace_the_table_only_where_the_protocol_says_so():
    ratings = Ratings.of([1, 7, 7, 7, 8, 8, 9, 9, 9])
    assert ram.judge(ratings).agreement == "agreement"
    strict = ram.judge(ratings, under(ram__legacy_definitions="A9S"))
    assert (strict.verdict, strict.agreement) == ("uncertain", "disagreement")
    relaxed = ram.judge(ratings, under(ram__legacy_definitions="A7R"))
    assert (relaxed.verdict, relaxed.agreement) == ("appropriate", "agreement")
    assert ram.judge(ratings, under(ram__legacy_definitions="A9S"), "classic").agreement == "agreement"


def test_six_ratings_cannot_be_analysed_by_the_early_definitions_either():
    found = ram.judge(Ratings.of([8] * 6), under(ram__legacy_definitions="A9S"))
    assert found.verdict == "non_analysable"


def test_an_unknown_definition_is_refused_by_name():
    with pytest.raises(ValueError, match="A5S"):
        holds(Ratings.of([5] * 9), "A5S")

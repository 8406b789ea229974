import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.ratings import Ratings
from tests.consensus.definitions import median
from tests.consensus.panels import panels


@given(panels(0), st.randoms())
def test_ratings_do_not_depend_on_the_order_of_raters(given, shuffler):
    shuffled = list(given)
    shuffler.shuffle(shuffled)
    assert Ratings.of(shuffled) == Ratings.of(given)


@given(panels())
def test_ratings_count_what_they_hold(given):
    ratings = Ratings.of(given)
    assert list(ratings.ordered) == sorted(given)
    assert ratings.n == len(given)
    assert ratings.low == sum(rating <= 3 for rating in given)
    assert ratings.high == sum(rating >= 7 for rating in given)
    assert ratings.low + ratings.middle + ratings.high == ratings.n
    assert ratings.double_median == 2 * median(given)
    assert ratings.within(5, 9) == sum(rating >= 5 for rating in given)


@given(panels(0))
def test_ratings_counted_are_ratings_given(given):
    assert Ratings.counted([given.count(rating) for rating in range(1, 10)]) == Ratings.of(given)


@pytest.mark.parametrize("wrong", [0, 10, -1, 7.0, 6.5, "7", True, None, 300])
def test_anything_but_a_whole_number_from_1_to_9_is_refused(wrong):
    with pytest.raises(ValueError, match="is not a rating"):
        Ratings.of([7, 8, wrong])


@pytest.mark.parametrize("wrong", [[1] * 8, [1] * 10, [1] * 8 + [-1]])
def test_anything_but_nine_counts_is_refused(wrong):
    with pytest.raises(ValueError, match="nine frequencies"):
        Ratings.counted(wrong)

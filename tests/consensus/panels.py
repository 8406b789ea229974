"""Panels for property tests, and every panel of a size."""

from collections.abc import Iterator
from itertools import combinations_with_replacement

from hypothesis import strategies as st

from deliberate.consensus.protocol import DEFAULT, Protocol, read_protocol
from deliberate.consensus.ratings import SCALE

ratings = st.integers(1, 9)
DISAGREEMENT_RULES = ("classic", "ipras", "either", "binomial", "third")


def panels(smallest: int = 1, largest: int = 31) -> st.SearchStrategy[list[int]]:
    return st.lists(ratings, min_size=smallest, max_size=largest)


def all_panels(n: int) -> Iterator[tuple[int, ...]]:
    """Every possible set of n ratings, in ascending order."""
    return combinations_with_replacement(SCALE, n)


def mirrored(given: list[int]) -> list[int]:
    return [10 - rating for rating in given]


def under(**given: object) -> Protocol:
    """A protocol with some parameters, `__` for a dot: under(ram__half_point_rule="strict")."""
    return (
        read_protocol({key.replace("__", "."): value for key, value in given.items()}) if given else DEFAULT
    )

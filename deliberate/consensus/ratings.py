"""The ratings of one statement from 1 to 9, without their raters, so that no rule can depend on order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

LOWEST: Final = 1
HIGHEST: Final = 9
SCALE: Final = range(LOWEST, HIGHEST + 1)
ZONES: Final = (range(1, 4), range(4, 7), range(7, 10))


@dataclass(frozen=True, slots=True)
class Ratings:
    """The n valid ratings of one statement: how often each rating occurs, and all of them in ascending order.

    `low`, `middle` and `high` count the ratings in 1-3, 4-6 and 7-9. `double_median` is twice the median (the
    mean of the middle two), a whole number, so that half points compare exactly; 0 without ratings.
    """

    frequencies: tuple[int, ...]
    ordered: tuple[int, ...]
    n: int
    low: int
    middle: int
    high: int
    double_median: int

    @classmethod
    def of(cls, given: Iterable[int]) -> Ratings:
        """From the ratings themselves, in any order. ValueError for anything but whole numbers, 1 to 9."""
        ratings = tuple(given)
        if wrong := [rating for rating in ratings if type(rating) is not int or rating not in SCALE]:
            raise ValueError(f"{wrong[0]!r} is not a rating: use a whole number from {LOWEST} to {HIGHEST}.")
        return cls.counted(tuple(map(bytes(ratings).count, SCALE)))

    @classmethod
    def counted(cls, frequencies: Sequence[int]) -> Ratings:
        """From the nine frequencies, that of rating 1 first. ValueError unless they are nine counts."""
        if len(frequencies) != len(SCALE) or min(frequencies) < 0:
            raise ValueError(f"{frequencies!r} are not the nine frequencies of a 1-9 scale.")
        ordered = tuple(chain.from_iterable(map(repeat, SCALE, frequencies)))
        n, low, high = len(ordered), sum(frequencies[:3]), sum(frequencies[6:])
        double_median = ordered[(n - 1) // 2] + ordered[n // 2] if n else 0
        return cls(tuple(frequencies), ordered, n, low, n - low - high, high, double_median)

    def within(self, lowest: int, highest: int) -> int:
        """How many ratings lie from `lowest` to `highest`, both included."""
        return sum(self.frequencies[lowest - LOWEST : highest])

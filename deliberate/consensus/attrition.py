"""Who left between rounds, by group, and whether the leavers had rated differently. METHODS.md section 4."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .exact import plain
from .protocol import DEFAULT, Protocol
from .ratings import ZONES, Ratings


@dataclass(frozen=True, slots=True)
class Attrition:
    """Of one round: how many of the `eligible` raters did not submit. `share` runs from 0 to 1."""

    eligible: int
    absent: int

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.absent, self.eligible) if self.eligible else None

    def as_json(self) -> dict[str, int | float | None]:
        return {"eligible": self.eligible, "absent": self.absent, "share": plain(self.share)}


def attrition(eligible: Collection[str], submitted: Collection[str]) -> Attrition:
    """Of the whole panel, from its eligible raters and those who submitted anything."""
    return Attrition(len(eligible), len(set(eligible) - set(submitted)))


def attrition_by_group(groups: Mapping[str, str], submitted: Collection[str]) -> dict[str, Attrition]:
    """The same for each group, from eligible rater to group."""
    seats = Counter(groups.values())
    absent = Counter(group for rater, group in groups.items() if rater not in submitted)
    return {group: Attrition(count, absent[group]) for group, count in seats.items()}


@dataclass(frozen=True, slots=True)
class Outside:
    """How many of `ratings` lay outside the zone of the panel's median, all statements together."""

    outside: int
    ratings: int

    def as_json(self) -> dict[str, int]:
        return {"outside": self.outside, "ratings": self.ratings}


@dataclass(frozen=True, slots=True)
class Leavers:
    """The last ratings of `count` drop-outs beside those of the stayers.

    `medians` gives, for each statement where both sides have enough raters to be shown, the medians of
    leavers and stayers; it is empty when the drop-outs are too few, for it would show single ratings.
    """

    count: int
    leavers: Outside
    stayers: Outside
    medians: Mapping[str, tuple[Fraction, Fraction]]

    def as_json(self) -> dict[str, Any]:
        sides = {
            name: {"leavers": plain(gone), "stayers": plain(stayed)}
            for name, (gone, stayed) in self.medians.items()
        }
        return {
            "count": self.count,
            "leavers": self.leavers.as_json(),
            "stayers": self.stayers.as_json(),
            "medians": sides,
        }


def compare_leavers(
    last: Mapping[str, Mapping[str, int]], left: Collection[str], protocol: Protocol = DEFAULT
) -> Leavers:
    """From `last[statement][rater]`, the ratings of the round before they left."""
    sides = {
        statement: (
            [rating for rater, rating in ratings.items() if rater in left],
            [rating for rater, rating in ratings.items() if rater not in left],
        )
        for statement, ratings in last.items()
        if ratings
    }
    totals = [[0, 0], [0, 0]]
    for gone, stayed in sides.values():
        zone = _zone(Ratings.of([*gone, *stayed]))
        for total, side in zip(totals, (gone, stayed), strict=True):
            total[0] += sum(rating not in zone for rating in side)
            total[1] += len(side)
    shown = protocol.display.min_stratum
    medians = {
        statement: (_median(gone), _median(stayed))
        for statement, (gone, stayed) in sides.items()
        if len(left) >= shown and min(len(gone), len(stayed)) >= shown
    }
    return Leavers(len(left), Outside(*totals[0]), Outside(*totals[1]), medians)


def _median(ratings: Sequence[int]) -> Fraction:
    return Fraction(Ratings.of(ratings).double_median, 2)


def _zone(ratings: Ratings) -> range:
    """The zone of the median; a half point between two zones belongs to the upper one, as in RAM."""
    return next(zone for zone in ZONES if ratings.double_median <= 2 * zone[-1])

"""Stakeholder groups beside each other: their medians and COMET classes, and the class they make together."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import comet
from .exact import plain
from .figures import quartiles
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .verdicts import Inclusion


@dataclass(frozen=True, slots=True)
class GroupClass:
    """One group. All but `n` is None when fewer rated than `display.min_stratum`: none is recognised."""

    n: int
    median: Fraction | None = None
    q1: Fraction | None = None
    q3: Fraction | None = None
    comet: Inclusion | None = None

    def as_json(self) -> dict[str, Any]:
        quarters = {"median": plain(self.median), "q1": plain(self.q1), "q3": plain(self.q3)}
        return {"n": self.n, **quarters, "comet": self.comet}


def describe_groups(
    groups: Mapping[str, Ratings], protocol: Protocol = DEFAULT, round_number: int = 1
) -> dict[str, GroupClass]:
    """Each group that may be shown, with its figures."""
    return {name: _describe(ratings, protocol, round_number) for name, ratings in groups.items()}


def judge_groups(
    groups: Mapping[str, Ratings], protocol: Protocol = DEFAULT, round_number: int = 1
) -> Inclusion:
    """The COMET class that the groups make together under `comet.groups`, small groups included."""
    classes = [comet.judge(ratings, protocol, round_number) for ratings in groups.values()]
    return comet.combine(classes, protocol.comet.groups)


def _describe(ratings: Ratings, protocol: Protocol, round_number: int) -> GroupClass:
    if ratings.n < protocol.display.min_stratum:
        return GroupClass(ratings.n)
    quarter = quartiles(ratings, protocol.percentile_rule)
    found = comet.judge(ratings, protocol, round_number)
    return GroupClass(ratings.n, quarter.median, quarter.q1, quarter.q3, found)

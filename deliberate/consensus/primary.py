"""The class that counts: the frozen method applied to one statement, and what follows. METHODS.md 2.0."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import comet, grade_grid, median_iqr, ram, rcf, shares
from .groups import judge_groups
from .protocol import DEFAULT, Protocol, settled
from .ratings import Ratings
from .verdicts import Judgement, Settlement


@dataclass(frozen=True, slots=True)
class Primary:
    """The class under the protocol's method and what it does to the statement.

    For HAS_RCF, `set_aside` lists the extremes excluded and `before` is the class with all ratings kept.
    """

    judgement: Judgement
    settlement: Settlement
    set_aside: tuple[int, ...] = ()
    before: Judgement | None = None

    def as_json(self) -> dict[str, Any]:
        told = {**_told(self.judgement), "settled": self.settlement}
        if self.before:
            told |= {"set_aside": list(self.set_aside), "before": _told(self.before)}
        return told


def judge(
    ratings: Ratings,
    protocol: Protocol = DEFAULT,
    *,
    round_number: int = 1,
    missing: int = 0,
    groups: Mapping[str, Ratings] | None = None,
) -> Primary:
    """The class of one statement after a round; from `rounds.max` on it is the last one.

    Under COMET_70_15 the `groups`, where there are any, decide together.
    """
    if protocol.method == "HAS_RCF":
        return _consensus(ratings, protocol, round_number, missing)
    judgement = _judgement(ratings, protocol, round_number, groups or {})
    return Primary(judgement, _settled(judgement, protocol, round_number))


def _judgement(
    ratings: Ratings, protocol: Protocol, round_number: int, groups: Mapping[str, Ratings]
) -> Judgement:
    method = protocol.method
    match method:
        case "RAM":
            found = ram.judge(ratings, protocol)
            return Judgement(method, found.verdict, found.agreement)
        case "COMET_70_15" if groups:
            return Judgement(method, judge_groups(groups, protocol, round_number))
        case "COMET_70_15":
            return Judgement(method, comet.judge(ratings, protocol, round_number))
        case "PERCENT":
            return Judgement(method, shares.percent(ratings, protocol))
        case "AWMF":
            return Judgement(method, shares.awmf(ratings, protocol))
        case "GRADE_GRID":
            return Judgement(method, grade_grid.judge(ratings, protocol))
        case "MEDIAN_IQR":
            return Judgement(method, median_iqr.judge(ratings, protocol))
    raise AssertionError(f"no rule for the method {method}")


def _consensus(ratings: Ratings, protocol: Protocol, round_number: int, missing: int) -> Primary:
    """HAS_RCF keeps a log of what was set aside and the class before."""
    allowed = rcf.allowance(ratings.n, round_number, protocol, missing)
    classes = rcf.by_exclusions(ratings, protocol)
    found, before = classes[allowed], classes[0]
    judgement = Judgement("HAS_RCF", found.verdict, found.degree)
    return Primary(
        judgement,
        _settled(judgement, protocol, round_number),
        found.set_aside,
        Judgement("HAS_RCF", before.verdict, before.degree),
    )


def _settled(judgement: Judgement, protocol: Protocol, round_number: int) -> Settlement:
    return settled(judgement, protocol, last_round=round_number >= protocol.rounds.max)


def _told(judgement: Judgement) -> dict[str, Any]:
    return {"method": judgement.method, "verdict": judgement.verdict, "degree": judgement.degree}

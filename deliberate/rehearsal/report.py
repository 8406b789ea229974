"""What was counted on the way, and the one object told at the end."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Counts:
    """Sent and acknowledged by the clients; counted is read back from the results."""

    questions: int = 0
    opinions: int = 0
    comments: int = 0
    contributions: int = 0
    statements_rated: int = 0
    votes: int = 0
    ballots_sent: int = 0
    ballots_acknowledged: int = 0
    ballots_counted: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    began: dict[str, float] = field(default_factory=dict)  # each act, in order

    def refuse(self, what: str) -> None:
        self.refusals[what] += 1

    def seconds_of_acts(self) -> dict[str, float]:
        ends = [*list(self.began.values())[1:], time.monotonic()]
        return {words: round(end - at, 2) for (words, at), end in zip(self.began.items(), ends, strict=True)}


def summary(report: dict[str, Any]) -> str:
    """A few lines for people."""
    ballots = (
        f"{report['ballots_sent']} ballots sent, {report['ballots_acknowledged']} acknowledged, "
        f"{report['ballots_counted']} counted"
    )
    return "\n".join(
        [
            f"Played in {report['seconds']:.1f} s: {report['questions']} questions, "
            f"{report['opinions']} opinions, {report['contributions']} contributions, "
            f"{report['statements_rated']} statements rated.",
            f"{ballots}; {report['refused_as_expected']} attempts refused as they must be.",
            f"The journal has {report['journal_entries']} entries. The record: {report['record']}",
            f"The bundle: {report['bundle']}",
            "Verified offline: every check holds."
            if report["verified"]
            else "NOT VERIFIED: " + "; ".join(report["failed_checks"]),
        ]
    )

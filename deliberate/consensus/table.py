"""A panel's ratings as a table: raters by items, for one round or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .ratings import SCALE

NSP: Final = 0  # "ne se prononce pas": an answer without opinion
MISSING: Final = 255  # no answer
ANSWERS: Final = frozenset({*SCALE, NSP, MISSING})
ONE_ROUND: Final = "1"


@dataclass(frozen=True, slots=True)
class RatingTable:
    """Every answer of a panel.

    `rounds[label]` holds a row per rater, in the order of `raters`, and a row holds a byte per item: 1 to 9,
    NSP or MISSING. Rounds stand in the order in which they took place. `groups` names each rater's group, or
    is empty. ValueError if the parts do not fit together.
    """

    raters: tuple[str, ...]
    items: tuple[str, ...]
    rounds: Mapping[str, Sequence[bytes]]
    groups: Mapping[str, str] = field(default_factory=dict)
    named_rounds: bool = field(default=True, compare=False)  # False where the file had no column for them

    def __post_init__(self) -> None:
        if len(set(self.raters)) != len(self.raters) or len(set(self.items)) != len(self.items):
            raise ValueError("Each rater and each item stands in the table once.")
        if self.groups and set(self.groups) != set(self.raters):
            raise ValueError("Either every rater has a group or none has.")
        for label, rows in self.rounds.items():
            if len(rows) != len(self.raters) or any(len(row) != len(self.items) for row in rows):
                raise ValueError(f"Round {label} needs {len(self.raters)} rows of {len(self.items)} answers.")
            if not ANSWERS.issuperset(b"".join(rows)):
                raise ValueError(
                    f"Round {label} holds something else than ratings from 1 to 9, NSP and MISSING."
                )

    def columns(self, label: str) -> list[bytes]:
        """The answers of one round by item, each with a byte per rater."""
        answers, width = b"".join(self.rounds[label]), len(self.items)
        return [answers[place::width] for place in range(width)]

    def numbers(self) -> dict[str, int]:
        """The number of each round: its label where all labels are numbers, else its place from 1."""
        if all(label.isdecimal() for label in self.rounds):
            return {label: int(label) for label in self.rounds}
        return {label: place for place, label in enumerate(self.rounds, 1)}

"""One round of a rating table, and the step from one round to the next."""

from collections.abc import Mapping
from typing import Any

from .attrition import Attrition, attrition, attrition_by_group, compare_leavers
from .protocol import DEFAULT, Protocol
from .rates import Rates
from .ratings import SCALE, Ratings
from .stability import Stability, compare, next_step
from .summary import Summary, summarise_counted
from .table import MISSING, NSP, RatingTable
from .verdicts import Settlement

Json = dict[str, Any]
Counts = tuple[int, ...]


class Round:
    """One round: `columns` holds the answers to each item, `put` the items that got any answer."""

    def __init__(self, table: RatingTable, label: str, number: int, protocol: Protocol = DEFAULT) -> None:
        self.table, self.label, self.number, self.protocol = table, label, number, protocol
        self.columns = dict(zip(table.items, table.columns(label), strict=True))
        self.put = [item for item, answers in self.columns.items() if answers.count(MISSING) < len(answers)]
        self._seats = _seats(table)
        self._told: dict[tuple[Counts, ...], Json] = {}

    def told(self, item: str) -> Json:
        """The summary of an item as plain JSON, shared by items of the same frequencies: do not change it."""
        answers = self.columns[item]
        groups = {
            name: _counts(bytes(map(answers.__getitem__, seats))) for name, seats in self._seats.items()
        }
        key = (_counts(answers), *groups.values())
        if key not in self._told:
            try:
                self._told[key] = self._summarise(key[0], groups).as_json()
            except ValueError as wrong:
                raise ValueError(f"{item}: {wrong}") from None
        return self._told[key]

    def submitted(self) -> set[str]:
        """Those who answered anything in this round."""
        rows = zip(self.table.raters, self.table.rounds[self.label], strict=True)
        return {rater for rater, row in rows if row.count(MISSING) < len(row)}

    def attrition(self) -> Attrition:
        return attrition(self.table.raters, self.submitted())

    def attrition_by_group(self) -> dict[str, Attrition]:
        return attrition_by_group(self.table.groups, self.submitted())

    def by_rater(self, item: str) -> dict[str, int]:
        """The valid ratings of an item, from rater to rating."""
        answers = zip(self.table.raters, self.columns[item], strict=True)
        return {rater: answer for rater, answer in answers if answer in SCALE}

    def _summarise(self, counts: Counts, groups: Mapping[str, Counts]) -> Summary:
        ratings, nsp = Ratings.counted(counts[1:]), counts[NSP]
        rates = Rates(ratings.n, nsp, missing=len(self.table.raters) - ratings.n - nsp)
        by_group = {name: Ratings.counted(inside[1:]) for name, inside in groups.items()}
        return summarise_counted(ratings, rates, self.protocol, self.number, by_group)


class Step:
    """From one round to the next: what moved, who left, and what the stop rule proposes."""

    def __init__(self, before: Round, after: Round, protocol: Protocol = DEFAULT) -> None:
        self.before, self.after, self.protocol = before, after, protocol

    def as_json(self) -> Json:
        known = set(self.before.put)
        told: Json = {
            "from": self.before.label,
            "to": self.after.label,
            "items": [self._item(item) for item in self.after.put if item in known],
        }
        if left := self.before.submitted() - self.after.submitted():
            last = {item: self.before.by_rater(item) for item in self.before.put}
            told["leavers"] = compare_leavers(last, left, self.protocol).as_json()
        return told

    def stability(self, item: str) -> Stability:
        """The comparison of one item over those who rated it in both rounds."""
        answers = zip(self.before.columns[item], self.after.columns[item], strict=True)
        pairs = [pair for pair in answers if pair[0] in SCALE and pair[1] in SCALE]
        first, second = zip(*pairs, strict=True) if pairs else ((), ())
        return compare(first, second, self.protocol)

    def _item(self, item: str) -> Json:
        found = self.stability(item)
        consensus = self.after.told(item)["primary"]["settled"] != Settlement.TO_DISCUSS
        proposed = next_step(self.after.number, found.stable, consensus, self.protocol)
        return {"item": item, **found.as_json(), "next": proposed}


def _seats(table: RatingTable) -> dict[str, list[int]]:
    """The places of each group's members."""
    seats: dict[str, list[int]] = {}
    for place, rater in enumerate(table.raters):
        if table.groups:
            seats.setdefault(table.groups[rater], []).append(place)
    return seats


def _counts(answers: bytes) -> Counts:
    """How many answered NSP and each rating from 1 to 9, in that order."""
    return tuple(map(answers.count, range(NSP, SCALE.stop)))

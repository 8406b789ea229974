"""A CSV file while it is read as ratings: its rows, what its cells mean, and every problem met on the way."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Final

from .ratings import SCALE
from .table import MISSING, NSP, RatingTable

CODES: Final = {"": MISSING, "NSP": NSP, **{str(rating): rating for rating in SCALE}}
SHOWN: Final = 20
MOST_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line of the file, counted from 1, and what to do.

    `msgid` is English with {places}, so that pages can say it in their language.
    """

    line: int
    msgid: str
    places: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.msgid.format(**self.places)

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


class UnreadableRatings(ValueError):
    """Why a file was not taken: all its problems, in order of lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        told = [str(problem) for problem in self.problems[:SHOWN]]
        more = [f"And {len(problems) - SHOWN} more."] if len(problems) > SHOWN else []
        super().__init__("\n".join(told + more))


class Sheet:
    """The rows of a file, the names met so far, and the answers by round and rater."""

    def __init__(self, text: str, known: Collection[str] | None = None) -> None:
        self._known = known
        text = text.removeprefix("\ufeff")
        self.problems: list[Problem] = []
        self.groups: dict[str, str] = {}
        self.answers: dict[tuple[str, str], bytes] = {}
        self._names: dict[str, str] = {}
        self._lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)

    def header(self) -> list[str]:
        """The column names, those that we know in lower case; empty for an empty file."""
        names = [name.strip() for name in next(self.rows(), [])]
        return [_known(name) for name in names]

    def rows(self, width: int | None = None) -> Iterator[list[str]]:
        """The rows that hold anything, and `width` cells where that is given."""
        try:
            for row in self._lines:
                if not any(map(str.strip, row)):
                    continue
                if width is None or len(row) == width:
                    yield row
                else:
                    self.complain(
                        "{cells} cells instead of {width}. Look for a missing or extra separator.",
                        cells=len(row),
                        width=width,
                    )
        except csv.Error as broken:
            self.complain(
                "the file cannot be read from here on ({broken}). Look for an unclosed quotation mark.",
                broken=broken,
            )

    def complain(self, msgid: str, **places: object) -> None:
        """Note a problem at the line that is being read."""
        self.problems.append(Problem(max(1, self._lines.line_num), msgid, places))

    def name(self, cell: str, what: str) -> str:
        """A name without the blanks around it; an empty one is a problem."""
        try:
            return self._names[cell]
        except KeyError:
            name = cell.strip()
        if name:
            self._names[cell] = name
        else:
            self.complain("the {what} has no name. Fill in the cell.", what=what)
        return name

    def round(self, cell: str) -> str:
        """The label of a round; numbers lose their leading zeros, so that 01 and 1 are the same round."""
        label = self.name(cell, "round")
        if not label.isdecimal():
            return label
        if len(label) > MOST_DIGITS:
            self.complain("a round number of {digits} digits. Number the rounds from 1.", digits=len(label))
        return str(int(label[:MOST_DIGITS]))

    def code(self, cell: str, item: str) -> int:
        """What a cell says: 1 to 9, NSP or MISSING. Anything else is a problem, and missing for now."""
        answer = CODES.get(cell.strip().upper())
        if answer is None:
            self.complain(
                "{cell} for {item} is not a rating. Write a whole number from 1 to 9, NSP for no opinion, or "
                "nothing.",
                cell=repr(cell.strip()),
                item=item,
            )
        return MISSING if answer is None else answer

    def expect(self, item: str) -> None:
        """A new item, which has to be one of those known; that a name is missing was told already."""
        if item and self._known is not None and item not in self._known:
            self.complain(
                "{item} is no statement here. Write its code as the assessment does.", item=repr(item)
            )

    def seat(self, rater: str, group: str) -> None:
        """A rater belongs to one group throughout."""
        if self.groups.setdefault(rater, group) != group:
            self.complain(
                "{rater} is in {group} here but in {before} before. Keep one group.",
                rater=rater,
                group=group,
                before=self.groups[rater],
            )

    def table(self, items: Sequence[str], *, named_rounds: bool) -> RatingTable:
        """Everything read; a rater without a row in a round answered nothing in it."""
        raters = tuple(dict.fromkeys(rater for _, rater in self.answers))
        labels = list(dict.fromkeys(label for label, _ in self.answers))
        if all(label.isdecimal() for label in labels):
            labels.sort(key=int)
        nothing = bytes([MISSING]) * len(items)
        rounds = {label: [self.answers.get((label, rater), nothing) for rater in raters] for label in labels}
        return RatingTable(raters, tuple(items), rounds, self.groups, named_rounds)


def _delimiter(text: str) -> str:
    """The separator that the first line uses most outside quotes; French spreadsheets write semicolons."""
    first = re.sub(r'"[^"]*("|$)', "", text.lstrip().partition("\n")[0])
    return max(",;\t", key=first.count)


def _known(name: str) -> str:
    lower = name.lower()
    return ALIASES.get(lower, lower if lower in COLUMNS else name)


COLUMNS: Final = ("rater", "item", "rating", "round", "group", "no_opinion", "protocol")
ALIASES: Final = {"rater_id": "rater"}

"""Who rates what: out of the seeded simulation, or out of a CSV file with a column for each statement."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from deliberate.consensus.ratings_file import UnreadableRatings, read_ratings
from deliberate.consensus.table import MISSING, NSP, RatingTable
from deliberate.rehearsal.phrases import CANNOT_JUDGE, typeset
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.simulation import Answer, Simulation


class Ratings(Protocol):
    """Answers of raters, who are named by their place among the experts."""

    raters: int

    @property
    def groups(self) -> Mapping[int, Sequence[str]]:
        """The working groups of each rater, where that is given."""

    def answer(self, rater: int, statement: str, language: str, round_number: int) -> Answer | None:
        """None: this rater stays silent."""


class Simulated:
    def __init__(self, simulation: Simulation, raters: int) -> None:
        self.simulation, self.raters = simulation, raters
        self.groups: Mapping[int, Sequence[str]] = {}

    def answer(self, rater: int, statement: str, language: str, round_number: int) -> Answer | None:
        return self.simulation.rating(f"rater-{rater}", statement, language, round_number)


class FromFile:
    """Rater after rater in the order of the file. Who has no row in a later round keeps to the first."""

    def __init__(self, table: RatingTable, groups_of: Mapping[str, str]) -> None:
        """`groups_of`: the working group of each statement."""
        self.table = table
        self.raters = len(table.raters)
        self.places = {code: place for place, code in enumerate(table.items)}
        self.by_number = {number: table.rounds[label] for label, number in table.numbers().items()}
        self.first = next(iter(table.rounds.values()))
        self.groups = {
            rater: [table.groups[name]] if table.groups else self.groups_rated(rater, groups_of)
            for rater, name in enumerate(table.raters)
        }

    def groups_rated(self, rater: int, groups_of: Mapping[str, str]) -> list[str]:
        """Every group on whose statements the rater has an answer."""
        rated = [
            groups_of[code]
            for code, place in self.places.items()
            if any(rows[rater][place] != MISSING for rows in self.table.rounds.values())
        ]
        return list(dict.fromkeys(rated))

    def answer(self, rater: int, statement: str, language: str, round_number: int) -> Answer | None:
        place = self.places.get(statement)
        if place is None:
            return None
        rows = self.by_number.get(round_number, self.first)
        code = rows[rater][place]
        if code == MISSING:
            return None
        if code == NSP:
            return Answer(None, typeset(CANNOT_JUDGE[language][rater % 3], language))
        return Answer(code)


def read_file(path: Path, groups_of: Mapping[str, str], groups: Sequence[str]) -> FromFile:
    """The ratings of the file.

    Raises:
        Unexpected: it cannot be read, or speaks of statements or groups that this assessment has not.
    """
    try:
        table = read_ratings(path.read_text("utf-8"))
    except UnreadableRatings as error:
        raise Unexpected(f"{path} cannot be played. {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unexpected(f"{path} cannot be read: {error}") from None
    if unknown := [code for code in table.items if code not in groups_of]:
        raise Unexpected(f"{path}: this assessment has no statement {', '.join(unknown[:10])}.")
    if unknown := sorted(set(table.groups.values()) - set(groups)):
        raise Unexpected(f"{path}: this assessment has no working group {', '.join(unknown[:10])}.")
    return FromFile(table, groups_of)

"""A rating table out of a CSV file, wide or long. Either the whole file is understood or none of it is taken.

Wide: first column `rater`, then perhaps `round` and `group`, then a column per item. Long: columns `rater`,
`item` and `rating`, perhaps `round`, `group` and `no_opinion` (1 or 0), in any order. Both may have a column
`protocol`, the hash that an export of ours carries, which is passed over. A cell holds 1 to 9,
`NSP` for an answer without opinion, or nothing for no answer. Commas, semicolons or tabs separate; `rater_id`
means `rater`.
"""

from collections import Counter
from collections.abc import Collection
from operator import itemgetter
from typing import Final

from .sheet import CODES, Problem, Sheet, UnreadableRatings
from .table import MISSING, NSP, ONE_ROUND, RatingTable

__all__ = ["Problem", "UnreadableRatings", "read_ratings"]

LONG: Final = {"rater", "item", "rating"}
EXTRA: Final = {"round", "group", "no_opinion", "protocol"}
BEFORE_ITEMS: Final = {"rater", "round", "group", "protocol"}


def read_ratings(text: str, known: Collection[str] | None = None) -> RatingTable:
    """The table in the text of a CSV file. UnreadableRatings lists every problem; then nothing was read.

    `known` are the items there may be; by default any.
    """
    sheet = Sheet(text, known)
    header = sheet.header()
    if _check_header(sheet, header):
        items = _read_long(sheet, header) if set(header) >= LONG else _read_wide(sheet, header)
        if not sheet.answers and not sheet.problems:
            sheet.complain("there are no ratings below the header.")
    if sheet.problems:
        raise UnreadableRatings(sheet.problems)
    return sheet.table(items, named_rounds="round" in header)


def _check_header(sheet: Sheet, header: list[str]) -> bool:
    """Whether the columns can be understood; if not, the rest is not worth reading."""
    if not header:
        sheet.complain("the file is empty. It needs a header that begins with rater.")
    elif set(header) >= LONG:
        for name in set(header) - LONG - EXTRA:
            sheet.complain("the column {name} is not known in a long file. Remove it.", name=repr(name))
    elif header[0] != "rater":
        sheet.complain("the first column is {name}. Name it rater.", name=repr(header[0]))
    else:
        _check_wide_header(sheet, header)
    for name, count in Counter(header).items():
        if not name:
            sheet.complain("a column has no name. Name it or remove it.")
        elif count > 1:
            sheet.complain(
                "{count} columns are named {name}. Give each its own name.", count=count, name=repr(name)
            )
    return not sheet.problems


def _check_wide_header(sheet: Sheet, header: list[str]) -> None:
    items = header[_first_item(header) :]
    if not items:
        sheet.complain("there is no item. Add a column per item, or the columns item and rating.")
    for name in set(items) & (LONG | EXTRA):
        sheet.complain(
            "the column {name} stands among the items. Move it before them or rename it.", name=repr(name)
        )


def _first_item(header: list[str]) -> int:
    """The place of the first column that is an item."""
    return next((place for place, name in enumerate(header) if name not in BEFORE_ITEMS), len(header))


def _read_wide(sheet: Sheet, header: list[str]) -> list[str]:
    """A row per rater and round, into `sheet.answers`; returns the items."""
    first = _first_item(header)
    places = {name: place for place, name in enumerate(header[:first])}
    items = header[first:]
    for item in items:
        sheet.expect(item)
    for row in sheet.rows(len(header)):
        rater = sheet.name(row[0], "rater")
        label = sheet.round(row[places["round"]]) if "round" in places else ONE_ROUND
        if "group" in places:
            sheet.seat(rater, sheet.name(row[places["group"]], "group"))
        if (label, rater) in sheet.answers:
            sheet.complain("{rater} already has a row in round {label}. Keep one.", rater=rater, label=label)
        sheet.answers[label, rater] = _wide_answers(sheet, row[first:], items)
    return items


def _wide_answers(sheet: Sheet, cells: list[str], items: list[str]) -> bytes:
    try:
        return bytes(map(CODES.__getitem__, cells))
    except KeyError:  # a blank or a mistake somewhere: cell by cell
        return bytes(sheet.code(cell, item) for cell, item in zip(cells, items, strict=True))


def _read_long(sheet: Sheet, header: list[str]) -> list[str]:
    """A row per answer, into `sheet.answers`; returns the items in the order in which they appear."""
    places = {name: place for place, name in enumerate(header)}
    answer_cells = itemgetter(places["rater"], places["item"], places["rating"])
    items: dict[str, int] = {}
    given: dict[tuple[str, str], dict[int, int]] = {}
    for row in sheet.rows(len(header)):
        rater, item, rating = answer_cells(row)
        rater, item = sheet.name(rater, "rater"), sheet.name(item, "item")
        label = sheet.round(row[places["round"]]) if "round" in places else ONE_ROUND
        if "group" in places:
            sheet.seat(rater, sheet.name(row[places["group"]], "group"))
        answer = CODES[rating] if rating in CODES else sheet.code(rating, item)
        if "no_opinion" in places:
            answer = _with_opinion(sheet, answer, row[places["no_opinion"]])
        answers = given.setdefault((label, rater), {})
        if item not in items:
            sheet.expect(item)
        place = items.setdefault(item, len(items))
        if place in answers:
            sheet.complain(
                "{rater} already has an answer to {item} in round {label}. Keep one.",
                rater=rater,
                item=item,
                label=label,
            )
        answers[place] = answer
    for key, answers in given.items():
        sheet.answers[key] = bytes(map(answers.get, range(len(items)), [MISSING] * len(items)))
    return list(items)


def _with_opinion(sheet: Sheet, answer: int, no_opinion: str) -> int:
    """The answer once the column `no_opinion` is read: 1 makes an empty rating an answer without opinion."""
    mark = no_opinion.strip()
    if mark not in ("", "0", "1"):
        sheet.complain(
            "no_opinion is {mark}. Write 1 for no opinion, 0 or nothing otherwise.", mark=repr(mark)
        )
    if mark != "1" or answer == NSP:
        return answer
    if answer != MISSING:
        sheet.complain("there is both a rating and no opinion. Keep one.")
    return NSP

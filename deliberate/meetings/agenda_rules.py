"""The agenda as a tree: numbers, sums, moves, and its form as CSV. Pure: no database, no web."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from deliberate.errors import N_, Invalid, Refusal, Refused
from deliberate.meetings.rules import LONGEST_ITEM_MINUTES, MOST_ITEMS, ItemKind

DEEPEST = 3
COLUMNS = ("level", "title_fr", "title_en", "kind", "minutes", "presenting", "question", "links")
LARGEST_FILE = 200_000  # characters


@dataclass(frozen=True)
class Node:
    """An item in its place. A list of nodes stands in reading order: a parent, then what is under it."""

    id: int
    parent_id: int | None
    planned: int
    title: str = ""


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    IN = "in"  # under the item before it
    OUT = "out"  # beside its parent, after it


def levels(nodes: Sequence[Node]) -> dict[int, int]:
    """1 for the items of the agenda itself."""
    found: dict[int, int] = {}
    for node in nodes:
        found[node.id] = found.get(node.parent_id, 0) + 1 if node.parent_id is not None else 1
    return found


def numbers(nodes: Sequence[Node]) -> dict[int, str]:
    """ "2.1" for the first item under the second."""
    found: dict[int, str] = {}
    counts: dict[int | None, int] = {}
    for node in nodes:
        counts[node.parent_id] = counts.get(node.parent_id, 0) + 1
        above = f"{found[node.parent_id]}." if node.parent_id in found else ""
        found[node.id] = f"{above}{counts[node.parent_id]}"
    return found


def numbers_by_level(levels: Iterable[int]) -> list[str]:
    """The same of items that have no place in a tree yet: 1, 2, 2 -> "1", "1.1", "1.2"."""
    found: list[str] = []
    counts: list[int] = []
    for level in levels:
        counts = [*counts[:level], *[0] * (level - len(counts))]
        counts[-1] += 1
        found.append(".".join(map(str, counts)))
    return found


def total_minutes(nodes: Iterable[Node]) -> int:
    """What is planned in all: a parent's minutes hold those of the items under it."""
    return sum(node.planned for node in nodes if node.parent_id is None)


def under(nodes: Sequence[Node], ident: int) -> list[Node]:
    """The item and everything under it, in order."""
    kept = {ident}
    for node in nodes:
        if node.parent_id in kept:
            kept.add(node.id)
    return [node for node in nodes if node.id in kept]


def check_tree(nodes: Sequence[Node]) -> None:
    """At most three levels, and what stands under an item lasts no longer than the item."""
    if max(levels(nodes).values(), default=1) > DEEPEST:
        raise Refused("An agenda has at most three levels.")
    for node in nodes:
        inside = sum(child.planned for child in nodes if child.parent_id == node.id)
        if inside > node.planned:
            raise Refused(
                "What stands under “{title}” takes {inside} minutes, and {planned} are planned for it. Plan "
                "more for it, or less under it.",
                title=node.title,
                inside=inside,
                planned=node.planned,
            )


def moved(nodes: Sequence[Node], ident: int, direction: Direction) -> list[Node]:
    """The agenda with one item, and what is under it, in its new place.

    Raises:
        Refused: there is no such place, or the tree would not stand.
    """
    node = next(each for each in nodes if each.id == ident)
    siblings = [each for each in nodes if each.parent_id == node.parent_id]
    at = siblings.index(node)
    if direction == Direction.IN:
        if at == 0:
            raise Refused("There is no item before this one to stand under.")
        above = siblings[at - 1]
        result = [replace(each, parent_id=above.id) if each.id == ident else each for each in nodes]
    elif direction == Direction.OUT:
        if node.parent_id is None:
            raise Refused("This item stands on the first level already.")
        result = beside_parent(nodes, node)
    else:
        to = at - 1 if direction == Direction.UP else at + 1
        if not 0 <= to < len(siblings):
            raise Refused("This item cannot move any further.")
        first, second = sorted((node, siblings[to]), key=nodes.index)
        block, other = under(nodes, first.id), under(nodes, second.id)
        start = nodes.index(first)
        result = [*nodes[:start], *other, *block, *nodes[start + len(block) + len(other) :]]
    check_tree(result)
    return result


def ways(nodes: Sequence[Node]) -> dict[int, list[Direction]]:
    """Where each item may be moved by one step, as far as places go; whether the minutes fit, moving says."""
    siblings: dict[int | None, list[int]] = {}
    for node in nodes:
        siblings.setdefault(node.parent_id, []).append(node.id)
    level, deepest = levels(nodes), dict[int, int]()
    for node in reversed(nodes):  # what is under an item comes before it here
        own = deepest.setdefault(node.id, level[node.id])
        if node.parent_id is not None:
            deepest[node.parent_id] = max(own, deepest.get(node.parent_id, 0))
    found: dict[int, list[Direction]] = {}
    for node in nodes:
        own_level = siblings[node.parent_id]
        places = {
            Direction.UP: node.id != own_level[0],
            Direction.DOWN: node.id != own_level[-1],
            Direction.IN: node.id != own_level[0] and deepest[node.id] < DEEPEST,
            Direction.OUT: node.parent_id is not None,
        }
        found[node.id] = [way for way, is_there in places.items() if is_there]
    return found


def beside_parent(nodes: Sequence[Node], node: Node) -> list[Node]:
    parent = next(each for each in nodes if each.id == node.parent_id)
    block = under(nodes, node.id)
    rest = [each for each in nodes if each not in block]
    end = rest.index(parent) + len(under(rest, parent.id))
    return [*rest[:end], replace(node, parent_id=parent.parent_id), *block[1:], *rest[end:]]


def moved_before(nodes: Sequence[Node], ident: int, target_id: int) -> list[Node]:
    """The same by hand: in front of another item, and on its level."""
    block = under(nodes, ident)
    target = next((each for each in nodes if each.id == target_id), None)
    if target is None or target in block:
        raise Refused("An item cannot stand in front of itself or of what is under it.")
    rest = [each for each in nodes if each not in block]
    at = rest.index(target)
    result = [*rest[:at], replace(block[0], parent_id=target.parent_id), *block[1:], *rest[at:]]
    check_tree(result)
    return result


def expected_end(now: datetime, ahead: Iterable[tuple[int, timedelta | None]]) -> datetime:
    """When the meeting will end if what is ahead takes what is planned.

    `ahead` holds, for each item that counts, the planned minutes and what is used of them (None: not begun).
    """
    left = (max(timedelta(minutes=planned) - (used or timedelta()), timedelta()) for planned, used in ahead)
    return now + sum(left, timedelta())


# An agenda on its way: from a file, another meeting, or the usual ones


@dataclass(frozen=True)
class Line:
    """An item without a place in the database."""

    level: int
    title: Mapping[str, str]
    kind: ItemKind = ItemKind.DISCUSSION
    minutes: int = 15
    presenting: int | None = None
    question: str = ""  # its code
    links: tuple[str, ...] = ()  # codes of statements and documents
    number: int = field(default=0, compare=False)  # of its line in a file


def usual(french: str, english: str, kind: ItemKind, minutes: int, level: int = 1) -> Line:
    return Line(level, {"fr": french, "en": english}, kind, minutes)


OPENING = (
    usual("Ouverture, présences et quorum", "Opening, attendance and quorum", ItemKind.INFORMATION, 5),
    usual("Liens d’intérêts", "Interests", ItemKind.INFORMATION, 5),
    usual("Approbation du compte rendu précédent", "Approval of the last minutes", ItemKind.DECISION, 5),
)
CLOSING = (usual("Questions diverses", "Any other business", ItemKind.DISCUSSION, 10),)
TEMPLATES: Mapping[str, tuple[str, tuple[Line, ...]]] = {
    "working": (
        N_("the usual working meeting"),
        (
            *OPENING,
            usual("Examen des questions", "The questions", ItemKind.DISCUSSION, 120),
            usual("Données disponibles", "The evidence", ItemKind.INFORMATION, 30, 2),
            usual("Discussion", "Discussion", ItemKind.DISCUSSION, 60, 2),
            usual("Votes", "Votes", ItemKind.DECISION, 30, 2),
            *CLOSING,
        ),
    ),
    "hearing": (
        N_("the usual hearing"),
        (
            usual("Accueil et liens d’intérêts", "Welcome and interests", ItemKind.INFORMATION, 5),
            usual("Exposé de la partie prenante", "Statement of the stakeholder", ItemKind.HEARING, 20),
            usual("Questions du groupe", "Questions of the group", ItemKind.HEARING, 30),
            usual("Délibération, hors présence", "Deliberation, in private", ItemKind.DISCUSSION, 20),
        ),
    ),
    "committee": (
        N_("the usual committee meeting"),
        (
            *OPENING,
            usual("Examen du relevé de consensus", "The consensus record", ItemKind.DISCUSSION, 60),
            usual("Vote sur l’adoption", "Vote on the adoption", ItemKind.DECISION, 15),
            *CLOSING,
        ),
    ),
}


def written(lines: Iterable[Line]) -> str:
    """The agenda as CSV, UTF-8, semicolons between columns: spreadsheets in French open it as it is."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        title = (line.title.get("fr", ""), line.title.get("en", ""))
        presenting = "" if line.presenting is None else line.presenting
        cells = [line.level, *title, line.kind.value, line.minutes, presenting, line.question]
        writer.writerow([guarded(str(cell)) for cell in [*cells, ", ".join(line.links)]])
    return out.getvalue()


def guarded(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula is given an apostrophe."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def read_lines(text: str) -> tuple[list[Line], list[tuple[int, Refusal]]]:
    """The items of a CSV, and (line, what is wrong with it). With one problem nothing should be imported."""
    text = text.lstrip("\ufeff")
    if len(text) > LARGEST_FILE:
        return [], [(1, Invalid("This file is too large for an agenda."))]
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in head else ",")
    missing = [name for name in ("level", "minutes") if name not in (rows.fieldnames or ())]
    if missing:
        wanted = ", ".join(COLUMNS)
        return [], [(1, Invalid("The first line names the columns: {columns}.", columns=wanted))]
    lines: list[Line] = []
    problems: list[tuple[int, Refusal]] = []
    above = 0
    for row in rows:
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        if not any(cells.values()):
            continue
        try:
            line = read_line(cells, above)
        except Refusal as refusal:
            problems.append((rows.line_num, refusal))
            continue
        lines.append(replace(line, number=rows.line_num))
        above = line.level
    if not lines and not problems:
        problems.append((1, Invalid("There is no item in this file.")))
    if len(lines) > MOST_ITEMS:
        problems.append((1, Refused("An agenda has at most {most} items.", most=MOST_ITEMS)))
    return lines, problems


def read_line(cells: Mapping[str, str], above: int) -> Line:
    """One row; `above` is the level of the one before."""
    level = whole(cells.get("level", ""), 1, DEEPEST, "level")
    if level > above + 1:
        raise Invalid("Level {level} needs an item of level {above} before it.", level=level, above=level - 1)
    title = {code: unguarded(cells.get(f"title_{code}", "")) for code in ("fr", "en")}
    if not any(title.values()) and not cells.get("question"):
        raise Invalid("Give a title, in one language at least.")
    if any(len(words) > 300 for words in title.values()):
        raise Invalid("This is too long: at most {max_length} characters.", max_length=300)
    kind = cells.get("kind") or ItemKind.DISCUSSION.value
    if kind not in set(ItemKind):
        raise Invalid("The kind is one of: {kinds}.", kinds=", ".join(ItemKind))
    minutes = whole(cells["minutes"], 1, LONGEST_ITEM_MINUTES, "minutes")
    presenting = cells.get("presenting", "")
    return Line(
        level,
        title,
        ItemKind(kind),
        minutes,
        whole(presenting, 0, minutes, "presenting") if presenting else None,
        cells.get("question", ""),
        tuple(split_codes(cells.get("links", ""))),
    )


def whole(text: str, least: int, most: int, column: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    message = N_("“{column}” is a whole number from {least} to {most}.")
    raise Invalid(message, column=column, least=least, most=most)


def unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def split_codes(text: str) -> list[str]:
    """ "I-1.1, L-2" -> ["I-1.1", "L-2"]."""
    return [code for part in text.replace(";", ",").split(",") if (code := part.strip())]

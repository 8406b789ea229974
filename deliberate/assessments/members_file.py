"""Reads a list of members from CSV, or says line by line what is wrong with it. Pure: text in, rows out.

The columns are name, email, role, group and language, in any order, under English or French headings; commas,
semicolons and tabs all separate, as spreadsheets of all countries write them.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from deliberate.assessments.rules import GroupKind, Role, check_seat
from deliberate.errors import N_, Invalid, Refusal
from deliberate.people.rules import clean_email, clean_name

MAX_ROWS = 1_000
COLUMNS = {
    "name": {"name", "nom", "nom et prénom"},
    "email": {"email", "e-mail", "mail", "courriel", "adresse", "adresse électronique"},
    "role": {"role", "rôle", "fonction"},
    "group": {"group", "groupe"},
    "language": {"language", "langue"},
}
NEEDED = {
    "name": N_("A column name is missing. The first line holds the headings."),
    "email": N_("A column email is missing. The first line holds the headings."),
    "role": N_("A column role is missing. The first line holds the headings."),
}
ROLES = {
    Role.SECRETARIAT: {"secretariat", "secrétariat"},
    Role.CHAIR: {"chair", "président", "présidente", "president"},
    Role.EXPERT: {"expert", "experte"},
    Role.MEMBER: {"member", "membre"},
    Role.STAKEHOLDER: {"stakeholder", "partie prenante"},
}
LANGUAGES = {"fr": "fr", "français": "fr", "french": "fr", "en": "en", "anglais": "en", "english": "en"}


@dataclass(frozen=True)
class MemberRow:
    line: int
    name: str
    email: str
    role: Role
    group: str | None
    language: str


@dataclass(frozen=True)
class RowProblem:
    """What is wrong in one line; `column` is its English heading."""

    line: int
    column: str
    refusal: Refusal


class MembersInvalid(Invalid):
    """Nobody was invited. `found` lists every problem by line."""

    def __init__(self, found: list[RowProblem]) -> None:
        super().__init__(
            N_("Nobody was invited. Places to correct in this list: {count}."),
            problems={f"line {problem.line}, {problem.column}": problem.refusal for problem in found},
            count=len(found),
        )
        self.found = found


def decode(content: bytes) -> str:
    """Spreadsheets write UTF-8 or, on Windows, its older Western code."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_members(text: str, groups: Mapping[str, GroupKind]) -> list[MemberRow]:
    """The rows; `groups` are those of the assessment by their code.

    Raises:
        MembersInvalid: with every problem of every line.
    """
    lines = list(lines_of(text))
    heading, *body = lines or [(1, [])]
    places = places_of(heading[1])
    found = [RowProblem(1, name, Refusal(told)) for name, told in NEEDED.items() if name not in places]
    if not found and not body:
        found.append(RowProblem(1, "name", Refusal("There is no line under the headings.")))
    if len(body) > MAX_ROWS:
        found.append(RowProblem(1, "name", Refusal("There are more than 1000 lines. Split the list.")))
    if found:
        raise MembersInvalid(found)
    rows: list[MemberRow] = []
    for line, cells in body:
        values = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
        problems: dict[str, Refusal] = {}
        row = read_row(line, values, groups, problems)
        before = next((known for known in rows if is_same(known, row)), None)
        if before is not None:
            problems["email"] = Refusal("This repeats line {line}. Keep one of the two.", line=before.line)
        found.extend(RowProblem(line, column, refusal) for column, refusal in problems.items())
        rows.append(row)
    if found:
        raise MembersInvalid(found)
    return rows


def lines_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, with their numbers in the file."""
    text = text.removeprefix("\ufeff")
    first = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    at = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield at, cells
            at = reader.line_num + 1
    except csv.Error:
        raise MembersInvalid([RowProblem(at, "name", Refusal("This line cannot be read as CSV."))]) from None


def places_of(heading: list[str]) -> dict[str, int]:
    named = {name: column for column, names in COLUMNS.items() for name in names}
    found = [(named.get(cell.strip().casefold()), at) for at, cell in enumerate(heading)]
    return {column: at for column, at in reversed(found) if column is not None}


def read_row(
    line: int, values: Mapping[str, str], groups: Mapping[str, GroupKind], problems: dict[str, Refusal]
) -> MemberRow:
    """The row. Whatever is wrong with it is added to `problems` by column, and the row then not used."""
    name = tried(clean_name, values["name"], problems)
    email = tried(clean_email, values["email"], problems)
    role = read_role(values["role"], problems)
    group = read_group(values.get("group", ""), groups, problems)
    if not problems.keys() & {"role", "group"}:
        tried(lambda code: check_seat(role, groups.get(code)), group or "", problems)
    language = LANGUAGES.get(values.get("language", "").casefold() or "fr")
    if language is None:
        problems["language"] = Refusal("Write fr or en, or nothing for fr.")
    return MemberRow(line, name, email, role, group, language or "fr")


def tried(read: Callable[[str], str | None], text: str, problems: dict[str, Refusal]) -> str:
    try:
        return read(text) or ""
    except Invalid as error:
        problems.update(error.problems)
        return ""


def read_role(text: str, problems: dict[str, Refusal]) -> Role:
    role = next((role for role, names in ROLES.items() if text.casefold() in names), None)
    if role is None:
        known = ", ".join(ROLES)
        problems["role"] = Refusal("This role is not known. Write one of these: {known}.", known=known)
    return role or Role.STAKEHOLDER


def read_group(text: str, groups: Mapping[str, GroupKind], problems: dict[str, Refusal]) -> str | None:
    code = next((code for code in groups if code.casefold() == text.casefold()), None)
    if text and code is None:
        known = ", ".join(groups)
        problems["group"] = Refusal("This group is not known. Write one of these: {known}.", known=known)
    return code


def is_same(one: MemberRow, other: MemberRow) -> bool:
    return bool(one.email) and (one.email, one.role, one.group) == (other.email, other.role, other.group)

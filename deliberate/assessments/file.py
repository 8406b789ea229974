"""Reads an assessment from its TOML file, or says all that is wrong with it. Pure: text in, values out.

The form is that of config/assessments/mesotherapy.toml; any subject fits in it. The models check each entry,
the `_check_*` functions what one entry says of another; all problems come at once, sorted by line.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from copy import deepcopy
from fractions import Fraction
from itertools import chain
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    Tag,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from deliberate.assessments.lines import Path, key_lines
from deliberate.assessments.problems import (
    TOO_DEEP,
    FileInvalid,
    Findings,
    Problem,
    explain,
    explain_syntax,
    nearest,
    value_at,
)
from deliberate.assessments.rules import GroupKind
from deliberate.consensus.accord import IDS
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import N_

__all__ = ["AssessmentFile", "FileInvalid", "Problem", "canonical", "read_assessment"]

MAX_BYTES = 2_000_000
MAX_DEPTH = 20  # of lists and tables in each other; the form itself needs seven


def _showable(text: str) -> str:
    if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
        raise PydanticCustomError("control_character", "control character")  # PostgreSQL refuses NUL
    return text


def _is_share(text: object) -> TypeGuard[str]:
    written = isinstance(text, str) and re.fullmatch(r"[0-9]{1,4}/[1-9][0-9]{0,3}", text)
    return bool(written and 0 < Fraction(written[0]) <= 1)


def _share(text: str) -> str:
    if not _is_share(text):
        raise PydanticCustomError("share", "not a share")
    return text


Prose = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000), AfterValidator(_showable)
]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_showable)
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", max_length=40)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Reference = Annotated[
    str, StringConstraints(max_length=40)
]  # the code of another entry, see _check_references
Share = Annotated[str, AfterValidator(_share)]
References = Annotated[
    Annotated[Literal["all"], Tag("all")]
    | Annotated[tuple[Reference, ...], Field(max_length=2000), Tag("codes")],
    Discriminator(lambda given: "all" if isinstance(given, str) else "codes"),
]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """One text in both languages."""

    fr: Prose
    en: Prose


class Title(Part):
    """A text of a line or two, in both languages."""

    fr: Line
    en: Line


class RiskKindFile(Part):
    code: Code
    name: Title


class GroupFile(Part):
    """A committee has seats and a quorum; other groups may."""

    code: Code
    name: Title
    kind: GroupKind
    seats: Annotated[int, Strict(), Field(ge=1, le=1000)] | None = None
    quorum_share: Share | None = None


class StatementFile(Part):
    code: Code
    text: Text


class QuestionFile(Part):
    """`group` examines it. `kind` is left out of a question of context, which bears on every kind of risk."""

    code: Code
    group: Reference
    kind: Reference | None = None
    title: Title
    text: Text
    hazard: Title
    statements: Annotated[tuple[StatementFile, ...], Field(max_length=200)] = ()


class EvidenceFile(Part):
    """`level` is the HAS grade of evidence, left out where grading means nothing."""

    code: Code
    kind: Literal["literature", "agency_data", "survey", "expert_opinion", "hearing"]
    title: Title
    description: Text
    source: Title
    questions: References
    level: Literal["A", "B", "C", "AE"] | None = None


class ThemeFile(Part):
    code: Code
    title: Title
    text: Text


class ReportingFile(Part):
    """One item of the reporting checklist; `not_applicable`: the text is the reason."""

    code: Code  # consensus.accord.IDS
    text: Text
    not_applicable: Annotated[bool, Strict()] = False


class AssessmentFile(Part):
    """`language` is that of the original texts; the others are their translation."""

    format: Literal[1]
    slug: Slug
    language: Literal["fr", "en"] = "fr"
    title: Title
    aim: Text
    requester: Title
    context: Text
    protocol: dict[str, Any]  # as written; deliberate.consensus.protocol fills in the defaults
    risk_kinds: Annotated[tuple[RiskKindFile, ...], Field(max_length=50)]
    groups: Annotated[tuple[GroupFile, ...], Field(max_length=50)]
    questions: Annotated[tuple[QuestionFile, ...], Field(max_length=2000)]
    evidence: Annotated[tuple[EvidenceFile, ...], Field(max_length=10_000)] = ()
    hearing_themes: Annotated[tuple[ThemeFile, ...], Field(max_length=200)] = ()
    reporting: Annotated[tuple[ReportingFile, ...], Field(max_length=len(IDS))] = ()


ENTRIES: dict[str, type[Part]] = {
    "risk_kinds": RiskKindFile,
    "groups": GroupFile,
    "questions": QuestionFile,
    "statements": StatementFile,
    "evidence": EvidenceFile,
    "hearing_themes": ThemeFile,
    "reporting": ReportingFile,
}


def read_assessment(text: str) -> AssessmentFile:
    """The assessment that `text` describes, or FileInvalid with all its problems."""
    text = text.removeprefix("\ufeff")  # some editors begin a file with this mark
    data = _parse(text)
    findings = Findings(data, key_lines(text))
    file = _build(data, findings)
    for check in CHECKS:
        check(data, findings)
    if file is None or findings.problems:
        raise FileInvalid(findings.by_line())
    return file


def canonical(file: AssessmentFile) -> bytes:
    """Equal bytes for equal content, however the file is laid out: would loading it again change anything?

    A file without a checklist has the bytes it had before there was one.
    """
    content = file.model_dump(mode="json", exclude=None if file.reporting else {"reporting"})
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(text: str) -> dict[str, Any]:
    if (size := len(text.encode(errors="surrogatepass"))) > MAX_BYTES:
        message = N_(
            "The file has {size} bytes, and at most {limit} are read. Move long documents to the dossier."
        )
        raise FileInvalid([Problem("", None, message, {"size": size, "limit": MAX_BYTES})])
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise FileInvalid([Problem("", None, TOO_DEEP)]) from None
    except ValueError as error:  # of TOML, or of a number with thousands of digits
        raise FileInvalid([explain_syntax(str(error), text)]) from error
    if _depth(data) > MAX_DEPTH:
        raise FileInvalid([Problem("", None, TOO_DEEP)])
    return data


def _depth(data: dict[str, Any]) -> int:
    """Counted level by level, for a dotted key may be deeper than a function can call itself."""
    depth = 0
    level: list[Any] = [data]
    while level:
        depth += 1
        parts = chain.from_iterable(value.values() if isinstance(value, dict) else value for value in level)
        level = [part for part in parts if isinstance(part, dict | list)]
    return depth


def _build(data: dict[str, Any], findings: Findings) -> AssessmentFile | None:
    try:
        return AssessmentFile.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            path = _path_in(data, details["loc"])
            if details["type"] == "extra_forbidden":
                _add_unknown_key(path, findings)
            else:
                msgid, params = explain(path, details)
                findings.add(path, msgid, **params)
        return None


def _path_in(data: dict[str, Any], loc: Path) -> Path:
    """`loc` without the tags pydantic adds where a value may have two types."""
    path: Path = ()
    for part in loc:
        if isinstance(part, int) or isinstance(value_at(data, path), dict):
            path += (part,)
    return path


def _add_unknown_key(path: Path, findings: Findings) -> None:
    key, tables = str(path[-1]), [part for part in path[:-1] if isinstance(part, str)]
    if tables and tables[-1] not in ENTRIES:
        message = N_("{key} is not a language used here. Texts are in French (fr) and English (en).")
        return findings.add(path, message, key=key)
    known = (ENTRIES[tables[-1]] if tables else AssessmentFile).model_fields
    if near := nearest(key, known):
        findings.add(path, N_("There is no key {key} here. Did you mean {nearest}?"), key=key, nearest=near)
    else:
        message = N_("There is no key {key} here. Remove it, or use one of these: {known}.")
        findings.add(path, message, key=key, known=", ".join(known))


def _check_codes(data: dict[str, Any], findings: Findings) -> None:
    message = N_("The code {code} is already used in line {line}, {where}. Give each its own.")
    for kind in ENTRIES:
        taken: dict[str, Path] = {}
        for path, entry in _entries(data, kind):
            code = entry.get("code")
            if not isinstance(code, str):
                continue
            if first := taken.get(code):
                line, where = findings.line((*first, "code")), findings.where(first)
                findings.add((*path, "code"), message, code=code, line=line, where=where)
            taken.setdefault(code, path)


def _check_references(data: dict[str, Any], findings: Findings) -> None:
    groups, risk_kinds, questions = (_coded(data, kind) for kind in ("groups", "risk_kinds", "questions"))
    for path, question in _entries(data, "questions"):
        _check_reference((*path, "group"), question.get("group"), groups, findings)
        _check_reference((*path, "kind"), question.get("kind"), risk_kinds, findings)
        code = question.get("group")
        if isinstance(code, str) and groups.get(code, {}).get("kind") == GroupKind.COMMITTEE:
            message = N_("{code} is not a working group. Name the working group that examines this question.")
            findings.add((*path, "group"), message, code=code)
    for path, entry in _entries(data, "evidence"):
        codes = entry.get("questions")
        for index, code in enumerate(codes if isinstance(codes, list) else []):
            _check_reference((*path, "questions", index), code, questions, findings)


def _check_reference(path: Path, code: object, defined: Collection[str], findings: Findings) -> None:
    """Silent where others speak: of a code that is no text, of a list that defines nothing."""
    if not isinstance(code, str) or not defined or code in defined:
        return
    if near := nearest(code, defined):
        message = N_("{code} is not defined in this file. Did you mean {nearest}?")
        findings.add(path, message, code=code, nearest=near)
    else:
        message = N_("{code} is not defined in this file. Choose one of these: {known}.")
        findings.add(path, message, code=code, known=", ".join(list(defined)[:20]))


def _check_numbers(data: dict[str, Any], findings: Findings) -> None:
    """Not left to the models: pydantic counts valid entries only, and calls a list of bad ones empty."""
    lists: list[Path] = [("risk_kinds",), ("groups",), ("questions",)]
    for path in [*lists, *((*path, "questions") for path, _ in _entries(data, "evidence"))]:
        if value_at(data, path) == []:
            findings.add(path, N_("{key} is empty. Give at least one."), key=path[-1])
    message = N_("A question needs at least two statements to rate, and this one has {count}. Add to them.")
    for path, question in _entries(data, "questions"):
        statements = question.get("statements", [])
        if isinstance(statements, list) and len(statements) < 2:
            findings.add((*path, "statements"), message, count=len(statements))


def _check_committee(data: dict[str, Any], findings: Findings) -> None:
    kinds = [group.get("kind") for _, group in _entries(data, "groups")]
    if kinds and set(map(str, kinds)) <= set(GroupKind) - {GroupKind.COMMITTEE}:  # a misspelt kind may be one
        message = N_(
            'No group will adopt the record. Add one with kind = "committee", seats and quorum_share.'
        )
        findings.add(("groups",), message)
    committees = list(_committees(data))
    for path, _ in committees[1:]:
        message = N_("This is a second committee, and only one adopts the record. Keep one.")
        findings.add((*path, "kind"), message)
    for path, committee in committees:
        for key in ("seats", "quorum_share"):
            if key not in committee:
                message = N_("The committee votes under quorum and needs {key}. Add it.")
                findings.add((*path, key), message, key=key)


def _check_reporting(data: dict[str, Any], findings: Findings) -> None:
    message = N_("{code} is no item of the reporting checklist. Its items are {known}.")
    for path, entry in _entries(data, "reporting"):
        code = entry.get("code")
        if isinstance(code, str) and code not in IDS:
            findings.add((*path, "code"), message, code=code, known=", ".join(IDS))


def _check_protocol(data: dict[str, Any], findings: Findings) -> None:
    """Its reader tells one fault at a time: what it names is taken out, and the rest read again."""
    protocol = deepcopy(data.get("protocol"))
    while isinstance(protocol, dict):
        try:
            return _check_quorum(data, read_protocol(protocol).committee.quorum_share, findings)
        except ValueError as error:
            key, _, reason = str(error).partition(": ")
            path = tuple(key.split("."))
            message = N_("The protocol cannot be read here: {reason} Correct it.")
            findings.add(("protocol", *path), message, reason=reason)
            table = value_at(protocol, path[:-1])
            if not isinstance(table, dict) or table.pop(path[-1], None) is None:
                return


def _check_quorum(data: dict[str, Any], share: Fraction, findings: Findings) -> None:
    """The protocol may repeat the committee's quorum, and must then say the same."""
    path = ("protocol", "committee", "quorum_share")
    if value_at(data, path) is None:
        return
    for _, committee in _committees(data):
        other = committee.get("quorum_share")
        if _is_share(other) and Fraction(other) != share:
            message = N_("The quorum is {share} here but {other} in the committee. Make them the same.")
            findings.add(path, message, share=str(share), other=other)


def _entries(data: dict[str, Any], kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Those entries of a kind that are tables, with their paths; nothing else is certain of `data` yet."""
    above: Iterable[tuple[Path, dict[str, Any]]] = [((), data)]
    if kind == "statements":
        above = _entries(data, "questions")
    for path, table in above:
        entries = table.get(kind)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict):
                yield (*path, kind, index), entry


def _committees(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    return (found for found in _entries(data, "groups") if found[1].get("kind") == GroupKind.COMMITTEE)


def _coded(data: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {entry["code"]: entry for _, entry in _entries(data, kind) if isinstance(entry.get("code"), str)}


CHECKS = (
    _check_codes,
    _check_references,
    _check_numbers,
    _check_committee,
    _check_reporting,
    _check_protocol,
)

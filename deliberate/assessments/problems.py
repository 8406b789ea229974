"""What can be wrong with an assessment file, where, and in which words. Pure; file.py finds, this tells."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from deliberate.assessments.lines import Path
from deliberate.errors import N_, Invalid, Refusal


@dataclass(frozen=True)
class Problem:
    """One thing to correct: `msgid` is the sentence as a gettext id, `params` fill its places."""

    where: str
    line: int | None
    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.msgid.format_map(self.params)


class FileInvalid(Invalid):
    """The file cannot be loaded. `found` lists every problem by line; `problems` has one for each place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            N_("Nothing was loaded. Places to correct in this file: {count}."),
            problems={problem.where: Refusal(problem.msgid, **problem.params) for problem in problems},
            count=len(problems),
        )
        self.found = problems


class Findings:
    """Collects problems and knows where each place stands in the file."""

    def __init__(self, data: dict[str, Any], lines: Mapping[Path, int]) -> None:
        self.problems: list[Problem] = []
        self._data = data
        self._lines = lines

    def add(self, path: Path, msgid: str, **params: Any) -> None:
        self.problems.append(Problem(self.where(path), self.line(path), msgid, params))

    def by_line(self) -> list[Problem]:
        return sorted(self.problems, key=lambda problem: (problem.line or 0, problem.where))

    def line(self, path: Path) -> int | None:
        """The line of `path`, or of the nearest place around it that is written down."""
        return next((self._lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._lines), None)

    def where(self, path: Path) -> str:
        """`questions[3] (I-4).statements[0].text.en`: an entry of the file is named by its code, too."""
        words = ""
        for depth, part in enumerate(path):
            words += f"[{part}]" if isinstance(part, int) else f".{part}" if words else part
            if depth == 1 and isinstance(part, int):
                words += self._code_in_brackets(path[:2])
        return words

    def _code_in_brackets(self, path: Path) -> str:
        entry = value_at(self._data, path)
        return f" ({entry['code']})" if isinstance(entry, dict) and isinstance(entry.get("code"), str) else ""


def value_at(data: Any, path: Path) -> Any:
    """What stands at `path`, or None."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def nearest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(known), n=1)), None)


def shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


TOO_DEEP = N_("Lists or tables are nested too deeply to be read. Nest them less.")

# What the TOML parser says, by its beginning, in words for somebody who does not know TOML.
SYNTAX = {
    r"Cannot (overwrite|mutate|redefine|declare)|Duplicate": N_(
        "This key or table is given a second time. Keep one of the two."
    ),
    r"Unterminated string|Illegal character '\\n'|Expected (\"'|'\"\"\"')": N_(
        "A text is not closed. End it with the same quotation marks it began with."
    ),
    r"Unescaped": N_("A backslash stands alone in this text. Write it twice, or leave it out."),
    r"Expected '='": N_("A key needs an equals sign and a value after it. Complete this line."),
    r"Expected newline": N_(
        "Something follows the value. Give each key its own line; put \\ before quotation marks in texts."
    ),
    r"Invalid value": N_("This value cannot be read. Put texts in quotation marks."),
    r"Unclosed|Expected '\]": N_("A bracket or brace is not closed. Close it."),
}


def explain_syntax(told: str, text: str) -> Problem:
    """The problem behind a message such as `Invalid value (at line 3, column 9)`."""
    detail, _, place = told.partition(" (at ")
    spot = re.match(r"line (\d+), column (\d+)", place)
    line = int(spot[1]) if spot else len(text.rstrip().splitlines()) if place else None
    where = f"column {spot[2]}" if spot else ""
    for beginning, msgid in SYNTAX.items():
        if re.match(beginning, detail):
            return Problem(where, line, msgid)
    return Problem(where, line, N_("This is not valid TOML: {detail}. Correct it."), {"detail": detail})


# Keyed by the type of pydantic's error, where needed with the key it concerns.
SENTENCES = {
    "missing": N_("The key {key} is missing. Add it."),
    "missing fr": N_("The French text is missing. Add it under the key fr."),
    "missing en": N_("The English text is missing. Add it under the key en."),
    "string_type": N_("A text in quotation marks belongs here, not {found}."),
    "string_too_short": N_("This text is empty. Write it."),
    "string_too_long": N_("This text is longer than {max_length} characters. Shorten it."),
    "string_pattern_mismatch": N_(
        "The code {found} cannot be used. Write letters and digits, with single hyphens or points between."
    ),
    "string_pattern_mismatch slug": N_(
        "The slug {found} cannot stand in an address. Use small letters, digits and single hyphens."
    ),
    "control_character": N_("This text contains a control character that cannot be shown. Remove it."),
    "share": N_('A quorum share is above 0 and at most 1, written like "1/2", not {found}. Correct it.'),
    "literal_error": N_("{found} is not known here. Choose {expected}."),
    "enum": N_("{found} is not known here. Choose {expected}."),
    "literal_error format": N_("Format {found} is unknown. This program reads format = 1."),
    "int_type": N_("A whole number without quotation marks belongs here, not {found}."),
    "greater_than_equal": N_("{found} is too small. Give at least {ge}."),
    "less_than_equal": N_("{found} is too large. Give at most {le}."),
    "too_long": N_("There are more than {max_length} entries here. Leave some out."),
    "tuple_type": N_("A list belongs here, not {found}. Write each entry under its own header [[{header}]]."),
    "tuple_type evidence.questions": N_('A list of question codes or "all" belongs here, not {found}.'),
    "model_type": N_(
        'Write this text in both languages, {key}.fr = "..." and {key}.en = "...", not {found}.'
    ),
    "model_type entry": N_("An entry with keys and values belongs here, not {found}."),
    "dict_type": N_("A table of keys and values belongs here, not {found}."),
    "other": N_("This value does not fit: {detail}."),
}


def explain(path: Path, details: ErrorDetails) -> tuple[str, dict[str, Any]]:
    """Sentence and parameters for one of pydantic's errors."""
    header = ".".join(part for part in path if isinstance(part, str))
    key = "entry" if isinstance(path[-1], int) else path[-1]
    names = (f"{details['type']} {header}", f"{details['type']} {key}", details["type"], "other")
    msgid = next(SENTENCES[name] for name in names if name in SENTENCES)
    params = {"key": key, "header": header, "found": shown(details["input"]), "detail": details["msg"]}
    params |= details.get("ctx", {})
    return msgid, {name: value for name, value in params.items() if f"{{{name}}}" in msgid}

"""Finds the line at which each key of a TOML text stands. Pure; for a text that the parser has accepted."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]

TOKEN = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\')'
    r"|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{},=.])|(?P<word>[^\s\[\]{},=.\#\"']+)",
    re.DOTALL,
)


class Token(NamedTuple):
    text: str
    line: int


def key_lines(text: str) -> dict[Path, int]:
    """The line of every table, key and list entry, from 1: `("questions", 3, "text", "en")` to 214."""
    scanner = _Scanner(text)
    scanner.read_statements()
    return scanner.lines


def _tokens(text: str) -> Iterator[Token]:
    line, seen = 1, 0
    for found in TOKEN.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        if found.lastgroup != "comment":
            yield Token(found.group(), line)


class _Scanner:
    """Walks through tables, keys and values; of the values it needs to know only where they end."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._tokens = [*_tokens(text), Token("", 0)]  # the empty one stands for the end of the text
        self._at = 0
        self._lengths: Counter[Path] = Counter()  # of the [[lists of tables]] so far

    def read_statements(self) -> None:
        table: Path = ()
        while self._next.text:
            if self._next.text == "\n":
                self._take()
            elif self._next.text == "[":
                table = self._read_header()
            else:
                self._read_pair(table)
                self._skip_to("\n")

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip_to(self, *ends: str) -> None:
        while self._next.text and self._next.text not in ends:
            self._take()

    def _read_header(self) -> Path:
        line = self._take().line
        is_list = self._next.text == "["
        if is_list:
            self._take()
        *above, last = self._read_key()
        path: Path = ()
        for part in above:
            path += (part,)
            if path in self._lengths:
                path += (self._lengths[path] - 1,)
        path += (last,)
        if is_list:
            self._mark(path, line)
            self._lengths[path] += 1
            path += (self._lengths[path] - 1,)
        self._mark(path, line)
        self._skip_to("\n")
        return path

    def _read_key(self) -> tuple[str, ...]:
        parts = [self._read_part()]
        while self._next.text == ".":
            self._take()
            parts.append(self._read_part())
        return tuple(parts)

    def _read_part(self) -> str:
        text = self._take().text
        return str(tomllib.loads(f"key = {text}")["key"]) if text[0] in "\"'" else text

    def _read_pair(self, table: Path) -> None:
        line = self._next.line
        path = table + self._read_key()
        self._mark(path, line)
        self._take()  # the equals sign
        self._read_value(path)

    def _read_value(self, path: Path) -> None:
        if self._next.text == "[":
            self._read_list(path)
        elif self._next.text == "{":
            self._read_inline_table(path)
        else:
            self._skip_to(",", "]", "}", "\n")  # a number or a time is several tokens

    def _read_list(self, path: Path) -> None:
        self._take()
        index = 0
        while self._next.text not in ("]", ""):
            if self._next.text in (",", "\n"):
                index += self._take().text == ","
            else:
                self._mark((*path, index), self._next.line)
                self._read_value((*path, index))
        self._take()

    def _read_inline_table(self, path: Path) -> None:
        self._take()
        while self._next.text not in ("}", ""):
            if self._next.text in (",", "\n"):
                self._take()
            else:
                self._read_pair(path)
        self._take()

    def _mark(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

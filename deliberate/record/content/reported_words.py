"""Small things that the sentences on ACCORD items are made of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deliberate.web.i18n import _, clock, day, t

Content = Mapping[str, Any]
Told = Mapping[str, Any]


def lines(said: Iterable[str]) -> str:
    return "\n".join(line for line in said if line)


def counted(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{word} ({count})" for word, count in pairs)


def ratings(content: Content) -> list[Told]:
    """Those that count: a repeated one is left to the table of votes."""
    return [vote for vote in content["votes"] if vote["kind"] == "rating" and not vote["repeated_by"]]


def all_statements(content: Content) -> list[Told]:
    return [statement for question in content["questions"] for statement in question["statements"]]


def group_name(content: Content, code: str | None) -> str:
    return next((t(group["name"]) for group in content["groups"] if group["code"] == code), code or "–")


def at(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def span(opened: str, closed: str | None) -> str:
    """The hours of one day, or from one day to another."""
    start, end = at(opened), at(closed) if closed else None
    if end is None:
        return _("since {start}").format(start=day(start))
    if day(start) == day(end):
        words = _("{day}, {start} to {end}")
        return words.format(day=day(start), start=clock(start), end=clock(end))
    return _("{start} to {end}").format(start=day(start), end=day(end))

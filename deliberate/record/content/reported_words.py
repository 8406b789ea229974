"""Small things that the sentences on ACCORD items are made of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deliberate.web.i18n import _, day, t

Content = Mapping[str, Any]
Told = Mapping[str, Any]


def lines(said: Iterable[str]) -> str:
    return "\n".join(line for line in said if line)


def sentence(parts: list[str]) -> str:
    return f"{'; '.join(parts)}." if parts else ""


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
    """One day, or from one to another."""
    first, last = day(at(opened)), day(at(closed)) if closed else ""
    if not last:
        return _("since {start}").format(start=first)
    return first if first == last else _("{start} to {end}").format(start=first, end=last)

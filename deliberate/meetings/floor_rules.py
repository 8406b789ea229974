"""Who speaks next, for how long, and how much each has spoken. Pure: no database, no web."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deliberate.errors import Refused

LONGEST_SPEECH_SECONDS = 60 * 60
MORE_SECONDS = 60  # what the chair adds to a countdown at once


class FloorKind(StrEnum):
    CONTRIBUTION = "contribution"
    POINT_OF_ORDER = "point_of_order"
    REPLY = "reply"


class FloorOrder(StrEnum):
    """Which of those who wait comes first, chosen by the chair and shown to everybody."""

    LEAST = "least"  # who has spoken least in this meeting; among equals who asked first
    ASKED = "asked"  # who asked first


@dataclass(frozen=True)
class Stretch:
    """A stretch of speaking, in `item` if one was open; no end while it lasts."""

    person_id: int
    item_id: int | None
    began_at: datetime
    ended_at: datetime | None = None

    def seconds(self, now: datetime) -> int:
        return max(0, round(((self.ended_at or now) - self.began_at).total_seconds()))


@dataclass(frozen=True)
class Waiting:
    """One who waits for the floor. `replies_to`: the speech that is replied to."""

    id: int
    person_id: int
    kind: str
    asked_at: datetime
    replies_to: int | None = None


def queue(
    waiting: Iterable[Waiting], spoken: Mapping[int, int], order: str, last_speech: int | None
) -> list[Waiting]:
    """Those who wait, the next one first: points of order, replies to the last speech, then by `order`.

    `spoken` is the seconds each has spoken in this meeting; `last_speech` the speech that is under way or
    ended last. A reply that comes later than that is a contribution among others: its moment has passed.
    """

    def key(one: Waiting) -> tuple[int, int, datetime, int]:
        if one.kind == FloorKind.POINT_OF_ORDER:
            return 0, 0, one.asked_at, one.id
        if one.kind == FloorKind.REPLY and one.replies_to == last_speech:
            return 1, 0, one.asked_at, one.id
        spent = spoken.get(one.person_id, 0) if order == FloorOrder.LEAST else 0
        return 2, spent, one.asked_at, one.id

    return sorted(waiting, key=key)


def totals_per_person(stretches: Iterable[Stretch], now: datetime) -> dict[int, int]:
    """Seconds spoken, by person."""
    found: dict[int, int] = {}
    for each in stretches:
        found[each.person_id] = found.get(each.person_id, 0) + each.seconds(now)
    return found


def totals_per_item(stretches: Iterable[Stretch], now: datetime) -> dict[int | None, dict[int, int]]:
    """Seconds spoken, by item and person; None holds what was said between items."""
    found: dict[int | None, dict[int, int]] = {}
    for each in stretches:
        spoken = found.setdefault(each.item_id, {})
        spoken[each.person_id] = spoken.get(each.person_id, 0) + each.seconds(now)
    return found


def end_of_countdown(now: datetime, seconds: int | None) -> datetime | None:
    """The moment at which a speech of so many seconds ends; none without a limit."""
    return now + timedelta(seconds=seconds) if seconds else None


def left_of_countdown(ends_at: datetime | None, now: datetime) -> int | None:
    """Whole seconds that remain, below zero once it has run out."""
    return round((ends_at - now).total_seconds()) if ends_at else None


# What is refused


def check_asks(kind: str, waits: bool, speaks: bool, last_speech: int | None) -> None:
    """One raised hand each, and nobody replies to nothing."""
    if waits:
        raise Refused("You are on the list already. Take your request back to make another one.")
    if kind == FloorKind.REPLY and last_speech is None:
        raise Refused("Nobody has spoken yet: there is nothing to reply to.")
    if speaks:
        raise Refused("You have the floor.")


def check_expected(expected: int, found: int | None, name: str | None) -> None:
    """The chair acts on the speech that the own screen showed; another chair may have been quicker.

    `expected` is 0 for nobody speaking.
    """
    if expected == (found or 0):
        return
    if found is None:
        raise Refused("That speech has ended meanwhile. Nothing was changed; look at the list again.")
    raise Refused(
        "{name} has been given the floor meanwhile. Nothing was changed; look at the list again.", name=name
    )


def check_waits(began_at: datetime | None, withdrawn_at: datetime | None) -> None:
    if withdrawn_at is not None:
        raise Refused("This request was taken back meanwhile.")
    if began_at is not None:
        raise Refused("This person has been given the floor meanwhile.")


def check_pauses(paused: bool, wanted: bool) -> None:
    if paused and wanted:
        raise Refused("The speech is paused already.")
    if not paused and not wanted:
        raise Refused("The speech goes on already.")


def shares(totals: Mapping[int, int], names: Mapping[int, str]) -> Sequence[tuple[str, int]]:
    """(name, seconds), who spoke most first; among equals by name."""
    rows = [(names.get(person_id, ""), seconds) for person_id, seconds in totals.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))

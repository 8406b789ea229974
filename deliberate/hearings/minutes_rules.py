"""How the minutes of a hearing come to be locked: who writes and sees them, how they are corrected. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from deliberate.errors import N_, Refused
from deliberate.hearings.rules import HearingState, Seat, check_step

S = HearingState


class Verdict(StrEnum):
    """What became of a correction."""

    TAKEN_UP = "taken_up"
    IN_PART = "in_part"
    NOT_TAKEN_UP = "not_taken_up"


VERDICT_WORDS = {
    Verdict.TAKEN_UP: N_("taken up"),
    Verdict.IN_PART: N_("taken up in part"),
    Verdict.NOT_TAKEN_UP: N_("not taken up"),
}


CHANGES = frozenset({Verdict.TAKEN_UP, Verdict.IN_PART})  # the minutes then differ from those sent


def end_of_correction(sent_at: datetime, days: int) -> datetime:
    return sent_at + timedelta(days=days)


def check_writes_minutes(state: HearingState) -> None:
    """Not while the organisation reads them, and never once they are accepted or locked."""
    if state is S.MINUTES_SENT:
        raise Refused(
            "The organisation is reading these minutes. They can be changed to answer a correction."
        )
    if state not in (S.HELD, S.CORRECTED):
        raise Refused("Minutes are written after the hearing, and until they are accepted or locked.")


def sees_minutes(seat: Seat, state: HearingState) -> bool:
    """The secretariat always; the organisation once they are sent; the working groups once they are
    locked.
    """
    is_sent = state in (S.MINUTES_SENT, S.CORRECTED, S.DEEMED_ACCEPTED, S.LOCKED)
    return seat.secretariat or (seat.speaks and is_sent) or (seat.hears and state is S.LOCKED)


def check_basis(based_on: int, version: int) -> None:
    """Nobody writes over what somebody else has stored in between."""
    if based_on != version:
        raise Refused(
            "Somebody stored version {version} of these minutes while you were writing. Your text is still "
            "here: compare it with theirs, then store it again.",
            version=version,
        )


def check_sends(version: int) -> None:
    if version == 0:
        raise Refused("There are no minutes to send yet. Write them first.")


def check_corrects(state: HearingState, correct_until: datetime | None, now: datetime) -> None:
    if correct_until is not None and now >= correct_until:
        raise Refused("The time for corrections ended on {at}.", at=correct_until)
    if state is not S.CORRECTED:
        check_step(state, S.CORRECTED)


@dataclass(frozen=True)
class Point:
    """One correction, as far as locking the minutes depends on it."""

    verdict: Verdict | None
    more_follows: bool


class Answered(Protocol):
    """A stored correction."""

    verdict: str
    more_follows: bool


def points_of(corrections: Sequence[Answered]) -> list[Point]:
    return [Point(Verdict(row.verdict) if row.verdict else None, row.more_follows) for row in corrections]


def check_locks(
    state: HearingState, points: Sequence[Point], *, window_over: bool, changed_since_sent: bool
) -> None:
    """`points` in the order in which they came.

    Raises:
        Refused: a correction waits for its answer, another is announced, or one was taken up and the minutes
            are as they were.
    """
    check_step(state, S.LOCKED)
    if any(point.verdict is None for point in points):
        raise Refused("A correction is not answered yet. Answer it first.")
    if points and points[-1].more_follows and not window_over:
        raise Refused(
            "The organisation announced further corrections. Lock the minutes when its time is over."
        )
    if not changed_since_sent and any(point.verdict in CHANGES for point in points):
        raise Refused(
            "A correction was taken up, and the minutes are still as they were sent. Correct them first."
        )

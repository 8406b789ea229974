"""The life of a rating round, who rates in it, and what its ratings make of each statement. Pure.

METHODS.md 2.0, 4 and 10. A transition that is not listed here is refused.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from deliberate.consensus.protocol import Protocol
from deliberate.consensus.stability import Step, next_step
from deliberate.consensus.verdicts import Settlement
from deliberate.errors import N_, Invalid, Refused

LONGEST_REASON = 2_000
LONGEST_ROUND = timedelta(days=366)


class RoundState(StrEnum):
    PREPARED = "prepared"
    OPEN = "open"  # extended or not: an extension is a row of its own
    CLOSED = "closed"
    ANALYSED = "analysed"
    FED_BACK = "fed_back"


NEXT: Mapping[RoundState, frozenset[RoundState]] = {
    RoundState.PREPARED: frozenset({RoundState.OPEN}),
    RoundState.OPEN: frozenset({RoundState.CLOSED}),
    RoundState.CLOSED: frozenset({RoundState.ANALYSED}),
    RoundState.ANALYSED: frozenset({RoundState.FED_BACK}),
    RoundState.FED_BACK: frozenset(),
}
CANNOT = {
    RoundState.PREPARED: N_("This round is prepared and not open yet. Open it first."),
    RoundState.OPEN: N_("This round is open. Close it first, or wait for its deadline."),
    RoundState.CLOSED: N_("This round is closed and is never opened again. Prepare the next one."),
    RoundState.ANALYSED: N_("This round is analysed and its results stand."),
    RoundState.FED_BACK: N_("This round is over: the raters have their feedback sheets."),
}


class Decision(StrEnum):
    """What the stop rule makes of a statement after one of its rounds."""

    SETTLED_IN = "settled_in"
    SETTLED_OUT = "settled_out"
    TO_DISCUSS = "to_discuss"  # rated again
    STABLE_DISSENT = "stable_dissent"  # closed: stable without consensus
    NOT_STABLE = "closed_not_stable"  # closed: no round is left


STATE_WORDS = {
    RoundState.PREPARED: N_("prepared"),
    RoundState.OPEN: N_("open"),
    RoundState.CLOSED: N_("closed, to be analysed"),
    RoundState.ANALYSED: N_("analysed"),
    RoundState.FED_BACK: N_("over, sheets are out"),
}
DECISION_WORDS = {
    Decision.SETTLED_IN: N_("settled, retained"),
    Decision.SETTLED_OUT: N_("settled, not retained"),
    Decision.TO_DISCUSS: N_("to be discussed and rated again"),
    Decision.STABLE_DISSENT: N_("closed: stable dissent"),
    Decision.NOT_STABLE: N_("closed, not stable"),
}


def check_step(state: str, wanted: RoundState) -> None:
    if wanted not in NEXT[RoundState(state)]:
        raise Refused(CANNOT[RoundState(state)])


def check_preparable(state: str | None) -> None:
    """`state`: of the group's round that is not over yet. One that only waits may be prepared anew."""
    if state not in (None, RoundState.PREPARED):
        raise Refused(
            "The round before is not over yet: close it, and analyse it. Then prepare the next one."
        )


def check_chosen(chosen: Collection[int], offered: Collection[int], group_id: int) -> None:
    name = f"statement_{group_id}"  # as the form of this group calls it
    if not chosen:
        raise _wrong(name, "Choose at least one statement to be rated.")
    if not set(chosen) <= set(offered):
        raise _wrong(
            name, "One of these statements is not to be rated now. Reload the page and choose again."
        )


def check_running(state: str, deadline_at: datetime | None, now: datetime) -> None:
    """Ratings are taken, and the deadline may be put off, while the round is open and not over."""
    if state != RoundState.OPEN:
        raise Refused(CANNOT[RoundState(state)])
    if deadline_at is not None and now >= deadline_at:
        raise Refused("The deadline of this round passed at {at}: it is closing.", at=deadline_at)


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise _wrong("reason", "Say why the deadline is put off: the record prints it.")
    if len(reason) > LONGEST_REASON:
        raise _wrong("reason", "This is too long: at most {max_length} characters.", LONGEST_REASON)


def check_reminds(missing: Collection[int], writes_letters: bool) -> None:
    if not missing:
        raise Refused("Everybody has answered. There is nobody to remind.")
    if not writes_letters:
        raise Refused("No mail server is set up: no letter can leave. Remind them yourself.")


def check_deadline(deadline_at: datetime, now: datetime) -> None:
    if deadline_at <= now:
        raise _wrong("deadline", "The deadline has passed already. Choose a later moment.")
    if deadline_at > now + LONGEST_ROUND:
        raise _wrong("deadline", "The deadline lies more than a year ahead. Choose an earlier moment.")


def check_extension(before_at: datetime | None, after_at: datetime, now: datetime) -> None:
    """A deadline is put off, never brought forward: somebody may count on it."""
    if before_at is not None and after_at <= before_at:
        raise _wrong("deadline", "A deadline is only put off: choose a moment after the present one.")
    check_deadline(after_at, now)


def decide(round_number: int, stable: bool | None, settlement: str, protocol: Protocol) -> Decision:
    """`settlement`: what the class alone would say; `stable` is None where it was not computed."""
    consensus = settlement != Settlement.TO_DISCUSS
    step = next_step(round_number, stable, consensus, protocol)
    if step is Step.SETTLED:
        return Decision(settlement)
    return {
        Step.RE_RATE: Decision.TO_DISCUSS,
        Step.STABLE_DISSENT: Decision.STABLE_DISSENT,
        Step.CLOSED_NOT_STABLE: Decision.NOT_STABLE,
    }[step]


def _wrong(name: str, message: str, max_length: int = 0) -> Invalid:
    places = {"max_length": max_length} if max_length else {}
    return Invalid(message, problems={name: Invalid(message, **places)}, **places)

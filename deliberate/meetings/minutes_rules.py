"""How minutes come about: who writes, who holds a section, what is circulated, amended, approved, published.

Pure.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.rules import Standing, undeclared
from deliberate.meetings.rules import MeetingState, check_runs, check_sees, runs


class MinutesState(StrEnum):
    """METHODS.md section 10: closed -> minutes_draft -> minutes_approved -> published."""

    DRAFT = "draft"
    CIRCULATED = "circulated"
    APPROVED = "approved"
    PUBLISHED = "published"


NEXT: Mapping[MinutesState, frozenset[MinutesState]] = {
    MinutesState.DRAFT: frozenset({MinutesState.CIRCULATED}),
    MinutesState.CIRCULATED: frozenset({MinutesState.CIRCULATED, MinutesState.APPROVED}),  # a new deadline
    MinutesState.APPROVED: frozenset({MinutesState.PUBLISHED}),
    MinutesState.PUBLISHED: frozenset(),  # what was read by everybody is not taken back
}
STATE_WORDS = {
    MinutesState.DRAFT: N_("being written"),
    MinutesState.CIRCULATED: N_("circulated for amendments"),
    MinutesState.APPROVED: N_("approved"),
    MinutesState.PUBLISHED: N_("published"),
}
FROZEN = (MinutesState.APPROVED, MinutesState.PUBLISHED)  # the text never changes again


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    MODIFIED = "modified"
    REJECTED = "rejected"


VERDICT_WORDS = {
    Verdict.ACCEPTED: N_("accepted"),
    Verdict.MODIFIED: N_("accepted in a modified form"),
    Verdict.REJECTED: N_("rejected"),
}
OPENING, CLOSING = "opening", "closing"
KEY = re.compile(r"opening|closing|item-[1-9][0-9]{0,8}")
IDLE = timedelta(minutes=5)  # without a sign of life for so long, a section is free again
AMEND_DAYS = 7  # proposed when minutes are circulated
LONGEST = 50_000
LONGEST_POINT = 5_000
LONGEST_WORD = 300


# Rights


def reads(standing: Standing, group_id: int, state: str | None) -> bool:
    """Those who conduct see the draft; the group sees the minutes from their circulation on."""
    return runs(standing, group_id) or state in (MinutesState.CIRCULATED, *FROZEN)


def check_reads(standing: Standing, group_id: int, state: str | None) -> None:
    check_sees(standing, group_id)
    if not reads(standing, group_id, state):
        raise NotFound()


def hides(standing: Standing, gates: Collection[str], group_id: int) -> bool:
    """Whether a section is kept from this person: by what its item is about now, or was when it began."""
    return any(gate and standing.is_kept_out(gate, group_id) for gate in gates)


def check_shown(standing: Standing, gates: Collection[str], group_id: int) -> None:
    if hides(standing, gates, group_id):
        raise NotFound()


def check_writes(standing: Standing, gates: Collection[str], group_id: int) -> None:
    check_runs(standing, group_id)
    check_shown(standing, gates, group_id)


def amends(standing: Standing, group_id: int) -> bool:
    """Members of the group propose amendments; the secretariat writes."""
    return standing.sits_in(group_id)


def check_amends(standing: Standing, gates: Collection[str], group_id: int) -> None:
    check_sees(standing, group_id)
    check_shown(standing, gates, group_id)
    if not amends(standing, group_id):
        raise NotAllowed("Amendments come from the members of the group. You can change the text itself.")
    if not standing.declared:
        raise undeclared(standing)


# One writer at a time


def is_held(holder_id: int | None, held_at: datetime | None, now: datetime) -> bool:
    return holder_id is not None and held_at is not None and now - held_at < IDLE


def is_held_by_other(holder_id: int | None, held_at: datetime | None, person_id: int, now: datetime) -> bool:
    return holder_id != person_id and is_held(holder_id, held_at, now)


def held(name: str) -> Refused:
    return Refused(
        "{name} is writing this section. Wait until it is free, or take it over with a word to {name}. "
        "What you typed is kept.",
        name=name,
    )


def check_basis(based_on: int, version: int) -> None:
    """Nobody writes over a text that they have not seen."""
    if based_on != version:
        raise Refused(
            "Version {version} was stored by somebody else after you began. Nothing is lost: compare the two "
            "texts below, put yours right and store it again.",
            version=version,
        )


# Texts


def check_text(text: str, longest: int = LONGEST, field: str = "text") -> None:
    if len(text) > longest:
        refusal = Invalid("This is too long: at most {max_length} characters.", max_length=longest)
        raise Invalid("This is too long.", problems={field: refusal})


def check_said(field: str, text: str, longest: int = LONGEST_POINT) -> None:
    if not text.strip():
        raise Invalid("Something is missing.", problems={field: Invalid("This is needed.")})
    check_text(text, longest, field)


# States


def check_open(state: str, approved_at: datetime | None) -> None:
    if state in FROZEN:
        raise Refused(
            "These minutes were approved on {at} and are frozen. What is wrong in them is put right by a "
            "correction, which stands beside the text.",
            at=approved_at,
        )


def check_frozen(state: str) -> None:
    if state not in FROZEN:
        raise Refused("These minutes are not approved yet: change the text itself.")


def check_circulates(state: str, meeting_state: str, until: datetime, now: datetime) -> None:
    if MinutesState.CIRCULATED not in NEXT[MinutesState(state)]:
        raise Refused("These minutes are approved. They are circulated no more.")
    if meeting_state != MeetingState.CLOSED:
        raise Refused("The meeting is not over yet. Close it first, then circulate its minutes.")
    if until <= now:
        refusal = Invalid("Choose a day and a time that are still to come.")
        raise Invalid("The minutes were not circulated.", problems={"until": refusal})


def check_amending(state: str, until: datetime | None, now: datetime) -> None:
    if state != MinutesState.CIRCULATED:
        raise Refused("These minutes are not open to amendments.")
    if until is not None and now > until:
        raise Refused("The time for amendments ended on {at}.", at=until)


def check_answers(state: str, answered_at: datetime | None) -> None:
    if answered_at is not None:
        raise Refused("This amendment was answered on {at}.", at=answered_at)
    if state != MinutesState.CIRCULATED:
        raise Refused("These minutes are not open to amendments.")


def check_approves(
    standing: Standing,
    group_id: int,
    *,
    state: str,
    until: datetime | None,
    unanswered: int,
    uncounted: int,
    in_meeting: bool,
    now: datetime,
) -> None:
    """In a meeting at any time; by the chair alone once the time for amendments is over."""
    if state in FROZEN:
        raise Refused("These minutes are approved already.")
    if MinutesState.APPROVED not in NEXT[MinutesState(state)]:
        raise Refused("Circulate the minutes first: the members read them before they are approved.")
    if unanswered:
        raise Refused("An amendment has no answer yet. Answer it first.")
    if uncounted:
        raise Refused("A vote of this meeting has no result yet. Reveal it first.")
    if in_meeting:
        return
    if not standing.chairs(group_id):
        raise Refused("Without a meeting it is the chair who approves. Name the meeting that approved them.")
    if until is not None and now <= until:
        raise Refused(
            "The members can propose amendments until {at}. Until then only a meeting approves the minutes.",
            at=until,
        )


# Publication


def check_may_publish(standing: Standing, group_id: int) -> None:
    """The secretariat, which alone sees every section: a chair may be recused from one."""
    check_sees(standing, group_id)
    if not standing.secretariat:
        raise NotFound()


def check_publishes(state: str, withheld: Collection[str], reason: str, known: Collection[str]) -> None:
    """`withheld` are the keys of sections that are kept back, for the `reason` printed in their place."""
    if state == MinutesState.PUBLISHED:
        raise Refused(
            "These minutes are published already. What is wrong in them is put right by a correction."
        )
    if MinutesState.PUBLISHED not in NEXT[MinutesState(state)]:
        raise Refused("These minutes are not approved yet. Only approved minutes are published.")
    if set(withheld) - set(known):
        refusal = Invalid("Choose among the sections of these minutes.")
        raise Invalid("The minutes were not published.", problems={"withheld": refusal})
    if withheld and not reason.strip():
        refusal = Invalid("Say why: it is printed in place of these sections.")
        raise Invalid("The minutes were not published.", problems={"reason": refusal})
    if len(reason) > LONGEST_WORD:
        refusal = Invalid("This is too long: at most {max_length} characters.", max_length=LONGEST_WORD)
        raise Invalid("The minutes were not published.", problems={"reason": refusal})

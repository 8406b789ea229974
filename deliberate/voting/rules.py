"""What a vote is, its steps, and who may see it, run it and cast in it. Pure: no database, no web."""

from datetime import datetime
from enum import StrEnum

from deliberate.errors import N_, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import NO_BALLOT, Standing, check_reads, check_takes_part, undeclared


class VoteKind(StrEnum):
    CHOICE = "choice"
    RATING = "rating"


class Mode(StrEnum):
    """Chosen before the opening and never changed (TRUST.md section 4)."""

    NAMED = "named"
    CONFIDENTIAL = "confidential"


class VoteState(StrEnum):
    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"
    NOT_TAKING_PART = "not_taking_part"


NEXT = {  # nothing is opened twice: who wants to ask again asks in another vote
    VoteState.PREPARED: {VoteState.OPEN},
    VoteState.OPEN: {VoteState.CLOSED},
    VoteState.CLOSED: {VoteState.COUNTED},
    VoteState.COUNTED: set(),
}
CANNOT = {
    VoteState.PREPARED: N_("This vote is not open yet."),
    VoteState.OPEN: N_("This vote is open. Close it first."),
    VoteState.CLOSED: N_("This vote is closed. A closed vote is never opened again; prepare another one."),
    VoteState.COUNTED: N_("This vote is counted and its result stands."),
}


def check_step(state: str, wanted: VoteState) -> None:
    if wanted not in NEXT[VoteState(state)]:
        raise Refused(CANNOT[VoteState(state)])


def check_in_writing(state: str, deadline_at: datetime | None, now: datetime) -> None:
    """Only a vote in writing has a deadline: until then it may be put off, and voters reminded."""
    if deadline_at is None:
        raise Refused("This vote is taken in a meeting: it has no deadline.")
    if state != VoteState.OPEN:
        raise Refused(CANNOT[VoteState(state)])
    if now >= deadline_at:
        raise Refused("The deadline of this vote passed at {at}: it is closing.", at=deadline_at)


def check_alone(rating_round_id: int | None) -> None:
    """The votes of a round are opened, closed and counted together."""
    if rating_round_id is not None:
        raise Refused(
            "This rating belongs to a round: it is closed and counted with the others of its round."
        )


# Rights


def check_sees(standing: Standing, gate: str, group_id: int) -> None:
    """Raises NotFound: the vote of another group, or on what one is kept out of, does not exist."""
    check_reads(standing, gate, group_id)


def may_run(standing: Standing, gate: str, group_id: int) -> bool:
    """Whether this person prepares, opens, closes and reveals the votes of `group_id` on `gate`."""
    return standing.secretariat or (
        standing.chairs(group_id) and standing.declared and standing.outcome(gate, group_id) not in NO_BALLOT
    )


def check_runs(standing: Standing, gate: str, group_id: int) -> None:
    """Raises NotFound for everybody else: to them there is no such act."""
    check_sees(standing, gate, group_id)
    if may_run(standing, gate, group_id):
        return
    if standing.chairs(group_id) and not standing.declared:
        raise undeclared(standing)
    raise NotFound()


def sees_names(standing: Standing, group_id: int) -> bool:
    """Who has answered, by name, before the result: for reminders. Never what."""
    return standing.secretariat or standing.chairs(group_id)


def right_to_cast(standing: Standing, gate: str, group_id: int, struck: bool | None) -> Refusal | None:
    """Why this person may not cast now, or None. `struck` is None for whoever is not on the roll at all."""
    if not standing.sits_in(group_id):
        return NotFound()
    try:
        check_takes_part(standing, gate, group_id)
    except Refusal as refusal:
        return refusal
    if struck is None:
        return NotAllowed("You are not on the roll of this vote: it lists who could vote when it was opened.")
    # Struck and yet not kept out: the exclusion was lifted later. The roll stays as it was.
    return NotFound() if struck else None

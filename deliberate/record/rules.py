"""The life of a record: compiled, frozen for the committee, commented, revised, adopted; and who reads it.
Pure.

A record is about a whole assessment. Its committee reads it from the freeze on, the public once it is
adopted.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from deliberate.consensus.accord import IDS
from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import KEEPS_OUT, NO_BALLOT, Standing, undeclared


class RecordState(StrEnum):
    """METHODS section 10, record. A version is never edited: what follows is another version."""

    COMPILING = "compiling"  # a working version, the secretariat's alone
    FROZEN = "frozen_for_review"
    COMMENTED = "committee_comments"
    REVISED = "revised"  # a later version took its place before the committee
    ADOPTED = "adopted"


NEXT: Mapping[RecordState, frozenset[RecordState]] = {
    RecordState.COMPILING: frozenset({RecordState.FROZEN}),
    RecordState.FROZEN: frozenset({RecordState.COMMENTED, RecordState.REVISED, RecordState.ADOPTED}),
    RecordState.COMMENTED: frozenset({RecordState.REVISED, RecordState.ADOPTED}),
    RecordState.REVISED: frozenset(),
    RecordState.ADOPTED: frozenset(),
}
IN_REVIEW = frozenset({RecordState.FROZEN, RecordState.COMMENTED})
STATE_WORDS = {
    RecordState.COMPILING: N_("working version"),
    RecordState.FROZEN: N_("before the committee"),
    RecordState.COMMENTED: N_("before the committee, with comments"),
    RecordState.REVISED: N_("replaced by a later version"),
    RecordState.ADOPTED: N_("adopted"),
}
STEP_REFUSALS = {
    RecordState.COMPILING: N_("A version is compiled once; what follows is another version."),
    RecordState.FROZEN: N_("This version is already before the committee."),
    RecordState.COMMENTED: N_("Comments are made on the version before the committee."),
    RecordState.REVISED: N_("Only the version before the committee is revised."),
    RecordState.ADOPTED: N_("Only the version before the committee is adopted."),
}
ADOPTED_STANDS = N_("The record is adopted and sealed. It does not change any more.")


def is_kept_out(standing: Standing, committee_id: int | None) -> bool:
    """An interest in the record of an assessment bears on all of its versions."""
    return _has(standing, committee_id, KEEPS_OUT)


def has_no_voice(standing: Standing, committee_id: int | None) -> bool:
    """Reads, perhaps, but neither comments nor votes."""
    return _has(standing, committee_id, NO_BALLOT)


def _has(standing: Standing, committee_id: int | None, outcomes: Collection[str]) -> bool:
    keys = [key for key in standing.outcomes if key.startswith("record-")]
    return any(standing.outcome(key, committee_id) in outcomes for key in [*keys, f"group-{committee_id}"])


def may_read(standing: Standing, committee_id: int | None, state: str) -> bool:
    return is_shown(standing, committee_id, state) and (standing.secretariat or standing.declared)


def is_shown(standing: Standing, committee_id: int | None, state: str) -> bool:
    """Whether this version is before this person at all; reading it takes a declaration as well."""
    if standing.secretariat:
        return True
    return sits_in_review(standing, committee_id) and state != RecordState.COMPILING


def sits_in_review(standing: Standing, committee_id: int | None) -> bool:
    """Whether this person is of the committee that reads the record."""
    seated = committee_id is not None and standing.sits_in(committee_id)
    return seated and not is_kept_out(standing, committee_id)


def check_reads(standing: Standing, committee_id: int | None, state: str) -> None:
    if not is_shown(standing, committee_id, state):
        raise NotFound()
    if not may_read(standing, committee_id, state):
        raise undeclared(standing)


def check_prepares(standing: Standing) -> None:
    """The secretariat compiles, freezes and revises; for everybody else these acts do not exist."""
    if not standing.secretariat:
        raise NotFound()


def check_voice(standing: Standing, committee_id: int | None) -> None:
    """May this person speak on the record as a member of the committee?

    Raises:
        NotFound: not of the committee, or kept out.
        NotAllowed: heard without a voice, or without a valid declaration of interests.
    """
    if not sits_in_review(standing, committee_id):
        raise NotFound()
    if has_no_voice(standing, committee_id):
        raise NotAllowed("Under the decision on your interests you read the record without a voice on it.")
    if not standing.declared:
        raise undeclared(standing)


def check_step(state: str, wanted: RecordState) -> None:
    if wanted in NEXT[RecordState(state)]:
        return
    if state == RecordState.ADOPTED:
        raise Refused(ADOPTED_STANDS)
    raise Refused(STEP_REFUSALS[wanted])


def check_compiles(newest: str | None) -> None:
    """`newest`: the state of the last version, None before the first."""
    if newest == RecordState.ADOPTED:
        raise Refused(ADOPTED_STANDS)
    if newest is not None and newest != RecordState.COMPILING:
        raise Refused(
            "A version is before the committee. Answer its comments, then revise it: that makes the next "
            "version."
        )


def check_newest(version: int, newest: int) -> None:
    if version != newest:
        raise Refused("Version {newest} has replaced this one. Open that version.", newest=newest)


def check_unchanged(same: bool, as_of: int) -> None:
    if not same:
        raise Refused(
            "The proceedings have moved on since this version was compiled, at entry {number} of the "
            "journal. Compile a new version, read it, and freeze that one.",
            number=as_of,
        )


def check_two_persons(proposed_by: int, sealed_by: int) -> None:
    """TRUST section 3: sealing needs two persons."""
    if proposed_by == sealed_by:
        raise Refused("Whoever proposed the adoption does not seal it: the record is sealed by two persons.")


# The reporting checklist


class ReportingKind(StrEnum):
    """What the secretariat made of one item; the last version holds."""

    WRITTEN = "written"
    NOT_APPLICABLE = "not_applicable"  # the text is the reason
    WITHDRAWN = "withdrawn"  # the item is as if nothing had been written


TEXT_LIMIT = 20_000


def check_item(item: str) -> None:
    """Raises NotFound: ACCORD has 35 items and no other."""
    if item not in IDS:
        raise NotFound()


def check_reporting(kind: str, text: Mapping[str, str]) -> None:
    """Both languages or neither: an empty pair takes back what was written.

    Raises:
        Invalid: with a sentence for each field.
    """
    problems: dict[str, Refusal] = {}
    if kind not in set(ReportingKind):
        problems["kind"] = Invalid("Choose one of the answers offered.")
    for code in ("fr", "en"):
        if kind != ReportingKind.WITHDRAWN and not 1 <= len(text.get(code, "")) <= TEXT_LIMIT:
            message = N_("Write this in both languages, in at most {limit} characters each.")
            problems[f"text_{code}"] = Invalid(message, limit=TEXT_LIMIT)
    if problems:
        raise Invalid("This item is not complete. What you wrote is kept.", problems=problems)


def check_based_on(based_on: int, version: int) -> None:
    """Two people at one item: whoever is second has to see the text of the first."""
    if based_on != version:
        raise Refused(
            "Somebody has stored another text of this item meanwhile. It stands below, yours is kept in the "
            "form: put them together and store it again."
        )


def check_writes(newest: str | None) -> None:
    """The checklist is written until the record is adopted. `newest`: the state of the last version."""
    if newest == RecordState.ADOPTED:
        raise Refused(ADOPTED_STANDS)


def check_reported(missing: Sequence[str]) -> None:
    """METHODS section 10: adopted needs the 35 items, or a stated reason for each gap."""
    if missing:
        raise Refused(
            "The reporting checklist of this version has gaps: {items}. Write each of them, or give the "
            "reason why it does not apply, and put the next version before the committee.",
            items=", ".join(missing),
        )

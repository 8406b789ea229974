"""The states of a hearing, its times, and who may do what in it. No database."""

from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import pytest

from deliberate.assessments.rules import Place
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.hearings import minutes_rules, rules
from deliberate.hearings.minutes_rules import Point, Verdict
from deliberate.hearings.rules import NEXT, HearingState, Seat, Stay
from deliberate.interests.rules import Outcome, Standing

S = HearingState
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
LISTED = {  # METHODS.md section 10, written out once more
    ("invited", "accepted"),
    ("invited", "declined"),
    ("accepted", "dpi_received"),
    ("dpi_received", "held"),
    ("held", "minutes_sent"),
    ("minutes_sent", "corrected"),
    ("minutes_sent", "deemed_accepted"),
    ("corrected", "locked"),
    ("deemed_accepted", "locked"),
}
UNLISTED = [pair for pair in product(S, S) if pair not in LISTED]


@pytest.mark.parametrize(("state", "to"), sorted(LISTED))
def test_every_step_of_the_methods_is_possible(state: str, to: str) -> None:
    rules.check_step(S(state), S(to))


@pytest.mark.parametrize(("state", "to"), UNLISTED)
def test_a_step_that_is_not_listed_is_refused(state: HearingState, to: HearingState) -> None:
    with pytest.raises(Refused):
        rules.check_step(state, to)


def test_no_state_is_left_out_and_locked_leads_nowhere() -> None:
    assert set(NEXT) == set(S) == set(rules.STATE_WORDS)
    assert NEXT[S.LOCKED] == NEXT[S.DECLINED] == set()


def test_silence_becomes_agreement_at_the_end_of_the_fifteenth_day_and_not_before() -> None:
    until = minutes_rules.end_of_correction(NOW, 15)
    assert until - NOW == timedelta(days=15)
    last = until - timedelta(microseconds=1)
    assert rules.state_at(S.MINUTES_SENT, until, last) is S.MINUTES_SENT
    assert rules.state_at(S.MINUTES_SENT, until, until) is S.DEEMED_ACCEPTED
    minutes_rules.check_corrects(S.MINUTES_SENT, until, last)
    with pytest.raises(Refused):
        minutes_rules.check_corrects(S.MINUTES_SENT, until, until)


@pytest.mark.parametrize("state", [state for state in S if state is not S.MINUTES_SENT])
def test_time_alone_changes_no_other_state(state: HearingState) -> None:
    assert rules.state_at(state, NOW, NOW + timedelta(days=99)) is state


@pytest.mark.parametrize("state", [state for state in S if state not in (S.MINUTES_SENT, S.CORRECTED)])
def test_minutes_are_corrected_only_while_they_are_with_the_organisation(state: HearingState) -> None:
    with pytest.raises(Refused):
        minutes_rules.check_corrects(state, NOW + timedelta(days=1), NOW)


def standing(**where: object) -> Standing:
    outcomes = where.pop("outcomes", {})
    return Standing(Place(1, 1, **where), declared=True, outcomes=outcomes)  # type: ignore[arg-type]


def seat(person: Standing, group_id: int | None = 3, speaks: bool = False) -> Seat:
    return rules.seat_in(person, {3, 4}, group_id, speaks=speaks)


def test_who_reads_a_hearing() -> None:
    assert seat(standing(secretariat=True)).reads
    assert seat(standing(sits_in=frozenset({4}))).reads
    assert seat(standing(stakeholder=True), speaks=True).reads
    for nobody in (
        seat(standing(stakeholder=True)),  # of another organisation
        seat(standing(), speaks=True),  # whose membership has ended
        seat(standing(sits_in=frozenset({9}), chairs=frozenset({9}))),  # of the committee
        seat(standing(sits_in=frozenset({3}), outcomes={"group-3": Outcome.EXCLUDED_GROUP})),
    ):
        with pytest.raises(NotFound):
            rules.check_reads(nobody)


def test_a_chair_notes_the_hearing_of_the_own_meeting_and_nothing_else() -> None:
    chair = standing(sits_in=frozenset({3}), chairs=frozenset({3}))
    rules.check_holds(seat(chair, 3))
    rules.check_holds(seat(chair, None))
    with pytest.raises(NotFound):
        rules.check_holds(seat(chair, 4))
    with pytest.raises(NotFound):
        rules.check_manages(seat(chair).secretariat)
    with pytest.raises(NotAllowed):
        rules.check_holds(Seat(hears=True, presides=True, declared=False))


def test_an_expert_reads_and_changes_nothing() -> None:
    expert = seat(standing(sits_in=frozenset({3})))
    rules.check_reads(expert)
    for check in (rules.check_speaks, rules.check_declares, rules.check_holds):
        with pytest.raises(NotFound):
            check(expert)
    for kind in rules.DraftKind:
        with pytest.raises(NotFound):
            rules.check_drafts(expert, kind)


def test_minutes_are_seen_by_the_secretariat_then_the_organisation_then_the_groups() -> None:
    office, heard, reader = Seat(secretariat=True), Seat(speaks=True), Seat(hears=True)
    seen = {
        state: [minutes_rules.sees_minutes(each, state) for each in (office, heard, reader)] for state in S
    }
    assert seen[S.HELD] == [True, False, False]
    assert seen[S.MINUTES_SENT] == seen[S.CORRECTED] == [True, True, False]
    assert seen[S.LOCKED] == [True, True, True]


def test_one_who_takes_part_elsewhere_in_the_assessment_cannot_speak_for_an_organisation() -> None:
    rules.check_only_speaks(standing(stakeholder=True))
    for busy in (standing(secretariat=True), standing(stakeholder=True, sits_in=frozenset({3}))):
        with pytest.raises(Invalid):
            rules.check_only_speaks(busy)


@pytest.mark.parametrize(
    "points",
    [
        [Point(None, False)],
        [Point(Verdict.NOT_TAKEN_UP, False), Point(None, False)],
        [Point(Verdict.NOT_TAKEN_UP, True)],
        [Point(Verdict.TAKEN_UP, False)],
        [Point(Verdict.IN_PART, False), Point(Verdict.NOT_TAKEN_UP, False)],
    ],
)
def test_minutes_are_not_locked_over_a_correction(points: list[Point]) -> None:
    with pytest.raises(Refused):
        minutes_rules.check_locks(S.CORRECTED, points, window_over=False, changed_since_sent=False)


def test_minutes_are_locked_when_every_correction_is_answered_and_worked_in() -> None:
    declined, taken, more = (
        Point(Verdict.NOT_TAKEN_UP, False),
        Point(Verdict.TAKEN_UP, False),
        Point(Verdict.NOT_TAKEN_UP, True),
    )
    minutes_rules.check_locks(S.CORRECTED, [declined], window_over=False, changed_since_sent=False)
    minutes_rules.check_locks(S.CORRECTED, [taken, declined], window_over=False, changed_since_sent=True)
    minutes_rules.check_locks(S.CORRECTED, [more, declined], window_over=False, changed_since_sent=False)
    minutes_rules.check_locks(S.CORRECTED, [more], window_over=True, changed_since_sent=False)
    minutes_rules.check_locks(S.DEEMED_ACCEPTED, [], window_over=True, changed_since_sent=False)


def test_the_stay_of_the_heard_is_that_of_the_item_unless_said_otherwise() -> None:
    item = SimpleNamespace(opened_at=NOW, closed_at=NOW + timedelta(minutes=30))
    later = NOW + timedelta(hours=2)
    stay = rules.stay_of(None, None, item, later)
    assert stay == Stay(item.opened_at, item.closed_at)
    rules.check_attendance([7], [7, 8], stay, item, later)
    for wrong in (None, SimpleNamespace(opened_at=None, closed_at=None)):
        with pytest.raises(Invalid):
            rules.stay_of(None, None, wrong, later)


@pytest.mark.parametrize(
    ("present", "began", "ended", "field"),
    [
        ([], 0, 20, "present"),
        ([9], 0, 20, "present"),  # speaks for nobody here
        ([7], 20, 20, "ended_at"),
        ([7], 0, 90, "ended_at"),  # still to come
        ([7], 0, 31, "ended_at"),  # stayed for the deliberation
        ([7], -1, 20, "began_at"),
    ],
)
def test_who_is_heard_is_there_for_the_own_item_alone(
    present: list[int], began: int, ended: int, field: str
) -> None:
    item = SimpleNamespace(opened_at=NOW, closed_at=NOW + timedelta(minutes=30))
    stay = Stay(NOW + timedelta(minutes=began), NOW + timedelta(minutes=ended))
    with pytest.raises(Invalid) as caught:
        rules.check_attendance(present, [7, 8], stay, item, NOW + timedelta(hours=1))
    assert list(caught.value.problems) == [field]


@pytest.mark.parametrize("state", list(S))
def test_contributions_are_taken_until_the_minutes_are_locked(state: HearingState) -> None:
    if state is S.LOCKED:
        with pytest.raises(Refused):
            rules.check_contribution(state, "Title", "Text", "fr")
    else:
        rules.check_contribution(state, "Title", "Text", "fr")


def test_what_cannot_stand_is_named_field_by_field() -> None:
    with pytest.raises(Invalid) as contribution:
        rules.check_contribution(S.INVITED, "", "x" * (rules.LONG + 1), "de")
    assert set(contribution.value.problems) == {"title", "text", "language"}
    with pytest.raises(Invalid) as convocation:
        rules.check_convocation(None, ["T-9"], ["T-1"], "x" * 301, "x" * (rules.SHORT + 1))
    assert set(convocation.value.problems) == {"themes", "place", "questions"}
    for text in ("", "x" * (rules.SHORT + 1)):
        with pytest.raises(Invalid):
            rules.check_text("correction", text)


@pytest.mark.parametrize("state", [S.HELD, S.MINUTES_SENT, S.CORRECTED, S.DEEMED_ACCEPTED])
def test_an_organisation_is_not_convened_again_before_its_minutes_are_locked(state: HearingState) -> None:
    with pytest.raises(Refused):
        rules.check_convocation(state, ["T-1"], ["T-1"], "", "")


@pytest.mark.parametrize("state", list(S))
def test_minutes_are_written_after_the_hearing_and_to_answer_a_correction(state: HearingState) -> None:
    if state in (S.HELD, S.CORRECTED):
        minutes_rules.check_writes_minutes(state)
    else:
        with pytest.raises(Refused):
            minutes_rules.check_writes_minutes(state)


def test_a_meeting_for_hearings_that_is_still_to_come() -> None:
    rules.check_meeting("hearing", closed=False)
    for kind, closed in (("working", False), ("hearing", True)):
        with pytest.raises(Invalid):
            rules.check_meeting(kind, closed=closed)

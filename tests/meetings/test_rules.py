import pytest

from deliberate.assessments.rules import Place, Role
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.rules import Outcome, Standing
from deliberate.meetings import rules
from deliberate.meetings.rules import ItemKind, ItemPlan, ItemState, MeetingState, Member
from deliberate.voting.rules import VoteKind

RAM = read_protocol({"method": "RAM"})


def standing(person: int = 1, *, group: int | None = 3, chairs: bool = False, **told: object) -> Standing:
    seats = frozenset({group}) if group else frozenset()
    place = Place(person, 1, sits_in=seats, chairs=seats if chairs else frozenset())
    return Standing(**{"place": place, "declared": True, **told})  # type: ignore[arg-type]


def member(
    person: int, *, role: str = "expert", here: bool = True, out: str = "", declared: bool = True
) -> Member:
    kind = Outcome.EXCLUDED_GROUP if out.startswith("group") else Outcome.RECUSED_ITEM
    outcomes = {out: kind} if out else {}
    return Member(standing(person, declared=declared, outcomes=outcomes), role, here)


@pytest.mark.parametrize("state", list(MeetingState))
@pytest.mark.parametrize("wanted", list(MeetingState))
def test_a_meeting_goes_forward_one_step_at_a_time(state: MeetingState, wanted: MeetingState) -> None:
    order = list(MeetingState)
    if order.index(wanted) == order.index(state) + 1:
        rules.check_step(state, wanted)
    else:
        with pytest.raises(Refused):
            rules.check_step(state, wanted)


ITEM_STEPS = {
    ("planned", "open"),
    ("planned", "postponed"),
    ("open", "done"),
    ("open", "postponed"),
    ("postponed", "open"),
}


@pytest.mark.parametrize("state", list(ItemState))
@pytest.mark.parametrize("wanted", list(ItemState))
def test_an_item_moves_as_listed_and_in_no_other_way(state: ItemState, wanted: ItemState) -> None:
    if (state, wanted) in ITEM_STEPS:
        rules.check_item_step(state, wanted)
    else:
        with pytest.raises(Refused):
            rules.check_item_step(state, wanted)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (standing(chairs=True), None),
        (Standing(Place(1, 1, secretariat=True), declared=False), None),
        (standing(chairs=True, declared=False), NotAllowed),
        (standing(), NotFound),
        (standing(group=4, chairs=True), NotFound),
        (standing(outcomes={"group-3": Outcome.EXCLUDED_GROUP}), NotFound),
        (standing(chairs=True, outcomes={"group-3": Outcome.EXCLUDED_GROUP}), NotFound),
    ],
)
def test_the_chair_and_the_secretariat_conduct(who: Standing, refusal: type[Exception] | None) -> None:
    if refusal is None:
        rules.check_runs(who, 3)
    else:
        with pytest.raises(refusal):
            rules.check_runs(who, 3)


def test_a_member_recused_from_a_question_still_belongs_to_the_meeting() -> None:
    who = standing(outcomes={"question-5": Outcome.RECUSED_ITEM})
    rules.check_sees(who, 3)
    assert rules.is_kept_out(who, "question-5", 3)
    assert not rules.is_kept_out(who, "question-6", 3)
    assert not rules.is_kept_out(who, "", 3)
    assert rules.hides(who, ["", "question-5", "question-6", "question-5"], 3) == ("question-5",)


def test_under_a_derogation_one_reads_and_leaves_for_the_deliberation() -> None:
    who = standing(outcomes={"question-5": Outcome.DEROGATION})
    assert rules.is_kept_out(who, "question-5", 3)
    assert rules.hides(who, ["question-5"], 3) == ()


@pytest.mark.parametrize(
    ("recused", "present", "second_call", "counted", "reached"),
    [  # METHODS.md A11, 25 seats
        (3, 10, False, True, False),
        (3, 11, False, True, True),
        (3, 6, True, True, True),
        (3, 12, False, False, False),
        (3, 13, False, False, True),
    ],
)
def test_the_quorum_counts_seats_recusals_and_those_here(
    recused: int, present: int, second_call: bool, counted: bool, reached: bool
) -> None:
    protocol = read_protocol({"committee": {"recused_not_counted": counted}})
    members = [
        member(
            person, out="question-5" if person < recused else "", here=recused <= person < recused + present
        )
        for person in range(25)
    ]
    quorum = rules.quorum_of(
        members, "question-5", 3, share="1/2", second_call=second_call, protocol=protocol
    )
    assert (quorum.seats, quorum.recused, quorum.present) == (25, recused, present)
    assert quorum.reached is reached


def test_whoever_may_not_deliberate_is_not_counted_as_present() -> None:
    members = [member(1), member(2, declared=False), member(3, out="question-5"), member(4, here=False)]
    quorum = rules.quorum_of(members, "question-5", 3, share="1/2", second_call=False, protocol=RAM)
    assert (quorum.seats, quorum.recused, quorum.present) == (4, 1, 1)


@pytest.mark.parametrize(
    ("kind", "chair_rates", "expected"),
    [
        (VoteKind.CHOICE, False, {1, 2}),
        (VoteKind.RATING, False, {2}),
        (VoteKind.RATING, True, {1, 2}),
    ],
)
def test_the_roll_is_present_entitled_declared_and_not_recused(
    kind: VoteKind, chair_rates: bool, expected: set[int]
) -> None:
    members = [
        member(1, role=Role.CHAIR),
        member(2),
        member(3, here=False),
        member(4, declared=False),
        member(5, out="question-5"),
        member(6, out="group-3"),
    ]
    roll = rules.roll_of(members, "question-5", 3, kind, chair_rates=chair_rates)
    assert {seat.person_id for seat in roll} == expected
    assert {seat.person_id for seat in roll if seat.chair} <= {1}


@pytest.mark.parametrize(
    "plan",
    [
        ItemPlan({"fr": "", "en": " "}, ItemKind.DISCUSSION),
        ItemPlan({"fr": "x" * 301}, ItemKind.DISCUSSION),
        ItemPlan({"fr": "Titre"}, ItemKind.DISCUSSION, planned_minutes=0),
        ItemPlan({"fr": "Titre"}, ItemKind.DISCUSSION, planned_minutes=24 * 60 + 1),
    ],
)
def test_an_item_that_is_not_complete_is_invalid(plan: ItemPlan) -> None:
    with pytest.raises(Invalid):
        rules.check_item(plan)


def test_a_second_call_cites_a_convened_meeting_of_the_same_group() -> None:
    rules.check_second_call("convened", True, True)
    for state, same_group, allowed in (
        ("planned", True, True),
        ("convened", False, True),
        ("convened", True, False),
    ):
        with pytest.raises(Refused):
            rules.check_second_call(state, same_group, allowed)


@pytest.mark.parametrize(
    ("subject", "gate"), [("question-3", "question-3"), ("record-1", "record-1"), ("hearing-2", ""), ("", "")]
)
def test_interests_are_weighed_by_the_subject_of_the_item(subject: str, gate: str) -> None:
    assert rules.gate_of(subject) == gate

"""Who reads a version in which state, and what may follow what. Pure."""

import pytest

from deliberate.assessments.rules import Place
from deliberate.errors import NotAllowed, NotFound, Refused
from deliberate.interests.rules import Standing
from deliberate.record import rules
from deliberate.record.rules import RecordState

COMMITTEE = 4
SECRETARIAT = Standing(Place(1, 1, secretariat=True), declared=False)
MEMBER = Standing(Place(2, 1, sits_in=frozenset({COMMITTEE})), declared=True)
UNDECLARED = Standing(Place(3, 1, sits_in=frozenset({COMMITTEE})), declared=False)
EXPERT = Standing(Place(4, 1, sits_in=frozenset({2}), chairs=frozenset({2})), declared=True)
STAKEHOLDER = Standing(Place(5, 1, stakeholder=True), declared=True)


@pytest.mark.parametrize("state", list(RecordState))
def test_the_secretariat_reads_all_the_committee_from_the_freeze_on_and_nobody_else(
    state: RecordState,
) -> None:
    assert rules.may_read(SECRETARIAT, COMMITTEE, state)
    assert rules.may_read(MEMBER, COMMITTEE, state) == (state != "compiling")
    assert not rules.may_read(UNDECLARED, COMMITTEE, state)
    with pytest.raises(NotFound if state == "compiling" else NotAllowed):
        rules.check_reads(UNDECLARED, COMMITTEE, state)
    for other in (EXPERT, STAKEHOLDER):
        with pytest.raises(NotFound):
            rules.check_reads(other, COMMITTEE, state)


def test_only_the_secretariat_prepares() -> None:
    rules.check_prepares(SECRETARIAT)
    for other in (MEMBER, EXPERT, STAKEHOLDER):
        with pytest.raises(NotFound):
            rules.check_prepares(other)


@pytest.mark.parametrize("newest", [None, "compiling"])
def test_a_version_is_compiled_while_none_is_in_review(newest: str | None) -> None:
    rules.check_compiles(newest)


@pytest.mark.parametrize("newest", ["frozen_for_review", "committee_comments", "adopted"])
def test_no_working_version_is_compiled_beside_one_in_review_or_adopted(newest: str) -> None:
    with pytest.raises(Refused):
        rules.check_compiles(newest)


def test_a_record_is_sealed_by_two_persons() -> None:
    rules.check_two_persons(1, 2)
    with pytest.raises(Refused):
        rules.check_two_persons(1, 1)

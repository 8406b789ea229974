"""Declarations and decisions on interests: what is complete, who decides, and what is suggested."""

from datetime import UTC, datetime

import pytest

from deliberate.assessments.rules import Place
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal
from deliberate.interests import rules
from deliberate.interests.rules import Link, Outcome, Standing

DAY = datetime(2026, 3, 1, tzinfo=UTC)
LINK = Link("capital", "Laboratoire Exemple", "Shares")


def standing(declared: bool = True, outcomes: dict[str, Outcome] | None = None, **place: object) -> Standing:
    return Standing(Place(1, 1, **place), declared, outcomes or {})  # type: ignore[arg-type]


CHAIR = {"chairs": frozenset({2}), "sits_in": frozenset({2})}


def problems(refusal: Refusal) -> set[str]:
    return set(getattr(refusal, "problems", {}))


def test_a_declaration_says_nothing_or_something_but_not_both_and_not_neither() -> None:
    rules.check_declaration(True, [])
    rules.check_declaration(False, [LINK])
    for nothing, links in ((True, [LINK]), (False, [])):
        with pytest.raises(Invalid) as caught:
            rules.check_declaration(nothing, links)
        assert problems(caught.value) == {"nothing_to_declare"}


def test_each_incomplete_line_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_declaration(False, [LINK, Link("gifts", "", "x" * 2001, "since the beginning of time")])
    assert problems(caught.value) == {"section_1", "organisation_1", "description_1", "since_1"}
    assert caught.value.problems["organisation_1"].places == {"number": 2}


def test_more_lines_than_anybody_reads_are_refused() -> None:
    rules.check_declaration(False, [LINK] * rules.MAX_LINKS)
    with pytest.raises(Invalid):
        rules.check_declaration(False, [LINK] * (rules.MAX_LINKS + 1))


def test_only_oneself_signs() -> None:
    rules.check_signs(1, 1)
    with pytest.raises(NotAllowed):
        rules.check_signs(1, 2)


def test_a_declaration_waits_for_renewal_in_its_last_thirty_days() -> None:
    assert rules.waits_for_renewal(None, DAY)
    assert not rules.waits_for_renewal(DAY, datetime(2027, 1, 29, tzinfo=UTC))
    assert rules.waits_for_renewal(DAY, datetime(2027, 1, 30, tzinfo=UTC))
    assert rules.is_valid_declaration(DAY, datetime(2027, 3, 1, tzinfo=UTC))
    assert not rules.is_valid_declaration(DAY, datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("majors", "outcome"),
    [
        ([], Outcome.NONE),
        ([False, False], Outcome.OTHER_LINK),
        ([False, True], Outcome.RECUSED_ITEM),
    ],
)
def test_a_major_link_suggests_a_recusal(majors: list[bool], outcome: Outcome) -> None:
    assert rules.proposed_outcome(majors) is outcome


def test_the_secretariat_and_the_chair_of_the_group_decide() -> None:
    rules.check_decides(standing(secretariat=True, declared=False), "question-3", 2, 9)
    rules.check_decides(standing(**CHAIR), "question-3", 2, 9)


@pytest.mark.parametrize(
    "who",
    [
        {},
        {"stakeholder": True},
        {"sits_in": frozenset({2})},
        {"chairs": frozenset({5}), "sits_in": frozenset({5, 2})},
    ],
)
def test_for_everybody_else_the_decision_does_not_exist(who: dict[str, object]) -> None:
    with pytest.raises(NotFound):
        rules.check_decides(standing(**who), "question-3", 2, 9)


def test_a_chair_kept_out_of_the_question_does_not_decide_about_it() -> None:
    with pytest.raises(NotFound):
        rules.check_decides(
            standing(outcomes={"question-3": Outcome.RECUSED_ITEM}, **CHAIR), "question-3", 2, 9
        )
    with pytest.raises(NotFound):
        rules.check_decides(
            standing(outcomes={"group-2": Outcome.EXCLUDED_GROUP}, **CHAIR), "question-3", 2, 9
        )


def test_nobody_decides_about_oneself_and_no_chair_without_a_declaration() -> None:
    with pytest.raises(NotAllowed):
        rules.check_decides(standing(**CHAIR), "question-3", 2, 1)
    with pytest.raises(NotAllowed):
        rules.check_decides(standing(secretariat=True), "question-3", 2, 1)
    with pytest.raises(NotAllowed):
        rules.check_decides(standing(declared=False, **CHAIR), "question-3", 2, 9)


@pytest.mark.parametrize(
    ("subject", "outcome", "category", "reason", "wrong"),
    [
        ("question-3", Outcome.RECUSED_ITEM, "capital", "Shares.", set()),
        ("group-2", Outcome.EXCLUDED_GROUP, "capital", "Shares.", set()),
        ("record-1", Outcome.RECUSED_ITEM, "capital", "Shares.", set()),
        ("question-3", Outcome.NONE, "", "The shares were sold.", set()),
        ("question-0", Outcome.NONE, "", "x", {"subject"}),
        ("statement-3", Outcome.NONE, "", "x", {"subject"}),
        ("group-9", Outcome.EXCLUDED_GROUP, "capital", "x", {"subject"}),
        ("question-3", Outcome.EXCLUDED_GROUP, "capital", "x", {"subject"}),
        ("group-2", Outcome.RECUSED_ITEM, "capital", "x", {"outcome"}),
        ("question-3", Outcome.RECUSED_ITEM, "", "x", {"category"}),
        ("question-3", Outcome.RECUSED_ITEM, "capital", "", {"reason"}),
        ("question-3", Outcome.RECUSED_ITEM, "capital", "x" * 5001, {"reason"}),
    ],
)
def test_a_decision_is_complete_and_does_not_contradict_itself(
    subject: str, outcome: Outcome, category: str, reason: str, wrong: set[str]
) -> None:
    if not wrong:
        rules.check_decision(subject, 2, outcome, category, reason)
        return
    with pytest.raises(Invalid) as caught:
        rules.check_decision(subject, 2, outcome, category, reason)
    assert problems(caught.value) == wrong


def test_every_outcome_and_section_has_words() -> None:
    assert set(rules.OUTCOME_WORDS) == set(Outcome)
    assert set(rules.SECTION_WORDS) == set(rules.SECTIONS)

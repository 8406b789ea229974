"""What may be done with a record in review, state by state."""

import pytest

from deliberate.assessments.rules import Place
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import Outcome, Standing
from deliberate.record.rules import NEXT, RecordState, check_step, may_read
from deliberate.review import rules

COMMITTEE = 4


def standing(
    *,
    seated: bool = True,
    chairs: bool = False,
    declared: bool = True,
    outcomes: dict[str, Outcome] | None = None,
) -> Standing:
    seats = frozenset({COMMITTEE}) if seated else frozenset()
    place = Place(1, 1, sits_in=seats, chairs=seats if chairs else frozenset())
    return Standing(place, declared, outcomes or {})


@pytest.mark.parametrize("state", list(RecordState))
def test_a_comment_is_made_on_the_version_before_the_committee_only(state: RecordState) -> None:
    if state in ("frozen_for_review", "committee_comments"):
        rules.check_comments(standing(), COMMITTEE, state, vote_is_open=False)
        with pytest.raises(Refused, match="vote on the adoption"):
            rules.check_comments(standing(), COMMITTEE, state, vote_is_open=True)
    else:
        with pytest.raises(Refused):
            rules.check_comments(standing(), COMMITTEE, state, vote_is_open=False)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (standing(seated=False), NotFound),
        (standing(declared=False), NotAllowed),
        (standing(outcomes={"record-9": Outcome.RECUSED_ITEM}), NotFound),
        (standing(outcomes={f"group-{COMMITTEE}": Outcome.EXCLUDED_GROUP}), NotFound),
        (standing(outcomes={"record-2": Outcome.DEROGATION}), NotAllowed),
    ],
)
def test_whoever_is_not_of_the_committee_kept_out_or_undeclared_has_no_voice(
    who: Standing, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.check_comments(who, COMMITTEE, RecordState.FROZEN, vote_is_open=False)


def test_an_interest_in_one_version_keeps_out_of_all() -> None:
    assert may_read(standing(), COMMITTEE, RecordState.FROZEN)
    kept_out = standing(outcomes={"record-2": Outcome.HEARD_ONLY})
    assert not any(may_read(kept_out, COMMITTEE, state) for state in RecordState)
    assert not may_read(standing(), COMMITTEE, RecordState.COMPILING)
    assert not may_read(standing(), None, RecordState.FROZEN)


@pytest.mark.parametrize("state", list(RecordState))
@pytest.mark.parametrize("wanted", list(RecordState))
def test_only_the_listed_steps_are_possible(state: RecordState, wanted: RecordState) -> None:
    if wanted in NEXT[state]:
        check_step(state, wanted)
    else:
        with pytest.raises(Refused):
            check_step(state, wanted)


def test_a_comment_needs_a_known_section_a_kind_a_text_and_a_key() -> None:
    rules.check_comment("Why?", "question", "fr", "k" * 8, "aim", ["aim"])
    with pytest.raises(Invalid) as refused:
        rules.check_comment("", "praise", "de", "k", "nowhere", ["aim"])
    assert set(refused.value.problems) == {"text", "kind", "language", "key", "section"}
    with pytest.raises(Invalid):
        rules.check_comment("x" * 5_001, "question", "fr", "k" * 8, "aim", ["aim"])


def test_an_answer_needs_an_outcome_and_a_reason() -> None:
    rules.check_answer("Because.", "accepted")
    with pytest.raises(Invalid) as refused:
        rules.check_answer("", "perhaps")
    assert set(refused.value.problems) == {"text", "outcome"}


def test_adoption_is_proposed_once_and_after_the_last_answer() -> None:
    rules.check_proposes("frozen_for_review", 0, proposed=False)
    with pytest.raises(Refused, match="2 comments"):
        rules.check_proposes("committee_comments", 2, proposed=False)
    with pytest.raises(Refused, match="already"):
        rules.check_proposes("committee_comments", 0, proposed=True)
    with pytest.raises(Refused, match="does not change"):
        rules.check_proposes("adopted", 0, proposed=False)


def test_a_version_is_adopted_only_by_a_counted_vote_that_adopts() -> None:
    rules.check_adopts("frozen_for_review", 0, proposed=True, adopts=True)
    for proposed, adopts in ((False, True), (True, None), (True, False)):
        with pytest.raises(Refused):
            rules.check_adopts("frozen_for_review", 0, proposed=proposed, adopts=adopts)


def test_only_the_chair_of_the_committee_adopts() -> None:
    rules.check_presides(standing(chairs=True), COMMITTEE)
    with pytest.raises(NotFound):
        rules.check_presides(standing(), COMMITTEE)
    with pytest.raises(NotAllowed):
        rules.check_presides(standing(chairs=True, declared=False), COMMITTEE)

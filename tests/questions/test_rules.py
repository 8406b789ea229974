"""The life of questions and opinions, without a database: every pair of stages, every role."""

import itertools

import pytest

from deliberate.assessments.rules import Place
from deliberate.consensus.risk import LIKELIHOODS, SEVERITIES
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import Outcome, Standing
from deliberate.questions import rules, scales, texts
from deliberate.questions.rules import NEXT, NEXT_OPINION, OpinionStage, Stage, Stance
from deliberate.questions.scales import RiskStatus, Scales
from deliberate.questions.texts import Assessed
from tests.questions.helpers import ASSESSED, CONCLUSION, TEXT, opinion

QUESTION, GROUP = 3, 2


def standing(outcome: Outcome | None = None, declared: bool = True, **place: object) -> Standing:
    outcomes = {f"question-{QUESTION}": outcome} if outcome else {}
    return Standing(Place(1, 1, **place), declared, outcomes)  # type: ignore[arg-type]


SECRETARIAT = {"secretariat": True}
EXPERT = {"sits_in": frozenset({GROUP})}
CHAIR = {"sits_in": frozenset({GROUP}), "chairs": frozenset({GROUP})}
OTHER = {"sits_in": frozenset({9}), "chairs": frozenset({9})}


# The tables of METHODS section 10

STEPS = {
    ("draft", "assigned"),
    ("assigned", "evidence_ready"),
    ("evidence_ready", "opinion_draft"),
    ("opinion_draft", "opinion_adopted"),
    ("opinion_adopted", "locked"),
    ("opinion_adopted", "opinion_draft"),
    ("locked", "opinion_draft"),
}
OPINION_STEPS = {
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("submitted", "submitted"),
    ("submitted", "revealed"),
    ("revealed", "revised"),
    ("revealed", "final"),
    ("revealed", "withdrawn"),
    ("revised", "revised"),
    ("revised", "final"),
    ("revised", "withdrawn"),
    ("final", "revised"),
}


@pytest.mark.parametrize(("stage", "to"), list(itertools.product(Stage, Stage)))
def test_a_question_takes_the_listed_steps_and_no_others(stage: Stage, to: Stage) -> None:
    if (stage, to) in STEPS:
        rules.check_step(stage, to)
    else:
        with pytest.raises(Refused):
            rules.check_step(stage, to)


@pytest.mark.parametrize(("stage", "to"), list(itertools.product(OpinionStage, OpinionStage)))
def test_an_opinion_takes_the_listed_steps_and_no_others(stage: OpinionStage, to: OpinionStage) -> None:
    if (stage, to) in OPINION_STEPS:
        rules.check_opinion_step(stage, to)
    else:
        with pytest.raises(Refused):
            rules.check_opinion_step(stage, to)


def test_every_stage_has_its_steps_its_words_and_its_place_on_the_way() -> None:
    assert set(NEXT) == set(rules.STAGE_WORDS) == set(rules.WAY_STEP) == set(rules.NEXT_STEP) == set(Stage)
    assert set(NEXT_OPINION) == set(OpinionStage)
    assert set(rules.STANCE_WORDS) == set(Stance)
    assert set(rules.WAY_STEP.values()) <= {*rules.WAY, "done"}


# Reading


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        (standing(**SECRETARIAT), True),
        (standing(**CHAIR), True),
        (standing(**EXPERT), True),
        (standing(declared=False, **EXPERT), False),
        (standing(Outcome.OTHER_LINK, **EXPERT), True),
        (standing(Outcome.DEROGATION, **EXPERT), True),
        (standing(Outcome.HEARD_ONLY, **EXPERT), False),
        (standing(Outcome.RECUSED_ITEM, **EXPERT), False),
        (standing(Outcome.RECUSED_ITEM, **CHAIR), False),
        (standing(**OTHER), False),
        (standing(stakeholder=True), False),
        (standing(), False),
    ],
)
def test_who_reads_a_question(who: Standing, reads: bool) -> None:
    assert rules.may_read(who, QUESTION, GROUP, Stage.ASSIGNED) is reads
    if not reads:
        with pytest.raises(NotFound if who.declared else NotAllowed):
            rules.check_may_read(who, QUESTION, GROUP, Stage.ASSIGNED)


def test_a_question_in_preparation_is_the_secretariats_alone() -> None:
    assert rules.may_read(standing(**SECRETARIAT), QUESTION, GROUP, Stage.DRAFT)
    assert not rules.may_read(standing(**CHAIR), QUESTION, GROUP, Stage.DRAFT)


@pytest.mark.parametrize("stage", list(OpinionStage))
def test_before_the_reveal_an_opinion_exists_for_its_author_alone(stage: OpinionStage) -> None:
    for who in (standing(**SECRETARIAT), standing(**CHAIR), standing(**EXPERT)):
        assert rules.may_see_opinion(who, author_id=1, stage=stage, revealed=False)
        assert not rules.may_see_opinion(who, author_id=7, stage=stage, revealed=False)
        assert rules.may_see_opinion(who, author_id=7, stage=stage, revealed=True) is (stage in rules.SHOWN)


def test_heard_only_knows_that_the_question_exists() -> None:
    assert rules.is_heard_only(standing(Outcome.HEARD_ONLY, **EXPERT), QUESTION, GROUP)
    assert not rules.is_heard_only(standing(Outcome.RECUSED_ITEM, **EXPERT), QUESTION, GROUP)
    assert not rules.is_heard_only(standing(Outcome.HEARD_ONLY, **OTHER), QUESTION, GROUP)


# Acting


def verdict(check: object, *given: object) -> type[Refusal] | None:
    try:
        check(*given)  # type: ignore[operator]
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("who", "prepares", "conducts", "chairs", "writes"),
    [
        (standing(**SECRETARIAT), None, None, NotFound, NotFound),
        (standing(**CHAIR), NotFound, None, None, None),
        (standing(**EXPERT), NotFound, NotFound, NotFound, None),
        (standing(declared=False, **CHAIR), NotFound, NotAllowed, NotAllowed, NotAllowed),
        (standing(declared=False, **EXPERT), NotFound, NotAllowed, NotFound, NotAllowed),
        (standing(Outcome.DEROGATION, **EXPERT), NotFound, NotFound, NotFound, NotAllowed),
        (standing(Outcome.RECUSED_ITEM, **CHAIR), NotFound, NotFound, NotFound, NotFound),
        (standing(Outcome.HEARD_ONLY, **EXPERT), NotFound, NotFound, NotFound, NotFound),
        (standing(**OTHER), NotFound, NotFound, NotFound, NotFound),
        (standing(stakeholder=True), NotFound, NotFound, NotFound, NotFound),
        (standing(), NotFound, NotFound, NotFound, NotFound),
    ],
)
def test_who_may_do_what(
    who: Standing, prepares: object, conducts: object, chairs: object, writes: object
) -> None:
    assert verdict(rules.check_prepares, who) is prepares
    assert verdict(rules.check_conducts, who, QUESTION, GROUP) is conducts
    assert verdict(rules.check_chairs, who, QUESTION, GROUP) is chairs
    assert verdict(rules.check_writes, who, QUESTION, GROUP) is writes


def test_who_may_not_write_is_not_expected_to() -> None:
    assert rules.is_expected(standing(**EXPERT), QUESTION, GROUP)
    assert rules.is_expected(standing(declared=False, **EXPERT), QUESTION, GROUP)
    for outcome in (Outcome.RECUSED_ITEM, Outcome.HEARD_ONLY, Outcome.DEROGATION):
        assert not rules.is_expected(standing(outcome, **EXPERT), QUESTION, GROUP)
    assert not rules.is_expected(standing(**OTHER), QUESTION, GROUP)


@pytest.mark.parametrize(
    ("stage", "own", "open_"),
    [
        (Stage.DRAFT, None, False),
        (Stage.ASSIGNED, None, False),
        (Stage.EVIDENCE_READY, None, True),
        (Stage.EVIDENCE_READY, OpinionStage.SUBMITTED, True),
        (Stage.EVIDENCE_READY, OpinionStage.WITHDRAWN, False),
        (Stage.OPINION_DRAFT, None, True),
        (Stage.OPINION_DRAFT, OpinionStage.FINAL, True),
        (Stage.OPINION_ADOPTED, OpinionStage.REVEALED, False),
        (Stage.LOCKED, OpinionStage.FINAL, False),
    ],
)
def test_when_opinions_are_written(stage: Stage, own: OpinionStage | None, open_: bool) -> None:
    assert verdict(rules.check_writing, stage, own) is (None if open_ else Refused)


@pytest.mark.parametrize(
    ("stage", "revealed", "to"),
    [
        (OpinionStage.DRAFT, False, OpinionStage.SUBMITTED),
        (OpinionStage.SUBMITTED, False, OpinionStage.SUBMITTED),
        (OpinionStage.DRAFT, True, OpinionStage.REVEALED),
        (OpinionStage.REVEALED, True, OpinionStage.REVISED),
        (OpinionStage.REVISED, True, OpinionStage.REVISED),
        (OpinionStage.FINAL, True, OpinionStage.REVISED),
    ],
)
def test_where_a_submission_leads(stage: OpinionStage, revealed: bool, to: OpinionStage) -> None:
    assert rules.after_submitting(stage, revealed) is to


@pytest.mark.parametrize("stage", list(Stage))
def test_comments_and_conclusions_belong_to_the_discussion(stage: Stage) -> None:
    expected = None if stage is Stage.OPINION_DRAFT else Refused
    assert verdict(rules.check_commenting, stage) is expected
    assert verdict(rules.check_concluding, stage) is expected


def test_all_questions_are_locked_or_none_and_the_open_ones_are_named() -> None:
    rules.check_lockable({"I-1": Stage.OPINION_ADOPTED, "I-2": Stage.LOCKED})
    with pytest.raises(Refused) as caught:
        rules.check_lockable(
            {"I-1": Stage.OPINION_ADOPTED, "I-2": Stage.OPINION_DRAFT, "I-3": Stage.ASSIGNED}
        )
    assert caught.value.places == {"codes": "I-2, I-3"}
    with pytest.raises(Refused) as caught:
        rules.check_lockable({f"I-{number}": Stage.ASSIGNED for number in range(50)})
    assert str(caught.value.places["codes"]).endswith(" …")


def test_a_reopening_has_a_reason_and_a_locked_question_the_secretariat() -> None:
    rules.check_reopens(Stage.OPINION_ADOPTED, "New data.", standing(**CHAIR))
    rules.check_reopens(Stage.LOCKED, "New data.", standing(**SECRETARIAT))
    assert verdict(rules.check_reopens, Stage.LOCKED, "New data.", standing(**CHAIR)) is NotAllowed
    assert verdict(rules.check_reopens, Stage.OPINION_ADOPTED, "", standing(**CHAIR)) is Invalid
    assert verdict(rules.check_reopens, Stage.OPINION_DRAFT, "New data.", standing(**CHAIR)) is Refused


def test_nobody_overwrites_a_conclusion_unread() -> None:
    rules.check_based_on(None, 4)
    rules.check_based_on(4, 4)
    assert verdict(rules.check_based_on, 3, 4) is Refused
    assert verdict(rules.check_adopts, 1, 0) is Refused
    assert verdict(rules.check_adopts, 1, 2) is Refused
    rules.check_adopts(2, 2)


# Texts and scales


def test_a_complete_opinion_passes_and_not_assessable_is_an_answer_on_every_scale() -> None:
    texts.check_opinion(TEXT, Scales(), [])
    blank = Assessed("not_assessable", "not_assessable", "not_assessable", "very_low")
    texts.check_opinion(opinion("x", assessed=blank), Scales(), [])


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"position": ""}, {"position"}),
        ({"position": "x" * 2001}, {"position"}),
        ({"reasons": ""}, {"reasons"}),
        ({"reasons": "x" * 20_001}, {"reasons"}),
        ({"language": "de"}, {"language"}),
        ({"assessed": Assessed("", "", "", "")}, {"status", "severity", "likelihood", "certainty"}),
        ({"assessed": Assessed("known", "4", "0", "none")}, {"severity", "likelihood", "certainty"}),
        ({"assessed": Assessed("known", "1", "1", "low", "x" * 5001)}, {"unknowns"}),
        ({"citations": ((8, ""),)}, {"cites"}),
        ({"citations": ((7, "p" * 301),)}, {"cites"}),
    ],
)
def test_each_field_of_an_opinion_has_its_own_sentence(changes: dict[str, object], wrong: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        texts.check_opinion(opinion(str(changes.pop("position", "x")), **changes), Scales(), [7])
    assert set(caught.value.problems) == wrong


def test_a_conclusion_needs_an_answer_and_may_have_divergent_positions() -> None:
    texts.check_conclusion(CONCLUSION, Scales())
    empty = texts.ConclusionText("", ASSESSED, "en", "x" * 20_001)
    with pytest.raises(Invalid) as caught:
        texts.check_conclusion(empty, Scales())
    assert set(caught.value.problems) == {"answer", "divergent"}


def test_a_comment_needs_words_and_a_key() -> None:
    texts.check_comment("Agreed.", "en", "k" * 32)
    for given, field in (
        (("", "en", "k" * 32), "text"),
        (("x" * 5001, "en", "k" * 32), "text"),
        (("x", "xx", "k" * 32), "language"),
        (("x", "en", "k"), "key"),
    ):
        with pytest.raises(Invalid) as caught:
            texts.check_comment(*given)
        assert set(caught.value.problems) == {field}


def test_a_draft_may_be_unfinished_but_not_endless() -> None:
    texts.check_draft({"reasons": "x" * 50_000})
    with pytest.raises(Invalid):
        texts.check_draft({"reasons": "x" * 2_000_000})


@pytest.mark.parametrize("name", list(SEVERITIES))
def test_every_severity_has_words_and_not_assessable_comes_last(name: str) -> None:
    offered = Scales(severity=name).severities()
    assert [value for value, _ in offered] == [
        *(str(rank) for rank in range(1, len(SEVERITIES[name]) + 1)),
        "not_assessable",
    ]


@pytest.mark.parametrize("name", list(LIKELIHOODS))
def test_every_likelihood_has_words_and_not_assessable_comes_last(name: str) -> None:
    offered = Scales(likelihood=name).likelihoods()
    assert len(offered) == len(LIKELIHOODS[name]) + 1 and offered[-1][0] == "not_assessable"


def test_every_value_has_a_word() -> None:
    assert Scales().word("severity", "2") == "serious"
    assert Scales(likelihood="WHO_5").word("likelihood", "1") == "very unlikely, below 5 %"
    assert Scales().word("certainty", "very_low") == "very low"
    assert Scales().word("likelihood", "not_assessable") == "not assessable, for want of figures"
    assert [value for value, _ in scales.statuses()] == list(RiskStatus)

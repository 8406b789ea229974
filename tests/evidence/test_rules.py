"""The dossier: what a document needs, and through which questions it is read."""

from dataclasses import replace

import pytest

from deliberate.assessments.rules import Place
from deliberate.errors import Invalid, NotFound
from deliberate.evidence import rules
from deliberate.evidence.rules import Document, EvidenceKind
from deliberate.interests.rules import Outcome, Standing

PAIR = {"fr": "Titre", "en": "Title"}
DOCUMENT = Document("L-12", "literature", PAIR, PAIR, PAIR, "C", "https://example.org/a?b=c")
SUBJECTS = {"question-1": 2, "question-2": 2, "question-3": 5}


def standing(*outcomes: str, **place: object) -> Standing:
    kept_out = {subject: Outcome.RECUSED_ITEM for subject in outcomes}
    return Standing(Place(1, 1, **place), True, kept_out)  # type: ignore[arg-type]


EXPERT = {"sits_in": frozenset({2})}


def test_a_member_reads_the_questions_of_the_own_group_that_no_recusal_closes() -> None:
    assert rules.readable(standing(**EXPERT), SUBJECTS) == ["question-1", "question-2"]
    assert rules.readable(standing("question-1", **EXPERT), SUBJECTS) == ["question-2"]
    assert rules.readable(standing(secretariat=True), SUBJECTS) == list(SUBJECTS)
    assert rules.readable(standing(stakeholder=True), SUBJECTS) == []


@pytest.mark.parametrize(
    ("who", "linked", "found"),
    [
        (standing(**EXPERT), ["question-1"], True),
        (standing("question-1", **EXPERT), ["question-1"], False),
        (standing("question-1", **EXPERT), ["question-1", "question-2"], True),
        (standing(**EXPERT), ["question-3"], False),
        (standing(**EXPERT), [], False),
        (standing(secretariat=True), [], True),
        (standing(stakeholder=True), ["question-1"], False),
    ],
)
def test_a_document_is_read_through_its_questions(who: Standing, linked: list[str], found: bool) -> None:
    if found:
        rules.check_reads_item(who, linked, SUBJECTS)
    else:
        with pytest.raises(NotFound):
            rules.check_reads_item(who, linked, SUBJECTS)


def test_the_secretariat_alone_keeps_the_dossier() -> None:
    rules.check_keeps_dossier(standing(secretariat=True))
    for who in (standing(**EXPERT), standing(chairs=frozenset({2}), **EXPERT), standing()):
        with pytest.raises(NotFound):
            rules.check_keeps_dossier(who)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()),
        ({"url": "", "level": ""}, set()),
        ({"code": ""}, {"code"}),
        ({"code": "a b"}, {"code"}),
        ({"code": "x" * 41}, {"code"}),
        ({"kind": "rumour"}, {"kind"}),
        ({"level": "Z"}, {"level"}),
        ({"title": {"fr": "Titre", "en": ""}}, {"title_en"}),
        ({"source": {}}, {"source_fr", "source_en"}),
        ({"description": {"fr": "x" * 20_001, "en": "x"}}, {"description_fr"}),
        ({"url": "javascript:alert(1)"}, {"url"}),
        ({"url": "https://"}, {"url"}),
        ({"url": "https://[::1"}, {"url"}),
        ({"url": "https://example.org/" + "x" * 1000}, {"url"}),
    ],
)
def test_each_field_of_a_document_has_its_own_sentence(changes: dict[str, object], wrong: set[str]) -> None:
    document = replace(DOCUMENT, **changes)  # type: ignore[arg-type]
    if not wrong:
        rules.check_document(document, taken=False)
        return
    with pytest.raises(Invalid) as caught:
        rules.check_document(document, taken=False)
    assert set(caught.value.problems) == wrong


def test_a_code_is_given_once() -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_document(DOCUMENT, taken=True)
    assert set(caught.value.problems) == {"code"}


def test_a_document_bears_on_questions() -> None:
    rules.check_subjects(["question-1", "question-22"])
    for subject in ("group-1", "question-0", "question-", "question-1 OR 1=1"):
        with pytest.raises(Invalid):
            rules.check_subjects([subject])


def test_every_kind_and_level_has_words() -> None:
    assert set(rules.KIND_WORDS) == set(EvidenceKind)
    assert set(rules.LEVEL_WORDS) == set(rules.LEVELS)

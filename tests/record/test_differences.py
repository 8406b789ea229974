"""Which sections changed, and the words that did. Pure."""

from copy import deepcopy
from typing import Any

from deliberate.record.differences import changed_sections, line_differences, text_lines

CONTENT: dict[str, Any] = {
    "assessment": {"title": {"en": "Mesotherapy"}},
    "questions": [
        {"key": "question-I-1", "code": "I-1", "title": {}, "stage": "opinion_adopted", "conclusion": None}
    ],
    "participants": [{"name": "A"}],
    "votes": [],
    "sections": [
        {"key": key} for key in ("aim", "conclusions", "question-I-1", "participants", "traceability")
    ],
}


def changed(**changes: Any) -> list[str]:
    return changed_sections(CONTENT, {**deepcopy(CONTENT), **changes})


def test_nothing_changed_is_nothing_told() -> None:
    assert changed() == [] and changed(votes=[1]) == []


def test_a_new_section_and_a_changed_one_are_named_in_order() -> None:
    sections = [*CONTENT["sections"], {"key": "votes"}]
    assert changed(sections=sections, participants=[{"name": "B"}]) == ["participants", "votes"]


def test_a_conclusion_changes_its_question_and_the_table_of_conclusions() -> None:
    question = {**CONTENT["questions"][0], "conclusion": {"answer": "Yes."}}
    assert changed(questions=[question]) == ["conclusions", "question-I-1"]


def test_a_question_that_was_locked_has_not_changed() -> None:
    assert changed(questions=[{**CONTENT["questions"][0], "stage": "locked"}]) == []


def test_lines_are_what_is_read_without_drawings() -> None:
    html = (
        "<h3>Votes</h3><p>One <b>two</b>\n three</p><svg><text>drawn</text></svg>"
        "<table><tr><th>n</th> <td>12</td></tr></table><ul><li>first</li><li><p>second</p></li></ul>"
    )
    assert text_lines(html) == ["Votes", "One two three", "n 12", "first", "second"]


def test_only_lines_that_differ_are_shown_with_their_words() -> None:
    before, after = ["same", "the risk is established", "gone"], ["same", "the risk is probable"]
    assert [str(line) for line in line_differences(before, after)] == [
        "the risk is <del>established</del><ins>probable</ins>",
        "<del>gone</del>",
    ]
    assert [str(line) for line in line_differences(["a"], ["a", "<b>"])] == ["<ins>&lt;b&gt;</ins>"]

"""Differences: exact, escaped, and never slow."""

import random
import re
import time

import pytest
from markupsafe import escape

from deliberate.web.diff import word_diff


def old_and_new(html: str) -> tuple[str, str]:
    old = re.sub(r"<ins>.*?</ins>", "", html, flags=re.S).replace("<del>", "").replace("</del>", "")
    new = re.sub(r"<del>.*?</del>", "", html, flags=re.S).replace("<ins>", "").replace("</ins>", "")
    return old, new


def test_words_are_marked_where_they_changed() -> None:
    assert word_diff("The risk is rare.", "The risk is not rare!") == (
        "The risk is <ins>not </ins>rare<del>.</del><ins>!</ins>"
    )


def test_lines_that_did_not_change_are_left_alone() -> None:
    assert word_diff("one\ntwo\nthree\n", "one\n2\nthree\n") == "one\n<del>two</del><ins>2</ins>\nthree\n"


@pytest.mark.parametrize(
    ("old", "new"), [("", ""), ("a", ""), ("", "a"), ("a", "a"), ("\n", "\n\n"), ("é", "e")]
)
def test_the_edges(old: str, new: str) -> None:
    assert old_and_new(word_diff(old, new)) == (old, new)


def test_what_people_wrote_stays_text() -> None:
    assert word_diff("<b>O'Brien</b>", "<i>O'Brien</i>").count("<b>") == 0
    assert old_and_new(word_diff("<del>", "<ins>")) == (str(escape("<del>")), str(escape("<ins>")))


def test_both_texts_can_be_read_back_from_any_difference() -> None:
    chance = random.Random(7)
    for _ in range(300):
        texts = ["".join(chance.choice("ab \n.") for _ in range(chance.randrange(60))) for _ in range(2)]
        assert old_and_new(word_diff(*texts)) == tuple(texts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 10_000, "b a " * 5_000),
        ("a b " * 5_000, "b a " * 5_000),
        ("x\n" * 10_000, "x\ny\n" * 5_000),
        (" ".join(map(str, range(4_000))), " ".join(map(str, range(4_000, 0, -1)))),
    ],
)
def test_no_pair_of_texts_holds_up_the_server(old: str, new: str) -> None:
    began = time.perf_counter()
    assert old_and_new(word_diff(old, new)) == (old, new)
    assert time.perf_counter() - began < 5  # the naive search takes minutes

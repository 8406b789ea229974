"""Texts of people become HTML that cannot harm."""

import pytest

from deliberate.web.diff import word_diff
from deliberate.web.markdown import to_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](http://elsewhere.example/pixel.png)",
    "<a href='x' onclick='alert(1)'>x</a>",
    "[x](vbscript:msgbox(1))",
    '<svg onload="alert(1)">',
    "<style>*{display:none}</style>",
    "<iframe src=//elsewhere.example></iframe>",
    "[a](https://example.org 'title\" onmouseover=\"alert(1)')",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_becomes_a_script_an_image_or_a_handler(attack: str) -> None:
    html = str(to_html(attack)).lower()
    for harm in (
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<style",
        'href="javascript',
        'href="data:',
        'href="vbscript',
    ):
        assert harm not in html
    assert " onclick=" not in html.replace("&#39;", "") or "&lt;a" in html


def test_emphasis_lists_quotes_and_tables_survive() -> None:
    html = to_html("**No** data.\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    for tag in ("<strong>No</strong>", "<li>one</li>", "<blockquote>", "<td>1</td>"):
        assert tag in html


def test_headings_start_below_those_of_the_page() -> None:
    assert to_html("# Big\n\n## Less") == "<h3>Big</h3>\n<h3>Less</h3>\n"


def test_links_tell_nobody_where_they_were_clicked() -> None:
    assert 'rel="noopener noreferrer"' in to_html("[HAS](https://example.org)")


def test_a_name_with_markup_shows_as_typed() -> None:
    assert "&lt;b&gt;O'Brien&lt;/b&gt;" in to_html("<b>O'Brien</b>")


def test_a_difference_marks_words_gone_and_words_new() -> None:
    assert word_diff("The risk is low.", "The risk is high.") == "The risk is <del>low</del><ins>high</ins>."


def test_a_difference_escapes_both_texts() -> None:
    assert word_diff("<b>", "<i>") == "&lt;<del>b</del><ins>i</ins>&gt;"


def test_very_long_texts_are_shown_as_replaced_rather_than_compared_for_minutes() -> None:
    old, new = "a " * 30_000, "b " * 30_000
    assert word_diff(old, new) == f"<del>{old[:-1]}</del><ins>{new[:-1]}</ins> "

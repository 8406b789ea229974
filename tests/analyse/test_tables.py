"""What a person reads in the terminal."""

import re
import subprocess
import sys

import pytest

from deliberate.settings import data_path
from deliberate.web import i18n
from deliberate.web.numbers import number, per_cent
from tests.analyse.sheets import run, wide
from tests.consensus.shared import shared_file

LONG_NAME = (
    "Skin preparation alone does not exclude mycobacterial infection after injection, whatever is used"
)
PANELS = {
    "s1": [4, 5, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9],
    "s2": [1, 2, 2, 3, 5, 6, 6, 7, 8],
    LONG_NAME: [2, 4, 7, 7, 8, 8, 8, 9, 9],
    "<b>O'Brien</b> [red]&[/red]": [5] * 15,
}


def two_rounds_in_groups():
    lines = [f"rater;round;group;{LONG_NAME};s2"]
    for number_of_round in (1, 2):
        for rater in range(120):
            group = "patients" if rater % 2 else "clinicians"
            lines.append(
                f"R{rater};{number_of_round};{group};{rater % 9 + 1};{(rater + number_of_round) % 9 + 1}"
            )
    return "\n".join(lines).encode()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("content", [wide(PANELS), two_rounds_in_groups()], ids=["one round", "two rounds"])
def test_no_line_is_wider_than_eighty_columns_and_no_figure_is_cut(content, language):
    result = run("-", "--language", language, stdin=content)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert len(lines) > 50
    assert [line for line in lines if len(line) > 80] == []
    cut = [line for line in lines if "…" in line]
    assert cut and all(re.match(r"\d+ \S[^…]*… ", line) for line in cut)  # only names, with their number


def test_names_stand_as_they_are_and_steer_nothing():
    result = run("-", stdin=wide({"<b>O'Brien</b> [red]&[/red]": [5] * 9, "a\x1b[31mb\u202ec": [5] * 9}))
    assert "<b>O'Brien</b> [red]&[/red]" in result.stdout
    assert "a\ufffd[31mb\ufffdc" in result.stdout
    assert "\x1b" not in result.stdout and "\u202e" not in result.stdout


def test_the_annex_marks_the_rows_whose_answers_differ():
    result = run(shared_file("ratings", "unisante_round2", "ratings_wide_round2.csv"))
    annex = result.stdout.partition("Sensitivity")[2]
    assert re.findall(r"(?m)^(\w+) .* differ$", annex) == ["z_s3", "a_s6", "a_s8", "b_s12"]
    assert "Items whose eight answers differ: 4 of 10." in annex


def test_a_method_shows_its_own_columns_and_is_the_one_that_counts():
    whole = run("-", stdin=wide(PANELS)).stdout
    one = run("-", "--method", "COMET_70_15", stdin=wide(PANELS)).stdout
    assert "HAS formal consensus, by" in whole and "Sensitivity" in whole and "Aczel" in whole
    assert "COMET" in one and "HAS formal consensus, by" not in one and "Sensitivity" not in one
    assert "What counts: COMET" in one and "What counts: Formal consensus" in whole


def test_french_has_its_words_and_commas():
    result = run("-", "--language", "fr", stdin=wide(PANELS))
    assert "W de Kendall" in result.stdout and "4,5" not in result.stdout.partition("Cotations")[0]
    assert "+ accord" in result.stdout and "0,164" in result.stdout


def test_an_unknown_option_is_a_usage_error():
    assert run("-", "--method", "TALLEST", stdin=wide(PANELS)).exit_code == 2
    assert run("-", "--percentile", "type5", stdin=wide(PANELS)).exit_code == 2


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (7, 2, "7", "7"),
        (6.25, 2, "6.25", "6,25"),
        (10, 0, "10", "10"),
        (-0.001, 2, "0", "0"),
        (-1.5, 1, "−1.5", "−1,5"),
        (None, 2, "–", "–"),
    ],
)
def test_numbers_are_written_as_each_language_does(value, digits, english, french):
    i18n.load_catalogs(data_path("config") / "locale", ("fr", "en"))
    i18n.speak("fr")
    assert number(value, digits) == french
    assert per_cent(75) == "75\u202f%"
    i18n.speak("en")
    assert number(value, digits) == english
    assert per_cent(75) == "75%"


def test_the_command_loads_neither_database_nor_web():
    heavy = "{'tortoise', 'starlette', 'jinja2', 'openpyxl'}"
    code = f"import sys, deliberate.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

"""What is read, and what is refused: all of a file or none of it, every reason with its line."""

import json

import pytest

from tests.analyse.sheets import reported, run, wide, workbook

WIDE = "rater,s1,s2\nA,7,NSP\nB,,9\n"
ROWS = [["rater", "s1", "s2"], ["A", 7, "NSP"], ["B", None, 9.0]]
NO_RATING = "is not a rating. Write a whole number from 1 to 9, NSP for no opinion, or nothing."


@pytest.mark.parametrize(
    "content",
    [
        WIDE.encode("utf-8-sig"),
        WIDE.replace(",", ";").encode(),
        WIDE.replace(",", "\t").encode("utf-16"),
        b"rater,item,rating\nA,s1,7\nA,s2,NSP\nB,s2,9\n",
        workbook(ROWS),
        workbook([[], *ROWS, [], [None, None, None]]),
        workbook([["rater", "item", "rating"], ["A", "s1", 7], ["A", "s2", "nsp"], ["B", "s2", 9]]),
    ],
    ids=["BOM", "semicolons", "Unicode text", "long", "XLSX", "XLSX with blank rows", "XLSX, long"],
)
def test_every_form_of_a_file_says_the_same(content, tmp_path):
    file = tmp_path / "ratings"
    file.write_bytes(content)
    assert reported(file) == reported("-", stdin=WIDE.encode())


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", ["1: the file is empty. It needs a header that begins with rater."]),
        (b"name,s1\nA,5\n", ["1: the first column is 'name'. Name it rater."]),
        (
            b"rater,s1,s2\nA,7,10\nB,7\n\nA,5,5\n",
            [
                f"2: '10' for s2 {NO_RATING}",
                "3: 2 cells instead of 3. Look for a missing or extra separator.",
                "5: A already has a row in round 1. Keep one.",
            ],
        ),
        (
            b"rater,item,rating,round,group\nA,s1,7,1,x\nA,s1,8,1,x\nA,s2,0,1,y\n",
            [
                "3: A already has an answer to s1 in round 1. Keep one.",
                "4: A is in y here but in x before. Keep one group.",
                f"4: '0' for s2 {NO_RATING}",
            ],
        ),
        (
            b"rater,s1\nA,5\nB\xe9,6\n",
            ["3: these letters are not in UTF-8. Save the file as CSV in UTF-8."],
        ),
        (b"\xff\xfer\x00a\x00", ["1: the first column is 'ra'. Name it rater."]),
        (b"\xff\xfer", ["1: these letters are not in UTF-8. Save the file as CSV in UTF-8."]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ["1: this is an .xls workbook. Save it as .xlsx or as CSV."]),
        (b"PK\x03\x04 and no more", ["1: this workbook is damaged. Save it again."]),
        (
            workbook([[], ["rater", "s1", "s2"], ["A", 10, 6.5], [], ["B", True, "x"], ["C", 1, 2, 3]]),
            [
                f"3: '10' for s1 {NO_RATING}",
                f"3: '6.5' for s2 {NO_RATING}",
                f"5: 'True' for s1 {NO_RATING}",
                f"5: 'x' for s2 {NO_RATING}",
                "6: 4 cells instead of 3. Look for a missing or extra separator.",
            ],
        ),
    ],
)
def test_a_bad_file_is_told_line_by_line_and_nothing_is_written(content, problems, tmp_path):
    file, page = tmp_path / "ratings", tmp_path / "page.html"
    file.write_bytes(content)
    result = run(file, "--json", "--html", page)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [f"{file}:{problem}" for problem in problems]
    assert result.stdout == "" and not page.exists()


def test_hundreds_of_problems_are_all_told():
    result = run("-", stdin=b"rater,s1\n" + b"".join(b"R%d,oops\n" % line for line in range(300)))
    assert len(result.stderr.splitlines()) == 300
    assert result.stderr.startswith("standard input:2: 'oops' for s1")


def test_formulas_of_a_workbook_are_neither_computed_nor_taken():
    formula = "Copy the column and paste it as values."
    rows = [["rater", "=A1"], ["A", "=3+4"], ["=A2", 7], ["B", "=9"]]
    result = run("-", stdin=workbook(rows))
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"standard input:{line}: the cell {cell} holds a formula. {formula}"
        for line, cell in ((1, "B1"), (2, "B2"), (3, "A3"), (4, "B4"))
    ]


def test_names_from_a_workbook_may_hold_separators_quotes_and_line_breaks():
    rows = [["rater", 'First, do "no"\nharm; then\twait', 3, 4.0], [12, 5, 6, 7], [13.0, 5, 6, 7]]
    told = reported("-", stdin=workbook(rows))
    assert [item["item"] for item in told["items"]] == ['First, do "no" harm; then wait', "3", "4"]
    assert told["panel"]["raters"] == 2


def test_a_missing_file_is_a_sentence(tmp_path):
    result = run(tmp_path / "none.csv")
    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path}/none.csv cannot be read: No such file or directory.\n"


@pytest.mark.parametrize(
    ("name", "text", "problems"),
    [
        (
            "p.toml",
            '[protocol]\nmethod = "RAMM"\n[protocol.ram]\nk_at_7 = "x"\n[protocol.comet]\nin_pcts = 3\n',
            [
                ":2: method: 'RAMM' is not one of",
                ":4: ram.k_at_7: 'x' is not a whole number.",
                ":6: comet.in_pcts: unknown parameter. Did you mean in_pct?",
            ],
        ),
        (
            "p.toml",
            '"zz.y" = 3\nmethod = "RAM"\n"ram.k_at_7" = "x"\n',
            [": zz: unknown parameter.", ":3: ram.k_at_7: 'x' is not a whole number."],
        ),
        ("p.json", json.dumps({"comet.in_pct": 200}), [": comet.in_pct: 200 is not between 0 and 100."]),
        ("p.json", '{"ram":', [": this is neither TOML nor JSON: Expecting value"]),
        ("p.toml", "ram = \n", [": this is neither TOML nor JSON: Invalid value (at line 1"]),
        ("p.json", "{" * 3000, [": "]),
        ("p.toml", "[rounds]\nmin = 9\n", [":2: rounds.min: 9 is more than rounds.max, 3."]),
    ],
)
def test_a_bad_protocol_is_told_too(name, text, problems, tmp_path):
    file = tmp_path / name
    file.write_text(text)
    result = run("-", "--protocol", file, stdin=WIDE.encode())
    assert result.exit_code == 1 and result.stdout == ""
    told = result.stderr.splitlines()
    assert len(told) == len(problems)
    for line, problem in zip(told, problems, strict=True):
        assert line.startswith(f"{file}{problem}"), line


def test_ratings_that_are_no_columns_of_a_grid_are_refused():
    result = run("-", "--method", "GRADE_GRID", stdin=wide({"s1": [1, 2, 3, 4, 5, 6]}))
    assert result.exit_code == 1
    assert "s1: A GRADE grid has the columns 1 to 5" in result.stderr


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path):
    result = run("-", "--html", tmp_path / "none" / "page.html", stdin=WIDE.encode())
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory." in result.stderr

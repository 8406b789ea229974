import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.consensus.ratings_file import UnreadableRatings, read_ratings
from deliberate.consensus.table import MISSING, NSP, RatingTable

NO_RATING = "is not a rating. Write a whole number from 1 to 9, NSP for no opinion, or nothing."
WIDE = "rater,s1,s2\nR1,7,NSP\nR2,,9\n"
LONG = "rater,item,rating\nR1,s1,7\nR1,s2,NSP\nR2,s2,9\n"


def problems(text):
    with pytest.raises(UnreadableRatings) as caught:
        read_ratings(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_wide_and_a_long_file_hold_the_same_table():
    expected = RatingTable(("R1", "R2"), ("s1", "s2"), {"1": [bytes([7, NSP]), bytes([MISSING, 9])]})
    assert read_ratings(WIDE) == read_ratings(LONG) == expected


def test_rounds_and_groups_are_read_from_both_forms():
    wide = "rater,round,group,s1,s2\nA,2,doctors,9,9\nA,1,doctors,7,8\nB,1,patients,1,\n"
    long = (
        "group,rating,item,rater,round\ndoctors,9,s1,A,2\ndoctors,9,s2,A,2\n"
        "doctors,7,s1,A,1\ndoctors,8,s2,A,1\npatients,1,s1,B,1\n"
    )
    table = read_ratings(wide)
    assert table == read_ratings(long)
    assert list(table.rounds) == ["1", "2"]  # in the order of their numbers
    assert table.rounds["2"] == [bytes([9, 9]), bytes([MISSING, MISSING])]
    assert table.groups == {"A": "doctors", "B": "patients"}
    assert table.numbers() == {"1": 1, "2": 2}


def test_leading_zeros_make_no_other_round_and_endless_numbers_are_refused():
    assert read_ratings("rater,round,s1\nA,01,5\nB,1,6\n").rounds == {"1": [b"\x05", b"\x06"]}
    assert problems(f"rater,round,s1\nA,{'9' * 5000},5\n") == [
        "Line 2: a round number of 5000 digits. Number the rounds from 1."
    ]


def test_rounds_with_names_stand_in_order_of_appearance():
    table = read_ratings("rater,round,s1\nA,pilot,5\nA,final,6\n")
    assert table.numbers() == {"pilot": 1, "final": 2}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffrater,s1,s2\r\nR1,7,NSP\r\nR2,,9\r\n",
        "rater;s1;s2\nR1;7;NSP\nR2;;9\n",
        "rater\ts1\ts2\nR1\t7\tNSP\nR2\t\t9",
        "\n Rater , s1 , s2 \n\n R1 , 7 , nsp \n,,\nR2,,9\n",
        '"rater_id","s1","s2"\n"R1","7","NSP"\n"R2","","9"\n',
    ],
    ids=["BOM and CRLF", "semicolons", "tabs", "blanks", "quotes"],
)
def test_what_spreadsheets_write_is_read_the_same(text):
    assert read_ratings(text) == read_ratings(WIDE)


def test_separators_inside_the_name_of_an_item_do_not_count():
    sentence = '"first, do no harm; then, perhaps, inject"'
    for separator in ",;\t":
        table = read_ratings(f"rater{separator}{sentence}\nR1{separator}7\n")
        assert (table.items, table.rounds["1"]) == ((sentence.strip('"'),), [b"\x07"])


def test_a_column_of_no_opinions_makes_empty_ratings_answers():
    table = read_ratings("rater,item,rating,no_opinion\nA,s1,,1\nA,s2,,0\nA,s3,5,\nA,s4,NSP,1\n")
    assert table.rounds["1"] == [bytes([NSP, MISSING, 5, NSP])]


def test_a_rating_beside_no_opinion_is_refused():
    text = "rater,item,rating,no_opinion\nA,s1,7,1\nA,s2,7,yes\n"
    assert problems(text) == [
        "Line 2: there is both a rating and no opinion. Keep one.",
        "Line 3: no_opinion is 'yes'. Write 1 for no opinion, 0 or nothing otherwise.",
    ]


def test_every_bad_row_is_told_with_its_line_and_what_to_do():
    text = "rater,s1,s2\nR1,7,10\nR2,7\n,5,5\nR1,5,5\nR3,x,6.5\n"
    assert problems(text) == [
        f"Line 2: '10' for s2 {NO_RATING}",
        "Line 3: 2 cells instead of 3. Look for a missing or extra separator.",
        "Line 4: the rater has no name. Fill in the cell.",
        "Line 5: R1 already has a row in round 1. Keep one.",
        f"Line 6: 'x' for s1 {NO_RATING}",
        f"Line 6: '6.5' for s2 {NO_RATING}",
    ]


def test_every_bad_row_of_a_long_file_is_told_too():
    text = "rater,item,rating,round,group\nA,s1,7,1,x\nA,s1,8,1,x\nA,s2,0,1,y\nB,,5,,x\n"
    assert problems(text) == [
        "Line 3: A already has an answer to s1 in round 1. Keep one.",
        "Line 4: A is in y here but in x before. Keep one group.",
        f"Line 4: '0' for s2 {NO_RATING}",
        "Line 5: the item has no name. Fill in the cell.",
        "Line 5: the round has no name. Fill in the cell.",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Line 1: the file is empty. It needs a header that begins with rater."),
        ("\n  \n", "Line 2: the file is empty. It needs a header that begins with rater."),
        ("rater,s1\n", "Line 1: there are no ratings below the header."),
        ("name,s1\nA,5\n", "Line 1: the first column is 'name'. Name it rater."),
        ("rater\nA\n", "Line 1: there is no item. Add a column per item, or the columns item and rating."),
        ("rater,s1,s1\nA,5,5\n", "Line 1: 2 columns are named 's1'. Give each its own name."),
        ("rater,s1,\nA,5,\n", "Line 1: a column has no name. Name it or remove it."),
        (
            "rater,s1,round\nA,5,1\n",
            "the column 'round' stands among the items. Move it before them or rename it.",
        ),
        ("rater,item,rating,why\nA,s1,5,x\n", "the column 'why' is not known in a long file. Remove it."),
        ('rater,s1\nA,"5\n', "cannot be read from here on"),
        ("rater,s1\nA,5\x00\n", "Line 2: "),
    ],
)
def test_a_file_that_is_no_table_of_ratings_says_why(text, problem):
    assert any(problem in told for told in problems(text)), problems(text)


def test_nothing_is_half_read_and_long_lists_of_problems_are_cut_short():
    text = "rater,s1\n" + "".join(f"R{line},oops\n" for line in range(50))
    with pytest.raises(UnreadableRatings) as caught:
        read_ratings(text)
    assert len(caught.value.problems) == 50
    assert str(caught.value).count("\n") == 20
    assert str(caught.value).endswith("And 30 more.")


names = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)
answers = st.sampled_from([*range(1, 10), NSP, MISSING])


@given(st.data())
def test_any_table_survives_being_written_and_read(data):
    items = data.draw(
        st.lists(names, min_size=1, max_size=5, unique=True).map(lambda found: [f"s{name}" for name in found])
    )
    raters = data.draw(st.lists(names, min_size=1, max_size=5, unique=True))
    rows = [data.draw(st.lists(answers, min_size=len(items), max_size=len(items))) for _ in raters]
    cell = {**{rating: str(rating) for rating in range(1, 10)}, NSP: "NSP", MISSING: ""}
    wide = "\n".join(
        [
            ",".join(["rater", *items]),
            *(",".join([rater, *map(cell.get, row)]) for rater, row in zip(raters, rows, strict=True)),
        ]
    )
    long = ["rater,item,rating"]
    long += [
        f"{rater},{item},{cell[value]}"
        for rater, row in zip(raters, rows, strict=True)
        for item, value in zip(items, row, strict=True)
    ]
    table = read_ratings(wide)
    assert (table.raters, table.items, table.rounds["1"]) == (
        tuple(raters),
        tuple(items),
        [bytes(row) for row in rows],
    )
    assert read_ratings("\n".join(long)) == table


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_reasons(text):
    try:
        table = read_ratings(text)
    except UnreadableRatings as refused:
        assert refused.problems
    else:
        assert table.raters


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((("A", "A"), ("s1",), {"1": [b"\x05", b"\x05"]}), "once"),
        ((("A",), ("s1", "s1"), {"1": [b"\x05\x05"]}), "once"),
        ((("A",), ("s1",), {"1": []}), "needs 1 rows"),
        ((("A",), ("s1",), {"1": [b"\x05\x05"]}), "of 1 answers"),
        ((("A",), ("s1",), {"1": [b"\x0a"]}), "something else"),
        ((("A", "B"), ("s1",), {"1": [b"\x05", b"\x05"]}, {"A": "x"}), "every rater has a group"),
    ],
)
def test_a_table_whose_parts_do_not_fit_is_refused(parts, reason):
    with pytest.raises(ValueError, match=reason):
        RatingTable(*parts)

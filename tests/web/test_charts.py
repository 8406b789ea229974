"""The geometry of charts: what is drawn says what was counted."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree

from deliberate.web import charts

TEMPLATES = Path(__file__).parents[2] / "templates"
MATRIX = [["C1", "C1", "C2"], ["C1", "C2", "C2"], ["C1", "C2", "C3"], ["C2", "C2", "C3"], ["C2", "C3", "C3"]]
SEVERITIES = ["minor", "serious", "major"]
LIKELIHOODS = ["very unlikely", "quite unlikely", "unlikely", "possible", "very likely to certain"]


def bubble(code="I-1", severity=2, likelihood=4, certainty="low"):
    return charts.Bubble(code, f"Question {code}", severity, likelihood, certainty, f"/questions/{code}")


def risk_map(*questions):
    return charts.risk_map(questions, matrix=MATRIX, severities=SEVERITIES, likelihoods=LIKELIHOODS)


@settings(deadline=None)  # a busy machine is slow, not wrong
@given(st.lists(st.integers(0, 60), min_size=9, max_size=9))
def test_bars_are_as_tall_as_their_counts_and_stay_inside(frequencies):
    chart = charts.distribution(frequencies)
    unit = charts.TALLEST / max(*frequencies, 1)
    for bar, count in zip(chart.bars, frequencies, strict=True):
        assert bar.count == count
        assert bar.height == pytest.approx(count * unit, abs=0.01)
        assert bar.y >= chart.top - 0.01
        assert bar.y + bar.height == pytest.approx(chart.baseline, abs=0.02)
        assert bar.x >= 0 and bar.x + bar.width <= chart.width
    assert chart.n == sum(frequencies)


def test_bars_know_their_zone_and_the_readers_own_rating():
    chart = charts.distribution([1] * 9, own=6)
    assert [bar.zone for bar in chart.bars] == ["low"] * 3 + ["middle"] * 3 + ["high"] * 3
    assert [bar.rating for bar in chart.bars if bar.own] == [6]
    assert chart.own_x == chart.bars[5].middle


def test_a_median_between_two_ratings_stands_between_their_bars():
    chart = charts.distribution([0] * 6 + [4, 4, 0], median=Fraction(15, 2), q1=7, q3=8)
    assert chart.median == "7.5"
    assert chart.median_x == (chart.bars[6].middle + chart.bars[7].middle) / 2
    left, right = chart.bracket
    assert left < chart.bars[6].middle < chart.bars[7].middle < right


def test_nothing_that_was_not_computed_is_drawn():
    chart = charts.distribution([0] * 9)
    assert (chart.median, chart.median_x, chart.bracket, chart.own_x) == (None, None, None, None)
    assert all(bar.height == 0 for bar in chart.bars)


@pytest.mark.parametrize("frequencies", [[1] * 8, [1] * 10, [1] * 8 + [-1]])
def test_a_distribution_of_anything_but_nine_counts_is_an_error(frequencies):
    with pytest.raises(ValueError, match="nine frequencies"):
        charts.distribution(frequencies)


@pytest.mark.parametrize(
    ("value", "words"),
    [(7, "7"), (Fraction(15, 2), "7.5"), (6.25, "6.25"), (Fraction(20, 3), "6.67"), (10, "10")],
)
def test_numbers_are_written_without_idle_decimals(value, words):
    assert charts.plain(value) == words


def test_rounds_share_one_axis_and_one_scale():
    first = charts.RoundRatings("Round 1", [0, 0, 2, 0, 0, 0, 4, 0, 0])
    second = charts.RoundRatings("Round 2", [0, 0, 0, 0, 0, 0, 8, 0, 0])
    chart = charts.rounds([first, second])
    one, two = chart.rounds
    assert [bar.middle for bar in one.bars] == [bar.middle for bar in two.bars]
    assert one.bars[6].height * 2 == pytest.approx(two.bars[6].height)
    assert two.top > one.digits_y
    assert two.height <= chart.height


def test_only_ones_own_change_is_an_arrow():
    def both(before, after):
        ratings = [charts.RoundRatings(str(own), [1] * 9, own=own) for own in (before, after)]
        return charts.rounds(ratings).arrows

    (arrow,) = both(6, 8)
    assert (arrow.before, arrow.after, arrow.x1 < arrow.x2, arrow.y1 < arrow.y2) == (6, 8, True, True)
    assert both(6, 6) == both(None, 8) == both(6, None) == ()


def test_participation_fills_the_bar_and_leaves_the_recused_outside():
    chart = charts.participation(9, 12, cannot_judge=1, recused=1)
    assert [(part.kind, part.count) for part in chart.segments] == [
        ("answered", 9),
        ("cannot-judge", 1),
        ("missing", 2),
    ]
    assert sum(part.width for part in chart.segments) == pytest.approx(chart.width)
    assert charts.participation(0, 0).segments == ()


def test_the_stage_strip_counts_what_is_settled():
    chart = charts.stage_strip([7, 7, 3, 0, 12, -1])
    assert (chart.questions, chart.settled) == (6, 3)
    assert all(y >= 0 and y + height == pytest.approx(chart.height) for _, y, height, _ in chart.bars)


def test_a_question_stands_in_the_cell_of_its_likelihood_and_severity():
    chart = risk_map(bubble(severity=3, likelihood=4))
    (placed,) = chart.placed
    (cell,) = [cell for cell in chart.cells if _inside(placed, cell)]
    assert cell.risk == "C3"
    assert chart.questions[0].risk == "C3"
    assert (chart.questions[0].severity, chart.questions[0].likelihood) == ("major", "possible")


@pytest.mark.parametrize("unknown", [None, "not_assessable"])
def test_what_cannot_be_assessed_has_a_column_of_its_own_and_no_class(unknown):
    chart = risk_map(bubble(likelihood=unknown), bubble("I-2"))
    placed = next(placed for placed in chart.placed if placed.bubble.code == "I-1")
    assert placed.x > max(label.x for label in chart.columns)
    assert chart.questions[0].risk == charts.NOT_ASSESSABLE
    assert chart.not_assessable == 1
    assert chart.apart_row is None


def test_the_not_assessable_column_is_there_even_when_empty():
    column = [cell for cell in risk_map(bubble()).cells if cell.risk == charts.NOT_ASSESSABLE]
    assert len(column) == len(SEVERITIES)


def test_an_unknown_severity_adds_a_row_apart():
    chart = risk_map(bubble(severity=None), bubble("I-2"))
    placed = next(placed for placed in chart.placed if placed.bubble.code == "I-1")
    assert chart.apart_row is not None
    assert placed.y > max(label.y for label in chart.rows)


def test_certainty_fills_the_bubble():
    assert all(bubble(certainty=certainty).solid for certainty in ("high", "moderate"))
    assert not any(bubble(certainty=certainty).solid for certainty in ("low", "very_low"))


@settings(deadline=None)  # a busy machine is slow, not wrong
@given(st.integers(1, 60))
def test_bubbles_of_one_cell_do_not_touch_and_what_finds_no_room_is_counted(count):
    chart = risk_map(*[bubble(f"I-{n}") for n in range(count)])
    assert len(chart.placed) + sum(cell.rest for cell in chart.cells) == count
    assert len(chart.questions) == count
    places = [(placed.x, placed.y) for placed in chart.placed]
    assert len(set(places)) == len(places)
    for position, (x1, y1) in enumerate(places):
        for x2, y2 in places[:position]:
            assert (x1 - x2) ** 2 + (y1 - y2) ** 2 >= (2 * charts.Placed(bubble(), 0, 0, 15).radius) ** 2
    home = next(cell for cell in chart.cells if _inside(chart.placed[0], cell))
    assert all(_inside(placed, home) for placed in chart.placed)


def _inside(placed, cell):
    x, y, r = placed.x, placed.y, placed.radius
    return (
        cell.x <= x - r and x + r <= cell.x + cell.width and cell.y <= y - r and y + r <= cell.y + cell.height
    )


def test_long_labels_break_into_three_lines_at_most():
    assert charts._lines("very likely to certain", 12) == ("very likely", "to certain")
    assert charts._lines("a b c d e f", 1) == ("a", "b", "c d e f")


@pytest.mark.parametrize("name", ["_distribution", "_rounds", "_risk_map"])
def test_a_drawing_stands_alone_with_title_and_description(name):
    made = {
        "_distribution": charts.distribution(
            [0, 0, 1, 0, 1, 3, 4, 2, 1], median=7, q1=6, q3=Fraction(15, 2), own=6
        ),
        "_rounds": charts.rounds([charts.RoundRatings("<b>1</b>", [1] * 9, 5, 3, 7, 2)] * 2),
        "_risk_map": risk_map(bubble("<b>&"), bubble("I-2", None, None)),
    }
    drawing = etree.fromstring(_draw(f"web/{name}.svg", chart=made[name]))
    space = "{http://www.w3.org/2000/svg}"
    assert drawing.tag == f"{space}svg"
    assert drawing.find(f"{space}title").text and drawing.find(f"{space}desc").text
    ids = [element.get("id") for element in drawing.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert not [e for e in drawing.iter() if "style" in e.attrib or e.tag == f"{space}b"]
    # Colours and patterns stand in attributes, so that the drawing is whole without our style sheets.
    assert all(e.get("fill") for e in drawing.iter(f"{space}rect", f"{space}circle", f"{space}text"))


def test_french_decimals_have_a_comma():
    chart = charts.distribution([1] * 9, median=Fraction(9, 2), q1=3, q3=7)
    assert "median 4,5" in _draw("web/_distribution.svg", language="fr", chart=chart)


def _draw(template, language="en", **context):
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    environment.install_null_translations(newstyle=True)
    environment.globals["colon"] = lambda: ": "
    environment.globals["current_language"] = lambda: language
    return environment.get_template(template).render(**context)

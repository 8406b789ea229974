"""Numbers in, geometry out: where each bar, tick and bubble of a chart stands. Pure: words and colours belong
to templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

Number = int | float | Fraction

PITCH, BAR, MARGIN = 36.0, 26.0, 18.0  # of the nine ratings, in SVG user units
TOP, TALLEST, STRIP = 18.0, 70.0, 46.0  # room for counts above, for bars, for bracket and digits below
WIDTH = 2 * MARGIN + 9 * PITCH


@dataclass(frozen=True)
class Bar:
    """One rating of the scale: `count` answers, drawn from (x, y), and the middle of its column."""

    rating: int
    count: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    zone: str
    own: bool


@dataclass(frozen=True)
class Distribution:
    """Nine bars, the median as a tick, the quartiles as a bracket, the reader's own rating as a mark."""

    key: str
    label: str
    width: float
    height: float
    top: float
    baseline: float
    bars: tuple[Bar, ...]
    n: int
    cannot_judge: int
    missing: int
    own: int | None
    own_x: float | None
    median: str | None
    median_x: float | None
    q1: str | None
    q3: str | None
    bracket: tuple[float, float] | None
    separators: tuple[float, float]
    rule: str  # how the quartiles were computed: it is printed beside them

    @property
    def bracket_y(self) -> float:
        return self.baseline + 9

    @property
    def digits_y(self) -> float:
        return self.baseline + 29

    @property
    def own_y(self) -> float:
        return self.baseline + 33


def distribution(
    frequencies: Sequence[int],
    *,
    median: Number | None = None,
    q1: Number | None = None,
    q3: Number | None = None,
    own: int | None = None,
    cannot_judge: int = 0,
    missing: int = 0,
    key: str = "d1",
    label: str = "",
    tallest: int | None = None,
    top: float = TOP,
    rule: str = "",
) -> Distribution:
    """The distribution of ratings 1 to 9; `tallest` gives several charts one vertical scale."""
    if len(frequencies) != 9 or min(frequencies) < 0:
        raise ValueError("a distribution needs nine frequencies, none of them negative")
    baseline = top + TALLEST
    unit = TALLEST / max(tallest or 0, *frequencies, 1)
    bars = tuple(
        _bar(rating, count, count * unit, baseline, own) for rating, count in enumerate(frequencies, 1)
    )
    return Distribution(
        key=key,
        label=label,
        width=WIDTH,
        height=baseline + STRIP,
        top=top,
        baseline=baseline,
        bars=bars,
        n=sum(frequencies),
        cannot_judge=cannot_judge,
        missing=missing,
        own=own,
        own_x=None if own is None else place(own),
        median=None if median is None else plain(median),
        median_x=None if median is None else place(median),
        q1=None if q1 is None else plain(q1),
        q3=None if q3 is None else plain(q3),
        bracket=None if q1 is None or q3 is None else (round(place(q1) - 5, 2), round(place(q3) + 5, 2)),
        separators=(place(Fraction(7, 2)), place(Fraction(13, 2))),
        rule=rule,
    )


def _bar(rating: int, count: int, height: float, baseline: float, own: int | None) -> Bar:
    middle, height = place(rating), round(height, 2)
    return Bar(
        rating=rating,
        count=count,
        x=round(middle - BAR / 2, 2),
        y=round(baseline - height, 2),
        width=BAR,
        height=height,
        middle=middle,
        zone=zone(rating),
        own=rating == own,
    )


def place(rating: Number) -> float:
    """Where a rating, or a median between two, stands on the axis."""
    return round(MARGIN + PITCH * (float(rating) - 0.5), 2)


def zone(rating: int) -> str:
    return "low" if rating <= 3 else "middle" if rating <= 6 else "high"


def plain(value: Number) -> str:
    """`7`, `7.5`, `6.25`: at most two decimals. Templates put a comma where the language wants one."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".")


# Rounds


@dataclass(frozen=True)
class RoundRatings:
    """The ratings of one round, as `rounds` wants them."""

    label: str
    frequencies: Sequence[int]
    median: Number | None = None
    q1: Number | None = None
    q3: Number | None = None
    own: int | None = None
    cannot_judge: int = 0
    missing: int = 0
    rule: str = ""


@dataclass(frozen=True)
class Arrow:
    """The reader's own change from one round to the next; nobody else's is drawn."""

    x1: float
    y1: float
    x2: float
    y2: float
    before: int
    after: int


@dataclass(frozen=True)
class Rounds:
    """Distributions one above the other on one axis and one vertical scale."""

    key: str
    width: float
    height: float
    rounds: tuple[Distribution, ...]
    arrows: tuple[Arrow, ...]


def rounds(ratings: Sequence[RoundRatings], key: str = "r1") -> Rounds:
    tallest = max((max(r.frequencies) for r in ratings), default=1)
    step = TALLEST + STRIP + TOP + 18
    charts = tuple(
        distribution(
            r.frequencies,
            median=r.median,
            q1=r.q1,
            q3=r.q3,
            own=r.own,
            cannot_judge=r.cannot_judge,
            missing=r.missing,
            key=f"{key}-{position}",
            label=r.label,
            tallest=tallest,
            top=TOP + 18 + position * step,
            rule=r.rule,
        )
        for position, r in enumerate(ratings)
    )
    arrows = tuple(arrow for one, two in pairwise(charts) if (arrow := _arrow(one, two)) is not None)
    return Rounds(key=key, width=WIDTH, height=len(charts) * step + 4, rounds=charts, arrows=arrows)


def _arrow(one: Distribution, two: Distribution) -> Arrow | None:
    if one.own is None or two.own is None or one.own == two.own or one.own_x is None or two.own_x is None:
        return None
    target = two.bars[two.own - 1]
    return Arrow(one.own_x, round(one.own_y + 8, 2), two.own_x, round(target.y - 17, 2), one.own, two.own)


# Participation


@dataclass(frozen=True)
class Segment:
    kind: str
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class Participation:
    """Who answered, who could not judge, who is missing, as one bar. Recused people stand outside it."""

    key: str
    width: float
    height: float
    segments: tuple[Segment, ...]
    answered: int
    cannot_judge: int
    missing: int
    recused: int
    entitled: int


def participation(
    answered: int,
    entitled: int,
    *,
    cannot_judge: int = 0,
    recused: int = 0,
    key: str = "p1",
    width: float = 240.0,
) -> Participation:
    """`answered` gave a value, `cannot_judge` said so instead; the rest of `entitled` is missing."""
    missing = max(entitled - answered - cannot_judge, 0)
    whole = max(answered + cannot_judge + missing, 1)
    segments, x = [], 0.0
    for kind, count in (("answered", answered), ("cannot-judge", cannot_judge), ("missing", missing)):
        if count:
            segments.append(Segment(kind, count, round(x, 2), round(width * count / whole, 2)))
            x += width * count / whole
    return Participation(
        key, width, 10.0, tuple(segments), answered, cannot_judge, missing, recused, entitled
    )


# Amounts beside each other, a bar in each row of their table


def lengths(amounts: Sequence[Number], width: float = 240.0) -> list[float]:
    """How long the bar of each amount is; the largest takes the whole `width`."""
    largest = max(amounts, default=0)
    return [round(float(amount) / float(largest) * width, 2) if largest else 0.0 for amount in amounts]


# How far the questions of an assessment have come


@dataclass(frozen=True)
class StageStrip:
    """One thin bar per question, as tall as the steps it has taken."""

    key: str
    width: float
    height: float
    bars: tuple[tuple[float, float, float, bool], ...]  # x, y, height, settled
    questions: int
    settled: int


def stage_strip(stages: Sequence[int], steps: int = 7, key: str = "s1") -> StageStrip:
    height, pitch = 22.0, 8.0
    bars = []
    for position, stage in enumerate(stages):
        tall = round(2 + (height - 2) * min(max(stage, 0), steps) / steps, 2)
        bars.append((position * pitch, round(height - tall, 2), tall, stage >= steps))
    settled = sum(stage >= steps for stage in stages)
    return StageStrip(key, max(len(stages) * pitch - 2, 2), height, tuple(bars), len(stages), settled)


# Risk map

NOT_ASSESSABLE = "not_assessable"
LABELS, GAP, PAD, FOOT, SHOWN = 116.0, 14.0, 9.0, 58.0, 24


@dataclass(frozen=True)
class Bubble:
    """A risk question on its way to the map; ranks from 1, or not assessable (None)."""

    code: str
    title: str
    severity: int | str | None
    likelihood: int | str | None
    certainty: str
    href: str | None = None

    @property
    def solid(self) -> bool:
        return self.certainty in ("high", "moderate")


@dataclass(frozen=True)
class Placed:
    bubble: Bubble
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Cell:
    """One field of the matrix; `risk` is its class, or not assessable. `rest` bubbles found no room."""

    x: float
    y: float
    width: float
    height: float
    risk: str
    level: int
    rest: int


@dataclass(frozen=True)
class AxisLabel:
    """One step of an axis, its label in at most three lines around (x, y)."""

    lines: tuple[str, ...]
    x: float
    y: float


@dataclass(frozen=True)
class Row:
    """What the list beside the map says of a question: the same thing for those who do not see it."""

    bubble: Bubble
    severity: str | None
    likelihood: str | None
    risk: str


@dataclass(frozen=True)
class RiskMap:
    """Likelihood to the right, severity upwards, *not assessable* as a column (and row) of its own, apart."""

    key: str
    width: float
    height: float
    cells: tuple[Cell, ...]
    placed: tuple[Placed, ...]
    columns: tuple[AxisLabel, ...]
    rows: tuple[AxisLabel, ...]
    apart_column: AxisLabel
    apart_row: AxisLabel | None
    foot: float
    questions: tuple[Row, ...]
    not_assessable: int


def risk_map(
    questions: Sequence[Bubble],
    *,
    matrix: Sequence[Sequence[str]],
    severities: Sequence[str],
    likelihoods: Sequence[str],
    key: str = "m1",
) -> RiskMap:
    """`matrix[likelihood - 1][severity - 1]` is the class of a cell, as the protocol stores it."""
    across, up = len(likelihoods), len(severities)
    classes = sorted({risk for line in matrix for risk in line})
    held: dict[tuple[int, int], list[Bubble]] = {}
    for question in questions:
        held.setdefault((_rank(question.likelihood), _rank(question.severity)), []).append(question)
    apart_row = any(severity == 0 for _, severity in held)
    most = max((min(len(bubbles), SHOWN) for bubbles in held.values()), default=1)
    radius = 15.0
    abreast = 2 if most <= 6 else 3 if most <= 12 else 4
    side = max(abreast * (2 * radius + 4) + 2 * PAD, 86.0)
    cells, placed = [], []
    lefts = {rank: LABELS + (rank - 1) * side for rank in range(1, across + 1)} | {
        0: LABELS + across * side + GAP
    }
    heights = {
        rank: _row_height([len(held.get((column, rank), ())) for column in lefts], abreast, radius)
        for rank in [*range(up, 0, -1), *([0] if apart_row else [])]
    }
    y, middles = 4.0, {}
    for rank, height in heights.items():
        y += GAP if rank == 0 else 0
        middles[rank] = round(y + height / 2, 2)
        for column, x in lefts.items():
            bubbles = held.get((column, rank), [])
            risk = matrix[column - 1][rank - 1] if column and rank else NOT_ASSESSABLE
            level = classes.index(risk) + 1 if risk in classes else 0
            cells.append(Cell(x, round(y, 2), side, height, risk, level, max(len(bubbles) - SHOWN, 0)))
            placed += _pack(bubbles[:SHOWN], x, y, side, abreast, radius)
        y += height
    return RiskMap(
        key=key,
        width=round(lefts[0] + side + 2, 2),
        height=round(y + FOOT, 2),
        cells=tuple(cells),
        placed=tuple(placed),
        columns=tuple(
            AxisLabel(_lines(text, int(side / 6.4)), lefts[rank] + side / 2, y + 16)
            for rank, text in enumerate(likelihoods, 1)
        ),
        rows=tuple(
            AxisLabel(_lines(text, 16), LABELS - 10, middles[rank]) for rank, text in enumerate(severities, 1)
        ),
        apart_column=AxisLabel((), lefts[0] + side / 2, y + 16),
        apart_row=AxisLabel((), LABELS - 10, middles[0]) if apart_row else None,
        foot=y,
        questions=tuple(_row(question, matrix, severities, likelihoods) for question in questions),
        not_assessable=sum(len(bubbles) for ranks, bubbles in held.items() if 0 in ranks),
    )


def _rank(rank: int | str | None) -> int:
    return 0 if rank is None or isinstance(rank, str) else rank


def _row_height(counts: Sequence[int], abreast: int, radius: float) -> float:
    lines = ceil(min(max(counts, default=0), SHOWN) / abreast)
    return max(lines * (2 * radius + 4) + 2 * PAD + 8, 68.0)


def _pack(
    bubbles: Sequence[Bubble], x: float, y: float, side: float, abreast: int, radius: float
) -> list[Placed]:
    """Rows of bubbles in reading order, below the class label of the cell."""
    pitch = 2 * radius + 4
    left = x + (side - abreast * pitch) / 2 + pitch / 2
    return [
        Placed(
            bubble,
            round(left + pitch * (position % abreast), 2),
            round(y + PAD + 14 + radius + pitch * (position // abreast), 2),
            radius,
        )
        for position, bubble in enumerate(bubbles)
    ]


def _row(
    question: Bubble, matrix: Sequence[Sequence[str]], severities: Sequence[str], likelihoods: Sequence[str]
) -> Row:
    severity, likelihood = _rank(question.severity), _rank(question.likelihood)
    return Row(
        bubble=question,
        severity=severities[severity - 1] if severity else None,
        likelihood=likelihoods[likelihood - 1] if likelihood else None,
        risk=matrix[likelihood - 1][severity - 1] if severity and likelihood else NOT_ASSESSABLE,
    )


def _lines(text: str, room: int) -> tuple[str, ...]:
    """`text` broken between words into at most three lines of about `room` characters."""
    lines = [""]
    for word in text.split(" "):
        fits = not lines[-1] or len(lines[-1]) + 1 + len(word) <= room
        if fits or len(lines) == 3:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    return tuple(lines)

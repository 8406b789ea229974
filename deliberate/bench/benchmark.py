"""What a benchmark is, how large, and what it found. Ratios are of figures taken right after one another."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deliberate.bench.halls import Halls

Figure = Callable[[], Awaitable[float]]


class Absent(Exception):
    """This machine lacks what the benchmark needs; the sentence says what, and how to give it."""


@dataclass(frozen=True)
class Sizes:
    """How much of everything: DESIGN.md section 9. Tests take a little of each."""

    voters: int = 1_000
    posts_at_once: int = 200
    opinions: int = 100  # submitted in one run of `commits`
    deliveries: int = 20  # rounds of one run of `fanout`
    stalled_deliveries: int = 40  # enough for one who stops reading to fall far behind
    agenda: int = 100
    burst: int = 500
    idle: int = 200  # sockets opened in each run of `memory`
    questions: int = 300
    experts: int = 60
    references: int = 5_000
    compiled: tuple[int, int] = (100, 1_000)
    raters: int = 60
    items: int = 2_000
    entries: int = 100_000


@dataclass(frozen=True)
class Goal:
    """Where the ratio (or, `of_value`, the value itself) has to come."""

    figure: float
    at_least: bool = False
    of_value: bool = False

    def is_reached(self, value: float, ratio: float) -> bool:
        found = value if self.of_value else ratio
        return found >= self.figure if self.at_least else found <= self.figure


@dataclass
class Found:
    """A value and a floor for each run, and what else there is to tell."""

    values: list[float]
    floors: list[float]
    more: dict[str, Any] = field(default_factory=dict)
    holds: bool = True  # what the goal asks for beside its figure

    @property
    def ratios(self) -> list[float]:
        return [value / floor for value, floor in zip(self.values, self.floors, strict=True)]


@dataclass(frozen=True)
class Stage:
    """What a benchmark is given: how often, how large, a folder of its own; it tells how far it is."""

    runs: int
    sizes: Sizes
    folder: Path
    halls: "Halls"
    told: Callable[[str], None] = lambda text: None


@dataclass(frozen=True)
class Benchmark:
    name: str
    what: str
    unit: str
    floor: str
    goal: Goal
    run: Callable[[Stage], Awaitable[Found]]


async def interleaved(stage: Stage, ours: Figure, floor: Figure) -> Found:
    """Both in turn, so that whatever else the machine does hits both. The first pair only warms up."""
    found = Found([], [])
    for turn in range(stage.runs + 1):
        first, second = (floor, ours) if turn % 2 else (ours, floor)
        figures = {first: await first(), second: await second()}
        if turn:
            found.values.append(figures[ours])
            found.floors.append(figures[floor])
        stage.told(f"run {turn} of {stage.runs}")
    return found


def row(benchmark: Benchmark, found: Found) -> dict[str, Any]:
    """What is told of one benchmark: medians, with the smallest and the largest ratio."""
    value, ratio = median(found.values), median(found.ratios)
    return {
        **head(benchmark),
        "value": value,
        "floor": median(found.floors),
        "ratio": ratio,
        "ratio_min": min(found.ratios),
        "ratio_max": max(found.ratios),
        "value_min": min(found.values),
        "value_max": max(found.values),
        "runs": len(found.values),
        "reached": benchmark.goal.is_reached(value, ratio) and found.holds,
        **found.more,
    }


def empty_row(benchmark: Benchmark, reason: str) -> dict[str, Any]:
    """Nothing was measured, and why."""
    return {
        **head(benchmark),
        "value": None,
        "floor": None,
        "ratio": None,
        "reached": False,
        "absent": reason,
    }


def head(benchmark: Benchmark) -> Mapping[str, Any]:
    goal = benchmark.goal
    return {
        "name": benchmark.name,
        "unit": benchmark.unit,
        "goal": goal.figure,
        "goal_is": f"{'value' if goal.of_value else 'ratio'} at {'least' if goal.at_least else 'most'}",
        "what": benchmark.what,
        "floor_is": benchmark.floor,
    }

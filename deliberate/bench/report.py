"""What was found, for people as a table with bars, for scripts as one JSON object."""

import json
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

BAR = 12  # characters; the goal stands in the middle
FULL, EMPTY = "█", "░"
WIDE = 116  # columns of a terminal in which floor and bar have room, too

COLUMNS = {
    "name": "",
    "value": "value",
    "floor": "floor",
    "ratio": "ratio",
    "range": "min–max",
    "goal": "goal",
    "bar": "",
    "said": "",
}
FIGURES = {"value", "floor", "ratio", "range", "goal"}
WHEN_WIDE = {"floor", "bar"}


def as_json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, allow_nan=False)


def shown(report: dict[str, Any], console: Console) -> None:
    rows = report["benchmarks"]
    parts = (machine_line(report["machine"]), table(rows, console.width >= WIDE), *notes(rows))
    console.print(Group(*parts))


def machine_line(machine: dict[str, Any]) -> Text:
    load = machine["load"][0]
    return Text(
        f"{machine['processor']}, {machine['cores']} cores, load {load:g} after {machine['seconds']:g} s; "
        f"Python {machine['python']}, {machine['system']}",
        style="dim",
    )


def table(rows: list[dict[str, Any]], is_wide: bool) -> Table:
    made = Table(title="Ratios to floors of the same run", title_justify="left", box=SIMPLE_HEAD)
    for name, column in COLUMNS.items():
        if is_wide or name not in WHEN_WIDE:
            made.add_column(column, justify="right" if name in FIGURES else "left", no_wrap=True)
    for row in rows:
        made.add_row(*(cell for name, cell in cells(row).items() if is_wide or name not in WHEN_WIDE))
    return made


def cells(row: dict[str, Any]) -> dict[str, RenderableType]:
    """One for each of COLUMNS."""
    at_least, of_value = row["goal_is"].endswith("least"), row["goal_is"].startswith("value")
    goal = f"{'≥' if at_least else '≤'} {row['goal']:g}{' ' + row['unit'] if of_value else ''}"
    known: dict[str, RenderableType] = {**dict.fromkeys(COLUMNS, ""), "name": row["name"], "goal": goal}
    if row["value"] is None:
        return known | {
            "value": "—",
            "floor": "—",
            "ratio": "—",
            "said": Text("not measured", style="yellow"),
        }
    style = "green" if row["reached"] else "red"
    return known | {
        "value": f"{figure(row['value'])} {row['unit']}",
        "floor": figure(row["floor"]),
        "ratio": figure(row["ratio"]),
        "range": f"{figure(row['ratio_min'])}–{figure(row['ratio_max'])}",
        "bar": Text(bar(row["value"] if of_value else row["ratio"], row["goal"], at_least), style=style),
        "said": Text("reached" if row["reached"] else "missed", style=style),
    }


def bar(found: float, goal: float, at_least: bool) -> str:
    """Half of it is the goal: beyond the middle it is reached, whichever way is better."""
    share = found / goal if at_least else goal / max(found, 1e-9)
    filled = min(BAR, max(1, round(share * BAR / 2)))
    return FULL * filled + EMPTY * (BAR - filled)


def figure(number: float) -> str:
    """Three digits that count."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def notes(rows: list[dict[str, Any]]) -> list[Text]:
    return [Text(f"{row['name']}: {row[key]}") for row in rows for key in ("absent", "note") if row.get(key)]

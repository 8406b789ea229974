"""What was found, for people as a table with bars, for scripts as one JSON object."""

import json
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

BAR = 16  # characters; the goal stands in the middle
FULL, EMPTY = "█", "░"


def as_json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=False, allow_nan=False)


def shown(report: dict[str, Any], console: Console) -> None:
    console.print(
        Group(machine_line(report["machine"]), table(report["benchmarks"]), *notes(report["benchmarks"]))
    )


def machine_line(machine: dict[str, Any]) -> Text:
    load = machine["load"][0]
    return Text(
        f"{machine['processor']}, {machine['cores']} cores, load {load:g} after {machine['seconds']:g} s; "
        f"Python {machine['python']}, {machine['system']}",
        style="dim",
    )


def table(rows: list[dict[str, Any]]) -> Table:
    made = Table(title="Ratios to floors measured in the same run", title_justify="left")
    for name in ("benchmark", "value", "floor", "ratio", "goal", "", ""):
        made.add_column(name, justify="left" if name in ("benchmark", "") else "right", no_wrap=True)
    for row in rows:
        made.add_row(*cells(row))
    return made


def cells(row: dict[str, Any]) -> list[RenderableType]:
    at_least, of_value = row["goal_is"].endswith("least"), row["goal_is"].startswith("value")
    goal = f"{'≥' if at_least else '≤'} {row['goal']:g}{' ' + row['unit'] if of_value else ''}"
    if row["value"] is None:
        return [row["name"], "—", "—", "—", goal, "", Text("not measured", style="yellow")]
    spread = f"{figure(row['ratio'])} ({figure(row['ratio_min'])}–{figure(row['ratio_max'])})"
    style = "green" if row["reached"] else "red"
    return [
        row["name"],
        f"{figure(row['value'])} {row['unit']}",
        figure(row["floor"]),
        spread,
        goal,
        Text(bar(row["value"] if of_value else row["ratio"], row["goal"], at_least), style=style),
        Text("reached" if row["reached"] else "missed", style=style),
    ]


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

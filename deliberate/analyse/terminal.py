"""The tables in a terminal, whole at 80 columns: names give way first, and get a number when cut."""

from collections.abc import Container, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from deliberate.analyse.files import printable
from deliberate.analyse.table import Json, Row, Table
from deliberate.analyse.tables import tables_of
from deliberate.analyse.words import method_name, word
from deliberate.web.i18n import _, ngettext
from deliberate.web.numbers import number, per_cent

SHORTEST_NAME, GAP = 8, 2


def show(report: Json, method: str, name: str, out: Console) -> None:
    for line in (printable(name), *about_panel(report), *to_confirm(report["protocol"])):
        out.print(Text(line))
    numbers = {item["item"]: place for place, item in enumerate(report["items"], 1)}
    for table in tables_of(report, method):
        out.print()
        out.print(Text(table.title, style="bold"))
        out.print(drawn(table, numbers, out.width), no_wrap=True, crop=False, overflow="ignore")
        if table.note:
            out.print(Text(table.note, style="dim"))


def about_panel(report: Json) -> list[str]:
    """Who rated what under which protocol, and how alike they rate."""
    panel, terms = report["panel"], report["protocol"]
    counts = [
        ngettext("{count} rater", "{count} raters", panel["raters"]).format(count=panel["raters"]),
        ngettext("{count} item", "{count} items", panel["items"]).format(count=panel["items"]),
    ]
    if rounds := report.get("rounds", {}).get("by_round"):
        counts.append(ngettext("{count} round", "{count} rounds", len(rounds)).format(count=len(rounds)))
    counts += [method_name(terms["method"]), _("percentiles: {rule}").format(rule=terms["percentile_rule"])]
    alphas = " · ".join(f"{word(metric)}\u00a0{number(value, 3)}" for metric, value in panel["alpha"].items())
    lines = [
        " · ".join(counts),
        concordance(panel),
        _("Krippendorff’s α: {alphas}").format(alphas=alphas),
    ]
    lines += [attrition(each) for each in rounds or ()]
    lines.append(_("W and α describe the panel. They are never a criterion of consensus."))
    return lines


def to_confirm(terms: Json) -> list[str]:
    count = len(terms["to_confirm"])
    told = _("Defaults to confirm with their guide: {count} (--json lists them).").format(count=count)
    return [told] if count else []


def concordance(panel: Json) -> str:
    if panel["kendall_w"] is None:
        return _("Kendall’s W: not defined for these ratings")
    p, least = panel["kendall_p"], 0.001
    return _("Kendall’s W: {w} ({complete} complete raters, χ² {chi2}, df {df}, p {p})").format(
        w=number(panel["kendall_w"], 3),
        complete=panel["complete_raters"],
        chi2=number(panel["kendall_chi2"]),
        df=panel["kendall_df"],
        p=f"< {number(least, 3)}" if p < least else f"= {number(p, 3)}",
    )


def attrition(told: Json) -> str:
    left = told["attrition"]
    share = left["share"]
    return _("Round {round}: {absent} of {eligible} did not answer ({share})").format(
        round=printable(told["round"]),
        absent=left["absent"],
        eligible=left["eligible"],
        share=per_cent(None if share is None else 100 * share),
    )


def drawn(table: Table, numbers: dict[str, int], width: int) -> Text:
    """Every row on one line. A table of rich lays out each cell alone: seconds for thousands of items."""
    widths = widths_of(table)
    room = max(SHORTEST_NAME, width - sum(GAP + each for each in widths))
    names = [shown_name(row, room, numbers[row.name]) for row in table.rows]
    widths = [max(map(cell_len, [_("item"), *names])), *widths]
    numeric = {place + 1 for place in table.numeric}
    text = Text(laid_out([_("item"), *table.heads], widths, numeric))
    text.append("\n" + "─" * min(width, sum(widths) + GAP * (len(widths) - 1)))
    for name, row in zip(names, table.rows, strict=True):
        line = laid_out([name, *map(printable, row.cells)], widths, numeric)
        text.append(f"\n{line}", "bold magenta" if row.marked else None)
    return text


def widths_of(table: Table) -> list[int]:
    columns = zip(*(row.cells for row in table.rows), strict=True)
    return [max(map(cell_len, (head, *column))) for head, column in zip(table.heads, columns, strict=True)]


def laid_out(cells: Sequence[str], widths: Sequence[int], numeric: Container[int]) -> str:
    """Cells side by side, those of numbers to the right."""
    filled = []
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        blank = " " * (width - cell_len(cell))
        filled.append(blank + cell if place in numeric else cell + blank)
    return (" " * GAP).join(filled).rstrip()


def shown_name(row: Row, room: int, place: int) -> str:
    name = printable(row.name)
    if cell_len(name) <= room:
        return name
    return set_cell_size(f"{place} {name}", room - 1).rstrip() + "…"

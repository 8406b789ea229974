"""What the terminal shows of an analysis: what the panel answered, what counts, and the tables chosen."""

from collections.abc import Sequence

from deliberate.analyse.by_method import TABLES
from deliberate.analyse.table import Json, Row, Table
from deliberate.analyse.words import classed, method_name, signed, word, yes
from deliberate.web.i18n import _
from deliberate.web.numbers import NOTHING, number, per_cent, span

NEUTRAL = {"in": "+", "out": "−", "none": "·"}
READINGS = {
    "ram_classic": "RAM",
    "ram_ipras_type7": "Ip7",
    "ram_ipras_type6": "Ip6",
    "ram_ipras_type2": "Ip2",
    "has_rcf_excluded_0": "RCF0",
    "has_rcf_excluded_1": "RCF1",
    "has_rcf_excluded_2": "RCF2",
    "comet": "COMET",
}


def tables_of(report: Json, method: str) -> list[Table]:
    """The tables of one method, or of `all`; what the panel answered and what counts come first."""
    items = report["items"]
    grid = report["protocol"]["method"] == "GRADE_GRID"  # nothing of the scale 1-9 applies to its columns
    chosen = ["GRADE_GRID"] if grid else [*TABLES][:-1] if method == "all" else [method]
    makers = dict.fromkeys(maker for code in chosen for maker in TABLES[code])  # two methods may share one
    found = [ratings(items), counting(items, report["protocol"]["method"])]
    found += [maker(items) for maker in makers]
    if method == "all" and not grid:
        found.append(sensitivity(items))
    if any("groups" in item for item in items) and method in ("all", "COMET_70_15"):
        found.append(groups(items))
    return [*found, *(step(each) for each in report.get("rounds", {}).get("steps", ()))]


def ratings(items: Sequence[Json]) -> Table:
    width = len(str(max(max(item["frequencies"]) for item in items)))
    scale = " ".join(str(rating).rjust(width) for rating in range(1, 10))
    rows = [
        Row(
            item["item"],
            [
                " ".join(str(count).rjust(width) for count in item["frequencies"]),
                str(item["n"]),
                str(item["nsp"]),
                str(item["missing"]),
                number(item["median"]),
                span(item["q1"], item["q3"]),
                number(item["iqr"]),
            ],
        )
        for item in items
    ]
    heads = [scale, "n", _("NSP"), _("miss."), _("med."), "Q1–Q3", _("IQR")]
    if width > 2:  # no room for what Q1 and Q3 say already
        heads, rows = heads[:-1], [Row(row.name, row.cells[:-1]) for row in rows]
    note = _(
        "NSP: answered without opinion. miss.: did not answer. Quartiles follow the percentile rule above."
    )
    return Table(_("Ratings"), heads, rows, note, numeric=range(7))


def counting(items: Sequence[Json], method: str) -> Table:
    """The class under the protocol's method and what it does to the item."""
    rows = []
    for item in items:
        found = item["primary"]
        aside = ", ".join(map(str, found.get("set_aside", ()))) or NOTHING
        cells = [classed(found), word(found["settled"])]
        rows.append(Row(item["item"], [*cells, aside] if method == "HAS_RCF" else cells))
    heads = [_("class"), _("outcome"), *([_("set aside")] if method == "HAS_RCF" else [])]
    note = _("+ appropriate   − inappropriate   ? uncertain") if method in ("RAM", "HAS_RCF") else ""
    return Table(_("What counts: {method}").format(method=method_name(method)), heads, rows, note)


def sensitivity(items: Sequence[Json]) -> Table:
    """Eight readings of the same ratings."""
    rows = []
    for item in items:
        said = item["sensitivity"]
        cells = [NEUTRAL[said[name]] for name in READINGS]
        rows.append(Row(item["item"], [*cells, _("differ") if said["highlight"] else ""], said["highlight"]))
    note = (
        _("+ in   − out   · neither. Ip: RAM with IPRAS by percentile type. RCF: extremes set aside.") + "\n"
    )
    count = sum(item["sensitivity"]["highlight"] for item in items)
    note += _("Items whose eight answers differ: {count} of {items}.").format(count=count, items=len(items))
    return Table(_("Sensitivity: the same ratings under eight rules"), [*READINGS.values(), ""], rows, note)


def groups(items: Sequence[Json]) -> Table:
    rows = []
    for item in items:
        for name, group in item.get("groups", {}).items():
            figures = [number(group["median"]), span(group["q1"], group["q3"])]
            comet = signed(group["comet"]) if group["comet"] else NOTHING
            rows.append(Row(item["item"], [name, str(group["n"]), *figures, comet]))
        rows.append(Row(item["item"], [_("all groups"), "", "", "", signed(item["comet_groups"])]))
    note = _("A group with fewer ratings than display.min_stratum shows no figures.")
    heads = [_("group"), "n", _("med."), "Q1–Q3", "COMET"]
    return Table(_("Groups"), heads, rows, note, numeric=[1, 2, 3])


def step(told: Json) -> Table:
    """From one round to the next."""
    rows = [
        Row(
            item["item"],
            [
                str(item["pairs"]),
                per_cent(item["changed_pct"]),
                per_cent(item["scheibe_pct"]),
                number(item["delta_cqv"]),
                number(item["delta_rir"]),
                yes(item["stable"]),
                word(item["next"]),
            ],
            marked=bool(item["conflict"]),
        )
        for item in told["items"]
    ]
    heads = [_("pairs"), _("moved"), "Scheibe", "ΔCQV", "ΔRIR", _("stable"), _("next")]
    note = _("stable follows Scheibe alone; a marked row says that CQV or RIR see it differently.")
    title = _("From round {before} to round {after}").format(before=told["from"], after=told["to"])
    return Table(title, heads, rows, note, numeric=range(5))

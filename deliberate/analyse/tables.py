"""What the terminal shows of an analysis: narrow tables of words, an item in each row, a group of methods each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deliberate.analyse.words import NOTHING, SIGNS, classed, number, per_cent, signed, span, word, yes
from deliberate.web.i18n import _

Json = dict[str, Any]
NEUTRAL = {"in": "+", "out": "−", "none": "·"}


@dataclass(frozen=True)
class Row:
    """`name` is the item; a `marked` row stands out."""

    name: str
    cells: Sequence[str]
    marked: bool = False


@dataclass(frozen=True)
class Table:
    """`numeric` counts the columns, after the name, that hold numbers and stand to the right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
    numeric: Sequence[int] = ()


def tables_of(report: Json, method: str) -> list[Table]:
    """The tables of one method, or of `all`; what the panel answered and what counts come first."""
    items = report["items"]
    grid = report["protocol"]["method"] == "GRADE_GRID"  # nothing of the scale 1-9 applies to its columns
    chosen = ["GRADE_GRID"] if grid else list(TABLES) if method == "all" else [method]
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
    heads = [scale, "n", _("NSP"), _("none"), _("med."), "Q1–Q3", _("IQR")]
    note = _("NSP: answered without opinion. none: did not answer. Quartiles follow the percentile rule above.")
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
    return Table(_("What counts: {method}").format(method=method), heads, rows, note)


def ram(items: Sequence[Json]) -> Table:
    rows = []
    for item in items:
        ipras = item["ram_ipras"]
        disagreement = word("disagreement") if ipras["disagreement"] else None
        cells = [
            classed(item["ram_classic"]),
            f"{SIGNS[ipras['verdict']]} {disagreement}" if disagreement else signed(ipras["verdict"]),
            number(item["di"], 3),
            classed(item["ram_binomial"]),
            _("conflict") if item["conflict"] else "",
        ]
        rows.append(Row(item["item"], cells, marked=bool(item["conflict"])))
    note = _("+ appropriate   − inappropriate   ? uncertain") + "\n"
    note += _("DI above 1 is disagreement by IPRAS. conflict: the classic table and IPRAS differ about it.")
    return Table("RAM", [_("classic"), "IPRAS", "DI", _("binomial"), ""], rows, note, numeric=[2])


def has_rcf(items: Sequence[Json]) -> Table:
    rows = [
        Row(item["item"], [classed(item["has_rcf"][f"excluded_{count}"]) for count in range(3)])
        for item in items
    ]
    heads = [_("0 set aside"), _("1 set aside"), _("2 set aside")]
    note = _("+ appropriate   − inappropriate   ? uncertain")
    return Table(_("HAS formal consensus, by the number of extremes set aside"), heads, rows, note)


def shares(items: Sequence[Json]) -> Table:
    rows = []
    for item in items:
        low, high = (
            per_cent(100 * sum(part) / item["n"] if item["n"] else None)
            for part in (item["frequencies"][:3], item["frequencies"][6:])
        )
        cells = [low, high, signed(item["comet"]), word(item["percent"]), word(item["awmf"])]
        rows.append(Row(item["item"], cells))
    heads = [_("in 1–3"), _("in 7–9"), "COMET", _("per cent"), "AWMF"]
    note = _("For AWMF a rating in the zone of the per cent rule is a yes, any other is not.")
    return Table(_("Shares: COMET, per cent, AWMF"), heads, rows, note, numeric=[0, 1])


def median_iqr(items: Sequence[Json]) -> Table:
    rows = []
    for item in items:
        other = item["median_iqr_variants"]
        variants = [yes(other[name]) for name in ("strict", "broad", "aczel")] if other else [NOTHING] * 3
        sfar = word(other["sfar"]) if other else NOTHING
        rows.append(Row(item["item"], [word(item["median_iqr"]), *variants, sfar]))
    heads = [_("class"), _("strict"), _("broad"), "Aczel", "SFAR"]
    return Table(_("Median and interquartile range, with variants"), heads, rows)


def grade_grid(items: Sequence[Json]) -> Table:
    rows = [Row(item["item"], [word(item["grade_grid"]), word(item["grade_grid_sfar"])]) for item in items]
    note = _("Ratings are columns: 1 clearly for, 3 balanced, 5 clearly against.")
    return Table(_("GRADE grid"), [_("class"), _("SFAR variant")], rows, note)


def sensitivity(items: Sequence[Json]) -> Table:
    """Eight readings of the same ratings."""
    rows = []
    for item in items:
        said = item["sensitivity"]
        cells = [NEUTRAL[said[name]] for name in READINGS]
        rows.append(Row(item["item"], [*cells, _("differ") if said["highlight"] else ""], said["highlight"]))
    note = _("+ in   − out   · neither. Ip: RAM with IPRAS by percentile type. RCF: extremes set aside.") + "\n"
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
        rows.append(Row(item["item"], [_("all groups"), "", "", "", signed(item["comet_groups"])], marked=True))
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


TABLES: dict[str, list[Callable[[Sequence[Json]], Table]]] = {
    "RAM": [ram],
    "HAS_RCF": [has_rcf],
    "COMET_70_15": [shares],
    "PERCENT": [shares],
    "AWMF": [shares],
    "MEDIAN_IQR": [median_iqr],
    "GRADE_GRID": [grade_grid],
}
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

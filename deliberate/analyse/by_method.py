"""The tables of single methods, as narrow as their words allow."""

from collections.abc import Callable, Sequence

from deliberate.analyse.table import Json, Row, Table
from deliberate.analyse.words import SIGNS, classed, signed, word, yes
from deliberate.web.i18n import _
from deliberate.web.numbers import NOTHING, number, per_cent


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


TABLES: dict[str, list[Callable[[Sequence[Json]], Table]]] = {
    "RAM": [ram],
    "HAS_RCF": [has_rcf],
    "COMET_70_15": [shares],
    "PERCENT": [shares],
    "AWMF": [shares],
    "MEDIAN_IQR": [median_iqr],
    "GRADE_GRID": [grade_grid],
}

"""The analysis as one page that needs no other file: style inside, charts as SVG with tables, no script."""

from collections.abc import Mapping
from contextvars import copy_context

from deliberate import __version__
from deliberate.analyse.table import Json
from deliberate.analyse.terminal import about_panel
from deliberate.analyse.words import method_name, word, yes
from deliberate.record.render import STYLES, own_styles, own_templates
from deliberate.web import charts, i18n
from deliberate.web.numbers import number, per_cent, span


def page_html(report: Json, *, method: str, language: str, name: str) -> str:
    return copy_context().run(_page_html, report, method, language, name)


def _page_html(report: Json, method: str, language: str, name: str) -> str:
    templates = own_templates()
    i18n.speak(language)
    grid = report["protocol"]["method"] == "GRADE_GRID"
    context = {
        "language": language,
        "version": __version__,
        "styles": own_styles(STYLES),
        "name": name,
        "counting": method_name(report["protocol"]["method"]),
        "report": report,
        "about": about_panel(report),
        "methods": methods_shown(method, grid=grid),
        "all": method == "all" and not grid,
        "drawn": drawings(report) if not grid else {},
        "figure": number,
        "per_cent": per_cent,
        "span": span,
        "word": word,
        "yes": yes,
    }
    return templates.text("analyse/page.html", context)


def methods_shown(method: str, *, grid: bool) -> set[str]:
    """Every method of the scale from 1 to 9, or one; a GRADE grid has a scale of its own."""
    if grid:
        return {"GRADE_GRID"}
    return {"RAM", "HAS_RCF", "COMET_70_15", "PERCENT", "AWMF", "MEDIAN_IQR"} if method == "all" else {method}


def drawings(report: Json) -> Mapping[str, charts.Distribution | charts.Rounds]:
    """A distribution of each item, or its rounds one above the other."""
    held: dict[str, list[tuple[str, Json]]] = {}
    for told in report.get("rounds", {}).get("by_round", ()):
        for item in told["items"]:
            held.setdefault(item["item"], []).append((told["round"], item))
    return {
        item["item"]: drawing(item, held.get(item["item"], []), f"i{place}")
        for place, item in enumerate(report["items"], 1)
    }


def drawing(item: Json, rounds: list[tuple[str, Json]], key: str) -> charts.Distribution | charts.Rounds:
    if len(rounds) < 2:
        return charts.distribution(
            item["frequencies"],
            median=item["median"],
            q1=item["q1"],
            q3=item["q3"],
            cannot_judge=item["nsp"],
            missing=item["missing"],
            key=key,
        )
    return charts.rounds(
        [
            charts.RoundRatings(
                i18n._("Round {round}").format(round=label),
                told["frequencies"],
                told["median"],
                told["q1"],
                told["q3"],
            )
            for label, told in rounds
        ],
        key=key,
    )

"""The methods page: each rule in words, with panels judged by the code that judges real ones."""

import json
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from deliberate.consensus.parameter import Parameter
from deliberate.consensus.protocol import DEFAULT, Protocol
from deliberate.voting.method_examples import two_rounds, worked
from deliberate.web.answers import render
from deliberate.web.i18n import _, language
from deliberate.web.numbers import number, per_cent, span
from deliberate.web.parts import shared
from deliberate.web.routing import page

# Section -> how the names of its parameters begin.
PARAMETERS = {
    "common": ("nsp.",),
    "ram": (
        "min_raters.RAM",
        "ram.panel",
        "ram.reference",
        "ram.cost",
        "ram.half",
        "ram.k_at",
        "ram.table",
        "ram.nec",
    ),
    "ipras": ("ram.disagreement_rule", "percentile_rule"),
    "binomial": ("ram.disagreement_rule", "ram.legacy"),
    "rcf": ("min_raters.HAS_RCF", "scale.anchors", "rcf.", "reading.", "rounds.re_rate"),
    "shares": ("percent.", "awmf."),
    "grid": ("grade_grid.",),
    "iqr": ("iqr.",),
    "percentiles": ("percentile_rule",),
    "stability": ("stop.", "rounds.min", "rounds.max"),
    "committee": ("committee.",),
}


async def show_methods(request: Request) -> Response:
    """Rendered once for each language: it changes with the code only."""

    async def make() -> str:
        text: str = request.app.state.templates.text("voting/_methods.html", context())
        return text

    body = Markup(await shared(("methods", language()), 0, make))  # noqa: S704 - a template of ours
    return render(request, "voting/methods.html", {"body": body})


def context() -> dict[str, Any]:
    return {
        **worked(),
        "language": language(),
        "rounds_chart": two_rounds([_("Round 1"), _("Round 2")]),
        "number": number,
        "per_cent": per_cent,
        "span": span,
        "terms": DEFAULT,
        "to_confirm": {name: list(to_confirm(name)) for name in PARAMETERS},
    }


def to_confirm(section: str) -> Iterator[tuple[str, str, str]]:
    """Parameter, default and guide, for each parameter of a section that a guide has to confirm."""
    for each in Protocol.parameters():
        if each.confirm_with and each.key.startswith(PARAMETERS[section]):
            guide = each.confirm_with
            yield each.key, written(each), _(guide)


def written(parameter: Parameter) -> str:
    """A default as a protocol file would hold it."""
    default = parameter.default
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)


routes = [page("/methods", show_methods, who={"anyone"})]

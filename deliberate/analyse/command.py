"""What `deliberate analyse` does: read all, compute once, and say it as tables, JSON or a page."""

import json
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deliberate.analyse.files import Unusable, printable, read_table, shown_name
from deliberate.analyse.terms_file import read_terms
from deliberate.consensus.analysis import analyse
from deliberate.consensus.protocol import DEFAULT, Protocol
from deliberate.consensus.table import RatingTable

ALL = "all"


@dataclass(frozen=True)
class Request:
    """`method` is a code or `all`; a code is the method that counts, whatever the protocol names."""

    ratings: str
    method: str = ALL
    protocol: Path | None = None
    percentile: str | None = None
    language: str = "en"
    html: Path | None = None


def analysed(request: Request) -> dict[str, Any]:
    """The report, and the page where one is asked for. Unusable tells why not."""
    terms = terms_of(request)
    table = read_table(request.ratings)
    report = report_on(table, terms, shown_name(request.ratings))
    if request.html is not None:
        write_page(request.html, report, request)
    return report


def terms_of(request: Request) -> Protocol:
    terms = read_terms(request.protocol) if request.protocol else DEFAULT
    if request.method != ALL:
        terms = replace(terms, method=request.method)
    return replace(terms, percentile_rule=request.percentile) if request.percentile else terms


def report_on(table: RatingTable, terms: Protocol, name: str) -> dict[str, Any]:
    try:
        return analyse(table, terms)
    except ValueError as error:
        raise Unusable([f"{name}: {printable(str(error))}"]) from None


def as_json(report: dict[str, Any]) -> bytes:
    return json.dumps(report, ensure_ascii=False, allow_nan=False).encode()


def write_page(path: Path, report: dict[str, Any], request: Request) -> None:
    from deliberate.analyse.page import page_html  # templates take a second to load

    name = Path(shown_name(request.ratings)).name
    html = page_html(report, method=request.method, language=request.language, name=name)
    try:
        path.write_text(html, "utf-8")
    except OSError as error:
        raise Unusable([f"{shown_name(str(path))} cannot be written: {error.strerror}."]) from None


def show_tables(report: dict[str, Any], request: Request) -> None:
    """On standard output, in the language asked for."""
    copy_context().run(_show_tables, report, request)


def _show_tables(report: dict[str, Any], request: Request) -> None:
    from rich.console import Console

    from deliberate.analyse import terminal  # loads the translations: not for `--json`
    from deliberate.settings import data_path
    from deliberate.web import i18n

    if request.language != "en":
        i18n.load_catalogs(data_path("config") / "locale", (request.language,))
    i18n.speak(request.language)
    out = Console(highlight=False, markup=False, emoji=False)
    terminal.show(report, request.method, shown_name(request.ratings), out)

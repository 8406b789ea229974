"""A record as HTML: its sections, once for each version and language, and the page that stands alone in the
bundle.
"""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from contextvars import copy_context
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup

from deliberate.record.compile import Content
from deliberate.record.models import content_of
from deliberate.record.view import View
from deliberate.settings import data_path
from deliberate.web import i18n
from deliberate.web.answers import Templates, load_templates
from deliberate.web.assets import Assets
from deliberate.web.i18n import t
from deliberate.web.parts import shared

LANGUAGES = ("fr", "en")
ON_ONE_PAGE = 60  # sections; the record of a usual assessment is read and searched in one piece
PER_PAGE = 20  # of a longer one: sixty sections with three rounds each make 3.7 MB
STYLES = ("tokens", "base", "components", "pages", "print")


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    html: Markup


@dataclass(frozen=True)
class Entry:
    """One line of the contents: where its section stands."""

    key: str
    title: str
    page: int
    href: str


async def contents_of(record_id: int, language: str) -> list[Entry]:
    """All sections of a stored version with the page on which each stands, in the language of the request."""

    async def make() -> str:
        content = await content_of(record_id)
        paged = is_paged(content["sections"])
        listed = [
            Entry(one["key"], t(one["title"]), 1 + at // PER_PAGE if paged else 1, link(one["key"], paged))
            for at, one in enumerate(content["sections"])
        ]
        return json.dumps([asdict(entry) for entry in listed], ensure_ascii=False)

    kept = json.loads(await shared(("record contents", record_id, language), 0, make))
    return [Entry(**one) for one in kept]


async def reporting_of(record_id: int) -> dict[str, Any] | None:
    """The reporting checklist of a stored version, which is small beside the content around it. None of a
    version compiled before records had one.
    """

    async def make() -> str:
        return json.dumps((await content_of(record_id)).get("reporting"))

    found: dict[str, Any] | None = json.loads(await shared(("record reporting", record_id), 0, make))
    return found


async def shown_sections(
    templates: Templates, record_id: int, language: str, keys: Sequence[str]
) -> list[Section]:
    """Sections of a stored version. It never changes, so each is rendered once for each language."""

    async def make() -> str:
        content = await content_of(record_id)
        sections = await asyncio.to_thread(render_sections, templates, content, language, keys)
        return json.dumps([asdict(section) for section in sections], ensure_ascii=False)

    kept = json.loads(await shared(("record", record_id, language, *keys), 0, make))
    return [Section(one["key"], one["title"], Markup(one["html"])) for one in kept]  # noqa: S704 - our own


def asked_page(asked: Mapping[str, str], contents: Sequence[Entry], typed: Mapping[str, Any]) -> int:
    """The page of the section asked for, or being written on; else the page asked for, or the first."""
    section = typed.get("section") or asked.get("section") or asked.get("comment")
    number = next((entry.page for entry in contents if entry.key == section), None)
    if number is None and asked.get("page", "").isdecimal():
        number = int(asked["page"])
    return min(max(number or 1, 1), contents[-1].page)


def is_paged(sections: Sequence[Any]) -> bool:
    """Hundreds of questions would be too much for one page of a browser."""
    return len(sections) > ON_ONE_PAGE


def link(key: str, paged: bool) -> str:
    return f"?section={key}#{key}" if paged else f"#{key}"


def render_sections(
    templates: Templates, content: Content, language: str, keys: Collection[str] | None = None
) -> list[Section]:
    """All sections, or some. Takes seconds for hundreds of questions: call it in a thread."""
    return copy_context().run(
        _render_sections, templates, content, language, keys, is_paged(content["sections"])
    )


def _render_sections(
    templates: Templates, content: Content, language: str, keys: Collection[str] | None, paged: bool
) -> list[Section]:
    i18n.speak(language)
    macros: Any = templates.env.get_template("record/_sections.html").make_module({"language": language})
    view = View(content, lambda key: link(key, paged))
    return [
        Section(one["key"], t(one["title"]), Markup(body(macros, view, one["key"])))  # noqa: S704 - escaped there
        for one in content["sections"]
        if keys is None or one["key"] in keys
    ]


def body(macros: Any, view: View, key: str) -> str:
    return str(macros.question(view, key) if key.startswith("question-") else getattr(macros, key)(view))


def standalone_html(content: Content, language: str, adoption: Mapping[str, Any] | None = None) -> str:
    """The whole record as one page without scripts, which prints and needs no other file."""
    return copy_context().run(_standalone, content, language, adoption or None)


def _standalone(content: Content, language: str, adoption: Mapping[str, Any] | None) -> str:
    i18n.speak(language)
    templates = own_templates()
    context = {
        "language": language,
        "content": content,
        "sections": _render_sections(templates, content, language, None, paged=False),
        "adoption": adoption,
        "at": datetime.fromisoformat,
        "styles": own_styles(STYLES),
    }
    return templates.text("record/standalone.html", context)


@cache
def own_templates() -> Templates:
    """For whoever renders without an application: the command line, and the thread that seals."""
    i18n.load_catalogs(data_path("config") / "locale", LANGUAGES)
    return load_templates(data_path("templates"), Assets(data_path("static")), {})


@cache
def own_styles(names: Sequence[str]) -> Markup:
    folder = data_path("static") / "css"
    return Markup("\n".join((folder / f"{name}.css").read_text("utf-8") for name in names))  # noqa: S704 - our own

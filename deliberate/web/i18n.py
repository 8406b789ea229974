"""French and English from the first page on.

Sentences are English gettext ids; catalogues are read at start.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import Markup

from deliberate.errors import Refusal

_language: ContextVar[str] = ContextVar("language", default="en")
_zone: ContextVar[str] = ContextVar("zone", default="Europe/Paris")


class Sentences(NullTranslations):
    """The catalogues of all packages in one language, merged."""

    def __init__(self, catalogs: list[Catalog]) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        for catalog in catalogs:
            for message in catalog:
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                if key and message.string:
                    self.found[key] = message.string
                    if isinstance(message.id, tuple):
                        self.plural_of = catalog.plural_forms

    def gettext(self, message: str) -> str:
        found = self.found.get(message, message)
        return found[0] if isinstance(found, tuple) else found

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        found = self.found.get(msgid1)
        if not isinstance(found, tuple):
            return msgid1 if n == 1 else msgid2
        return str(found[0] if abs(n) < 2 else found[-1])  # French: 0 and 1 are singular


_loaded: dict[str, NullTranslations] = {"en": NullTranslations()}


def load_catalogs(folder: Path, languages: tuple[str, ...]) -> None:
    """Reads `folder/<language>/*.po`: one file for each package that shows words."""
    _loaded.update({code: read_sentences(folder, code) for code in languages})


@cache
def read_sentences(folder: Path, code: str) -> Sentences:
    """Once in a process: the catalogs change with the code only."""
    catalogs = []
    for path in sorted(folder.glob(f"{code}/*.po")):
        with path.open("rb") as file:
            catalogs.append(read_po(file, locale=code))
    return Sentences(catalogs)


def language() -> str:
    """The language of the request under way."""
    return _language.get()


def speak(code: str, zone: str | None = None) -> None:
    """Sets language and time zone of the request under way."""
    _language.set(code)
    if zone:
        _zone.set(zone)


def spoken() -> NullTranslations:
    """The catalogue of the request under way."""
    return _loaded.get(_language.get(), _loaded["en"])


def _(message: str) -> str:
    return spoken().gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    return spoken().ngettext(one, many, count)


# For templates: Jinja's own look up the context of the page for each word of each cell of a table.


def shown(message: str, /, **places: Any) -> Markup:
    """`_` for templates: markup, its places filled and escaped."""
    return Markup(_(message)) % places if places else plain(spoken(), message)  # noqa: S704 - our own words


@lru_cache(maxsize=10_000)
def plain(catalog: NullTranslations, message: str) -> Markup:
    return Markup(catalog.gettext(message)) % {}  # noqa: S704 - our own words; "%%" stands for "%"


def shown_count(one: str, many: str, count: int, /, **places: Any) -> Markup:
    """`ngettext` for templates; the count is also called `num`."""
    return Markup(ngettext(one, many, count)) % {"num": count, **places}  # noqa: S704 - our own words


def sentence(refusal: Refusal, code: str | None = None) -> str:
    """The words of a refusal in `code`, or in the language of the request."""
    found = _loaded.get(code or _language.get(), _loaded["en"]).gettext(refusal.message)
    if not refusal.places:
        return found
    places = {name: moment(at) if isinstance(at, datetime) else at for name, at in refusal.places.items()}
    return found.format_map(places)


def t(pair: Mapping[str, str] | None) -> str:
    """One language of a {"fr", "en"} pair."""
    return (pair.get(_language.get()) or next(iter(pair.values()), "")) if pair else ""


@cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone_of(_zone.get()))


def moment(at: datetime | None) -> str:
    """Day and time: "23 Nov 2026, 10:42"."""
    return format_datetime(local(at), "d MMM y, HH:mm", locale=_language.get()) if at else ""


def day(at: datetime | None) -> str:
    return format_date(local(at).date(), "d MMMM y", locale=_language.get()) if at else ""


def clock(at: datetime | None) -> str:
    return format_time(local(at), "HH:mm", locale=_language.get()) if at else ""


def until_words(at: datetime) -> str:
    """As people say it, and exactly: "Fri 27 Nov 2026, 18:00, in 3 days"."""
    code = _language.get()
    left = format_timedelta(at - datetime.now(UTC), add_direction=True, locale=code)
    return f"{format_datetime(local(at), 'EEE d MMM y, HH:mm', locale=code)}, {left}"


def chosen_language(
    cookie: str | None, person: str | None, accept: str, languages: tuple[str, ...], default: str
) -> str:
    """The cookie's choice, else the person's, else the first of the browser's that we speak, else the
    default.
    """
    asked = [part.split(";")[0].strip()[:2].lower() for part in accept.split(",")]
    return next((code for code in (cookie, person, *asked) if code in languages), default)


def colon() -> str:
    """The colon between two shown things: French sets a no-break space before it."""
    return "\u00a0: " if _language.get() == "fr" else ": "

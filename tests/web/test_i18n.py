"""Two languages: every sentence that is shown has its French, and French reads like French."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from deliberate.errors import Refused
from deliberate.settings import data_path
from deliberate.web import i18n

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "complain": None,  # of a sheet of ratings
    "Problem": (2,),
    **dict.fromkeys(("Refusal", "Refused", "NotFound", "NotAllowed", "Invalid", "Unconfirmed", "TooMany")),
}


def catalogs() -> Iterator[tuple[str, Catalog]]:
    for path in sorted((data_path("config") / "locale" / "fr").glob("*.po")):
        with path.open("rb") as file:
            yield path.name, read_po(file, locale="fr")


def translated() -> dict[str, str | tuple[str, ...]]:
    found = {}
    for _, catalog in catalogs():
        for message in catalog:
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            if key and message.string and not message.fuzzy:
                found[key] = message.string
    return found


def shown(folder: str) -> Iterator[tuple[str, str]]:
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.svg", "jinja2")]
    options = {"jinja2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
    for file, line, message, *_ in extract_from_dir(
        str(ROOT / folder),
        methods,
        {"**.html": options["jinja2"], "**.svg": options["jinja2"]},
        keywords=KEYWORDS,
    ):
        text = message[0] if isinstance(message, tuple) else message
        if text:
            yield f"{folder}/{file}:{line}", text


@pytest.mark.parametrize("folder", ["deliberate", "templates"])
def test_every_sentence_has_its_french(folder: str) -> None:
    known = translated()
    assert [f"{place}: {text}" for place, text in shown(folder) if text not in known] == []


def test_french_has_its_spaces_and_quotes() -> None:
    wrong = []
    for name, catalog in catalogs():
        for message in catalog:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            for text in texts if message.id else ():
                plain = re.sub(r"\{[^}]*\}|%\([^)]*\)s|https?://\S*|<[^>]*>", "", text)
                if re.search(r"[^\u202f\u00a0\s;:!?(][;!?]", plain) or re.search(r"[\w»] [;:!?»]|« ", plain):
                    wrong.append(f"{name}: {text}")
                if '"' in plain or "'" in plain.replace("’", ""):
                    wrong.append(f"{name} (quote): {text}")
    assert wrong == []


def test_the_places_of_a_translation_are_those_of_the_sentence() -> None:
    for name, catalog in catalogs():
        for message in catalog:
            if not message.id or isinstance(message.id, tuple):
                continue
            wanted = set(re.findall(r"\{\w*\}|%\(\w+\)s", message.id))
            assert set(re.findall(r"\{\w*\}|%\(\w+\)s", str(message.string))) == wanted, (name, message.id)


@pytest.fixture
def french() -> Iterator[None]:
    i18n.load_catalogs(data_path("config") / "locale", ("fr", "en"))
    i18n.speak("fr", "Europe/Paris")
    yield
    i18n.speak("en")


def test_moments_are_said_in_the_language_and_zone_of_the_reader(french: None) -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert i18n.moment(at) == "2 juil. 2026, 00:30"
    i18n.speak("en")
    assert i18n.moment(at) == "2 Jul 2026, 00:30" or i18n.moment(at) == "2 July 2026, 00:30"


def test_a_refusal_fills_its_places_in_the_language_of_the_reader(french: None) -> None:
    refusal = Refused("This vote closed at {at}.", at=datetime(2026, 1, 1, 9, 0, tzinfo=UTC))
    assert "10:00" in i18n.sentence(refusal)


@pytest.mark.parametrize(
    ("cookie", "person", "accept", "expected"),
    [
        ("en", "fr", "fr", "en"),
        (None, "en", "fr", "en"),
        (None, None, "en-GB,fr;q=0.5", "en"),
        (None, None, "de", "fr"),
        ("xx", None, "", "fr"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_persons_else_the_browsers(
    cookie: str | None, person: str | None, accept: str, expected: str
) -> None:
    assert i18n.chosen_language(cookie, person, accept, ("fr", "en"), "fr") == expected

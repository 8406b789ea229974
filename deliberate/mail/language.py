"""A letter speaks the language of its reader, whatever that of the page it was written from."""

from collections.abc import Iterator
from contextlib import contextmanager

from deliberate.web import i18n


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Inside, sentences and moments are in the language `code`."""
    before = i18n.language()
    i18n.speak(code)
    try:
        yield
    finally:
        i18n.speak(before)

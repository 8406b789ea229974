"""How many queries a page makes: few, and no more when there is three times as much to show."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from tortoise.connection import get_connection

from deliberate.web import parts
from tests.rights.conftest import Scene
from tests.rights.places import places_of, routes_of, welcome
from tests.support.objects import make_everything

in_module = pytest.mark.asyncio(loop_scope="module")
MOST = 25
READERS = ("secretariat", "chair", "expert", "committee_chair", "stakeholder", "administrator", "anonymous")
# Pages that may ask more, and why.
MORE: dict[str, int] = {}
# What every other method of the SQLite client comes down to.
QUERIES = ("execute_query", "execute_query_dict", "execute_insert", "execute_many", "execute_script")


@pytest.fixture(scope="module")
def engine() -> str:
    return "sqlite"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def larger(scene: Scene) -> AsyncIterator[Scene]:
    """The same with three times as many rows, on the same server."""
    found = Scene(scene.server, await make_everything(width=3))
    await found.open_browsers()
    yield found


class Counter:
    def __init__(self) -> None:
        self.statements: list[str] = []


@contextmanager
def counted() -> Iterator[Counter]:
    """Every statement of every connection."""
    counter, undo = Counter(), []
    for name in ("default", "reading"):
        client = get_connection(name)
        for method in QUERIES:
            original = getattr(client, method)
            setattr(client, method, counting(original, counter))
            undo.append((client, method))
    try:
        yield counter
    finally:
        for client, method in undo:
            delattr(client, method)


def counting(original: Any, counter: Counter) -> Any:
    async def run(query: str, *args: Any, **options: Any) -> Any:
        counter.statements.append(query)
        return await original(query, *args, **options)

    return run


@in_module
async def test_no_page_asks_more_when_there_is_more_to_show(scene: Scene, larger: Scene) -> None:
    small, large = await counts_of(scene), await counts_of(larger)
    assert set(small) == set(large) and len(small) > 60
    wrong = [
        f"{name} by {persona}: {small[name, persona]} queries, {large[name, persona]} with more rows"
        for name, persona in small
        if large[name, persona] > small[name, persona]
    ]
    assert not wrong, "\n".join(wrong)


@in_module
async def test_every_page_makes_do_with_few_queries(larger: Scene) -> None:
    counts = await counts_of(larger)
    wrong = [
        f"{name} by {persona}: {count} queries"
        for (name, persona), count in counts.items()
        if count > MORE.get(name, MOST)
    ]
    assert not wrong, "\n".join(wrong)
    too_generous = {
        name for name, most in MORE.items() if max_of(counts, name) <= MOST or max_of(counts, name) < most
    }
    assert not too_generous, "take these out of MORE, or lower them"


def max_of(counts: dict[tuple[str, str], int], name: str) -> int:
    return max(count for (page, _persona), count in counts.items() if page == name)


async def counts_of(scene: Scene) -> dict[tuple[str, str], int]:
    """(route and its place, persona) -> statements, nothing kept from earlier requests."""
    counts = {}
    for route in routes_of(scene.server.app, "GET"):
        for number, place in enumerate(places_of(route, scene.made)):
            for persona in READERS:
                if persona in welcome(route, place, scene.people):
                    parts.forget()
                    with counted() as counter:
                        await scene.browsers[persona].get(place.url)
                    counts[f"{route.path} #{number}", persona] = len(counter.statements)
    return counts

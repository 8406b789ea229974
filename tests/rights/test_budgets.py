"""How many queries a page makes: few, and no more when there is three times as much to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import pytest_asyncio
from tortoise.connection import get_connection

from deliberate import logs
from deliberate.bench.budgets import MORE, MOST, budget_of
from deliberate.web import parts
from tests.rights.conftest import Scene
from tests.rights.places import places_of, routes_of, welcome
from tests.support.objects import make_everything

Counts = dict[tuple[str, str], int]
READERS = ("secretariat", "chair", "expert", "committee_chair", "stakeholder", "administrator", "anonymous")
# What every other method of the SQLite client comes down to.
QUERIES = ("execute_query", "execute_query_dict", "execute_insert", "execute_many", "execute_script")


@pytest.fixture(scope="module")
def engine() -> str:
    return "sqlite"


@pytest_asyncio.fixture(scope="module")
async def counts(scene: Scene) -> Counts:
    return await counts_of(scene)


@pytest_asyncio.fixture(scope="module")
async def larger(scene: Scene, counts: Counts) -> Counts:
    """The same with three times as many rows, on the same server, which then serves further assessments."""
    found = Scene(scene.server, await make_everything(width=3))
    await found.open_browsers()
    return await counts_of(found)


class Counter:
    def __init__(self) -> None:
        self.statements: list[str] = []


@contextmanager
def counted() -> Iterator[Counter]:
    """Every statement of a request, on every connection."""
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
        if logs.request_id.get():  # what works beside the pages may have its turn at any moment
            counter.statements.append(query)
        return await original(query, *args, **options)

    return run


async def test_no_page_asks_more_when_there_is_more_to_show(counts: Counts, larger: Counts) -> None:
    assert set(counts) == set(larger) and len(counts) > 60
    wrong = [
        f"{name} by {persona}: {counts[name, persona]} queries, {larger[name, persona]} with more rows"
        for name, persona in counts
        if larger[name, persona] > counts[name, persona]
    ]
    assert not wrong, "\n".join(wrong)


async def test_every_page_makes_do_with_few_queries(counts: Counts) -> None:
    wrong = [
        f"{name} by {persona}: {count} queries"
        for (name, persona), count in counts.items()
        if count > budget_of(path_of(name))
    ]
    assert not wrong, "\n".join(wrong)
    largest = {
        path: max(count for (name, _), count in counts.items() if path_of(name) == path) for path in MORE
    }
    assert {path: most for path, most in MORE.items() if largest[path] <= MOST} == {}, (
        "take these out of MORE"
    )


def path_of(name: str) -> str:
    return name.partition(" ")[0]


async def counts_of(scene: Scene) -> Counts:
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

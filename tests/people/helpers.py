"""What the tests of these packages share: browsers that are signed in, and everything a database holds."""

from typing import Any

from tortoise import Tortoise
from tortoise.connection import get_connection

from deliberate.people.models import Person
from tests.support.builders import sign_in

JSON = {"Accept": "application/json"}


async def browser_of(server: Any, person: Person | None, **options: Any) -> Any:
    """A browser of its own, signed in as `person`."""
    client = server.client(**options)
    client.cookies.set("language", "en", domain="127.0.0.1")
    if person:
        client.cookies.set("deliberate", await sign_in(person), domain="127.0.0.1")
    return client


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables: what changes nothing leaves this equal. `turns` is a lock, not a fact."""
    connection = get_connection("default")
    tables = {model._meta.db_table for models in Tortoise.apps.values() for model in models.values()}
    found = {}
    for table in sorted(tables):
        rows = await connection.execute_query_dict(f'SELECT * FROM "{table}"')  # noqa: S608
        facts = [{name: value for name, value in row.items() if name != "turns"} for row in rows]
        found[table] = sorted(facts, key=repr)
    return found

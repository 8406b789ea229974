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
    """All rows of all tables: what changes nothing leaves this equal."""
    connection = get_connection("default")
    tables = {model._meta.db_table for models in Tortoise.apps.values() for model in models.values()}
    return {
        table: sorted(await connection.execute_query_dict(f'SELECT * FROM "{table}"'), key=repr)  # noqa: S608
        for table in sorted(tables)
    }

"""Many rows of one table in one statement, without an object for each: for the ballots of a full hall and
their entries; and the row that is a lock, taken and read at once, written when the act ends. The only place
outside migrations, checks of the database, rights and the ballot box that writes SQL.

The ORM makes an object, checks and converts each field: about 45 microseconds a row, ten times the insert.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tortoise.models import Model

from deliberate.live.database import connected


async def insert_rows(
    model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]], rows_at_once: int = 2_000
) -> None:
    """Inserts `rows`, values in the order of `names` (database fields of `model`), inside the transaction
    of the caller. Values must be as the fields hold them; nothing checks them but the database.
    """
    connection = connected()
    if connection.capabilities.dialect == "sqlite":
        await connection.execute_many(sqlite_insert(model, names), rows)  # type: ignore[arg-type]
        return
    for first in range(0, len(rows), rows_at_once):
        columns = [list(column) for column in zip(*rows[first : first + rows_at_once], strict=True)]
        await connection.execute_query(postgres_insert(model, names), columns)


async def take_row(model: type[Model], row_id: int, counter: str, names: Sequence[str]) -> Any | None:
    """Raises `counter` of one row, which locks it until the end of the caller's transaction, and answers
    the database fields `names` by name as they then are, in one statement; None when there is no such row.
    """
    sql = (
        f'UPDATE {quoted([table_of(model)])} SET "{counter}" = "{counter}" + 1 '  # noqa: S608 - own names
        f'WHERE "id" = {int(row_id)} RETURNING {quoted(names)}'
    )
    return next(iter(await connected().execute_query_dict(sql)), None)


async def write_row(model: type[Model], row_id: int, values: Mapping[str, Any]) -> None:
    """Sets these database fields of one row, inside the transaction of the caller."""
    connection = connected()
    marks = "?{}" if connection.capabilities.dialect == "sqlite" else "${}"
    sets = ", ".join(f'"{name}" = {marks.format(place)}' for place, name in enumerate(values, 1))
    sql = f'UPDATE {quoted([table_of(model)])} SET {sets} WHERE "id" = {int(row_id)}'  # noqa: S608 - own names
    await connection.execute_query(sql, list(values.values()))


def sqlite_insert(model: type[Model], names: Sequence[str]) -> str:
    marks = ", ".join("?" for _ in names)
    return f"INSERT INTO {quoted([table_of(model)])} ({quoted(names)}) VALUES ({marks})"  # noqa: S608 - own names


def postgres_insert(model: type[Model], names: Sequence[str]) -> str:
    """One array for each column: a statement of the same length, whatever the number of rows."""
    fields = model._meta.fields_map
    types = (fields[name].get_for_dialect("postgres", "SQL_TYPE") for name in names)
    arrays = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(types, 1))
    return (
        f"INSERT INTO {quoted([table_of(model)])} ({quoted(names)}) "  # noqa: S608 - own names
        f"SELECT * FROM unnest({arrays})"
    )


def table_of(model: type[Model]) -> str:
    return model._meta.db_table


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)

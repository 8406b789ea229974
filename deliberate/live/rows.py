"""Many rows of one table in one statement, without an object for each: for the ballots of a full hall and
their entries; the row that is a lock, taken and read at once, written when the act ends; and a row with the
one it points at, found with each request. The only place outside migrations, checks of the database, rights
and the ballot box that writes SQL.

The ORM makes an object, checks and converts each field: about 45 microseconds a row, ten times the insert. To
put a query together takes it ten times as long as the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from tortoise.models import Model

from deliberate.live.database import connected, connected_to_read

One = TypeVar("One", bound=Model)


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


async def find_with(model: type[One], field: str, wanted: object, pointer: str) -> One | None:
    """The row of `model` whose database field is `wanted`, with the row that `pointer` points at in the same
    statement; None when there is none.
    """
    connection = connected_to_read()
    query = joined(model, field, pointer, connection.capabilities.dialect)
    row = next(iter(await connection.execute_query_dict(query, [wanted])), None)
    if row is None:
        return None
    found, target = model._init_from_db(**fields_of(row, "a")), related(model, pointer)
    object.__setattr__(found, f"_{pointer}", target._init_from_db(**fields_of(row, "b")))
    return found


@cache
def joined(model: type[Model], field: str, pointer: str, dialect: str) -> str:
    target = related(model, pointer)
    columns = [f'a."{name}" AS "a.{name}"' for name in model._meta.fields_db_projection.values()]
    columns += [f'b."{name}" AS "b.{name}"' for name in target._meta.fields_db_projection.values()]
    return (
        f"SELECT {', '.join(columns)} FROM {quoted([table_of(model)])} a "  # noqa: S608 - own names
        f'JOIN {quoted([table_of(target)])} b ON b."id" = a."{pointer}_id" '
        f'WHERE a."{field}" = {"?" if dialect == "sqlite" else "$1"}'
    )


def related(model: type[Model], pointer: str) -> type[Model]:
    found: type[Model] = model._meta.fields_map[pointer].related_model  # type: ignore[attr-defined]
    return found


def fields_of(row: Mapping[str, Any], table: str) -> dict[str, Any]:
    return {name[2:]: value for name, value in row.items() if name.startswith(f"{table}.")}


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

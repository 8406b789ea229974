"""Place, declaration and decisions of one person or of many, in one statement.

Each act and nearly each page asks for them. Through the ORM they are three queries, and putting those
together takes ten times as long as answering them. The ballot box asks the same in its own query.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from deliberate.assessments.rules import place_from
from deliberate.interests.rules import Outcome, Standing, is_valid_declaration
from deliberate.live.database import connected_to_read

Shape = tuple[Any, Any, Any]
# Of the person `p.id` in the assessment that is the second parameter.
COLUMNS = """(SELECT d.signed_at FROM interests_declaration d WHERE d.person_id = p.id
   ORDER BY d.version DESC LIMIT 1) AS signed_at,
  (SELECT {list}({pair}(m.role, m.group_id, g.kind)) FROM assessments_membership m
   LEFT JOIN assessments_group g ON g.id = m.group_id
   WHERE m.person_id = p.id AND m.assessment_id = {two} AND m.until IS NULL) AS seats,
  (SELECT {list}({pair}(i.id, i.subject, i.outcome)) FROM interests_decision i
   WHERE i.person_id = p.id AND i.assessment_id = {two}) AS outcomes"""
WORDS = {
    "sqlite": {
        "people": "(SELECT value AS id FROM json_each(?1)) p",
        "list": "json_group_array",
        "pair": "json_array",
        "two": "?2",
        "three": "?3",
    },
    "postgres": {
        "people": "unnest($1::int[]) AS p(id)",
        "list": "json_agg",
        "pair": "json_build_array",
        "two": "$2",
        "three": "$3",
    },
}
QUERIES = {
    dialect: f"SELECT p.id AS person_id, {COLUMNS} FROM {{people}}".format(**words)  # noqa: S608 - own names
    for dialect, words in WORDS.items()
}


def people_for(connection: BaseDBAsyncClient, person_ids: Collection[int]) -> Any:
    """The first parameter: an array, which SQLite reads from JSON."""
    ids = list(person_ids)
    return json.dumps(ids) if connection.capabilities.dialect == "sqlite" else ids


async def read_standings(
    assessment_id: int, person_ids: Collection[int], now: datetime
) -> dict[int, Standing]:
    """Each of these persons as they stand at `now`: in a transaction, as it sees them."""
    connection = connected_to_read()
    query = QUERIES[connection.capabilities.dialect]
    rows = await connection.execute_query_dict(query, [people_for(connection, person_ids), assessment_id])
    found = ((row["person_id"], shape_of(row)) for row in rows)
    return {person_id: standing_from(person_id, assessment_id, shape, now) for person_id, shape in found}


def shape_of(row: Mapping[str, Any]) -> Shape:
    """The three columns as they came: the same for all whose rights are the same."""
    return row["seats"], row["outcomes"], row["signed_at"]


def standing_from(person_id: int, assessment_id: int, shape: Shape, now: datetime) -> Standing:
    """The standing that they amount to."""
    seats, outcomes, signed = shape
    decided = sorted(json.loads(outcomes or "[]"))  # by number: the latest one holds
    return Standing(
        place_from(person_id, assessment_id, json.loads(seats or "[]")),
        is_valid_declaration(datetime.fromisoformat(signed) if isinstance(signed, str) else signed, now),
        {subject: Outcome(outcome) for _, subject, outcome in decided},
    )

"""All that is known of those who cast, in one query: the only SQL of this domain outside migrations.

Through the ORM the same takes seven queries, each with an IN of a thousand names, and half of the time of a
commit. A test compares what it finds with what the models find.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from deliberate.interests.standing_rows import COLUMNS, WORDS, Shape, people_for, shape_of
from deliberate.live.database import connected
from deliberate.voting.models import Vote
from deliberate.voting.rules import Mode

QUERY = f"""
SELECT p.id AS person_id, {{voter}} AS voter, r.id AS roll_id, r.struck_at, r.held_by_id,
  {COLUMNS},
  b.id AS ballot_id, b.key, b.choice, b.rating, b.reason, b.salt, b.number, b.revision
FROM {{people}}
LEFT JOIN voting_roll_entry r ON r.vote_id = {{three}} AND r.person_id = p.id
{{named_by}}
LEFT JOIN voting_ballot b ON b.vote_id = {{three}} AND b.voter = {{voter}}
"""  # noqa: S608 - own names
PSEUDONYMS = (
    "LEFT JOIN voting_pseudonym s ON s.person_id = p.id "
    "AND s.group_id = (SELECT group_id FROM voting_vote WHERE id = {three})"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One who casts. `shape` is the same for all whose rights are the same: they are weighed once."""

    person_id: int
    voter: str  # "" for whoever has no pseudonym in a confidential vote
    shape: Shape
    struck: bool | None  # None: not on the roll
    before: dict[str, Any] | None  # the ballot that stands
    held_by: int | None  # who votes for this person, as the roll has it


async def read_known(vote: Vote, person_ids: Collection[int]) -> dict[int, Known]:
    """Each of these persons, as they stand in this transaction."""
    connection = connected()
    dialect = connection.capabilities.dialect
    asked = [people_for(connection, person_ids), vote.assessment_id, vote.id]
    rows = await connection.execute_query_dict(query_of(dialect, vote.mode), asked)
    return {row["person_id"]: known_of(row) for row in rows}


def query_of(dialect: str, mode: str) -> str:
    words = WORDS[dialect]
    if mode == Mode.NAMED:
        return QUERY.format(**words, voter="('person-' || p.id)", named_by="")
    return QUERY.format(**words, voter="s.code", named_by=PSEUDONYMS.format(**words))


def known_of(row: dict[str, Any]) -> Known:
    return Known(
        row["person_id"],
        row["voter"] or "",
        shape_of(row),
        None if row["roll_id"] is None else row["struck_at"] is not None,
        row if row["ballot_id"] is not None else None,
        row["held_by_id"],
    )

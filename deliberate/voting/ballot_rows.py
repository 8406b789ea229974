"""All that is known of those who cast, in one query: the only SQL of this domain outside migrations.

Through the ORM the same takes seven queries, each with an IN of a thousand names, and half of the time of a
commit. What it finds is what `interests.models.standings_of` finds; a test compares the two.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliberate.interests.models import place_from
from deliberate.interests.rules import Outcome, Standing, is_valid_declaration
from deliberate.live.database import connected
from deliberate.voting.models import Vote
from deliberate.voting.rules import Mode

QUERY = """
SELECT p.id AS person_id, {voter} AS voter, r.id AS roll_id, r.struck_at, r.held_by_id,
  (SELECT d.signed_at FROM interests_declaration d WHERE d.person_id = p.id
   ORDER BY d.version DESC LIMIT 1) AS signed_at,
  (SELECT {list}({pair}(m.role, m.group_id, g.kind)) FROM assessments_membership m
   LEFT JOIN assessments_group g ON g.id = m.group_id
   WHERE m.person_id = p.id AND m.assessment_id = {two} AND m.until IS NULL) AS seats,
  (SELECT {list}({pair}(i.id, i.subject, i.outcome)) FROM interests_decision i
   WHERE i.person_id = p.id AND i.assessment_id = {two}) AS outcomes,
  b.id AS ballot_id, b.key, b.choice, b.rating, b.reason, b.salt, b.number, b.revision
FROM {people}
LEFT JOIN voting_roll_entry r ON r.vote_id = {three} AND r.person_id = p.id
{named_by}
LEFT JOIN voting_ballot b ON b.vote_id = {three} AND b.voter = {voter}
"""
WORDS = {
    "sqlite": {
        "people": "(SELECT value AS id FROM json_each(?1)) p",
        "list": "json_group_array",
        "pair": "json_array",
        **{"two": "?2", "three": "?3"},
    },
    "postgres": {
        "people": "unnest($1::int[]) AS p(id)",
        "list": "json_agg",
        "pair": "json_build_array",
        **{"two": "$2", "three": "$3"},
    },
}
PSEUDONYMS = (
    "LEFT JOIN voting_pseudonym s ON s.person_id = p.id "
    "AND s.group_id = (SELECT group_id FROM voting_vote WHERE id = {three})"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One who casts. `shape` is the same for all whose rights are the same: they are weighed once."""

    person_id: int
    voter: str  # "" for whoever has no pseudonym in a confidential vote
    shape: tuple[Any, ...]
    struck: bool | None  # None: not on the roll
    before: dict[str, Any] | None  # the ballot that stands
    held_by: int | None  # who votes for this person, as the roll has it


async def read_known(vote: Vote, person_ids: Collection[int]) -> dict[int, Known]:
    """Each of these persons, as they stand in this transaction."""
    connection = connected()
    dialect = connection.capabilities.dialect
    ids = list(person_ids)
    asked = [json.dumps(ids) if dialect == "sqlite" else ids, vote.assessment_id, vote.id]
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
        (row["seats"], row["outcomes"], row["signed_at"]),
        None if row["roll_id"] is None else row["struck_at"] is not None,
        row if row["ballot_id"] is not None else None,
        row["held_by_id"],
    )


def standing_from(known: Known, assessment_id: int, now: datetime) -> Standing:
    """The standing that these rows amount to."""
    seats, outcomes, signed_at = known.shape
    signed = datetime.fromisoformat(signed_at) if isinstance(signed_at, str) else signed_at
    decided = sorted(json.loads(outcomes or "[]"))  # by number: the latest one holds
    return Standing(
        place_from(known.person_id, assessment_id, json.loads(seats or "[]")),
        is_valid_declaration(signed, now),
        {subject: Outcome(outcome) for _, subject, outcome in decided},
    )

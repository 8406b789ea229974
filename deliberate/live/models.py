"""The journal's tables: one append-only, numbered log per assessment, its head, and its signed
checkpoints.
"""

from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.live.model import Model

HOUSE = 0  # the journal of the installation itself: people, invitations, assessments founded


class JournalHead(Model):
    """The lock and the sum of one journal. Whoever writes it has the assessment's turn."""

    id = fields.IntField(primary_key=True, generated=False)  # the assessment, or HOUSE
    turns = fields.BigIntField(default=0)  # written to take the lock, whatever happens after
    size = fields.IntField(default=0)
    peaks = fields.TextField(default="0:")  # live.merkle.Frontier as text

    class Meta:
        table = "live_journal_head"


class Entry(Model):
    """One past fact. `body` is its RFC 8785 JSON, the leaf of the tree, the other columns repeat it for
    queries.
    """

    id = fields.BigIntField(primary_key=True)
    journal = fields.IntField()
    number: int = fields.IntField()  # from 1, without gaps: unique (journal, number)
    topic = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=60)
    at: datetime = fields.DatetimeField()
    actor: Any = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    body = fields.TextField()

    class Meta:
        table = "live_entry"
        indexes = (("journal", "topic", "number"),)


class Checkpoint(Model):
    """A signed statement of size and root. It is worth what leaves the machine."""

    id = fields.IntField(primary_key=True)
    journal = fields.IntField(db_index=True)
    size = fields.IntField()
    note = fields.TextField()
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "live_checkpoint"

"""Letters that wait to leave. A row is written in the transaction of what it announces, and sent after."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class OutboxMessage(Model):
    id: int = fields.IntField(primary_key=True)
    to = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=300)
    body = fields.TextField()
    made_at: datetime = fields.DatetimeField()
    due_at: datetime = fields.DatetimeField(db_index=True)
    tries = fields.IntField(default=0)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=300, default="")

    class Meta:
        table = "mail_outbox_message"

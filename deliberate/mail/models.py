"""Letters that wait to leave. A row is written in the transaction of what it announces, and sent after."""

from datetime import datetime

from tortoise import fields

from deliberate.live.model import Model


class OutboxMessage(Model):
    """Waits until `due_at`, then it has left (`sent_at`) or was given up, and `failure` says why."""

    id: int = fields.IntField(primary_key=True)
    to = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=300)
    body = fields.TextField()
    calendar = fields.TextField(default="")  # an invitation for the calendar (.ics), if it carries one
    secret = fields.BooleanField(default=False)  # holds a sign-in link: body emptied once it has left
    made_at: datetime = fields.DatetimeField()
    due_at: datetime = fields.DatetimeField(db_index=True)
    tries: int = fields.IntField(default=0)
    sent_at: datetime | None = fields.DatetimeField(null=True)
    given_up_at: datetime | None = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=300, default="")

    class Meta:
        table = "mail_outbox_message"

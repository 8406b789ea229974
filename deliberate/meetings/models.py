"""Meetings of a group, their agenda, who was there and when, and which vote belongs to which item."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from deliberate.assessments.models import Pair


class Meeting(Model):
    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    kind = fields.CharField(max_length=20)  # rules.MeetingKind
    title: Pair = fields.JSONField()
    place = fields.CharField(max_length=300, default="")
    planned_at: datetime = fields.DatetimeField()
    state = fields.CharField(max_length=20)  # rules.MeetingState
    second_call_of = fields.ForeignKeyField(
        "meetings.Meeting", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    second_call_of_id: int | None
    opened_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_meeting"


class AgendaItem(Model):
    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name="items")
    meeting_id: int
    position = fields.IntField()
    title: Pair = fields.JSONField()
    kind = fields.CharField(max_length=20)  # rules.ItemKind
    subject = fields.CharField(max_length=40, default="")  # "question-3", "hearing-2", "record-1" or nothing
    planned_minutes = fields.IntField(default=15)
    state = fields.CharField(max_length=12)  # rules.ItemState
    opened_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_agenda_item"


class Attendance(Model):
    """One stay: from arrival to departure, in the room or remote.

    Out for an interest is a departure with a reason.
    """

    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name="attendance")
    meeting_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int
    how = fields.CharField(max_length=10)  # rules.Presence
    since: datetime = fields.DatetimeField()
    until: datetime | None = fields.DatetimeField(null=True)
    left_because = fields.CharField(max_length=20, default="")

    class Meta:
        table = "meetings_attendance"
        indexes = (("meeting_id", "person_id"),)


class ItemVote(Model):
    """The votes taken under an item, in order."""

    id: int = fields.IntField(primary_key=True)
    item = fields.ForeignKeyField("meetings.AgendaItem", on_delete=fields.RESTRICT, related_name="votes")
    item_id: int
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT)
    vote_id: int  # unique

    class Meta:
        table = "meetings_item_vote"

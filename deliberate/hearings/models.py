"""Stakeholder organisations, their hearing, what they wrote, the minutes and their correction of them."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Stakeholder(Model):
    """An organisation that is heard."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    name = fields.CharField(max_length=300)  # unique (assessment, name)
    interests = fields.TextField(
        default=""
    )  # as the organisation declares them; published, they do not exclude

    class Meta:
        table = "hearings_stakeholder"


class Spokesperson(Model):
    """Who speaks for an organisation."""

    id: int = fields.IntField(primary_key=True)
    stakeholder = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="spokespersons"
    )
    stakeholder_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int  # unique (stakeholder, person)
    since: datetime = fields.DatetimeField()
    until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "hearings_spokesperson"


class Hearing(Model):
    """One organisation's hearing, from convocation to locked minutes. It may take place in a meeting."""

    id: int = fields.IntField(primary_key=True)
    stakeholder = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="hearings"
    )
    stakeholder_id: int
    meeting = fields.ForeignKeyField("meetings.Meeting", null=True, on_delete=fields.RESTRICT)
    meeting_id: int | None
    themes: list[str] = fields.JSONField()  # codes of Assessment.themes, sent ahead as the question list
    state = fields.CharField(max_length=20)  # rules.HearingState
    convened_at: datetime = fields.DatetimeField()
    held_at: datetime | None = fields.DatetimeField(null=True)
    minutes = fields.TextField(default="")  # Markdown; the text in force
    minutes_version = fields.IntField(default=0)
    minutes_sent_at: datetime | None = fields.DatetimeField(null=True)
    correct_until: datetime | None = fields.DatetimeField(null=True)
    locked_at: datetime | None = fields.DatetimeField(null=True)
    salt = fields.CharField(max_length=64, default="")

    class Meta:
        table = "hearings_hearing"


class Contribution(Model):
    """The written viewpoint of an organisation: one answer, versioned, annexed in full."""

    id: int = fields.IntField(primary_key=True)
    stakeholder = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="contributions"
    )
    stakeholder_id: int
    version = fields.IntField()  # unique (stakeholder, version)
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    title = fields.CharField(max_length=300)
    text = fields.TextField()  # Markdown
    language = fields.CharField(max_length=2)
    may_publish = fields.BooleanField(default=True)
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "hearings_contribution"


class Correction(Model):
    """What the heard party wants changed in the minutes, and the answer."""

    id: int = fields.IntField(primary_key=True)
    hearing = fields.ForeignKeyField(
        "hearings.Hearing", on_delete=fields.RESTRICT, related_name="corrections"
    )
    hearing_id: int
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    text = fields.TextField()
    at: datetime = fields.DatetimeField()
    accepted: bool | None = fields.BooleanField(null=True)
    answer = fields.TextField(default="")
    answered_at: datetime | None = fields.DatetimeField(null=True)
    salt = fields.CharField(max_length=64)

    class Meta:
        table = "hearings_correction"

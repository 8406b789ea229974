"""The minutes of a meeting: sections with all their versions, drafts, amendments. Part of `models`.

`entry` is the number of the journal entry that reports the row. Texts are Markdown.
"""

from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.live.journal import commitment
from deliberate.live.model import Model


class Minutes(Model):
    """Of one meeting, from the first word to the publication. Made when the first section is taken up."""

    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name=False)
    meeting_id: int  # unique
    state = fields.CharField(max_length=12)  # minutes_rules.MinutesState
    circulated_at: datetime | None = fields.DatetimeField(null=True)
    amend_until: datetime | None = fields.DatetimeField(null=True)
    approved_at: datetime | None = fields.DatetimeField(null=True)
    approved_by = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    approved_by_id: int | None
    approved_in = fields.ForeignKeyField(  # the meeting that approved them; without one, by the chair
        "meetings.Meeting", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    approved_in_id: int | None
    frozen: dict[str, Any] | None = fields.JSONField(null=True)  # minutes_facts.document_of at the approval
    salt = fields.CharField(max_length=64, default="")
    entry: int | None = fields.IntField(null=True)  # of the approval
    published_at: datetime | None = fields.DatetimeField(null=True)
    published_by = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    published_by_id: int | None
    withheld: dict[str, Any] | None = fields.JSONField(
        null=True
    )  # minutes_public.Withheld, of those published

    class Meta:
        table = "meetings_minutes"


class MinutesSection(Model):
    """The opening, an item or the closing, from the moment somebody writes on it. One writer at a time."""

    id: int = fields.IntField(primary_key=True)
    minutes = fields.ForeignKeyField("meetings.Minutes", on_delete=fields.RESTRICT, related_name="sections")
    minutes_id: int
    key = fields.CharField(max_length=20)  # "opening", "item-12", "closing"; unique (minutes, key)
    gate = fields.CharField(max_length=40, default="")  # of the item when the section was begun
    title: Any = fields.JSONField(null=True)  # of the item, which may be taken off the agenda later
    version = fields.IntField(default=0)  # the newest, whose text is here, too
    text = fields.TextField(default="")
    written_at: datetime | None = fields.DatetimeField(null=True)
    writer = fields.ForeignKeyField("people.Person", null=True, on_delete=fields.RESTRICT, related_name=False)
    writer_id: int | None
    circulated_version = fields.IntField(default=0)
    holder = fields.ForeignKeyField("people.Person", null=True, on_delete=fields.RESTRICT, related_name=False)
    holder_id: int | None
    held_at: datetime | None = fields.DatetimeField(null=True)  # the holder's last sign of life
    taken_from_id: int | None = fields.IntField(null=True)  # the writer before, until the section is left
    word = fields.CharField(max_length=300, default="")  # said to that writer

    class Meta:
        table = "meetings_minutes_section"


class MinutesText(Model):
    """One version of a section. None is ever changed."""

    id: int = fields.IntField(primary_key=True)
    section = fields.ForeignKeyField(
        "meetings.MinutesSection", on_delete=fields.RESTRICT, related_name="texts"
    )
    section_id: int
    version = fields.IntField()  # unique (section, version)
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    text = fields.TextField()
    restored: int | None = fields.IntField(null=True)  # the version of which this is a copy
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry = fields.IntField()

    class Meta:
        table = "meetings_minutes_text"


class MinutesDraft(Model):
    """What somebody typed and has not stored. Nobody else reads it, and no entry tells of it."""

    id: int = fields.IntField(primary_key=True)
    section = fields.ForeignKeyField(
        "meetings.MinutesSection", on_delete=fields.RESTRICT, related_name="drafts"
    )
    section_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    person_id: int  # unique (section, person)
    text = fields.TextField()
    based_on = fields.IntField()  # the version the writer began from
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "meetings_minutes_draft"


class MinutesAmendment(Model):
    """What a member wants changed in circulated minutes, and the answer."""

    id: int = fields.IntField(primary_key=True)
    section = fields.ForeignKeyField(
        "meetings.MinutesSection", on_delete=fields.RESTRICT, related_name="amendments"
    )
    section_id: int
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    passage = fields.TextField(default="")
    text = fields.TextField()
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry = fields.IntField()
    verdict = fields.CharField(max_length=12, default="")  # minutes_rules.Verdict, "" before the answer
    answer = fields.TextField(default="")
    answer_salt = fields.CharField(max_length=64, default="")
    answered_by = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    answered_by_id: int | None
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_minutes_amendment"


class MinutesCorrection(Model):
    """What was found wrong after the approval: it stands beside the frozen text, which does not change."""

    id: int = fields.IntField(primary_key=True)
    section = fields.ForeignKeyField(
        "meetings.MinutesSection", on_delete=fields.RESTRICT, related_name="corrections"
    )
    section_id: int
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    text = fields.TextField()
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry = fields.IntField()

    class Meta:
        table = "meetings_minutes_correction"


def fingerprint(meeting_id: int, key: str, text: str, salt: str) -> str:
    """What the journal holds of a text written in the minutes."""
    return commitment({"meeting": meeting_id, "section": key, "text": text}, salt)


async def minutes_of(meeting_id: int) -> Minutes | None:
    return await Minutes.get_or_none(meeting_id=meeting_id).select_related("approved_by", "approved_in")


async def sections_of(minutes_id: int) -> dict[str, MinutesSection]:
    """By key, with their writers."""
    rows = MinutesSection.filter(minutes_id=minutes_id).select_related("holder", "writer").order_by("id")
    return {row.key: row for row in await rows}


async def versions_of(section_id: int) -> list[MinutesText]:
    """The newest first."""
    return await MinutesText.filter(section_id=section_id).order_by("-version").select_related("author")


async def text_of(section_id: int, version: int) -> str:
    """The text of one version; nothing for version 0."""
    row = await MinutesText.get_or_none(section_id=section_id, version=version)
    return row.text if row else ""

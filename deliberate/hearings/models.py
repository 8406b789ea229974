"""Stakeholder organisations, their hearing, what they wrote, the minutes and their correction of them.

`entry` is the number of the journal entry that reports the row: the receipt. Texts keep all their versions.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound
from deliberate.hearings import rules
from deliberate.hearings.rules import DraftKind, HearingState
from deliberate.live.journal import commitment
from deliberate.live.model import Model
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.people.models import Person


class Stakeholder(Model):
    """An organisation that is heard."""

    id: int = fields.IntField(primary_key=True)
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT
    )
    assessment_id: int
    name: str = fields.CharField(max_length=300)  # unique (assessment, name)
    salt: str = fields.CharField(max_length=64)
    added_at: datetime = fields.DatetimeField()

    class Meta:
        table = "hearings_stakeholder"


class Spokesperson(Model):
    """Who speaks for an organisation."""

    id: int = fields.IntField(primary_key=True)
    stakeholder: fields.ForeignKeyRelation[Stakeholder] = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="spokespersons"
    )
    stakeholder_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "people.Person", on_delete=fields.RESTRICT
    )
    person_id: int  # unique (stakeholder, person)
    since: datetime = fields.DatetimeField()
    until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "hearings_spokesperson"


class InterestsText(Model):
    """What an organisation says of its own interests. It is published and does not exclude."""

    id: int = fields.IntField(primary_key=True)
    stakeholder = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="interests"
    )
    stakeholder_id: int
    version: int = fields.IntField()  # unique (stakeholder, version)
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    text: str = fields.TextField()
    salt: str = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry: int = fields.IntField()

    class Meta:
        table = "hearings_interests_text"

    @property
    def fingerprint(self) -> str:
        return commitment({"stakeholder": self.stakeholder_id, "text": self.text}, self.salt)


class Hearing(Model):
    """One organisation's hearing, from convocation to locked minutes. It may take place in a meeting."""

    id: int = fields.IntField(primary_key=True)
    stakeholder: fields.ForeignKeyRelation[Stakeholder] = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="hearings"
    )
    stakeholder_id: int
    meeting: fields.ForeignKeyNullableRelation[Meeting] = fields.ForeignKeyField(
        "meetings.Meeting", null=True, on_delete=fields.RESTRICT
    )
    meeting_id: int | None
    themes: list[str] = fields.JSONField()  # codes of Assessment.themes, sent ahead as the question list
    questions: str = fields.TextField(default="")  # further questions, Markdown
    planned_at: datetime | None = fields.DatetimeField(null=True)  # these two hold without a meeting
    place: str = fields.CharField(max_length=300, default="")
    state: str = fields.CharField(max_length=20)  # rules.HearingState
    salt: str = fields.CharField(max_length=64)  # of questions and place
    convened_at: datetime = fields.DatetimeField()
    answered_at: datetime | None = fields.DatetimeField(null=True)
    reply: str = fields.TextField(default="")  # what was said with the answer to the convocation
    reply_salt: str = fields.CharField(max_length=64, default="")
    began_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    sent_version: int = fields.IntField(default=0)
    minutes_sent_at: datetime | None = fields.DatetimeField(null=True)
    correct_until: datetime | None = fields.DatetimeField(null=True)
    approved_at: datetime | None = fields.DatetimeField(null=True)  # None with deemed_accepted: by silence
    locked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "hearings_hearing"

    @property
    def topic(self) -> str:
        return f"hearing-{self.id}"

    def state_at(self, now: datetime) -> HearingState:
        return rules.state_at(HearingState(self.state), self.correct_until, now)

    @property
    def when(self) -> datetime | None:
        return self.meeting.planned_at if self.meeting else self.planned_at

    @property
    def where(self) -> str:
        return str(self.meeting.place) if self.meeting else self.place


class Heard(Model):
    """Who was heard, from arrival to leaving before the deliberation."""

    id: int = fields.IntField(primary_key=True)
    hearing = fields.ForeignKeyField("hearings.Hearing", on_delete=fields.RESTRICT, related_name="heard")
    hearing_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "people.Person", on_delete=fields.RESTRICT, related_name=False
    )
    person_id: int  # unique (hearing, person)
    since: datetime = fields.DatetimeField()
    until: datetime = fields.DatetimeField()

    class Meta:
        table = "hearings_heard"


class Contribution(Model):
    """The written viewpoint of an organisation: one answer, versioned, annexed in full."""

    id: int = fields.IntField(primary_key=True)
    stakeholder = fields.ForeignKeyField(
        "hearings.Stakeholder", on_delete=fields.RESTRICT, related_name="contributions"
    )
    stakeholder_id: int
    version: int = fields.IntField()  # unique (stakeholder, version)
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    title: str = fields.CharField(max_length=300)
    text: str = fields.TextField()  # Markdown
    language: str = fields.CharField(max_length=2)
    may_publish: bool = fields.BooleanField(default=True)
    salt: str = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry: int = fields.IntField()

    class Meta:
        table = "hearings_contribution"

    @property
    def content(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "text": self.text,
            "language": self.language,
            "may_publish": self.may_publish,
        }

    @property
    def fingerprint(self) -> str:
        return commitment({"stakeholder": self.stakeholder_id, **self.content}, self.salt)


class MinutesText(Model):
    """One version of the minutes."""

    id: int = fields.IntField(primary_key=True)
    hearing = fields.ForeignKeyField("hearings.Hearing", on_delete=fields.RESTRICT, related_name="minutes")
    hearing_id: int
    version: int = fields.IntField()  # unique (hearing, version)
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    text: str = fields.TextField()  # Markdown
    salt: str = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry: int = fields.IntField()

    class Meta:
        table = "hearings_minutes_text"

    @property
    def fingerprint(self) -> str:
        return commitment({"hearing": self.hearing_id, "text": self.text}, self.salt)


class Correction(Model):
    """What the heard party wants changed in the minutes, and the answer."""

    id: int = fields.IntField(primary_key=True)
    hearing = fields.ForeignKeyField(
        "hearings.Hearing", on_delete=fields.RESTRICT, related_name="corrections"
    )
    hearing_id: int
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    author_id: int
    passage: str = fields.TextField(default="")  # of the minutes
    text: str = fields.TextField()
    more_follows: bool = fields.BooleanField(default=False)
    salt: str = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    entry: int = fields.IntField()
    verdict: str = fields.CharField(max_length=20, default="")  # minutes_rules.Verdict, "" before the answer
    answer: str = fields.TextField(default="")
    answer_salt: str = fields.CharField(max_length=64, default="")
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "hearings_correction"

    @property
    def fingerprint(self) -> str:
        content = {"hearing": self.hearing_id, "passage": self.passage, "text": self.text}
        return commitment(content, self.salt)


class Draft(Model):
    """What somebody is still writing. Nobody else reads it, and no entry tells of it."""

    id: int = fields.IntField(primary_key=True)
    hearing = fields.ForeignKeyField("hearings.Hearing", on_delete=fields.RESTRICT, related_name=False)
    hearing_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    person_id: int
    kind: str = fields.CharField(max_length=20)  # rules.DraftKind; unique (hearing, person, kind)
    content: dict[str, Any] = fields.JSONField()
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "hearings_draft"


async def find_hearing(hearing_id: int) -> Hearing:
    """With its organisation, assessment and meeting. Raises NotFound."""
    found = await Hearing.get_or_none(id=hearing_id).select_related("stakeholder__assessment", "meeting")
    if found is None:
        raise NotFound()
    return found


async def latest_hearing(stakeholder_id: int) -> Hearing | None:
    return await Hearing.filter(stakeholder_id=stakeholder_id).order_by("-id").first()


async def latest_contribution(stakeholder_id: int) -> Contribution | None:
    return await Contribution.filter(stakeholder_id=stakeholder_id).order_by("-version").first()


async def latest_interests(stakeholder_id: int) -> InterestsText | None:
    return await InterestsText.filter(stakeholder_id=stakeholder_id).order_by("-version").first()


async def latest_minutes(hearing_id: int) -> MinutesText | None:
    return await MinutesText.filter(hearing_id=hearing_id).order_by("-version").first()


async def corrections_of(hearing_id: int) -> list[Correction]:
    """In the order in which they came."""
    return await Correction.filter(hearing_id=hearing_id).order_by("id")


async def item_of(hearing: Hearing) -> AgendaItem | None:
    """The item of the meeting under which the organisation is heard."""
    if hearing.meeting_id is None:
        return None
    items = await AgendaItem.filter(meeting_id=hearing.meeting_id, subject=hearing.topic)
    # The one opened last, else the newest. Worked out here, for the two databases sort what is missing
    # differently.
    opened = [item for item in items if item.opened_at is not None]
    if opened:
        return max(opened, key=lambda item: (item.opened_at, item.id))
    return max(items, key=lambda item: item.id, default=None)


async def is_stored(hearing: Hearing, kind: str, content: Mapping[str, Any]) -> bool:
    """Whether this is what was sent last: a browser may save a draft while it sends the form."""
    if kind == DraftKind.MINUTES:
        minutes = await latest_minutes(hearing.id)
        return minutes is not None and minutes.text == content["minutes"]
    if kind == DraftKind.CONTRIBUTION:
        contribution = await latest_contribution(hearing.stakeholder_id)
        return contribution is not None and contribution.content == content
    same = {"passage": content["passage"], "text": content["correction"]}
    return await Correction.filter(hearing_id=hearing.id, **same).exists()


async def draft_of(hearing_id: int, person_id: int, kind: str) -> Draft | None:
    return await Draft.get_or_none(hearing_id=hearing_id, person_id=person_id, kind=kind)

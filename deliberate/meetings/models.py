"""Meetings of a group, their agenda, who was there and when, and which vote belongs to which item."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.assessments.models import Pair, chairs_and_members
from deliberate.assessments.rules import Role
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of, standings_of
from deliberate.interests.rules import Standing
from deliberate.live.model import Model
from deliberate.meetings.agenda_rules import Node
from deliberate.meetings.floor_rules import Stretch
from deliberate.meetings.minutes_models import (  # noqa: F401 - the ORM looks for all tables here
    Minutes,
    MinutesAmendment,
    MinutesCorrection,
    MinutesDraft,
    MinutesSection,
    MinutesText,
)
from deliberate.meetings.rules import ItemState, Member, check_sees, gate_of
from deliberate.meetings.usual_models import UsualAgenda  # noqa: F401
from deliberate.people.models import Person
from deliberate.voting.models import Vote


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
    quorum: dict[str, Any] | None = fields.JSONField(null=True)  # voting.terms.Quorum as found at the opening
    convened_at: datetime | None = fields.DatetimeField(null=True)
    floor_order = fields.CharField(max_length=12, default="least", db_default="least")  # FloorOrder
    speech_seconds = fields.IntField(default=180, db_default=180)  # given to each speech; 0 sets no limit

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
    parent = fields.ForeignKeyField(
        "meetings.AgendaItem", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    parent_id: int | None  # positions run through the tree as it is read: a parent, then what is under it
    presenting_minutes: int | None = fields.IntField(null=True)  # of those planned; the rest is discussion
    links: list[dict[str, str]] | None = fields.JSONField(
        null=True
    )  # [{"key": "statement-5", "code": "I-1.1"}]
    carried_from = fields.ForeignKeyField(  # the postponed item of an earlier meeting
        "meetings.AgendaItem", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    carried_from_id: int | None

    class Meta:
        table = "meetings_agenda_item"


class ItemStretch(Model):
    """How long an item was under way: one row from each opening to the close, the postponement or a break."""

    id: int = fields.IntField(primary_key=True)
    item = fields.ForeignKeyField("meetings.AgendaItem", on_delete=fields.RESTRICT, related_name="stretches")
    item_id: int  # unique among those without an end
    began_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_item_stretch"


class Adjournment(Model):
    """A break of the meeting, from its announcement until it goes on."""

    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name="breaks")
    meeting_id: int  # unique among those without an end
    began_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_adjournment"


class FloorRequest(Model):
    """Somebody asks for the floor, waits, speaks and ends, or takes the request back.

    The countdown stands here as the moment at which it ends, so that a reload shows the same clock and no
    change to the queue touches it. While a speech is paused, `left_seconds` holds what remains of it.
    """

    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name="floor")
    meeting_id: int  # one speech under way per meeting; one waiting request per meeting and person
    item = fields.ForeignKeyField("meetings.AgendaItem", null=True, on_delete=fields.RESTRICT)
    item_id: int | None  # the one that was open; none between two items
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int
    kind = fields.CharField(max_length=20)  # rules.FloorKind
    replies_to = fields.ForeignKeyField(
        "meetings.FloorRequest", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    replies_to_id: int | None
    asked_at: datetime = fields.DatetimeField()
    began_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    ends_at: datetime | None = fields.DatetimeField(null=True)  # of the countdown that runs
    left_seconds: int | None = fields.IntField(null=True)  # of the countdown that is paused

    class Meta:
        table = "meetings_floor_request"


class Speech(Model):
    """A stretch of speaking without a pause."""

    id: int = fields.IntField(primary_key=True)
    request = fields.ForeignKeyField(
        "meetings.FloorRequest", on_delete=fields.RESTRICT, related_name="speeches"
    )
    request_id: int  # unique among those without an end
    began_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "meetings_speech"


class Proxy(Model):
    """A member who is away is represented by another who is there.

    Given by the member, or entered by the secretariat on a written mandate.
    """

    id: int = fields.IntField(primary_key=True)
    meeting = fields.ForeignKeyField("meetings.Meeting", on_delete=fields.RESTRICT, related_name="proxies")
    meeting_id: int
    giver = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    giver_id: int  # unique in a meeting among those in force
    holder = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    holder_id: int
    entered_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)  # withdrawn, or the member came
    mandate = fields.CharField(max_length=300, default="", db_default="")  # which paper it stands on
    salt: str | None = fields.CharField(max_length=64, null=True)  # of the mandate's commitment

    class Meta:
        table = "meetings_proxy"


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
    left_because = fields.CharField(max_length=20, default="")  # rules.INTEREST, LEFT, MEETING_ENDED
    out_for = fields.ForeignKeyField(  # the item at whose end this person comes back
        "meetings.AgendaItem", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    out_for_id: int | None

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


async def seen_meeting(person: Person, meeting_id: int) -> tuple[Meeting, Standing]:
    """The meeting, for whoever may know of it.

    Raises:
        NotFound: there is none, or not for this person.
    """
    meeting = await Meeting.get_or_none(id=meeting_id)
    if meeting is None:
        raise NotFound()
    standing = await standing_of(person.id, meeting.assessment_id)
    check_sees(standing, meeting.group_id)
    return meeting, standing


async def agenda_of(meeting_id: int) -> list[AgendaItem]:
    return await AgendaItem.filter(meeting_id=meeting_id).order_by("position")


def nodes_of(items: Iterable[AgendaItem]) -> list[Node]:
    """The agenda as its rules see it: parents, minutes, and a title for sentences."""
    return [
        Node(item.id, item.parent_id, item.planned_minutes, next((t for t in item.title.values() if t), ""))
        for item in items
    ]


async def gates_of(meeting_id: int) -> list[str]:
    """The keys by which interests in the items are weighed."""
    subjects = await AgendaItem.filter(meeting_id=meeting_id).values_list("subject", flat=True)
    return [gate_of(subject) for subject in subjects]


async def open_item_of(meeting_id: int) -> AgendaItem | None:
    """The one item that is open, if any."""
    return await AgendaItem.get_or_none(meeting_id=meeting_id, state=ItemState.OPEN)


async def here_of(meeting_id: int) -> dict[int, Attendance]:
    """Who is in the meeting just now, by person."""
    return {stay.person_id: stay for stay in await Attendance.filter(meeting_id=meeting_id, until=None)}


async def proxies_of(meeting_id: int) -> list[Proxy]:
    """Those in force, in the order in which they were given."""
    return await Proxy.filter(meeting_id=meeting_id, ended_at=None).order_by("id")


async def is_adjourned(meeting_id: int) -> bool:
    return await Adjournment.filter(meeting_id=meeting_id, ended_at=None).exists()


async def speech_under_way(meeting_id: int) -> FloorRequest | None:
    """Who has the floor, with the person; also while the speech is paused."""
    rows = FloorRequest.filter(meeting_id=meeting_id, ended_at=None).exclude(began_at=None)
    return await rows.select_related("person").first()


async def stretches_of(meeting_id: int) -> list[Stretch]:
    """All that was spoken in the meeting, in order."""
    rows = Speech.filter(request__meeting_id=meeting_id).order_by("id")
    return [
        Stretch(row["request__person_id"], row["request__item_id"], row["began_at"], row["ended_at"])
        for row in await rows.values("request__person_id", "request__item_id", "began_at", "ended_at")
    ]


async def roles_of(group_id: int) -> tuple[dict[int, str], dict[int, str]]:
    """Roles and names of everybody with a seat in the group, by person."""
    roles: dict[int, str] = {}
    names: dict[int, str] = {}
    for row in await chairs_and_members(group_id):
        names[row["person_id"]] = row["person__name"]
        if roles.get(row["person_id"]) != Role.CHAIR:
            roles[row["person_id"]] = row["role"]
    return roles, names


async def members_of(meeting: Meeting, now: datetime | None = None) -> list[Member]:
    """Everybody with a seat in the group, with rights and presence as they are: a fixed number of queries."""
    roles, _names = await roles_of(meeting.group_id)
    standings = await standings_of(meeting.assessment_id, roles, now)
    here = await here_of(meeting.id)
    return [Member(standings[person_id], role, person_id in here) for person_id, role in roles.items()]


async def votes_of(meeting_id: int) -> list[tuple[int, Vote]]:
    """(item, vote) of everything voted on in the meeting, in order."""
    rows = await ItemVote.filter(item__meeting_id=meeting_id).order_by("id").select_related("vote")
    return [(row.item_id, row.vote) for row in rows]


async def meeting_of_vote(vote_id: int) -> tuple[int, int] | None:
    """(meeting, item) under which a vote is taken; None for a vote outside meetings."""
    row = await ItemVote.filter(vote_id=vote_id).first().values("item_id", "item__meeting_id")
    return (row["item__meeting_id"], row["item_id"]) if row else None


async def meetings_of(assessment_id: int, group_ids: Collection[int] | None = None) -> list[Meeting]:
    """Those of an assessment, or of some of its groups, with the group, the latest planned first."""
    rows = Meeting.filter(assessment_id=assessment_id).select_related("group")
    if group_ids is not None:
        rows = rows.filter(group_id__in=list(group_ids))
    return await rows.order_by("-planned_at", "-id")

"""What a meeting looks like to one of its readers: agenda, what is under way, who is there, results.

Everything is read once into a `Sight`, in a fixed number of queries, and the panels are made of it. `hidden`
are the gates on the agenda whose texts, votes and results this reader must not see.
"""

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from deliberate.assessments.models import Assessment, Group, Pair
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import N_, NotFound
from deliberate.interests.models import standings_of
from deliberate.interests.rules import Standing
from deliberate.live.models import Entry
from deliberate.meetings import agenda_rules, proxy_rules, rules
from deliberate.meetings.models import (
    Adjournment,
    AgendaItem,
    Attendance,
    ItemStretch,
    Meeting,
    Proxy,
    agenda_of,
    nodes_of,
    proxies_of,
    roles_of,
    votes_of,
)
from deliberate.meetings.rules import ItemState, MeetingState, Member, Presence
from deliberate.people.models import Person
from deliberate.questions.models import newest_conclusion, statement_texts
from deliberate.voting.models import Vote
from deliberate.voting.rules import VoteState
from deliberate.voting.showing import Place, headline_of, number_in, places_of
from deliberate.voting.terms import Quorum
from deliberate.web.i18n import _, t

JOURNAL_LINES = 12


@dataclass(frozen=True)
class Sight:
    """A meeting as one reader may see it, read in one go."""

    meeting: Meeting
    assessment: Assessment
    group: Group
    standing: Standing
    hidden: tuple[str, ...]
    items: list[AgendaItem]
    votes: list[tuple[int, Vote]]  # (item, vote), without those hidden
    places: dict[int, Place]  # of these votes
    members: list[Member]
    names: dict[int, str]
    here: dict[int, Attendance]  # by person
    proxies: list[Proxy] = field(default_factory=list)  # in force
    outside: set[int] = field(default_factory=set)  # who left for an interest in the open item
    adjourned_at: datetime | None = None
    stretches: dict[int, list[ItemStretch]] = field(default_factory=dict)  # by item, in order

    @property
    def runs(self) -> bool:
        return rules.runs(self.standing, self.meeting.group_id)


async def sight_of(person: Person, meeting_id: int, taken: Sequence[tuple[int, Vote]] | None = None) -> Sight:
    """What this person may see of the meeting just now. `taken`: its votes, for whoever has just read them.

    Raises:
        NotFound: there is none, or not for this person.
    """
    meeting = await Meeting.filter(id=meeting_id).select_related("assessment", "group").first()
    if meeting is None:
        raise NotFound()
    roles, names = await roles_of(meeting.group_id)
    standings = await standings_of(meeting.assessment_id, {*roles, person.id})
    standing = standings[person.id]
    rules.check_sees(standing, meeting.group_id)
    items = await agenda_of(meeting.id)
    hidden = rules.hides(standing, [rules.gate_of(item.subject) for item in items], meeting.group_id)
    taken = await votes_of(meeting.id) if taken is None else taken
    votes = [(item, vote) for item, vote in taken if vote.gate not in hidden]
    here, outside = await stays_of(meeting.id, names)
    return Sight(
        meeting=meeting,
        assessment=meeting.assessment,
        group=meeting.group,
        standing=standing,
        hidden=hidden,
        items=items,
        votes=votes,
        places=await places_of([vote for _item, vote in votes]),
        members=[Member(standings[ident], role, ident in here) for ident, role in roles.items()],
        names=names,
        here=here,
        proxies=await proxies_of(meeting.id),
        outside=outside,
        adjourned_at=await adjourned_since(meeting.id),
        stretches=await stretches_by_item(meeting.id),
    )


async def adjourned_since(meeting_id: int) -> datetime | None:
    row = await Adjournment.filter(meeting_id=meeting_id, ended_at=None).first().values("began_at")
    return row["began_at"] if row else None


async def stretches_by_item(meeting_id: int) -> dict[int, list[ItemStretch]]:
    found: dict[int, list[ItemStretch]] = {}
    for row in await ItemStretch.filter(item__meeting_id=meeting_id).order_by("id"):
        found.setdefault(row.item_id, []).append(row)
    return found


async def stays_of(meeting_id: int, names: dict[int, str]) -> tuple[dict[int, Attendance], set[int]]:
    """Who is here, and who waits outside. `names` learns those of guests."""
    stays = await Attendance.filter(meeting_id=meeting_id).select_related("person").order_by("id")
    for stay in stays:
        names.setdefault(stay.person_id, stay.person.name)
    here = {stay.person_id: stay for stay in stays if stay.until is None}
    return here, {stay.person_id for stay in stays if stay.out_for_id is not None}


# Agenda, and what is under way


@dataclass(frozen=True)
class Line:
    """An item on the agenda, as its readers see it."""

    id: int
    position: int  # counted from 1, whatever the gaps of the stored ones
    number: str  # "2.1"
    level: int
    title: Pair
    kind: str
    subject: str
    state: str
    planned: int
    used: int | None
    opened_at: datetime | None
    since: datetime | None  # from when the clock of an open item counts, breaks taken out
    hidden: bool  # its subject is kept from this reader
    votes: int
    presenting: int | None
    inside: int  # minutes planned under it
    links: list[tuple[str, str]]  # (code, page) of statements and documents, for those to whom they exist
    carried: bool  # from an earlier meeting

    @property
    def is_open(self) -> bool:
        return self.state == ItemState.OPEN

    @property
    def mark(self) -> str:
        """The state in the words of the page's macro."""
        marks = {ItemState.DONE: "done", ItemState.POSTPONED: "deferred"}
        return marks.get(ItemState(self.state), "ahead")

    @property
    def href(self) -> str | None:
        """The page of the subject, for those to whom it exists."""
        gate = rules.gate_of(self.subject)
        if not gate or self.hidden:
            return None
        return f"/{'questions' if gate.startswith('question-') else 'records'}/{number_in(gate)}"


def lines_of(sight: Sight) -> list[Line]:
    now = datetime.now(UTC)
    taken = [item_id for item_id, _vote in sight.votes]
    nodes = nodes_of(sight.items)
    numbers, levels = agenda_rules.numbers(nodes), agenda_rules.levels(nodes)
    return [
        Line(
            id=item.id,
            position=position,
            number=numbers[item.id],
            level=levels[item.id],
            title=item.title,
            kind=item.kind,
            subject=item.subject,
            state=item.state,
            planned=item.planned_minutes,
            used=None
            if item.state == ItemState.OPEN
            else used_minutes(sight.stretches.get(item.id, []), now),
            opened_at=item.opened_at,
            since=running_since(sight.stretches.get(item.id, []), now),
            hidden=rules.gate_of(item.subject) in sight.hidden,
            votes=taken.count(item.id),
            presenting=item.presenting_minutes,
            inside=sum(node.planned for node in nodes if node.parent_id == item.id),
            links=[] if rules.gate_of(item.subject) in sight.hidden else links_of(item),
            carried=item.carried_from_id is not None,
        )
        for position, item in enumerate(sight.items, 1)
    ]


def links_of(item: AgendaItem) -> list[tuple[str, str]]:
    pages = {"statement": "statements", "document": "evidence"}
    return [
        (link["code"], f"/{pages[link['key'].partition('-')[0]]}/{number_in(link['key'])}")
        for link in item.links or []
    ]


def expected_end(sight: Sight) -> datetime | None:
    """When the meeting will end if the rest takes what is planned; an item holds those under it."""
    if sight.meeting.state != MeetingState.OPENED:
        return None
    now = datetime.now(UTC)
    parents = {item.parent_id for item in sight.items}
    ahead: list[tuple[int, timedelta | None]] = []
    for item in sight.items:
        if item.id not in parents and item.state in (ItemState.PLANNED, ItemState.OPEN):
            spans = [(each.began_at, each.ended_at) for each in sight.stretches.get(item.id, [])]
            ahead.append((item.planned_minutes, rules.time_used(spans, now) if spans else None))
    return agenda_rules.expected_end(now, ahead)


def used_minutes(stretches: Sequence[ItemStretch], now: datetime) -> int | None:
    spans = [(each.began_at, each.ended_at) for each in stretches]
    return rules.minutes_used(spans, now) if spans else None


def running_since(stretches: Sequence[ItemStretch], now: datetime) -> datetime | None:
    if not stretches or stretches[-1].ended_at is not None:
        return None
    before = [(each.began_at, each.ended_at) for each in stretches[:-1]]
    return stretches[-1].began_at - rules.time_used(before, now)


def open_vote_of(sight: Sight) -> Vote | None:
    """The newest vote under the open item, for those who may see it."""
    current = next((item.id for item in sight.items if item.state == ItemState.OPEN), None)
    votes = [vote for item_id, vote in sight.votes if item_id == current]
    return votes[-1] if votes else None


def panels(sight: Sight) -> dict[str, Any]:
    """Everything the room's panels show, the same for all who see the same."""
    lines = lines_of(sight)
    line = next((line for line in lines if line.is_open), None)
    vote = open_vote_of(sight)
    counted = [vote for _item, vote in reversed(sight.votes) if vote.state == VoteState.COUNTED]
    return {
        "meeting": sight.meeting,
        "one_minute": timedelta(minutes=1),
        "adjourned_at": sight.adjourned_at,
        "lines": lines,
        "minutes": sum(line.planned for line in lines if line.level == 1),
        "count": sum(1 for line in lines if line.level == 1),
        "expected_end": expected_end(sight),
        "line": line,
        "next": next((each for each in lines if each.state == ItemState.PLANNED), None),
        "vote": vote,
        "place": sight.places[vote.id] if vote else Place(),
        "votes": counted,
        "repeated": {vote.replaces_id for _item, vote in sight.votes},
        "places": sight.places,
        "results": {vote.id: headline_of(vote, sight.assessment.frozen_hash) for vote in counted},
        **presence(sight, rules.gate_of(line.subject) if line else ""),
    }


# Who is there


@dataclass(frozen=True)
class Seen:
    """Somebody of the group, or of the secretariat, and where that person is."""

    person_id: int
    name: str
    role: str
    how: str | None  # rules.Presence, or not here
    out: bool  # left for an interest in the item under way
    declared: bool


def presence(sight: Sight, gate: str) -> dict[str, Any]:
    seats = {member.person_id for member in sight.members}
    people = [
        Seen(
            member.person_id,
            sight.names[member.person_id],
            member.role,
            sight.here[member.person_id].how if member.here else None,
            member.person_id in sight.outside,
            member.standing.declared,
        )
        for member in sight.members
    ]
    guests = [
        Seen(person_id, sight.names[person_id], "secretariat", stay.how, False, True)
        for person_id, stay in sight.here.items()
        if person_id not in seats
    ]
    return {
        "people": by_name([*people, *guests]),
        "remote": sum(1 for seen in people if seen.how == Presence.REMOTE),
        "proxies": [
            (sight.names.get(one.giver_id, ""), sight.names.get(one.holder_id, "")) for one in sight.proxies
        ],
        "quorum": quorum_of(sight, gate),
    }


def quorum_of(sight: Sight, gate: str) -> Quorum:
    given = [(one.giver_id, one.holder_id) for one in sight.proxies]
    most = protocol_of(sight).committee.proxies_max
    standing = proxy_rules.standing_proxies(sight.members, given, gate, sight.meeting.group_id, most)
    return rules.quorum_of(
        sight.members,
        gate,
        sight.meeting.group_id,
        share=sight.group.quorum_share,
        second_call=sight.meeting.second_call_of_id is not None,
        protocol=protocol_of(sight),
        represented=len(standing),
    )


def protocol_of(sight: Sight) -> Protocol:
    return read_protocol(sight.assessment.protocol)


def by_name(people: Collection[Seen]) -> list[Seen]:
    """As a list of names is read, with É among the E; the chair first."""
    return sorted(people, key=lambda seen: (seen.role != "chair", plain(seen.name)))


def plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


# What the console shows besides


@dataclass(frozen=True)
class Votable:
    """A statement, or the conclusion, that can be voted on now."""

    subject: str
    code: str
    text: Mapping[str, str]
    version: int
    rounds: int  # how often it was rated


async def console_panels(sight: Sight) -> dict[str, Any]:
    """Those of the room, with what can be done next and what was done last."""
    found = panels(sight)
    running = found["vote"] is not None and found["vote"].state != VoteState.COUNTED
    return {
        **found,
        "allows_second_call": protocol_of(sight).committee.second_call_no_quorum,
        "repeatables": [] if running_now(found["vote"]) else repeatables_of(sight),
        "votables": [] if running else await votables_of(found["line"]),
        "entries": await journal_of(sight),
    }


def running_now(vote: Vote | None) -> bool:
    return vote is not None and vote.state == VoteState.OPEN


def repeatables_of(sight: Sight) -> list[Vote]:
    """The votes of the open item that may be taken again, the newest first: of each subject the last."""
    current = next((item.id for item in sight.items if item.state == ItemState.OPEN), None)
    repeated = {vote.replaces_id for _item, vote in sight.votes}
    followed: set[tuple[str, str]] = set()
    found: list[Vote] = []
    for item_id, vote in reversed(sight.votes):
        stands = vote.id not in repeated and (vote.subject, vote.kind) not in followed
        if item_id == current and stands and is_repeatable(vote):
            found.append(vote)
        if not vote.subject.startswith("item-"):  # motions of the moment share the item as their subject
            followed.add((vote.subject, vote.kind))
    return found


def is_repeatable(vote: Vote) -> bool:
    return vote.state in (VoteState.CLOSED, VoteState.COUNTED) and not vote.subject.startswith("record-")


async def votables_of(line: Line | None) -> list[Votable]:
    """The statements of the item's question that may be rated, and its conclusion."""
    if line is None or line.hidden or not line.subject.startswith("question-"):
        return []
    question_id = number_in(line.subject)
    texts = list((await statement_texts([question_id])).values())
    subjects = [f"statement-{text.id}" for text in texts]
    asked = await Vote.filter(subject__in=subjects).values_list("subject", flat=True)
    found = [
        Votable(subject, text.code, text.text, text.version, list(asked).count(subject))
        for subject, text in zip(subjects, texts, strict=True)
    ]
    conclusion = await newest_conclusion(question_id)
    if conclusion:
        words = {conclusion.language: conclusion.answer}
        found.append(Votable(line.subject, "", words, conclusion.version, 0))
    return found


# The journal of the meeting, in sentences

SENTENCES = {
    "meeting_planned": N_("Meeting planned"),
    "meeting_convened": N_("Meeting convened"),
    "meeting_opened": N_("Meeting opened, {present} present, quorum {needed}"),
    "meeting_closed": N_("Meeting closed"),
    "item_added": N_("Item added: {item}"),
    "item_changed": N_("Item changed: {item}"),
    "item_moved": N_("Item moved: {item}"),
    "item_removed": N_("Item removed"),
    "item_opened": N_("Item opened: {item}"),
    "item_closed": N_("Item closed: {item}"),
    "item_postponed": N_("Item postponed: {item}"),
    "member_arrived": N_("{name} has arrived"),
    "member_arrived_remote": N_("{name} attends remotely"),
    "member_left": N_("{name} has left"),
    "member_left_interest": N_("{name} leaves because of an interest in the item"),
    "item_vote_opened": N_("Vote opened, {entitled} on the roll"),
    "item_vote_opened_again": N_("Vote repeated, {entitled} on the roll"),
    "item_vote_closed": N_("Vote closed, {cast} of {entitled} ballots"),
    "item_vote_counted": N_("Result of the vote revealed"),
    "meeting_adjourned": N_("Meeting adjourned"),
    "meeting_resumed": N_("Meeting resumed, {present} present, quorum {needed}"),
    "items_taken_over": N_("{items} items taken over"),
    "floor_asked": N_("{name} asks for the floor"),
    "floor_withdrawn": N_("{name} asks for the floor no longer"),
    "floor_given": N_("{name} has the floor"),
    "floor_paused": N_("{name}: speech paused"),
    "floor_resumed": N_("{name}: speech resumed"),
    "floor_prolonged": N_("{name}: one minute more"),
    "floor_ended": N_("{name} has finished speaking"),
    "floor_ruled": N_("Rule of the floor set"),
    "proxy_given": N_("{name} is represented by {holder}"),
    "proxy_ended": N_("{name} is represented no longer"),
}


@dataclass(frozen=True)
class Told:
    """An entry for the page's list."""

    number: int
    at: datetime
    sentence: str
    fingerprint: None = None


async def journal_of(sight: Sight) -> list[Told]:
    """The last entries of this meeting."""
    rows = Entry.filter(journal=sight.meeting.assessment_id, topic=f"meeting-{sight.meeting.id}")
    titles = {item.id: item.title for item in sight.items}
    return [
        told(entry, json.loads(entry.body)["details"], sight.names, titles)
        for entry in await rows.order_by("-number").limit(JOURNAL_LINES)
    ]


def told(
    entry: Entry, details: Mapping[str, Any], names: Mapping[int, str], titles: Mapping[int, Pair]
) -> Told:
    about = str(details.get("about") or "")
    kind = entry.kind + ("_remote" if details.get("how") == Presence.REMOTE else "")
    kind += "_interest" if details.get("because") == rules.INTEREST else ""
    kind += "_again" if details.get("replaces") else ""
    places = {
        "item": t(titles.get(number_in(about))) if about.startswith("item-") else "",
        "name": names.get(number_in(about), "") if about.startswith("person-") else "",
        "holder": names.get(number_in(str(details["holder"])), "") if "holder" in details else "",
        "cast": details.get("cast"),
        "items": details.get("items"),
        "entitled": details.get("entitled"),
        **{name: (details.get("quorum") or {}).get(name) for name in ("present", "needed")},
    }
    sentence = _(SENTENCES.get(kind, entry.kind)).format_map(places)
    return Told(entry.number, entry.at, sentence)


def facts_of(sight: Sight) -> dict[str, Any]:
    """The meeting for scripts."""
    lines = lines_of(sight)
    current = next((line for line in lines if line.is_open), None)
    votes = sight.votes
    return {
        "meeting": sight.meeting.id,
        "group": sight.meeting.group_id,
        "state": sight.meeting.state,
        "item": current.id if current else None,
        "vote": next((vote.id for _item_id, vote in votes if vote.state == VoteState.OPEN), None),
        "agenda": [
            {
                "id": line.id,
                "position": line.position,
                "state": line.state,
                "subject": line.subject,
                "planned": line.planned,
            }
            for line in lines
        ],
        "votes": [
            {"id": vote.id, "item": item_id, "subject": vote.subject, "state": vote.state}
            for item_id, vote in votes
        ],
    }

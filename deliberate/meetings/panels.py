"""What a meeting looks like, panel by panel: agenda, what is under way, who is there, results. Reads only.

`hidden` are the gates on the agenda whose texts, votes and results a reader must not see: whoever is recused
from a question has panels without them.
"""

import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deliberate.assessments.models import Pair
from deliberate.errors import N_
from deliberate.interests.rules import Standing
from deliberate.live.models import Entry
from deliberate.meetings import rules
from deliberate.meetings.models import (
    AgendaItem,
    Attendance,
    Meeting,
    agenda_of,
    here_of,
    members_of,
    votes_of,
)
from deliberate.meetings.rules import ItemState, Presence
from deliberate.meetings.turn import protocol_of, quorum_of
from deliberate.people.models import Person
from deliberate.questions.models import newest_conclusion, statement_texts
from deliberate.voting.models import Vote
from deliberate.voting.rules import VoteState
from deliberate.voting.showing import Place, headline_of, number_in, places_of
from deliberate.web.i18n import _, t

JOURNAL_LINES = 12


@dataclass(frozen=True)
class Line:
    """An item on the agenda, as its readers see it."""

    id: int
    position: int  # counted from 1, whatever the gaps of the stored ones
    title: Pair
    kind: str
    subject: str
    state: str
    planned: int
    used: int | None
    opened_at: datetime | None
    hidden: bool  # its subject is kept from this reader
    votes: int

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
        """The page of the question, for those to whom it exists."""
        gate = rules.gate_of(self.subject)
        if not gate or self.hidden:
            return None
        return (
            f"/questions/{number_in(gate)}" if gate.startswith("question-") else f"/records/{number_in(gate)}"
        )


def hidden_from(standing: Standing, meeting: Meeting, items: Collection[AgendaItem]) -> tuple[str, ...]:
    return rules.hides(standing, [rules.gate_of(item.subject) for item in items], meeting.group_id)


async def lines_of(meeting: Meeting, hidden: Collection[str]) -> list[Line]:
    now = datetime.now(UTC)
    taken = [item_id for item_id, _vote in await votes_of(meeting.id)]
    return [
        Line(
            id=item.id,
            position=position,
            title=item.title,
            kind=item.kind,
            subject=item.subject,
            state=item.state,
            planned=item.planned_minutes,
            used=None
            if item.state == ItemState.OPEN
            else rules.minutes_used(item.opened_at, item.closed_at, now),
            opened_at=item.opened_at,
            hidden=rules.gate_of(item.subject) in hidden,
            votes=taken.count(item.id),
        )
        for position, item in enumerate(await agenda_of(meeting.id), 1)
    ]


async def agenda_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    lines = await lines_of(meeting, hidden)
    return {"meeting": meeting, "lines": lines, "minutes": sum(line.planned for line in lines)}


async def now_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    """The open item and its newest vote, or what comes next."""
    lines = await lines_of(meeting, hidden)
    line = next((line for line in lines if line.is_open), None)
    vote = await newest_vote(meeting.id, line)
    return {
        "meeting": meeting,
        "line": line,
        "next": next((each for each in lines if each.state == ItemState.PLANNED), None),
        "count": len(lines),
        "vote": vote,
        "place": (await places_of([vote]))[vote.id] if vote else Place(),
    }


async def newest_vote(meeting_id: int, line: Line | None) -> Vote | None:
    """The newest vote under an item, for those who may see it."""
    if line is None or line.hidden:
        return None
    votes = [vote for item_id, vote in await votes_of(meeting_id) if item_id == line.id]
    return votes[-1] if votes else None


async def results_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    """The results of this meeting so far, the newest first."""
    votes = [
        vote
        for _item_id, vote in reversed(await votes_of(meeting.id))
        if vote.state == VoteState.COUNTED and vote.gate not in hidden
    ]
    return {
        "votes": votes,
        "places": await places_of(votes),
        "results": {vote.id: headline_of(vote) for vote in votes},
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


async def presence_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    lines = await lines_of(meeting, hidden)
    line = next((line for line in lines if line.is_open), None)
    gate = rules.gate_of(line.subject) if line else ""
    members = await members_of(meeting)
    here = await here_of(meeting.id)
    outside = await Attendance.filter(meeting_id=meeting.id).exclude(out_for_id=None)
    out = {stay.person_id for stay in outside}
    names = await names_of([*(member.person_id for member in members), *here])
    seats = {member.person_id for member in members}
    people = [
        Seen(
            member.person_id,
            names[member.person_id],
            member.role,
            here[member.person_id].how if member.here else None,
            member.person_id in out,
            member.standing.declared,
        )
        for member in members
    ]
    guests = [
        Seen(person_id, names[person_id], "secretariat", stay.how, False, True)
        for person_id, stay in here.items()
        if person_id not in seats
    ]
    return {
        "meeting": meeting,
        "people": by_name([*people, *guests]),
        "remote": sum(1 for seen in people if seen.how == Presence.REMOTE),
        "quorum": await quorum_of(meeting, members, gate, await protocol_of(meeting.assessment_id)),
    }


def by_name(people: Collection[Seen]) -> list[Seen]:
    """As a list of names is read, with É among the E; the chair first."""
    return sorted(people, key=lambda seen: (seen.role != "chair", plain(seen.name)))


def plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


async def names_of(person_ids: Collection[int]) -> dict[int, str]:
    return dict(await Person.filter(id__in=list(person_ids)).values_list("id", "name"))


# What can be put to the vote under the open item


@dataclass(frozen=True)
class Votable:
    """A statement, or the conclusion, that can be voted on now."""

    subject: str
    code: str
    text: Mapping[str, str]
    version: int
    rounds: int  # how often it was rated


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


async def desk_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    """The middle of the console: what is under way, and what can be done next."""
    context = await now_panel(meeting, hidden)
    running = context["vote"] is not None and context["vote"].state != VoteState.COUNTED
    return {**context, "votables": [] if running else await votables_of(context["line"])}


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
    "item_vote_closed": N_("Vote closed, {cast} of {entitled} ballots"),
    "item_vote_counted": N_("Result of the vote revealed"),
}


@dataclass(frozen=True)
class Told:
    """An entry for the page's list."""

    number: int
    at: datetime
    sentence: str
    fingerprint: None = None


async def journal_panel(meeting: Meeting, hidden: Collection[str]) -> dict[str, Any]:
    """The last entries of this meeting."""
    rows = Entry.filter(journal=meeting.assessment_id, topic=f"meeting-{meeting.id}").order_by("-number")
    entries = await rows.limit(JOURNAL_LINES)
    details = {entry.number: json.loads(entry.body)["details"] for entry in entries}
    about = [str(each.get("about") or "") for each in details.values()]
    names = await names_of([number_in(key) for key in about if key.startswith("person-")])
    titles = {item.id: item.title for item in await agenda_of(meeting.id)}
    return {"entries": [told(entry, details[entry.number], names, titles) for entry in entries]}


def told(
    entry: Entry, details: Mapping[str, Any], names: Mapping[int, str], titles: Mapping[int, Pair]
) -> Told:
    about = str(details.get("about") or "")
    kind = entry.kind + ("_remote" if details.get("how") == Presence.REMOTE else "")
    kind += "_interest" if details.get("because") == rules.INTEREST else ""
    places = {
        "item": t(titles.get(number_in(about))) if about.startswith("item-") else "",
        "name": names.get(number_in(about), "") if about.startswith("person-") else "",
        "cast": details.get("cast"),
        "entitled": details.get("entitled"),
        **{name: (details.get("quorum") or {}).get(name) for name in ("present", "needed")},
    }
    sentence = _(SENTENCES.get(kind, entry.kind)).format_map(places)
    return Told(entry.number, entry.at, sentence)


def facts_of(
    meeting: Meeting, lines: Sequence[Line], votes: Sequence[tuple[int, Vote]], hidden: Collection[str]
) -> dict[str, Any]:
    """The meeting for scripts."""
    seen = [(item_id, vote) for item_id, vote in votes if vote.gate not in hidden]
    current = next((line for line in lines if line.is_open), None)
    return {
        "meeting": meeting.id,
        "group": meeting.group_id,
        "state": meeting.state,
        "item": current.id if current else None,
        "vote": next((vote.id for _item_id, vote in seen if vote.state == VoteState.OPEN), None),
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
            for item_id, vote in seen
        ],
    }

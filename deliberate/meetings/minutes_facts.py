"""What the system knows of a meeting, for its minutes: read from the rows and the journal, copied by nobody.

`document_of` is whole and without a reader; what somebody must not see is taken out where it is put into
words (minutes_words.py). It is JSON, for at the approval it is kept as it is. Moments are UTC, as in entries.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from deliberate.interests.models import standings_of
from deliberate.interests.rules import NO_BALLOT
from deliberate.live.journal import stamp
from deliberate.live.models import Entry
from deliberate.meetings import rules
from deliberate.meetings.floor_rules import shares, totals_per_item
from deliberate.meetings.minutes_models import MinutesSection
from deliberate.meetings.minutes_rules import CLOSING, OPENING
from deliberate.meetings.models import (
    Adjournment,
    AgendaItem,
    Attendance,
    ItemStretch,
    Meeting,
    Proxy,
    agenda_of,
    roles_of,
    stretches_of,
    votes_of,
)
from deliberate.people.models import Person
from deliberate.questions.models import Conclusion
from deliberate.voting.models import Ballot, Vote, names_on_rolls, represented_in
from deliberate.voting.results import shows_statistics
from deliberate.voting.rules import Choice, Mode, VoteKind, VoteState
from deliberate.voting.showing import number_in
from deliberate.voting.terms import Terms

Facts = dict[str, Any]
Times = tuple[datetime, datetime | None]
EXITS = ("member_left", "member_arrived")
ITEMS = ("item_opened", "item_closed", "item_postponed")


def at(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


async def document_of(meeting: Meeting, sections: Mapping[str, MinutesSection], now: datetime) -> Facts:
    """Everything the minutes hold, section by section, in a fixed number of queries."""
    items = await agenda_of(meeting.id)
    roles, names = await roles_of(meeting.group_id)
    stays = await Attendance.filter(meeting_id=meeting.id).select_related("person").order_by("id")
    names |= {stay.person_id: stay.person.name for stay in stays if stay.person_id not in names}
    entries = await entries_of(meeting)
    votes = await votes_told(meeting)
    kept_out = await kept_out_of(meeting, items, roles, now)
    conclusions = await conclusions_of(meeting, items, now)
    times = await times_of(meeting.id, entries)
    spoken = await spoken_of(meeting.id, names, now)
    numbers = numbers_of(items)
    return {
        "meeting": {
            "title": meeting.title,
            "kind": meeting.kind,
            "place": meeting.place,
            "planned_at": at(meeting.planned_at),
            "opened_at": at(meeting.opened_at),
            "closed_at": at(meeting.closed_at),
            "second_call": meeting.second_call_of_id is not None,
            "quorum": meeting.quorum,
            "breaks": await breaks_of(meeting.id),
            "proxies": await proxies_of(meeting.id),
            "speaking": spoken.get(None, []),  # between two items
        },
        "people": people_of(stays, roles, names),
        "sections": [
            section_told(OPENING, sections.get(OPENING)),
            *[
                {
                    **section_told(f"item-{item.id}", sections.get(f"item-{item.id}"), item),
                    "number": numbers[item.id],
                    "item": item_told(item, times.get(item.id, []), now),
                    "exits": exits_of(item.id, entries, names),
                    "speaking": spoken.get(item.id, []),
                    "recused": sorted(names[person] for person in kept_out.get(item.id, ())),
                    "votes": [told for item_id, told in votes if item_id == item.id],
                    "conclusions": [told for subject, told in conclusions if subject == item.subject],
                }
                for item in items
            ],
            # Written on an item that was taken off the agenda afterwards.
            *[
                section_told(key, section)
                for key, section in sections.items()
                if key.startswith("item-") and key not in {f"item-{item.id}" for item in items}
            ],
            section_told(CLOSING, sections.get(CLOSING)),
        ],
    }


def section_told(key: str, section: MinutesSection | None, item: AgendaItem | None = None) -> Facts:
    gates = {rules.gate_of(item.subject) if item else "", section.gate if section else ""} - {""}
    return {
        "key": key,
        "gates": sorted(gates),
        "title": item.title if item else section.title if section else None,
        "text": section.text if section else "",
        "version": section.version if section else 0,
        "number": None,
    }


# Who was there


def people_of(stays: Sequence[Attendance], roles: Mapping[int, str], names: Mapping[int, str]) -> list[Facts]:
    """The members, and guests at the end; each with all stays."""
    own: dict[int, list[Facts]] = {}
    for stay in stays:
        told = {
            "how": stay.how,
            "since": at(stay.since),
            "until": at(stay.until),
            "because": stay.left_because,
        }
        own.setdefault(stay.person_id, []).append(told)
    everybody = [*roles, *[person for person in own if person not in roles]]
    return [
        {"name": names[person], "role": roles.get(person, ""), "stays": own.get(person, [])}
        for person in everybody
    ]


async def kept_out_of(
    meeting: Meeting, items: Iterable[AgendaItem], roles: Collection[int], now: datetime
) -> dict[int, list[int]]:
    """The members without a part in each item, in the room or not."""
    standings = await standings_of(meeting.assessment_id, roles, now)
    return {
        item.id: [
            person
            for person, standing in standings.items()
            if rules.gate_of(item.subject)
            and standing.outcome(rules.gate_of(item.subject), meeting.group_id) in NO_BALLOT
        ]
        for item in items
    }


async def breaks_of(meeting_id: int) -> list[list[str | None]]:
    rows = await Adjournment.filter(meeting_id=meeting_id).order_by("id")
    return [[at(row.began_at), at(row.ended_at)] for row in rows]


async def proxies_of(meeting_id: int) -> list[Facts]:
    rows = Proxy.filter(meeting_id=meeting_id).select_related("giver", "holder").order_by("id")
    return [
        {
            "giver": row.giver.name,
            "holder": row.holder.name,
            "since": at(row.entered_at),
            "until": at(row.ended_at),
            "mandate": row.mandate,
        }
        for row in await rows
    ]


# Items: one may be taken up more than once


async def entries_of(meeting: Meeting) -> list[tuple[str, datetime, Facts]]:
    """(kind, moment, details) of items and people, in order."""
    rows = Entry.filter(
        journal=meeting.assessment_id, topic=f"meeting-{meeting.id}", kind__in=[*ITEMS, *EXITS]
    )
    return [
        (entry.kind, entry.at, json.loads(entry.body)["details"]) for entry in await rows.order_by("number")
    ]


async def times_of(meeting_id: int, entries: Iterable[tuple[str, datetime, Facts]]) -> dict[int, list[Times]]:
    """When each item was under way. Stretches leave out the breaks; older meetings have the journal only."""
    found: dict[int, list[Times]] = {}
    for row in await ItemStretch.filter(item__meeting_id=meeting_id).order_by("id"):
        found.setdefault(row.item_id, []).append((row.began_at, row.ended_at))
    from_journal: dict[int, list[Times]] = {}
    for kind, moment, details in entries:
        if kind in ITEMS:
            own = from_journal.setdefault(number_in(details["about"]), [])
            if kind == "item_opened":
                own.append((moment, None))
            elif own:
                own[-1] = (own[-1][0], moment)
    return from_journal | found


def numbers_of(items: Iterable[AgendaItem]) -> dict[int, str]:
    """1, 2, 2.1, 2.2, 3: as the agenda is read."""
    found: dict[int, str] = {}
    under: dict[int | None, int] = {}
    for item in items:
        parent = item.parent_id if item.parent_id in found else None
        under[parent] = under.get(parent, 0) + 1
        found[item.id] = f"{found[parent]}.{under[parent]}" if parent else str(under[parent])
    return found


def item_told(item: AgendaItem, times: Sequence[Times], now: datetime) -> Facts:
    return {
        "kind": item.kind,
        "state": item.state,
        "planned": item.planned_minutes,
        "used": rules.minutes_used(times, now) if times else None,
        "times": [[at(begin), at(end)] for begin, end in times],
    }


def exits_of(
    item_id: int, entries: Iterable[tuple[str, datetime, Facts]], names: Mapping[int, str]
) -> list[Facts]:
    """Who went out for an interest in the item and came back, when (METHODS.md section 6)."""
    found: list[Facts] = []
    outside: dict[str, Facts] = {}
    for kind, moment, details in entries:
        about = str(details.get("about", ""))
        if kind == "member_left" and details.get("item") == f"item-{item_id}":
            outside[about] = {"name": names.get(number_in(about), ""), "out": at(moment), "in": None}
            found.append(outside[about])
        elif kind == "member_arrived" and about in outside:
            outside.pop(about)["in"] = at(moment)
    return found


async def spoken_of(meeting_id: int, names: dict[int, str], now: datetime) -> dict[int | None, list[Facts]]:
    """Who spoke how long under each item, who spoke longest first; None for between two items."""
    totals = totals_per_item(await stretches_of(meeting_id), now)
    unknown = {person for found in totals.values() for person in found} - set(names)
    if unknown:  # spoke without a seat and without being recorded as present
        names |= dict(await Person.filter(id__in=list(unknown)).values_list("id", "name"))
    return {
        item_id: [{"name": name, "seconds": seconds} for name, seconds in shares(found, names)]
        for item_id, found in totals.items()
    }


# Votes


async def votes_told(meeting: Meeting) -> list[tuple[int, Facts]]:
    votes = await votes_of(meeting.id)
    named = [vote.id for _item, vote in votes if vote.mode == Mode.NAMED and vote.state == VoteState.COUNTED]
    ballots: dict[int, list[Ballot]] = {}
    names: dict[str, str] = {}
    represented: dict[int, dict[str, str]] = {}
    if named:
        for ballot in await Ballot.filter(vote_id__in=named, set_aside=False).order_by("id"):
            ballots.setdefault(ballot.vote_id, []).append(ballot)
        names = await names_on_rolls(named)
        represented = await represented_in(named)
    repeated = {vote.replaces_id: vote.replaces_reason for _item, vote in votes}
    return [
        (
            item_id,
            {
                **vote_told(vote, ballots.get(vote.id, []), names, represented.get(vote.id, {})),
                "repeated": repeated.get(vote.id),
            },
        )
        for item_id, vote in votes
    ]


def vote_told(
    vote: Vote, ballots: Iterable[Ballot], names: Mapping[str, str], represented: Mapping[str, str]
) -> Facts:
    """A result only once it is revealed, and names only in a named vote."""
    terms = Terms.read(vote.terms) if vote.terms else None
    counted = vote.state == VoteState.COUNTED
    return {
        "id": vote.id,
        "gate": vote.gate,
        "text": vote.text,
        "kind": vote.kind,
        "mode": vote.mode,
        "round": vote.round,
        "state": vote.state,
        "repeats": vote.replaces_reason,
        "entitled": vote.entitled,
        "opened_at": at(vote.opened_at),
        "closed_at": at(vote.closed_at),
        "quorum": terms.quorum.as_json() if terms and terms.quorum else None,
        "result": result_told(vote, terms) if counted and terms else None,
        "named": sorted(
            [
                names.get(ballot.voter, ballot.voter),
                ballot.choice or (str(ballot.rating) if ballot.rating else "nsp"),
                ballot.reason,
            ]
            for ballot in ballots
        ),
        "represented": sorted([names.get(voter, voter), holder] for voter, holder in represented.items()),
    }


def result_told(vote: Vote, terms: Terms) -> Facts:
    found = vote.result or {}
    if vote.kind == VoteKind.CHOICE:
        counts = {choice.value: found["counts"][choice.value] for choice in Choice}
        return {
            "cast": found["cast"],
            "outcome": found["outcome"],
            "counts": counts,
            "missing": found["missing"],
        }
    told = {"cast": found["cast"], "valid": found["n"], "nsp": found["nsp"], "missing": found["missing"]}
    if shows_statistics(vote.kind, vote.mode, found, terms):
        told |= {name: found["primary"][name] for name in ("method", "verdict", "degree")}
        told |= {name: str(found[name]) for name in ("median", "q1", "q3")}
    return told


# Conclusions


async def conclusions_of(
    meeting: Meeting, items: Iterable[AgendaItem], now: datetime
) -> list[tuple[str, Facts]]:
    """(subject, conclusion) of what was adopted while the meeting ran."""
    numbers = [number_in(item.subject) for item in items if item.subject.startswith("question-")]
    if meeting.opened_at is None or not numbers:
        return []
    rows = Conclusion.filter(
        question_id__in=numbers, adopted_at__gte=meeting.opened_at, adopted_at__lte=meeting.closed_at or now
    )
    return [
        (
            f"question-{row.question_id}",
            {
                "version": row.version,
                "answer": row.answer,
                "divergent": row.divergent,
                "adopted_at": at(row.adopted_at),
            },
        )
        for row in await rows.order_by("id")
    ]

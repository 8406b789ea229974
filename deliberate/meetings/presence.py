"""Who is in the meeting, who waits outside, who is represented, and the quorum that makes."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from deliberate.meetings import proxy_rules, rules
from deliberate.meetings.rules import Presence
from deliberate.meetings.sight import Sight, protocol_of
from deliberate.voting.terms import Quorum


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


def by_name(people: Collection[Seen]) -> list[Seen]:
    """As a list of names is read, with É among the E; the chair first."""
    return sorted(people, key=lambda seen: (seen.role != "chair", plain(seen.name)))


def plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()

"""What the panels of a meeting show, made of one `Sight`: the same for all who see the same."""

from datetime import timedelta
from typing import Any

from deliberate.meetings import rules
from deliberate.meetings.lines import expected_end, lines_of
from deliberate.meetings.presence import presence
from deliberate.meetings.rules import ItemState
from deliberate.meetings.sight import Sight, protocol_of
from deliberate.meetings.told import journal_of
from deliberate.meetings.votables import open_vote_of, repeatables_of, running_now, votables_of
from deliberate.voting.rules import VoteState
from deliberate.voting.showing import Place, headline_of


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

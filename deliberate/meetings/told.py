"""The journal of the meeting, in sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliberate.assessments.models import Pair
from deliberate.errors import N_
from deliberate.live.models import Entry
from deliberate.meetings import rules
from deliberate.meetings.rules import Presence
from deliberate.meetings.sight import Sight
from deliberate.voting.showing import number_in
from deliberate.web.i18n import _, t

JOURNAL_LINES = 12
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

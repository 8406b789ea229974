"""Approved minutes are published: everybody reads them from then on. Called through meetings.actions.

There is no way back. What is found wrong later is put right by a correction beside the text, as before.
"""

from collections.abc import Collection
from datetime import datetime

from deliberate.interests.models import decisions_in_force
from deliberate.interests.rules import NO_BALLOT
from deliberate.meetings import minutes_rules
from deliberate.meetings.minutes import at_minutes
from deliberate.meetings.minutes_models import Minutes
from deliberate.meetings.minutes_public import Withheld, recused_keys
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.people.models import Person


async def publish_minutes(
    meeting_id: int, chosen: Collection[str], reason: str, actor: Person, now: datetime | None = None
) -> None:
    """Without the sections `chosen` by the secretariat, and without any recused matter."""
    async with at_minutes(meeting_id, actor, now) as desk:
        minutes = desk.minutes
        minutes_rules.check_may_publish(desk.standing, desk.meeting.group_id)
        known = [told["key"] for told in (minutes.frozen or {"sections": []})["sections"]]
        minutes_rules.check_publishes(minutes.state, chosen, reason, known)
        withheld = await withheld_of(minutes, desk.meeting.assessment_id, chosen, reason)
        minutes.state, minutes.withheld = MinutesState.PUBLISHED, withheld.as_json()
        minutes.published_at, minutes.published_by_id = desk.note.now, actor.id
        await minutes.save(update_fields=["state", "withheld", "published_at", "published_by_id"])
        # The approval's entry holds the commitment of the whole text; what is left out of it stands here.
        await desk.tell("minutes_published", withheld=[*withheld.recused, *withheld.chosen])
        desk.note.checkpoint()


async def withheld_of(
    minutes: Minutes, assessment_id: int, chosen: Collection[str] = (), reason: str = ""
) -> Withheld:
    """What stays out by the decisions on interests as they are, and what was chosen besides."""
    decisions = await decisions_in_force(assessment_id)
    gates = {each.subject for each in decisions if each.outcome in NO_BALLOT}
    recused = recused_keys(minutes.frozen or {"sections": []}, gates)
    rest = tuple(key for key in chosen if key not in recused)
    return Withheld(recused, rest, reason.strip() if rest else "")

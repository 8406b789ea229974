"""Which readers of a meeting see the same panels: those from whom the same is hidden."""

import re
from collections.abc import Collection, Hashable

from deliberate.interests.models import standings_of
from deliberate.meetings import rules
from deliberate.meetings.models import Meeting, gates_of
from deliberate.voting.showing import audience_of

# Panels that hold nothing of one person's own: what answers under their paths is kept for all who see alike.
PANEL = re.compile(r"/meetings/([1-9][0-9]{0,8})/parts/(now|agenda|presence|results|hall|floor|speaker)")


async def seen_alike(path: str, person_ids: Collection[int]) -> dict[int, Hashable]:
    """The class of each person; who may not see the panel is missing."""
    named = PANEL.fullmatch(path)
    meeting = await Meeting.get_or_none(id=int(named[1])) if named else None
    if named is None or meeting is None:
        return {}
    gates = await gates_of(meeting.id)
    classes: dict[int, Hashable] = {}
    for person_id, standing in (await standings_of(meeting.assessment_id, person_ids)).items():
        if not rules.is_part_of(standing, meeting.group_id):
            continue
        hidden = rules.hides(standing, gates, meeting.group_id)
        classes[person_id] = hidden, audience_of(standing, wall=named[2] == "hall")
    return classes

"""Everything that changes a hearing is called here; organisations, convocation, papers and minutes stand
beside.
"""

from collections.abc import Sequence
from datetime import datetime

from deliberate.hearings import rules
from deliberate.hearings.contributions import Paper, declare_interests, save_draft, submit_contribution
from deliberate.hearings.convocation import Convocation, accept, convene, decline
from deliberate.hearings.minutes import (
    answer_correction,
    approve_minutes,
    correct,
    lock,
    send_minutes,
    write_minutes,
)
from deliberate.hearings.models import Heard, item_of
from deliberate.hearings.organisations import add_spokesperson, add_stakeholder, end_spokesperson
from deliberate.hearings.rules import HearingState
from deliberate.hearings.seats import spokespersons_of
from deliberate.hearings.turn import at_hearing, enter_step
from deliberate.live.journal import stamp
from deliberate.people.models import Person

__all__ = [
    "Convocation",
    "Paper",
    "accept",
    "add_spokesperson",
    "add_stakeholder",
    "answer_correction",
    "approve_minutes",
    "convene",
    "correct",
    "declare_interests",
    "decline",
    "end_spokesperson",
    "hold",
    "lock",
    "save_draft",
    "send_minutes",
    "submit_contribution",
    "write_minutes",
]


async def hold(
    hearing_id: int,
    present: Sequence[int],
    actor: Person,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Notes who was heard, from when until when. In a meeting the times are those of the item, unless given.

    Raises:
        Refused: the convocation is not accepted, or the interests are not declared.
        Invalid: nobody was present, or somebody stayed after the item.
    """
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_holds(seat)
        if hearing.state == HearingState.HELD:
            return
        rules.check_step(HearingState(hearing.state), HearingState.HELD)
        item = await item_of(hearing)
        stay = rules.stay_of(began_at, ended_at, item, note.now)
        speakers = [row.person_id for row in await spokespersons_of(hearing.stakeholder_id)]
        rules.check_attendance(present, speakers, stay, item, note.now)
        await Heard.bulk_create(
            Heard(hearing_id=hearing_id, person_id=person_id, since=stay.began_at, until=stay.ended_at)
            for person_id in sorted(set(present))
        )
        told = {"began": stamp(stay.began_at), "ended": stamp(stay.ended_at), "heard": sorted(set(present))}
        await enter_step(
            note, hearing, HearingState.HELD, told=told, began_at=stay.began_at, ended_at=stay.ended_at
        )

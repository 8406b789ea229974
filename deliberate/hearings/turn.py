"""The turn in which a hearing is changed: what every act on one reads first, and how it moves on.

Entries stand under `hearing-<id>`, whose readers are the secretariat, the working groups and the organisation
that is heard. They hold ids, versions and commitments, never a name or a text.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from deliberate.errors import NotFound
from deliberate.hearings import rules
from deliberate.hearings.models import Hearing, Stakeholder, find_hearing
from deliberate.hearings.rules import HearingState, Seat
from deliberate.hearings.seats import seat_of, spokespersons_of
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting
from deliberate.mail import outbox
from deliberate.people.letters import Letter
from deliberate.people.models import Person
from deliberate.settings import Settings


@asynccontextmanager
async def at_hearing(
    hearing_id: int, actor: Person, now: datetime | None = None
) -> AsyncIterator[tuple[Note, Hearing, Seat]]:
    """One act on a hearing: state and rights are read again once it is this act's turn."""
    found = await find_hearing(hearing_id)
    async with acting(found.stakeholder.assessment_id, actor, now) as note:
        hearing = await find_hearing(hearing_id)
        seat = await seat_of(actor.id, hearing, note.now)
        rules.check_reads(seat)
        yield note, hearing, seat


async def enter_step(
    note: Note, hearing: Hearing, to: HearingState, *, told: Mapping[str, Any] | None = None, **columns: Any
) -> None:
    """The step with its moments, and the entry: hearing_accepted, hearing_held, hearing_locked…"""
    rules.check_step(hearing.state_at(note.now), to)
    hearing.update_from_dict({"state": to, **columns})
    await hearing.save(update_fields=["state", *columns])
    await note(hearing.topic, f"hearing_{to}", **(told or {}))


async def check_secretariat(assessment_id: int, actor: Person) -> None:
    rules.check_manages((await standing_of(actor.id, assessment_id)).secretariat)


async def find_stakeholder(stakeholder_id: int) -> Stakeholder:
    found = await Stakeholder.get_or_none(id=stakeholder_id).select_related("assessment")
    if found is None:
        raise NotFound()
    return found


async def write_to_spokespersons(
    hearing: Hearing, letter_to: Callable[[Person, Hearing, Settings], Letter], settings: Settings | None
) -> None:
    """Queues one letter for each, in the language of its reader.

    Nothing that is confidential goes by mail.
    """
    if settings is None or not settings.writes_letters:
        return
    for row in await spokespersons_of(hearing.stakeholder_id):
        letter = letter_to(row.person, hearing, settings)
        await outbox.queue(row.person.email, letter.subject, letter.body)

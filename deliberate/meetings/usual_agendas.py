"""Keeping an agenda as a usual one, and beginning another meeting's agenda from it.

Called through meetings.actions.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace

from deliberate.errors import NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting
from deliberate.meetings import rules
from deliberate.meetings.bringing import NewItem, append, copied, left_after
from deliberate.meetings.models import Meeting
from deliberate.meetings.turn import conducting
from deliberate.meetings.usual_models import UsualAgenda
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion


async def keep_agenda(meeting_id: int, name: str, actor: Person) -> int:
    """The agenda of a meeting under a name; it does not follow what is changed in the meeting later."""
    async with conducting(meeting_id, actor) as (meeting, note):
        await check_office(meeting.assessment_id, actor, note)
        lines = [kept(item) for item in await copied(meeting)]
        if not lines:
            raise Refused("The agenda is empty: there is nothing to keep.")
        await check_is_free(meeting.assessment_id, name)
        agenda = await UsualAgenda.create(
            assessment_id=meeting.assessment_id,
            name=name.strip(),
            lines=[asdict(line) for line in lines],
            saved_at=note.now,
            saved_by_id=actor.id,
        )
        await tell(note, agenda, "usual_agenda_kept", meeting=f"meeting-{meeting.id}", items=len(lines))
    return agenda.id


def kept(item: NewItem) -> NewItem:
    """As it was planned. A record has one vote on its adoption: the next one is about another record."""
    if item.subject.startswith("question-"):
        return replace(item, title=dict(item.title))
    return replace(item, title=dict(item.title), subject="", links=[])


async def rename_usual_agenda(agenda_id: int, name: str, actor: Person) -> int:
    async with at_agenda(agenda_id, actor) as (agenda, note):
        if agenda.name == name.strip():
            return note.number
        await check_is_free(agenda.assessment_id, name)
        agenda.name = name.strip()
        await agenda.save(update_fields=["name"])
        return await tell(note, agenda, "usual_agenda_renamed")


async def remove_usual_agenda(agenda_id: int, actor: Person) -> int:
    """The agendas that began from it stand as they are."""
    async with at_agenda(agenda_id, actor) as (agenda, note):
        await agenda.delete()
        return await tell(note, agenda, "usual_agenda_removed")


async def bring_usual_agenda(meeting_id: int, agenda_id: int, actor: Person) -> int:
    """Its items at the end of the agenda, but for those about questions of others (another group's, or one
    from which the actor is recused) and what stands under these.
    """
    async with conducting(meeting_id, actor) as (meeting, note):
        agenda = await UsualAgenda.get_or_none(id=agenda_id, assessment_id=meeting.assessment_id)
        if agenda is None:
            raise NotFound()
        items = await own_items(meeting, [NewItem(**line) for line in agenda.lines], actor, note)
        if not items:
            raise Refused("There is nothing for this group in that agenda.")
        return await append(meeting, items, note)


async def own_items(meeting: Meeting, items: list[NewItem], actor: Person, note: Note) -> list[NewItem]:
    standing = await standing_of(actor.id, meeting.assessment_id, note.now)
    hidden = rules.hides(standing, [rules.gate_of(item.subject) for item in items], meeting.group_id)
    ids = await RiskQuestion.filter(group_id=meeting.group_id).values_list("id", flat=True)
    own = {"", *(f"question-{ident}" for ident in ids)} - set(hidden)
    return left_after(items, lambda item: item.subject not in own)


@asynccontextmanager
async def at_agenda(agenda_id: int, actor: Person) -> AsyncIterator[tuple[UsualAgenda, Note]]:
    """The agenda as it is in this turn, for the secretariat."""
    found = await UsualAgenda.get_or_none(id=agenda_id)
    if found is None:
        raise NotFound()
    async with acting(found.assessment_id, actor) as note:
        agenda = await UsualAgenda.get_or_none(id=agenda_id)  # it may have been removed meanwhile
        await check_office(found.assessment_id, actor, note)
        if agenda is None:
            raise NotFound()
        yield agenda, note


async def check_office(assessment_id: int, actor: Person, note: Note) -> None:
    rules.check_keeps_agendas(await standing_of(actor.id, assessment_id, note.now))


async def check_is_free(assessment_id: int, name: str) -> None:
    rules.check_agenda_name(name)
    if await UsualAgenda.filter(assessment_id=assessment_id, name=name.strip()).exists():
        raise rules.name_is_taken()


async def tell(note: Note, agenda: UsualAgenda, kind: str, **details: object) -> int:
    """Under the assessment, which the secretariat follows. The name is a word of theirs, and no fact."""
    return await note(f"assessment-{agenda.assessment_id}", kind, about=f"agenda-{agenda.id}", **details)

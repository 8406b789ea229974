"""What an organisation sends: its interests, its written viewpoint, and drafts on the way.

Called through actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deliberate.hearings import rules
from deliberate.hearings.models import (
    Contribution,
    Draft,
    Hearing,
    InterestsText,
    draft_of,
    is_stored,
    latest_contribution,
    latest_interests,
)
from deliberate.hearings.rules import DraftKind, HearingState
from deliberate.hearings.turn import at_hearing, enter_step
from deliberate.live.journal import Note, new_salt
from deliberate.people.models import Person


async def declare_interests(hearing_id: int, text: str, actor: Person) -> InterestsText:
    """What the organisation says of its interests: published with the record, without excluding it.

    The secretariat may enter what an organisation declared on paper.
    """
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_declares(seat)
        rules.check_declaration(HearingState(hearing.state), text)
        before = await latest_interests(hearing.stakeholder_id)
        if before is None or before.text != text:
            before = await enter_interests(note, hearing, before.version + 1 if before else 1, text, actor)
        if hearing.state == HearingState.ACCEPTED:
            await enter_step(note, hearing, HearingState.DPI_RECEIVED)
    return before


async def enter_interests(
    note: Note, hearing: Hearing, version: int, text: str, actor: Person
) -> InterestsText:
    made = InterestsText(
        stakeholder_id=hearing.stakeholder_id,
        version=version,
        author_id=actor.id,
        text=text,
        salt=new_salt(),
        at=note.now,
    )
    made.entry = await note(hearing.topic, "interests_declared", version=version, commitment=made.fingerprint)
    await made.save()
    return made


@dataclass(frozen=True)
class Paper:
    """A written contribution as it is sent."""

    title: str
    text: str
    language: str
    may_publish: bool


async def submit_contribution(hearing_id: int, paper: Paper, actor: Person) -> Contribution:
    """The viewpoint of the organisation, a new version at each change. The same again changes nothing."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_speaks(seat)
        rules.check_contribution(HearingState(hearing.state), paper.title, paper.text, paper.language)
        before = await latest_contribution(hearing.stakeholder_id)
        if before is None or before.content != vars(paper):
            before = await enter_contribution(
                note, hearing, before.version + 1 if before else 1, paper, actor
            )
        await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=DraftKind.CONTRIBUTION).delete()
    return before


async def enter_contribution(
    note: Note, hearing: Hearing, version: int, paper: Paper, actor: Person
) -> Contribution:
    made = Contribution(
        stakeholder_id=hearing.stakeholder_id,
        version=version,
        author_id=actor.id,
        salt=new_salt(),
        at=note.now,
        **vars(paper),
    )
    made.entry = await note(
        hearing.topic, "contribution_submitted", version=version, commitment=made.fingerprint
    )
    await made.save()
    return made


async def save_draft(hearing_id: int, kind: DraftKind, content: Mapping[str, Any], actor: Person) -> None:
    """Keeps what somebody is writing. No entry: a draft is nobody else's business."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_drafts(seat, kind)
        rules.check_draft(content)
        draft = await draft_of(hearing_id, actor.id, kind)
        if await is_stored(hearing, kind, content):
            await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=kind).delete()
            return
        draft = draft or Draft(hearing_id=hearing_id, person_id=actor.id, kind=kind)
        draft.content, draft.at = dict(content), note.now
        await draft.save()

"""Organisations to be heard, and who speaks for them. Called through hearings.actions."""

from deliberate.assessments import actions as assessments
from deliberate.assessments.actions import Invitation
from deliberate.assessments.models import Membership
from deliberate.assessments.rules import Role
from deliberate.errors import NotFound
from deliberate.hearings import rules
from deliberate.hearings.models import Spokesperson, Stakeholder
from deliberate.hearings.turn import check_secretariat, find_stakeholder
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.live.models import HOUSE
from deliberate.people.models import Person, person_called
from deliberate.people.rules import clean_email
from deliberate.settings import Settings


async def add_stakeholder(assessment_id: int, name: str, actor: Person) -> Stakeholder:
    """An organisation to be heard. One that is known by this name is not added again."""
    name = " ".join(name.split())
    async with acting(assessment_id, actor) as note:
        await check_secretariat(assessment_id, actor)
        rules.check_organisation(name)
        known = await Stakeholder.get_or_none(assessment_id=assessment_id, name=name)
        if known is not None:
            return known
        salt = new_salt()
        made = await Stakeholder.create(assessment_id=assessment_id, name=name, salt=salt, added_at=note.now)
        await note(
            f"assessment-{assessment_id}",
            "stakeholder_added",
            about=f"stakeholder-{made.id}",
            commitment=commitment({"name": name}, salt),
        )
    return made


async def add_spokesperson(
    stakeholder_id: int, name: str, email: str, language: str, actor: Person, settings: Settings
) -> Invitation:
    """Somebody speaks for the organisation from now on, with a link to come in. Asked again: another link."""
    stakeholder = await find_stakeholder(stakeholder_id)
    assessment = stakeholder.assessment
    async with acting(HOUSE, actor), acting(assessment.id, actor) as note:
        await check_secretariat(assessment.id, actor)
        known = await person_called(clean_email(email))
        place = known and await Membership.get_or_none(
            assessment_id=assessment.id, person_id=known.id, role=Role.STAKEHOLDER, until=None
        )
        if place:
            invitation = await assessments.renew_link(place.id, actor, settings)
        else:
            invitation = await assessments.invite(
                assessment, name, email, Role.STAKEHOLDER, None, language, actor, settings
            )
        rules.check_only_speaks(await standing_of(invitation.person.id, assessment.id, note.now))
        await enter_spokesperson(note, stakeholder, invitation.person)
    return invitation


async def enter_spokesperson(note: Note, stakeholder: Stakeholder, person: Person) -> None:
    row = await Spokesperson.get_or_none(stakeholder_id=stakeholder.id, person_id=person.id)
    if row is not None and row.until is None:
        return
    row = row or Spokesperson(stakeholder_id=stakeholder.id, person_id=person.id)
    row.since, row.until = note.now, None
    await row.save()
    await tell_of_spokesperson(note, stakeholder, "spokesperson_began", person.id)


async def end_spokesperson(stakeholder_id: int, person_id: int, actor: Person) -> None:
    """Somebody no longer speaks for the organisation: from now on its hearing does not exist for them."""
    stakeholder = await find_stakeholder(stakeholder_id)
    async with acting(stakeholder.assessment_id, actor) as note:
        await check_secretariat(stakeholder.assessment_id, actor)
        row = await Spokesperson.get_or_none(stakeholder_id=stakeholder_id, person_id=person_id)
        if row is None:
            raise NotFound()
        if row.until is None:
            row.until = note.now
            await row.save(update_fields=["until"])
            await tell_of_spokesperson(note, stakeholder, "spokesperson_ended", person_id)


async def tell_of_spokesperson(note: Note, stakeholder: Stakeholder, kind: str, person_id: int) -> None:
    topic = f"assessment-{stakeholder.assessment_id}"
    await note(topic, kind, about=f"stakeholder-{stakeholder.id}", person=person_id)
    note.rights_changed(person_id)

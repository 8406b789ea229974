"""Founding an assessment and composing its groups. The only writer of these tables.

Whoever writes people and members takes the HOUSE's turn first, then the assessment's.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deliberate.assessments import letters, rules
from deliberate.assessments.file import AssessmentFile, GroupFile, canonical
from deliberate.assessments.members_file import MemberRow, read_members
from deliberate.assessments.models import (
    Assessment,
    Group,
    Membership,
    count_secretaries,
    groups_of,
    place_of,
)
from deliberate.assessments.rules import GroupKind, Role
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import NotFound
from deliberate.live.journal import Note, acting
from deliberate.live.models import HOUSE
from deliberate.mail import outbox
from deliberate.people.actions import CONSOLE, Actor, administers, enter_link, enter_person, present
from deliberate.people.letters import sign_in_url
from deliberate.people.models import Person
from deliberate.people.rules import check_administers, clean_email
from deliberate.settings import Settings

# What a later domain adds in the same transaction: its questions, its dossier.
Step = Callable[[Note, Assessment, Mapping[str, Group], AssessmentFile], Awaitable[None]]


@dataclass(frozen=True)
class Invitation:
    """Who was invited. `link` is None where whoever invites may not see it, see rules.may_hand_over."""

    person: Person
    membership: Membership
    link: str | None
    mailed: bool


async def found_assessment(
    file: AssessmentFile, actor: Actor, also: Sequence[Step] = ()
) -> tuple[Assessment, bool]:
    """The assessment of `file`, and whether it was loaded just now. The command line passes CONSOLE.

    Raises:
        Refused: an assessment with this slug and other content is already here.
    """
    digest = hashlib.sha256(canonical(file)).hexdigest()
    async with acting(HOUSE, actor) as house:
        check_administers(await administers(actor))
        known = await Assessment.get_or_none(slug=file.slug)
        if known is not None:
            rules.check_same_content(file.slug, known.file_hash, digest)
            return known, False
        assessment = await create_assessment(file, digest, house)
        async with acting(assessment.id, actor) as note:
            groups = {row.code: await create_group(assessment, row, at) for at, row in enumerate(file.groups)}
            hashes = {"file": digest, "protocol": assessment.protocol_hash}
            await house(f"founding-{assessment.id}", "assessment_founded", **hashes)
            await note(f"assessment-{assessment.id}", "assessment_founded", **hashes)
            for step in also:
                await step(note, assessment, groups, file)
    return assessment, True


async def create_assessment(file: AssessmentFile, digest: str, note: Note) -> Assessment:
    """The protocol is stored whole: what the file left out holds as it was on this day."""
    protocol = read_protocol(file.protocol)
    content = file.model_dump(mode="json")
    return await Assessment.create(
        slug=file.slug,
        title=content["title"],
        aim=content["aim"],
        requester=content["requester"],
        context=content["context"],
        risk_kinds=content["risk_kinds"],
        themes=content["hearing_themes"],
        protocol=protocol.canonical(),
        protocol_hash=protocol.digest(),
        file_hash=digest,
        founded_at=note.now,
    )


async def create_group(assessment: Assessment, row: GroupFile, position: int) -> Group:
    return await Group.create(
        assessment=assessment,
        code=row.code,
        name=row.name.model_dump(),
        kind=row.kind,
        seats=row.seats,
        quorum_share=row.quorum_share or "1/2",
        position=position,
    )


async def invite(
    assessment: Assessment,
    name: str,
    email: str,
    role: Role,
    group_code: str | None,
    language: str,
    actor: Actor,
    settings: Settings,
) -> Invitation:
    """Somebody takes part from now on, known here or new. Where mail can be sent, the link goes out as well.

    Raises:
        Invalid: name, address or group cannot stand, or the person already has this role.
    """
    row = MemberRow(0, name, clean_email(email), Role(role), group_code or None, language)
    async with inviting(assessment, actor, settings) as desk:
        rules.check_gives(row.role, desk.roles)
        rules.check_group(row.group, desk.groups)
        rules.check_seat(row.role, desk.kinds.get(row.group or ""))
        invitation = await desk.enter(row)
        if invitation is None:
            raise rules.wrong(
                "email", "This person already has this role. Make a new link in the list below."
            )
    return invitation


async def import_members(
    assessment: Assessment, text: str, actor: Actor, settings: Settings
) -> list[Invitation]:
    """Invites everybody on the list (CSV), or nobody. Who already has the role is passed over.

    Raises:
        MembersInvalid: with every problem of every line.
    """
    async with inviting(assessment, actor, settings) as desk:
        rules.check_gives(Role.SECRETARIAT, desk.roles)
        rows = read_members(text, desk.kinds)
        for row in rows:
            rules.check_gives(row.role, desk.roles)
        made = [await desk.enter(row) for row in rows]
    return [invitation for invitation in made if invitation is not None]


@asynccontextmanager
async def inviting(assessment: Assessment, actor: Actor, settings: Settings) -> AsyncIterator["Desk"]:
    async with acting(HOUSE, actor) as house, acting(assessment.id, actor) as note:
        groups = {group.code: group for group in await groups_of(assessment.id)}
        roles = await roles_to_give(actor, assessment.id)
        yield Desk(house, note, assessment, actor, settings, groups, roles)


@dataclass(frozen=True)
class Desk:
    """One act of inviting, with both journals at hand. The caller has checked the rights."""

    house: Note
    note: Note
    assessment: Assessment
    actor: Actor
    settings: Settings
    groups: Mapping[str, Group]
    roles: Set[Role]

    @property
    def kinds(self) -> dict[str, GroupKind]:
        return {code: GroupKind(group.kind) for code, group in self.groups.items()}

    async def enter(self, row: MemberRow) -> Invitation | None:
        """None when the person already has the role."""
        group = self.groups[row.group] if row.group else None
        person = await enter_person(self.house, row.name, row.email, row.language)
        mine: dict[str, Any] = {"assessment_id": self.assessment.id, "person_id": person.id, "role": row.role}
        mine["group_id"] = group.id if group else None
        if await Membership.filter(**mine, until=None).exists():
            return None
        membership = await Membership.create(**mine, since=self.note.now)
        await self.note(
            f"assessment-{self.assessment.id}",
            "membership_began",
            about=f"membership-{membership.id}",
            person=person.id,
            role=str(row.role),
            group=mine["group_id"],
        )
        self.note.rights_changed(person.id)
        link, mailed = await self.hand_over(person, row.role, group)
        return Invitation(person, membership, link, mailed)

    async def hand_over(self, person: Person, role: Role, group: Group | None) -> tuple[str | None, bool]:
        """A sign-in link: by mail to its owner, and on the screen of whoever may see it."""
        is_shown = await may_see_link(self.actor, person)
        is_mailed = self.settings.smtp_url is not None
        if not is_shown and not is_mailed:
            return None, False
        hours = self.settings.invitation_hours
        token = await enter_link(self.house, person, hours, made_by=self.actor)
        if is_mailed:
            until = self.house.now + timedelta(hours=hours)
            letter = letters.invitation(person, self.assessment, role, group, token, until, self.settings)
            await outbox.queue(person.email, letter.subject, letter.body, secret=True)
        return sign_in_url(self.settings, token) if is_shown else None, is_mailed


async def may_see_link(actor: Actor, person: Person) -> bool:
    office = Membership.filter(person_id=actor.id, role=Role.SECRETARIAT, until=None)
    places = Membership.filter(person_id=person.id, until=None)
    return rules.may_hand_over(
        administrator=await administers(actor),
        person_administers=person.administrator,
        places=set(await places.values_list("assessment_id", flat=True)),
        secretariat_of=set(await office.values_list("assessment_id", flat=True)),
    )


async def renew_link(membership_id: int, actor: Actor, settings: Settings) -> Invitation:
    """Another link for a member who lost the first one."""
    membership = await Membership.get_or_none(id=membership_id, until=None).select_related("assessment")
    if membership is None:
        raise NotFound()
    async with inviting(membership.assessment, actor, settings) as desk:
        role = Role(membership.role)
        rules.check_gives(role, desk.roles)
        person = await present(membership.person_id)
        group = next((group for group in desk.groups.values() if group.id == membership.group_id), None)
        link, mailed = await desk.hand_over(person, role, group)
    return Invitation(person, membership, link, mailed)


async def end_membership(membership_id: int, actor: Actor) -> None:
    """From this moment the person is nobody here: pages, votes to come and open sockets know at once."""
    found = await Membership.get_or_none(id=membership_id, until=None)
    if found is None:
        raise NotFound()
    async with acting(found.assessment_id, actor) as note:
        membership = await Membership.get_or_none(id=membership_id, until=None)
        if membership is None:
            raise NotFound()
        roles = await roles_to_give(actor, membership.assessment_id)
        rules.check_ends(Role(membership.role), roles, await count_secretaries(membership.assessment_id))
        await close_membership(note, membership)


async def close_membership(note: Note, membership: Membership) -> None:
    membership.until = note.now
    await membership.save(update_fields=["until"])
    await note(
        f"assessment-{membership.assessment_id}",
        "membership_ended",
        about=f"membership-{membership.id}",
        person=membership.person_id,
        role=membership.role,
        group=membership.group_id,
    )
    note.rights_changed(membership.person_id)


async def end_all_memberships(note: Note, person: Person) -> None:
    """When somebody leaves the installation: joins the act of people.actions.remove_person."""
    for membership in await Membership.filter(person_id=person.id, until=None).order_by("assessment_id"):
        async with acting(membership.assessment_id, None) as here:
            await close_membership(here, membership)


async def roles_to_give(actor: Actor, assessment_id: int) -> Set[Role]:
    if actor is CONSOLE:
        return rules.ALL_ROLES
    return rules.roles_to_give(await place_of(actor.id, assessment_id), await administers(actor))

"""Founding, inviting, ending: rows, entries, rights and news."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from deliberate.assessments import actions
from deliberate.assessments.file import AssessmentFile, read_assessment
from deliberate.assessments.members_file import MembersInvalid
from deliberate.assessments.models import Assessment, Group, Membership, place_of
from deliberate.assessments.rules import Role
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import Note
from deliberate.live.models import HOUSE, Entry
from deliberate.mail.models import OutboxMessage
from deliberate.people.actions import CONSOLE, remove_person
from deliberate.people.models import Person, SignInLink
from deliberate.settings import Settings
from tests.people.helpers import everything
from tests.support.builders import join, make_assessment, make_person, make_world

FILE = Path(__file__).parent / "files" / "second.toml"


def read(**changes: Any) -> AssessmentFile:
    return read_assessment(FILE.read_text("utf-8")).model_copy(update=changes)


async def entries(journal: int) -> list[dict[str, Any]]:
    bodies = await Entry.filter(journal=journal).order_by("number").values_list("body", flat=True)
    return [json.loads(body) for body in bodies]


async def test_a_file_becomes_an_assessment_with_its_groups_and_frozen_protocol(database: Any) -> None:
    assessment, is_new = await actions.found_assessment(read(), CONSOLE)
    stored = await Assessment.get(id=assessment.id)
    assert is_new and stored.slug == "black-henna" and stored.title["en"].startswith("Risks of temporary")
    groups = await Group.filter(assessment=stored).order_by("position")
    assert [(group.code, group.kind, group.quorum_share) for group in groups] == [
        ("skin", "working_group", "1/2"),
        ("board", "committee", "2/3"),
    ]
    protocol = read_protocol(stored.protocol)
    assert protocol == read_protocol(read().protocol) and stored.protocol_hash == protocol.digest()
    (house,), (own,) = await entries(HOUSE), await entries(assessment.id)
    assert house["kind"] == own["kind"] == "assessment_founded"
    assert house["details"] == own["details"] == {"file": stored.file_hash, "protocol": stored.protocol_hash}


async def test_loading_the_same_file_twice_changes_nothing(database: Any) -> None:
    first, _ = await actions.found_assessment(read(), CONSOLE)
    before = await everything()
    second, is_new = await actions.found_assessment(read(), CONSOLE)
    assert second.id == first.id and not is_new
    assert await everything() == before
    found = await asyncio.gather(*(actions.found_assessment(read(), CONSOLE) for _ in range(4)))
    assert {assessment.id for assessment, _ in found} == {first.id} and await everything() == before


async def test_another_content_under_the_same_name_is_refused_and_changes_nothing(database: Any) -> None:
    await actions.found_assessment(read(), CONSOLE)
    before = await everything()
    other = read(requester=read().title)
    with pytest.raises(Refused, match="already loaded, with other content"):
        await actions.found_assessment(other, CONSOLE)
    assert await everything() == before


async def test_what_later_domains_add_belongs_to_the_same_transaction(database: Any) -> None:
    seen: list[Any] = []

    async def add_questions(
        note: Note, assessment: Assessment, groups: dict[str, Group], file: AssessmentFile
    ) -> None:
        seen.append((assessment.slug, sorted(groups), len(file.questions)))
        await note("question-1", "question_added")

    async def fail(*_: Any) -> None:
        raise RuntimeError

    before = await everything()
    with pytest.raises(RuntimeError):
        await actions.found_assessment(read(), CONSOLE, also=[add_questions, fail])
    assert await everything() == before
    assessment, _ = await actions.found_assessment(read(), CONSOLE, also=[add_questions])
    assert seen[-1] == ("black-henna", ["board", "skin"], 2)
    kinds = [entry["kind"] for entry in await entries(assessment.id)]
    assert kinds == ["assessment_founded", "question_added"]


async def test_only_administrators_found(database: Any) -> None:
    world = await make_world()
    before = await everything()
    for persona in ("secretariat", "chair", "signed_in"):
        with pytest.raises(NotFound):
            await actions.found_assessment(read(), world[persona])
    assert await everything() == before
    assert (await actions.found_assessment(read(), world["administrator"]))[1]


async def test_the_secretariat_invites_with_a_link_and_an_entry(settings: Settings, database: Any) -> None:
    world = await make_world()
    made = await actions.invite(
        world.assessment,
        "Léa Petit",
        "Lea@Example.org",
        Role.EXPERT,
        "infection",
        "fr",
        world["secretariat"],
        settings,
    )
    assert made.person.email == "lea@example.org" and made.link is not None and not made.mailed
    assert made.link.startswith(f"{settings.public_url}/sign-in/")
    assert (await place_of(made.person.id, world.assessment.id)).sits_in == {world.infection.id}
    (entry,) = await entries(world.assessment.id)
    assert (entry["topic"], entry["kind"]) == (f"assessment-{world.assessment.id}", "membership_began")
    assert entry["details"] == {
        "about": f"membership-{made.membership.id}",
        "person": made.person.id,
        "role": "expert",
        "group": world.infection.id,
    }
    assert [each["kind"] for each in await entries(HOUSE)] == ["person_added", "link_made"]
    assert await OutboxMessage.all().count() == 0


async def test_where_mail_can_be_sent_the_letter_goes_with_the_act(settings: Settings, database: Any) -> None:
    world = await make_world()
    by_mail = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    who = ("<b>O'Brien</b>", "obrien@example.org", Role.MEMBER, "ceesp", "fr")
    made = await actions.invite(world.assessment, *who, world["secretariat"], by_mail)
    letter = await OutboxMessage.get()
    assert letter.to == "obrien@example.org" and letter.secret and made.mailed
    assert made.link is not None and made.link in letter.body and "<b>O'Brien</b>" in letter.body
    assert "Aesthetic mesotherapy (fr)" in letter.subject  # the language of its reader


async def test_the_same_role_is_not_given_twice(settings: Settings, database: Any) -> None:
    world = await make_world()
    expert = world["expert"]
    before = await everything()
    with pytest.raises(Invalid) as refused:
        await actions.invite(
            world.assessment,
            "Another name",
            expert.email,
            Role.EXPERT,
            "infection",
            "fr",
            world["secretariat"],
            settings,
        )
    assert "already has this role" in str(refused.value.problems["email"])
    assert await everything() == before
    who = ("X", expert.email, Role.MEMBER, "ceesp", "fr")
    await actions.invite(world.assessment, *who, world["secretariat"], settings)
    assert len((await place_of(expert.id, world.assessment.id)).sits_in) == 2
    assert (await Person.get(id=expert.id)).name == expert.name  # nobody renames others by inviting them


@pytest.mark.parametrize(
    ("persona", "role", "group", "kind"),
    [
        ("administrator", Role.EXPERT, "infection", Refused),
        ("administrator", Role.STAKEHOLDER, None, Refused),
        ("chair", Role.EXPERT, "infection", NotFound),
        ("expert", Role.EXPERT, "infection", NotFound),
        ("committee_chair", Role.MEMBER, "ceesp", NotFound),
        ("stakeholder", Role.STAKEHOLDER, None, NotFound),
        ("signed_in", Role.SECRETARIAT, None, NotFound),
        ("foreign_secretariat", Role.SECRETARIAT, None, NotFound),
        ("secretariat", Role.EXPERT, "ceesp", Invalid),
        ("secretariat", Role.EXPERT, "nowhere", Invalid),
        ("secretariat", Role.EXPERT, None, Invalid),
    ],
)
async def test_whoever_may_not_invite_leaves_no_trace(
    settings: Settings, database: Any, persona: str, role: Role, group: str | None, kind: type[Exception]
) -> None:
    world = await make_world()
    before = await everything()
    with pytest.raises(kind):
        await actions.invite(
            world.assessment, "X", "x@example.org", role, group, "fr", world[persona], settings
        )
    assert await everything() == before


async def test_an_administrator_sees_to_the_secretariat(settings: Settings, database: Any) -> None:
    world = await make_world()
    who = ("Sam", "sam@example.org", Role.SECRETARIAT, None, "en")
    made = await actions.invite(world.assessment, *who, world["administrator"], settings)
    assert (await place_of(made.person.id, world.assessment.id)).secretariat and made.link


async def test_inviting_somebody_is_no_way_into_what_else_they_may_do(
    settings: Settings, database: Any
) -> None:
    """Whoever holds a link acts as its person: the secretariat must not get that of an administrator."""
    world = await make_world()
    elsewhere = await join(await make_person(), await make_assessment(), Role.EXPERT)
    for person in (world["administrator"], elsewhere):
        who = ("X", person.email, Role.STAKEHOLDER, None, "fr")
        made = await actions.invite(world.assessment, *who, world["secretariat"], settings)
        assert made.link is None and await SignInLink.filter(person=person).count() == 0
        renewed = await actions.renew_link(made.membership.id, world["secretariat"], settings)
        assert renewed.link is None
    by_mail = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    membership = await Membership.get(person=elsewhere, assessment=world.assessment)
    mailed = await actions.renew_link(membership.id, world["secretariat"], by_mail)
    assert mailed.link is None and mailed.mailed and (await OutboxMessage.get()).to == elsewhere.email


async def test_an_ended_membership_ends_everything_at_once(settings: Settings, database: Any) -> None:
    world = await make_world()
    expert = world["expert"]
    watcher = Watcher(expert.id, 1)
    hub.join(watcher)
    membership = await Membership.get(person=expert, until=None)
    await actions.end_membership(membership.id, world["secretariat"])
    assert not (await place_of(expert.id, world.assessment.id)).takes_part and watcher.recheck
    (entry,) = await entries(world.assessment.id)
    assert entry["kind"] == "membership_ended" and entry["details"]["person"] == expert.id
    hub.leave(watcher)
    before = await everything()
    with pytest.raises(NotFound):
        await actions.end_membership(membership.id, world["secretariat"])
    assert await everything() == before


async def test_the_last_secretary_stays_and_others_may_not_end_memberships(
    settings: Settings, database: Any
) -> None:
    world = await make_world()
    secretary = await Membership.get(person=world["secretariat"], until=None)
    expert = await Membership.get(person=world["expert"], until=None)
    before = await everything()
    for actor in (world["secretariat"], world["administrator"]):
        with pytest.raises(Refused, match="another person"):
            await actions.end_membership(secretary.id, actor)
    for persona in ("administrator", "chair", "expert", "foreign_secretariat"):
        with pytest.raises(NotFound):
            await actions.end_membership(expert.id, world[persona])
    assert await everything() == before
    who = ("Sam", "sam@example.org", Role.SECRETARIAT, None, "en")
    await actions.invite(world.assessment, *who, world["administrator"], settings)
    await actions.end_membership(secretary.id, world["administrator"])
    assert not (await place_of(world["secretariat"].id, world.assessment.id)).takes_part


async def test_whoever_leaves_the_house_leaves_every_assessment(settings: Settings, database: Any) -> None:
    world = await make_world()
    expert, other = world["expert"], await make_assessment()
    await join(expert, other, Role.STAKEHOLDER)
    await remove_person(expert.id, world["administrator"], also=[actions.end_all_memberships])
    assert await Membership.filter(person=expert, until=None).count() == 0
    for assessment in (world.assessment, other):
        (entry,) = await entries(assessment.id)
        assert (entry["kind"], entry["actor"]) == ("membership_ended", world["administrator"].id)


async def test_a_list_invites_everybody_once(settings: Settings, database: Any) -> None:
    world = await make_world()
    text = "name,email,role,group,language\n" + "".join(
        f"Person {number},new{number}@example.org,expert,infection,fr\n" for number in range(60)
    )
    text += f"Known,{world['expert'].email},expert,infection,fr\n"
    made = await actions.import_members(world.assessment, text, world["secretariat"], settings)
    assert len(made) == 60 and len({each.link for each in made}) == 60
    assert await Membership.filter(group=world.infection, until=None).count() == 60 + 6
    before = await everything()
    assert await actions.import_members(world.assessment, text, world["secretariat"], settings) == []
    assert await everything() == before


async def test_a_bad_list_invites_nobody(settings: Settings, database: Any) -> None:
    world = await make_world()
    text = "name,email,role,group\nA,a@example.org,expert,infection\nB,b@example.org,boss,infection\n"
    before = await everything()
    with pytest.raises(MembersInvalid):
        await actions.import_members(world.assessment, text, world["secretariat"], settings)
    for persona in ("administrator", "expert", "foreign_secretariat"):
        with pytest.raises((NotFound, Refused)):
            good = "name,email,role,group\nA,a@example.org,expert,infection\n"
            await actions.import_members(world.assessment, good, world[persona], settings)
    assert await everything() == before

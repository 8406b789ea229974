"""People, links and sign-ins: row, entry, and who is refused."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import acting, commitment
from deliberate.live.models import HOUSE, Entry
from deliberate.mail.models import OutboxMessage
from deliberate.people import actions
from deliberate.people.actions import CONSOLE
from deliberate.people.models import AuthSession, Person, SignInLink
from deliberate.people.rules import Terms, hash_of
from deliberate.settings import Settings
from tests.people.helpers import everything
from tests.support.builders import make_person

TERMS = Terms(timedelta(hours=12), timedelta(days=14))


async def entries() -> list[dict[str, Any]]:
    bodies = await Entry.filter(journal=HOUSE).order_by("number").values_list("body", flat=True)
    return [json.loads(body) for body in bodies]


async def test_a_person_is_added_with_an_entry_that_holds_no_personal_text(database: Any) -> None:
    boss = await make_person(administrator=True)
    person = await actions.add_person("Claire Martin", "Claire@Example.org", boss, language="fr")
    stored = await Person.get(id=person.id)
    assert (stored.name, stored.email, stored.administrator) == ("Claire Martin", "claire@example.org", False)
    (entry,) = await entries()
    assert (entry["kind"], entry["topic"], entry["actor"]) == ("person_added", f"person-{person.id}", boss.id)
    content = {"name": "Claire Martin", "email": "claire@example.org"}
    assert entry["details"]["commitment"] == commitment(content, stored.salt)
    assert "laire" not in json.dumps(entry)


async def test_an_address_belongs_to_one_person(database: Any) -> None:
    await actions.add_person("Claire", "claire@example.org", CONSOLE)
    before = await everything()
    with pytest.raises(Invalid) as refused:
        await actions.add_person("Somebody else", "CLAIRE@example.org", CONSOLE)
    assert "Claire" in str(refused.value.problems["email"])
    assert await everything() == before


async def test_only_administrators_see_to_people_and_a_refusal_leaves_no_trace(database: Any) -> None:
    boss, other = await make_person(administrator=True), await make_person()
    gone = await make_person(administrator=True)
    await Person.filter(id=gone.id).update(left_at=datetime.now(UTC))
    before = await everything()
    for actor in (other, gone, None):
        for act in (
            actions.add_person("X", "x@example.org", actor),  # type: ignore[arg-type]
            actions.rename_person(boss.id, "X", "x@example.org", actor),  # type: ignore[arg-type]
            actions.make_administrator(other.id, actor),  # type: ignore[arg-type]
            actions.unmake_administrator(boss.id, actor),  # type: ignore[arg-type]
            actions.remove_person(boss.id, actor),  # type: ignore[arg-type]
            actions.make_link(boss, actor, 1),  # type: ignore[arg-type]
        ):
            with pytest.raises(NotFound):
                await act
    with pytest.raises(NotFound):
        await actions.sign_out_everywhere(boss, other)
    assert await everything() == before


async def test_of_a_link_only_its_hash_is_stored(database: Any) -> None:
    person = await make_person()
    token = await actions.make_link(person, CONSOLE, 168)
    link = await SignInLink.get(person=person)
    assert link.token_hash == hash_of(token) and link.expires_at - link.made_at == timedelta(hours=168)
    assert token not in repr(await everything())
    assert [entry["kind"] for entry in await entries()] == ["link_made"]


async def test_a_link_is_used_once_and_gives_a_session(database: Any) -> None:
    person = await make_person()
    token = await actions.make_link(person, CONSOLE, 1)
    found, session_token = await actions.use_link(token, "Firefox · Linux", TERMS)
    session = await AuthSession.get(person=person)
    assert found.id == person.id and session.token_hash == hash_of(session_token)
    assert session.device == "Firefox · Linux" and session.expires_at - session.began_at == TERMS.absolute
    assert [entry["kind"] for entry in await entries()] == ["link_made", "signed_in"]
    assert (await entries())[1]["actor"] == person.id
    before = await everything()
    with pytest.raises(Refused, match="used on"):
        await actions.use_link(token, "", TERMS)
    assert await everything() == before


async def test_of_two_who_use_a_link_at_once_one_comes_in(database: Any) -> None:
    person = await make_person()
    token = await actions.make_link(person, CONSOLE, 1)
    tries = [actions.use_link(token, "", TERMS) for _ in range(8)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, tuple) for each in found) == 1
    assert all(isinstance(each, tuple | Refused) for each in found)
    assert await AuthSession.filter(person=person).count() == 1


async def test_expired_unknown_and_withdrawn_links_change_nothing(database: Any) -> None:
    person = await make_person()
    old = await actions.make_link(person, CONSOLE, 1)
    await actions.sign_out_everywhere(person, person)
    before = await everything()
    for token in (old, "A" * 43, "", "x' OR 1=1 --"):
        with pytest.raises((Refused, NotFound)):
            await actions.use_link(token, "", TERMS)
    fresh = await actions.make_link(person, CONSOLE, 1)
    before = await everything()
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)), pytest.raises(Refused, match="expired"):
        await actions.use_link(fresh, "", TERMS)
    assert await everything() == before


async def test_whoever_left_comes_in_by_no_link_and_comes_back_by_being_added(database: Any) -> None:
    boss, person = await make_person(administrator=True), await make_person()
    token = await actions.make_link(person, boss, 1)
    await actions.remove_person(person.id, boss)
    with pytest.raises((Refused, NotFound)):
        await actions.use_link(token, "", TERMS)
    with pytest.raises(NotFound):
        await actions.make_link(person, boss, 1)
    back = await actions.add_person("New name", person.email, boss)
    assert back.id == person.id
    assert [entry["kind"] for entry in await entries()][-1] == "person_returned"


async def test_the_first_administrators_link_is_made_once(settings: Settings, database: Any) -> None:
    url = await actions.first_administrator_link(settings)
    assert url is not None and url.startswith(f"{settings.public_url}/sign-in/")
    assert await actions.first_administrator_link(settings) is None
    first = await Person.get()
    assert first.administrator
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        again = await actions.first_administrator_link(settings)  # the first one expired unused
        assert again is not None and again != url
        await actions.use_link(again.rsplit("/", 1)[1], "", TERMS)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=100)):
        assert await actions.first_administrator_link(settings) is None
    assert await Person.all().count() == 1


async def test_a_new_address_withdraws_the_links_sent_to_the_old_one(database: Any) -> None:
    boss, person = await make_person(administrator=True), await make_person("Claire")
    token = await actions.make_link(person, boss, 1)
    await actions.rename_person(person.id, "Claire Petit", person.email, boss)
    assert (await SignInLink.get(person=person)).withdrawn_at is None
    await actions.rename_person(person.id, "Claire Petit", "petit@example.org", boss)
    with pytest.raises(Refused, match="withdrawn"):
        await actions.use_link(token, "", TERMS)
    assert (await Person.get(id=person.id)).email == "petit@example.org"
    with pytest.raises(Invalid):
        await actions.rename_person(person.id, "Claire", boss.email, boss)


async def test_somebody_always_administers(database: Any) -> None:
    boss, other = await make_person(administrator=True), await make_person()
    for act in (actions.unmake_administrator(boss.id, boss), actions.remove_person(boss.id, boss)):
        with pytest.raises(Refused, match="another person"):
            await act
    await actions.make_administrator(other.id, boss)
    await actions.unmake_administrator(boss.id, other)
    assert [person.id for person in await Person.filter(administrator=True)] == [other.id]
    kinds = [entry["kind"] for entry in await entries()]
    assert kinds == ["administrator_made", "administrator_unmade"]


async def test_signing_out_everywhere_ends_all_sessions_sockets_and_unused_links(database: Any) -> None:
    person = await make_person()
    for _ in range(3):
        await actions.begin_session(person, "", TERMS)
    ids = await AuthSession.filter(person=person).values_list("id", flat=True)
    watchers = [Watcher(person.id, session_id) for session_id in ids]
    stranger = Watcher(99, 999)
    for watcher in (*watchers, stranger):
        hub.join(watcher)
    token = await actions.make_link(person, CONSOLE, 1)
    await actions.sign_out_everywhere(person, person)
    assert await AuthSession.filter(person=person, ended_at=None).count() == 0
    assert all(watcher.dismissed for watcher in watchers) and not stranger.dismissed
    with pytest.raises(Refused):
        await actions.use_link(token, "", TERMS)
    assert [entry["kind"] for entry in await entries()][-2:] == ["signed_out", "links_withdrawn"]
    for watcher in (*watchers, stranger):
        hub.leave(watcher)


async def test_one_ends_ones_own_sign_ins_and_nobody_elses(database: Any) -> None:
    person, other = await make_person(), await make_person()
    await actions.begin_session(person, "", TERMS)
    session = await AuthSession.get(person=person)
    with pytest.raises(NotFound):
        await actions.revoke_session(session.id, other)
    assert (await AuthSession.get(id=session.id)).ended_at is None
    await actions.revoke_session(session.id, person)
    number = len(await entries())
    await actions.revoke_session(session.id, person)  # a second click
    assert (await AuthSession.get(id=session.id)).ended_at is not None and len(await entries()) == number


async def test_a_failed_act_around_a_new_person_leaves_nobody(database: Any) -> None:
    before = await everything()
    with pytest.raises(RuntimeError):
        async with acting(HOUSE, None) as note:
            await actions.enter_person(note, "Claire", "claire@example.org", "fr")
            raise RuntimeError
    assert await everything() == before


async def test_a_link_by_mail_goes_to_known_addresses_only(settings: Settings, database: Any) -> None:
    by_mail = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    person = await make_person("Claire")
    before = await everything()
    await actions.mail_link("nobody@example.org", by_mail)
    await actions.mail_link(person.email, settings)  # no mail server
    assert await everything() == before
    await actions.mail_link(person.email, by_mail)
    letter = await OutboxMessage.get()
    assert letter.to == person.email and letter.secret and "/sign-in/" in letter.body
    assert await SignInLink.filter(person=person).count() == 1

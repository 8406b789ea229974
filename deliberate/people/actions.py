"""Who is let in and out. The only writer of people, links and sign-ins.

Functions that take a `note` are steps of an act: they run inside the `acting(HOUSE)` of their caller, who
has checked the rights. Entries hold ids and moments, never a name, an address or a token.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from deliberate.errors import NotFound
from deliberate.live.database import writing
from deliberate.live.hub import hub
from deliberate.live.journal import Note, acting, commitment, new_salt, stamp
from deliberate.live.models import HOUSE
from deliberate.mail import outbox
from deliberate.people import letters, rules
from deliberate.people.models import (
    AuthSession,
    Person,
    SignInLink,
    count_administrators,
    open_sessions,
    person_called,
)
from deliberate.people.rules import Terms
from deliberate.settings import Settings

FIRST_EMAIL = "administrator@first-start.invalid"  # until the first administrator writes a true one


class Console:
    """The command line: whoever may run it owns the machine. A page that forgot to ask who comes passes
    None instead.
    """

    id: Any = None


CONSOLE = Console()
Actor = Person | Console

# What a later domain does in the same transaction when somebody leaves: ends memberships.
Farewell = Callable[[Note, Person], Awaitable[None]]


async def add_person(
    name: str, email: str, actor: Actor, *, language: str = "fr", administrator: bool = False
) -> Person:
    """Somebody who may be invited from now on. The command line passes CONSOLE.

    Raises:
        Invalid: name or address cannot stand, or somebody here has this address.
    """
    async with acting(HOUSE, actor) as note:
        rules.check_administers(await administers(actor))
        known = await person_called(rules.clean_email(email))
        if known is not None and known.left_at is None:
            raise rules.wrong("email", "{name} already has this address.", name=known.name)
        return await enter_person(note, name, email, language, administrator=administrator)


async def enter_person(
    note: Note, name: str, email: str, language: str, *, administrator: bool = False
) -> Person:
    """The person with this address: as known, back again, or new."""
    email = rules.clean_email(email)
    known = await person_called(email)
    if known is not None and known.left_at is None:
        return known
    name, salt = rules.clean_name(name), new_salt()
    person = known or Person(email=email, created_at=note.now)
    person.update_from_dict(
        {"name": name, "language": language, "administrator": administrator, "salt": salt, "left_at": None}
    )
    await person.save()
    kind = "person_returned" if known else "person_added"
    await note(f"person-{person.id}", kind, administrator=administrator, commitment=commitment_to(person))
    return person


async def rename_person(person_id: int, name: str, email: str, actor: Person) -> None:
    """Another name or address. Links on their way to the old address stop working."""
    async with acting(HOUSE, actor) as note:
        rules.check_administers(await administers(actor))
        person = await present(person_id)
        email, name = rules.clean_email(email), rules.clean_name(name)
        if (name, email) == (person.name, person.email):
            return
        known = await person_called(email)
        if known is not None and known.id != person.id:
            raise rules.wrong("email", "{name} already has this address.", name=known.name)
        if email != person.email:
            await withdraw_links(note, person.id)
        person.name, person.email, person.salt = name, email, new_salt()
        await person.save(update_fields=["name", "email", "salt"])
        await note(f"person-{person.id}", "person_renamed", commitment=commitment_to(person))


async def make_administrator(person_id: int, actor: Person) -> None:
    async with acting(HOUSE, actor) as note:
        rules.check_administers(await administers(actor))
        await set_administrator(note, await present(person_id), True)


async def unmake_administrator(person_id: int, actor: Person) -> None:
    """Raises Refused when nobody would be left to administer."""
    async with acting(HOUSE, actor) as note:
        rules.check_administers(await administers(actor))
        person = await present(person_id)
        if person.administrator:
            rules.check_gives_up_office(await count_administrators())
            await set_administrator(note, person, False)


async def set_administrator(note: Note, person: Person, administrator: bool) -> None:
    if person.administrator != administrator:
        person.administrator = administrator
        await person.save(update_fields=["administrator"])
        kind = "administrator_made" if administrator else "administrator_unmade"
        await note(f"person-{person.id}", kind)
        note.rights_changed(person.id)


async def remove_person(person_id: int, actor: Person, also: Sequence[Farewell] = ()) -> None:
    """Somebody leaves: no sign-in holds, no link works, `also` ends what they had elsewhere. Their acts
    stay.
    """
    async with acting(HOUSE, actor) as note:
        rules.check_administers(await administers(actor))
        person = await present(person_id)
        if person.administrator:
            rules.check_gives_up_office(await count_administrators())
        person.administrator, person.left_at = False, note.now
        await person.save(update_fields=["administrator", "left_at"])
        await note(f"person-{person.id}", "person_left")
        ended = await end_sessions(note, person.id)
        await withdraw_links(note, person.id)
        note.rights_changed(person.id)
        for farewell in also:
            await farewell(note, person)
    hub.dismiss(ended)


async def make_link(person: Person, actor: Actor, hours: float) -> str:
    """A way in for `person`: the token, which is shown now or never. The command line passes CONSOLE."""
    async with acting(HOUSE, actor) as note:
        is_own = actor is not None and actor.id == person.id
        rules.check_makes_link(await administers(actor), is_own, hours)
        return await enter_link(note, await present(person.id), hours, made_by=actor)


async def enter_link(note: Note, person: Person, hours: float, made_by: Actor) -> str:
    token = rules.new_token()
    until = note.now + timedelta(hours=hours)
    link = await SignInLink.create(
        person=person,
        token_hash=rules.hash_of(token),
        made_at=note.now,
        made_by_id=made_by.id,
        expires_at=until,
    )
    await note(f"person-{person.id}", "link_made", about=f"link-{link.id}", until=stamp(until))
    return token


async def mail_link(email: str, settings: Settings) -> None:
    """Sends a link to whoever has this address. Nobody learns from here whether anybody has."""
    person = await person_called(email)
    if person is None or person.left_at is not None or settings.smtp_url is None:
        return
    async with acting(HOUSE, None) as note:
        token = await enter_link(note, await present(person.id), settings.invitation_hours, made_by=CONSOLE)
        until = note.now + timedelta(hours=settings.invitation_hours)
        letter = letters.asked_for_link(person, token, until, settings)
        await outbox.queue(person.email, letter.subject, letter.body, secret=True)


async def first_administrator_link(
    settings: Settings, name: str = "Administrator", email: str = FIRST_EMAIL
) -> str | None:
    """The address that opens a new installation, once: None when an administrator has come in, or still may.

    A first link that expired unused is replaced, or the installation would stay closed for ever.
    """
    async with acting(HOUSE, None) as note:
        seated = await Person.filter(administrator=True, left_at=None).order_by("id")
        ids = [person.id for person in seated]
        waiting = SignInLink.filter(
            person_id__in=ids, used_at=None, withdrawn_at=None, expires_at__gt=note.now
        )
        if ids and (await AuthSession.filter(person_id__in=ids).exists() or await waiting.exists()):
            return None
        first = seated[0] if seated else await enter_first(note, name, email)
        token = await enter_link(note, first, settings.first_link_minutes / 60, made_by=CONSOLE)
    return letters.sign_in_url(settings, token)


async def enter_first(note: Note, name: str, email: str) -> Person:
    """Not by `enter_person`: the stand-in address is none that a mail could reach."""
    first = Person(
        name=rules.clean_name(name),
        email=email.lower(),
        administrator=True,
        salt=new_salt(),
        created_at=note.now,
    )
    await first.save()
    await note(f"person-{first.id}", "person_added", administrator=True, commitment=commitment_to(first))
    return first


async def use_link(token: str, device: str, terms: Terms) -> tuple[Person, str]:
    """Spends the link: who came in, and the token of the new session. Of two at once, one comes in.

    Raises:
        NotFound: no such link.
        Refused: used, expired or withdrawn, in words.
    """
    link = await link_of(token)
    rules.check_link(link, datetime.now(UTC))
    if link is None or link.person.left_at is not None:
        raise NotFound()
    async with acting(HOUSE, link.person) as note:
        spent = await SignInLink.get(id=link.id)
        rules.check_link(spent, note.now)
        spent.used_at = note.now
        await spent.save(update_fields=["used_at"])
        return link.person, await open_session(note, await present(link.person.id), device, terms)


async def link_of(token: str) -> SignInLink | None:
    if not rules.is_token(token):
        return None
    return await SignInLink.get_or_none(token_hash=rules.hash_of(token)).select_related("person")


async def begin_session(person: Person, device: str, terms: Terms) -> str:
    """For every other way of proving who one is (password, passkey, OIDC): the token of a new session.

    The caller has checked the proof. Sign-in by link has its own act, which spends the link in the same
    transaction.
    """
    async with acting(HOUSE, person) as note:
        return await open_session(note, await present(person.id), device, terms)


async def open_session(note: Note, person: Person, device: str, terms: Terms) -> str:
    """A fresh token at each sign-in, so that nobody can plant one beforehand."""
    token = rules.new_token()
    session = await AuthSession.create(
        person=person,
        token_hash=rules.hash_of(token),
        device=device[:200],
        began_at=note.now,
        seen_at=note.now,
        idle_at=note.now + terms.idle,
        expires_at=note.now + terms.absolute,
    )
    await note(f"person-{person.id}", "signed_in", about=f"session-{session.id}")
    return token


async def touch_session(session_id: int, now: datetime, terms: Terms) -> None:
    """Notes that the sign-in is in use. Asked at most once a minute, see rules.needs_touch; no entry."""
    async with writing():
        await AuthSession.filter(id=session_id, ended_at=None).update(seen_at=now, idle_at=now + terms.idle)


async def sign_out(session_id: int, person: Person) -> None:
    await revoke_session(session_id, person)


async def revoke_session(session_id: int, person: Person) -> None:
    """Ends one of one's own sign-ins, its sockets at once. One that has ended already stays ended."""
    async with acting(HOUSE, person) as note:
        if not await AuthSession.filter(id=session_id, person_id=person.id).exists():
            raise NotFound()
        ended = await end_sessions(note, person.id, only=session_id)
    hub.dismiss(ended)


async def sign_out_everywhere(person: Person, actor: Person) -> None:
    """Ends all sign-ins of `person`, and withdraws the links that were not used yet: by oneself or an
    administrator.
    """
    async with acting(HOUSE, actor) as note:
        rules.check_administers(actor.id == person.id or await administers(actor))
        ended = await end_sessions(note, person.id)
        await withdraw_links(note, person.id)
    hub.dismiss(ended)


async def end_sessions(note: Note, person_id: int, only: int | None = None) -> list[int]:
    """The ids ended. The caller dismisses their sockets after the commit, not before."""
    ids = [row.id for row in await open_sessions(person_id, note.now) if only in (None, row.id)]
    if ids:
        await AuthSession.filter(id__in=ids).update(ended_at=note.now)
        await note(f"person-{person_id}", "signed_out", sessions=ids)
    return ids


async def withdraw_links(note: Note, person_id: int) -> None:
    unused = SignInLink.filter(person_id=person_id, used_at=None, withdrawn_at=None)
    if await unused.update(withdrawn_at=note.now):
        await note(f"person-{person_id}", "links_withdrawn")


async def set_language(person: Person, language: str) -> None:
    """How the interface speaks to this person. A preference: no entry."""
    async with writing():
        await Person.filter(id=person.id).update(language=language)


async def administers(actor: Actor | None) -> bool:
    """Asked inside the act, of the row as it is now."""
    if actor is CONSOLE or actor is None:
        return actor is CONSOLE
    return await Person.filter(id=actor.id, administrator=True, left_at=None).exists()


async def present(person_id: int) -> Person:
    person = await Person.get_or_none(id=person_id, left_at=None)
    if person is None:
        raise NotFound()
    return person


def commitment_to(person: Person) -> str:
    return commitment({"name": person.name, "email": person.email}, person.salt)

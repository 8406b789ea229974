"""Who takes part and how they come in. Of tokens only the SHA-256 is stored: nobody signs in with it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.expressions import Q
from tortoise.functions import Max

from deliberate.live.model import Model


class Person(Model):
    id: int = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=200)
    email = fields.CharField(max_length=254, unique=True)  # rules.clean_email
    language = fields.CharField(max_length=2, default="fr")
    administrator = fields.BooleanField(default=False)
    salt = fields.CharField(max_length=64, default="")  # of the journal's commitment to name and address
    created_at: datetime = fields.DatetimeField()
    left_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "people_person"


class SignInLink(Model):
    """One use, until `expires_at`, confirmed by POST since mail scanners open every link."""

    id: int = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "people.Person", on_delete=fields.RESTRICT
    )
    person_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    made_at: datetime = fields.DatetimeField()
    made_by_id: int | None = fields.IntField(null=True)  # None: the command line, or oneself by e-mail
    expires_at: datetime = fields.DatetimeField()
    used_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "people_sign_in_link"


class AuthSession(Model):
    """One sign-in on one browser, listed and revoked by its owner."""

    id: int = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "people.Person", on_delete=fields.RESTRICT
    )
    person_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    device = fields.CharField(max_length=200, default="")
    began_at: datetime = fields.DatetimeField()
    seen_at: datetime = fields.DatetimeField()
    idle_at: datetime | None = fields.DatetimeField(null=True)  # over then, unless seen again before
    expires_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "people_auth_session"


async def person_called(email: str) -> Person | None:
    """Whoever has this address, as rules.clean_email writes it, still here or not."""
    return await Person.get_or_none(email=email)


async def open_sessions(person_id: int, now: datetime) -> list[AuthSession]:
    """The person's sign-ins that still hold, the last used first."""
    rows = await AuthSession.filter(person_id=person_id, ended_at=None, expires_at__gt=now).order_by(
        "-seen_at"
    )
    return [row for row in rows if row.idle_at is None or row.idle_at > now]


async def count_administrators() -> int:
    return await Person.filter(administrator=True, left_at=None).count()


async def links_made_for(person_id: int) -> list[dict[str, Any]]:
    """The last links to this person's account with who made them: one sees whether somebody else did."""
    links = await SignInLink.filter(person_id=person_id).order_by("-id").limit(10)
    makers = await Person.filter(id__in={link.made_by_id for link in links if link.made_by_id}).values(
        "id", "name"
    )
    names = {row["id"]: row["name"] for row in makers}
    return [{"link": link, "maker": names.get(link.made_by_id or 0)} for link in links]


async def people_like(words: str, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """One page of those here whose name or address holds `words`, by name, with their last sign-in; and how
    many.
    """
    found = Person.filter(left_at=None)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(email__icontains=words))
    rows = await found.order_by("name", "id").offset((page - 1) * size).limit(size)
    seen = AuthSession.filter(person_id__in=[person.id for person in rows]).annotate(last_seen=Max("seen_at"))
    moments = dict(await seen.group_by("person_id").values_list("person_id", "last_seen")) if rows else {}
    return [{"person": person, "seen_at": moments.get(person.id)} for person in rows], await found.count()


async def who_came_in(ids: Iterable[int]) -> set[int]:
    """Those of `ids` who have signed in at least once."""
    found = await AuthSession.filter(person_id__in=list(ids)).distinct().values_list("person_id", flat=True)
    return set(found)

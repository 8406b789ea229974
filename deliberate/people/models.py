"""Who takes part and how they come in. Tokens are stored only as SHA-256; nothing here can be used to sign in."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Person(Model):
    id: int = fields.IntField(primary_key=True)
    name: str = fields.CharField(max_length=200)
    email: str = fields.CharField(max_length=254, unique=True)  # rules.clean_email
    language: str = fields.CharField(max_length=2, default="fr")
    administrator: bool = fields.BooleanField(default=False)
    salt: str = fields.CharField(max_length=64, default="")  # of the journal's commitment to name and address
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
    token_hash: str = fields.CharField(max_length=64, unique=True)
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
    token_hash: str = fields.CharField(max_length=64, unique=True)
    device: str = fields.CharField(max_length=200, default="")
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
    rows = await AuthSession.filter(person_id=person_id, ended_at=None, expires_at__gt=now).order_by("-seen_at")
    return [row for row in rows if row.idle_at is None or row.idle_at > now]


async def count_administrators() -> int:
    return await Person.filter(administrator=True, left_at=None).count()

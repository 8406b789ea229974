"""Rounds to test with: of the infection group of the small world, by the real actions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from deliberate.assessments.models import Assessment
from deliberate.people.models import Person
from deliberate.questions.models import Statement
from deliberate.settings import Settings
from deliberate.voting import rounds
from deliberate.voting.models import Round, Vote, votes_of_round
from tests.support.builders import NOW, World
from tests.voting.votes import cast


async def freeze(world: World) -> None:
    await Assessment.filter(id=world.assessment.id).update(protocol_frozen_at=NOW)


async def statements(world: World) -> list[int]:
    rows = Statement.filter(question_id=world.question.id).order_by("id")
    return [int(ident) for ident in await rows.values_list("id", flat=True)]


async def prepare(world: World, chosen: Iterable[int] | None = None) -> Round:
    wanted = list(chosen) if chosen is not None else await statements(world)
    return await Round.get(id=await rounds.prepare_round(world.infection.id, wanted, world["secretariat"]))


async def open_round(world: World, settings: Settings, chosen: Iterable[int] | None = None) -> Round:
    await freeze(world)
    round_ = await prepare(world, chosen)
    await rounds.open_round(round_.id, in_days(3), world["secretariat"], settings)
    await round_.refresh_from_db()
    return round_


async def rate_all(round_: Round, ratings: Mapping[Person, int | None]) -> None:
    for vote in await votes_of_round(round_.id):
        for person, rating in ratings.items():
            await cast(vote, person, rating, "" if rating else "Not my field.")


async def finish(world: World, round_: Round) -> None:
    """Closed and analysed."""
    await rounds.close_round(round_.id, world["chair"])
    await rounds.analyse_round(round_.id, world["chair"])


async def pass_deadline(round_: Round, at: datetime | None = None) -> None:
    """As if the time had come."""
    now = at or datetime.now(UTC)
    await Vote.filter(rating_round_id=round_.id).update(deadline_at=now)
    await Round.filter(id=round_.id).update(deadline_at=now)


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)

"""Closes what has passed its deadline, by the action that people close by. Ballots are refused without it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from deliberate import logs
from deliberate.errors import Refused
from deliberate.voting import actions, rounds
from deliberate.voting.actions import Step
from deliberate.voting.models import Round, Vote
from deliberate.voting.round_rules import RoundState
from deliberate.voting.rules import VoteState

EVERY_SECONDS = 10
log = logs.get(__name__)


async def close_overdue(also: Sequence[Step] = ()) -> None:
    """Every round and every written vote whose deadline has passed. Another process may be first: no harm."""
    now = datetime.now(UTC)
    for round_id in await Round.filter(state=RoundState.OPEN, deadline_at__lte=now).values_list(
        "id", flat=True
    ):
        with contextlib.suppress(Refused):
            await rounds.close_round(round_id, None, also)
    alone = Vote.filter(state=VoteState.OPEN, deadline_at__lte=now, rating_round_id=None)
    for vote_id in await alone.values_list("id", flat=True):
        with contextlib.suppress(Refused):
            await actions.close_vote(vote_id, None, also)


async def watch(also: Sequence[Step]) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await close_overdue(also)
        except Exception:
            log.exception("deadlines not looked at")  # the next look comes in ten seconds


@asynccontextmanager
async def working(also: Sequence[Step] = ()) -> AsyncIterator[None]:
    task = asyncio.create_task(watch(also))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

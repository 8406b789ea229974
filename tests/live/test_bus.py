"""Two processes, played by two hubs on one database, and a Redis that forgets."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from deliberate.live import seats
from deliberate.live.bus import Bus, Hints
from deliberate.live.hub import Hub, Watcher, hub
from deliberate.live.journal import acting
from tests.support.redis_server import RedisServer, running_redis

SOON = 4.0


@pytest.fixture
def redis(tmp_path: Any) -> Any:
    with running_redis(tmp_path) as server:
        yield server


@asynccontextmanager
async def two_processes(redis: RedisServer) -> AsyncIterator[tuple[Bus, Bus]]:
    """Ours, whose hub hears of every commit, and another."""
    prefix = f"test-{uuid4().hex}"
    other = Hub()
    other.small_facts = hub.small_facts = frozenset({"ballot_cast"})
    async with AsyncExitStack() as stack:
        pair = Bus(redis.url, prefix, hub), Bus(redis.url, prefix, other)
        for bus in pair:
            await stack.enter_async_context(bus.working())
            await bus.follow(7)
        hub.told.clear()  # what an earlier test told is not of this journal
        yield pair


async def until(holds: Any, seconds: float = SOON) -> None:
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("It did not come.")


def listener(process: Hub, topic: str = "meeting-1", person: int = 1) -> Watcher:
    watcher = Watcher(person)
    process.join(watcher)
    process.watch(watcher, topic)
    return watcher


def heard(watcher: Watcher) -> list[tuple[int, int, str]]:
    frames = [json.loads(frame) for frame in watcher.waiting]
    return [(frame["number"], frame["previous"], frame["kind"]) for frame in frames]


async def tell(kind: str, topic: str = "meeting-1", ask: tuple[int, ...] = (), **details: Any) -> None:
    async with acting(7, None) as note:
        await note(topic, kind, **details)
        note.rights_changed(*ask)


async def test_both_processes_tell_the_same_in_the_same_order(database: Any, redis: RedisServer) -> None:
    async with two_processes(redis) as (ours, theirs):
        watchers = [listener(bus.hub) for bus in (ours, theirs)]
        for kind in ("opened", "changed", "closed"):
            await tell(kind)
        await until(lambda: all(len(watcher.waiting) == 3 for watcher in watchers))
        first = heard(watchers[0])
        assert [(number, kind) for number, _, kind in first] == [(1, "opened"), (2, "changed"), (3, "closed")]
        assert [previous for _, previous, _ in first][1:] == [1, 2]
        assert heard(watchers[1]) == first
        hub.leave(watchers[0])


async def test_of_many_small_facts_only_the_newest_is_told_before_the_change(
    database: Any, redis: RedisServer
) -> None:
    async with two_processes(redis) as (ours, theirs):
        watchers = [listener(bus.hub, "vote-3") for bus in (ours, theirs)]
        async with acting(7, None) as note:
            await note.each("vote-3", "ballot_cast", [{"cast": n} for n in range(1, 6)])
            await note("vote-3", "vote_closed", cast=5)
        await until(lambda: all(len(watcher.waiting) == 2 for watcher in watchers))
        for watcher in watchers:
            frames = [json.loads(frame) for frame in watcher.waiting]
            assert [(f["kind"], f["number"], f["facts"], f["changed"]) for f in frames] == [
                ("ballot_cast", 5, {"cast": 5}, False),
                ("vote_closed", 6, {"cast": 5}, True),
            ]
        hub.leave(watchers[0])


async def test_rights_and_sign_ins_are_asked_again_in_the_other_process(
    database: Any, redis: RedisServer
) -> None:
    async with two_processes(redis) as (_, theirs):
        recused, neighbour = listener(theirs.hub, person=5), listener(theirs.hub, person=6)
        await until(lambda: not theirs.hub.is_deaf)
        for watcher in (recused, neighbour):
            watcher.recheck = False
        await tell("interest_decided", ask=(5,))
        await until(lambda: recused.recheck)
        assert not neighbour.recheck

        signed_out = Watcher(8, session_id=41)
        theirs.hub.join(signed_out)
        hub.dismiss([41])
        await until(lambda: signed_out.dismissed)
        assert not neighbour.dismissed


async def test_a_lost_hint_heals_within_two_seconds(
    database: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_processes(redis) as (ours, theirs):
        watcher = listener(theirs.hub)
        monkeypatch.setattr(ours, "tell_others", lambda hints: None)
        await tell("opened")
        await until(lambda: len(watcher.waiting) == 1, seconds=2)


async def test_without_redis_the_news_still_comes_and_everybody_is_asked_again(
    database: Any, redis: RedisServer
) -> None:
    async with two_processes(redis) as (_, theirs):
        watcher = listener(theirs.hub)
        await until(lambda: not theirs.hub.is_deaf)
        redis.kill()
        await until(lambda: theirs.hub.is_deaf)
        watcher.recheck = False
        await tell("opened")
        await until(lambda: len(watcher.waiting) == 1, seconds=2)
        assert watcher.recheck  # nobody could tell us whose rights changed

        await tell("interest_decided", topic="meeting-2", ask=(1,))  # told to nobody, and not forgotten
        redis.start()
        await until(lambda: not theirs.hub.is_deaf)
        watcher.recheck = False
        await tell("closed", ask=(1,))
        await until(lambda: watcher.recheck and len(watcher.waiting) == 2)


async def test_a_flushed_redis_loses_nothing(database: Any, redis: RedisServer) -> None:
    async with two_processes(redis) as (_, theirs):
        watcher = listener(theirs.hub)
        for number in range(5):
            await tell(f"kind_{number}")
            redis.flush()
        await until(lambda: len(watcher.waiting) == 5)
        assert [number for number, _, _ in heard(watcher)] == [1, 2, 3, 4, 5]


async def test_sockets_of_a_person_are_counted_in_all_processes(
    database: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "KEEP_SECONDS", 0.1)
    async with two_processes(redis) as (ours, theirs):
        await until(lambda: ours.seats.others and theirs.seats.others)
        watcher = listener(theirs.hub, person=5)
        theirs.note_sockets(5)
        await until_elsewhere(ours, 1)
        assert await theirs.sockets_elsewhere(5) == await ours.sockets_elsewhere(6) == 0
        theirs.hub.leave(watcher)
        theirs.note_sockets(5)
        await until_elsewhere(ours, 0)


async def test_sockets_of_a_process_that_died_do_not_count(
    database: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "KEEP_SECONDS", 0.1)
    process = await asyncio.create_subprocess_exec("sleep", "60")
    async with two_processes(redis) as (ours, _):
        name = f"{seats.this_machine()}/{process.pid}/theirs"
        await ours.redis.hset(ours.seats.key(name), "5", "4")
        await ours.redis.zadd(ours.seats.key("alive"), {name: time.time() + 60})
        await until_elsewhere(ours, 4)
        process.kill()
        await process.wait()
        assert await ours.sockets_elsewhere(5) == 0


async def test_sockets_of_other_machines_and_of_earlier_versions_count(
    database: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "KEEP_SECONDS", 0.1)
    async with two_processes(redis) as (ours, _):
        for name in ("another machine/1/theirs", "0f3c9a7e"):
            await ours.redis.hset(ours.seats.key(name), "5", "2")
            await ours.redis.zadd(ours.seats.key("alive"), {name: time.time() + 60})
        await until_elsewhere(ours, 4)


async def until_elsewhere(bus: Bus, sockets: int) -> None:
    for _ in range(200):
        if await bus.sockets_elsewhere(5) == sockets:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(await bus.sockets_elsewhere(5))


async def test_hints_that_wait_do_not_grow() -> None:
    waiting = Hints()
    for number in range(1, 1_000):
        waiting.add(Hints({7: number, 8: 1}, ask={5}))
    assert Hints.read(waiting.as_text("me")) == ("me", Hints({7: 999, 8: 1}, ask={5}))

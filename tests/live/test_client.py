"""The client of live protocol v1, against a server that plays what goes wrong, and against a real one."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from deliberate import errors
from deliberate.live.client import Ended, Frame, LiveClient, SignedOut, Thread
from deliberate.people.models import Person
from tests.support.builders import make_world, sign_in
from tests.voting.votes import open_vote

Scene = Callable[["Stage"], Awaitable[None]]


class Stage:
    """One connection as the server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def hello(self, beat: float = 5) -> None:
        await self.say(hello={"protocol": 1, "now": "2026-11-23T10:00:00Z", "beat_seconds": beat})

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def tell(self, number: int, previous: int, topic: str = "vote-7", **facts: Any) -> None:
        news = {"topic": topic, "number": number, "previous": previous, "kind": "ballot_cast"}
        await self.say(**news, about=None, facts=facts, changed=False)

    async def heard(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.socket.recv())
        return message

    async def stay(self) -> None:
        await self.socket.wait_closed()


@asynccontextmanager
async def theatre(*scenes: Scene, shut: bool = False) -> AsyncIterator[str]:
    """A server that plays one scene for each connection, in order."""
    waiting = list(scenes)
    failures: list[BaseException] = []

    async def play(socket: ServerConnection) -> None:
        try:
            await waiting.pop(0)(Stage(socket))
        except AssertionError as error:
            failures.append(error)

    def gate(socket: ServerConnection, request: Request) -> Response | None:
        assert request.headers["Cookie"] == "deliberate=token"
        return socket.respond(HTTPStatus.FORBIDDEN, "") if shut else None

    async with serve(play, "127.0.0.1", 0, process_request=gate) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with asyncio.timeout(60):
            yield f"http://127.0.0.1:{port}"
    assert failures == []


def frame(number: int, previous: int) -> Frame:
    return Frame("vote-7", number, previous, "ballot_cast", None, {}, False)


async def test_a_frame_that_follows_is_taken_and_one_already_known_is_not() -> None:
    thread = Thread(10)
    assert [thread.takes(frame(12, 10)), thread.takes(frame(12, 10)), thread.takes(frame(15, 12))] == [
        True,
        False,
        True,
    ]


async def test_a_frame_beyond_a_gap_waits_for_the_replay_and_the_replay_may_be_overtaken() -> None:
    thread = Thread(10)
    assert not thread.takes(frame(15, 13))
    assert thread.takes(frame(13, 10))
    assert not thread.catches_up(13)  # 15 is still missing: ask again
    assert thread.takes(frame(15, 13))
    assert thread.catches_up(15)


async def test_news_comes_in_order_without_gap_although_frames_were_lost() -> None:
    async def scene(stage: Stage) -> None:
        await stage.hello()
        assert await stage.heard() == {"watch": "vote-7", "after": 3}
        await stage.say(watching="vote-7", number=3)
        await stage.tell(4, 3)
        await stage.tell(9, 6)  # 6 was lost
        await stage.tell(11, 9)
        assert await stage.heard() == {"watch": "vote-7", "after": 4}
        for number, previous in ((6, 4), (9, 6), (11, 9)):
            await stage.tell(number, previous)
        await stage.say(watching="vote-7", number=11)
        await stage.stay()

    async with theatre(scene) as url, LiveClient(url, "deliberate=token") as live:
        assert await live.watch("vote-7", 3) == 3
        assert [(await anext(live)).number for _ in range(4)] == [4, 6, 9, 11]  # type: ignore[union-attr]


async def test_after_a_break_it_resumes_where_it_was_and_sends_the_ballot_again_under_its_key() -> None:
    first: dict[str, Any] = {}

    async def breaks_off(stage: Stage) -> None:
        await stage.hello()
        await stage.heard()
        await stage.say(watching="vote-7", number=20)
        await stage.tell(22, 20)
        first.update(await stage.heard())  # and the line is lost before the answer

    async def goes_on(stage: Stage) -> None:
        await stage.hello()
        assert await stage.heard() == {"watch": "vote-7", "after": 22}
        again = await stage.heard()
        assert again == first
        await stage.tell(25, 22)
        await stage.say(watching="vote-7", number=25)
        await stage.say(ack=again["cast"]["key"], number=25)
        await stage.stay()

    async with theatre(breaks_off, goes_on) as url, LiveClient(url, "deliberate=token") as live:
        assert await live.watch("vote-7") == 20
        assert await live.cast(7, choice="for") == 25
        assert [item.number async for item in take(live, 2)] == [22, 25]
        assert live.breaks == 1


async def test_a_line_that_has_fallen_silent_is_left() -> None:
    async def silent(stage: Stage) -> None:
        await stage.hello(beat=0.05)
        await stage.stay()

    async def speaks(stage: Stage) -> None:
        await stage.hello()
        await stage.say(ack=(await stage.heard())["cast"]["key"], number=8)
        await stage.stay()

    async with theatre(silent, speaks) as url, LiveClient(url, "deliberate=token") as live:
        assert await live.cast(7, rating=4) == 8


async def test_refusals_come_in_the_words_of_the_server() -> None:
    async def scene(stage: Stage) -> None:
        await stage.hello()
        await stage.heard()
        await stage.say(refused="question-3", error="NotFound", message="Nothing here for you.")
        key = (await stage.heard())["cast"]["key"]
        await stage.say(refused=key, error="Refused", message="This vote closed at 14:05.")
        await stage.stay()

    async with theatre(scene) as url, LiveClient(url, "deliberate=token") as live:
        with pytest.raises(errors.NotFound, match=r"Nothing here for you\."):
            await live.watch("question-3", 0)
        with pytest.raises(errors.Refused, match=r"closed at 14:05\."):
            await live.cast(7, choice="for")


async def test_the_end_of_a_right_is_told_and_nothing_more_of_the_topic() -> None:
    async def scene(stage: Stage) -> None:
        await stage.hello()
        await stage.heard()
        await stage.say(watching="vote-7", number=2)
        await stage.say(ended="vote-7", message="Nothing here for you.")
        await stage.tell(3, 2)
        await stage.tell(9, 0, topic="meeting-1")
        await stage.heard()
        await stage.say(watching="meeting-1", number=9)
        await stage.tell(10, 9, topic="meeting-1")
        await stage.stay()

    async with theatre(scene) as url, LiveClient(url, "deliberate=token") as live:
        await live.watch("vote-7", 2)
        assert await anext(live) == Ended("vote-7", "Nothing here for you.")
        await live.watch("meeting-1", 9)
        told = await anext(live)
        assert (told.topic, told.number) == ("meeting-1", 10)  # type: ignore[union-attr]


async def test_whoever_is_not_signed_in_is_told_so_at_once() -> None:
    async with theatre(shut=True) as url:
        with pytest.raises(SignedOut):
            async with LiveClient(url, "deliberate=token"):
                raise AssertionError("The door was shut.")


async def test_a_client_that_is_closed_leaves_nobody_waiting() -> None:
    async def scene(stage: Stage) -> None:
        await stage.hello()
        await stage.stay()

    async with theatre(scene) as url:
        live = LiveClient(url, "deliberate=token")
        async with live:
            waiting = asyncio.create_task(live.cast(7, choice="for"))
            await asyncio.sleep(0)
        with pytest.raises(ConnectionError):
            await waiting
        with pytest.raises(ConnectionError):
            await live.watch("vote-7")
        assert [item async for item in live] == []


async def take(live: LiveClient, count: int) -> AsyncIterator[Frame]:
    for _ in range(count):
        item = await anext(live)
        assert isinstance(item, Frame)
        yield item


async def test_a_reader_whose_line_breaks_in_a_real_vote_misses_nothing(server: Any) -> None:
    world = await make_world(experts=6)
    vote = await open_vote(world, "choice", "named", voters=world.experts)
    topic = f"vote-{vote.id}"

    async def client(person: Person) -> LiveClient:
        return LiveClient(server.url, f"deliberate={await sign_in(person)}")

    async with await client(world["chair"]) as reader, asyncio.timeout(120):
        begin = await reader.watch(topic, 0)
        heard = [await anext(reader)]
        for place, expert in enumerate(world.experts):
            async with await client(expert) as voter:
                last = await voter.cast(vote.id, choice="for")
            if place % 2 and reader._socket:  # it may still be on its way back
                reader._socket.transport.abort()
        while heard[-1].number < last:  # type: ignore[union-attr]
            heard.append(await anext(reader))

    frames = [item for item in heard if isinstance(item, Frame)]
    assert frames[0].previous == 0 and begin in [frame.number for frame in frames]
    assert frames[-1].facts["cast"] == len(world.experts)
    for before, after in pairwise(frames):
        assert before.number < after.number and after.previous <= before.number
    assert reader.breaks >= 1

"""How frames leave: one encoding for everybody, nobody waits for a reader that does not read, and another
server, which has no line, gets the same.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame
from websockets.streams import StreamReader

from deliberate.errors import Refusal, Refused
from deliberate.live.hub import News, Watcher, hub
from deliberate.live.line import FULL, framed
from deliberate.live.socket import UNANSWERED_LIMIT, Doors, Guest, live_endpoint
from tests.support.builders import make_world, sign_in


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_frame_is_what_a_websocket_library_reads(length: int) -> None:
    reader = StreamReader()
    reader.feed_data(framed("é" * (length // 2) + "x" * (length % 2)))
    parsing = Frame.parse(reader.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as parsed:
        next(parsing)
    frame = parsed.value.value
    assert (frame.fin, frame.opcode, len(frame.data)) == (True, 1, length)


class FakeLine:
    """A line that takes `room` frames."""

    hear = drained = None

    def __init__(self, room: int) -> None:
        self.room = room
        self.out: list[bytes] = []

    def write_frame(self, frame: bytes) -> bool:
        if len(self.out) >= self.room:
            return False
        self.out.append(frame)
        return True

    def hold(self) -> None: ...

    def go_on(self) -> None: ...


def test_what_finds_no_room_follows_in_order_once_there_is_some() -> None:
    line = FakeLine(room=2)
    watcher = Watcher(1, line=line)
    for number in range(4):
        watcher.hear(str(number))
    line.room = 3
    watcher.hear("4")  # never past those that wait
    watcher.drain()
    line.room = 9
    watcher.drain()
    watcher.hear("5")
    assert line.out == [framed(str(number)) for number in range(6)]


def test_while_rights_are_asked_again_nothing_is_sent() -> None:
    line = FakeLine(room=9)
    watcher = Watcher(1, line=line)
    watcher.ask_again()
    watcher.hear("what I may perhaps no longer know")
    watcher.drain()
    assert line.out == [] and len(watcher.waiting) == 1


@asynccontextmanager
async def tab(server: Any, token: str, **options: Any) -> AsyncIterator[ClientConnection]:
    async with connect(
        f"{server.ws_url}/live",
        origin=server.url,
        additional_headers={"Cookie": f"deliberate={token}"},
        compression=None,
        proxy=None,
        **options,
    ) as client:
        yield client


async def next_of(client: ClientConnection, name: str) -> Any:
    async with asyncio.timeout(60):
        while name not in (frame := json.loads(await client.recv())):
            pass
    return frame


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_reader_that_stops_reading_is_sent_home_and_the_others_hear_everything(server: Any) -> None:
    world = await make_world()
    topic = f"assessment-{world.assessment.id}"
    async with tab(server, await sign_in(world["expert"])) as quick:
        raw = socket.create_connection(("127.0.0.1", server.settings.port))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        async with tab(server, await sign_in(world["chair"]), sock=raw) as slow:
            await quick.send(json.dumps({"watch": "nothing-1"}))
            await next_of(quick, "refused")
            slow.transport.pause_reading()
            stalled = next(iter(hub.by_person[world["chair"].id]))
            others = next(iter(hub.by_person[world["expert"].id]))
            for watcher in (stalled, others):
                hub.watch(watcher, topic)
            for number in range(1, 2_000):
                hub.publish(News(1, topic, number, "told", {"text": "x" * (FULL // 4)}))
                frame = await next_of(quick, "topic")
                assert frame["number"] == number
                if stalled.dismissed:
                    break
            assert stalled.dismissed and not others.dismissed
            for _ in range(500):
                if stalled not in hub.watchers:
                    break
                await asyncio.sleep(0.01)
            assert stalled not in hub.watchers
            slow.transport.abort()


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_client_that_says_too_much_is_answered_in_order(server: Any) -> None:
    world = await make_world()
    async with tab(server, await sign_in(world["expert"])) as client:
        asked = [f"nothing-{number}" for number in range(4 * UNANSWERED_LIMIT)]
        for topic in asked:
            await client.send(json.dumps({"watch": topic}))
        assert [(await next_of(client, "refused"))["refused"] for _ in asked] == asked


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_bytes_and_nonsense_are_refused_in_words(server: Any) -> None:
    world = await make_world()
    async with tab(server, await sign_in(world["expert"])) as client:
        for said in (b"\x00\x01", "[]", "{", '{"cast": 1}'):
            await client.send(said)
            assert (await next_of(client, "refused"))["error"] == "Invalid"


def another_server(written: list[tuple[int, str]]) -> Starlette:
    """The same endpoint under a server without our line."""

    async def guest(websocket: WebSocket) -> Guest | None:
        return Guest(None, 7_001, 7_002, "en")

    async def may_watch(guest: Guest, topic: str) -> int | None:
        return None

    def refuse(guest: Guest, said: dict[str, Any]) -> asyncio.Future[int]:
        if said["key"] == "ended":
            hub.dismiss([7_002])
        raise Refused("No.")

    async def refused(guest: Guest, refusal: Refusal) -> None:
        written.append((guest.person_id, str(refusal)))

    doors = Doors(
        guest=guest,
        may_watch=may_watch,
        hear={"cast": refuse},
        say=lambda refusal, language: str(refusal),
        refused=refused,
        is_own_origin=lambda websocket: True,
    )
    return Starlette(routes=[WebSocketRoute("/live", live_endpoint(doors))])


def test_another_server_gets_the_same_by_text() -> None:
    written: list[tuple[int, str]] = []
    with TestClient(another_server(written)) as client, client.websocket_connect("/live") as live:
        assert live.receive_json()["hello"]["protocol"] == 1
        for key in ("k1", "k2"):
            live.send_json({"cast": {"key": key}})
        assert [live.receive_json()["refused"] for _ in range(2)] == ["k1", "k2"]
        assert written == [(7_001, "No."), (7_001, "No.")]
        live.send_json({"cast": {"key": "ended"}})
        with pytest.raises(WebSocketDisconnect) as closed:
            live.receive_json()
            live.receive_json()
        assert closed.value.code == 4001
    assert 7_001 not in hub.by_person

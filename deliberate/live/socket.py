"""How news and ballots travel: one WebSocket per tab at /live, protocol version 1, JSON text frames.

It knows no domain. create_app hands it who is signed in, who may watch what, and the one message it may hear.
Rights are asked at each `watch`, again whenever they may have changed, and by every action that a message
reaches.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from deliberate import logs
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.live.hub import News, Watcher, encode, hub
from deliberate.live.journal import stamp
from deliberate.live.models import Entry

log = logs.get(__name__)

BEAT_SECONDS = 5
REPLAY_LIMIT = 64  # entries; a reader further behind fetches its parts again instead
SIGN_IN_CHECK_SECONDS = 60


@dataclass(frozen=True)
class Guest:
    """Who is at the other end. `person` is whatever the sign-in gave; live only uses the ids."""

    person: Any
    person_id: int
    session_id: int
    language: str


@dataclass(frozen=True)
class Doors:
    """What create_app passes in."""

    guest: Callable[[WebSocket], Awaitable[Guest | None]]
    is_still_signed_in: Callable[[int], Awaitable[bool]]
    may_watch: Callable[[Guest, str], Awaitable[int | None]]  # the journal of the topic, or None: not for you
    hear: Mapping[str, Callable[[Guest, dict[str, Any]], Awaitable[dict[str, Any]]]]
    say: Callable[[Refusal, str], str]  # the sentence of a refusal in a language
    is_own_origin: Callable[[WebSocket], bool]
    sockets_per_person: int = 5


class Connection:
    """One open socket: reads messages, writes frames, ends when either side does."""

    def __init__(self, websocket: WebSocket, guest: Guest, doors: Doors) -> None:
        self.websocket, self.guest, self.doors = websocket, guest, doors
        self.watcher = Watcher(guest.person_id, guest.session_id)

    async def run(self) -> None:
        hub.join(self.watcher)
        tasks = [asyncio.create_task(each) for each in (self.read(), self.write(), self.beat())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hub.leave(self.watcher)
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, WebSocketDisconnect):
                    log.error("socket ended by a fault", exc_info=ended)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self.websocket.close(4001 if self.watcher.dismissed else 1000)

    async def beat(self) -> None:
        """A sign of life; and once a minute, is this sign-in still good?"""
        self.say({"hello": {"protocol": 1, "now": stamp(datetime.now(UTC)), "beat_seconds": BEAT_SECONDS}})
        beats = 0
        while not self.watcher.dismissed:
            await asyncio.sleep(BEAT_SECONDS)
            beats += 1
            if beats * BEAT_SECONDS % SIGN_IN_CHECK_SECONDS == 0:
                self.watcher.dismissed = not await self.doors.is_still_signed_in(self.guest.session_id)
            self.say({"beat": stamp(datetime.now(UTC))})

    async def write(self) -> None:
        while not self.watcher.dismissed:
            await self.watcher.wake.wait()
            if self.watcher.recheck:
                self.watcher.recheck = False
                await self.check_rights()
            for frame in self.watcher.take():
                await self.websocket.send_text(frame)

    async def check_rights(self) -> None:
        for topic in sorted(self.watcher.topics):
            if await self.doors.may_watch(self.guest, topic) is None:
                hub.unwatch(self.watcher, topic)
                # What was queued under the old rights is not sent under the new ones.
                mark = f'{{"topic":{json.dumps(topic)},'
                self.watcher.waiting = type(self.watcher.waiting)(
                    frame for frame in self.watcher.waiting if not frame.startswith(mark)
                )
                self.say({"ended": topic, "message": self.doors.say(NotFound(), self.guest.language)})

    async def read(self) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await self.websocket.receive_text()
                if self.watcher.dismissed:
                    return
                await self.answer(message)

    async def answer(self, text: str) -> None:
        key: Any = None
        try:
            message = read_message(text)
            kind, said = next(iter(message.items()))
            key = said.get("key") if isinstance(said, dict) else said
            if kind == "watch":
                await self.watch(str(said), message.get("after"))
            elif kind == "unwatch":
                hub.unwatch(self.watcher, str(said))
            elif kind in self.doors.hear and isinstance(said, dict):
                self.say(await self.doors.hear[kind](self.guest, said))
            else:
                raise Invalid("This message is not part of the protocol.")
        except Refusal as refusal:
            sentence = self.doors.say(refusal, self.guest.language)
            self.say({"refused": key, "error": type(refusal).__name__, "message": sentence})

    async def watch(self, topic: str, after: Any) -> None:
        """Subscribes first and reads after, so nothing falls in between; the client ignores what it has."""
        journal = await self.doors.may_watch(self.guest, topic)
        if journal is None:
            raise NotFound()
        hub.watch(self.watcher, topic)
        since = after if isinstance(after, int) and not isinstance(after, bool) and after >= 0 else None
        rows = Entry.filter(journal=journal, topic=topic)
        last = await rows.order_by("-number").first().values("number", "kind")
        number = last["number"] if last else 0
        if since is not None and number > since:
            await self.replay(journal, topic, since, number)
        self.say({"watching": topic, "number": number})

    async def replay(self, journal: int, topic: str, since: int, number: int) -> None:
        rows = Entry.filter(journal=journal, topic=topic, number__gt=since, number__lte=number).order_by(
            "number"
        )
        missed = await rows.limit(REPLAY_LIMIT + 1).values("number", "kind", "body")
        if len(missed) > REPLAY_LIMIT:
            self.watcher.hear(encode(News(journal, topic, number, "caught_up", {}), since))
            return
        for row in missed:
            facts = json.loads(row["body"])["details"]
            self.watcher.hear(encode(News(journal, topic, row["number"], row["kind"], facts), since))
            since = row["number"]

    def say(self, message: Mapping[str, Any]) -> None:
        self.watcher.hear(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


def read_message(text: str) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or not message:
        raise Invalid("A message is a JSON object, for example {example}.", example='{"watch": "meeting-12"}')
    return message


def live_endpoint(doors: Doors) -> Callable[[WebSocket], Awaitable[None]]:
    """The handler of /live. Origin and sign-in are checked before the handshake is accepted."""

    async def live(websocket: WebSocket) -> None:
        if not doors.is_own_origin(websocket):
            await websocket.close(4003)
            return
        guest = await doors.guest(websocket)
        if guest is None:
            await websocket.close(4001)
            return
        if (
            sum(1 for watcher in hub.watchers if watcher.person_id == guest.person_id)
            >= doors.sockets_per_person
        ):
            await websocket.close(4008)
            return
        await websocket.accept()
        await Connection(websocket, guest, doors).run()

    return live

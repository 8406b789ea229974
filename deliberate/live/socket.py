"""How news and ballots travel: one WebSocket per tab at /live, protocol version 1, JSON text frames.

It knows no domain. create_app hands it who is signed in, who may watch what, and the one message it may hear.
Rights are asked at each `watch`, again whenever they may have changed, and by every action that a message
reaches.
"""

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from deliberate import logs
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.live.hub import News, Watcher, as_text, encode, hub
from deliberate.live.journal import stamp
from deliberate.live.line import LINE, Line
from deliberate.live.models import Entry
from deliberate.live.presenting import read_parts

log = logs.get(__name__)

BEAT_SECONDS = 5
REPLAY_LIMIT = 64  # entries; a reader further behind fetches its parts again instead
SIGN_IN_CHECK_SECONDS = 60
UNANSWERED_LIMIT = 32  # messages of one client that wait for their answer
SENT_HOME = 4001  # the close code for: sign in again, or come back and resume by number


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
    may_watch: Callable[[Guest, str], Awaitable[int | None]]  # the journal of the topic, or None: not for you
    # What is said under a key: the journal number, once it is durable.
    hear: Mapping[str, Callable[[Guest, dict[str, Any]], asyncio.Future[int]]]
    say: Callable[[Refusal, str], str]  # the sentence of a refusal in a language
    refused: Callable[[Guest, Refusal], Coroutine[Any, Any, None]]  # whoever writes refusals down hears of it
    is_own_origin: Callable[[WebSocket], bool]
    sockets_per_person: int = 5


class Connection:
    """One open socket: hears messages, writes frames, ends when either side does.

    On our own server (`line`) it keeps one task while it is idle, and writes without any; elsewhere it reads
    and sends as ASGI has it.
    """

    def __init__(self, websocket: WebSocket, guest: Guest, doors: Doors) -> None:
        self.websocket, self.guest, self.doors = websocket, guest, doors
        self.line: Line | None = websocket.scope.get("extensions", {}).get(LINE)
        self.watcher = Watcher(guest.person_id, guest.session_id, self.line, self.wake)
        self.watcher.guest = guest
        self.inbox: deque[tuple[str, str, dict[str, Any]]] = deque()  # (watch or unwatch, topic, message)
        self.unanswered = 0
        self.working: asyncio.Task[None] | None = None  # answers the inbox, in order
        self.attending: asyncio.Task[None] | None = None  # asks rights again, sends where there is no line
        # Tasks begin in the context of this socket, not in that of whoever brought the news.
        self.context = copy_context()
        self.reading: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        self.reading = asyncio.current_task()
        hub.join(self.watcher)
        if hub.bus is not None:
            hub.bus.note_sockets(self.guest.person_id)
        self.say({"hello": {"protocol": 1, "now": stamp(datetime.now(UTC)), "beat_seconds": BEAT_SECONDS}})
        if self.line is not None:
            self.line.hear, self.line.drained = self.hear, self.watcher.drain
        try:
            await self.read()
        except asyncio.CancelledError:
            if not self.watcher.dismissed:
                raise
            asyncio.current_task().uncancel()  # type: ignore[union-attr]
        finally:
            await self.end()

    async def end(self) -> None:
        hub.leave(self.watcher)
        if self.line is not None:
            self.line.hear = self.line.drained = None
        for task in (self.working, self.attending):
            if task is not None:
                task.cancel()
        if hub.bus is not None:
            hub.bus.note_sockets(self.guest.person_id)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.websocket.close(SENT_HOME if self.watcher.dismissed else 1000)

    async def read(self) -> None:
        """With a line only the end comes here."""
        while True:
            message = await self.websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self.hear(message.get("text") or "")
            if self.working is not None and self.unanswered >= UNANSWERED_LIMIT:
                await asyncio.wait({self.working})

    def hear(self, text: str) -> None:
        """One message. A ballot goes to its box without a task; whatever has to be read first is answered in
        order. A client with too many unanswered messages is not read meanwhile.
        """
        key: Any = None
        try:
            message = read_message(text)
            kind, said = next(iter(message.items()))
            key = said.get("key") if isinstance(said, dict) else said
            if kind in self.doors.hear and isinstance(said, dict):
                answer = self.doors.hear[kind](self.guest, said)
                answer.add_done_callback(partial(self.acknowledge, key))
            elif kind in ("watch", "unwatch"):
                self.inbox.append((kind, str(said), message))
                if self.working is None:
                    self.working = self.start(self.work())
            else:
                raise Invalid("This message is not part of the protocol.")
        except Refusal as refusal:
            self.refuse(key, refusal)
            return
        self.unanswered += 1
        if self.unanswered == UNANSWERED_LIMIT and self.line is not None:
            self.line.hold()

    def answered(self) -> None:
        if self.unanswered == UNANSWERED_LIMIT and self.line is not None:
            self.line.go_on()
        self.unanswered -= 1

    def acknowledge(self, key: Any, answer: asyncio.Future[int]) -> None:
        """The ballot is durable under this number, or refused."""
        self.answered()
        if answer.cancelled():
            return
        fault = answer.exception()
        if fault is None:
            self.say({"ack": key, "number": answer.result()})
        elif isinstance(fault, Refusal):
            self.refuse(key, fault)
        else:
            self.fail(fault)

    def refuse(self, key: Any, refusal: Refusal) -> None:
        sentence = self.doors.say(refusal, self.guest.language)
        self.say({"refused": key, "error": type(refusal).__name__, "message": sentence})
        self.start(self.doors.refused(self.guest, refusal))

    async def work(self) -> None:
        try:
            while self.inbox:
                kind, topic, message = self.inbox.popleft()
                if kind == "unwatch":
                    hub.unwatch(self.watcher, topic)
                else:
                    try:
                        await self.watch(topic, message.get("after"), read_parts(message.get("parts")))
                    except Refusal as refusal:
                        self.refuse(topic, refusal)
                self.answered()
        finally:
            self.working = None

    def wake(self) -> None:
        """Something for this socket to do itself: its end, rights to ask again, frames to send."""
        if self.watcher.dismissed:
            if self.reading is not None:
                self.reading.cancel()
                self.reading = None
        elif self.attending is None:
            self.attending = self.start(self.attend())

    async def attend(self) -> None:
        try:
            while self.watcher.recheck:
                self.watcher.recheck, self.watcher.is_asking = False, True
                await self.check_rights()
            self.watcher.is_asking = False
            self.watcher.drain()
            while self.line is None and self.watcher.waiting and not self.watcher.recheck:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the reader learns it, too
                    await self.websocket.send_text(self.watcher.waiting.popleft())
        finally:
            self.attending = None
        if self.watcher.recheck:
            self.wake()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, context=self.context.copy())
        task.add_done_callback(self.look_after)
        return task

    def look_after(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.fail(fault)

    def fail(self, fault: BaseException) -> None:
        """A fault ends the socket, whose client comes again and asks; it may never go unseen."""
        log.error("socket ended by a fault", exc_info=fault)
        self.watcher.dismiss()

    async def check_rights(self) -> None:
        for topic in sorted(self.watcher.topics):
            if await self.doors.may_watch(self.guest, topic) is None:
                hub.unwatch(self.watcher, topic)
                # What was queued under the old rights is not sent under the new ones.
                mark = f'{{"topic":{json.dumps(topic)},'
                kept = [text for text in self.watcher.take() if not text.startswith(mark)]
                self.watcher.waiting.extend(kept)
                self.say({"ended": topic, "message": self.doors.say(NotFound(), self.guest.language)})

    async def watch(self, topic: str, after: Any, parts: dict[str, tuple[str, ...]]) -> None:
        """Subscribes first and reads after, so nothing falls in between; the client ignores what it has."""
        journal = await self.doors.may_watch(self.guest, topic)
        if journal is None:
            raise NotFound()
        if hub.bus is not None:
            await hub.bus.follow(journal)
        hub.watch(self.watcher, topic)
        if parts:
            self.watcher.parts[topic] = parts
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
            changed = row["kind"] not in hub.small_facts
            self.watcher.hear(encode(News(journal, topic, row["number"], row["kind"], facts, changed), since))
            since = row["number"]

    def say(self, message: Mapping[str, Any]) -> None:
        self.watcher.hear(as_text(message))


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
            await websocket.close(SENT_HOME)
            return
        if await sockets_of(guest.person_id) >= doors.sockets_per_person:
            await turn_away(websocket)
            return
        await websocket.accept()
        await Connection(websocket, guest, doors).run()

    return live


async def turn_away(websocket: WebSocket) -> None:
    """For now: 429 says that coming again may help, where 403 would say that it never does."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(Response(status_code=429, headers={"Retry-After": "5"}))
    else:
        await websocket.close(4008)


async def sockets_of(person_id: int) -> int:
    """How many this person has open, in every process."""
    here = len(hub.by_person.get(person_id, ()))
    return here if hub.bus is None else here + await hub.bus.sockets_elsewhere(person_id)


@contextlib.asynccontextmanager
async def beating(are_open: Callable[[Collection[int]], Awaitable[set[int]]]) -> AsyncIterator[None]:
    """A sign of life to every socket of this process, and once a minute: are these sign-ins still good?"""
    task = asyncio.create_task(beat(are_open))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def beat(are_open: Callable[[Collection[int]], Awaitable[set[int]]]) -> None:
    for beats in itertools.count(1):
        await asyncio.sleep(BEAT_SECONDS)
        hub.hand_out(as_text({"beat": stamp(datetime.now(UTC))}), list(hub.watchers))
        if beats * BEAT_SECONDS % SIGN_IN_CHECK_SECONDS and not hub.is_deaf:
            continue
        try:
            shown = {watcher.session_id for watcher in hub.watchers if watcher.session_id is not None}
            hub.dismiss(shown - await are_open(shown))
        except Exception:
            log.exception("sign-ins of open sockets could not be checked")

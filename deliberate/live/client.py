"""A client of live protocol v1 for programs: the rehearsal, the tests, the benchmark, and yours.

What it yields on a topic is whole and in order: after every break it resumes by number, and a frame whose
`previous` it has not seen makes it ask for what lies between. A ballot is sent again under its key until it
is answered.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from deliberate import errors

FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # seconds before the next attempt; spread, or all come back at once
SILENT_BEATS = 3  # a line without a frame for this many beats is dead
LOST = (OSError, TimeoutError, WebSocketException)
KINDS: dict[str, type[errors.Refusal]] = {kind.__name__: kind for kind in errors.Refusal.__subclasses__()}


class SignedOut(Exception):
    """The server does not let this cookie in: trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One piece of news."""

    topic: str
    number: int
    previous: int
    kind: str
    about: str | None
    facts: Mapping[str, Any]
    changed: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The right to watch this topic has ended."""

    topic: str
    message: str


class Thread:
    """What we have of one topic. `last` is None until the server has said where it stands."""

    def __init__(self, last: int | None) -> None:
        self.last, self.missed = last, 0
        self.standing: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def takes(self, frame: Frame) -> bool:
        """Whether the frame is the next one. One beyond a gap is remembered: the replay brings it again."""
        if self.last is None or frame.previous > self.last:
            self.missed = max(self.missed, frame.number)
            return False
        if frame.number <= self.last:
            return False
        self.last = frame.number
        return True

    def catches_up(self, number: int) -> bool:
        """The replay is through. Whether that was all: news may have overtaken it."""
        self.last = max(self.last or 0, number)
        behind, self.missed = self.missed > self.last, 0
        if not self.standing.done():
            self.standing.set_result(self.last)
        return not behind


class LiveClient:
    """`async with LiveClient("https://…", "deliberate=token") as live`; watch and cast; `async for news in
    live`.
    """

    def __init__(self, url: str, cookie: str, origin: str | None = None) -> None:
        """`url` is the address of the site, `cookie` the Cookie header of somebody signed in."""
        parts = urlsplit(url)
        self.origin = origin or f"{parts.scheme}://{parts.netloc}"
        self.address = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/live"
        self.cookie = cookie
        self.breaks = 0  # how often the line was lost
        self._threads: dict[str, Thread] = {}
        self._papers: dict[str, tuple[dict[str, Any], asyncio.Future[int]]] = {}
        self._news: asyncio.Queue[Frame | Ended | None] = asyncio.Queue()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        welcomed = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._stay(welcomed))
        try:
            await welcomed
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._give_up(ConnectionError("The live client was closed."))

    async def watch(self, topic: str, after: int | None = None) -> int:
        """News of `topic` from now on, and first what came after `after`. The number the topic stands at.

        Raises:
            Refusal: in the server's words; mostly NotFound.
        """
        self._check_open()
        thread = self._threads[topic] = Thread(after)
        await self._ask(topic)
        return await thread.standing

    async def unwatch(self, topic: str) -> None:
        if self._threads.pop(topic, None):
            await self._send({"unwatch": topic})

    async def cast(
        self,
        vote: int,
        *,
        choice: str | None = None,
        rating: int | None = None,
        nsp: bool = False,
        reason: str = "",
        key: str | None = None,
    ) -> int:
        """The journal number of the ballot, once it is durable; however often the line breaks before.

        A choice, or a rating, or `nsp` for "I cannot judge".

        Raises:
            Refusal: in the server's words. Unconfirmed means: unknown, ask again with the same key.
        """
        self._check_open()
        key = key or uuid4().hex
        if key in self._papers:
            raise ValueError(f"A ballot under the key {key} is under way already.")
        said = {"choice": choice, "rating": rating, "nsp": nsp, "reason": reason}
        message = {"cast": {"vote": vote, **said, "key": key}}
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._papers[key] = message, answer
        try:
            await self._send(message)
            return await answer
        finally:
            self._papers.pop(key, None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame | Ended:
        item = await self._news.get()
        if item is None:
            self._news.put_nowait(None)
            raise StopAsyncIteration
        return item

    async def _stay(self, welcomed: asyncio.Future[None]) -> None:
        """One connection after another, until closed or shut out."""
        wait = FIRST_WAIT
        while True:
            try:
                async with connect(
                    self.address,
                    origin=self.origin,  # type: ignore[arg-type]
                    additional_headers={"Cookie": self.cookie},
                    compression=None,
                    proxy=None,
                ) as socket:
                    beat = await self._welcome(socket, welcomed)
                    wait = FIRST_WAIT
                    await self._listen(socket, SILENT_BEATS * beat)
            except InvalidStatus as error:
                if error.response.status_code in (401, 403):
                    self._give_up(SignedOut("The server does not let this sign-in watch."), welcomed)
                    return
            except LOST:
                pass
            except Exception as error:  # not the protocol we know: nobody may wait for ever
                self._give_up(error, welcomed)
                return
            finally:
                self._socket = None
            self.breaks += 1
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(LONGEST_WAIT, 2 * wait)

    async def _welcome(self, socket: ClientConnection, welcomed: asyncio.Future[None]) -> float:
        """Takes up where the last connection ended."""
        hello = json.loads(await socket.recv())["hello"]
        self._socket = socket
        for topic in list(self._threads):
            await self._ask(topic)
        for message, _ in list(self._papers.values()):
            await self._send(message)
        if not welcomed.done():
            welcomed.set_result(None)
        return float(hello["beat_seconds"])

    async def _listen(self, socket: ClientConnection, silence: float) -> None:
        while True:
            async with asyncio.timeout(silence):
                text = await socket.recv()
            await self._hear(json.loads(text))

    async def _hear(self, said: dict[str, Any]) -> None:
        if "topic" in said:
            await self._take(Frame(**said))
        elif "ack" in said:
            self._answer(said["ack"], number=said["number"])
        elif "watching" in said:
            thread = self._threads.get(said["watching"])
            if thread and not thread.catches_up(said["number"]):
                await self._ask(said["watching"])
        elif "refused" in said:
            self._refuse(said["refused"], said["error"], said["message"])
        elif said.get("ended") in self._threads:
            del self._threads[said["ended"]]
            self._news.put_nowait(Ended(said["ended"], said["message"]))

    async def _take(self, frame: Frame) -> None:
        thread = self._threads.get(frame.topic)
        if thread is None:
            return
        asked = thread.missed > (thread.last or 0)
        if thread.takes(frame):
            self._news.put_nowait(frame)
        elif thread.last is not None and thread.missed > thread.last and not asked:
            await self._ask(frame.topic)

    def _answer(self, key: str, number: int) -> None:
        _, answer = self._papers.get(key, (None, None))
        if answer and not answer.done():
            answer.set_result(number)

    def _refuse(self, what: str | None, error: str, message: str) -> None:
        """`what` is the key of a ballot or a topic."""
        name = what or ""
        answer = self._papers[name][1] if name in self._papers else None
        if answer is None and name in self._threads:
            answer = self._threads.pop(name).standing
            if answer.done():  # it was watched before the line broke
                self._news.put_nowait(Ended(name, message))
        if answer and not answer.done():
            answer.set_exception(KINDS.get(error, errors.Refusal)(message))

    async def _ask(self, topic: str) -> None:
        last = self._threads[topic].last
        await self._send({"watch": topic} if last is None else {"watch": topic, "after": last})

    async def _send(self, message: Mapping[str, Any]) -> None:
        """Into the open line, if there is one: what is not answered is sent again on the next."""
        if self._socket is not None:
            try:
                await self._socket.send(json.dumps(message, ensure_ascii=False))
            except ConnectionClosed:
                pass

    def _check_open(self) -> None:
        if self._task is None or self._task.done():
            raise ConnectionError("The live client is not open.")

    def _give_up(self, error: Exception, welcomed: asyncio.Future[None] | None = None) -> None:
        waiting: list[asyncio.Future[Any]] = [answer for _, answer in self._papers.values()]
        waiting += [thread.standing for thread in self._threads.values()]
        for future in waiting if welcomed is None else [*waiting, welcomed]:
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever waits sees it; whoever does not is not told by the loop
        self._news.put_nowait(None)

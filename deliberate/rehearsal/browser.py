"""One person at a browser: signs in by a link, reads pages, sends forms, watches and casts by socket.

Anything but the expected answer is Unexpected and ends the rehearsal. What must fail goes through `refused`,
which counts it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

from deliberate.errors import Refusal
from deliberate.live.client import Ended, Frame, LiveClient, SignedOut
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.report import Counts

PATIENCE = 60  # seconds for any one answer
JSON = {"Accept": "application/json"}
Fields = Mapping[str, Any]


class Browser:
    def __init__(self, url: str, name: str, counts: Counts, language: str = "fr") -> None:
        self.url, self.name, self.counts, self.language = url, name, counts, language
        self.person = 0
        self._client = httpx2.AsyncClient(
            base_url=url, headers={"Origin": url}, verify=trust(), trust_env=False, timeout=PATIENCE
        )

    async def sign_in(self, link: str) -> None:
        """Opens the link and confirms, as people do."""
        path = urlsplit(link).path
        page = await self._send("GET", path, headers={"Accept": "text/html"})
        self._expect(page, "GET", path)
        answer = await self.post(path)
        self.person = int(answer["person"])

    async def read(self, path: str) -> "Facts":
        """The facts of a page."""
        found = await self._send("GET", path, headers=JSON)
        self._expect(found, "GET", path)
        return Facts(found.json(), f"{self.name}: GET {path}")

    async def look(self, path: str) -> str:
        """The page as people see it."""
        found = await self._send("GET", path, headers={"Accept": "text/html"})
        self._expect(found, "GET", path)
        return found.text

    async def download(self, path: str) -> bytes:
        found = await self._send("GET", path)
        self._expect(found, "GET", path)
        return found.content

    async def post(self, path: str, fields: Fields | None = None, **more: Any) -> "Facts":
        """Sends a form; what the server made of it."""
        found = await self._send("POST", path, data=plain({**(fields or {}), **more}), headers=JSON)
        self._expect(found, "POST", path)
        return Facts(found.json(), f"{self.name}: POST {path}")

    async def refused(
        self, what: str, method: str, path: str, fields: Fields | None = None, *, by: tuple[int, ...]
    ) -> None:
        """Tries what must fail with one of the statuses `by`, and counts that it did."""
        found = await self._send(method, path, data=plain(fields or {}) or None, headers=JSON)
        if found.status_code not in by:
            raise Unexpected(
                f"{what}: {method} {path} as {self.name} should be refused, and was answered "
                f"{found.status_code}: {said(found)}"
            )
        self.counts.refuse(what)

    @asynccontextmanager
    async def live(self) -> AsyncIterator["Screen"]:
        """An open tab."""
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._client.cookies.jar)
        client = LiveClient(self.url, cookie)
        try:
            async with asyncio.timeout(PATIENCE):
                await client.__aenter__()
        except (SignedOut, TimeoutError) as error:
            raise Unexpected(f"{self.name} could not open the live connection: {error}") from error
        screen = Screen(self, client)
        reading = asyncio.create_task(screen.read())
        try:
            yield screen
        finally:
            await client.close()
            await reading

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        try:
            return await self._client.request(method, path, **options)
        except httpx2.HTTPError as error:
            raise Unexpected(
                f"{self.name}: {method} {path} got no answer ({type(error).__name__})."
            ) from error

    def _expect(self, found: httpx2.Response, method: str, path: str) -> None:
        if found.status_code != 200:
            raise Unexpected(f"{self.name}: {method} {path} was answered {found.status_code}: {said(found)}")


class Facts(dict[str, Any]):
    """A JSON answer. What it should hold and does not is a sentence, too."""

    def __init__(self, told: dict[str, Any], where: str) -> None:
        super().__init__(told)
        self.where = where

    def __missing__(self, key: str) -> Any:
        raise Unexpected(f"{self.where} was answered without {key!r}: {dict(self)}"[:500])


class Screen:
    """What one open tab has heard, topic by topic."""

    def __init__(self, browser: Browser, client: LiveClient) -> None:
        self.browser, self.client = browser, client
        self.heard: dict[str, list[Frame]] = {}
        self.ended: dict[str, str] = {}
        self._news = asyncio.Condition()

    async def watch(self, topic: str, after: int | None = None) -> int:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.client.watch(topic, after)
        except TimeoutError:
            raise Unexpected(f"{self.browser.name} asked to watch {topic} and got no answer.") from None
        except Refusal as refusal:
            raise Unexpected(f"{self.browser.name} may not watch {topic}: {refusal}") from refusal

    async def watch_refused(self, what: str, topic: str) -> None:
        try:
            await self.client.watch(topic)
        except Refusal:
            self.browser.counts.refuse(what)
            return
        raise Unexpected(f"{what}: {self.browser.name} could watch {topic}.")

    async def cast(self, vote: int, **paper: Any) -> int:
        """A ballot over the socket, counted when sent and when acknowledged."""
        self.browser.counts.ballots_sent += 1
        try:
            async with asyncio.timeout(PATIENCE):
                number = await self.client.cast(vote, **paper)
        except TimeoutError:
            raise Unexpected(
                f"{self.browser.name}: the ballot in vote {vote} got no answer in {PATIENCE} s."
            ) from None
        except Refusal as refusal:
            raise Unexpected(
                f"{self.browser.name}: the ballot in vote {vote} was refused: {refusal}"
            ) from refusal
        self.browser.counts.ballots_acknowledged += 1
        return number

    async def cast_refused(self, what: str, vote: int, **paper: Any) -> None:
        try:
            await self.client.cast(vote, **paper)
        except Refusal:
            self.browser.counts.refuse(what)
            return
        raise Unexpected(
            f"{what}: {self.browser.name} cast a ballot in vote {vote}, and it was acknowledged."
        )

    async def same_answer(self, vote: int, number: int, **paper: Any) -> None:
        """A ballot sent again under its key is the ballot that is there."""
        again = await self.client.cast(vote, **paper)
        if again != number:
            raise Unexpected(
                f"{self.browser.name}: the ballot in vote {vote} had number {number}, sent again {again}."
            )

    async def hear(self, topic: str, kind: str, number: int, seconds: float = PATIENCE) -> Frame:
        """The frame of this journal number, as soon as it is there.

        Frames arrive without gap: whoever is further on without it has lost it.
        """
        try:
            async with asyncio.timeout(seconds), self._news:
                while self.at(topic) < number:
                    await self._news.wait()
        except TimeoutError:
            raise Unexpected(f"{self.browser.name} watched {topic} and never heard {kind}.") from None
        found = self.last(topic, kind)
        if found is None or found.number != number:
            raise Unexpected(f"{self.browser.name} missed {kind} on {topic}.")
        return found

    def at(self, topic: str) -> int:
        frames = self.heard.get(topic)
        return frames[-1].number if frames else 0

    def last(self, topic: str, kind: str) -> Frame | None:
        return next((frame for frame in reversed(self.heard.get(topic, [])) if frame.kind == kind), None)

    async def read(self) -> None:
        async for item in self.client:
            async with self._news:
                if isinstance(item, Ended):
                    self.ended[item.topic] = item.message
                else:
                    self.heard.setdefault(item.topic, []).append(item)
                self._news.notify_all()


@cache
def trust() -> ssl.SSLContext:
    """The system's certificates, read once for everybody."""
    return ssl.create_default_context()


def plain(fields: Fields) -> dict[str, Any]:
    """Form fields: None is left out, a list is repeated, yes is a ticked box and no is none."""
    texts: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None or value is False:
            continue
        if isinstance(value, list | tuple):
            texts[name] = [str(each) for each in value]
        else:
            texts[name] = "on" if value is True else str(value)
    return texts


def said(found: httpx2.Response) -> str:
    """The server's words, with the sentence of each field."""
    try:
        told = found.json()
        fields = "; ".join(f"{name}: {text}" for name, text in told.get("problems", {}).items())
        return f"{told['message']} {fields}".strip()
    except (ValueError, KeyError, AttributeError):
        return found.headers.get("location") or found.text[:300]

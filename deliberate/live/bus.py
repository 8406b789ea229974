"""Several processes: each is told by the others that something happened, and reads what it was.

Redis carries hints only: how far a journal has come, whose rights to ask again, which sign-ins ended. The
truth is read from the database by number, so numbers and their `previous` are right in every process, and a
lost hint heals within a second: the heads of the journals are looked at anyway. While the bus is silent,
rights are asked again with every change that is read, since nobody might have told us.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import RedisError
from tortoise.functions import Max

from deliberate import logs
from deliberate.live.hub import Hub, News
from deliberate.live.models import HOUSE, Entry, JournalHead
from deliberate.live.seats import Seats

LOOK_SECONDS = 1.0  # how often the heads are looked at, and a sign of life is sent
SILENCE_SECONDS = 2.0  # without even our own sign of life for this long, the bus is down
BATCH = 1_000  # entries read at once
LOST = (RedisError, OSError, TimeoutError)
log = logs.get(__name__)


@dataclass
class Hints:
    """What the others have not been told yet. It does not grow with time: the later head stands."""

    heads: dict[int, int] = field(default_factory=dict)  # journal: number
    ask: set[int] = field(default_factory=set)  # persons whose rights may have changed
    ended: set[int] = field(default_factory=set)  # sign-ins

    def add(self, other: "Hints") -> None:
        for journal, number in other.heads.items():
            self.heads[journal] = max(number, self.heads.get(journal, 0))
        self.ask |= other.ask
        self.ended |= other.ended

    def as_text(self, sender: str) -> str:
        heads = sorted(self.heads.items())
        return json.dumps(
            {"from": sender, "heads": heads, "ask": sorted(self.ask), "ended": sorted(self.ended)}
        )

    @classmethod
    def read(cls, text: str) -> tuple[str, "Hints"]:
        said = json.loads(text)
        return said["from"], cls(dict(said["heads"]), set(said["ask"]), set(said["ended"]))


class Bus:
    """One for each process, between its hub and the others."""

    def __init__(self, url: str, prefix: str, hub: Hub) -> None:
        self.name = uuid4().hex
        self.hub = hub
        self.channel = f"{prefix}:hints"
        self.redis = Redis.from_url(
            url, socket_connect_timeout=SILENCE_SECONDS, socket_timeout=SILENCE_SECONDS, decode_responses=True
        )
        self.seats = Seats(self.redis, prefix, self.name, hub)
        self.told: dict[int, int] = {}  # of each journal that is followed: the last number this process told
        self.heads: dict[int, int] = {}  # and how far it is known to have come
        self.untold = Hints()
        self.has_untold = asyncio.Event()
        self.stirred = asyncio.Event()

    # What the hub asks

    def carry(self, news: Sequence[News], ask: Iterable[int] = ()) -> None:
        """After a commit of this process: tell the others, and read like they do."""
        heads: dict[int, int] = {}
        for item in news:
            heads[item.journal] = max(item.number, heads.get(item.journal, 0))
        self.tell_others(Hints(heads, ask=set(ask)))
        self.learn(heads)

    def end(self, session_ids: Iterable[int]) -> None:
        self.tell_others(Hints(ended=set(session_ids)))

    async def follow(self, journal: int) -> None:
        """From now on what this journal says is told here. Asked before a topic of it is watched."""
        if journal not in self.told:
            head = await JournalHead.get_or_none(id=journal)
            self.told.setdefault(journal, head.size if head else 0)

    async def sockets_elsewhere(self, person_id: int) -> int:
        return await self.seats.elsewhere(person_id)

    def note_sockets(self, person_id: int) -> None:
        self.seats.note(person_id)

    # What goes out and what comes in

    def tell_others(self, hints: Hints) -> None:
        self.untold.add(hints)
        self.has_untold.set()

    async def send(self) -> None:
        """Hints as soon as there are any, and a sign of life each second. What finds no way waits for one."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):  # wait_for may swallow a cancellation (3.11)
                    await self.has_untold.wait()
            self.has_untold.clear()
            hints, self.untold = self.untold, Hints()
            try:
                await self.redis.publish(self.channel, hints.as_text(self.name))
            except LOST:
                hints.add(self.untold)
                self.untold = hints
                await asyncio.sleep(LOOK_SECONDS / 4)
                self.has_untold.set()

    async def listen(self) -> None:
        while True:
            try:
                async with self.redis.pubsub() as channel:
                    await channel.subscribe(self.channel)
                    self.has_untold.set()  # a sign of life at once
                    while True:
                        said = await channel.get_message(timeout=SILENCE_SECONDS)
                        if said is None:
                            raise TimeoutError
                        if said["type"] == "message":
                            self.hear(said["data"])
            except LOST as error:
                if not self.hub.is_deaf:
                    log.warning("bus lost", reason=str(error) or type(error).__name__)
                self.hub.is_deaf = True
                await asyncio.sleep(LOOK_SECONDS / 4)

    def hear(self, text: str) -> None:
        if self.hub.is_deaf:
            log.info("bus found")
            self.hub.is_deaf = False
            self.hub.ask_everybody()  # whatever we were not told
        sender, hints = Hints.read(text)
        if sender == self.name:
            return
        self.hub.ask_again(hints.ask)
        if hints.ended:
            self.hub.dismiss_here(hints.ended)
        self.learn(hints.heads)

    # Reading what happened

    def learn(self, heads: dict[int, int]) -> None:
        for journal, number in heads.items():
            self.heads[journal] = max(number, self.heads.get(journal, 0))
            if self.heads[journal] > self.told.get(journal, self.heads[journal]):
                self.stirred.set()

    async def look(self) -> None:
        """Heals what no hint told."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            rows = JournalHead.filter(id__in=list(self.told)).values_list("id", "size")
            self.learn(dict(await rows))

    async def read(self) -> None:
        while True:
            await self.stirred.wait()
            self.stirred.clear()
            for journal, told in list(self.told.items()):
                while self.heads.get(journal, 0) > (told := self.told[journal]):
                    await self.catch_up(journal, told)

    async def catch_up(self, journal: int, told: int) -> None:
        """Reads on from `told`, in the order of the numbers. Of small facts only the newest of each topic is
        read: only the newest is ever told.
        """
        until = min(self.heads[journal], told + BATCH)
        new = Entry.filter(journal=journal, number__gt=told, number__lte=until)
        small = list(self.hub.small_facts)
        counted = new.filter(kind__in=small).group_by("topic").annotate(last=Max("number"))
        newest = await counted.values_list("last", flat=True)
        rows = [
            *await new.exclude(kind__in=small).values("topic", "number", "kind", "body"),
            *await new.filter(number__in=newest).values("topic", "number", "kind", "body"),
        ]
        news = [self.news_of(journal, row) for row in sorted(rows, key=lambda row: int(row["number"]))]
        self.told[journal] = until
        if self.hub.is_deaf and any(item.changed for item in news):
            self.hub.ask_everybody()
        self.hub.tell_here(news)

    def news_of(self, journal: int, row: dict[str, Any]) -> News:
        facts = json.loads(row["body"])["details"]
        changed = row["kind"] not in self.hub.small_facts
        return News(journal, row["topic"], row["number"], row["kind"], facts, changed)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        await self.follow(HOUSE)
        self.hub.bus, self.hub.is_deaf = self, True  # until our own sign of life is heard
        parts = (self.send, self.listen, self.look, self.read, self.seats.keep)
        tasks = [asyncio.create_task(unending(part), context=Context()) for part in parts]
        try:
            yield
        finally:
            self.hub.bus, self.hub.is_deaf = None, False
            await ended(tasks)
            with contextlib.suppress(*LOST):
                await self.seats.give_back()
            await self.redis.aclose()


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels them until they have ended: under a broken connection a library may swallow the first one."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)


async def unending(part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """What fails, as everything does while the database starts again, is begun again."""
    while True:
        try:
            await part()
        except Exception:
            log.exception("bus", part=part.__name__)
            await asyncio.sleep(LOOK_SECONDS)

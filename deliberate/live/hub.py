"""Who is told. Publishing never waits: a frame is encoded once and handed to each line; a reader whose line
is full keeps what comes in a bounded queue, and one too far behind is sent home.

Counts of a vote are coalesced to four frames a second. A frame's `previous` is the number of the frame
before it on its topic, so a client that missed one sees the gap by comparing.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from deliberate.live.line import Line, framed

QUEUE_LIMIT = 256
COUNT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class News:
    """One entry as its topic hears it. Every reader of the topic may know `facts`."""

    journal: int
    topic: str
    number: int
    kind: str
    facts: Mapping[str, Any]
    changed: bool = True  # False: a small fact only, no part to fetch again


def nobody_waits() -> None:
    """What a watcher without a socket does when something waits for it."""


class Bus(Protocol):
    """What carries the news when several processes serve: live/bus.py."""

    def carry(self, news: Sequence[News], ask: Iterable[int]) -> None: ...

    def end(self, session_ids: Iterable[int]) -> None: ...

    async def follow(self, journal: int) -> None: ...

    async def sockets_elsewhere(self, person_id: int) -> int: ...

    def note_sockets(self, person_id: int) -> None: ...


class Watcher:
    """One open socket: what it watches and what waits for it. `on_wake` is called when it has to act itself:

    rights to ask again, an end, or frames for which there is no line.
    """

    __slots__ = (
        "dismissed",
        "guest",
        "is_asking",
        "line",
        "on_wake",
        "parts",
        "person_id",
        "recheck",
        "session_id",
        "times_asked",
        "topics",
        "waiting",
    )

    def __init__(
        self,
        person_id: int | None,
        session_id: int | None = None,
        line: Line | None = None,
        on_wake: Callable[[], None] = nobody_waits,
    ) -> None:
        self.person_id, self.session_id, self.line, self.on_wake = person_id, session_id, line, on_wake
        self.guest: Any = None  # who is at the other end, as the sign-in gave it
        self.topics: set[str] = set()
        self.parts: dict[str, dict[str, tuple[str, ...]]] = {}  # of each topic: path, kinds that change it
        self.times_asked = 0  # how often rights had to be asked again
        self.waiting: deque[str] = deque()
        self.recheck = False  # rights may have changed: nothing is sent until they are asked again
        self.is_asking = False
        self.dismissed = False  # sign-in ended, or too far behind: the socket closes

    def hear(self, text: str, frame: bytes | None = None) -> None:
        """Hands the frame on at once, or keeps it behind those that wait."""
        if self.dismissed:
            return
        line = None if self.waiting or self.recheck or self.is_asking else self.line
        if line is not None and line.write_frame(frame or framed(text)):
            return
        if len(self.waiting) >= QUEUE_LIMIT:
            self.dismiss()
            return
        self.waiting.append(text)
        if self.line is None:
            self.on_wake()

    def drain(self) -> None:
        """The line has room again, or rights have been asked: what waited goes out in order."""
        if self.line is None or self.recheck or self.is_asking:
            return
        while self.waiting and self.line.write_frame(framed(self.waiting[0])):
            self.waiting.popleft()

    def take(self) -> list[str]:
        """Everything that waits, in order."""
        frames = list(self.waiting)
        self.waiting.clear()
        return frames

    def ask_again(self) -> None:
        self.recheck = True
        self.times_asked += 1
        # A part that waits was rendered for the rights there were: it is fetched instead.
        self.waiting = deque(text for text in self.waiting if not text.startswith('{"part":'))
        self.on_wake()

    def dismiss(self) -> None:
        self.dismissed = True
        self.on_wake()


class Hub:
    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.by_person: dict[int | None, set[Watcher]] = {}
        self.by_topic: dict[str, set[Watcher]] = {}
        self.told: dict[str, int] = {}  # the last number told on each topic by this process
        self.counts: dict[str, News] = {}  # the newest count of each topic that waits for its tick
        self.small_facts: frozenset[str] = frozenset()  # kinds of entries that change no part, only a count
        self.bus: Bus | None = None  # None: this process is alone
        self.on_change: Callable[[News], None] = lambda item: None  # what renders the parts that changed
        self.is_deaf = False  # the bus is down: what others do is found by looking, and later
        self.on_checkpoint: Callable[[int], None] = lambda journal: None

    def join(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)
        self.by_person.setdefault(watcher.person_id, set()).add(watcher)

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        discard_from(self.by_person, watcher.person_id, watcher)
        for topic in list(watcher.topics):
            self.unwatch(watcher, topic)

    def watch(self, watcher: Watcher, topic: str) -> None:
        watcher.topics.add(topic)
        self.by_topic.setdefault(topic, set()).add(watcher)

    def unwatch(self, watcher: Watcher, topic: str) -> None:
        watcher.topics.discard(topic)
        watcher.parts.pop(topic, None)
        discard_from(self.by_topic, topic, watcher)

    def tell(
        self, news: Sequence[News], recheck: Iterable[int] = (), checkpoints: Iterable[int] = ()
    ) -> None:
        """Called once after each commit, in the order of the numbers."""
        asked = set(recheck)
        self.ask_again(asked)
        if self.bus is None:
            self.tell_here(news)
        else:
            self.bus.carry(news, asked)
        for journal in checkpoints:
            self.on_checkpoint(journal)

    def tell_here(self, news: Iterable[News]) -> None:
        for item in news:
            if item.changed:
                self.flush(item.topic)
                self.publish(item)
            else:
                self.count(item)

    def ask_again(self, person_ids: Iterable[int]) -> None:
        """The rights of these persons may have changed."""
        for person_id in person_ids:
            for watcher in self.by_person.get(person_id, ()):
                watcher.ask_again()

    def ask_everybody(self) -> None:
        for watcher in self.watchers:
            watcher.ask_again()

    def count(self, item: News) -> None:
        if item.topic not in self.counts:
            asyncio.get_running_loop().call_later(COUNT_SECONDS, self.flush, item.topic)
        self.counts[item.topic] = item

    def flush(self, topic: str) -> None:
        item = self.counts.pop(topic, None)
        if item is not None:
            self.publish(item)

    def publish(self, item: News) -> None:
        """One encoding for everybody. The frame before on this topic, as far as this process told one, is
        `previous`.
        """
        previous = self.told.get(item.topic, 0)
        self.told[item.topic] = item.number
        watching = self.by_topic.get(item.topic)
        if watching:
            self.hand_out(encode(item, previous), watching)
            if item.changed:
                self.on_change(item)

    def hand_out(self, text: str, watchers: Iterable[Watcher]) -> None:
        frame = framed(text)
        for watcher in watchers:
            watcher.hear(text, frame)

    def dismiss(self, session_ids: Iterable[int]) -> None:
        """Closes the sockets of ended sign-ins, in every process."""
        ended = set(session_ids)
        self.dismiss_here(ended)
        if self.bus is not None and ended:
            self.bus.end(ended)

    def dismiss_here(self, ended: set[int]) -> None:
        for watcher in self.watchers:
            if watcher.session_id in ended:
                watcher.dismiss()


def discard_from(kept: dict[Any, set[Watcher]], key: Any, watcher: Watcher) -> None:
    """Takes the watcher out of the set under `key`, and an empty set out of `kept`."""
    watching = kept.get(key, set())
    watching.discard(watcher)
    if not watching:
        kept.pop(key, None)


def encode(item: News, previous: int) -> str:
    facts = dict(item.facts)
    about = facts.pop("about", None)
    frame = {
        "topic": item.topic,
        "number": item.number,
        "previous": previous,
        "kind": item.kind,
        "about": about,
        "facts": facts,
        "changed": item.changed,
    }
    return as_text(frame)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: an answer is small


def as_text(message: Mapping[str, Any]) -> str:
    return _json.encode(message)


hub = Hub()  # one process, one hub

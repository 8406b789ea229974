"""Who is told. Publishing never waits: each watcher has its own bounded queue, and one too far behind is
sent home.

Counts of a vote are coalesced to four frames a second. A frame's `previous` is the number of the frame
before it on its topic, so a client that missed one sees the gap by comparing.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


class Watcher:
    """One open socket: what it watches and what waits for it."""

    def __init__(self, person_id: int | None, session_id: int | None = None) -> None:
        self.person_id = person_id
        self.session_id = session_id
        self.topics: set[str] = set()
        self.waiting: deque[str] = deque()
        self.wake = asyncio.Event()
        self.recheck = False
        self.dismissed = False  # sign-in ended, or too far behind: the socket closes

    def hear(self, frame: str) -> None:
        if len(self.waiting) >= QUEUE_LIMIT:
            self.dismissed = True
        else:
            self.waiting.append(frame)
        self.wake.set()

    def take(self) -> list[str]:
        """Everything that waits, in order."""
        self.wake.clear()
        frames = list(self.waiting)
        self.waiting.clear()
        return frames


class Hub:
    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self.by_topic: dict[str, set[Watcher]] = {}
        self.told: dict[str, int] = {}  # the last number told on each topic by this process
        self.counts: dict[str, News] = {}  # the newest count of each topic that waits for its tick
        self.on_checkpoint: Callable[[int], None] = lambda journal: None

    def join(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)

    def leave(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        for topic in list(watcher.topics):
            self.unwatch(watcher, topic)

    def watch(self, watcher: Watcher, topic: str) -> None:
        watcher.topics.add(topic)
        self.by_topic.setdefault(topic, set()).add(watcher)

    def unwatch(self, watcher: Watcher, topic: str) -> None:
        watcher.topics.discard(topic)
        watching = self.by_topic.get(topic, set())
        watching.discard(watcher)
        if not watching:
            self.by_topic.pop(topic, None)

    def tell(
        self, news: Sequence[News], recheck: Iterable[int] = (), checkpoints: Iterable[int] = ()
    ) -> None:
        """Called once after each commit, in the order of the numbers."""
        asked = set(recheck)
        for watcher in self.watchers if asked else ():
            if watcher.person_id in asked:
                watcher.recheck = True
                watcher.wake.set()
        for item in news:
            if item.changed:
                self.flush(item.topic)
                self.publish(item)
            else:
                self.count(item)
        for journal in checkpoints:
            self.on_checkpoint(journal)

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
            frame = encode(item, previous)
            for watcher in watching:
                watcher.hear(frame)

    def dismiss(self, session_ids: Iterable[int]) -> None:
        """Closes the sockets of ended sign-ins."""
        ended = set(session_ids)
        for watcher in self.watchers:
            if watcher.session_id in ended:
                watcher.dismissed = True
                watcher.wake.set()


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
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


hub = Hub()  # one process, one hub

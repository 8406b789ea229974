"""A changed part is rendered once for all who see the same, and travels to them: nobody needs to fetch it.

Who sees the same is asked anew for each change, in one go for all readers, so that what is handed out rests
on the rights as they are. A part too large to travel is fetched, as is every part by whoever was not handed
it in time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Protocol

from deliberate import logs
from deliberate.live.hub import News, Watcher, as_text, hub

LARGEST = 16 * 1024  # bytes of a part that travels (DESIGN.md section 5): an agenda of a hundred items is one
MOST_PARTS, LONGEST = 12, 200  # parts of one topic a client may ask for, characters of each name
log = logs.get(__name__)


class Reader(Protocol):
    """Who is at the other end, as far as rendering asks."""

    person_id: int
    language: str


@dataclass(frozen=True)
class Views:
    """What create_app passes in. A part is named by the path under which it can be fetched."""

    # Of several persons, the class of each: who shares class and language sees the same. Missing: nothing.
    alike: Callable[[str, Collection[int]], Awaitable[Mapping[int, Hashable]]]
    render: Callable[[str, Any], Awaitable[str | None]]  # as this reader would be shown it


def read_parts(asked: Any) -> dict[str, tuple[str, ...]]:
    """`{"/meetings/12/parts/agenda": "meeting_ item_"}`: the part, and how the kinds begin that change it."""
    if not isinstance(asked, dict):
        return {}
    named = [(path, kinds) for path, kinds in asked.items() if isinstance(kinds, str)]
    return {path: tuple(kinds.split()) for path, kinds in named[:MOST_PARTS] if len(path + kinds) <= LONGEST}


class Presenter:
    """One for each process. What changes again while it is being rendered is rendered again."""

    def __init__(self, views: Views) -> None:
        self.views = views
        self.wanted: dict[tuple[str, str], None] = {}  # (topic, path), in the order in which they changed
        self.task: asyncio.Task[None] | None = None

    def hear(self, item: News) -> None:
        """Called by the hub with each change it has told."""
        paths = {
            path
            for watcher in hub.by_topic.get(item.topic, ())
            for path, kinds in watcher.parts.get(item.topic, {}).items()
            if not kinds or item.kind.startswith(kinds)
        }
        self.wanted |= dict.fromkeys((item.topic, path) for path in sorted(paths))
        if self.wanted and self.task is None:
            self.task = asyncio.get_running_loop().create_task(self.work(), context=Context())

    async def work(self) -> None:
        try:
            while self.wanted:
                topic, path = next(iter(self.wanted))
                del self.wanted[topic, path]
                try:
                    await self.present(topic, path)
                except Exception:
                    log.exception("part not presented", topic=topic, part=path)
        finally:
            self.task = None

    async def present(self, topic: str, path: str) -> None:
        readers = [one for one in hub.by_topic.get(topic, ()) if path in one.parts.get(topic, {})]
        asked = {reader: reader.times_asked for reader in readers}
        number = hub.told.get(topic, 0)  # read before: what is rendered is never older than it says
        classes = await self.views.alike(path, {reader.guest.person_id for reader in readers})
        groups: dict[Hashable, list[Watcher]] = {}
        for reader in readers:
            if reader.guest.person_id in classes:
                key = classes[reader.guest.person_id], reader.guest.language
                groups.setdefault(key, []).append(reader)
        for group in groups.values():
            html = await self.views.render(path, group[0].guest)
            if html is not None and len(html.encode()) > LARGEST:
                html = None
            frame = as_text({"part": path, "topic": topic, "number": number, "html": html})
            # Whose rights may have changed meanwhile was sorted by the old ones, and fetches.
            hub.hand_out(
                frame, [one for one in group if one.times_asked == asked[one] and topic in one.topics]
            )


def bring(views: Views) -> Presenter:
    """The presenter of this process, bound to its hub."""
    presenter = Presenter(views)
    hub.on_change = presenter.hear
    return presenter

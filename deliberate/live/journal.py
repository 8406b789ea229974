"""The journal: what happened, in order, in the same transaction as what it reports.

There is no other way to change the proceedings than `async with acting(assessment_id, actor) as note`. It
takes the assessment's turn first (a write to the head row of its journal), so rights and state read inside
are the ones that hold; numbers have no gaps; nothing is told before the outermost commit, and a failed act
leaves no trace.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from deliberate.live.canonical import canonical
from deliberate.live.database import writing
from deliberate.live.hub import News, hub
from deliberate.live.merkle import Frontier, leaf_hash
from deliberate.live.models import Entry, JournalHead
from deliberate.live.rows import insert_rows, take_row, write_row

COLUMNS = ("journal", "number", "topic", "kind", "at", "actor_id", "body")


class Head(NamedTuple):
    """What an act needs of the head row: which journal, and the tree so far as text."""

    id: int
    peaks: str


class Actor(Protocol):
    id: int


class Note:
    """Writes entries into one journal during one act. Called like a function:

    `await note("vote-7", "vote_closed")`.
    """

    def __init__(self, act: "Act", head: Head) -> None:
        self._act, self._head = act, head
        self._frontier = Frontier.from_text(head.peaks)
        self._at = stamp(act.now)
        self._rows: list[tuple[Any, ...]] = []  # in the order of COLUMNS
        self._leaves: list[bytes] = []

    @property
    def now(self) -> datetime:
        """The one moment of this act, UTC."""
        return self._act.now

    @property
    def number(self) -> int:
        """The number of the last entry so far."""
        return self._frontier.size + len(self._rows)

    async def __call__(self, topic: str, kind: str, /, **details: Any) -> int:
        """Adds one entry and returns its number.

        `details` may be known to every reader of `topic`, and to whoever reads the published journal: no
        personal text (use `commitment`), no blind content. `about` names the part concerned, such as
        "item-3".
        """
        actor = self._act.actor
        body = entry_body(self.number + 1, topic, kind, self._at, actor, details)
        self._keep(topic, kind, actor, body)
        self._tell(topic, kind, details, changed=True)
        return self.number

    async def each(
        self,
        topic: str,
        kind: str,
        many: Sequence[Mapping[str, Any]],
        actors: Sequence[int | None] | None = None,
    ) -> list[int]:
        """One entry of small facts for each of `many`, by `actors` in the same order; counts told
        together.
        """
        if not many:
            return []
        who = actors if actors is not None else [None] * len(many)
        spelled = spelling(self._at, topic, kind)
        numbers = [
            self._keep(topic, kind, actor, spelled(self.number + 1, actor, details))
            for details, actor in zip(many, who, strict=True)
        ]
        self._tell(topic, kind, many[-1], changed=False)  # only the newest count is ever told
        return numbers

    def rights_changed(self, *person_ids: int) -> None:
        """After the commit every open socket of these persons is asked again what it may watch."""
        self._act.recheck.update(person_ids)

    def checkpoint(self) -> None:
        """After the commit the journal is signed as it then stands."""
        self._act.checkpoints.add(self._head.id)

    def _keep(self, topic: str, kind: str, actor: int | None, body: bytes) -> int:
        number = self.number + 1
        self._rows.append((self._head.id, number, topic, kind, self.now, actor, body.decode()))
        self._leaves.append(leaf_hash(body))
        return number

    def _tell(self, topic: str, kind: str, details: Mapping[str, Any], *, changed: bool) -> None:
        self._act.news.append(News(self._head.id, topic, self.number, kind, details, changed))

    async def write(self) -> None:
        if not self._rows:
            return
        await insert_rows(Entry, COLUMNS, self._rows)
        tree = self._frontier.extend(self._leaves)
        await write_row(JournalHead, self._head.id, {"size": tree.size, "peaks": tree.to_text()})


@dataclass
class Act:
    """Everything one outermost `acting` will write and tell."""

    actor: int | None
    now: datetime
    notes: dict[int, Note] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    recheck: set[int] = field(default_factory=set)
    checkpoints: set[int] = field(default_factory=set)

    async def turn(self, journal: int) -> Note:
        if journal not in self.notes:
            self.notes[journal] = Note(self, await take_turn(journal))
        return self.notes[journal]


_act: ContextVar[Act | None] = ContextVar("act", default=None)


@asynccontextmanager
async def acting(journal: int, actor: Actor | None, now: datetime | None = None) -> AsyncIterator[Note]:
    """One change of the proceedings of an assessment (or of the HOUSE): transaction, entries, then the news.

    Inside another `acting` it joins that one: the same transaction, the same actor, told at its end. Take
    the HOUSE's turn before an assessment's, never after, so that two acts cannot wait for each other.
    """
    outer = _act.get()
    if outer is not None:
        yield await outer.turn(journal)
        return
    act = Act(actor.id if actor else None, now or datetime.now(UTC))
    token = _act.set(act)
    try:
        async with writing():
            yield await act.turn(journal)
            for note in act.notes.values():
                await note.write()
    finally:
        _act.reset(token)
    hub.tell(act.news, recheck=act.recheck, checkpoints=act.checkpoints)


async def take_turn(journal: int) -> Head:
    """Locks the head row until the end of the transaction, making it first if need be."""
    while (taken := await take_row(JournalHead, journal, "turns", Head._fields)) is None:
        await JournalHead.bulk_create([JournalHead(id=journal)], ignore_conflicts=True)
    return Head(taken["id"], taken["peaks"])


def entry_body(
    number: int, topic: str, kind: str, at: str, actor: int | None, details: Mapping[str, Any]
) -> bytes:
    """The RFC 8785 bytes of one entry; `at` as `stamp` writes it."""
    return spelling(at, topic, kind)(number, actor, details)


def spelling(at: str, topic: str, kind: str) -> Callable[[int, int | None, Mapping[str, Any]], bytes]:
    """`entry_body` for many entries of one act: what they have in common is written once.

    The keys stand as RFC 8785 sorts them; a test holds it against the reference.
    """
    before, between = b',"at":' + canonical(at) + b',"details":', b',"kind":' + canonical(kind)
    after = b',"topic":' + canonical(topic) + b"}"

    def body(number: int, actor: int | None, details: Mapping[str, Any]) -> bytes:
        told = before + canonical(dict(details)) + between
        return b'{"actor":' + canonical(actor) + told + b',"number":' + canonical(number) + after

    return body


def stamp(moment: datetime) -> str:
    """UTC with microseconds, as stored in entries: 2026-11-23T10:42:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_salt() -> str:
    """256 random bits, hex: one for each personal text."""
    return secrets.token_hex(32)


def new_salts(count: int) -> list[str]:
    """As many of them: the kernel is asked once, not for each ballot of a full hall."""
    drawn = secrets.token_hex(32 * count)
    return [drawn[at : at + 64] for at in range(0, len(drawn), 64)]


def commitment(content: Mapping[str, Any], salt: str) -> str:
    """SHA-256, hex, of the RFC 8785 JSON of `content` with its salt: binds without telling."""
    return hashlib.sha256(canonical({**content, "salt": salt})).hexdigest()


async def last_number(journal: int, topic: str | None = None) -> int:
    """The number of the last entry of the journal, or of one topic; 0 when there is none."""
    entries = Entry.filter(journal=journal) if topic is None else Entry.filter(journal=journal, topic=topic)
    row = await entries.order_by("-number").first().values("number")
    return int(row["number"]) if row else 0

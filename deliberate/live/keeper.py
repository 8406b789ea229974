"""Signs the journal as it stands: at each opening, closing, count and seal, and while it grows.

Before signing, every entry since the last checkpoint is read and hashed again: one flipped bit has made a
public log unusable. A smaller or divergent journal is never signed: the alarm is raised instead.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate import logs
from deliberate.live import checkpoint
from deliberate.live.database import writing
from deliberate.live.hub import hub
from deliberate.live.merkle import Frontier, leaf_hash
from deliberate.live.models import Checkpoint, Entry, JournalHead

EVERY_SECONDS = 60
BATCH = 2_000
log = logs.get(__name__)


class DamagedJournal(Exception):
    """The entries no longer give the hashes they were written with: somebody or something changed them."""


class Keeper:
    """One per process. `key` also signs the sealed record; its fingerprint is printed in minutes and
    records.
    """

    def __init__(self, key: Ed25519PrivateKey, site: str) -> None:
        self.key = key
        self.site = site
        self.wanted: asyncio.Queue[int] = asyncio.Queue()
        self.reread_so_far: dict[int, Frontier] = {}  # of each journal, what this process has hashed again

    @property
    def fingerprint(self) -> str:
        return checkpoint.fingerprint(self.key.public_key())

    def signer(self, journal: int) -> checkpoint.CheckpointSigner:
        return checkpoint.CheckpointSigner(f"{self.site}/journal-{journal}", self.key)

    async def sign(self, journal: int) -> str:
        """The newest checkpoint of `journal`, made now if it has grown.

        Raises:
            DamagedJournal: what is stored is not what was written.
        """
        last = await Checkpoint.filter(journal=journal).order_by("-size").first()
        frontier = await self.reread(journal)
        if last and last.size == frontier.size:
            return last.note
        if last and last.size > frontier.size:
            raise DamagedJournal(
                f"Journal {journal} has {frontier.size} entries; {last.size} were signed before."
            )
        note = self.signer(journal).sign(frontier.size, frontier.root())
        async with writing():
            await JournalHead.filter(id=journal).select_for_update().get()  # several processes may sign
            last = await Checkpoint.filter(journal=journal).order_by("-size").first()
            if last and last.size >= frontier.size:
                return last.note
            await Checkpoint.create(journal=journal, size=frontier.size, note=note, at=datetime.now(UTC))
        return note

    async def reread(self, journal: int) -> Frontier:
        """The tree over the stored bodies, compared with the head.

        Each process reads a journal whole once, and then what came since: TRUST asks for every entry since
        the last checkpoint, and a meeting signs often.
        """
        head = await JournalHead.get(id=journal)
        frontier = self.reread_so_far.get(journal, Frontier())
        while frontier.size < head.size:
            rows = Entry.filter(journal=journal, number__gt=frontier.size, number__lte=head.size).order_by(
                "number"
            )
            bodies = await rows.limit(BATCH).values_list("number", "body")
            if not bodies:
                break
            for number, body in bodies:
                if number != frontier.size + 1:
                    raise DamagedJournal(f"Entry {frontier.size + 1} of journal {journal} is gone.")
                frontier = frontier.append(leaf_hash(body.encode()))
            await asyncio.sleep(0)
        if frontier.to_text() != head.peaks:
            raise DamagedJournal(f"The entries of journal {journal} are not those that were written.")
        self.reread_so_far[journal] = frontier
        return frontier

    async def run(self) -> None:
        """Signs what was asked for, one after another, until cancelled."""
        while True:
            journals = {await self.wanted.get()}
            while not self.wanted.empty():
                journals.add(self.wanted.get_nowait())
            for journal in sorted(journals):
                try:
                    await self.sign(journal)
                except DamagedJournal as error:
                    log.error("journal damaged", journal=journal, reason=str(error))
                except Exception:
                    log.exception("checkpoint failed", journal=journal)

    async def tick(self) -> None:
        """Once a minute asks for every journal; one that has not grown costs its re-reading and signs
        nothing.
        """
        while True:
            await asyncio.sleep(EVERY_SECONDS * random.uniform(0.8, 1))  # processes started together
            for journal in await grown():
                self.wanted.put_nowait(journal)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        hub.on_checkpoint = self.wanted.put_nowait
        tasks = [asyncio.create_task(self.run()), asyncio.create_task(self.tick())]
        try:
            yield
        finally:
            hub.on_checkpoint = lambda journal: None
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def grown() -> list[int]:
    """The journals longer than their last checkpoint."""
    signed: dict[int, int] = {}
    for row in await Checkpoint.all().values("journal", "size"):
        signed[row["journal"]] = max(row["size"], signed.get(row["journal"], 0))
    return [head.id for head in await JournalHead.all() if head.size > signed.get(head.id, 0)]


def load_key(path: Path) -> Ed25519PrivateKey:
    """The signing key, 32 raw bytes in a file only we can read."""
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())

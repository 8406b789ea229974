"""Builds the bundle of a sealed record from what is stored.

Reads only; nothing here is inside a transaction.
"""

import asyncio

from deliberate.live.checkpoint import CheckpointSigner
from deliberate.live.keeper import Keeper
from deliberate.live.models import Entry
from deliberate.record.bundle import journal_files, write_bundle
from deliberate.record.compile import Content, canonical
from deliberate.record.models import Record, Seal, content_of
from deliberate.record.render import standalone_html

BATCH = 2_000
LANGUAGE = "fr"  # of record.html; record.json holds every text in both


async def make_bundle(seal: Seal, record: Record, keeper: Keeper) -> bytes:
    """Record, page, journal up to the sealing entry, its checkpoint and proof, keys and verifier, signed.

    Raises:
        DamagedJournal: what is stored is not what was written, so nothing of it is signed.
    """
    await keeper.sign(record.assessment_id)  # reads and hashes every entry again before we sign ours
    lines = await read_lines(record.assessment_id, seal.number)
    signer = keeper.signer(record.assessment_id)
    content = await content_of(record.id)
    return await asyncio.to_thread(build, content, seal, lines, signer, keeper)


async def read_lines(journal: int, last: int) -> list[bytes]:
    """The canonical bytes of the entries 1 to `last`."""
    lines: list[bytes] = []
    while len(lines) < last:
        rows = Entry.filter(journal=journal, number__gt=len(lines), number__lte=last).order_by("number")
        bodies = await rows.limit(BATCH).values_list("body", flat=True)
        if not bodies:
            raise ValueError(
                f"Journal {journal} ends at entry {len(lines)}, before its sealing entry {last}."
            )
        lines += [str(body).encode() for body in bodies]
    return lines


def build(
    content: Content, seal: Seal, lines: list[bytes], signer: CheckpointSigner, keeper: Keeper
) -> bytes:
    files = {
        "record.json": canonical(content),
        "record.html": standalone_html(content, LANGUAGE, adoption=seal.adoption).encode(),
        **journal_files(lines, seal.number, signer),
    }
    return write_bundle(files, keeper.key)

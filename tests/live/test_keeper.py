"""Checkpoints: signed as the journal stands, refused when what is stored is not what was written."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.live.checkpoint import read_checkpoint
from deliberate.live.journal import acting
from deliberate.live.keeper import DamagedJournal, Keeper, grown
from deliberate.live.models import Checkpoint, Entry, JournalHead


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(Ed25519PrivateKey.generate(), "example.org")


async def write(count: int) -> None:
    async with acting(7, None) as note:
        for _ in range(count):
            await note("meeting-1", "told")


async def test_a_checkpoint_states_size_and_root_and_can_be_read_back(database: Any, keeper: Keeper) -> None:
    await write(5)
    assert await grown() == [7]
    found = read_checkpoint(await keeper.sign(7), "example.org/journal-7", keeper.key.public_key())
    assert found.size == 5 and await grown() == []


async def test_an_unchanged_journal_is_not_signed_twice(database: Any, keeper: Keeper) -> None:
    await write(2)
    assert await keeper.sign(7) == await keeper.sign(7)
    assert await Checkpoint.all().count() == 1


async def test_a_changed_entry_is_never_signed(database: Any, keeper: Keeper) -> None:
    await write(3)
    entry = await Entry.get(journal=7, number=2)
    await Entry.filter(id=entry.id).update(body=entry.body.replace("told", "sold"))
    with pytest.raises(DamagedJournal):
        await keeper.sign(7)


async def test_a_missing_entry_is_never_signed(database: Any, keeper: Keeper) -> None:
    await write(3)
    await Entry.filter(journal=7, number=2).delete()
    with pytest.raises(DamagedJournal):
        await keeper.sign(7)


async def test_a_journal_cut_short_is_never_signed_again(database: Any, keeper: Keeper) -> None:
    await write(2)
    before = (await JournalHead.get(id=7)).peaks
    await write(1)
    await keeper.sign(7)
    await Entry.filter(journal=7, number=3).delete()
    await JournalHead.filter(id=7).update(size=2, peaks=before)
    with pytest.raises(DamagedJournal):
        await keeper.sign(7)

"""The journal: numbers without gaps, no trace of a failure, news only after the commit."""

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
import rfc8785
from aiosqlite import Connection

from deliberate.live import journal
from deliberate.live.hub import News, Watcher, hub
from deliberate.live.journal import acting, commitment, last_number, new_salt, new_salts
from deliberate.live.merkle import leaf_hash, root_of
from deliberate.live.models import Entry, JournalHead
from deliberate.live.sqlite_immediate import MANY


async def bodies(number: int = 7) -> list[dict[str, Any]]:
    return [
        json.loads(body)
        for body in await Entry.filter(journal=number).order_by("number").values_list("body", flat=True)
    ]


async def test_entries_are_numbered_from_one_without_gaps(database: Any) -> None:
    for _ in range(3):
        async with acting(7, None) as note:
            await note("meeting-1", "opened")
            await note("meeting-1", "closed")
    assert [entry["number"] for entry in await bodies()] == [1, 2, 3, 4, 5, 6]
    assert await last_number(7) == 6


async def test_a_failed_act_leaves_no_entry_no_gap_and_no_news(database: Any) -> None:
    watcher = Watcher(1)
    hub.watch(watcher, "meeting-1")
    with pytest.raises(RuntimeError):
        async with acting(7, None) as note:
            await note("meeting-1", "opened")
            raise RuntimeError
    assert await bodies() == [] and not watcher.waiting
    async with acting(7, None) as note:
        assert await note("meeting-1", "opened") == 1
    assert len(watcher.waiting) == 1
    hub.leave(watcher)


async def test_news_is_told_after_the_commit_and_not_before(database: Any) -> None:
    watcher = Watcher(1)
    hub.watch(watcher, "meeting-1")
    async with acting(7, None) as note:
        await note("meeting-1", "opened", about="item-3")
        assert not watcher.waiting
    frame = json.loads(watcher.waiting[0])
    assert (frame["topic"], frame["number"], frame["kind"], frame["about"]) == (
        "meeting-1",
        1,
        "opened",
        "item-3",
    )
    hub.leave(watcher)


async def test_an_act_inside_another_joins_it(database: Any) -> None:
    with pytest.raises(RuntimeError):
        async with acting(7, None) as outer:
            await outer("a-1", "first")
            async with acting(7, None) as inner:
                await inner("a-1", "second")
            async with acting(8, None) as other:
                await other("b-1", "elsewhere")
            raise RuntimeError
    assert await bodies(7) == await bodies(8) == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_on_sqlite_only_what_may_wait_leaves_the_thread_of_the_loop(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with acting(7, None):
        pass  # the head is there
    assert await last_number(7) == 0  # and the connection that reads is open
    handed, hand = [], Connection._execute

    async def counted(self: Connection, call: Any, *given: Any, **named: Any) -> Any:
        handed.append(call.__name__)
        return await hand(self, call, *given, **named)

    monkeypatch.setattr(Connection, "_execute", counted)
    async with acting(7, None) as note:
        await note("meeting-1", "opened")
        assert await last_number(7) == 0
    assert handed == ["execute", "commit"]
    async with acting(7, None) as note:
        await note.each("vote-1", "cast", [{"cast": number} for number in range(MANY + 1)])
    assert handed[2:] == ["execute", "executemany", "commit"]
    assert await last_number(7) == MANY + 2 and len(handed) == 5


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_act_that_gave_up_waiting_for_its_turn_leaves_the_way_free(
    database: Any, database_url: str
) -> None:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite://"), isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), acting(7, None) as note:
                await note("meeting-1", "opened")
        another.execute("COMMIT")
    async with acting(7, None) as note:
        await note("meeting-1", "opened")
    assert [entry["number"] for entry in await bodies()] == [1]


async def test_simultaneous_acts_take_turns(database: Any) -> None:
    async def act(number: int) -> None:
        async with acting(7, None) as note:
            before = await last_number(7)
            await asyncio.sleep(0.001)
            assert await note("meeting-1", "told", n=number) == before + 1

    await asyncio.gather(*(act(number) for number in range(25)))
    assert [entry["number"] for entry in await bodies()] == list(range(1, 26))


async def test_the_head_holds_the_tree_over_the_stored_bodies(database: Any) -> None:
    for size in range(5):
        async with acting(7, None) as note:
            for _ in range(size):
                await note("meeting-1", "told")
    stored = await Entry.filter(journal=7).order_by("number").values_list("body", flat=True)
    head = await JournalHead.get(id=7)
    frontier = journal.Frontier.from_text(head.peaks)
    assert head.size == frontier.size == 10
    assert frontier.root() == root_of([leaf_hash(body.encode()) for body in stored])


async def test_a_number_is_stored_once(database: Any) -> None:
    async with acting(7, None) as note:
        await note("meeting-1", "told")
    entry = await Entry.get(journal=7, number=1)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await Entry.create(journal=7, number=1, topic="x-1", kind="x", at=entry.at, body="{}")


def test_a_commitment_binds_its_content_and_its_salt() -> None:
    salt = new_salt()
    made = commitment({"text": "reasons"}, salt)
    assert made == commitment({"text": "reasons"}, salt)
    assert made != commitment({"text": "reason"}, salt)
    assert made != commitment({"text": "reasons"}, new_salt())


async def test_counts_are_coalesced_and_a_change_comes_after_them() -> None:
    watcher = Watcher(1)
    hub.watch(watcher, "vote-1")
    hub.tell([News(7, "vote-1", n, "ballot_cast", {"cast": n}, changed=False) for n in range(1, 9)])
    assert not watcher.waiting
    hub.tell([News(7, "vote-1", 9, "vote_closed", {"cast": 8})])
    frames = [json.loads(frame) for frame in watcher.waiting]
    assert [(f["number"], f["previous"], f["facts"]) for f in frames] == [
        (8, frames[0]["previous"], {"cast": 8}),
        (9, 8, {"cast": 8}),
    ]
    hub.leave(watcher)


async def test_a_reader_too_far_behind_is_sent_home_and_nobody_waits() -> None:
    slow, quick = Watcher(1), Watcher(2)
    for watcher in (slow, quick):
        hub.watch(watcher, "meeting-9")
    for number in range(300):
        hub.tell([News(7, "meeting-9", number, "told", {})])
        quick.take()
    assert slow.dismissed and len(slow.waiting) == 256
    assert not quick.dismissed
    for watcher in (slow, quick):
        hub.leave(watcher)


@pytest.mark.parametrize("topic", ["vote-7", 'odd "topic" %d é', "\u2028"])
def test_an_entry_is_the_canonical_json_of_what_it_says(topic: str) -> None:
    details = {"cast": 3, "é": [1.5, None], "about": "item-3"}
    for actor in (None, 12):
        said = {"number": 9, "topic": topic, "kind": "told", "at": "2026-11-23", "actor": actor}
        body = journal.entry_body(9, topic, "told", "2026-11-23", actor, details)
        assert body == rfc8785.dumps({**said, "details": details})


async def test_many_small_facts_are_an_entry_each_and_one_news(database: Any) -> None:
    watcher = Watcher(1)
    hub.watch(watcher, "vote-3")
    async with acting(7, None) as note:
        assert await note("meeting-1", "told") == 1
        assert await note.each("vote-3", "ballot_cast", [{"cast": n} for n in range(1, 5)]) == [2, 3, 4, 5]
        assert await note.each("vote-3", "ballot_cast", []) == []
        assert note.number == 5
    hub.flush("vote-3")
    assert [entry["details"] for entry in await bodies()][1:] == [{"cast": n} for n in range(1, 5)]
    assert [json.loads(frame)["number"] for frame in watcher.waiting] == [5]
    hub.leave(watcher)


def test_salts_drawn_together_are_as_good_as_those_drawn_alone() -> None:
    drawn = new_salts(1_000)
    assert len(set(drawn)) == 1_000 and {len(bytes.fromhex(salt)) for salt in (*drawn, new_salt())} == {32}
    assert new_salts(0) == []

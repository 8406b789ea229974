"""What of a record waits for whom on the first page, in a fixed number of queries."""

from typing import Any

import pytest

from deliberate.live.database import connected
from deliberate.review import actions
from deliberate.review.home import waiting_for
from deliberate.review.readings import readings_of
from tests.review.committee import before_committee, remark, voted
from tests.support.builders import World, recuse

pytestmark = pytest.mark.usefixtures("database")


async def told(world: World, persona: str) -> list[str]:
    return [item.text for item in await waiting_for(world[persona])]


async def test_each_is_told_the_own_next_step() -> None:
    world, record = await before_committee()
    assert await told(world, "member") == ["Read the record before the committee"]
    assert await told(world, "secretariat") == []
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    assert await told(world, "secretariat") == ["Answer 1 comment of the committee"]
    await actions.answer_comment(comment.id, "accepted", "Yes.", world["secretariat"])
    assert "every comment has its answer" in (await told(world, "secretariat"))[0]
    await voted(world, record)
    assert await told(world, "committee_chair") == ["Adopt the record: the committee has voted for it"]
    assert await told(world, "member") == ["Read the record before the committee"]


@pytest.mark.parametrize("persona", ["chair", "expert", "stakeholder", "administrator", "signed_in"])
async def test_nobody_else_is_told_anything(persona: str) -> None:
    world, _ = await before_committee()
    assert await told(world, persona) == []


async def test_a_recused_member_is_told_nothing() -> None:
    world, record = await before_committee()
    assert await told(world, "member")
    await recuse(world["member"], world.assessment, f"record-{record.id}", world["secretariat"])
    assert await told(world, "member") == []


async def test_the_number_of_queries_does_not_grow_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    world, record = await before_committee()
    few = await queries(world, monkeypatch)
    for _ in range(3):
        await actions.add_review_comment(record.id, remark(), world["member"])
    assert await queries(world, monkeypatch) == few <= 7


async def queries(world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    asked: list[str] = []
    kind = type(connected())
    original = kind.execute_query

    async def counting(self: Any, query: str, *args: Any, **more: Any) -> Any:
        asked.append(query)
        return await original(self, query, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(kind, "execute_query", counting)
        await readings_of(world["committee_chair"].id)
    return len(asked)

"""Panels that travel in the frame: what each reader would fetch, by the rights as they are."""

import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deliberate.live import presenting
from deliberate.live.hub import News, Watcher, hub
from deliberate.live.presenting import Presenter, Views, read_parts
from deliberate.live.socket import Guest
from deliberate.meetings import actions
from deliberate.meetings.models import AgendaItem
from deliberate.meetings.pushed import seen_alike
from deliberate.meetings.rules import ItemState
from tests.meetings.meetings import world_at_question, world_in_meeting
from tests.meetings.test_live import line_of
from tests.support.builders import pair, sign_in


async def test_each_reader_is_brought_the_panel_it_would_fetch(server: Any) -> None:
    world, meeting, found = await world_at_question()
    path = f"/meetings/{meeting.id}/parts/agenda"
    readers = [("expert", "en"), ("chair", "en"), ("recused", "en"), ("secretariat", "fr")]
    brought, fetched = {}, {}
    async with AsyncExitStack() as stack:
        lines = {}
        for name, language in readers:
            lines[name] = await stack.enter_async_context(line_of(server, world[name], language))
            await lines[name].say(watch=f"meeting-{meeting.id}", parts={path: "item_"})
            await lines[name].hear(watching=...)
        await actions.close_item(found.id, world["chair"])
        for name, language in readers:
            news = await lines[name].hear(kind="item_closed")
            frame = await lines[name].hear(part=path)
            assert frame["number"] >= news["number"] and frame["topic"] == f"meeting-{meeting.id}"
            brought[name] = frame["html"]
            cookies = {"deliberate": await sign_in(world[name]), "language": language}
            fetched[name] = (await server.client(cookies=cookies).get(path)).text
    assert brought == fetched
    assert brought["expert"] == brought["chair"] != brought["recused"]
    link = f'href="/questions/{world.question.id}"'
    assert link in brought["expert"] and link not in brought["recused"]
    assert "you are recused" in brought["recused"]


async def test_an_agenda_of_a_hundred_items_travels(server: Any) -> None:
    world, meeting = await world_in_meeting()
    title = pair("Les effets indésirables et leur délai")
    about = {"kind": "discussion", "subject": f"question-{world.question.id}", "state": ItemState.DONE}
    rows = [AgendaItem(meeting=meeting, position=10 + n, title=title, **about) for n in range(100)]
    await AgendaItem.bulk_create(rows)
    cookies = {"deliberate": await sign_in(world["expert"]), "language": "fr"}
    part = await server.client(cookies=cookies).get(f"/meetings/{meeting.id}/parts/agenda")
    assert part.text.count("<li") == 103 and len(part.content) <= presenting.LARGEST


async def test_a_panel_that_news_does_not_change_is_not_brought(server: Any) -> None:
    world, meeting, found = await world_at_question()
    agenda, presence = (f"/meetings/{meeting.id}/parts/{name}" for name in ("agenda", "presence"))
    async with line_of(server, world["expert"]) as line:
        await line.say(watch=f"meeting-{meeting.id}", parts={agenda: "item_", presence: "member_"})
        await line.hear(watching=...)
        await actions.close_item(found.id, world["chair"])
        assert (await line.hear(part=...))["part"] == agenda
        await line.say(watch="meeting-999999")
        assert "part" not in await line.hear(refused=...)


async def test_only_panels_are_brought_and_only_to_whoever_may_see_them(database: Any) -> None:
    world, meeting, _ = await world_at_question()
    ids = {person.id for person in world.people.values()}
    panel = f"/meetings/{meeting.id}/parts/agenda"
    classes = await seen_alike(panel, ids)
    assert world["expert"].id in classes
    assert not classes.keys() & {world["other_expert"].id, world["signed_in"].id, world["stakeholder"].id}
    assert classes[world["expert"].id] != classes[world["recused"].id]
    for path in (
        f"/meetings/{meeting.id}/ballot",
        "/meetings/999999/parts/agenda",
        f"{panel}?x",
        "",
        "//",
        f"{panel}/",
    ):
        assert await seen_alike(path, ids) == {}


SECRET = "<p>What the second may no longer know.</p>"


def reader(person_id: int, path: str) -> Watcher:
    watcher = Watcher(person_id)
    watcher.guest = Guest(None, person_id, person_id, "en")
    hub.watch(watcher, "meeting-1")
    watcher.parts["meeting-1"] = {path: ()}
    return watcher


async def presented(alike: Any, render: Any, *watchers: Watcher) -> None:
    presenter = Presenter(Views(alike, render))
    presenter.hear(News(7, "meeting-1", 5, "item_closed", {}))
    assert presenter.task is not None
    await presenter.task
    for watcher in watchers:
        hub.leave(watcher)


async def test_whose_rights_are_asked_meanwhile_is_handed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = reader(1, "/p"), reader(2, "/p")

    async def alike(path: str, ids: Any) -> Any:
        return dict.fromkeys(ids, "all")

    async def render(path: str, guest: Any) -> str:
        second.ask_again()
        return SECRET

    await presented(alike, render, first, second)
    assert [json.loads(text)["html"] for text in first.waiting] == [
        "<p>What the second may no longer know.</p>"
    ]
    assert not second.waiting
    first.ask_again()  # and what waits for a slow reader goes, too
    assert not first.waiting


async def test_each_class_is_rendered_once_and_what_is_too_large_is_left_to_be_fetched() -> None:
    watchers = [reader(number, "/p") for number in range(6)]
    rendered = []

    async def alike(path: str, ids: Any) -> Any:
        return {id_: id_ % 2 for id_ in ids if id_ != 5}  # 5 may not see it

    async def render(path: str, guest: Any) -> str:
        rendered.append(guest.person_id % 2)
        return "x" * (presenting.LARGEST + 1) if guest.person_id % 2 else "small"

    await presented(alike, render, *watchers)
    assert sorted(rendered) == [0, 1]
    heard = [[json.loads(text)["html"] for text in watcher.waiting] for watcher in watchers]
    assert heard == [["small"], [None], ["small"], [None], ["small"], []]


def test_what_is_asked_for_is_bounded() -> None:
    assert read_parts(None) == read_parts([]) == read_parts({"/p": 7}) == {}
    assert read_parts({"/p": "item_ member_", "/q": ""}) == {"/p": ("item_", "member_"), "/q": ()}
    assert len(read_parts({f"/{number}": "" for number in range(1_000)})) == presenting.MOST_PARTS
    assert read_parts({"/" + "x" * 500: ""}) == {}

"""The room in a real browser: what moves by itself, and what must never move under a hand."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.floor_rules import FloorKind
from deliberate.meetings.models import AgendaItem, agenda_of
from deliberate.meetings.rules import Presence
from deliberate.people.models import Person
from deliberate.voting.models import Ballot, Vote
from deliberate.voting.rules import Mode, VoteKind
from tests.conftest import serving
from tests.meetings.meetings import convened, opened, statement_of, world_convened, world_in_meeting
from tests.support.browser import needs_chromium, press
from tests.support.builders import World, make_world, pair, sign_in
from tests.voting.votes import cast

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
def engine() -> str:
    """Once is enough: what is tested here is the browser."""
    return "sqlite"


@pytest_asyncio.fixture
async def server(settings: Any, listener: Any) -> AsyncIterator[Any]:
    """In the loop of the browser."""
    async with serving(settings, listener) as running:
        yield running


@pytest_asyncio.fixture
async def browser(chromium: Any) -> AsyncIterator[Any]:
    yield chromium
    for context in chromium.contexts:
        await context.close()


async def page_of(browser: Any, server: Any, person: Person, path: str) -> Page:
    context = await browser.new_context()
    await context.add_cookies(
        [
            {"name": "deliberate", "value": await sign_in(person), "url": server.url},
            {"name": "language", "value": "en", "url": server.url},
        ]
    )
    page: Page = await context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(f"{server.url}{path}")
    await expect(page.locator("[data-live-status]").first).to_have_text("Live")
    return page


async def open_rating(world: World, item: AgendaItem) -> Vote:
    statement = await statement_of(world)
    motion = Motion(f"statement-{statement.id}", kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL)
    return await Vote.get(id=await actions.open_vote(item.id, motion, world["chair"]))


async def test_the_ballot_appears_by_itself_stays_untouched_and_goes_with_the_vote(
    server: Any, browser: Any
) -> None:
    world = await make_world(experts=8)
    meeting = await opened(world)
    item = (await AgendaItem.filter(meeting=meeting).order_by("position"))[1]
    page = await page_of(browser, server, world["expert"], f"/meetings/{meeting.id}")
    await expect(page.locator("form[data-ballot]")).to_have_count(0)

    await actions.open_item(item.id, world["chair"])
    vote = await open_rating(world, item)
    await expect(page.locator(f'form[data-ballot="{vote.id}"]')).to_be_visible()

    await page.get_by_label("I cannot judge", exact=True).check()
    reason = page.locator('textarea[name="reason"]')
    await reason.press_sequentially("I have not ")
    for person in world.experts[1:4]:  # others vote, and somebody comes in
        await cast(vote, person, 8)
    await actions.arrive(meeting.id, world["secretariat"].id, Presence.ON_SITE, world["secretariat"])
    await expect(page.locator(f'[data-fact="vote-{vote.id}.cast"]').first).to_have_text("3")
    await expect(page.locator("#presence")).to_contain_text("Secretary")
    await expect(reason).to_be_focused()
    await reason.press_sequentially("read it.")
    await expect(reason).to_have_value("I have not read it.")

    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.locator("[data-receipt]")).to_contain_text("recorded")
    mine = await Ballot.get(vote_id=vote.id, rating=None)
    assert mine.reason == "I have not read it."

    await reason.fill("Half a thought, while the vote closes")
    for person in world.experts[4:]:
        await cast(vote, person, 9)
    await actions.close_vote(vote.id, world["chair"])
    await expect(page.locator("form[data-ballot]")).to_have_count(0)
    await expect(page.locator("#ballot")).to_contain_text("you cannot judge, recorded under number")
    await expect(page.locator("#now")).not_to_contain_text("appropriate")
    await actions.reveal_vote(vote.id, world["chair"])
    await expect(page.locator("#now")).to_contain_text("appropriate, with agreement")
    await expect(page.locator("#results")).to_contain_text("appropriate, with agreement")


async def test_a_voter_without_network_loses_no_ballot_and_it_counts_once(server: Any, browser: Any) -> None:
    world = await make_world(experts=6)
    meeting = await opened(world)
    item = (await AgendaItem.filter(meeting=meeting).order_by("position"))[1]
    await actions.open_item(item.id, world["chair"])
    vote = await open_rating(world, item)
    page = await page_of(browser, server, world["expert"], f"/meetings/{meeting.id}")
    await page.locator('input[name="rating"][value="7"]').check(force=True)
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Cast my ballot").click()
    await page.wait_for_timeout(1_000)
    assert await Ballot.filter(vote_id=vote.id).count() == 0
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('deliberate.ballot.')).length"
    assert await page.evaluate(kept) == 1

    await page.context.set_offline(False)
    await expect(page.locator("[data-receipt]")).to_contain_text("recorded")
    assert await page.evaluate(kept) == 0
    mine = await Ballot.get(vote_id=vote.id)
    assert (mine.rating, mine.revision) == (7, 1)


async def test_a_new_vote_takes_the_place_of_a_ballot_left_half_filled(server: Any, browser: Any) -> None:
    world, meeting = await world_in_meeting()
    item = (await AgendaItem.filter(meeting=meeting).order_by("position"))[0]
    await actions.open_item(item.id, world["chair"])
    first = await actions.open_vote(item.id, Motion(text=pair("First?")), world["chair"])
    page = await page_of(browser, server, world["expert"], f"/meetings/{meeting.id}")
    await page.locator('textarea[name="reason"]').press_sequentially("Not sure")
    await actions.close_vote(first, world["chair"])
    second = await actions.open_vote(item.id, Motion(text=pair("Second?")), world["chair"])
    form = page.locator(f'form[data-ballot="{second}"]')
    await expect(form).to_be_visible()
    await expect(form.locator('textarea[name="reason"]')).to_have_value("")  # a reason belongs to its vote
    await form.get_by_label("Against").check()
    await form.get_by_role("button", name="Cast my ballot").click()
    await expect(form.locator("[data-receipt]")).to_contain_text("recorded")
    assert (await Ballot.get(vote_id=second)).choice == "against"
    assert await Ballot.filter(vote_id=first).count() == 0


async def test_the_console_runs_a_vote_by_keyboard_and_the_hall_follows(server: Any, browser: Any) -> None:
    world = await make_world(experts=7)
    meeting = await opened(world)
    first, item, _ = await AgendaItem.filter(meeting=meeting).order_by("position")
    await actions.postpone_item(first.id, world["chair"])
    hall = await page_of(browser, server, world["secretariat"], f"/meetings/{meeting.id}/hall")
    page = await page_of(browser, server, world["chair"], f"/meetings/{meeting.id}/console")
    await press(page, "n")  # the next item
    await expect(page.locator("#desk")).to_contain_text("Statement I-1.1")
    await press(page, "o")  # open the rating
    await expect(page.get_by_role("button", name="Close the vote")).to_be_visible()
    vote = await Vote.get(state="open")
    await expect(hall.locator("#hall")).to_contain_text("Rating is open")
    for person in world.experts:
        await cast(vote, person, 8)
    await expect(hall.locator(f'[data-fact="vote-{vote.id}.cast"]').first).to_have_text("7")
    await press(page, "c", sure=True)
    await expect(page.get_by_role("button", name="Reveal the result")).to_be_visible()
    await expect(hall.locator("#hall")).to_contain_text("The vote is closed")
    await press(page, "r")
    await expect(page.locator("#desk")).to_contain_text("appropriate, with agreement")
    await expect(hall.locator("#hall")).to_contain_text("appropriate, with agreement")
    await press(page, "n")
    assert (await AgendaItem.get(id=item.id)).state in ("open", "done")
    await expect(page.locator("#desk")).to_contain_text("Open the next item")


async def test_the_chair_runs_a_whole_meeting_by_keyboard_alone(server: Any, browser: Any) -> None:
    world = await make_world(experts=7)
    meeting = await convened(world)
    for person in (world["chair"], *world.experts):
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, person)
    page = await page_of(browser, server, world["chair"], f"/meetings/{meeting.id}/console")
    desk, floor = page.locator("#desk"), page.locator("#floor")

    async def act(key: str, *, sure: bool = False, place: Any = desk, then: str) -> None:
        await press(page, key, sure=sure)
        await expect(place).to_contain_text(then)

    await act("o", then="Open the next item")
    await act("n", then="Close the item")
    await act("n", then="Open the next item")
    await act("n", then="Statement I-1.1")
    for person in world.experts[:2]:
        await actions.ask_for_floor(meeting.id, person.id, FloorKind.CONTRIBUTION, person)
    await expect(floor).to_contain_text("Give the floor to Expert 0")
    await act("f", place=floor, then="Expert 0 has the floor")
    await act("p", place=floor, then="paused")
    await act("p", place=floor, then="Pause the speech")
    await act("m", place=floor, then="03:5")
    await act("f", place=floor, then="Expert 1 has the floor")
    await act("e", place=floor, then="Nobody has the floor")
    await act("o", then="Close the vote")
    vote = await Vote.get(state="open")
    for person in world.experts:
        await cast(vote, person, 8)
    await act("c", sure=True, then="Reveal the result")
    await act("r", then="appropriate, with agreement")
    await act("a", then="Resume the meeting")
    await act("a", then="Adjourn the meeting")
    await act("z", then="Open the next item")
    await act("n", then="Close the item")
    await act("n", then="All items are done")
    await act("x", sure=True, then="This meeting was closed")
    states = await AgendaItem.filter(meeting=meeting).order_by("position").values_list("state", flat=True)
    assert list(states) == ["done", "postponed", "done"]


NAMES = """() => ["button", "input:not([type=hidden])", "select", "textarea"]
  .flatMap((kind) => [...document.querySelectorAll(`main ${kind}`)])
  .filter((one) => one.offsetParent)
  .map((one) => [one.outerHTML.slice(0, 80),
    (one.getAttribute("aria-label") || [...(one.labels ?? [])].map((label) => label.innerText).join(" ")
      || (one.localName === "button" ? one.innerText : "")).trim()])"""


@pytest.mark.parametrize("path", ["", "/console"])
async def test_every_control_of_the_ballot_and_the_console_has_a_name_for_screen_readers(
    server: Any, browser: Any, path: str
) -> None:
    world, meeting = await world_in_meeting()
    item = (await AgendaItem.filter(meeting=meeting).order_by("position"))[0]
    await actions.open_item(item.id, world["chair"])
    await actions.open_vote(item.id, Motion(text=pair("Agreed?")), world["chair"])
    person = world["expert"]
    await actions.ask_for_floor(meeting.id, person.id, FloorKind.CONTRIBUTION, person)
    reader = world["chair"] if path else person
    page = await page_of(browser, server, reader, f"/meetings/{meeting.id}{path}")
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    await expect(page.get_by_role("radio", name="For", exact=True)).to_have_count(1)
    await expect(page.get_by_role("button", name="Cast my ballot")).to_have_count(1)
    named = await page.evaluate(NAMES)
    assert len(named) > 8 and [html for html, name in named if not name] == []


async def test_an_item_is_moved_by_its_buttons_by_keys_and_by_hand(server: Any, browser: Any) -> None:
    world, meeting = await world_convened()
    first, second, third = [item.id for item in await agenda_of(meeting.id)]
    page = await page_of(browser, server, world["chair"], f"/meetings/{meeting.id}/agenda")

    async def order() -> list[int]:
        await page.wait_for_load_state()
        return [item.id for item in await agenda_of(meeting.id)]

    async with page.expect_navigation():
        await page.get_by_role("button", name="Move item 1 down").click()
    assert await order() == [second, first, third]
    await expect(page.locator(f"#item-{first}")).to_be_focused()
    async with page.expect_navigation():
        await page.keyboard.press("Alt+ArrowDown")
    assert await order() == [second, third, first]
    carried = {"dataTransfer": await page.evaluate_handle("new DataTransfer()")}
    await page.dispatch_event(f"#item-{first} [data-handle]", "dragstart", carried)
    async with page.expect_navigation():
        for event in ("dragover", "drop"):
            await page.dispatch_event(f"#item-{second}", event, carried)
    assert await order() == [first, second, third]

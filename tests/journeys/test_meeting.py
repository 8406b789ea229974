"""A meeting, seen from four screens at once: the chair's console, two experts, and the wall."""

import asyncio
import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from deliberate.meetings import actions as meetings
from deliberate.meetings.models import AgendaItem
from deliberate.meetings.rules import Presence
from deliberate.voting import actions as voting
from deliberate.voting.models import Ballot, Vote
from tests.journeys.conftest import House
from tests.support.browser import needs_chromium, press

pytestmark = [pytest.mark.browser, needs_chromium]
BUTTON = re.compile("(Cast|Change) my ballot")
SECOND = "I-1.2"  # the statement whose rounds are over: it is rated once more


async def test_the_chair_runs_a_meeting_and_everybody_sees_it_move(house: House) -> None:
    world = house.made.world
    chair = await house.visit.page(world["chair"])
    meeting = await plan(chair, world.assessment.slug, house.made.question)
    for person in [world["chair"], *world.experts[2:]]:
        await meetings.arrive(meeting, person.id, Presence.ON_SITE, person)

    first, second, hall = await asyncio.gather(
        *(house.visit.page(person) for person in (*world.experts[:2], world["secretariat"]))
    )
    await asyncio.gather(first.goto(f"/meetings/{meeting}"), second.goto(f"/meetings/{meeting}"))
    await first.get_by_role("button", name="I am in the room").click()
    await second.get_by_role("button", name="I attend remotely").click()
    await expect(first.get_by_text("7/10").first).to_be_visible()
    await expect(chair.get_by_text("7/10").first).to_be_visible()  # nobody reloaded the console

    await chair.get_by_role("button", name="Open the meeting").click()
    await hall.goto(f"/meetings/{meeting}/hall")
    await press(chair, "n")  # the next item
    await expect(first.get_by_text("Item 1 of 1").first).to_be_visible()
    await chair.get_by_role("button", name=f"Open the rating of {SECOND}").click()
    await expect(hall.get_by_text("Rating is open").first).to_be_visible()
    vote = (await Vote.filter(state="open").order_by("-id").first()).id
    await rate(first, 8)
    await second.get_by_text("I cannot judge", exact=True).click()
    await second.get_by_label("Comment, or why I cannot judge").fill("Outside my field.")
    await second.get_by_role("button", name="Cast my ballot").click()
    for page in (chair, first, second, hall):
        await expect(page.get_by_text("2 of 6 have answered").first).to_be_visible()
    await rate(first, 3)  # the last one counts

    for person in world.experts[2:]:
        await voting.cast_ballot(vote, person, None, 8, "", uuid4().hex)
    await expect(hall.get_by_text("6 of 6 have answered").first).to_be_visible()
    await chair.get_by_role("button", name="Close the vote").click()
    await chair.get_by_role("dialog").get_by_role("button", name="Close the vote").click()
    await expect(first.get_by_role("button", name=BUTTON)).to_have_count(0)
    await chair.get_by_role("button", name="Reveal the result").click()
    for page in (first, second, hall):
        await expect(page.get_by_text("n = 5").first).to_be_visible()
    assert await Ballot.filter(vote_id=vote).count() == 6
    await end(chair)
    await expect(first.get_by_text("This meeting was closed").first).to_be_visible()
    assert await AgendaItem.filter(meeting_id=meeting, state="done").count() == 1


async def plan(chair: Page, slug: str, question: int) -> int:
    """Planned, with one item, convened: the number of the meeting."""
    await chair.goto(f"/a/{slug}/meetings")
    await chair.get_by_label("Title in English").fill("Third meeting")
    day = datetime.now() + timedelta(days=1)  # noqa: DTZ005 - what one types is the time of the place
    await chair.get_by_label("Day and time").fill(f"{day:%Y-%m-%dT10:00}")
    await chair.get_by_role("button", name="Plan the meeting").click()
    await chair.get_by_label("About").select_option(f"question-{question}")
    await chair.get_by_role("button", name="Add the item").click()
    await chair.get_by_role("button", name="Convene the meeting").click()
    meeting = int(chair.url.split("/meetings/")[1].split("/")[0])
    await chair.goto(f"/meetings/{meeting}/console")
    return meeting


async def rate(page: Page, rating: int) -> None:
    await page.get_by_role("radio", name=str(rating), exact=True).check(force=True)
    await page.get_by_role("button", name=BUTTON).click()
    await expect(page.get_by_text("Your ballot is recorded. It is entry").first).to_be_visible()


async def end(chair: Page) -> None:
    await chair.get_by_role("button", name="Close the item").click()
    await chair.get_by_role("button", name="Close the meeting").click()
    await chair.get_by_role("dialog").get_by_role("button", name="Close the meeting").click()
    await expect(chair.get_by_text("This meeting was closed").first).to_be_visible()

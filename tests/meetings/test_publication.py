"""Published minutes: everybody reads them, without a word of a recused matter, and for good."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.meetings import actions
from deliberate.meetings.minutes_models import Minutes
from deliberate.meetings.models import Meeting
from tests.meetings.test_minutes import LATER, SOON, told, voted
from tests.support.builders import World, make_world, sign_in

JSON = {"Accept": "application/json"}


async def approved(world: World, texts: dict[str, str] | None = None) -> tuple[Meeting, str]:
    """A named vote on the question from which one expert is recused; and the key of that item's section."""
    meeting, item = await voted(world)
    await actions.close_meeting(meeting.id, world["chair"])
    key, office = f"item-{item.id}", world["secretariat"]
    for section, text in {"opening": "The chair opens.", key: "canary", **(texts or {})}.items():
        await actions.write_section(meeting.id, section, text, 0, office)
    await actions.circulate_minutes(meeting.id, SOON, office)
    await actions.approve_minutes(meeting.id, None, world["chair"], now=LATER)
    return await Meeting.get(id=meeting.id), key


async def test_only_approved_minutes_are_published_once_and_by_the_secretariat(database: Any) -> None:
    world = await make_world()
    meeting, key = await approved(world)
    for person in (world["chair"], world["expert"], world["committee_chair"]):
        with pytest.raises(NotFound):
            await actions.publish_minutes(meeting.id, (), "", person)
    office = world["secretariat"]
    for chosen, reason, field in ((["item-999"], "Why", "withheld"), (["closing"], " ", "reason")):
        with pytest.raises(Invalid) as refused:
            await actions.publish_minutes(meeting.id, chosen, reason, office)
        assert field in refused.value.problems
    await actions.publish_minutes(meeting.id, ["closing", key], "Business secrets", office)
    minutes = await Minutes.get(meeting_id=meeting.id)
    assert minutes.withheld == {"recused": [key], "chosen": ["closing"], "reason": "Business secrets"}
    assert await told(meeting, "minutes_published") == [{"withheld": [key, "closing"]}]
    with pytest.raises(Refused, match="published already"):
        await actions.publish_minutes(meeting.id, (), "", office)
    with pytest.raises(Refused, match="frozen"):
        await actions.write_section(meeting.id, "opening", "Changed.", 1, office)


async def test_everybody_reads_what_is_published_and_nothing_of_a_recused_matter(server: Any) -> None:
    world = await make_world()
    meeting, key = await approved(world)
    url = f"/public/{world.assessment.slug}/minutes"
    anybody, office = server.client(cookies={"language": "en"}), world["secretariat"]
    for path in (url, f"{url}/{meeting.id}", f"{url}/{meeting.id}.pdf"):
        assert (await anybody.get(path)).status_code == 404, path
    browser = server.client(cookies={"deliberate": await sign_in(office), "language": "en"})
    asked = (await browser.get(f"/meetings/{meeting.id}/minutes")).text
    assert f'value="{key}"' not in asked and 'value="closing"' in asked  # that one is left out in any case
    publish, form = f"/meetings/{meeting.id}/minutes/publish", {"withheld": ["opening", "closing"]}
    refused = await browser.post(publish, data=form)
    assert refused.status_code == 422 and "Say why" in refused.text
    assert refused.text.count("checked") == 2 and (await anybody.get(url)).status_code == 404
    form = {"withheld": ["closing"], "reason": "A business secret"}
    assert (await browser.post(publish, data=form)).status_code == 303
    page = (await anybody.get(f"{url}/{meeting.id}")).text
    pdf = PdfReader(BytesIO((await anybody.get(f"{url}/{meeting.id}.pdf")).content))
    for words in (page, " ".join(" ".join(each.extract_text() for each in pdf.pages).split())):
        assert "The chair opens." in words and world["chair"].name in words
        assert "a member is recused from this matter" in words and "A business secret" in words
        assert "canary" not in words and "Too early." not in words and "Publish?" not in words
    assert "/votes/" not in page and f'href="/meetings/{meeting.id}' not in page
    listed = (await anybody.get(url)).text
    assert f'href="{url}/{meeting.id}"' in listed and f'href="{url}"' in (await anybody.get("/")).text
    wrong = await anybody.get(f"/public/{(await make_world()).assessment.slug}/minutes/{meeting.id}")
    assert wrong.status_code == 404


async def test_a_correction_stands_beside_the_published_text_where_that_is_shown(server: Any) -> None:
    world = await make_world()
    meeting, key = await approved(world)
    office = world["secretariat"]
    await actions.publish_minutes(meeting.id, (), "", office)
    await actions.correct_minutes(meeting.id, "opening", "It was the vice-chair.", office)
    await actions.correct_minutes(meeting.id, key, "canary of a correction", office)
    page = (await server.client().get(f"/public/{world.assessment.slug}/minutes/{meeting.id}")).text
    assert "The chair opens." in page and "It was the vice-chair." in page and "canary" not in page

"""The pages of the minutes, their PDF, and what waits because of them."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from deliberate.meetings import actions
from deliberate.meetings.minutes_models import Minutes, MinutesDraft
from deliberate.meetings.models import Meeting
from tests.meetings.meetings import opened, world_in_meeting
from tests.support.builders import NOW, World, make_world, sign_in

JSON = {"Accept": "application/json"}
SOON, LATER = NOW + timedelta(days=7), NOW + timedelta(days=8)


async def browser_of(server: Any, person: Any, **cookies: str) -> Any:
    return server.client(cookies={"deliberate": await sign_in(person), "language": "en", **cookies})


async def closed(world: World) -> Meeting:
    meeting = await opened(world)
    await actions.close_meeting(meeting.id, world["chair"])
    return meeting


async def test_a_conflict_shows_both_texts_and_the_second_try_stores(server: Any) -> None:
    world, meeting = await world_in_meeting()
    await actions.write_section(meeting.id, "opening", "The chair opens the meeting.", 0, world["chair"])
    office, url = await browser_of(server, world["secretariat"]), f"/meetings/{meeting.id}/minutes/opening"
    sent = {"text": "The chair greets everybody.", "based_on": "0"}
    refused = await office.post(url, data=sent)
    assert refused.status_code == 409
    assert "<del>opens</del>" in refused.text and "<ins>greets</ins>" in refused.text
    assert "The chair greets everybody.</textarea>" in refused.text
    assert 'name="based_on" value="1"' in refused.text
    again = await office.get(url)  # and on another day
    assert "The chair greets everybody.</textarea>" in again.text and "<ins>greets</ins>" in again.text
    stored = await office.post(url, data={**sent, "based_on": "1"})
    assert stored.status_code == 303
    page = await office.get(f"{url}/versions")
    assert "Version 2" in page.text and "<ins>greets</ins>" in page.text


async def test_a_draft_of_somebody_else_is_not_shown_and_goes_when_stored_or_deleted(server: Any) -> None:
    world, meeting = await world_in_meeting()
    office, url = await browser_of(server, world["secretariat"]), f"/meetings/{meeting.id}/minutes/opening"
    saved = await office.post(f"{url}/draft", data={"text": "canary", "based_on": "0"}, headers=JSON)
    assert saved.status_code == 200 and saved.json()["saved_at"]
    chair = await browser_of(server, world["chair"])
    seen = await chair.get(url)
    assert "canary" not in seen.text and "Secretary is writing" in seen.text
    assert "canary" in (await office.get(url)).text
    await office.post(f"{url}/discard")
    assert not await MinutesDraft.exists() and "canary" not in (await office.get(url)).text
    assert "Secretary is writing" not in (await chair.get(url)).text


async def test_names_and_texts_are_shown_as_they_were_typed(server: Any) -> None:
    world = await make_world()
    world["chair"].name = "<b>O'Brien</b>"
    await world["chair"].save()
    meeting = await opened(world)
    text = '<script>alert(1)</script> [x](javascript:alert(1)) {{ 7*7 }} #read("/etc/passwd")'
    await actions.write_section(meeting.id, "opening", text, 0, world["chair"])
    await actions.hold_section(meeting.id, "closing", world["chair"])
    office = await browser_of(server, world["secretariat"])
    page = (await office.get(f"/meetings/{meeting.id}/minutes")).text
    assert "<script>alert" not in page and 'href="javascript' not in page and "{{ 7*7 }}" in page
    assert "<b>O'Brien</b>" not in page and "&lt;b&gt;O&#39;Brien&lt;/b&gt; is writing here" in page
    pdf = await office.get(f"/meetings/{meeting.id}/minutes.pdf")
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert '#read("/etc/passwd")' in words and "root:" not in words and "<b>O'Brien</b>" in words


async def test_approved_minutes_are_the_same_bytes_each_time_and_carry_a_signed_checkpoint(
    server: Any,
) -> None:
    world = await make_world()
    meeting = await closed(world)
    await actions.write_section(meeting.id, "opening", "The chair *opens*.", 0, world["secretariat"])
    await actions.circulate_minutes(meeting.id, SOON, world["secretariat"])
    await actions.approve_minutes(meeting.id, None, world["chair"], now=LATER)
    expert = await browser_of(server, world["expert"])
    one = await expert.get(f"/meetings/{meeting.id}/minutes.pdf")
    await opened(world)  # the journal goes on
    await server.app.state.keeper.sign(world.assessment.id)
    two = await expert.get(f"/meetings/{meeting.id}/minutes.pdf")
    assert one.headers["content-type"] == "application/pdf" and one.content == two.content
    found = PdfReader(BytesIO(one.content))
    words = " ".join(page.extract_text() for page in found.pages)
    keeper, minutes = server.app.state.keeper, await Minutes.get(meeting_id=meeting.id)
    assert f"{keeper.site}/journal-{world.assessment.id}" in words
    assert keeper.fingerprint[:4] in words and f"Entry of the approval {minutes.entry}" in words
    assert "by the chair" in words and "The chair opens." in words
    french = await browser_of(server, world["expert"], language="fr")
    translated = PdfReader(BytesIO((await french.get(f"/meetings/{meeting.id}/minutes.pdf")).content))
    assert translated.trailer["/Root"]["/Lang"] == "fr"
    assert "Compte rendu" in translated.pages[0].extract_text()


async def test_the_pdf_of_whoever_is_recused_holds_no_word_of_the_item(server: Any) -> None:
    world = await make_world()
    meeting = await closed(world)
    office = world["secretariat"]
    item = (await meeting.items.order_by("position"))[1]
    await actions.write_section(meeting.id, f"item-{item.id}", "canary", 0, office)
    await actions.circulate_minutes(meeting.id, SOON, office)
    url = f"/meetings/{meeting.id}/minutes.pdf"
    words = {}
    for who in ("expert", "recused"):
        pdf = await (await browser_of(server, world[who])).get(url)
        words[who] = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert "canary" in words["expert"] and "canary" not in words["recused"]
    assert "you are recused from this item" in words["recused"]


async def test_members_see_what_changed_since_they_were_given_the_text(server: Any) -> None:
    world = await make_world()
    meeting, office = await closed(world), world["secretariat"]
    await actions.write_section(meeting.id, "opening", "The chair opens.", 0, office)
    await actions.circulate_minutes(meeting.id, SOON, office)
    expert, url = await browser_of(server, world["expert"]), f"/meetings/{meeting.id}/minutes"
    assert "since it was circulated" not in (await expert.get(url)).text
    await actions.write_section(meeting.id, "opening", "The chair closes.", 1, office)
    assert "Changed since it was circulated" in (await expert.get(url)).text
    assert "<del>opens</del><ins>closes</ins>" in (await expert.get(f"{url}/opening")).text
    await actions.circulate_minutes(meeting.id, SOON, office)  # again, as it stands now
    assert "since it was circulated" not in (await expert.get(url)).text


async def test_minutes_wait_for_who_writes_then_for_who_reads_then_for_who_approves(server: Any) -> None:
    world = await make_world()
    meeting = await closed(world)
    pages = {
        who: await browser_of(server, world[who]) for who in ("secretariat", "expert", "chair", "member")
    }

    async def waiting(who: str) -> list[str]:
        found = (await pages[who].get("/", headers=JSON)).json()["waiting"]
        return [one["text"].partition(":")[0] for one in found if "/minutes" in one["href"]]

    assert [await waiting(who) for who in pages] == [["Write the minutes"], [], [], []]
    await actions.circulate_minutes(meeting.id, SOON, world["secretariat"])
    read = ["Read and amend the minutes"]
    assert [await waiting(who) for who in pages] == [[], read, read, []]
    number = await actions.propose_amendment(meeting.id, "opening", "", "x", world["expert"])
    assert await waiting("secretariat") == ["Answer the amendments to the minutes"]
    await actions.answer_amendment(meeting.id, number, "accepted", "Yes.", world["secretariat"])
    await Minutes.filter(meeting_id=meeting.id).update(amend_until=NOW - timedelta(days=1))
    approve = ["Approve the minutes"]
    assert [await waiting(who) for who in pages] == [approve, [], approve, []]
    await actions.approve_minutes(meeting.id, None, world["chair"])
    assert [await waiting(who) for who in pages] == [["Publish the minutes"], [], [], []]
    await actions.publish_minutes(meeting.id, (), "", world["secretariat"])
    assert [await waiting(who) for who in pages] == [[], [], [], []]


@pytest.mark.parametrize("based_on", ["", "x", "-1", "9" * 30])
async def test_an_odd_version_number_is_no_fault_and_loses_no_text(server: Any, based_on: str) -> None:
    world, meeting = await world_in_meeting()
    office, url = await browser_of(server, world["secretariat"]), f"/meetings/{meeting.id}/minutes/opening"
    await actions.write_section(meeting.id, "opening", "One.", 0, world["chair"])
    answer = await office.post(url, data={"text": "Mine stays here.", "based_on": based_on})
    assert answer.status_code in (409, 422) and "Mine stays here.</textarea>" in answer.text

"""Hearings by real HTTP: who finds what, what forms do, and what no other organisation ever reads."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deliberate.app import audience_of
from deliberate.hearings import actions
from deliberate.hearings.actions import Paper
from deliberate.hearings.models import Contribution, Correction, Draft, Hearing, MinutesText
from deliberate.people.models import SignInLink
from tests.hearings.stage import (
    CANARY,
    DAY,
    JSON,
    PAPER,
    STEPS,
    Stage,
    brought_to,
    browser,
    convened,
    make_meeting,
    make_stage,
)
from tests.support.builders import recuse

READERS = ("secretariat", "chair", "expert", "recused", "other_expert")
STRANGERS = ("committee_chair", "member", "administrator", "signed_in", "foreign_secretariat")


def people(stage: Stage) -> dict[str, Any]:
    return {**stage.world.people, "speaker": stage.speaker, "rival": stage.rival, "anonymous": None}


async def test_the_list_is_the_secretariats_desk_and_the_groups_reading(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "accepted")
    path = f"/a/{stage.world.assessment.slug}/hearings"
    desk = await (await browser(server, stage.office)).get(path)
    assert "Federation" in desk.text and "Association" in desk.text and "Name a spokesperson" in desk.text
    for name in ("chair", "expert", "recused"):
        page = await (await browser(server, stage.world[name])).get(path)
        assert page.status_code == 200 and f"/hearings/{hearing_id}" in page.text
        assert "Association" in page.text and "Name a spokesperson" not in page.text
    own = await (await browser(server, stage.speaker)).get(path)
    assert (own.status_code, own.headers["location"]) == (303, f"/hearings/{hearing_id}")
    for name in STRANGERS:
        assert (await (await browser(server, stage.world[name])).get(path)).status_code == 404
    for form in ("organisations", "spokespersons", "spokespersons/end", "convocations"):
        for name in ("chair", "expert", "member", "stakeholder", "foreign_secretariat"):
            answer = await (await browser(server, stage.world[name])).post(f"{path}/{form}", headers=JSON)
            assert answer.status_code == 404, (form, name)


async def test_an_expert_excluded_from_the_work_of_the_group_finds_no_hearing(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    client = await browser(server, stage.world["expert"])
    assert (await client.get(f"/hearings/{hearing_id}")).status_code == 200
    subject = f"group-{stage.world.infection.id}"
    await recuse(stage.world["expert"], stage.world.assessment, subject, stage.office, "excluded_group")
    assert (await client.get(f"/hearings/{hearing_id}")).status_code == 404
    assert (await client.get(f"/a/{stage.world.assessment.slug}/hearings")).status_code == 404


async def test_what_an_organisation_writes_reaches_no_other_and_no_stranger(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "dpi_received")
    await actions.submit_contribution(hearing_id, PAPER, stage.speaker)
    await STEPS["held"](stage, hearing_id)
    await actions.write_minutes(hearing_id, f"minutes-{CANARY}", 0, stage.office)
    await actions.send_minutes(hearing_id, stage.office)
    await actions.correct(hearing_id, f"correction-{CANARY}", stage.speaker)
    slug = stage.world.assessment.slug
    paths = [
        "/",
        f"/a/{slug}",
        f"/a/{slug}/hearings",
        f"/hearings/{hearing_id}",
        f"/hearings/{hearing_id}/state",
    ]
    paths += [
        f"/hearings/{hearing_id}/minutes",
        f"/public/{slug}",
        f"/a/{slug}/record",
        f"/a/{slug}/meetings",
    ]
    seen = await crawl(server, stage.speaker, paths)
    assert all(f"{kind}{CANARY}" in seen for kind in ("minutes-", "correction-", "**")) or CANARY in seen
    assert f"minutes-{CANARY}" in seen and f"correction-{CANARY}" in seen  # it could be seen
    for name in (*STRANGERS, "rival", "anonymous"):
        seen = await crawl(server, people(stage)[name], paths)
        assert CANARY not in seen and "Federation" not in seen, name


async def crawl(server: Any, person: Any, paths: list[str]) -> str:
    client = await browser(server, person)
    pages = [await client.get(path, headers=kind) for path in paths for kind in ({}, JSON)]
    return "".join(page.text for page in pages)


async def test_a_spokesperson_finds_nothing_of_the_deliberation(server: Any) -> None:
    stage = await make_stage()
    await convened(stage)
    meeting = await make_meeting(stage)
    slug, question = stage.world.assessment.slug, stage.world.question.id
    client, member = await browser(server, stage.speaker), await browser(server, stage.world["expert"])
    for path in (f"/questions/{question}", f"/meetings/{meeting.id}", f"/a/{slug}/evidence"):
        if (await member.get(path)).status_code == 200:
            assert (await client.get(path)).status_code == 404, path


async def test_the_working_groups_read_minutes_and_corrections_once_they_are_locked(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "corrected")
    expert = await browser(server, stage.world["expert"])
    before = (await expert.get(f"/hearings/{hearing_id}")).text
    assert "never twice" not in before and "never thrice" not in before
    await STEPS["locked"](stage, hearing_id)
    after = (await expert.get(f"/hearings/{hearing_id}")).text
    assert "They said: never thrice." in after and "So it was." in after
    assert "<form" not in after.split("<main")[1].split("</main>")[0]


async def test_minutes_are_unknown_to_the_organisation_until_they_are_sent(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "held")
    await actions.write_minutes(hearing_id, "Between ourselves", 0, stage.office)
    heard = await browser(server, stage.speaker)
    assert "Between ourselves" not in (await heard.get(f"/hearings/{hearing_id}")).text
    office = await browser(server, stage.office)
    assert "Between ourselves" in (await office.get(f"/hearings/{hearing_id}")).text
    await actions.send_minutes(hearing_id, stage.office)
    assert "Between ourselves" in (await heard.get(f"/hearings/{hearing_id}")).text


async def test_a_whole_hearing_by_its_forms(server: Any) -> None:
    stage = await make_stage()
    office, desk = await browser(server, stage.office), f"/a/{stage.world.assessment.slug}/hearings"
    made = (await office.post(f"{desk}/organisations", data={"organisation": "Union"}, headers=JSON)).json()
    form = {
        "speaks_for": made["stakeholder"],
        "name": "Nadia",
        "email": "nadia@example.org",
        "language": "en",
    }
    told = (await office.post(f"{desk}/spokespersons", data=form, headers=JSON)).json()
    heard = server.client()
    assert (await heard.post(told["link"].replace(server.url, ""))).status_code == 303
    form = {
        "stakeholder": made["stakeholder"],
        "themes": ["T-1"],
        "planned_at": "2027-01-05T10:00",
        "place": "Room",
    }
    hearing_id = (await office.post(f"{desk}/convocations", data=form, headers=JSON)).json()["hearing"]
    assert (await Hearing.get(id=hearing_id)).planned_at == datetime(2027, 1, 5, 9, tzinfo=UTC)  # Paris
    base = f"/hearings/{hearing_id}"

    async def post(client: Any, path: str, **data: Any) -> Any:
        answer = await client.post(f"{base}/{path}", data=data, headers=JSON)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    await post(heard, "answer", answer="accept")
    await post(heard, "interests", interests="None.")
    sent = {"title": "Ours", "text": "We say.", "language": "en", "may_publish": "yes"}
    receipt = await post(heard, "contribution", **sent)
    assert receipt["version"] == 1 and receipt["number"] > 0 and len(receipt["fingerprint"]) == 64
    earlier = datetime.now(UTC) - timedelta(hours=2)
    times = {"began_at": earlier.isoformat(), "ended_at": (earlier + timedelta(hours=1)).isoformat()}
    await post(office, "hold", present=[told["person"]], **times)
    assert (await post(office, "minutes", minutes="They said A.", based_on=0))["version"] == 1
    await post(office, "send-minutes")
    correction = await post(heard, "corrections", correction="We said B.", passage="A")
    answer = {"correction_id": correction["correction"], "verdict": "taken_up", "answer": "Right."}
    await post(office, "corrections/answer", **answer)
    await post(office, "minutes", minutes="They said B.", based_on=1)
    await post(office, "lock")
    facts = (await heard.get(base, headers=JSON)).json()
    assert facts["state"] == "locked" and facts["minutes"] == 2 and facts["contribution"] == 1
    page = (await heard.get(base)).text
    assert "They said B." in page and "<del>A</del>" in page and "<ins>B</ins>" in page


async def test_a_link_is_shown_once_and_only_to_the_secretariat(server: Any) -> None:
    stage = await make_stage()
    office, desk = await browser(server, stage.office), f"/a/{stage.world.assessment.slug}/hearings"
    form = {
        "speaks_for": stage.stakeholder.id,
        "name": "Nadia",
        "email": "nadia@example.org",
        "language": "en",
    }
    page = await office.post(f"{desk}/spokespersons", data=form)
    assert page.status_code == 200 and "/sign-in/" in page.text
    assert "/sign-in/" not in (await office.get(desk)).text
    assert await SignInLink.all().count() == 1


@pytest.mark.parametrize(
    ("path", "data", "kept"),
    [
        ("contribution", {"title": "", "text": "A long thought", "language": "en"}, "A long thought"),
        ("interests", {"interests": "x" * 5001}, "x" * 5001),
        ("corrections", {"passage": "kept passage", "correction": ""}, "kept passage"),
    ],
)
async def test_what_was_typed_is_still_there_after_a_refusal(
    server: Any, path: str, data: Any, kept: str
) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    client = await browser(server, stage.speaker)
    page = await client.post(f"/hearings/{hearing_id}/{path}", data=data)
    assert page.status_code == 422 and kept in page.text and 'id="problems"' in page.text
    assert not await Contribution.exists() and not await Correction.exists()


async def test_a_form_sent_twice_counts_once(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    client = await browser(server, stage.speaker)
    sent = {"title": "Ours", "text": "We say.", "language": "en"}
    for _ in range(2):
        answer = await client.post(f"/hearings/{hearing_id}/contribution", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/hearings/{hearing_id}")
        await client.post(f"/hearings/{hearing_id}/corrections", data={"correction": "B"})
    assert await Contribution.all().count() == await Correction.all().count() == 1
    assert (await Contribution.get()).may_publish is False  # not ticked


async def test_a_draft_comes_back_to_its_writer_alone(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    client = await browser(server, stage.speaker)
    draft = {"kind": "contribution", "title": "T", "text": f"draft-{CANARY}", "language": "fr"}
    answer = await client.post(f"/hearings/{hearing_id}/draft", data=draft, headers=JSON)
    assert answer.json()["saved"] is True and await Draft.all().count() == 1
    page = (await client.get(f"/hearings/{hearing_id}")).text
    assert f"draft-{CANARY}" in page and "It is not sent yet." in page
    for person in (stage.office, stage.world["expert"], stage.rival):
        other = await browser(server, person)
        assert CANARY not in (await other.get(f"/hearings/{hearing_id}")).text


async def test_two_secretaries_writing_the_same_minutes_see_both_texts(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "held")
    client, path = await browser(server, stage.office), f"/hearings/{hearing_id}/minutes"
    await client.post(path, data={"minutes": "Theirs", "based_on": "0"})
    page = await client.post(path, data={"minutes": "Mine", "based_on": "0"})
    assert page.status_code == 409 and "<del>Theirs</del>" in page.text and "<ins>Mine</ins>" in page.text
    based_on = re.search(r'name="based_on" value="(\d+)"', page.text)
    assert based_on and based_on[1] == "1"
    again = await client.post(path, data={"minutes": "Mine", "based_on": based_on[1]})
    assert again.status_code == 303 and await MinutesText.filter(hearing_id=hearing_id).count() == 2


async def test_minutes_drafts_remember_what_they_were_based_on(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "held")
    client, path = await browser(server, stage.office), f"/hearings/{hearing_id}/minutes"
    draft = {"kind": "minutes", "minutes": "Begun", "based_on": "0"}
    await client.post(f"/hearings/{hearing_id}/draft", data=draft, headers=JSON)
    await actions.write_minutes(hearing_id, "Theirs", 0, stage.office)
    assert not await Draft.exists()  # one's own newer version replaces the draft
    await client.post(f"/hearings/{hearing_id}/draft", data=draft, headers=JSON)
    page = (await client.get(path)).text
    assert "Begun" in page and "<del>Theirs</del>" in page


async def test_my_work_names_what_an_organisation_has_to_do_by_when(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    heard, office = await browser(server, stage.speaker), await browser(server, stage.office)

    async def waiting(client: Any) -> list[str]:
        found = (await client.get("/", headers=JSON)).json()["waiting"]
        return [item["text"] for item in found if item["href"] == f"/hearings/{hearing_id}"]

    assert await waiting(heard) == ["Answer the convocation to your hearing", "Send your contribution"]
    await STEPS["accepted"](stage, hearing_id)
    assert (await waiting(heard))[0] == "Declare the interests of your organisation"
    await STEPS["dpi_received"](stage, hearing_id)
    await actions.submit_contribution(hearing_id, PAPER, stage.speaker)
    await STEPS["held"](stage, hearing_id)
    assert await waiting(heard) == []
    assert await waiting(office) == ["Write and send the minutes of the hearing of Federation"]
    await STEPS["minutes_sent"](stage, hearing_id)
    assert (await waiting(heard))[0].startswith("Correct the minutes until ") and await waiting(office) == []
    await STEPS["corrected"](stage, hearing_id)
    assert await waiting(office) == ["Answer a correction by Federation"]
    await STEPS["locked"](stage, hearing_id)
    assert await waiting(heard) == await waiting(office) == []


async def test_after_the_time_the_page_says_so_and_takes_no_correction(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    client = await browser(server, stage.speaker)
    assert "in 14 days" in (await client.get(f"/hearings/{hearing_id}")).text
    past = datetime.now(UTC) - DAY
    await Hearing.filter(id=hearing_id).update(correct_until=past, minutes_sent_at=past - 15 * DAY)
    page = (await client.get(f"/hearings/{hearing_id}")).text
    assert "count as accepted" in page and "Send the correction" not in page
    late = await client.post(f"/hearings/{hearing_id}/corrections", data={"correction": "B"})
    assert late.status_code == 409 and not await Correction.exists()
    office = await browser(server, stage.office)
    assert (await office.post(f"/hearings/{hearing_id}/lock")).status_code == 303


async def test_the_topic_of_a_hearing_has_the_readers_of_its_page(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    for name, person in people(stage).items():
        found = await audience_of(server.app.state.topics, person, f"hearing-{hearing_id}")
        if name in (*READERS, "speaker", "stakeholder", "other_chair"):
            assert found is not None and found.journal == stage.world.assessment.id, name
        else:
            assert found is None, name


async def test_the_page_of_the_assessment_lists_the_hearings_for_their_readers(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    path = f"/a/{stage.world.assessment.slug}"
    for name in ("secretariat", "expert", "stakeholder"):
        client = await browser(server, stage.world[name])
        assert f"/hearings/{hearing_id}" in (await client.get(path)).text, name
        facts = (await client.get(path, headers=JSON)).json()
        assert hearing_id in [each["hearing"] for each in facts["hearings"]]
    member = await browser(server, stage.world["member"])
    assert "Federation" not in (await member.get(path)).text
    rival = await browser(server, stage.rival)
    assert "Federation" not in (await rival.get(path)).text


async def test_a_text_with_markup_is_harmless(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    nasty = "<img src=x onerror=alert(1)>"
    await actions.submit_contribution(hearing_id, Paper(nasty, nasty, "fr", True), stage.speaker)
    for person in (stage.speaker, stage.office, stage.world["expert"]):
        page = (await (await browser(server, person)).get(f"/hearings/{hearing_id}")).text
        assert nasty not in page and "&lt;img" in page


async def test_the_page_speaks_french(server: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    stage.speaker.language = "fr"
    await stage.speaker.save()
    page = (await (await browser(server, stage.speaker)).get(f"/hearings/{hearing_id}")).text
    assert "Envoyer la correction" in page and "Send the correction" not in page

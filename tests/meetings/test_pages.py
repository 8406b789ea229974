"""Room, console, hall and agenda, through a real server; one test runs a whole meeting over HTTP."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.models import AgendaItem, Meeting, agenda_of, here_of
from deliberate.meetings.rules import Presence
from deliberate.voting.models import Ballot, Vote
from deliberate.voting.rules import Mode, VoteKind
from tests.meetings.meetings import (
    at_question,
    convened,
    item,
    opened,
    plan,
    statement_of,
    world_at_question,
    world_convened,
    world_in_meeting,
)
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world, pair
from tests.voting.votes import cast

GROUP = ["secretariat", "chair", "expert", "recused"]
OTHERS = [
    "other_chair",
    "other_expert",
    "committee_chair",
    "member",
    "stakeholder",
    "administrator",
    "signed_in",
    "foreign_secretariat",
]
ROOM = ["", "/hall", "/ballot", "/self", "/parts/now", "/parts/agenda", "/parts/presence", "/parts/results"]
CONSOLE = ["/console", "/agenda", "/console/desk", "/console/journal", "/console/order"]


async def post(browser: Any, url: str, **form: Any) -> Any:
    return await browser.post(url, data=form, headers=JSON)


async def rating(world: World, found: AgendaItem) -> Vote:
    statement = await statement_of(world)
    motion = Motion(f"statement-{statement.id}", kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL)
    return await Vote.get(id=await actions.open_vote(found.id, motion, world["chair"]))


@pytest.mark.parametrize("who", GROUP)
async def test_the_meeting_is_there_for_its_group(server: Any, who: str) -> None:
    world, meeting = await world_in_meeting()
    browser = await browser_of(server, world[who])
    for path in ROOM:
        assert (await browser.get(f"/meetings/{meeting.id}{path}")).status_code == 200, path
    expected = 200 if who in ("secretariat", "chair") else 404
    for path in CONSOLE:
        assert (await browser.get(f"/meetings/{meeting.id}{path}")).status_code == expected, path
    assert (await browser.get(f"/meetings/{meeting.id}/parts/nothing")).status_code == 404
    page = await browser.get(f"/a/{world.assessment.slug}/meetings")
    assert "Second meeting" in page.text
    assert ("Plan a meeting" in page.text) is (who in ("secretariat", "chair"))


@pytest.mark.parametrize("who", OTHERS)
async def test_the_meeting_does_not_exist_for_anybody_else(server: Any, who: str) -> None:
    world, meeting, found = await world_at_question()
    browser = await browser_of(server, world[who])
    for path in ROOM + CONSOLE:
        assert (await browser.get(f"/meetings/{meeting.id}{path}")).status_code == 404, path
    base = f"/meetings/{meeting.id}"
    for path in ("/open", "/close", "/convene", "/agenda", "/votes", "/attendance"):
        answer = await post(browser, base + path, how="on_site", title_fr="x", text_fr="x")
        assert answer.status_code == 404, path
    for path in ("", "/open", "/close", "/postpone", "/move", "/remove"):
        answer = await post(browser, f"{base}/items/{found.id}{path}", title_fr="x", direction="up")
        assert answer.status_code == 404, path
    listed = await browser.get(f"/a/{world.assessment.slug}/meetings")
    assert listed.status_code == 404 or "Second meeting" not in listed.text
    assert "Second meeting" not in (await browser.get("/")).text


@pytest.mark.parametrize("who", ["expert", "recused"])
async def test_members_do_not_conduct(server: Any, who: str) -> None:
    world, meeting, found = await world_at_question()
    browser, base = await browser_of(server, world[who]), f"/meetings/{meeting.id}"
    for path in ("/open", "/close", "/convene", "/agenda", "/votes"):
        assert (await post(browser, base + path, title_fr="x", text_fr="x")).status_code == 404, path
    for path in ("", "/open", "/close", "/postpone", "/move", "/remove"):
        answer = await post(browser, f"{base}/items/{found.id}{path}", title_fr="x", direction="up")
        assert answer.status_code == 404, path
    other = await post(browser, base + "/attendance", how="leave", person=world["chair"].id)
    assert other.status_code == 404
    planned = await post(
        browser,
        f"/a/{world.assessment.slug}/meetings",
        group=world.infection.id,
        title_fr="x",
        planned_at="2026-12-01T10:00",
    )
    assert planned.status_code == 404


async def test_a_whole_meeting_over_http(server: Any) -> None:
    world = await make_world(experts=7)
    chair, secretary = (
        await browser_of(server, world["chair"]),
        await browser_of(server, world["secretariat"]),
    )
    experts = [await browser_of(server, person) for person in world.experts]
    slug = world.assessment.slug

    made = await post(
        secretary,
        f"/a/{slug}/meetings",
        group=world.infection.id,
        title_fr="Deuxième réunion",
        title_en="Second meeting",
        planned_at="2026-12-01T10:00",
        place="Salle 4",
    )
    meeting_id = made.json()["meeting"]
    meeting = await Meeting.get(id=meeting_id)
    assert meeting.planned_at.isoformat() == "2026-12-01T09:00:00+00:00"  # 10:00 in Paris
    base = f"/meetings/{meeting_id}"
    assert made.json()["location"] == f"{base}/agenda"
    added = await post(
        secretary, f"{base}/agenda", subject=f"question-{world.question.id}", planned_minutes="40"
    )
    item_id = added.json()["item"]
    await post(secretary, f"{base}/agenda", title_en="Any other business", kind="information")
    facts = (await secretary.get(f"{base}/agenda", headers=JSON)).json()
    assert [each["subject"] for each in facts["agenda"]] == [f"question-{world.question.id}", ""]
    assert (await AgendaItem.get(id=item_id)).title["en"] == "I-1 Question I-1"

    assert (await post(secretary, f"{base}/convene")).status_code == 200
    assert (await post(chair, f"{base}/open")).status_code == 409  # nobody is there
    for browser in [chair, *experts]:
        assert (await post(browser, f"{base}/attendance", how="on_site")).status_code == 200
    assert (await post(chair, f"{base}/open")).json()["meeting"] == meeting_id
    assert (await post(chair, f"{base}/items/{item_id}/open")).status_code == 200

    statement = await statement_of(world)
    opened_vote = (await post(chair, f"{base}/votes", subject=f"statement-{statement.id}")).json()
    vote_id = opened_vote["vote"]
    assert opened_vote["location"] == f"{base}/console"
    room = (await experts[0].get(base, headers=JSON)).json()
    assert (room["state"], room["item"], room["vote"]) == ("opened", item_id, vote_id)
    page = (await experts[0].get(base)).text
    assert f'data-ballot="{vote_id}"' in page and "Statement I-1.1" in page
    assert f'name="next" value="{base}"' in page
    assert (
        f'data-ballot="{vote_id}"' not in (await chair.get(f"{base}/console")).text
    )  # the chair does not rate

    numbers = [
        (await post(browser, f"/votes/{vote_id}/ballots", key=uuid4().hex, rating="8")).json()["number"]
        for browser in experts
    ]
    assert len(set(numbers)) == 7
    console = (await chair.get(f"{base}/console")).text
    assert f'data-fact="vote-{vote_id}.cast">7<' in console and "Close the vote" in console
    assert (await post(chair, f"{base}/items/{item_id}/close")).status_code == 409
    await post(chair, f"/votes/{vote_id}/close", next=f"{base}/console")
    assert "Reveal the result" in (await chair.get(f"{base}/console/desk")).text
    assert "appropriate, with agreement" not in (await experts[0].get(base)).text
    await post(chair, f"/votes/{vote_id}/reveal", next=f"{base}/console")
    for path in ("", "/parts/now", "/parts/results", "/hall"):
        assert "appropriate, with agreement" in (await experts[0].get(base + path)).text, path

    motion = await post(chair, f"{base}/votes", text_fr="On termine à 16 h.", text_en="We end at 4 p.m.")
    choice_id = motion.json()["vote"]
    assert f'data-ballot="{choice_id}"' in (await chair.get(f"{base}/console")).text
    for browser in [chair, *experts]:
        await post(browser, f"/votes/{choice_id}/ballots", key=uuid4().hex, choice="for")
    await post(chair, f"/votes/{choice_id}/close")
    await post(chair, f"/votes/{choice_id}/reveal")
    result = (await experts[0].get(f"/votes/{choice_id}", headers=JSON)).json()["result"]
    assert result["outcome"] == "adopted" and result["counts"]["for"] == 8

    assert (await post(chair, f"{base}/items/{item_id}/close")).status_code == 200
    assert (await post(chair, f"{base}/close")).status_code == 200
    assert (await experts[0].get(base, headers=JSON)).json()["state"] == "closed"
    assert await here_of(meeting_id) == {}


async def test_a_convened_meeting_waits_with_the_moment_it_begins_and_is_no_deadline(server: Any) -> None:
    world, meeting = await world_convened()
    expert = await browser_of(server, world["expert"])
    (waiting,) = [
        each
        for each in (await expert.get("/", headers=JSON)).json()["waiting"]
        if each["href"] == f"/meetings/{meeting.id}"
    ]
    assert (waiting["at"], waiting["until"]) == (meeting.planned_at.isoformat(), None)
    office = (await (await browser_of(server, world["secretariat"])).get("/", headers=JSON)).json()["waiting"]
    (named,) = [each["text"] for each in office if each["href"].startswith(f"/meetings/{meeting.id}")]
    assert named.removesuffix(", convened").endswith(" · Infection") and "Infection" not in waiting["text"]
    for planned in (meeting.planned_at, datetime.now(UTC) - timedelta(days=1)):
        await Meeting.filter(id=meeting.id).update(planned_at=planned)
        row = (
            (await expert.get("/")).text.partition(f'href="/meetings/{meeting.id}"')[2].partition("</li>")[0]
        )
        assert str(planned.year) in row and "until" not in row and "due" not in row


async def test_every_state_of_a_meeting_can_be_shown(server: Any) -> None:
    """Room, console and hall at each step, in both languages."""
    world = await make_world(experts=5)
    chair, expert = await browser_of(server, world["chair"]), await browser_of(server, world["expert"])

    async def look(meeting_id: int) -> None:
        for code in ("en", "fr"):
            for browser, path in ((expert, ""), (chair, "/console"), (expert, "/hall"), (chair, "/agenda")):
                browser.cookies.set("language", code, domain="127.0.0.1")
                answer = await browser.get(f"/meetings/{meeting_id}{path}")
                assert answer.status_code == 200, answer.text
                assert answer.text.count("<h1") == 1, path

    await look(await plan(world))
    meeting = await convened(world)
    await look(meeting.id)
    for person in (world["chair"], *world.experts):
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, person)
    await actions.open_meeting(meeting.id, world["chair"])
    await look(meeting.id)
    first, second, third = await agenda_of(meeting.id)
    await actions.postpone_item(first.id, world["chair"])
    await actions.open_item(second.id, world["chair"])
    await look(meeting.id)
    vote = await rating(world, second)
    await look(meeting.id)
    for person in world.experts:
        await cast(vote, person, 8)
    await actions.close_vote(vote.id, world["chair"])
    await look(meeting.id)
    await actions.reveal_vote(vote.id, world["chair"])
    await look(meeting.id)
    await actions.close_item(second.id, world["chair"])
    await actions.postpone_item(third.id, world["chair"])
    await look(meeting.id)
    await actions.close_meeting(meeting.id, world["chair"])
    await look(meeting.id)


async def test_the_ballot_form_stands_in_a_part_that_news_leave_alone(server: Any) -> None:
    world, meeting, found = await world_at_question()
    expert = await browser_of(server, world["expert"])
    before = (await expert.get(f"/meetings/{meeting.id}/ballot")).text
    assert 'data-keep="no-vote"' in before and "<form" not in before
    vote = await rating(world, found)
    during = (await expert.get(f"/meetings/{meeting.id}/ballot")).text
    assert f'data-keep="vote-{vote.id}"' in during and f'data-keep="vote-{vote.id}-open"' in during
    await cast(vote, world.experts[1], 5)
    await actions.arrive(meeting.id, world["secretariat"].id, Presence.ON_SITE, world["secretariat"])
    again = (await expert.get(f"/meetings/{meeting.id}/ballot")).text
    assert re.findall('data-keep="([^"]+)"', again) == re.findall('data-keep="([^"]+)"', during)
    for path in ("", "/parts/now", "/parts/agenda", "/parts/presence", "/parts/results", "/hall"):
        page = (await expert.get(f"/meetings/{meeting.id}{path}")).text
        assert len(re.findall("<textarea", page)) == (1 if path == "" else 0), path
    await actions.close_vote(vote.id, world["chair"])
    closed = (await expert.get(f"/votes/{vote.id}/ballot")).text
    assert f'data-keep="vote-{vote.id}-closed"' in closed and "<form" not in closed


CANARY = "Secret-9911 canary statement"


async def test_whoever_is_recused_sees_neither_text_nor_vote_nor_result(server: Any) -> None:
    world, meeting, found = await world_at_question()
    vote_id = await actions.open_vote(found.id, Motion(text=pair(CANARY)), world["chair"])
    vote = await Vote.get(id=vote_id)
    recused, expert = await browser_of(server, world["recused"]), await browser_of(server, world["expert"])
    for moment in ("open", "counted"):
        if moment == "counted":
            await cast(vote, world["expert"], "for")
            await actions.close_vote(vote_id, world["chair"])
            await actions.reveal_vote(vote_id, world["chair"])
        seen = 0
        for path in ROOM:
            seen += CANARY in (await expert.get(f"/meetings/{meeting.id}{path}")).text
            page = await recused.get(f"/meetings/{meeting.id}{path}")
            assert CANARY not in page.text, path
            assert f"/votes/{vote_id}" not in page.text, path
        assert seen >= 2
        facts = (await recused.get(f"/meetings/{meeting.id}", headers=JSON)).json()
        assert facts["votes"] == [] and facts["vote"] is None
        assert (await recused.get(f"/votes/{vote_id}")).status_code == 404
    assert "You are recused from this item" in (await recused.get(f"/meetings/{meeting.id}")).text
    self_part = (await recused.get(f"/meetings/{meeting.id}/self")).text
    assert "outside because of an interest" in self_part


async def test_panels_are_rendered_once_for_all_who_see_the_same(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliberate.meetings import parts_pages

    world = await make_world(experts=5)
    meeting, found = await at_question(world)
    vote = await rating(world, found)
    rendered: list[str] = []
    original = parts_pages.page_text

    def counting(request: Any, name: str, context: Any) -> str:
        rendered.append(name)
        return original(request, name, context)

    monkeypatch.setattr(parts_pages, "page_text", counting)
    browsers = [await browser_of(server, person) for person in world.experts]
    url = f"/meetings/{meeting.id}/parts/now"
    texts = [(await browser.get(url)).text for browser in browsers]
    assert rendered == ["meetings/_now.html"] and len(set(texts)) == 1
    await cast(vote, world["expert"], 7)  # the count moves, the panel around it stays
    texts = [(await browser.get(url)).text for browser in browsers]
    assert rendered == ["meetings/_now.html"]
    assert all(f'data-fact="vote-{vote.id}.cast">1<' in text for text in texts)
    await (await browser_of(server, world["recused"])).get(url)
    assert len(rendered) == 2  # without the vote


async def test_a_refused_act_brings_the_console_back_with_the_reason(server: Any) -> None:
    world, meeting = await world_convened()
    chair = await browser_of(server, world["chair"])
    answer = await chair.post(
        f"/meetings/{meeting.id}/open", data={"next": f"/meetings/{meeting.id}/console"}
    )
    assert answer.status_code == 409
    assert "There is no quorum" in answer.text and "console-bar" in answer.text
    answer = await chair.post(f"/meetings/{meeting.id}/agenda", data={"title_fr": "", "title_en": ""})
    assert answer.status_code == 422 and "Give a title" in answer.text
    answer = await chair.post(
        f"/meetings/{meeting.id}/agenda", data={"subject": f"question-{world.other_question.id}"}
    )
    assert answer.status_code == 422 and "Choose a question of the group" in answer.text


async def test_an_item_of_another_meeting_is_not_reached_through_this_one(server: Any) -> None:
    world = await make_world()
    one, two = await convened(world), await convened(world)
    foreign = (await agenda_of(two.id))[0]
    chair = await browser_of(server, world["chair"])
    for path in ("", "/open", "/close", "/postpone", "/move", "/remove"):
        answer = await post(
            chair, f"/meetings/{one.id}/items/{foreign.id}{path}", title_fr="x", direction="up"
        )
        assert answer.status_code == 404, path
    answer = await post(chair, f"/meetings/{one.id}/votes", item=foreign.id, text_fr="x")
    assert answer.status_code == 404


async def test_the_agenda_is_edited_without_scripts(server: Any) -> None:
    world, meeting = await world_convened()
    secretary, base = await browser_of(server, world["secretariat"]), f"/meetings/{meeting.id}"
    first, second, _ = await agenda_of(meeting.id)
    moved = await secretary.post(f"{base}/items/{second.id}/move", data={"direction": "up"})
    assert moved.status_code == 303 and moved.headers["location"] == f"{base}/agenda#item-{second.id}"
    assert (await agenda_of(meeting.id))[0].id == second.id
    await secretary.post(
        f"{base}/items/{first.id}",
        data={"title_fr": "Accueil", "title_en": "Opening", "kind": "information", "planned_minutes": "5"},
    )
    changed = await AgendaItem.get(id=first.id)
    assert (changed.title["en"], changed.planned_minutes) == ("Opening", 5)
    await secretary.post(f"{base}/items/{first.id}/remove")
    assert await AgendaItem.get_or_none(id=first.id) is None
    for path in ("/agenda", f"/items/{second.id}"):  # every question of the group, once
        page = (await secretary.get(f"{base}{path}")).text
        assert page.count("Question I-1</option>") == 1 and "Question P-1" not in page
    refused = await secretary.post(f"{base}/items/{second.id}", data={"title_en": "Kept", "subject": "x"})
    assert refused.status_code == 422 and 'value="Kept"' in refused.text


async def test_home_and_pages_of_assessment_show_the_meeting_to_its_group(server: Any) -> None:
    world, meeting = await world_convened()
    expert, chair = await browser_of(server, world["expert"]), await browser_of(server, world["chair"])
    assert "Second meeting, convened" in (await expert.get("/")).text
    assert f'href="/meetings/{meeting.id}/console"' in (await chair.get("/")).text
    page = (await expert.get(f"/a/{world.assessment.slug}")).text
    assert f'href="/meetings/{meeting.id}"' in page
    facts = (await expert.get(f"/a/{world.assessment.slug}", headers=JSON)).json()
    assert facts["meetings"] == [{"id": meeting.id, "group": world.infection.id, "state": "convened"}]
    for person in (world["chair"], *world.experts):
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, person)
    await actions.open_meeting(meeting.id, world["chair"])
    assert "Second meeting, running now" in (await expert.get("/")).text


async def test_two_meetings_of_two_groups_do_not_see_each_other(server: Any) -> None:
    world = await make_world()
    one = await opened(world, item(), item("Bacteria", f"question-{world.question.id}"))
    two_id = await plan(world, group_id=world.pharmacology.id)
    await actions.add_item(two_id, item("Products"), world["other_chair"])
    await actions.convene_meeting(two_id, world["other_chair"])
    expert, other = await browser_of(server, world["expert"]), await browser_of(server, world["other_expert"])
    for browser, own, foreign in ((expert, one.id, two_id), (other, two_id, one.id)):
        assert (await browser.get(f"/meetings/{own}")).status_code == 200
        for path in ROOM:
            assert (await browser.get(f"/meetings/{foreign}{path}")).status_code == 404
    answers = await asyncio.gather(
        post(await browser_of(server, world["chair"]), f"/meetings/{one.id}/items/1/open"),
        post(await browser_of(server, world["other_chair"]), f"/meetings/{two_id}/attendance", how="remote"),
    )
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_the_own_attendance_is_a_button(server: Any) -> None:
    world, meeting = await world_convened()
    expert = await browser_of(server, world["expert"])
    assert "I am in the room" in (await expert.get(f"/meetings/{meeting.id}")).text
    answer = await expert.post(f"/meetings/{meeting.id}/attendance", data={"how": "remote"})
    assert answer.status_code == 303 and answer.headers["location"] == f"/meetings/{meeting.id}"
    assert (await here_of(meeting.id))[world["expert"].id].how == "remote"
    page = (await expert.get(f"/meetings/{meeting.id}")).text
    assert "recorded as present: remote" in page and "I leave" in page
    await expert.post(f"/meetings/{meeting.id}/attendance", data={"how": "leave"})
    assert await here_of(meeting.id) == {}
    assert await Ballot.all().count() == 0

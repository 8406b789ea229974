"""An assessment's pages, by real HTTP: who sees what, loading, inviting, ending."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from deliberate.assessments.models import Assessment, Group, Membership
from deliberate.live.database import writing
from deliberate.people.models import Person
from tests.people.helpers import JSON, browser_of, everything
from tests.support.builders import join, make_assessment, make_group, make_person, make_question, make_world

FILES = Path(__file__).parent / "files"
GOOD = (FILES / "second.toml").read_text("utf-8")
NASTY = "<b>O'Brien</b>"
ESCAPED = "&lt;b&gt;O&#39;Brien&lt;/b&gt;"


async def test_everybody_sees_their_own_part_of_an_assessment_and_no_more(server: Any) -> None:
    world = await make_world()
    path = f"/a/{world.assessment.slug}"
    groups = {
        "secretariat": ["pharmacology", "infection", "ceesp"],
        "chair": ["infection"],
        "expert": ["infection"],
        "other_expert": ["pharmacology"],
        "committee_chair": ["ceesp"],
        "member": ["ceesp"],
        "stakeholder": [],
    }
    for persona, seen in groups.items():
        client = await browser_of(server, world[persona])
        facts = (await client.get(path, headers=JSON)).json()
        assert (facts["id"], facts["slug"]) == (world.assessment.id, world.assessment.slug)
        assert [group["code"] for group in facts["groups"]] == seen
        page = (await client.get(path)).text
        assert "Map the risks" in page and "The authority" in page and "Secretary" in page
        assert ("Expert 0" in page) == ("infection" in seen)
        assert ("Other expert" in page) == ("pharmacology" in seen)
        assert ("Member 0" in page) == ("ceesp" in seen)
        assert ("RAND/UCLA" in page) == (persona != "stakeholder")
    for persona in ("administrator", "signed_in", "foreign_secretariat"):
        answer = await (await browser_of(server, world[persona])).get(path)
        assert answer.status_code == 404 and "Map the risks" not in answer.text
    anonymous = await browser_of(server, None)
    assert (await anonymous.get(path)).headers["location"] == "/sign-in"
    nowhere = await (await browser_of(server, world["expert"])).get("/a/nowhere")
    assert nowhere.status_code == 404


async def test_my_work_lists_where_one_takes_part(server: Any) -> None:
    world = await make_world()
    page = (await (await browser_of(server, world["chair"])).get("/")).text
    assert f"/a/{world.assessment.slug}" in page and "chair, Infection" in page
    page = (await (await browser_of(server, world["signed_in"])).get("/")).text
    assert f"/a/{world.assessment.slug}" not in page and "You take part in no assessment yet" in page


async def test_the_board_is_the_secretariats(server: Any) -> None:
    world = await make_world()
    path = f"/a/{world.assessment.slug}/board"
    page = await (await browser_of(server, world["secretariat"])).get(path)
    assert page.status_code == 200 and "Where each question stands" in page.text
    assert "I-1" in page.text and "P-1" in page.text
    for persona in ("chair", "expert", "member", "stakeholder", "administrator", "foreign_secretariat"):
        assert (await (await browser_of(server, world[persona])).get(path)).status_code == 404


async def test_an_administrator_loads_a_file_and_loading_it_again_changes_nothing(server: Any) -> None:
    client = await browser_of(server, await make_person(administrator=True))
    upload = {"file": ("assessment.toml", GOOD.encode(), "application/toml")}
    loaded = (await client.post("/assessments/import", files=upload, headers=JSON)).json()
    assert (loaded["slug"], loaded["new"]) == ("black-henna", True)
    groups = await Group.filter(assessment_id=loaded["assessment"]).order_by("position")
    assert [group.code for group in groups] == ["skin", "board"]
    before = await everything()
    again = await client.post("/assessments/import", data={"text": GOOD})
    assert again.status_code == 303
    assert "Already loaded: nothing changed" in (await client.get("/assessments/import")).text
    assert await everything() == before


async def test_a_changed_file_is_refused_with_the_reason(server: Any) -> None:
    client = await browser_of(server, await make_person(administrator=True))
    await client.post("/assessments/import", data={"text": GOOD})
    before = await everything()
    changed = GOOD.replace("To assess the risk of allergy.", "To assess another risk.")
    answer = await client.post("/assessments/import", data={"text": changed})
    assert answer.status_code == 409 and "already loaded, with other content" in answer.text
    assert "To assess another risk." in answer.text  # what was pasted is still there
    assert await everything() == before


async def test_a_bad_file_is_told_line_by_line_and_changes_nothing(server: Any) -> None:
    client = await browser_of(server, await make_person(administrator=True))
    before = await everything()
    bad = (FILES / "many_problems.toml").read_text("utf-8")
    page = await client.post("/assessments/import", data={"text": bad})
    assert page.status_code == 422 and "Nothing was loaded. Places to correct" in page.text
    told = await client.post("/assessments/import", data={"text": bad}, headers=JSON)
    problems = told.json()["problems"]
    assert told.status_code == 422 and len(problems) > 3
    assert all(set(problem) == {"line", "key", "message"} for problem in problems)
    lines = [problem["line"] or 0 for problem in problems]
    assert lines == sorted(lines)
    for problem in problems:
        assert str(problem["line"]) in page.text
    for sent in ({"text": ""}, {}, {"text": "= = ="}):
        assert (await client.post("/assessments/import", data=sent)).status_code == 422
    binary = {"file": ("x.toml", b"\xff\xfe\x00", "application/toml")}
    assert (await client.post("/assessments/import", files=binary)).status_code == 422
    assert await everything() == before


async def test_problems_are_told_in_french_too(server: Any) -> None:
    client = await browser_of(server, await make_person(administrator=True, language="fr"))
    client.cookies.set("language", "fr", domain="127.0.0.1")
    bad = GOOD.replace('slug = "black-henna"', 'slug = "Black henna"')
    page = await client.post("/assessments/import", data={"text": bad})
    assert "ne peut figurer dans une adresse" in page.text and "Rien n’a été chargé" in page.text


async def test_loading_is_for_administrators(server: Any) -> None:
    world = await make_world()
    for persona in ("secretariat", "expert", "signed_in"):
        client = await browser_of(server, world[persona])
        before = await everything()
        assert (await client.post("/assessments/import", data={"text": GOOD})).status_code == 404
        assert (await client.get("/assessments/import")).status_code == 404
        assert await everything() == before


async def test_an_administrator_is_told_of_an_assessment_without_secretariat(server: Any) -> None:
    boss = await make_person(administrator=True)
    assessment = await make_assessment("lonely")
    client = await browser_of(server, boss)
    waiting = (await client.get("/", headers=JSON)).json()["waiting"]
    assert [item["href"] for item in waiting] == ["/a/lonely/members"]
    form = {"name": "Sam", "email": "sam@example.org", "role": "secretariat", "language": "en"}
    made = (await client.post("/a/lonely/members", data=form, headers=JSON)).json()
    assert made["link"].startswith(f"{server.url}/sign-in/")
    assert (await client.get("/", headers=JSON)).json()["waiting"] == []
    sam = await browser_of(server, None)
    assert (await sam.post(made["link"].removeprefix(server.url))).status_code == 303
    assert (await sam.get(f"/a/{assessment.slug}/members")).status_code == 200
    refused = await client.post("/a/lonely/members", data={**form, "role": "stakeholder"})
    assert refused.status_code == 409 and "As an administrator you invite the secretariat" in refused.text


async def test_inviting_shows_the_link_once_and_escapes_every_name(server: Any) -> None:
    world = await make_world()
    path = f"/a/{world.assessment.slug}/members"
    client = await browser_of(server, world["secretariat"])
    form = {"name": NASTY, "email": "obrien@example.org", "role": "expert", "group": "infection"}
    page = (await client.post(path, data={**form, "administrator": "yes"})).text
    assert f"{server.url}/sign-in/" in page and NASTY not in page and ESCAPED in page
    person = await Person.get(email="obrien@example.org")
    assert person.name == NASTY and not person.administrator
    later = (await client.get(path)).text
    assert "/sign-in/" not in later and ESCAPED in later and "has not come in yet" in later
    again = await client.post(path, data=form)
    assert again.status_code == 422 and "already has this role" in again.text
    membership = await Membership.get(person=person)
    renewed = (await client.post(f"{path}/{membership.id}/link", headers=JSON)).json()
    assert renewed["person"] == person.id and "/sign-in/" in renewed["link"]


async def test_an_invited_person_comes_in_and_a_removed_one_is_out_at_once(server: Any) -> None:
    world = await make_world()
    expert, path = world["expert"], f"/a/{world.assessment.slug}"
    mine = await browser_of(server, expert)
    office = await browser_of(server, world["secretariat"])
    assert (await mine.get(path)).status_code == 200
    membership = await Membership.get(person=expert)
    ended = await office.post(f"{path}/members/{membership.id}/end")
    assert ended.status_code == 303
    assert (await mine.get(path)).status_code == 404
    assert path not in (await mine.get("/")).text
    assert (await office.post(f"{path}/members/{membership.id}/end")).status_code == 404


async def test_a_secretary_who_is_removed_hears_no_more(server: Any) -> None:
    world = await make_world()
    secretary, topic = world["secretariat"], f"assessment-{world.assessment.id}"
    await join(await make_person(), world.assessment, "secretariat")
    client = await browser_of(server, secretary)
    headers = {"Cookie": f"deliberate={client.cookies['deliberate']}; language=en", "Origin": server.url}
    async with connect(f"{server.ws_url}/live", additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps({"watch": topic}))
        while "watching" not in json.loads(await asyncio.wait_for(socket.recv(), 60)):
            pass
        membership = await Membership.get(person=secretary)
        boss = await browser_of(server, world["administrator"])
        path = f"/a/{world.assessment.slug}/secretariat/{membership.id}/end"
        assert (await boss.post(path)).status_code == 303
        async with asyncio.timeout(60):
            while (frame := json.loads(await socket.recv())).get("ended") != topic:
                assert frame.get("kind") != "membership_ended" or "person" in frame["facts"]


async def test_only_the_secretariat_hears_who_comes_and_goes(server: Any) -> None:
    world = await make_world()
    for persona in ("expert", "member", "stakeholder", "administrator", "foreign_secretariat"):
        client = await browser_of(server, world[persona])
        headers = {"Cookie": f"deliberate={client.cookies['deliberate']}", "Origin": server.url}
        async with connect(f"{server.ws_url}/live", additional_headers=headers, proxy=None) as socket:
            await socket.send(json.dumps({"watch": f"assessment-{world.assessment.id}"}))
            frames = [json.loads(await asyncio.wait_for(socket.recv(), 60)) for _ in range(2)]
            assert frames[1]["error"] == "NotFound"


async def test_nobody_touches_the_members_of_another_assessment(server: Any) -> None:
    world = await make_world()
    foreign = await make_assessment()
    stranger = await join(await make_person(), foreign, "secretariat")
    theirs = await Membership.get(person=world["expert"])
    client = await browser_of(server, stranger)
    before = await everything()
    own, other = f"/a/{foreign.slug}/members", f"/a/{world.assessment.slug}/members"
    form = {"name": "X", "email": "x@example.org", "role": "stakeholder"}
    for path in (other, f"{other}/import", f"{own}/{theirs.id}/end", f"{own}/{theirs.id}/link"):
        assert (await client.post(path, data=form)).status_code == 404
    assert await everything() == before
    for persona in ("chair", "expert", "member", "stakeholder", "signed_in"):
        client = await browser_of(server, world[persona])
        before = await everything()
        paths = (other, f"{other}/import", f"{other}/{theirs.id}/end", f"{other}/{theirs.id}/link")
        assert {(await client.post(path, data=form)).status_code for path in paths} == {404}
        assert (await client.get(other)).status_code == 404
        assert await everything() == before
    boss = await browser_of(server, world["administrator"])
    before = await everything()
    desk = f"/a/{world.assessment.slug}/secretariat/{theirs.id}"
    for path in (f"{other}/import", f"{other}/{theirs.id}/end", f"{desk}/end", f"{desk}/link"):
        assert (await boss.post(path, data=form)).status_code == 404
    assert await everything() == before


async def test_an_administrator_sees_the_secretariat_and_no_other_member(server: Any) -> None:
    world = await make_world()
    page = (
        await (await browser_of(server, world["administrator"])).get(f"/a/{world.assessment.slug}/members")
    ).text
    assert "Secretary" in page
    for name in ("Expert 0", "Member 0", "Stakeholder", "Other chair"):
        assert name not in page


async def test_a_list_of_members_is_invited_whole_or_not_at_all(server: Any) -> None:
    world = await make_world()
    path = f"/a/{world.assessment.slug}/members"
    client = await browser_of(server, world["secretariat"])
    before = await everything()
    bad = "name;email;role;group\nA;a@example.org;expert;infection\nB;not an address;boss;nowhere\n"
    page = await client.post(f"{path}/import", data={"text": bad})
    assert page.status_code == 422 and "This role is not known" in page.text
    assert "not an address" in page.text  # what was pasted is still there
    told = (await client.post(f"{path}/import", data={"text": bad}, headers=JSON)).json()
    assert sorted(told["problems"]) == ["line 3, email", "line 3, group", "line 3, role"]
    assert await everything() == before
    good = "name;email;role;group\n" + "".join(
        f"Léa {number};lea{number}@example.org;expert;infection\n" for number in range(200)
    )
    upload = {"file": ("members.csv", good.encode("cp1252"), "text/csv")}
    made = (await client.post(f"{path}/import", files=upload, headers=JSON)).json()["invited"]
    assert len(made) == 200 and all("/sign-in/" in each["link"] for each in made)
    assert "Léa 199" in (await client.get(path)).text
    again = await client.post(f"{path}/import", data={"text": good})
    assert again.status_code == 200 and "Everybody on this list already takes part" in again.text


async def test_a_page_costs_the_same_number_of_queries_with_one_member_and_with_sixty(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tortoise.backends.base.client import BaseDBAsyncClient

    world = await make_world()
    client = await browser_of(server, world["secretariat"])
    counted: list[str] = []
    for kind in {type(connection) for connection in connections()}:
        for name in ("execute_query", "execute_query_dict"):
            original = getattr(kind, name)

            async def counting(
                self: BaseDBAsyncClient, query: str, *more: Any, original: Any = original, **named: Any
            ) -> Any:
                counted.append(query)
                return await original(self, query, *more, **named)

            monkeypatch.setattr(kind, name, counting)
    sizes = []
    for _ in range(2):
        counted.clear()
        await client.get(f"/a/{world.assessment.slug}/members")
        sizes.append(len(counted))
        for _ in range(60):
            await join(await make_person(), world.assessment, "expert", world.infection)
    assert sizes[0] == sizes[1] <= 16


def connections() -> list[Any]:
    from tortoise.connection import get_connections

    return list(get_connections().all())


async def test_two_assessments_stay_apart(server: Any) -> None:
    world = await make_world()
    other = await make_assessment()
    group = await make_group(other, "infection")
    person = await join(await make_person(), other, "expert", group)
    client = await browser_of(server, person)
    assert (await client.get(f"/a/{other.slug}")).status_code == 200
    assert (await client.get(f"/a/{world.assessment.slug}")).status_code == 404
    assert await Assessment.all().count() == 3


async def test_a_long_board_comes_a_page_at_a_time(server: Any) -> None:
    world = await make_world()
    async with writing():
        for number in range(49):
            await make_question(world.assessment, world.infection, f"X-{number}", statements=0)
    client = await browser_of(server, world["secretariat"])
    path = f"/a/{world.assessment.slug}/board"
    pages = [await client.get(f"{path}{asked}") for asked in ("", "?page=2")]
    rows = [re.findall(r'<tr id="question-(\d+)"', page.text) for page in pages]
    assert [len(found) for found in rows] == [50, 1] and not set(rows[0]) & set(rows[1])
    assert 'rel="next"' in pages[0].text and 'rel="prev"' in pages[1].text
    for asked in ("0", "9999", "-1", "x", "²"):
        assert (await client.get(f"{path}?page={asked}")).status_code == 200

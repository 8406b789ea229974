"""The record in the browser: who reads which version, what the public gets, and what the page holds."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from deliberate.people.models import Person
from deliberate.questions.actions import adopt_conclusion, reopen_question, write_conclusion
from deliberate.record import actions, render
from deliberate.record.models import Record
from deliberate.record.pages import audience_of_record
from deliberate.record.verifier import verify
from tests.conftest import RunningServer
from tests.record.story import BLIND, CONCLUSION, make_story
from tests.support.builders import World, sign_in

JSON = {"Accept": "application/json"}


async def browser(server: RunningServer, person: Person | None, language: str = "en") -> Any:
    cookies = {"language": language}
    if person:
        cookies["deliberate"] = await sign_in(person)
    return server.client(cookies=cookies)


async def statuses(server: RunningServer, world: World, url: str) -> dict[str, int]:
    personas = (
        "secretariat",
        "committee_chair",
        "member",
        "chair",
        "expert",
        "stakeholder",
        "administrator",
        "signed_in",
        "foreign_secretariat",
    )
    return {name: (await (await browser(server, world[name])).get(url)).status_code for name in personas}


async def compiled(world: World) -> Record:
    return await actions.compile_record(world.assessment.id, world["secretariat"])


async def frozen(world: World) -> Record:
    return await actions.freeze_record((await compiled(world)).id, world["secretariat"])


async def sealed(server: RunningServer, world: World) -> Record:
    record = await frozen(world)
    keeper = server.app.state.keeper
    await actions.seal_record(record.id, world["secretariat"].id, world["committee_chair"], keeper)
    return record


async def test_the_secretariat_compiles_reads_and_freezes_by_plain_forms(server: RunningServer) -> None:
    world = await make_story(blind=False)
    client = await browser(server, world["secretariat"])
    page = await client.get(f"/a/{world.assessment.slug}/record")
    assert "Compile version 1" in page.text and "2 questions and 3 votes" in page.text
    answer = await client.post(f"/a/{world.assessment.slug}/record")
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    for words in (
        "The group holds the risk for",
        "One member differs.",
        "Position 3",
        "appropriate",
        "Put before",
    ):
        assert words in page.text
    answer = await client.post(f"{answer.headers['location']}/freeze", headers=JSON)
    assert answer.json()["state"] == "frozen_for_review" and answer.json()["version"] == 1


async def test_a_refused_freeze_says_why_on_the_page_and_changes_nothing(server: RunningServer) -> None:
    world = await make_story()
    record = await compiled(world)
    client = await browser(server, world["secretariat"])
    answer = await client.post(f"/records/{record.id}/freeze")
    assert answer.status_code == 409 and "P-1" in answer.text
    assert (await client.post(f"/records/{record.id}/freeze", headers=JSON)).json()["error"] == "Refused"


async def test_a_working_version_is_the_secretariats_and_a_frozen_one_the_committees_too(
    server: RunningServer,
) -> None:
    world = await make_story(blind=False)
    record = await compiled(world)
    for path in (f"/records/{record.id}", f"/records/{record.id}.json", f"/records/{record.id}/changes"):
        found = await statuses(server, world, path)
        assert {name for name, status in found.items() if status == 200} == {"secretariat"}
        assert set(found.values()) == {200, 404}
    await actions.freeze_record(record.id, world["secretariat"])
    readers = {"secretariat", "committee_chair", "member"}
    for path in (
        f"/records/{record.id}",
        f"/records/{record.id}.json",
        f"/records/{record.id}/changes",
        f"/records/{record.id}/state",
        f"/a/{world.assessment.slug}/record",
    ):
        found = await statuses(server, world, path)
        assert {name for name, status in found.items() if status == 200} == readers, path
        assert set(found.values()) == {200, 404}


async def test_only_the_secretariat_may_post(server: RunningServer) -> None:
    world = await make_story(blind=False)
    record = await compiled(world)
    for persona in (
        "committee_chair",
        "member",
        "chair",
        "expert",
        "stakeholder",
        "administrator",
        "signed_in",
    ):
        client = await browser(server, world[persona])
        for url in (f"/a/{world.assessment.slug}/record", f"/records/{record.id}/freeze"):
            assert (await client.post(url)).status_code == 404, persona


async def test_the_json_has_the_digest_of_the_record(server: RunningServer) -> None:
    world = await make_story()
    record = await compiled(world)
    client = await browser(server, world["secretariat"])
    for answer in (
        await client.get(f"/records/{record.id}.json"),
        await client.get(f"/records/{record.id}", headers=JSON),
    ):
        assert hashlib.sha256(answer.content).hexdigest() == record.digest
        assert BLIND not in answer.text and json.loads(answer.content)["format"] == 1


async def test_each_section_of_a_long_record_stands_on_one_page_and_is_found_by_its_link(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "ON_ONE_PAGE", 4)
    monkeypatch.setattr(render, "PER_PAGE", 5)
    world = await make_story(blind=False)
    record = await compiled(world)
    client = await browser(server, world["secretariat"])

    async def shown(asked: str) -> list[str]:
        answer = await client.get(f"/records/{record.id}{asked}")
        return re.findall(r'<section[^>]* id="([^"]+)"', answer.text)

    contents = await render.contents_of(record.id, "en")
    pages = [await shown(f"?page={number}") for number in range(1, contents[-1].page + 1)]
    assert [key for page in pages for key in page] == [entry.key for entry in contents]
    assert max(map(len, pages)) == 5 and len(pages) > 2 and pages[0] == await shown("")
    for entry in contents:
        assert await shown(f"?section={entry.key}") == pages[entry.page - 1]


async def test_the_page_speaks_both_languages_and_marks_the_other_one(server: RunningServer) -> None:
    world = await make_story(blind=False)
    record = await frozen(world)
    french = await (await browser(server, world["member"], "fr")).get(f"/records/{record.id}")
    assert "Ce qui reste inconnu" in french.text and 'lang="en"' in french.text
    english = await (await browser(server, world["member"])).get(f"/records/{record.id}")
    assert "What remains unknown" in english.text and 'class="prose" lang="en"' not in english.text


async def test_before_its_adoption_the_public_finds_nothing_and_after_it_everything(
    server: RunningServer,
) -> None:
    world = await make_story(blind=False)
    public = await browser(server, None)
    slug = world.assessment.slug
    await frozen(world)
    assert (await public.get(f"/public/{slug}")).status_code == 404
    assert (await public.get(f"/public/{slug}/bundle")).status_code == 404
    other = await make_story(blind=False)
    record = await sealed(server, other)
    slug = other.assessment.slug
    page = await public.get(f"/public/{slug}")
    keeper = server.app.state.keeper
    assert page.status_code == 200 and keeper.fingerprint in page.text and "The group holds" in page.text
    facts = (await public.get(f"/public/{slug}", headers=JSON)).json()
    assert (facts["digest"], facts["fingerprint"]) == (record.digest, keeper.fingerprint)
    answer = await public.get(facts["bundle"])
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert verify(answer.content, keeper.fingerprint).holds
    assert slug in (await public.get("/")).text


async def test_the_changes_of_a_version_are_shown_word_by_word(server: RunningServer) -> None:
    world = await make_story(blind=False)
    record = await frozen(world)
    await reopen_question(world.question.id, "An error.", world["secretariat"])
    await write_conclusion(
        world.question.id,
        replace(CONCLUSION, answer="The group holds the risk for *probable*."),
        world["chair"],
    )
    await adopt_conclusion(world.question.id, 2, world["chair"])
    following = await actions.replace_version(record, world["secretariat"])
    page = await (await browser(server, world["member"])).get(f"/records/{following.id}/changes")
    assert "<del>established</del>" in page.text and "<ins>probable</ins>" in page.text
    assert "Question I-1" in page.text and 'id="c-question-P-1"' not in page.text
    assert 'id="c-participants"' not in page.text


async def test_people_cannot_put_markup_into_the_record(server: RunningServer) -> None:
    world = await make_story(blind=False)
    await Person.filter(id=world["chair"].id).update(name="<script>alert(1)</script>")
    record = await frozen(world)
    page = await (await browser(server, world["member"])).get(f"/records/{record.id}")
    assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text


async def test_what_waits_for_the_secretariat_is_named_at_home(server: RunningServer) -> None:
    world = await make_story(blind=False)
    client = await browser(server, world["secretariat"])
    assert "Compile the record" in json.dumps((await client.get("/", headers=JSON)).json())
    await compiled(world)
    assert "Put version 1 of the record" in (await client.get("/", headers=JSON)).text


async def test_who_may_watch_a_record(server: RunningServer) -> None:
    world = await make_story(blind=False)
    record = await compiled(world)
    assert await audience_of_record(world["secretariat"], record.id)
    assert await audience_of_record(world["member"], record.id) is None
    await actions.freeze_record(record.id, world["secretariat"])
    found = {
        name: await audience_of_record(world[name], record.id)
        for name in ("secretariat", "member", "committee_chair", "expert", "stakeholder", "signed_in")
    }
    assert {name: each.name for name, each in found.items() if each} == {
        "secretariat": "secretariat",
        "member": "committee",
        "committee_chair": "committee",
    }
    assert await audience_of_record(None, record.id) is None
    assert await audience_of_record(world["secretariat"], 999_999) is None

"""The reporting checklist: what the facts fill, what people write, and what a record says of its gaps."""

import json
from typing import Any

import pytest

from deliberate.assessments.models import Assessment
from deliberate.consensus.accord import IDS
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.journal import acting, commitment
from deliberate.live.models import Entry
from deliberate.record import actions, render
from deliberate.record.compile import compile_content
from deliberate.record.content.facts import load_facts
from deliberate.record.content.reported import KNOWN
from deliberate.record.models import Record, RecordContent, ReportingText, content_of
from deliberate.record.reporting_actions import write_item
from deliberate.voting.models import Round, RoundExtension
from tests.conftest import RunningServer
from tests.record.story import make_keeper, make_story
from tests.record.test_pages import browser, sealed, statuses
from tests.support.builders import NOW, World, make_world, pair

ASKED = [ident for ident in IDS if ident not in KNOWN]  # only people know
JSON = {"Accept": "application/json"}


@pytest.fixture
def engine() -> str:
    """What a checklist says does not depend on the engine; records are compiled on both elsewhere."""
    return "sqlite"


async def reporting_of(world: World) -> dict[str, Any]:
    async with acting(world.assessment.id, world["secretariat"]) as note:
        content = compile_content(
            await load_facts(world.assessment.id), version=1, as_of=note.number, now=NOW
        )
    return content["reporting"]


def item(told: dict[str, Any], ident: str) -> dict[str, Any]:
    return next(each for each in told["items"] if each["id"] == ident)


def without_checklist(content: dict[str, Any]) -> dict[str, Any]:
    """As it was compiled before records had one."""
    kept = {name: value for name, value in content.items() if name != "reporting"}
    return {**kept, "sections": [each for each in kept["sections"] if each["key"] != "reporting"]}


async def write(world: World, ident: str, text: str = "Said", **changes: Any) -> ReportingText:
    given = {"kind": "written", "based_on": 0, "actor": world["secretariat"], **changes}
    actor = given.pop("actor")
    return await write_item(
        world.assessment.id, ident, given["kind"], pair(text) if text else {}, given["based_on"], actor
    )


@pytest.mark.usefixtures("database")
async def test_the_facts_fill_what_they_tell_and_the_rest_is_missing() -> None:
    world = await make_story(blind=False, reported=False)
    told = await reporting_of(world)
    filled = {each["id"] for each in told["items"] if each["filled"] == "from_facts"}
    assert filled == {*KNOWN} and told["missing"] == ASKED and told["export"] == "incomplete"
    said = {ident: item(told, ident)["text"] for ident in filled}
    assert "RAND/UCLA" in said["M12"]["en"] and "Fixed before" in said["M12"]["en"]
    assert "the median lies in 7–9 (in) or 1–3 (out)" in said["M12"]["en"]
    assert "la médiane est dans 7–9" in said["M12"]["fr"]
    assert "round 1: 7 eligible, 7 answered, response rate 100%." in said["R3"]["en"]
    assert "tour 2\u202f: 7 appelés à coter, 7 ont répondu, taux de réponse 100\u202f%." in said["R3"]["fr"]
    assert said["R2"]["en"] == "None since the protocol was frozen."
    assert "Questions concluded: 2 of 2" in said["R4"]["en"]
    assert said["M18"]["en"].splitlines()[1].rpartition(" ")[2] == "2"  # two confidential ratings
    assert "Society A, Society B" in said["M5"]["en"]
    assert "@" not in json.dumps(told)


@pytest.mark.usefixtures("database")
async def test_a14_a_filled_checklist_is_complete_and_without_m12_incomplete() -> None:
    """M12 is told by the frozen protocol: without one, and without a text, nothing defines consensus."""
    world = await make_story(blind=False)
    assert (await reporting_of(world))["export"] == "complete"
    await ReportingText.filter(item="M12").delete()
    assert (await reporting_of(world))["export"] == "complete"  # the facts still tell it
    await Assessment.filter(id=world.assessment.id).update(protocol_frozen_at=None)
    told = await reporting_of(world)
    assert (told["export"], told["missing"]) == ("incomplete", ["M12"])
    assert (item(told, "M12")["filled"], item(told, "M12")["text"]) == ("missing", None)


@pytest.mark.usefixtures("database")
async def test_words_complete_the_facts_and_never_take_their_place() -> None:
    world = await make_story(blind=False, reported=False)
    facts = item(await reporting_of(world), "M12")["text"]
    await write(world, "M12", "Chosen because the panel is small.")
    await write(world, "R2", "Nothing to see.", kind="not_applicable")
    told = await reporting_of(world)
    found = item(told, "M12")
    assert (found["filled"], found["from_facts"]) == ("from_facts_and_written", facts)
    assert found["text"]["en"] == facts["en"] + "\n\nChosen because the panel is small."
    assert item(told, "R2")["text"]["en"].startswith("None since the protocol was frozen.")


@pytest.mark.usefixtures("database")
async def test_a_reason_fills_an_item_and_empty_fields_take_a_text_back() -> None:
    world = await make_world()
    await write(world, "I3", "No earlier version.", kind="not_applicable")
    assert item(await reporting_of(world), "I3")["filled"] == "not_applicable"
    row = await write(world, "I3", "", kind="withdrawn", based_on=1)
    assert (row.version, row.text) == (2, {})
    assert item(await reporting_of(world), "I3")["filled"] == "missing"
    assert await ReportingText.filter(item="I3").count() == 2  # the first one stays


@pytest.mark.usefixtures("database")
async def test_each_text_is_a_version_with_a_commitment_in_the_journal() -> None:
    world = await make_world()
    await write(world, "M1", "Registered nowhere")
    again = await write(world, "M1", "Registered nowhere", based_on=1)
    row = await write(world, "M1", "Registered at OSF", based_on=1)
    assert (again.version, row.version, row.by_id) == (1, 2, world["secretariat"].id)
    entries = [
        json.loads(each.body) for each in await Entry.filter(kind="reporting_written").order_by("number")
    ]
    assert [each["details"]["version"] for each in entries] == [1, 2]
    told = {"item": "M1", "version": 2, "text": row.text}
    assert entries[1]["details"]["commitment"] == commitment(told, row.salt)
    assert "OSF" not in json.dumps(entries) and entries[1]["topic"] == f"assessment-{world.assessment.id}"


@pytest.mark.usefixtures("database")
async def test_whoever_is_second_at_an_item_sees_the_first_and_one_language_is_not_enough() -> None:
    world = await make_world()
    await write(world, "M1", "Mine")
    with pytest.raises(Refused):
        await write(world, "M1", "Yours")
    with pytest.raises(Invalid) as caught:
        await write_item(world.assessment.id, "M3", "written", {"fr": "Dit."}, 0, world["secretariat"])
    assert set(caught.value.problems) == {"text_en"}
    for who, ident in (("chair", "M3"), ("expert", "M3"), ("administrator", "M3"), ("secretariat", "M99")):
        with pytest.raises(NotFound):
            await write(world, ident, actor=world[who])
    assert await ReportingText.all().count() == 1


@pytest.mark.usefixtures("database")
async def test_a_record_with_gaps_is_read_and_not_adopted() -> None:
    world = await make_story(blind=False, reported=False)
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    record = await actions.freeze_record(record.id, world["secretariat"])
    people = world["secretariat"].id, world["committee_chair"]
    with pytest.raises(Refused, match="reporting checklist") as caught:
        await actions.seal_record(record.id, *people, make_keeper())
    assert caught.value.places["items"] == ", ".join(ASKED)
    # A version compiled before records had a checklist is not held up by it.
    older = without_checklist(await content_of(record.id))
    await RecordContent.filter(record_id=record.id).update(content=older)
    assert await actions.seal_record(record.id, *people, make_keeper())


@pytest.mark.usefixtures("database")
async def test_a_version_without_a_checklist_is_shown_as_it_was_and_compared_with_the_next() -> None:
    world = await make_story(blind=False)
    first = await actions.compile_record(world.assessment.id, world["secretariat"])
    older = without_checklist(await content_of(first.id))
    await RecordContent.filter(record_id=first.id).delete()  # it was kept in its row then
    await Record.filter(id=first.id).update(content=older)
    page = render.standalone_html(older, "en")
    assert "ACCORD" not in page and "Sensitivity annex" in page
    following = await actions.compile_record(world.assessment.id, world["secretariat"])
    assert (following.version, following.changed) == (2, ["reporting"])


@pytest.mark.usefixtures("database")
async def test_a_deadline_put_off_is_a_delay() -> None:
    world = await make_story(blind=False, reported=False)
    round_ = await Round.create(
        assessment=world.assessment, group=world.infection, number=1, state="closed", prepared_at=NOW
    )
    await RoundExtension.create(
        round=round_,
        from_at=NOW,
        to_at=NOW.replace(year=NOW.year + 1),
        reason="Summer.",
        salt="0" * 64,
        by=world["secretariat"],
        at=NOW,
    )
    said = item(await reporting_of(world), "R1")["text"]["en"]
    assert "Deadline put off from" in said and "Summer." in said and "No deadline" not in said


async def test_the_secretariat_fills_the_checklist_by_plain_forms(server: RunningServer) -> None:
    world = await make_story(blind=False, reported=False)
    office, url = await browser(server, world["secretariat"]), f"/a/{world.assessment.slug}/record/reporting"
    page = (await office.get(url)).text
    assert "not yet in the facts" in page and f'href="{url}/M3"' in page
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    page = (await office.get(url)).text
    assert f"{len(KNOWN)} of 35 items filled" in page and "from the facts" in page
    half = {"kind": "written", "text_fr": "Critères tapés", "text_en": "", "based_on": "0"}
    answer = await office.post(f"{url}/M3", data=half)
    assert answer.status_code == 422 and "Critères tapés" in answer.text and "#f-text_en" in answer.text
    sent = {**half, "text_en": "Criteria"}
    answer = await office.post(f"{url}/M3", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{url}#M3")
    stale = await office.post(f"{url}/M3", data={**sent, "text_en": "Other criteria"})
    assert stale.status_code == 409 and "Other criteria" in stale.text and "Criteria" in stale.text
    assert "Criteria" in (await office.get(f"{url}/M3")).text
    told = (await office.get(url, headers=JSON)).json()
    assert "M3" not in told["missing"] and len(told["missing"]) == len(ASKED) - 1
    cover = (await office.get(f"/records/{record.id}")).text
    assert f"{len(ASKED)} items of the ACCORD reporting checklist are missing." in cover
    assert (await office.get(f"/records/{record.id}.json")).json()["reporting"]["export"] == "incomplete"
    assert (await office.get(f"{url}/M99")).status_code == 404
    for address in (url, f"{url}/M3"):
        found = await statuses(server, world, address)
        assert {name for name, status in found.items() if status == 200} == {"secretariat"}


async def test_everybody_reads_the_checklist_of_the_adopted_record_and_it_is_written_no_more(
    server: RunningServer,
) -> None:
    world = await make_story(blind=False)
    await sealed(server, world)
    visitor, office = await browser(server, None), await browser(server, world["secretariat"])
    page = (await visitor.get(f"/public/{world.assessment.slug}")).text
    assert "ACCORD reporting checklist" in page and "Reported for M3" in page and "Incomplete" not in page
    url = f"/a/{world.assessment.slug}/record/reporting/M3"
    assert "<textarea" not in (await office.get(url)).text
    sent = {"kind": "written", "text_fr": "Tard", "text_en": "Late", "based_on": "1"}
    assert (await office.post(url, data=sent)).status_code == 409

"""The protocol: read and changed until it is frozen, frozen once, and then changed only by a deviation."""

import json
from typing import Any

import pytest

from deliberate.assessments import protocol_actions as actions
from deliberate.assessments.models import Assessment, ProtocolDeviation, deviations_of, frozen_protocol_hash
from deliberate.assessments.protocol_labels import GROUPS, LABELS
from deliberate.assessments.protocol_values import PARAMETERS, as_text, from_text, held_by, read_values
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.journal import commitment
from deliberate.live.models import Entry
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world
from tests.support.objects import PROTOCOL

MATRIX = "C1 C1 C2\nC1 C2 C2\nC1 C2 C3\nC2 C2 C3\nC2 C3 C3"
OTHERS = ["chair", "expert", "member", "stakeholder", "administrator", "foreign_secretariat"]
READERS = ["secretariat", "chair", "expert", "committee_chair", "member"]


@pytest.fixture
async def world(database: None) -> World:
    """Its protocol has no risk matrix yet, and is not frozen."""
    return await unfrozen(await make_world())


async def unfrozen(world: World) -> World:
    await Assessment.filter(id=world.assessment.id).update(protocol_frozen_at=None, frozen_hash=None)
    await world.assessment.refresh_from_db()
    return world


async def frozen(world: World) -> str:
    await actions.change_protocol(world.assessment.id, {"risk.matrix": MATRIX}, world["secretariat"])
    digest = (await held(world)).digest()
    return await actions.freeze_protocol(world.assessment.id, digest, world["secretariat"])


async def held(world: World) -> Protocol:
    return read_protocol((await Assessment.get(id=world.assessment.id)).protocol)


async def entries(world: World) -> list[dict[str, Any]]:
    rows = await Entry.filter(journal=world.assessment.id).order_by("number")
    return [json.loads(row.body) for row in rows]


# Values as text


def test_every_parameter_has_its_words_and_its_group() -> None:
    assert list(LABELS) == list(PARAMETERS)
    assert {key.partition(".")[0] for key in PARAMETERS} == set(GROUPS)


def test_every_value_is_read_back_from_its_text() -> None:
    protocol = read_protocol(PROTOCOL)
    for each in held_by(protocol):
        assert from_text(each.parameter, each.text) == each.value, each.parameter.key
    assert read_values({each.parameter.key: each.text for each in held_by(protocol)}, Protocol()) == protocol


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("nsp.allowed", "non", False),
        ("rcf.table.indecision_median", "4 – 6,5", [4, 6.5]),
        ("stop.delta_cqv_max", "0,2", 0.2),
        ("stop.order", "consensus,stability , max_rounds", ["consensus", "stability", "max_rounds"]),
        ("rcf.extremes.round2", "9-15 = 0\n16+=1", {"9-15": 0, "16+": 1}),
        ("risk.matrix", "", None),
    ],
)
def test_values_are_read_as_people_write_them(key: str, text: str, value: Any) -> None:
    assert from_text(PARAMETERS[key], text) == value


def test_every_value_that_cannot_stand_is_told_at_once() -> None:
    wrong = {"ram.panel": "many", "nsp.allowed": "perhaps", "rounds.max": "-1", "risk.matrix": "C1 C9"}
    wrong |= {"scale.anchors": "", "percent.threshold": "101", "committee.quorum_share": "3/2"}
    with pytest.raises(Invalid) as caught:
        read_values(wrong | {"rounds.min": "1"}, Protocol())
    assert set(caught.value.problems) == set(wrong) - {"scale.anchors"}
    with pytest.raises(Invalid) as caught:
        read_values({"rounds.min": "5", "rounds.max": "2"}, Protocol())
    assert set(caught.value.problems) == {"rounds.min"}


def test_the_text_of_no_value_is_empty() -> None:
    assert (as_text(None), as_text([])) == ("", "")


# Freeze and deviation


async def test_a_protocol_with_a_fault_is_not_frozen(world: World) -> None:
    digest = (await held(world)).digest()
    with pytest.raises(Refused):
        await actions.freeze_protocol(world.assessment.id, digest, world["secretariat"])
    falling = "C3 C2 C1\n" * 5
    await actions.change_protocol(world.assessment.id, {"risk.matrix": falling}, world["secretariat"])
    digest = (await held(world)).digest()
    with pytest.raises(Refused):
        await actions.freeze_protocol(world.assessment.id, digest, world["secretariat"])
    assert await frozen_protocol_hash(world.assessment.id) is None


async def test_a_frozen_protocol_keeps_its_hash_and_is_not_changed_nor_frozen_again(world: World) -> None:
    digest = await frozen(world)
    assert digest == await frozen_protocol_hash(world.assessment.id) == (await held(world)).digest()
    for act in (
        actions.change_protocol(world.assessment.id, {"chair_rates": "yes"}, world["secretariat"]),
        actions.freeze_protocol(world.assessment.id, digest, world["secretariat"]),
    ):
        with pytest.raises(Refused):
            await act
    told = [(each["kind"], each["details"]["hash"]) for each in await entries(world)]
    assert told[-1] == ("protocol_frozen", digest) and len(told) == 2


async def test_nobody_freezes_what_was_changed_meanwhile(world: World) -> None:
    secretariat, number = world["secretariat"], world.assessment.id
    read = await actions.change_protocol(number, {"risk.matrix": MATRIX}, secretariat)
    await actions.change_protocol(number, {"rounds.max": "4"}, secretariat)
    with pytest.raises(Refused):
        await actions.freeze_protocol(number, read, secretariat)


async def test_a_deviation_keeps_the_old_value_the_reason_and_both_hashes(world: World) -> None:
    before = await frozen(world)
    reason = "The panel is smaller than planned."
    made = await actions.deviate(world.assessment.id, "min_raters.RAM", "8", reason, world["secretariat"])
    after = (await held(world)).digest()
    [row] = await deviations_of(world.assessment.id)
    assert (row.old, row.new, row.hash_before, row.hash_after) == (7, 8, before, after) and before != after
    assert await frozen_protocol_hash(world.assessment.id) == before
    assert (await Assessment.get(id=world.assessment.id)).protocol_hash == after
    entry = (await entries(world))[-1]
    assert entry["kind"] == "protocol_deviated" and reason not in json.dumps(entry)
    assert entry["details"]["commitment"] == commitment({"reason": reason}, made.salt)


async def test_a_deviation_needs_a_freeze_a_reason_a_parameter_and_a_change(world: World) -> None:
    deviate, number, secretariat = actions.deviate, world.assessment.id, world["secretariat"]
    with pytest.raises(Refused):
        await deviate(number, "chair_rates", "yes", "Why.", secretariat)
    await frozen(world)
    for key, text, reason, field in (
        ("nothing", "yes", "Why.", "key"),
        ("chair_rates", "yes", "", "reason"),
        ("chair_rates", "perhaps", "Why.", "chair_rates"),
        ("chair_rates", "no", "Why.", "value"),
    ):
        with pytest.raises(Invalid) as caught:
            await deviate(number, key, text, reason, secretariat)
        assert set(caught.value.problems) == {field}
    with pytest.raises(Refused):  # the matrix would have a fault
        await deviate(number, "risk.severity_scale", "HAS_5", "Why.", secretariat)
    assert await ProtocolDeviation.all().count() == 0


@pytest.mark.parametrize("persona", OTHERS)
async def test_the_protocol_is_the_secretariats_to_change(world: World, persona: str) -> None:
    digest, number = (await held(world)).digest(), world.assessment.id
    for act in (
        actions.change_protocol(number, {"chair_rates": "yes"}, world[persona]),
        actions.freeze_protocol(number, digest, world[persona]),
        actions.deviate(number, "chair_rates", "yes", "Why.", world[persona]),
    ):
        with pytest.raises(NotFound):
            await act
    assert await entries(world) == []


# Pages


async def test_the_secretariat_changes_and_freezes_the_protocol_on_its_page(server: Any) -> None:
    world = await unfrozen(await make_world())
    path = f"/a/{world.assessment.slug}/protocol"
    desk = await browser_of(server, world["secretariat"])
    first = (await desk.get(path)).text
    assert "Not frozen yet" in first and "† default, to confirm with: RAND/UCLA" in first
    assert "Freeze the protocol</button>" not in first  # the matrix is missing
    wrong = {"rounds.max": "<b>many</b>", "risk.matrix": "C1", "chair_rates": "yes"}
    again = await desk.post(path, data=wrong)
    assert again.status_code == 422 and "&lt;b&gt;many&lt;/b&gt;" in again.text
    changed = await desk.post(path, data={"risk.matrix": MATRIX, "method": "HAS_RCF"}, headers=JSON)
    made = await desk.post(f"{path}/freeze", data={"hash": changed.json()["hash"]}, headers=JSON)
    assert made.json()["hash"] == (await Assessment.get(id=world.assessment.id)).frozen_hash
    deviation = {"key": "rounds.max", "value": "x", "reason": "One more <i>round</i>."}
    again = await desk.post(f"{path}/deviations", data=deviation)
    assert again.status_code == 422 and "One more &lt;i&gt;round" in again.text
    assert (await desk.post(f"{path}/deviations", data={**deviation, "value": "4"})).status_code == 303
    page = (await desk.get(path)).text
    assert "Frozen " in page and "<del>3</del> <ins>4</ins>" in page and "&lt;i&gt;round" in page
    overview = (await desk.get(f"/a/{world.assessment.slug}")).text
    assert "Changed since by a deviation." in overview


async def test_whoever_works_in_the_assessment_reads_its_protocol(server: Any) -> None:
    world = await make_world()
    path = f"/a/{world.assessment.slug}/protocol"
    for persona in READERS:
        page = await (await browser_of(server, world[persona])).get(path)
        assert page.status_code == 200 and "Size of the panel" in page.text
        assert ("Record a deviation" in page.text) == (persona == "secretariat")
    for persona in ("stakeholder", "signed_in", "foreign_secretariat"):
        assert (await (await browser_of(server, world[persona])).get(path)).status_code == 404


async def test_the_secretariat_hears_at_home_that_a_group_could_rate(server: Any) -> None:
    world = await make_world(stage="opinion_draft")
    desk = await browser_of(server, world["secretariat"])
    assert "Freeze the protocol" not in (await desk.get("/")).text
    await unfrozen(world)
    assert "Freeze the protocol: a group could rate" in (await desk.get("/")).text
    assert "Freeze the protocol" not in (await (await browser_of(server, world["chair"])).get("/")).text

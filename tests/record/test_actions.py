"""Compiling, freezing, replacing and sealing:

row, entry, refusals; and a crash between the two steps of a seal.
"""

import json
from hashlib import sha256
from typing import Any

import pytest

from deliberate.errors import NotFound, Refused
from deliberate.interests.models import InterestDecision, standing_of
from deliberate.live.database import writing
from deliberate.live.journal import acting
from deliberate.live.keeper import DamagedJournal
from deliberate.live.models import Entry
from deliberate.questions.actions import adopt_conclusion, reopen_question, write_conclusion
from deliberate.questions.models import RiskQuestion
from deliberate.record import actions, rules, sealing
from deliberate.record.bundle import read_bundle
from deliberate.record.compile import digest
from deliberate.record.models import Record, Seal, bundle_of, content_of
from deliberate.record.verifier import Outcome, Wrong, check_ballots, read_journal, verify
from deliberate.voting.importing import Source, import_ratings
from tests.record.story import CONCLUSION, FIRST, make_keeper, make_story
from tests.support.builders import World, recuse

pytestmark = pytest.mark.usefixtures("database")


async def details(world: World, kind: str) -> list[dict[str, Any]]:
    rows = await Entry.filter(journal=world.assessment.id, kind=kind).order_by("number")
    return [{"topic": row.topic, **json.loads(row.body)["details"]} for row in rows]


async def frozen(world: World) -> Record:
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    return await actions.freeze_record(record.id, world["secretariat"])


async def sealed(world: World) -> tuple[Record, Any]:
    record, keeper = await frozen(world), make_keeper()
    await actions.seal_record(record.id, world["secretariat"].id, world["committee_chair"], keeper)
    return record, keeper


async def test_a_compiled_version_is_a_row_and_an_entry_with_its_digest() -> None:
    world = await make_story()
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    row = await Record.get(id=record.id)
    assert (row.version, row.state, row.changed) == (1, "compiling", [])
    (entry,) = await details(world, "record_compiled")
    assert (entry["topic"], entry["digest"], entry["as_of"]) == (
        f"record-{record.id}",
        row.digest,
        row.as_of,
    )
    assert row.content == {}
    content = await content_of(record.id)
    assert digest(content) == row.digest
    assert content["as_of"] == row.as_of == await Entry.filter(journal=world.assessment.id).count() - 1


async def test_compiling_again_without_news_gives_the_same_version_and_with_news_the_next() -> None:
    world = await make_story(blind=False)
    first = await actions.compile_record(world.assessment.id, world["secretariat"])
    assert (await actions.compile_record(world.assessment.id, world["secretariat"])).id == first.id
    await reopen_question(world.question.id, "A new paper.", world["chair"])
    second = await actions.compile_record(world.assessment.id, world["secretariat"])
    assert (second.version, await Record.all().count()) == (2, 2)
    assert set(second.changed) == {"question-I-1", "conclusions", "unknowns", "reporting"}


@pytest.mark.parametrize(
    "persona",
    ["chair", "expert", "member", "committee_chair", "stakeholder", "administrator", "foreign_secretariat"],
)
async def test_nobody_but_the_secretariat_compiles_or_freezes(persona: str) -> None:
    world = await make_story(blind=False)
    with pytest.raises(NotFound):
        await actions.compile_record(world.assessment.id, world[persona])
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    with pytest.raises(NotFound):
        await actions.freeze_record(record.id, world[persona])
    assert (await Record.get(id=record.id)).state == "compiling"


async def test_freezing_locks_every_question_or_names_those_that_are_not_adopted() -> None:
    world = await make_story()
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    with pytest.raises(Refused, match="P-1"):
        await actions.freeze_record(record.id, world["secretariat"])
    assert {row.stage for row in await RiskQuestion.all()} == {"opinion_adopted", "evidence_ready"}
    other = await make_story(blind=False)
    found = await frozen(other)
    assert (await Record.get(id=found.id)).state == "frozen_for_review"
    assert {row.stage for row in await RiskQuestion.filter(assessment=other.assessment)} == {"locked"}
    assert len(await details(other, "record_frozen")) == 1


async def test_a_version_on_which_the_proceedings_have_moved_on_is_not_frozen() -> None:
    world = await make_story(blind=False)
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    await recuse(world.experts[1], world.assessment, f"question-{world.question.id}", world["secretariat"])
    with pytest.raises(Refused, match="moved on"):
        await actions.freeze_record(record.id, world["secretariat"])
    assert {row.stage for row in await RiskQuestion.all()} == {"opinion_adopted"}


async def test_only_the_newest_version_is_frozen_and_none_is_compiled_while_one_is_in_review() -> None:
    world = await make_story(blind=False)
    first = await actions.compile_record(world.assessment.id, world["secretariat"])
    await recuse(world.experts[1], world.assessment, f"question-{world.question.id}", world["secretariat"])
    second = await actions.compile_record(world.assessment.id, world["secretariat"])
    with pytest.raises(Refused, match="Version 2"):
        await actions.freeze_record(first.id, world["secretariat"])
    assert second.changed
    await actions.freeze_record(second.id, world["secretariat"])
    assert (await Record.get(id=second.id)).changed == []  # it is the first that the committee reads
    with pytest.raises(Refused, match="before the committee"):
        await actions.compile_record(world.assessment.id, world["secretariat"])


async def test_a_replaced_version_gives_way_to_one_with_its_differences() -> None:
    world = await make_story(blind=False)
    record = await frozen(world)
    await reopen_question(world.question.id, "The committee found an error.", world["secretariat"])
    with pytest.raises(Refused, match="I-1"):
        await actions.replace_version(record, world["secretariat"])
    await write_conclusion(world.question.id, CONCLUSION, world["chair"])
    await adopt_conclusion(world.question.id, 1, world["chair"])
    following = await actions.replace_version(record, world["secretariat"])
    assert (following.version, following.state) == (2, "frozen_for_review")
    assert (await Record.get(id=record.id)).state == "revised"
    assert "question-I-1" in following.changed and "question-P-1" not in following.changed
    assert len(await details(world, "record_revised")) == 1


async def test_a_member_kept_out_of_one_version_is_kept_out_of_the_next() -> None:
    world = await make_story(blind=False)
    record = await frozen(world)
    await recuse(world["member"], world.assessment, f"record-{record.id}", world["secretariat"])
    following = await actions.replace_version(record, world["secretariat"])
    carried = await InterestDecision.filter(subject=f"record-{following.id}").get()
    assert (carried.person_id, carried.outcome) == (world["member"].id, "recused_item")
    standing = await standing_of(world["member"].id, world.assessment.id)
    assert not rules.may_read(standing, world.committee.id, "frozen_for_review")


async def test_a_sealed_record_is_verified_and_its_seal_is_in_the_journal() -> None:
    world = await make_story(blind=False)
    record, keeper = await sealed(world)
    bundle = await bundle_of(world.assessment.id)
    assert bundle
    report = verify(bundle, keeper.fingerprint)
    assert report.holds, str(report)
    names = {check.name: check for check in report.checks}
    named = next(name for name in names if "ballots of" in name and names[name].outcome == Outcome.OK)
    assert "stand in the journal as cast" in names[named].sentence
    totals = [check for name, check in names.items() if name.startswith("totals of")]
    assert len(totals) == 3 and all(check.outcome == Outcome.OK for check in totals)
    (entry,) = await details(world, "record_sealed")
    assert (entry["record_sha256"], entry["sealed_by"]) == (record.digest, world["committee_chair"].id)
    assert (await Record.get(id=record.id)).state == "adopted"


async def test_any_changed_byte_of_the_sealed_file_is_found() -> None:
    world = await make_story(blind=False)
    _, keeper = await sealed(world)
    bundle = await bundle_of(world.assessment.id)
    assert bundle and verify(bundle, keeper.fingerprint).holds
    for number in range(300):
        at = number * (len(bundle) - 1) // 299
        changed = bytearray(bundle)
        changed[at] ^= 1 << number % 8
        assert not verify(bytes(changed), keeper.fingerprint).holds, at


async def test_one_person_does_not_seal_alone_and_nothing_is_sealed_twice() -> None:
    world = await make_story(blind=False)
    record, keeper = await frozen(world), make_keeper()
    chair = world["committee_chair"]
    with pytest.raises(Refused, match="two persons"):
        await actions.seal_record(record.id, chair.id, chair, keeper)
    await actions.seal_record(record.id, world["secretariat"].id, chair, keeper)
    before = await bundle_of(world.assessment.id)
    with pytest.raises(Refused, match="adopted and sealed"):
        await actions.seal_record(record.id, world["secretariat"].id, chair, keeper)
    assert await bundle_of(world.assessment.id) == before
    assert len(await details(world, "record_sealed")) == 1
    with pytest.raises(Refused, match="adopted and sealed"):
        await actions.compile_record(world.assessment.id, world["secretariat"])


async def test_only_a_version_before_the_committee_is_sealed() -> None:
    world = await make_story(blind=False)
    record = await actions.compile_record(world.assessment.id, world["secretariat"])
    with pytest.raises(Refused, match="before the committee"):
        await actions.seal_record(record.id, world["secretariat"].id, world["committee_chair"], make_keeper())
    assert await Seal.all().count() == 0


async def test_a_crash_between_the_sealing_entry_and_the_file_is_completed_by_the_next_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await make_story(blind=False)
    record, keeper = await frozen(world), make_keeper()
    people = (world["secretariat"].id, world["committee_chair"])

    async def dies(*given: Any) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(actions, "make_bundle", dies)
        with pytest.raises(KeyboardInterrupt):
            await actions.seal_record(record.id, *people, keeper)
    assert await bundle_of(world.assessment.id) is None
    async with acting(world.assessment.id, world["secretariat"]) as note:  # the journal goes on meanwhile
        await note(f"assessment-{world.assessment.id}", "told")
    await actions.seal_record(record.id, *people, keeper)
    assert len(await details(world, "record_sealed")) == 1
    bundle = await bundle_of(world.assessment.id)
    assert bundle and verify(bundle, keeper.fingerprint).holds


async def test_the_same_seal_gives_the_same_bytes() -> None:
    world = await make_story(blind=False)
    record, keeper = await sealed(world)
    again = await sealing.make_bundle(
        await Seal.get(record_id=record.id), await Record.get(id=record.id), keeper
    )
    assert again == await bundle_of(world.assessment.id)


async def test_a_damaged_journal_is_never_signed() -> None:
    world = await make_story(blind=False)
    record, keeper = await frozen(world), make_keeper()
    async with writing():
        entry = await Entry.filter(journal=world.assessment.id).order_by("number").first()
        await Entry.filter(id=entry.id).update(body=entry.body.replace("vote", "fote", 1) + " ")
    with pytest.raises(DamagedJournal):
        await actions.seal_record(record.id, world["secretariat"].id, world["committee_chair"], keeper)
    assert await bundle_of(world.assessment.id) is None


async def test_imported_ratings_are_named_so_and_counted_again_by_the_verifier() -> None:
    world = await make_story(blind=False)
    rows = "\n".join(f"M{place},{rating}" for place, rating in enumerate(FIRST))
    content = f"rater,I-1.2\n{rows}".replace("None", "NSP").encode()
    await import_ratings(world.assessment, Source("panel.csv", content, 1), world["secretariat"])
    record, _keeper = await sealed(world)
    bundle = await bundle_of(world.assessment.id)
    assert bundle
    digest = sha256(content).hexdigest()
    votes = (await content_of(record.id))["votes"]
    (vote,) = [each for each in votes if each["imported"]]
    assert vote["imported"] == {"file": "panel.csv", "sha256": digest, "raters": 7}
    assert not any(each["imported"] for each in votes if each is not vote)
    report = verify(bundle)
    told = {check.name: check for check in report.checks}
    assert report.holds
    assert told[f"totals of vote-{vote['id']}"].outcome == "ok"
    checked = told[f"ballots of vote-{vote['id']}"]
    assert checked.outcome == "not checked" and digest[:4] in checked.sentence
    page = read_bundle(bundle)["record.html"].decode()
    assert digest in page and "importé" in page


async def test_a_vote_is_not_passed_off_as_imported_nor_the_other_way_round() -> None:
    world = await make_story(blind=False)
    rows = "\n".join(f"M{place},{rating}" for place, rating in enumerate((7, 7, 8, 8, 9, 9, 9)))
    await import_ratings(
        world.assessment, Source("panel.csv", f"rater,I-1.2\n{rows}".encode(), 1), world["secretariat"]
    )
    await sealed(world)
    bundle = await bundle_of(world.assessment.id)
    assert bundle
    members = read_bundle(bundle)
    journal, _ = read_journal(members)
    cast, _, _, imported = json.loads(members["record.json"])["votes"]
    for vote, origin in ((cast, {"sha256": "0" * 64}), (imported, None), (imported, {"sha256": "0" * 64})):
        with pytest.raises(Wrong):
            check_ballots({**vote, "imported": origin}, journal)
    with pytest.raises(Wrong, match="6 ballots"):
        check_ballots({**imported, "ballots": imported["ballots"][1:]}, journal)

"""Comments, answers, revision and adoption: row, entry, refusals."""

import json
from typing import Any
from uuid import uuid4

import pytest

from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.models import Declaration
from deliberate.live.models import Entry
from deliberate.meetings import actions as meetings
from deliberate.record import actions as record_actions
from deliberate.record.models import Record, Seal, bundle_of
from deliberate.record.verifier import verify
from deliberate.review import actions
from deliberate.review.models import Answer, ReviewComment, comments_on, count_unanswered
from deliberate.voting import actions as voting
from tests.record.story import make_keeper
from tests.review.committee import before_committee, in_meeting, remark, vote_under, voted
from tests.support.builders import World, join, make_person, recuse

pytestmark = pytest.mark.usefixtures("database")


async def details(world: World, kind: str) -> list[dict[str, Any]]:
    rows = await Entry.filter(journal=world.assessment.id, kind=kind).order_by("number")
    return [{"topic": row.topic, **json.loads(row.body)["details"]} for row in rows]


async def test_a_comment_is_a_row_an_entry_without_its_text_and_a_step_of_the_record() -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark("CANARY text"), world["member"])
    assert (await Record.get(id=record.id)).state == "committee_comments"
    (entry,) = await details(world, "comment_added")
    assert (entry["topic"], entry["section"], entry["about"]) == (
        f"record-{record.id}",
        "question-I-1",
        f"comment-{comment.id}",
    )
    assert not [row for row in await Entry.all() if "CANARY" in row.body]
    (said,) = await comments_on(record)
    assert (said.author, said.text, said.version, said.outcome) == ("Member 0", "CANARY text", 1, None)


async def test_the_same_comment_sent_twice_is_one_and_another_under_its_key_is_refused() -> None:
    world, record = await before_committee()
    first = await actions.add_review_comment(record.id, remark(key="key-12345"), world["member"])
    again = await actions.add_review_comment(record.id, remark(key="key-12345"), world["member"])
    assert again.id == first.id and await ReviewComment.all().count() == 1
    with pytest.raises(Refused, match="Another comment"):
        await actions.add_review_comment(record.id, remark("Other", key="key-12345"), world["member"])


@pytest.mark.parametrize(
    "persona", ["chair", "expert", "stakeholder", "administrator", "signed_in", "foreign_secretariat"]
)
async def test_strangers_to_the_committee_neither_comment_nor_answer_nor_propose(persona: str) -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(NotFound):
        await actions.add_review_comment(record.id, remark(), world[persona])
    with pytest.raises(NotFound):
        await actions.answer_comment(comment.id, "accepted", "Yes.", world[persona])
    with pytest.raises(NotFound):
        await actions.propose_adoption(record.id, world[persona])
    with pytest.raises(NotFound):
        await actions.revise_record(record.id, world[persona])
    assert await ReviewComment.all().count() == 1 and await Answer.all().count() == 0


async def test_members_do_not_answer_and_the_secretariat_does_not_comment() -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(NotFound):
        await actions.answer_comment(comment.id, "accepted", "Yes.", world["committee_chair"])
    with pytest.raises(NotFound):
        await actions.add_review_comment(record.id, remark(), world["secretariat"])


async def test_a_recused_member_no_longer_finds_the_record_and_an_undeclared_one_only_reads() -> None:
    world, record = await before_committee()
    await recuse(world.members[1], world.assessment, f"record-{record.id}", world["secretariat"])
    with pytest.raises(NotFound):
        await actions.add_review_comment(record.id, remark(), world.members[1])
    undeclared = await join(await make_person(), world.assessment, "member", world.committee, declared=False)
    with pytest.raises(NotAllowed):
        await actions.add_review_comment(record.id, remark(), undeclared)


async def test_a_comment_on_no_section_or_a_working_version_is_refused() -> None:
    world, record = await before_committee()
    with pytest.raises(Invalid):
        await actions.add_review_comment(record.id, remark(section="question-Z-9"), world["member"])
    await Record.filter(id=record.id).update(state="compiling")
    with pytest.raises(NotFound):
        await actions.add_review_comment(record.id, remark(), world["member"])


async def test_each_comment_is_answered_once() -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    assert await count_unanswered(record) == 1
    await actions.answer_comment(comment.id, "modified", "In part.", world["secretariat"])
    assert await count_unanswered(record) == 0
    with pytest.raises(Refused, match="has its answer"):
        await actions.answer_comment(comment.id, "rejected", "No.", world["secretariat"])
    (entry,) = await details(world, "comment_answered")
    assert (entry["outcome"], entry["about"]) == ("modified", f"comment-{comment.id}")
    (said,) = await comments_on(record)
    assert (said.outcome, said.answer, said.answered_by) == ("modified", "In part.", "Secretary")


async def test_the_next_version_waits_for_the_answers_and_carries_the_comments() -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(Refused, match="no answer"):
        await actions.revise_record(record.id, world["secretariat"])
    await actions.answer_comment(comment.id, "accepted", "Yes.", world["secretariat"])
    following = await actions.revise_record(record.id, world["secretariat"])
    assert (following.version, following.state) == (2, "frozen_for_review")
    assert [(said.version, said.outcome) for said in await comments_on(following)] == [(1, "accepted")]
    with pytest.raises(Refused, match="newest"):
        await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(Refused):
        await actions.revise_record(record.id, world["secretariat"])


async def test_the_adoption_is_proposed_for_the_newest_version_after_the_last_answer() -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(Refused, match="no answer"):
        await actions.propose_adoption(record.id, world["secretariat"])
    await actions.answer_comment(comment.id, "accepted", "Yes.", world["secretariat"])
    following = await actions.revise_record(record.id, world["secretariat"])
    with pytest.raises(Refused, match="Version 2"):
        await actions.propose_adoption(record.id, world["secretariat"])
    await actions.propose_adoption(following.id, world["secretariat"])
    assert [entry["version"] for entry in await details(world, "adoption_proposed")] == [2]


async def test_the_vote_is_opened_in_a_meeting_among_those_present_and_comments_close() -> None:
    world, record = await before_committee()
    _, item = await in_meeting(world, record)
    with pytest.raises(Refused, match="proposes"):
        await actions.open_adoption_vote(record.id, item, world["committee_chair"])
    await actions.propose_adoption(record.id, world["secretariat"])
    vote = await voting.stored(await actions.open_adoption_vote(record.id, item, world["committee_chair"]))
    assert (vote.subject, vote.gate, vote.mode, vote.entitled) == (
        f"record-{record.id}",
        f"record-{record.id}",
        "named",
        4,
    )
    assert vote.terms["quorum"]["reached"] is True
    with pytest.raises(Refused, match="vote on the adoption"):
        await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(Refused, match="Close and count"):
        await actions.revise_record(record.id, world["secretariat"])


async def test_a_version_is_not_put_on_the_agenda_of_another_group() -> None:
    world, record = await before_committee()
    foreign = await meetings.plan_meeting(
        world.assessment.id,
        world.infection.id,
        title={"en": "Working"},
        planned_at=(await Declaration.all().first()).signed_at,
        actor=world["secretariat"],
    )
    with pytest.raises(NotFound):
        await actions.put_on_agenda(record.id, foreign, world["secretariat"])


async def test_an_adopted_record_is_sealed_by_two_persons_and_verified_offline() -> None:
    world, record = await before_committee()
    keeper = make_keeper()
    vote = await voted(world, record)
    number = await actions.adopt(record.id, world["committee_chair"], keeper)
    assert (await Record.get(id=record.id)).state == "adopted"
    seal = await Seal.get(record_id=record.id)
    assert (seal.number, seal.proposed_by_id, seal.sealed_by_id) == (
        number,
        world["secretariat"].id,
        world["committee_chair"].id,
    )
    assert (seal.adoption["vote"], seal.adoption["outcome"]) == (vote, "adopted")
    assert {(each["name"], each["choice"]) for each in seal.adoption["ballots"]} >= {("Member 2", "against")}
    bundle = await bundle_of(world.assessment.id)
    assert bundle
    report = verify(bundle, keeper.fingerprint)
    assert report.holds, str(report)
    (entry,) = await details(world, "record_adopted")
    assert (entry["counts"]["for"], entry["outcome"], entry["about"]) == (3, "adopted", f"vote-{vote}")


async def test_nobody_but_the_chair_adopts() -> None:
    world, record = await before_committee()
    await voted(world, record)
    for persona in ("secretariat", "member", "expert", "administrator"):
        with pytest.raises(NotFound):
            await actions.adopt(record.id, world[persona], make_keeper())
    assert await Seal.all().count() == 0


async def test_whoever_proposed_does_not_adopt() -> None:
    world, record = await before_committee()
    await join(world["committee_chair"], world.assessment, "secretariat")
    await actions.propose_adoption(record.id, world["committee_chair"])
    await voted(world, record)
    with pytest.raises(Refused, match="two persons"):
        await actions.adopt(record.id, world["committee_chair"], make_keeper())
    assert await Seal.all().count() == 0 and not await details(world, "record_adopted")


async def test_a_vote_that_does_not_adopt_may_be_followed_by_another_and_the_last_counts() -> None:
    world, record = await before_committee()
    chair, keeper = world["committee_chair"], make_keeper()
    await actions.propose_adoption(record.id, world["secretariat"])
    with pytest.raises(Refused, match="not voted"):
        await actions.adopt(record.id, chair, keeper)
    _, item = await in_meeting(world, record)
    await vote_under(world, record, item, ("for", "against", "against", "against"))
    with pytest.raises(Refused, match="did not adopt"):
        await actions.adopt(record.id, chair, keeper)
    late = await actions.add_review_comment(record.id, remark(), world["member"])  # open again
    with pytest.raises(Refused, match="no answer"):
        await actions.open_adoption_vote(record.id, item, chair)
    await actions.answer_comment(late.id, "rejected", "No.", world["secretariat"])
    vote = await vote_under(world, record, item, ("for", "for", "against", "against"))
    await actions.adopt(record.id, chair, keeper)
    assert (await Seal.get(record_id=record.id)).adoption["outcome"] == "adopted_casting_vote"
    assert (await Seal.get(record_id=record.id)).adoption["vote"] == vote


async def test_after_the_adoption_nothing_changes_any_more() -> None:
    world, record = await before_committee()
    keeper = make_keeper()
    await voted(world, record)
    await actions.adopt(record.id, world["committee_chair"], keeper)
    with pytest.raises(Refused, match="does not change"):
        await actions.add_review_comment(record.id, remark(), world["member"])
    with pytest.raises(Refused, match="does not change"):
        await actions.revise_record(record.id, world["secretariat"])
    with pytest.raises(Refused, match="does not change"):
        await record_actions.compile_record(world.assessment.id, world["secretariat"])
    with pytest.raises(Refused, match="does not change"):
        await actions.adopt(record.id, world["committee_chair"], keeper)


async def test_an_adoption_interrupted_before_its_file_is_completed_by_the_chair(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, record = await before_committee()
    keeper, chair = make_keeper(), world["committee_chair"]
    await voted(world, record)

    async def dies(*given: Any) -> bytes:
        raise OSError("the machine stops here")

    with monkeypatch.context() as patched:
        patched.setattr(record_actions, "make_bundle", dies)
        with pytest.raises(OSError, match="stops here"):
            await actions.adopt(record.id, chair, keeper)
    assert (await Record.get(id=record.id)).state == "adopted" and not await bundle_of(world.assessment.id)
    with pytest.raises(NotFound):
        await actions.adopt(record.id, world["member"], keeper)
    await actions.adopt(record.id, chair, keeper)
    bundle = await bundle_of(world.assessment.id)
    assert bundle and verify(bundle, keeper.fingerprint).holds
    assert len(await details(world, "record_sealed")) == 1


async def test_a_member_recused_from_the_record_has_no_ballot() -> None:
    world, record = await before_committee()
    await actions.propose_adoption(record.id, world["secretariat"])
    away = world.members[0]
    await recuse(away, world.assessment, f"record-{record.id}", world["secretariat"])
    _, item = await in_meeting(world, record, [world["committee_chair"], *world.members])
    vote = await actions.open_adoption_vote(record.id, item, world["committee_chair"])
    with pytest.raises(NotFound):
        await voting.cast_ballot(vote, away, "for", None, "", uuid4().hex)
    assert (await voting.stored(vote)).entitled == 3

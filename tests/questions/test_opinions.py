"""Opinions and comments: blind until the reveal, versioned, harmless to send twice, closed to outsiders."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.journal import commitment
from deliberate.people.models import Person
from deliberate.questions import actions, opinions
from deliberate.questions.models import Citation, Comment, Opinion, OpinionVersion, newest_version
from deliberate.questions.rules import OpinionStage, Stage, Stance
from tests.questions.helpers import TEXT, at_stage, entries, kinds, make_evidence, opinion, write
from tests.support.builders import World, make_world

CANARY = "canary-7f3a"
OUTSIDERS = [
    "secretariat",
    "recused",
    "other_chair",
    "other_expert",
    "committee_chair",
    "member",
    "stakeholder",
    "administrator",
    "signed_in",
    "foreign_secretariat",
]


@pytest.fixture
async def world(database: Any) -> World:
    return await make_world(stage=Stage.EVIDENCE_READY)


async def reveal(world: World) -> None:
    await actions.reveal_opinions(world.question.id, world["secretariat"])


async def comment(world: World, author: Person, key: str = "key-12345678", **changes: Any) -> Comment:
    given: dict[str, Any] = {"stance": Stance.FOR, "language": "en", **changes}
    text = given.pop("text", "I agree.")
    return await opinions.add_comment(world.question.id, text, author, key=key, **given)


async def test_a_submitted_opinion_is_stored_and_committed_to_without_a_word_of_it(world: World) -> None:
    item = await make_evidence(world, "L-1", world.question)
    text = opinion(CANARY, citations=((item.id, "p. 12"),))
    submitted = await write(world, world["expert"], text)
    stored = await newest_version(submitted.opinion_id)
    assert stored is not None and stored.as_text() == text
    assert (await Opinion.get(id=submitted.opinion_id)).stage == OpinionStage.SUBMITTED
    [entry] = await entries(world, f"question-{world.question.id}")
    assert (entry["kind"], entry["actor"]) == ("opinion_submitted", world["expert"].id)
    assert entry["details"] == {
        "about": f"opinion-{submitted.opinion_id}",
        "version": 1,
        "commitment": commitment(text.content(), stored.salt),
    }
    assert CANARY not in json.dumps(await entries(world))


async def test_the_same_opinion_again_is_the_same_version_and_another_text_the_next(world: World) -> None:
    first = await write(world, world["expert"])
    again = await write(world, world["expert"])
    changed = await write(world, world["expert"], opinion("Otherwise."))
    assert (first, changed.version) == (again, 2)
    assert await OpinionVersion.all().count() == 2
    assert (await Opinion.get(author=world["expert"])).stage == OpinionStage.SUBMITTED
    assert await kinds(world) == ["opinion_submitted", "opinion_revised"]


async def test_a_draft_is_kept_without_an_entry_and_goes_when_submitted(world: World) -> None:
    expert = world["expert"]
    await opinions.save_draft(world.question.id, {"reasons": "Half a th"}, expert)
    await opinions.save_draft(world.question.id, {"reasons": "Half a thought"}, expert)
    kept = await Opinion.get(author=expert)
    assert (kept.stage, kept.version, kept.draft) == ("draft", 0, {"reasons": "Half a thought"})
    assert await entries(world) == []
    await write(world, expert)
    kept = await Opinion.get(author=expert)
    assert (kept.stage, kept.version, kept.draft) == ("submitted", 1, None)


async def test_an_incomplete_opinion_changes_nothing(world: World) -> None:
    elsewhere = await make_evidence(world, "P-7", world.other_question)
    for text in (opinion(""), opinion("x", citations=((elsewhere.id, ""),))):
        with pytest.raises(Invalid):
            await write(world, world["expert"], text)
    assert await Opinion.all().count() == 0


@pytest.mark.parametrize("actor", OUTSIDERS)
async def test_outsiders_write_nothing_and_learn_nothing(world: World, actor: str) -> None:
    await write(world, world["expert"])
    for act in (
        write(world, world[actor]),
        opinions.save_draft(world.question.id, {"reasons": "x"}, world[actor]),
        comment(world, world[actor]),
        opinions.withdraw_opinion((await Opinion.get()).id, world[actor]),
    ):
        with pytest.raises(NotFound):
            await act
    assert await Opinion.all().count() == 1 and await Comment.all().count() == 0


async def test_an_expert_without_a_declaration_is_refused_every_act(world: World) -> None:
    expert = world["undeclared"]
    await at_stage(world.question, Stage.OPINION_DRAFT)
    for act in (
        write(world, expert),
        opinions.save_draft(world.question.id, {"reasons": "x"}, expert),
        comment(world, expert),
    ):
        with pytest.raises(NotAllowed):
            await act
    assert await Opinion.all().count() == 0


async def test_opinions_are_written_only_while_they_are_open(world: World) -> None:
    for stage in Stage:
        await at_stage(world.question, stage)
        if stage in (Stage.EVIDENCE_READY, Stage.OPINION_DRAFT):
            continue
        refused = NotFound if stage is Stage.DRAFT else Refused
        with pytest.raises(refused):
            await write(world, world["expert"])
        with pytest.raises(refused):
            await opinions.save_draft(world.question.id, {"reasons": "x"}, world["expert"])


async def test_a_revision_after_the_reveal_keeps_both_versions(world: World) -> None:
    await write(world, world["expert"])
    await reveal(world)
    await write(world, world["expert"], opinion("Convinced by the others."))
    found = await Opinion.get(author=world["expert"])
    assert (found.stage, found.version) == (OpinionStage.REVISED, 2)
    assert [row.position for row in await OpinionVersion.all().order_by("version")] == [
        TEXT.position,
        "Convinced by the others.",
    ]


async def test_who_comes_after_the_reveal_is_shown_at_once(world: World) -> None:
    await write(world, world.experts[0])
    await reveal(world)
    await write(world, world.experts[1])
    assert (await Opinion.get(author=world.experts[1])).stage == OpinionStage.REVEALED


async def test_withdrawing_follows_the_table(world: World) -> None:
    one, two, three = world.experts
    await opinions.save_draft(world.question.id, {"reasons": "x"}, one)
    await opinions.withdraw_opinion((await Opinion.get(author=one)).id, one)
    with pytest.raises(Refused):
        await write(world, one)
    submitted = await write(world, two)
    await write(world, three)
    with pytest.raises(Refused):
        await opinions.withdraw_opinion(submitted.opinion_id, two)
    await reveal(world)
    with pytest.raises(NotFound):
        await opinions.withdraw_opinion(submitted.opinion_id, three)
    await opinions.withdraw_opinion(submitted.opinion_id, two)
    assert (await Opinion.get(author=two)).stage == OpinionStage.WITHDRAWN
    assert (await kinds(world))[-1] == "opinion_withdrawn"


async def test_comments_begin_with_the_reveal_and_end_with_the_adoption(world: World) -> None:
    submitted = await write(world, world["expert"])
    with pytest.raises(Refused):
        await comment(world, world["chair"])
    await reveal(world)
    first = await comment(world, world["chair"], opinion_id=submitted.opinion_id)
    answer = await comment(world, world["expert"], "key-87654321", parent_id=first.id, stance=Stance.NEUTRAL)
    assert (answer.opinion_id, answer.opinion_version, answer.parent_id) == (
        submitted.opinion_id,
        1,
        first.id,
    )
    entry = (await entries(world, f"question-{world.question.id}"))[-2]
    assert entry["details"] == {
        "about": f"comment-{first.id}",
        "opinion": submitted.opinion_id,
        "commitment": commitment({"stance": "for", "language": "en", "text": "I agree."}, first.salt),
    }
    await at_stage(world.question, Stage.OPINION_ADOPTED)
    with pytest.raises(Refused):
        await comment(world, world["chair"], "key-00000000")


async def test_a_comment_sent_twice_is_one_and_a_used_key_takes_no_other_text(world: World) -> None:
    await write(world, world["expert"])
    await reveal(world)
    first = await comment(world, world["chair"])
    assert (await comment(world, world["chair"])).id == first.id
    assert (await comment(world, world["expert"])).id != first.id  # keys belong to persons
    with pytest.raises(Refused):
        await comment(world, world["chair"], text="Something else.")
    assert await Comment.all().count() == 2
    assert (await kinds(world)).count("comment_added") == 2


async def test_a_comment_stays_with_its_question_and_with_what_is_shown(world: World) -> None:
    submitted = await write(world, world["expert"])
    await reveal(world)
    await at_stage(world.other_question, Stage.OPINION_DRAFT)
    elsewhere = await opinions.add_comment(
        world.other_question.id,
        "Elsewhere.",
        world["other_expert"],
        stance=Stance.FOR,
        language="en",
        key="key-12345678",
    )
    with pytest.raises(NotFound):
        await comment(world, world["chair"], parent_id=elsewhere.id)
    await opinions.withdraw_opinion(submitted.opinion_id, world["expert"])
    for opinion_id in (submitted.opinion_id, 999):
        with pytest.raises(Refused):
            await comment(world, world["chair"], opinion_id=opinion_id)


async def decide(world: World, person: Person, outcome: Outcome, subject: str = "") -> None:
    await decide_interest(
        world.assessment.id,
        person.id,
        subject or f"question-{world.question.id}",
        world.infection.id,
        outcome=outcome,
        category="capital",
        reason=f"Decision {outcome}.",
        actor=world["secretariat"],
        also=[opinions.set_aside_opinions],
    )


async def test_a_recusal_sets_the_opinion_aside_and_it_is_not_revealed(world: World) -> None:
    one, two = world.experts[:2]
    await write(world, one)
    await write(world, two)
    await decide(world, one, Outcome.RECUSED_ITEM)
    with pytest.raises(NotFound):
        await write(world, one, opinion("Again."))
    await reveal(world)
    assert (await Opinion.get(author=one)).stage == OpinionStage.SUBMITTED
    assert (await Opinion.get(author=two)).stage == OpinionStage.REVEALED
    assert "opinion_set_aside" in await kinds(world)


async def test_a_lifted_recusal_brings_the_opinion_back(world: World) -> None:
    one, two = world.experts[:2]
    await write(world, one)
    await write(world, two)
    await decide(world, one, Outcome.EXCLUDED_GROUP, f"group-{world.infection.id}")
    await decide(world, one, Outcome.RECUSED_ITEM)
    assert (await Opinion.get(author=one)).set_aside_at is not None
    await reveal(world)
    await decide(world, one, Outcome.NONE, f"group-{world.infection.id}")
    assert (await Opinion.get(author=one)).set_aside_at is not None  # the recusal still stands
    await decide(world, one, Outcome.NONE)
    back = await Opinion.get(author=one)
    assert (back.set_aside_at, back.stage) == (None, OpinionStage.REVEALED)
    assert (await kinds(world)).count("opinion_set_aside") == 1


async def test_what_an_opinion_cited_stays_when_the_document_leaves_the_question(world: World) -> None:
    item = await make_evidence(world, "L-1", world.question)
    submitted = await write(world, world["expert"], opinion("x", citations=((item.id, "table 2"),)))
    assert [row.passage for row in await Citation.all()] == ["table 2"]
    stored = await newest_version(submitted.opinion_id)
    assert stored is not None and stored.as_text().citations == ((item.id, "table 2"),)

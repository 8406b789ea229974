"""A round as a written procedure: who is asked, until when, what is counted and settled."""

import asyncio
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from deliberate.assessments.models import Assessment
from deliberate.errors import Invalid, NotFound, Refusal, Refused
from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.models import Entry
from deliberate.mail.models import OutboxMessage
from deliberate.questions.models import Statement
from deliberate.settings import Settings
from deliberate.voting import actions, deadlines, rounds
from deliberate.voting.models import (
    Ballot,
    BallotTrace,
    RatingDraft,
    RollEntry,
    Round,
    RoundExtension,
    votes_of_round,
)
from deliberate.voting.rules import VoteState
from deliberate.voting.turnout import answers_missing, turnout_of
from tests.support.builders import World, make_world
from tests.voting.rounds import (
    finish,
    freeze,
    in_days,
    open_round,
    pass_deadline,
    prepare,
    rate_all,
    statements,
)
from tests.voting.votes import cast

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a mail server, so that letters are written; nothing carries them out."""
    return settings.model_copy(update={"smtp_url": "smtp://localhost:25"})


async def told(round_: Round) -> list[str]:
    rows = Entry.filter(topic=f"round-{round_.id}").order_by("number")
    return [str(kind) for kind in await rows.values_list("kind", flat=True)]


async def test_a_round_opens_under_one_roll_of_those_who_may_rate_wherever_they_are(
    settings: Settings,
) -> None:
    world = await make_world(experts=3)
    round_ = await open_round(world, settings)
    votes = await votes_of_round(round_.id)
    assert [vote.state for vote in votes] == ["open", "open"]
    assert {vote.mode for vote in votes} == {"confidential"}
    for vote in votes:  # not the chair, nor who is recused or has not declared
        roll = set(await RollEntry.filter(vote_id=vote.id).values_list("person_id", flat=True))
        assert roll == {person.id for person in world.experts}
        assert vote.terms["recused"] == 1 and vote.terms["quorum"] is None
        assert vote.deadline_at == round_.deadline_at
    assert await told(round_) == ["round_prepared", "round_opened"]
    assert set(await Statement.filter(question_id=world.question.id).values_list("state", flat=True)) == {
        "open"
    }
    letters = await OutboxMessage.all()
    assert {letter.to for letter in letters} == {person.email for person in world.experts}
    assert all("2 statements wait" in letter.body for letter in letters)


async def test_a_round_needs_a_frozen_protocol_and_leaves_nothing_when_it_is_not(settings: Settings) -> None:
    world = await make_world()
    await Assessment.filter(id=world.assessment.id).update(protocol_frozen_at=None)
    round_ = await prepare(world)
    with pytest.raises(Refused, match="not frozen"):
        await rounds.open_round(round_.id, in_days(3), world["secretariat"], settings)
    assert await RollEntry.all().count() == 0 and await OutboxMessage.all().count() == 0
    await freeze(world)
    with pytest.raises(Invalid):
        await rounds.open_round(round_.id, in_days(-1), world["secretariat"], settings)
    await rounds.open_round(round_.id, in_days(3), world["secretariat"], settings)


async def test_a_prepared_round_may_choose_again_and_only_what_is_to_be_rated(settings: Settings) -> None:
    world = await make_world()
    first, second = await statements(world)
    round_ = await prepare(world, [first])
    again = await prepare(world, [second])
    assert again.id == round_.id
    assert [vote.statement_id for vote in await votes_of_round(round_.id)] == [second]
    for wrong in ([], [4711]):
        with pytest.raises(Invalid):
            await prepare(world, wrong)
    await freeze(world)
    await rounds.open_round(round_.id, in_days(1), world["chair"], settings)
    with pytest.raises(Refused, match="not over yet"):
        await prepare(world, [first])


@pytest.mark.parametrize("who", ["expert", "recused", "other_chair", "member", "stakeholder", "signed_in"])
async def test_nobody_but_chair_and_secretariat_runs_a_round(settings: Settings, who: str) -> None:
    world = await make_world()
    person = world[who]
    with pytest.raises(NotFound):
        await rounds.prepare_round(world.infection.id, await statements(world), person)
    round_ = await open_round(world, settings)
    for act in (
        rounds.extend_round(round_.id, in_days(9), "Holidays", person, settings),
        rounds.remind_missing(round_.id, person, settings),
        rounds.close_round(round_.id, person),
        rounds.analyse_round(round_.id, person),
        rounds.feed_back_round(round_.id, person, settings),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_deadline_is_put_off_for_a_reason_as_often_as_needed_and_never_brought_forward(
    settings: Settings,
) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    await rate_all(round_, {world.experts[0]: 7})
    before = await OutboxMessage.all().count()
    for days in (4, 6):
        await rounds.extend_round(round_.id, in_days(days), "A member was ill.", world["chair"], settings)
    assert await RoundExtension.filter(round_id=round_.id).count() == 2
    await round_.refresh_from_db()
    assert {vote.deadline_at for vote in await votes_of_round(round_.id)} == {round_.deadline_at}
    # Those who have answered are left in peace.
    assert {letter.to for letter in (await OutboxMessage.all().order_by("id"))[before:]} == {
        one.email for one in world.experts[1:]
    }
    entry = await Entry.filter(kind="round_extended").first()
    assert entry and "ill" not in entry.body
    for at, reason in ((in_days(5), "Sooner"), (in_days(9), " "), (in_days(900), "Far")):
        with pytest.raises(Invalid):
            await rounds.extend_round(round_.id, at, reason, world["chair"], settings)


async def test_a_reminder_goes_to_those_who_have_not_finished_and_to_nobody_else(settings: Settings) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    await rate_all(round_, {world.experts[0]: 7})
    await cast((await votes_of_round(round_.id))[0], world.experts[1], 5)
    before = await OutboxMessage.all().count()
    assert await rounds.remind_missing(round_.id, world["secretariat"], settings) == 2
    sent = {letter.to: letter.body for letter in (await OutboxMessage.all().order_by("id"))[before:]}
    assert set(sent) == {world.experts[1].email, world.experts[2].email}
    assert "1 statement waits" in sent[world.experts[1].email]
    assert {one.name: (one.answered, one.entitled) for one in await turnout_of(round_)} == {
        "Expert 0": (2, 2),
        "Expert 1": (1, 2),
        "Expert 2": (0, 2),
    }
    silent = settings.model_copy(update={"smtp_url": None})
    with pytest.raises(Refused, match="no letter can leave"):
        await rounds.remind_missing(round_.id, world["secretariat"], silent)
    await rounds.extend_round(round_.id, in_days(9), "Holidays.", world["secretariat"], silent)
    assert await OutboxMessage.all().count() == before + len(sent)  # none waits for a server to come
    await rate_all(round_, {world.experts[1]: 7, world.experts[2]: 7})
    with pytest.raises(Refused, match="nobody to remind"):
        await rounds.remind_missing(round_.id, world["secretariat"], settings)


async def test_after_the_deadline_no_ballot_is_taken_though_nobody_has_closed_the_round(
    settings: Settings,
) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    vote = (await votes_of_round(round_.id))[0]
    number = await cast(vote, world.experts[0], 7, key="my-own-key")
    await pass_deadline(round_)
    with pytest.raises(Refused, match="closed at"):
        await cast(vote, world.experts[1], 7)
    assert await cast(vote, world.experts[0], 7, key="my-own-key") == number
    with pytest.raises(Refused, match="deadline"):
        await rounds.extend_round(round_.id, in_days(5), "Too late", world["chair"], settings)


async def test_the_deadline_closes_the_round_by_itself_and_twice_at_once_is_harmless(
    settings: Settings,
) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    await deadlines.close_overdue()
    assert (await Round.get(id=round_.id)).state == "open"
    with pytest.raises(Refused, match="has not passed"):
        await rounds.close_round(round_.id, None)
    await pass_deadline(round_)
    await asyncio.gather(*(deadlines.close_overdue() for _ in range(3)))
    assert (await Round.get(id=round_.id)).state == "closed"
    assert (await told(round_)).count("round_closed") == 1
    entry = await Entry.get(kind="round_closed")
    assert entry.actor_id is None  # nobody did it: the deadline


async def test_the_task_looks_again_and_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "EVERY_SECONDS", 0.01)
    world = await make_world()
    round_ = await open_round(world, settings)
    async with deadlines.working():
        await pass_deadline(round_)
        async with asyncio.timeout(60):
            while (await Round.get(id=round_.id)).state == "open":  # noqa: ASYNC110 - the task tells nobody
                await asyncio.sleep(0.01)


async def test_drafts_are_the_raters_own_and_missing_at_the_close(settings: Settings) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    vote = (await votes_of_round(round_.id))[0]
    answers = {str(vote.id): {"rating": "7", "reason": ""}}
    for _ in range(2):
        await rounds.save_draft(round_.id, "ABCDEF", answers, world["expert"])
    assert await RatingDraft.all().count() == 1
    await finish(world, round_)
    assert await RatingDraft.all().count() == 0
    await vote.refresh_from_db()
    assert vote.result and (vote.result["n"], vote.result["missing"]) == (0, 3)
    with pytest.raises(Refused):
        await rounds.save_draft(round_.id, "ABCDEF", answers, world["expert"])


async def states_of(world: World) -> set[str]:
    rows = Statement.filter(question_id=world.question.id)
    return {str(state) for state in await rows.values_list("state", flat=True)}


async def decisions_of(round_: Round) -> set[str | None]:
    return {vote.decision for vote in await votes_of_round(round_.id)}


async def test_two_stable_rounds_with_consensus_settle_and_one_round_alone_settles_nothing(
    settings: Settings,
) -> None:
    world = await make_world(experts=7)
    for number in (1, 2):
        round_ = await open_round(world, settings)
        await rate_all(round_, dict.fromkeys(world.experts, 8))
        await finish(world, round_)
        assert round_.number == number
        assert await decisions_of(round_) == {"to_discuss" if number == 1 else "settled_in"}
    assert await states_of(world) == {"settled_in"}
    with pytest.raises(Invalid):
        await prepare(world)  # nothing is left


@pytest.mark.parametrize(
    ("ratings", "decision"),
    [
        (([1, 1, 1, 5, 9, 9, 9], [1, 1, 1, 5, 9, 9, 9]), "stable_dissent"),
        (([2] * 7, [2] * 7), "settled_out"),
        (([1, 1, 1, 5, 9, 9, 9], [2, 3, 4, 5, 6, 7, 8]), "to_discuss"),
    ],
)
async def test_the_stop_rule_decides_over_the_raters_of_both_rounds(
    settings: Settings, ratings: tuple[list[int], list[int]], decision: str
) -> None:
    world = await make_world(experts=7)
    one = (await statements(world))[:1]
    for given in ratings:
        round_ = await open_round(world, settings, one)
        await rate_all(round_, dict(zip(world.experts, given, strict=True)))
        await finish(world, round_)
    assert await decisions_of(round_) == {decision}


async def test_a_rating_in_a_meeting_settles_by_the_same_path_and_counts_as_a_round(
    settings: Settings,
) -> None:
    from tests.voting.votes import open_vote

    world = await make_world(experts=7)
    one = (await statements(world))[:1]
    round_ = await open_round(world, settings, one)
    await rate_all(round_, dict.fromkeys(world.experts, 8))
    await finish(world, round_)
    vote = await open_vote(world, subject=f"statement-{one[0]}")
    assert vote.round == 2
    for person in world.experts:
        await cast(vote, person, 8)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()
    assert vote.decision == "settled_in"
    assert (await Statement.get(id=one[0])).state == "settled_in"


async def test_the_ratings_of_a_round_are_closed_and_counted_together_only(settings: Settings) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    vote = (await votes_of_round(round_.id))[0]
    with pytest.raises(Refused, match="belongs to a round"):
        await actions.close_vote(vote.id, world["chair"])
    await rounds.close_round(round_.id, world["chair"])
    with pytest.raises(Refused, match="belongs to a round"):
        await actions.reveal_vote(vote.id, world["chair"])


async def test_a_round_goes_forward_only_and_ends_with_a_letter_to_each_rater(settings: Settings) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    with pytest.raises(Refused):
        await rounds.analyse_round(round_.id, world["chair"])
    await finish(world, round_)
    for act in (
        rounds.close_round(round_.id, world["chair"]),
        rounds.analyse_round(round_.id, world["chair"]),
    ):
        with pytest.raises(Refused):
            await act
    before = await OutboxMessage.all().count()
    await rounds.feed_back_round(round_.id, world["chair"], settings)
    assert {letter.to for letter in (await OutboxMessage.all().order_by("id"))[before:]} == {
        one.email for one in world.experts
    }
    assert await told(round_) == [
        "round_prepared",
        "round_opened",
        "round_closed",
        "round_analysed",
        "round_fed_back",
    ]


async def test_whoever_is_recused_during_a_round_is_asked_no_more_and_counted_apart(
    settings: Settings,
) -> None:
    world = await make_world()
    round_ = await open_round(world, settings)
    await rate_all(round_, dict.fromkeys(world.experts, 7))
    await recuse_now(world, world.experts[1])
    assert set(await answers_missing(round_)) == {world.experts[0].id, world.experts[2].id}
    await finish(world, round_)
    for vote in await votes_of_round(round_.id):
        assert vote.result
        assert (vote.result["n"], vote.result["recused"], vote.result["missing"]) == (2, 2, 0)


async def recuse_now(world: World, person: Any) -> None:
    await decide_interest(
        world.assessment.id,
        person.id,
        f"question-{world.question.id}",
        world.infection.id,
        outcome=Outcome.RECUSED_ITEM,
        category="capital",
        reason="Holds shares.",
        actor=world["chair"],
        also=[actions.strike_from_roll],
    )


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_the_order_acknowledged_is_stored_is_counted_and_none_after_the_deadline(
    settings: Settings, seed: int
) -> None:
    """Ballots, changes, recusals, the deadline and closes in any order, some at the very same moment."""
    chance = random.Random(seed)
    world = await make_world(experts=6)
    round_ = await open_round(world, settings)
    votes = await votes_of_round(round_.id)
    recused = world.experts[5]
    acknowledged: dict[tuple[int, int], list[int]] = {}
    too_late: list[Any] = []

    async def rate() -> None:
        vote, person = chance.choice(votes), chance.choice(world.experts)
        at, passed = datetime.now(UTC), bool(over)
        try:
            number = await cast(vote, person, chance.randint(1, 9))
        except Refusal:
            return
        if passed:
            too_late.append((vote.id, at))
        acknowledged.setdefault((vote.id, person.id), []).append(number)

    over: list[bool] = []

    async def end() -> None:
        await pass_deadline(round_)
        over.append(True)

    async def close() -> None:
        await deadlines.close_overdue()

    acts = [rate for _ in range(30)] + [lambda: recuse_now(world, recused), end, close, close]
    chance.shuffle(acts)
    while acts:
        size = chance.randint(1, 5)
        await asyncio.gather(*(act() for act in acts[:size]))
        acts = acts[size:]
    await deadlines.close_overdue()
    await rounds.analyse_round(round_.id, world["chair"])

    assert too_late == []
    stored = await Ballot.filter(vote__rating_round_id=round_.id)
    traces = await BallotTrace.filter(vote__rating_round_id=round_.id)
    numbers = sorted(number for found in acknowledged.values() for number in found)
    assert sorted(row.number for row in [*stored, *traces]) == numbers
    recusal = await Entry.get(kind="interest_decided")
    closed = {
        json.loads(entry.body)["topic"]: entry.number for entry in await Entry.filter(kind="vote_closed")
    }
    for vote in await votes_of_round(round_.id):
        assert vote.state == VoteState.COUNTED and vote.result
        standing = {person for (vote_id, person) in acknowledged if vote_id == vote.id}
        if recusal.number < closed[f"vote-{vote.id}"]:  # a recusal after the close is a deviation
            standing -= {recused.id}
        aside = [row for row in stored if row.vote_id == vote.id and row.set_aside]
        assert vote.result["cast"] == len(standing)
        assert len([row for row in stored if row.vote_id == vote.id]) - len(aside) == len(standing)
        for (vote_id, _), found in acknowledged.items():
            assert vote_id != vote.id or max(found) < closed[f"vote-{vote.id}"]

"""The promise: acknowledged means counted, once, and before the close; refused means no trace."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from deliberate.errors import NotAllowed, NotFound, Refused, Unconfirmed
from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live import journal
from deliberate.live.database import connected
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import acting
from deliberate.live.models import Entry, JournalHead
from deliberate.live.rows import insert_rows
from deliberate.voting import actions, ballot_box
from deliberate.voting.models import Ballot, BallotTrace, Vote
from tests.support.builders import World, make_world, recuse
from tests.voting.votes import cast, entries, more_experts, open_vote

pytestmark = pytest.mark.usefixtures("database")


async def world_with(experts: int) -> World:
    return await make_world(experts=experts)


@contextmanager
def counting_commits() -> Iterator[list[int]]:
    """How many papers went into each commit."""
    sizes: list[int] = []
    store = ballot_box.store_ballots

    async def counted(papers: Any) -> Any:
        sizes.append(len(papers))
        return await store(papers)

    ballot_box.store_ballots = counted
    try:
        yield sizes
    finally:
        ballot_box.store_ballots = store


async def test_a_ballot_is_a_row_an_entry_and_news() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    watcher = Watcher(world["expert"].id)
    hub.join(watcher)
    hub.watch(watcher, f"vote-{vote.id}")

    number = await cast(vote, world["expert"], 7)
    hub.flush(f"vote-{vote.id}")

    (ballot,) = await Ballot.filter(vote_id=vote.id)
    (entry,) = await entries(vote, "ballot_cast")
    assert (ballot.rating, ballot.number, ballot.revision) == (7, number, 1)
    assert entry.number == number
    assert ballot.commitment() in entry.body
    assert '"cast":1,' in "".join(watcher.take()) and '"entitled":3' in entry.body
    hub.leave(watcher)


async def test_a_confidential_ballot_names_nobody_and_a_named_one_its_voter() -> None:
    world = await world_with(3)
    rating, choice = await open_vote(world), await open_vote(world, "choice", "named")
    await cast(rating, world["expert"], 7)
    await cast(choice, world["expert"], "for", "A reason of mine.")

    (hidden,) = await entries(rating, "ballot_cast")
    (shown,) = await entries(choice, "ballot_cast")
    assert hidden.actor_id is None
    assert shown.actor_id == world["expert"].id
    assert (await Ballot.get(vote_id=choice.id)).voter == f"person-{world['expert'].id}"
    assert str(world["expert"].id) != (await Ballot.get(vote_id=rating.id)).voter
    for entry in (hidden, shown):
        assert "A reason of mine" not in entry.body
        assert '"choice"' not in entry.body and '"rating"' not in entry.body


async def test_the_verifier_works_out_the_same_commitment() -> None:
    from deliberate.record.verifier import _commitment

    world = await world_with(3)
    vote = await open_vote(world)
    await cast(vote, world.experts[0], 7)
    await cast(vote, world.experts[1], None, "Not my field, é.")
    for ballot in await Ballot.filter(vote_id=vote.id):
        assert _commitment(vote.id, ballot.published()) == ballot.commitment()


async def test_duplicates_of_eight_clients_at_once_are_one_ballot() -> None:
    world = await world_with(8)
    vote = await open_vote(world)
    keys = {person.id: uuid4().hex for person in world.experts}

    sent = [cast(vote, person, 7, key=keys[person.id]) for person in world.experts for _ in range(25)]
    numbers = await asyncio.gather(*sent)

    assert len(set(numbers)) == 8
    assert await Ballot.filter(vote_id=vote.id).count() == 8
    assert await BallotTrace.filter(vote_id=vote.id).count() == 0
    assert len(await entries(vote, "ballot_cast", "ballot_changed")) == 8


async def test_eight_tabs_with_keys_of_their_own_are_one_ballot_where_it_may_not_be_changed() -> None:
    world = await world_with(3)
    vote = await open_vote(world, changeable=False)

    answers = await asyncio.gather(
        *(cast(vote, world["expert"], rating) for rating in range(1, 9)), return_exceptions=True
    )

    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert sum(isinstance(answer, Refused) for answer in answers) == 7
    assert await Ballot.filter(vote_id=vote.id).count() == 1


async def test_the_database_itself_refuses_a_second_ballot_of_one_voter() -> None:
    """Without the index this is where a race would show."""
    world = await world_with(3)
    vote = await open_vote(world)
    await cast(vote, world["expert"], 7)
    first = await Ballot.get(vote_id=vote.id)
    second = Ballot(vote_id=vote.id, voter=first.voter, rating=3, key="another-key", salt="", number=99)
    with pytest.raises(IntegrityError):
        await second.save()
    await connected().execute_script("DROP INDEX voting_ballot_one_vote_voter")
    await second.save()  # so it was the index, and nothing else
    assert await Ballot.filter(vote_id=vote.id).count() == 2


async def test_should_the_index_ever_speak_only_the_ballot_it_speaks_of_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    await cast(vote, world["expert"], 7)

    def blind(papers: Any, booth: Any, voters: Any) -> Any:
        for voter in voters.values():
            voter.casts.clear()
        return check(papers, booth, voters)

    check = ballot_box.check_papers
    monkeypatch.setattr(ballot_box, "check_papers", blind)
    monkeypatch.setattr(ballot_box, "write_rows", write_blindly)
    answers = await asyncio.gather(
        cast(vote, world.experts[0], 3), cast(vote, world.experts[1], 4), return_exceptions=True
    )
    assert isinstance(answers[0], Refused)
    assert isinstance(answers[1], int)
    assert sorted(await Ballot.filter(vote_id=vote.id).values_list("rating", flat=True)) == [4, 7]


async def write_blindly(vote: Vote, taken: list[ballot_box.Filled], known: Any) -> None:
    rows = [(*ballot_box.row_of(ballot), False) for ballot in taken]
    await insert_rows(Ballot, (*ballot_box.BALLOT, "set_aside"), rows)


async def test_the_same_key_gets_the_same_number_and_other_content_is_refused() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    number = await cast(vote, world["expert"], 7, key="my-own-key")

    assert await cast(vote, world["expert"], 7, key="my-own-key") == number
    with pytest.raises(Refused, match="Another ballot was already sent under this key"):
        await cast(vote, world["expert"], 8, key="my-own-key")
    assert await cast(vote, world.experts[1], 8, key="my-own-key") != number  # keys are each voter's own
    assert (await Ballot.get(number=number)).rating == 7


async def test_after_the_close_the_same_key_is_still_answered_and_another_refused() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    number = await cast(vote, world["expert"], 7, key="my-own-key")
    await actions.close_vote(vote.id, world["secretariat"])

    assert await cast(vote, world["expert"], 7, key="my-own-key") == number
    with pytest.raises(Refused, match="This vote closed at"):
        await cast(vote, world.experts[1], 7)


async def test_a_changed_ballot_replaces_the_old_one_which_stays_as_a_trace() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    first = await cast(vote, world["expert"], 3, key="key-of-first")
    second = await cast(vote, world["expert"], 8)

    (ballot,) = await Ballot.filter(vote_id=vote.id)
    (trace,) = await BallotTrace.filter(vote_id=vote.id)
    assert (ballot.rating, ballot.revision, ballot.number) == (8, 2, second)
    assert (trace.rating, trace.revision, trace.number) == (3, 1, first)
    (entry,) = await entries(vote, "ballot_changed")
    assert f'"supersedes":{first}' in entry.body and '"cast":1,' in entry.body
    # A late repeat of the first must not bring it back.
    assert await cast(vote, world["expert"], 3, key="key-of-first") == first
    assert (await Ballot.get(vote_id=vote.id)).rating == 8


async def test_changes_in_one_batch_keep_their_order() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    await cast(vote, world.experts[1], 2)
    with counting_commits() as sizes:
        numbers = await asyncio.gather(
            *(cast(vote, person, rating) for rating in (3, 5, 9) for person in world.experts[:2])
        )
    assert sizes == [6]
    assert sorted(numbers) == list(numbers)
    assert sorted(await Ballot.filter(vote_id=vote.id).values_list("rating", "revision")) == [(9, 3), (9, 4)]
    assert await BallotTrace.filter(vote_id=vote.id).count() == 5


async def test_one_refused_ballot_hurts_no_other_of_its_batch() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    answers = await asyncio.gather(
        cast(vote, world.experts[0], 7),
        cast(vote, world["undeclared"], 7),
        cast(vote, world["recused"], 7),
        cast(vote, world["other_expert"], 7),
        cast(vote, world["chair"], 7),
        cast(vote, world.experts[1], 11),
        cast(vote, world.experts[2], 7),
        return_exceptions=True,
    )
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["int", "NotAllowed", "NotFound", "NotFound", "NotAllowed", "Invalid", "int"]
    assert await Ballot.filter(vote_id=vote.id).count() == 2


async def test_a_vote_that_is_none_is_not_found() -> None:
    world = await world_with(1)
    with pytest.raises(NotFound):
        await actions.cast_ballot(4711, world["expert"], None, 7, "", uuid4().hex)


async def test_who_is_on_no_roll_may_not_cast() -> None:
    world = await world_with(3)
    vote = await open_vote(world, voters=world.experts[:2])
    with pytest.raises(NotAllowed, match="not on the roll"):
        await cast(vote, world.experts[2], 7)


async def test_a_declaration_that_ran_out_stops_the_ballot() -> None:
    world = await world_with(3)
    vote = await open_vote(world, voters=[*world.experts, world["undeclared"]])
    with pytest.raises(NotAllowed, match="declaration of interests"):
        await cast(vote, world["undeclared"], 7)


@pytest.mark.parametrize("failing", ["Entry", "commit"])
async def test_a_failed_commit_acknowledges_none_and_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    world = await world_with(3)
    vote = await open_vote(world)

    async def fail(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        if failing == "Entry":
            broken.setattr(journal, "insert_rows", fail)
        else:
            broken.setattr(ballot_box, "acting", failing_at_commit)
        answers = await asyncio.gather(
            *(cast(vote, person, 7) for person in world.experts), return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [Unconfirmed] * 3
    assert await Ballot.filter(vote_id=vote.id).count() == 0
    assert await entries(vote, "ballot_cast") == []
    assert isinstance(await cast(vote, world["expert"], 7), int)  # the box works on


def failing_at_commit(*args: Any, **kwargs: Any) -> Any:
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def context() -> Any:
        async with acting(*args, **kwargs) as note:
            yield note
            raise Unconfirmed("The database did not confirm this.")

    return context()


async def test_ballots_that_arrive_during_a_commit_travel_in_the_next_one() -> None:
    world = await world_with(40)
    vote = await open_vote(world)
    with counting_commits() as sizes:
        first = asyncio.create_task(cast(vote, world.experts[0], 7))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the writer has taken the first paper and waits for the database
        await asyncio.gather(first, *(cast(vote, person, 7) for person in world.experts[1:]))
    assert sizes == [1, 39]


async def test_a_thousand_ballots_at_once_are_a_few_commits() -> None:
    world = await world_with(3)
    voters = await more_experts(world, 1000)
    vote = await open_vote(world, "choice", "named", voters=voters)
    with counting_commits() as sizes:
        numbers = await asyncio.gather(*(cast(vote, person, "for") for person in voters))
    assert len(sizes) <= 3
    assert len(set(numbers)) == 1000
    assert await Ballot.filter(vote_id=vote.id).count() == 1000
    told = await entries(vote, "ballot_cast")
    assert [entry.number for entry in told] == sorted(numbers)
    assert '"cast":1000,' in told[-1].body


async def test_a_batch_of_any_size_takes_the_same_number_of_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from deliberate.live.sqlite_immediate import ImmediateTransaction

    asked: list[str] = []
    for client in (ImmediateTransaction, TransactionWrapper):
        for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many"):
            original = getattr(client, name)

            def counting(self: Any, query: str, *args: Any, original: Any = original) -> Any:
                asked.append(query)
                return original(self, query, *args)

            monkeypatch.setattr(client, name, counting)
    world = await world_with(60)
    vote = await open_vote(world)
    sizes: dict[int, int] = {}
    for first, last in ((0, 1), (1, 4), (4, 60)):
        asked.clear()
        await asyncio.gather(*(cast(vote, person, 7) for person in world.experts[first:last]))
        sizes[last - first] = len(asked)
    assert len(set(sizes.values())) == 1, sizes
    assert sizes[1] <= 20


@pytest.mark.parametrize("seed", range(3))
async def test_every_acknowledged_ballot_is_counted_and_stands_before_the_close(seed: int) -> None:
    """Fifty ballots at the moment of closing: a ballot is before it or after it, never in between."""
    world = await world_with(50)
    vote = await open_vote(world)
    chance = random.Random(seed)

    async def late(person: Any) -> int:
        await asyncio.sleep(chance.random() * 0.03)
        return await cast(vote, person, chance.randint(1, 9))

    async def close() -> int:
        await asyncio.sleep(chance.random() * 0.03)
        return await actions.close_vote(vote.id, world["secretariat"])

    closed, *answers = await asyncio.gather(
        close(), *(late(person) for person in world.experts), return_exceptions=True
    )
    accepted = [answer for answer in answers if isinstance(answer, int)]
    assert all(isinstance(answer, int | Refused) for answer in answers)
    assert isinstance(closed, int)
    assert all(number < closed for number in accepted)
    assert await Ballot.filter(vote_id=vote.id).count() == len(accepted)
    await actions.reveal_vote(vote.id, world["secretariat"])
    await vote.refresh_from_db()
    assert vote.result and vote.result["cast"] == len(accepted)


@pytest.mark.parametrize("seed", range(3))
async def test_after_a_recusal_in_a_burst_no_ballot_of_that_person_follows(seed: int) -> None:
    world = await world_with(20)
    vote = await open_vote(world)
    target = world.experts[7]
    chance = random.Random(seed)

    async def burst(person: Any) -> list[int]:
        numbers = []
        for _ in range(5):
            await asyncio.sleep(chance.random() * 0.01)
            try:
                numbers.append(await cast(vote, person, chance.randint(1, 9)))
            except NotFound:
                break
        return numbers

    async def recuse_now() -> None:
        await asyncio.sleep(chance.random() * 0.03)
        await decide_interest(
            world.assessment.id,
            target.id,
            f"question-{world.question.id}",
            world.infection.id,
            outcome=Outcome.RECUSED_ITEM,
            category="capital",
            reason="Holds shares.",
            actor=world["chair"],
            also=[actions.strike_from_roll],
        )

    numbers, *_ = await asyncio.gather(
        burst(target), recuse_now(), *(burst(each) for each in world.experts if each is not target)
    )
    recusal = await Entry.get(kind="interest_decided")
    assert all(number < recusal.number for number in numbers)
    struck = await entries(vote, "roll_struck")
    assert len(struck) == 1 and '"entitled":19' in struck[0].body
    assert await Ballot.filter(vote_id=vote.id, set_aside=True).count() == (1 if numbers else 0)
    assert await Ballot.filter(vote_id=vote.id, set_aside=False).count() == 19
    with pytest.raises(NotFound):
        await cast(vote, target, 5)


async def test_a_voter_who_went_away_leaves_a_ballot_that_the_key_finds() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    waiting = asyncio.create_task(cast(vote, world["expert"], 7, key="my-own-key"))
    await asyncio.sleep(0)
    waiting.cancel()
    number = await cast(vote, world["expert"], 7, key="my-own-key")
    assert (await Ballot.get(vote_id=vote.id)).number == number


async def test_boxes_of_two_votes_do_not_mix() -> None:
    world = await world_with(10)
    one = await open_vote(world)
    two = await open_vote(world, subject="statement-2")
    await asyncio.gather(
        *(cast(one, person, 1) for person in world.experts),
        *(cast(two, person, 9) for person in world.experts),
    )
    for vote, rating in ((one, 1), (two, 9)):
        assert set(await Ballot.filter(vote_id=vote.id).values_list("rating", flat=True)) == {rating}
    assert ballot_box._boxes == {}


async def test_a_ballot_put_inside_a_transaction_that_fails_is_not_lost_with_it() -> None:
    """The writer has a context of its own; on SQLite it simply waits until the other transaction ends."""
    world = await world_with(3)
    vote = await open_vote(world)
    putting: asyncio.Task[int] | None = None
    with pytest.raises(RuntimeError):
        async with in_transaction("default"):
            putting = asyncio.create_task(cast(vote, world["expert"], 7))
            await asyncio.sleep(0.01)
            raise RuntimeError
    assert putting and isinstance(await putting, int)
    assert await Ballot.filter(vote_id=vote.id).count() == 1


async def test_numbers_have_no_gap_whatever_was_refused() -> None:
    world = await world_with(5)
    vote = await open_vote(world)
    await asyncio.gather(
        *(cast(vote, person, 7) for person in [*world.experts, world["recused"], world["undeclared"]]),
        return_exceptions=True,
    )
    numbers = (
        await Entry.filter(journal=world.assessment.id).order_by("number").values_list("number", flat=True)
    )
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert (await JournalHead.get(id=world.assessment.id)).size == len(numbers)


async def test_a_recusal_on_another_question_strikes_nobody() -> None:
    world = await world_with(3)
    vote = await open_vote(world)
    async with acting(world.assessment.id, world["chair"]) as note:
        await recuse(world["expert"], world.assessment, "question-999", world["chair"])
        await actions.strike_from_roll(note, world["expert"].id, "question-999", Outcome.RECUSED_ITEM)
        await actions.strike_from_roll(
            note, world["expert"].id, f"question-{world.question.id}", Outcome.OTHER_LINK
        )
    assert await entries(vote, "roll_struck") == []
    assert (await Vote.get(id=vote.id)).entitled == 3

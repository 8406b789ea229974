import json
from collections import Counter

import pytest

from deliberate.assessments.models import Assessment
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.rules import Outcome
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import acting
from deliberate.live.models import Entry
from deliberate.voting import actions
from deliberate.voting.models import (
    Ballot,
    Pseudonym,
    RollEntry,
    Vote,
    ballots_of,
    own_ballot,
)
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Quorum, Seat
from deliberate.voting.turnout import who_answered
from tests.support.builders import join, make_person, make_world, recuse
from tests.voting.votes import cast, entries, matter, open_vote, prepare, terms

pytestmark = pytest.mark.usefixtures("database")


async def test_a_prepared_vote_is_a_row_and_an_entry_without_its_text() -> None:
    world = await make_world()
    vote = await Vote.get(id=await prepare(world))
    assert (vote.state, vote.kind, vote.mode, vote.round) == ("prepared", "rating", "confidential", 1)
    (entry,) = await entries(vote)
    assert (entry.kind, entry.actor_id) == ("vote_prepared", world["secretariat"].id)
    assert "Skin" not in entry.body


async def test_opening_freezes_the_roll_the_terms_and_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await make_world()
    signed: list[int] = []
    monkeypatch.setattr(hub, "on_checkpoint", signed.append)
    vote_id = await prepare(world)
    number = await actions.open_vote(
        vote_id,
        [Seat(person.id) for person in world.experts],
        terms(world, quorum=Quorum(5, 1, 3)),
        world["chair"],
    )
    vote = await Vote.get(id=vote_id)
    assert (vote.state, vote.entitled) == ("open", 3)
    assert vote.opened_at
    assert vote.terms["protocol"]["method"] == "RAM"
    assert vote.terms["quorum"]["reached"] is True
    assert {row.person_id for row in await RollEntry.filter(vote=vote)} == {p.id for p in world.experts}
    (entry,) = await entries(vote, "vote_opened")
    details = json.loads(entry.body)["details"]
    assert entry.number == number
    assert (details["entitled"], details["mode"], details["cast"]) == (3, "confidential", 0)
    assert details["quorum"]["needed"] == 2
    assert signed == [world.assessment.id]


@pytest.mark.parametrize("mode", ["named", "confidential"])
async def test_pseudonyms_are_made_for_the_whole_roll_and_only_where_they_are_needed(mode: str) -> None:
    world = await make_world()
    await open_vote(world, mode=mode)
    rows = await Pseudonym.all()
    assert len(rows) == (3 if mode == "confidential" else 0)
    assert len({row.code for row in rows}) == len(rows)


async def test_a_pseudonym_is_kept_for_the_series_of_rounds() -> None:
    world = await make_world()
    first = await open_vote(world, voters=world.experts[:2])
    await actions.close_vote(first.id, world["chair"])
    await actions.reveal_vote(first.id, world["chair"])
    before = dict(await Pseudonym.all().values_list("person_id", "code"))
    await open_vote(world)
    after = dict(await Pseudonym.all().values_list("person_id", "code"))
    assert before.items() <= after.items() and len(after) == 3


async def test_without_quorum_no_vote_opens_and_nothing_is_left() -> None:
    world = await make_world()
    vote_id = await prepare(world)
    with pytest.raises(Refused, match="no quorum"):
        await actions.open_vote(
            vote_id,
            [Seat(world["expert"].id)],
            terms(world, quorum=Quorum(25, 3, 10)),
            world["chair"],
        )
    vote = await Vote.get(id=vote_id)
    assert vote.state == "prepared"
    assert await RollEntry.all().count() == 0
    assert await Entry.filter(kind="vote_opened").count() == 0


async def test_a_second_call_needs_no_quorum() -> None:
    world = await make_world()
    quorum = Quorum(25, 3, 6, second_call=True)
    await actions.open_vote(
        await prepare(world), [Seat(world["expert"].id)], terms(world, quorum=quorum), world["chair"]
    )


async def test_a_roll_of_nobody_and_a_vote_without_words_are_refused() -> None:
    world = await make_world()
    with pytest.raises(Refused, match="Nobody"):
        await actions.open_vote(await prepare(world), [], terms(world), world["chair"])
    with pytest.raises(Invalid):
        await prepare(world, text={"fr": " ", "en": ""})


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("expert", NotFound),
        ("undeclared", NotAllowed),
        ("undeclared_chair", NotAllowed),
        ("recused", NotFound),
        ("other_chair", NotFound),
        ("other_expert", NotFound),
        ("member", NotFound),
        ("committee_chair", NotFound),
        ("stakeholder", NotFound),
        ("administrator", NotFound),
        ("signed_in", NotFound),
        ("foreign_secretariat", NotFound),
    ],
)
async def test_only_the_chair_and_the_secretariat_run_a_vote(who: str, refusal: type[Exception]) -> None:
    world = await make_world()
    world.people["undeclared_chair"] = await join(
        await make_person(), world.assessment, "chair", world.infection, declared=False
    )
    person = world[who]
    with pytest.raises(refusal):
        await actions.prepare_vote(matter(world), VoteKind.RATING, Mode.CONFIDENTIAL, person)
    vote_id = await prepare(world)
    with pytest.raises(refusal):
        await actions.open_vote(vote_id, [Seat(world["expert"].id)], terms(world), person)
    vote = await open_vote(world)
    with pytest.raises(refusal):
        await actions.close_vote(vote.id, person)
    await actions.close_vote(vote.id, world["chair"])
    with pytest.raises(refusal):
        await actions.reveal_vote(vote.id, person)
    await actions.reveal_vote(vote.id, world["secretariat"])


async def test_steps_in_another_order_are_refused() -> None:
    world = await make_world()
    admin = world["secretariat"]
    prepared = await prepare(world)
    for step in (actions.close_vote, actions.reveal_vote):
        with pytest.raises(Refused):
            await step(prepared, admin)
    vote = await open_vote(world)
    with pytest.raises(Refused):
        await actions.reveal_vote(vote.id, admin)
    with pytest.raises(Refused):
        await actions.open_vote(vote.id, [Seat(world["expert"].id)], terms(world), admin)
    await actions.close_vote(vote.id, admin)
    for step in (actions.close_vote,):
        with pytest.raises(Refused):
            await step(vote.id, admin)
    with pytest.raises(Refused):
        await actions.open_vote(vote.id, [Seat(world["expert"].id)], terms(world), admin)
    await actions.reveal_vote(vote.id, admin)
    for step in (actions.close_vote, actions.reveal_vote):
        with pytest.raises(Refused):
            await step(vote.id, admin)
    for step in (actions.close_vote, actions.reveal_vote):
        with pytest.raises(NotFound):
            await step(4711, admin)


async def test_closing_says_how_many_were_cast_and_signs_the_journal() -> None:
    world = await make_world()
    vote = await open_vote(world)
    await cast(vote, world.experts[0], 7)
    await cast(vote, world.experts[1], 8)
    number = await actions.close_vote(vote.id, world["chair"])
    (entry,) = await entries(vote, "vote_closed")
    assert entry.number == number
    assert json.loads(entry.body)["details"] == {"cast": 2, "entitled": 3}
    assert (await Vote.get(id=vote.id)).closed_at


async def test_a_rating_is_counted_from_its_rows() -> None:
    world = await make_world(experts=9)
    vote = await open_vote(world)
    for person, rating in zip(world.experts, [7, 7, 8, 8, 8, 9, 9], strict=False):
        await cast(vote, person, rating)
    await cast(vote, world.experts[7], None, "Not my field.")
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])

    await vote.refresh_from_db()
    assert vote.state == VoteState.COUNTED
    result = vote.result or {}
    assert result["frequencies"] == [0, 0, 0, 0, 0, 0, 2, 3, 2]
    assert (result["n"], result["nsp"], result["missing"]) == (7, 1, 1)
    assert result["primary"] == {
        "method": "RAM",
        "verdict": "appropriate",
        "degree": "agreement",
        "settled": "settled_in",
    }
    (entry,) = await entries(vote, "vote_counted")
    details = json.loads(entry.body)["details"]
    assert details["frequencies"] == result["frequencies"]
    assert (details["verdict"], details["degree"]) == ("appropriate", "agreement")


async def test_below_five_ratings_the_journal_tells_no_distribution() -> None:
    world = await make_world(experts=4)
    vote = await open_vote(world)
    for person in world.experts:
        await cast(vote, person, 9)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    (entry,) = await entries(vote, "vote_counted")
    details = json.loads(entry.body)["details"]
    assert details["valid"] == 4
    assert "frequencies" not in details and "verdict" not in details


async def test_a_choice_is_counted_and_the_chair_decides_a_tie() -> None:
    world = await make_world(experts=3)
    vote = await open_vote(world, "choice", "named", chair=world["chair"])
    for person, choice in zip(
        [*world.experts, world["chair"]], ["for", "against", "for", "against"], strict=True
    ):
        await cast(vote, person, choice)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()
    assert vote.result == {
        "counts": {"for": 2, "against": 2, "abstain": 0, "not_taking_part": 0},
        "cast": 4,
        "entitled": 4,
        "missing": 0,
        "outcome": "rejected_casting_vote",
        "adopts": False,
    }


async def test_the_next_rating_of_a_statement_is_the_next_round() -> None:
    world = await make_world()
    first = await open_vote(world)
    await actions.close_vote(first.id, world["chair"])
    await actions.reveal_vote(first.id, world["chair"])
    second = await open_vote(world)
    other = await open_vote(world, subject="statement-2")
    assert (first.round, second.round, other.round) == (1, 2, 1)


async def test_a_ballot_set_aside_by_a_recusal_is_not_counted_and_stays_as_a_row() -> None:
    world = await make_world(experts=3)
    vote = await open_vote(world, "choice", "named")
    for person in world.experts:
        await cast(vote, person, "for")
    target = world.experts[1]
    async with acting(world.assessment.id, world["chair"]) as note:
        await recuse(target, world.assessment, vote.gate, world["chair"])
        await actions.strike_from_roll(note, target.id, vote.gate, Outcome.RECUSED_ITEM)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()
    assert vote.result and vote.result["counts"]["for"] == 2
    assert (vote.result["entitled"], vote.result["missing"]) == (2, 0)
    assert await Ballot.filter(vote_id=vote.id).count() == 3
    assert Counter(row.voter for row in await ballots_of(vote))[f"person-{target.id}"] == 0
    (aside,) = await entries(vote, "ballot_set_aside")
    assert json.loads(aside.body)["details"]["cast"] == 2


async def test_an_exclusion_from_the_whole_group_strikes_too() -> None:
    world = await make_world()
    vote = await open_vote(world)
    async with acting(world.assessment.id, world["chair"]) as note:
        await actions.strike_from_roll(
            note, world["expert"].id, f"group-{world.infection.id}", Outcome.EXCLUDED_GROUP
        )
    assert (await Vote.get(id=vote.id)).entitled == 2


async def test_a_recusal_after_the_close_leaves_the_count_as_it_was() -> None:
    world = await make_world()
    vote = await open_vote(world)
    await cast(vote, world["expert"], 7)
    await actions.close_vote(vote.id, world["chair"])
    async with acting(world.assessment.id, world["chair"]) as note:
        await actions.strike_from_roll(note, world["expert"].id, vote.gate, Outcome.RECUSED_ITEM)
    assert await entries(vote, "roll_struck") == []
    assert (await Vote.get(id=vote.id)).entitled == 3


async def test_the_verifier_finds_every_ballot_of_a_changed_and_struck_vote() -> None:
    from deliberate.record import verifier

    world = await make_world(experts=6)
    vote = await open_vote(world)
    for person in world.experts:
        await cast(vote, person, 7)
    await cast(vote, world.experts[0], 8)
    async with acting(world.assessment.id, world["chair"]) as note:
        await actions.strike_from_roll(note, world.experts[1].id, vote.gate, Outcome.RECUSED_ITEM)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()

    lines = await Entry.filter(journal=world.assessment.id).order_by("number").values_list("body", flat=True)
    raw = "".join(f"{line}\n" for line in lines).encode()
    journal, _ = verifier.read_journal({"journal.jsonl": raw})
    told = {
        "id": vote.id,
        "mode": vote.mode,
        "kind": vote.kind,
        "result": vote.result,
        "ballots": [ballot.published() for ballot in await ballots_of(vote)],
    }
    assert verifier.check_ballots(told, journal)[0]
    assert verifier.check_totals(told)[0]


async def test_who_answered_is_known_by_name_and_never_what() -> None:
    world = await make_world()
    vote = await open_vote(world)
    await cast(vote, world.experts[1], 3)
    rows = await who_answered(vote)
    assert {row["person_id"] for row in rows if row["answered"]} == {world.experts[1].id}
    assert all(set(row) == {"person_id", "name", "answered"} for row in rows)
    own = await own_ballot(vote, world.experts[1].id)
    assert own and own.rating == 3
    assert await own_ballot(vote, world.experts[0].id) is None


async def test_a_watcher_hears_the_opening_the_close_and_the_result() -> None:
    world = await make_world()
    vote = await open_vote(world)
    watcher = Watcher(world["expert"].id)
    hub.join(watcher)
    hub.watch(watcher, f"vote-{vote.id}")
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    frames = [json.loads(frame) for frame in watcher.take()]
    hub.leave(watcher)
    assert [(frame["kind"], frame["changed"]) for frame in frames] == [
        ("vote_closed", True),
        ("vote_counted", True),
    ]
    assert frames[1]["previous"] == frames[0]["number"]


async def test_no_rating_opens_before_the_protocol_is_frozen() -> None:
    world = await make_world()
    await Assessment.filter(id=world.assessment.id).update(frozen_hash=None)
    vote_id = await prepare(world, VoteKind.RATING, Mode.CONFIDENTIAL)
    seats = [Seat(person.id) for person in world.experts]
    with pytest.raises(Refused):
        await actions.open_vote(vote_id, seats, terms(world), world["secretariat"])
    assert (await Vote.get(id=vote_id)).state == VoteState.PREPARED
    choice = await prepare(world, VoteKind.CHOICE, Mode.NAMED)
    await actions.open_vote(choice, seats, terms(world), world["secretariat"])

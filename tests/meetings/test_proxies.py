"""Proxies: who may give and hold one, when it stands, and the second ballot of its holder."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.models import Entry
from deliberate.meetings import actions, proxy_rules, rules
from deliberate.meetings.actions import Motion
from deliberate.meetings.minutes_desk import minutes_seen
from deliberate.meetings.models import AgendaItem, Meeting, Proxy, proxies_of
from deliberate.meetings.rules import Presence
from deliberate.people.models import Person
from deliberate.voting import actions as voting
from deliberate.voting.elsewhere import waiting_for
from deliberate.voting.models import Ballot, RollEntry, Vote
from deliberate.voting.pages import hear_cast
from deliberate.voting.papers import Paper, Voter, check_papers
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.showing import named_ballots
from deliberate.voting.terms import Seat, Terms
from tests.meetings.meetings import at_question, entries, statement_of, world_convened
from tests.meetings.test_rules import member
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world, pair, recuse
from tests.voting.test_rules import booth
from tests.voting.votes import cast

# The rules


def standing(given: list[tuple[int, int]], most: int = 1, gate: str = "") -> dict[int, int]:
    members = [
        member(1),
        member(2),
        member(3, here=False),
        member(4, here=False),
        member(5, here=False, declared=False),
        member(6, here=False, out="question-5"),
        member(7, out="question-5"),
    ]
    return dict(proxy_rules.standing_proxies(members, given, gate, 3, most))


@pytest.mark.parametrize(
    ("given", "most", "gate", "expected"),
    [
        ([(3, 1)], 1, "", {3: 1}),
        ([(3, 1), (4, 1)], 1, "", {3: 1}),  # METHODS A11: a second proxy for one holder is refused
        ([(3, 1), (4, 1)], 2, "", {3: 1, 4: 1}),
        ([(3, 1)], 0, "", {}),
        ([(2, 1)], 1, "", {}),  # who is here votes in person
        ([(3, 4)], 1, "", {}),  # the holder is not here
        ([(5, 1)], 1, "", {}),  # no declaration
        ([(6, 1)], 1, "question-5", {}),  # nobody recused gives one,
        ([(3, 7)], 1, "question-5", {}),  # or holds one,
        ([(6, 1), (3, 7)], 1, "question-6", {6: 1, 3: 7}),  # for that item
        ([(9, 1), (3, 9)], 1, "", {}),  # without a seat
    ],
)
def test_a_proxy_stands_while_its_holder_is_there_and_its_giver_is_not(
    given: list[tuple[int, int]], most: int, gate: str, expected: dict[int, int]
) -> None:
    assert standing(given, most, gate) == expected


@pytest.mark.parametrize(
    ("giver", "holder", "given", "most", "refusal"),
    [
        (3, 1, [], 1, None),
        (3, 1, [(4, 2)], 1, None),
        (3, 1, [], 0, Refused),
        (9, 1, [], 1, NotAllowed),
        (3, 9, [], 1, Invalid),
        (3, 3, [], 1, Invalid),
        (2, 1, [], 1, Refused),
        (5, 1, [], 1, Refused),
        (3, 5, [], 1, Refused),
        (3, 1, [(3, 2)], 1, Refused),
        (3, 1, [(4, 3)], 1, Refused),
        (3, 4, [(4, 1)], 1, Invalid),
        (3, 1, [(4, 1)], 1, Invalid),
        (3, 1, [(4, 1)], 2, None),
    ],
)
def test_who_may_give_a_proxy_to_whom(
    giver: int, holder: int, given: list[tuple[int, int]], most: int, refusal: type[Refusal] | None
) -> None:
    members = [member(1), member(2), member(3, here=False), member(4, here=False)]
    members.append(member(5, here=False, declared=False))
    if refusal is None:
        proxy_rules.check_proxy(giver, holder, members, given, most)
    else:
        with pytest.raises(refusal):
            proxy_rules.check_proxy(giver, holder, members, given, most)


def test_only_a_choice_by_name_takes_proxies() -> None:
    taken = [(kind, mode) for kind in VoteKind for mode in Mode if proxy_rules.takes_proxies(kind, mode)]
    assert taken == [(VoteKind.CHOICE, Mode.NAMED)]


def test_a11_ten_present_and_one_represented_reach_the_quorum_of_25_seats_with_3_recused() -> None:
    members = [member(one, out="question-5" if one < 3 else "", here=3 <= one < 13) for one in range(25)]
    told = {"share": "1/2", "second_call": False, "protocol": read_protocol({})}
    assert rules.quorum_of(members, "question-5", 3, represented=1, **told).reached  # type: ignore[arg-type]
    assert not rules.quorum_of(members, "question-5", 3, **told).reached  # type: ignore[arg-type]


def test_the_roll_has_the_represented_seat_with_its_holder_and_no_casting_vote() -> None:
    members = [member(1), member(3, here=False, role="chair")]
    roll = rules.roll_of(members, "", 3, VoteKind.CHOICE, chair_rates=False, proxies={3: 1})
    assert roll == [Seat(1), Seat(3, chair=False, held_by=1)]


@pytest.mark.parametrize(
    ("caster", "for_id", "refusal"),
    [
        (1, 3, None),
        (1, None, None),
        (3, None, NotAllowed),  # the represented one cannot cast it
        (2, 3, NotFound),  # nor anybody else
        (1, 2, NotFound),  # nor the holder for another one
        (4, 5, NotFound),  # nor a holder who lost the right to vote
        (1, 6, Refused),  # nor for one who lost it
    ],
)
def test_the_holder_casts_the_represented_ballot_and_nobody_else(
    caster: int, for_id: int | None, refusal: type[Refusal] | None
) -> None:
    paper = Paper(7, caster, "key-0001", choice="for", for_id=for_id)
    voters = {one: Voter(None) for one in (1, 2)}
    voters |= {3: Voter(None, held_by=1), 4: Voter(NotFound()), 5: Voter(None, held_by=4)}
    voters[6] = Voter(NotFound(), held_by=1)
    (verdict,) = check_papers([paper], booth(kind="choice"), voters)
    assert type(verdict) is refusal if refusal else not isinstance(verdict, Refusal)
    assert sum(len(voter.casts) for voter in voters.values()) == (refusal is None)


# The acts


async def with_proxy(world: World) -> tuple[Meeting, AgendaItem, Person, Person]:
    """A meeting at its question; `giver` is away and represented by `holder`."""
    holder, giver = world.experts[0], world.experts[1]
    present = [world["chair"], holder, *world.experts[2:]]
    meeting, item = await at_question(world, present=present)
    await actions.give_proxy(meeting.id, giver.id, holder.id, "", giver)
    return meeting, item, giver, holder


async def put_to_vote(item: AgendaItem, world: World, **options: Any) -> Vote:
    motion = Motion(text=pair("Publish?"), **options)
    return await Vote.get(id=await actions.open_vote(item.id, motion, world["chair"]))


async def cast_for(vote: Vote, holder: Person, giver: Person, choice: str, key: str = "") -> int:
    return await voting.cast_ballot(
        vote.id, holder, choice, None, "Agreed by letter.", key or uuid4().hex, for_id=giver.id
    )


async def test_a_represented_member_counts_for_the_quorum_and_is_voted_for_under_its_name(
    database: Any,
) -> None:
    world = await make_world()
    meeting, item, giver, holder = await with_proxy(world)
    vote = await put_to_vote(item, world)
    quorum = Terms.read(vote.terms).quorum
    assert quorum and (quorum.represented, quorum.present) == (1, vote.entitled - 1)
    seat = await RollEntry.get(vote=vote, person=giver)
    assert seat.held_by_id == holder.id
    assert [each.href for each in await waiting_for(giver)] == []
    await voting.cast_ballot(vote.id, holder, "abstain", None, "", uuid4().hex)
    [waits] = await waiting_for(holder)  # its own is cast, the one in its hand is not
    assert waits.href == f"/votes/{vote.id}" and waits.text.endswith(f", for {giver.name}")

    key = uuid4().hex
    own, number = await asyncio.gather(
        voting.cast_ballot(vote.id, holder, "against", None, "", uuid4().hex),
        cast_for(vote, holder, giver, "for", key),
    )
    assert own != number == await cast_for(vote, holder, giver, "for", key)  # sent again: the same
    changed = await cast_for(vote, holder, giver, "abstain")
    entry = await Entry.get(journal=world.assessment.id, number=changed)
    assert entry.actor_id == holder.id and json.loads(entry.body)["details"]["supersedes"] == number
    assert await waiting_for(holder) == []
    stored = dict(await Ballot.filter(vote=vote).values_list("voter", "choice"))
    assert stored == {f"person-{holder.id}": "against", f"person-{giver.id}": "abstain"}
    with pytest.raises(NotAllowed):
        await cast(vote, giver, "for")
    with pytest.raises(NotFound):
        await cast_for(vote, world.experts[2], giver, "for")

    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()
    told = [name for name, _choice, _reason in await named_ballots(vote)]
    assert f"{giver.name}, represented by {holder.name}" in told
    sight = await minutes_seen(world["secretariat"], meeting.id)
    (part,) = sight.section(f"item-{item.id}").parts
    facts = dict(part.facts)
    assert facts["Voted by proxy"] == f"{giver.name} represented by {holder.name}"
    assert "1 represented" in facts["Quorum"]


async def test_a_confidential_rating_takes_no_proxies(database: Any) -> None:
    world = await make_world()
    _meeting, item, giver, holder = await with_proxy(world)
    statement = await statement_of(world)
    motion = Motion(f"statement-{statement.id}", kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL)
    vote = await Vote.get(id=await actions.open_vote(item.id, motion, world["chair"]))
    assert vote.terms["quorum"]["represented"] == 0
    assert not await RollEntry.filter(vote=vote, person=giver).exists()
    with pytest.raises(NotFound):
        await voting.cast_ballot(vote.id, holder, None, 7, "", uuid4().hex, for_id=giver.id)


async def test_a_proxy_ends_when_the_member_arrives_and_an_open_vote_keeps_its_roll(database: Any) -> None:
    world = await make_world()
    meeting, item, giver, holder = await with_proxy(world)
    vote = await put_to_vote(item, world)
    for act in (
        actions.withdraw_proxy(meeting.id, giver.id, giver),
        actions.give_proxy(meeting.id, world["recused"].id, world["chair"].id, "x", world["secretariat"]),
    ):
        with pytest.raises(Refused, match="A vote is open"):
            await act
    await actions.arrive(meeting.id, giver.id, Presence.REMOTE, giver)
    assert await proxies_of(meeting.id) == []
    assert [entry.kind for entry in await entries(meeting, "proxy_given", "proxy_ended")] == [
        "proxy_given",
        "proxy_ended",
    ]
    with pytest.raises(NotAllowed, match="represented"):
        await cast(vote, giver, "for")
    await cast_for(vote, holder, giver, "for")
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    again = await put_to_vote(item, world)
    assert (await RollEntry.get(vote=again, person=giver)).held_by_id is None


@pytest.mark.parametrize("who", ["giver", "holder"])
async def test_a_recusal_during_the_vote_strikes_what_is_given_and_what_is_held(
    database: Any, who: str
) -> None:
    world = await make_world()
    _meeting, item, giver, holder = await with_proxy(world)
    vote = await put_to_vote(item, world)
    await cast_for(vote, holder, giver, "for")
    await decide_interest(
        world.assessment.id,
        (giver if who == "giver" else holder).id,
        f"question-{world.question.id}",
        world.infection.id,
        outcome=Outcome.RECUSED_ITEM,
        category="capital",
        reason="A new interest.",
        actor=world["chair"],
        also=[voting.strike_from_roll],
    )
    assert (await Ballot.get(vote=vote)).set_aside
    with pytest.raises(Refusal):
        await cast_for(vote, holder, giver, "against")


async def test_a_member_recused_from_the_item_neither_gives_nor_holds_a_proxy_for_it(database: Any) -> None:
    world = await make_world()
    _meeting, item, giver, _holder = await with_proxy(world)
    await recuse(giver, world.assessment, f"question-{world.question.id}", world["chair"])
    vote = await put_to_vote(item, world)
    assert not await RollEntry.exclude(held_by_id=None).exists()
    assert vote.terms["quorum"]["represented"] == 0


async def test_the_secretariat_needs_a_written_mandate_and_the_chair_enters_none(database: Any) -> None:
    world, meeting = await world_convened()
    giver, holder, office = world.experts[1], world.experts[0], world["secretariat"]
    with pytest.raises(NotAllowed):
        await actions.give_proxy(meeting.id, giver.id, world["chair"].id, "Letter", world["chair"])
    with pytest.raises(NotFound):
        await actions.give_proxy(meeting.id, giver.id, holder.id, "Letter", world.experts[2])
    with pytest.raises(Invalid, match="paper"):
        await actions.give_proxy(meeting.id, giver.id, holder.id, "", office)
    assert await Proxy.all().count() == 0
    await actions.give_proxy(meeting.id, giver.id, holder.id, "Letter of 12 November", office)
    (entry,) = await entries(meeting, "proxy_given")
    assert "Letter" not in entry.body and "commitment" in entry.body
    await actions.withdraw_proxy(meeting.id, giver.id, giver)
    with pytest.raises(Refused):
        await actions.withdraw_proxy(meeting.id, giver.id, giver)


async def test_the_socket_takes_a_ballot_for_a_represented_member(database: Any) -> None:
    world = await make_world()
    _meeting, item, giver, holder = await with_proxy(world)
    vote = await put_to_vote(item, world)

    class Guest:
        person = holder

    said = {"vote": vote.id, "choice": "for", "key": uuid4().hex, "for": giver.id}
    await hear_cast(Guest(), said)  # type: ignore[arg-type]
    assert (await Ballot.get(vote=vote)).voter == f"person-{giver.id}"


async def test_a_ballot_for_somebody_who_does_not_exist_spoils_no_other_of_its_batch(database: Any) -> None:
    world = await make_world()
    _meeting, item, giver, holder = await with_proxy(world)
    vote = await put_to_vote(item, world)
    wrong = [(2**31 - 1, "for"), (world.experts[2].id, "for")]
    sent = [voting.cast_ballot(vote.id, holder, "for", None, "", uuid4().hex)]
    sent += [
        voting.cast_ballot(vote.id, holder, choice, None, "", uuid4().hex, for_id=for_id)
        for for_id, choice in wrong
    ]
    sent.append(voting.cast_ballot(vote.id, holder, "against", None, "", uuid4().hex, for_id=giver.id))
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, NotFound, NotFound, int]
    assert await Ballot.filter(vote=vote).count() == 2


# The pages


async def test_a_member_gives_a_proxy_and_its_holder_casts_two_ballots_in_the_room(server: Any) -> None:
    world = await make_world()
    holder, giver = world.experts[0], world.experts[1]
    giver.name = "<b>O'Brien</b>"
    await giver.save()
    meeting, item = await at_question(world, present=[world["chair"], holder, *world.experts[2:]])
    url = f"/meetings/{meeting.id}"
    away, votes = await browser_of(server, giver), await browser_of(server, holder)
    refused = await away.post(f"{url}/proxies", data={"holder": giver.id}, headers=JSON)
    assert refused.status_code == 422
    given = await away.post(f"{url}/proxies", data={"holder": holder.id}, headers=JSON)
    assert given.status_code in (200, 201), given.text
    page = (await votes.get(f"{url}/proxies")).text
    assert "&lt;b&gt;O&#39;Brien" in page and "<b>O'Brien" not in page and "Withdraw the proxy" not in page
    assert "Withdraw the proxy" in (await away.get(f"{url}/proxies")).text

    vote = await put_to_vote(item, world)
    room = (await votes.get(url)).text
    assert room.count(f'data-ballot="{vote.id}"') == 2 and f'data-for="{giver.id}"' in room
    assert "votes for you" in (await away.get(f"{url}/ballot")).text
    for form in ({"choice": "for"}, {"choice": "against", "member": giver.id}):
        answer = await votes.post(
            f"/votes/{vote.id}/ballots", data={**form, "key": uuid4().hex}, headers=JSON
        )
        assert answer.status_code in (200, 201), answer.text
    stored = dict(await Ballot.filter(vote=vote).values_list("voter", "choice"))
    assert stored == {f"person-{holder.id}": "for", f"person-{giver.id}": "against"}
    refused = await votes.post(
        f"/votes/{vote.id}/ballots", data={"member": giver.id, "key": uuid4().hex, "choice": "perhaps"}
    )
    assert refused.status_code == 422 and "for, against, abstain" in refused.text
    shown = (await votes.get(f"/votes/{vote.id}", headers=JSON)).json()
    assert shown["held"] == [{"for": giver.id, "own": shown["held"][0]["own"]}]
    assert shown["held"][0]["own"]["choice"] == "against"

"""The one query of the ballot box knows what the models know."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.assessments.models import Membership, place_of
from deliberate.assessments.rules import Role
from deliberate.interests.models import Declaration, InterestDecision, standings_of
from deliberate.interests.rules import Outcome, Standing, is_valid_declaration
from deliberate.interests.standing_rows import standing_from
from deliberate.live.journal import commitment, new_salt
from deliberate.voting.ballot_rows import read_known
from deliberate.voting.models import Ballot, RollEntry, Vote, commitment_of, voters_of
from tests.support.builders import NOW, World, declare, join, make_person, make_world, recuse
from tests.voting.votes import cast, open_vote


@given(
    st.sampled_from(["person-5", "Q7XK", 'é "quoted"\n']),
    st.none() | st.sampled_from(["for", "not_taking_part"]),
    st.none() | st.integers(1, 9),
    st.text(max_size=20),
)
def test_a_commitment_spelled_out_is_the_commitment_of_what_is_published(
    voter: str, choice: str | None, rating: int | None, reason: str
) -> None:
    salt = new_salt()
    published = {"vote": 7, "voter": voter, "choice": choice, "rating": rating, "reason": reason or None}
    assert commitment_of(7, voter, choice, rating, reason, salt) == commitment(published, salt)


async def everybody(world: World) -> list[int]:
    """People of every kind: with two roles, two decisions, an old declaration, a place that ended."""
    question, chair, assessment = f"question-{world.question.id}", world["chair"], world.assessment
    first, second, third = [
        await join(await make_person(), assessment, Role.EXPERT, world.infection) for _ in range(3)
    ]
    await recuse(first, assessment, question, chair)
    await recuse(first, assessment, question, chair, outcome=Outcome.NONE)
    await recuse(second, assessment, f"group-{world.infection.id}", chair, outcome=Outcome.EXCLUDED_GROUP)
    await join(third, assessment, Role.CHAIR, world.pharmacology)
    await join(third, assessment, Role.SECRETARIAT)
    old = await join(await make_person("Old"), assessment, Role.EXPERT, world.infection, declared=False)
    await declare(old, NOW - timedelta(days=800))
    left = await join(await make_person("Left"), assessment, Role.EXPERT, world.infection)
    await Membership.filter(person=left).update(until=NOW)
    people = [first, second, third, old, left, *world.people.values(), *world.experts]
    return list({person.id for person in people})


async def standing_by_the_models(person_id: int, assessment_id: int) -> Standing:
    signed = await Declaration.filter(person_id=person_id).order_by("-version").first()
    decisions = await InterestDecision.filter(person_id=person_id, assessment_id=assessment_id).order_by("id")
    return Standing(
        await place_of(person_id, assessment_id),
        is_valid_declaration(signed.signed_at if signed else None, NOW),
        {each.subject: Outcome(each.outcome) for each in decisions},
    )


@pytest.mark.parametrize(("kind", "mode"), [("choice", "named"), ("rating", "confidential")])
async def test_it_finds_the_standings_the_roll_and_the_ballots_that_the_models_find(
    database: Any, kind: str, mode: str
) -> None:
    world = await make_world(experts=4)
    ids = await everybody(world)
    vote = await open_vote(world, kind, mode)
    for person in world.experts[:2]:
        await cast(vote, person, "for" if kind == "choice" else 7)
    await RollEntry.filter(vote_id=vote.id, person_id=world.experts[3].id).update(struck_at=NOW)

    vote = await Vote.get(id=vote.id)
    known = await read_known(vote, ids)

    standings = {id_: await standing_by_the_models(id_, world.assessment.id) for id_ in ids}
    assert await standings_of(world.assessment.id, ids, NOW) == standings
    assert {id_: standing_from(id_, world.assessment.id, known[id_].shape, NOW) for id_ in ids} == standings
    assert len({str(standing) for standing in standings.values()}) > 8  # so they are told apart
    names = await voters_of(vote, ids)
    assert {id_: known[id_].voter for id_ in ids} == {id_: names.get(id_, "") for id_ in ids}
    struck = dict(await RollEntry.filter(vote_id=vote.id).values_list("person_id", "struck_at"))
    assert {id_: known[id_].struck for id_ in ids} == {
        id_: struck[id_] is not None if id_ in struck else None for id_ in ids
    }
    stored = {ballot.voter: ballot for ballot in await Ballot.filter(vote_id=vote.id)}
    assert len(stored) == 2
    for each in known.values():
        ballot = stored.get(each.voter)
        fields = ("key", "choice", "rating", "reason", "salt", "number", "revision")
        assert (each.before is None) == (ballot is None)
        assert ballot is None or all(each.before[name] == getattr(ballot, name) for name in fields)  # type: ignore[index]

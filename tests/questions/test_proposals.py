"""A panellist proposes a statement in round one; the secretariat answers; nobody else learns who it was."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.models import Entry
from deliberate.questions.models import RiskQuestion, Statement, StatementOrigin, StatementProposal, Wording
from deliberate.questions.proposals import accept_proposal, decline_proposal, propose_statement
from deliberate.voting.proposing import check_round_one
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world
from tests.voting.rounds import finish, open_round, rate_all

SAID = {"fr": "La dose compte.", "en": "The dose matters."}


async def proposed(world: World, about: int | None = None) -> StatementProposal:
    said = {"en": SAID["en"]}
    made = await propose_statement(world.question.id, said, "Missing.", about, world["expert"])
    return await StatementProposal.get(id=made)


async def test_a_proposal_is_noted_without_its_author_and_becomes_a_statement_with_its_origin(
    database: Any,
) -> None:
    world = await make_world()
    first = await Statement.filter(question=world.question).order_by("position").first()
    assert first
    proposal = await proposed(world, first.id)
    entry = await Entry.get(kind="statement_proposed")
    assert entry.actor_id is None and "dose" not in entry.body and str(world["expert"].name) not in entry.body
    made = await accept_proposal(proposal.id, "I-1.9", SAID, "Missing.", world["secretariat"])
    assert made.state == "draft" and (await Wording.get(statement=made)).text == SAID
    origin = await StatementOrigin.get(statement=made)
    assert (origin.parent_id, origin.how) == (first.id, "proposal")
    told = json.loads((await Entry.get(kind="statement_added")).body)["details"]
    assert told["parents"] == [first.id] and told["proposal"] == f"proposal-{proposal.id}"
    with pytest.raises(Refused, match="answered already"):
        await decline_proposal(proposal.id, "Late.", world["secretariat"])


async def test_only_the_panel_proposes_and_only_the_secretariat_answers(database: Any) -> None:
    world = await make_world()
    for who in ("secretariat", "chair", "recused", "other_expert", "member", "stakeholder"):
        with pytest.raises(NotFound):
            await propose_statement(world.question.id, SAID, "Why.", None, world[who])
    proposal = await proposed(world)
    for who in ("expert", "chair", "member"):
        with pytest.raises(NotFound):
            await accept_proposal(proposal.id, "I-1.9", SAID, "Why.", world[who])
        with pytest.raises(NotFound):
            await decline_proposal(proposal.id, "Why.", world[who])
    for wrong in ({}, {"en": "x" * 5001}):
        with pytest.raises(Invalid):
            await propose_statement(world.question.id, wrong, "Why.", None, world["expert"])
    with pytest.raises(Invalid):
        await decline_proposal(proposal.id, "", world["secretariat"])
    with pytest.raises(NotFound):  # a statement of another question
        await propose_statement(world.question.id, SAID, "Why.", 4711, world["expert"])
    assert await StatementProposal.all().count() == 1


async def test_it_is_proposed_while_the_first_round_is_open_and_not_after(server: Any) -> None:
    world = await make_world(experts=5)
    question = await RiskQuestion.get(id=world.question.id)
    with pytest.raises(Refused, match="first rating round"):
        await check_round_one(question)
    round_ = await open_round(world, server.settings)
    await check_round_one(question)
    await rate_all(round_, {person: 5 for person in world.experts})
    await finish(world, round_)
    with pytest.raises(Refused, match="first rating round"):
        await check_round_one(question)


async def test_from_page_to_page_the_name_stays_hidden_and_the_reason_is_read(server: Any) -> None:
    world = await make_world()
    await open_round(world, server.settings)
    here = f"/questions/{world.question.id}/proposals"
    expert, office = await browser_of(server, world["expert"]), await browser_of(server, world["secretariat"])
    peer = await browser_of(server, world.experts[1])
    assert here in (await expert.get(f"/questions/{world.question.id}")).text
    wrong = await expert.post(here, data={"text_en": "Doses add up."})
    assert wrong.status_code == 422 and "Doses add up." in wrong.text
    for text in ("Doses add up.", "Age matters."):
        form = {"text_en": text, "reason": "Nothing on it."}
        assert (await expert.post(here, data=form)).status_code == 303
    assert "Doses add up." not in (await peer.get(here)).text
    assert "Answer 2 proposed statements on I-1" in (await office.get("/")).text
    page = (await office.get(here)).text
    assert "Doses add up." in page and "Expert 0" not in page
    one, two = await StatementProposal.all().order_by("id")
    again = await office.post(f"/proposals/{one.id}/accept", data={f"{one.id}_code": "I-1.9"})
    assert again.status_code == 422 and f'name="{one.id}_text_fr"' in again.text
    accept = {"code": "I-1.9", "text_fr": "Les doses.", "text_en": "Doses add up.", "reason": "New."}
    accept = {f"{one.id}_{name}": said for name, said in accept.items()}
    taken = await office.post(f"/proposals/{one.id}/accept", data=accept, headers=JSON)
    statement = taken.json()["statement"]
    declined = {f"{two.id}_decline": "It is said in I-1.2."}
    assert (await office.post(f"/proposals/{two.id}/decline", data=declined)).status_code == 303
    page = (await expert.get(f"/questions/{world.question.id}")).text
    assert "was taken up" in page and "It is said in I-1.2." in page
    for seen in (f"/statements/{statement}", f"/questions/{world.question.id}", here):
        page = (await peer.get(seen)).text
        assert "It is said in" not in page and "Expert 0" not in page
    assert "Proposed by a panellist" in (await peer.get(f"/statements/{statement}")).text

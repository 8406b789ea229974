"""The ballot page and its doors, through a real server."""

import re
from typing import Any
from uuid import uuid4

import pytest

from deliberate.voting import actions
from deliberate.voting.models import Ballot
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world
from tests.voting.votes import cast, open_vote

READERS = ["secretariat", "chair", "expert"]
OTHERS = [
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


async def post(browser: Any, url: str, **form: Any) -> Any:
    return await browser.post(url, data=form, headers=JSON)


async def test_the_ballot_page_says_what_is_voted_and_who_will_see_it(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    page = await expert.get(f"/votes/{vote.id}")
    assert page.status_code == 200
    assert "Skin preparation is enough." in page.text
    assert "Seen by:" in page.text and "nobody in the group" in page.text
    assert f'data-ballot="{vote.id}"' in page.text
    assert page.text.index("Seen by:") < page.text.index("Cast my ballot")
    named = await open_vote(world, "choice", "named")
    page = await expert.get(f"/votes/{named.id}")
    assert "with your name" in page.text


async def test_the_page_is_french_in_french(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    expert.cookies.set("language", "fr", domain="127.0.0.1")
    page = await expert.get(f"/votes/{vote.id}")
    assert "La préparation de la peau suffit." in page.text
    assert "Cast my ballot" not in page.text and "Seen by" not in page.text


@pytest.mark.parametrize("who", READERS)
async def test_the_vote_is_there_for_its_group(server: Any, who: str) -> None:
    world = await make_world()
    vote = await open_vote(world)
    browser = await browser_of(server, world[who])
    for path in ("", "/tally", "/ballot"):
        assert (await browser.get(f"/votes/{vote.id}{path}")).status_code == 200


@pytest.mark.parametrize("who", OTHERS)
async def test_the_vote_does_not_exist_for_anybody_else(server: Any, who: str) -> None:
    world = await make_world()
    vote = await open_vote(world)
    browser = await browser_of(server, world[who])
    for path in ("", "/tally", "/ballot"):
        assert (await browser.get(f"/votes/{vote.id}{path}")).status_code == 404
    for path in ("/ballots", "/close", "/reveal"):
        answer = await post(browser, f"/votes/{vote.id}{path}", key=uuid4().hex, rating="7")
        assert answer.status_code == 404
    assert (await browser.get("/votes/4711")).status_code == 404


async def test_a_ballot_by_form_is_recorded_and_found_back(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    page = await expert.get(f"/votes/{vote.id}")
    key = re.search(r'name="key" value="(\w+)"', page.text)
    assert key
    answer = await expert.post(f"/votes/{vote.id}/ballots", data={"key": key[1], "rating": "8", "reason": ""})
    assert answer.status_code == 303 and answer.headers["location"] == f"/votes/{vote.id}"
    page = await expert.get(f"/votes/{vote.id}")
    number = (await Ballot.get(vote_id=vote.id)).number
    assert f"recorded under number {number}" in page.text
    assert "Change my ballot" in page.text
    assert re.search(r'value="8"[^>]* checked', page.text)
    facts = (await expert.get(f"/votes/{vote.id}", headers=JSON)).json()
    assert facts["own"] == {"choice": None, "rating": 8, "reason": "", "number": number, "set_aside": False}


async def test_scripts_get_the_number_and_the_same_number_again(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world, "choice", "named")
    expert = await browser_of(server, world["expert"])
    form = {"key": uuid4().hex, "choice": "against", "reason": "Too early."}
    first = (await post(expert, f"/votes/{vote.id}/ballots", **form)).json()
    again = (await post(expert, f"/votes/{vote.id}/ballots", **form)).json()
    assert first == again == {"location": f"/votes/{vote.id}", "vote": vote.id, "number": first["number"]}
    other = await post(expert, f"/votes/{vote.id}/ballots", **{**form, "choice": "for"})
    assert other.status_code == 409 and other.json()["error"] == "Refused"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"rating": ["5", "nsp"], "reason": ""}, 422),
        ({"rating": "nsp", "reason": ""}, 422),
        ({"rating": "10"}, 422),
        ({"rating": "²"}, 422),
        ({}, 422),
        ({"rating": "nsp", "reason": "Not my field."}, 200),
        ({"rating": "1"}, 200),
        ({"rating": "5", "reason": "A comment."}, 200),
    ],
)
async def test_what_is_no_ballot_is_refused_with_a_sentence(
    server: Any, form: dict[str, Any], status: int
) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    answer = await post(expert, f"/votes/{vote.id}/ballots", key=uuid4().hex, **form)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert answer.json()["problems"]


async def test_a_refused_form_comes_back_with_what_was_typed(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    form = {"key": uuid4().hex, "rating": ["5", "nsp"], "reason": "A long thought <b>of mine"}
    answer = await expert.post(f"/votes/{vote.id}/ballots", data=form)
    assert answer.status_code == 422
    assert "A long thought &lt;b&gt;of mine" in answer.text
    assert "not both" in answer.text


async def test_chair_and_secretariat_close_and_reveal_and_nobody_else(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    expert, chair = await browser_of(server, world["expert"]), await browser_of(server, world["chair"])
    for path in ("close", "reveal"):
        assert (await post(expert, f"/votes/{vote.id}/{path}")).status_code == 404
    assert "Close the vote" in (await chair.get(f"/votes/{vote.id}")).text
    assert "Close the vote" not in (await expert.get(f"/votes/{vote.id}")).text
    closed = (await post(chair, f"/votes/{vote.id}/close")).json()
    assert closed["vote"] == vote.id
    assert (await post(chair, f"/votes/{vote.id}/close")).status_code == 409
    revealed = (await post(chair, f"/votes/{vote.id}/reveal", next="/meetings/3/console")).json()
    assert revealed["location"] == "/meetings/3/console" and revealed["number"] > closed["number"]
    assert (await post(chair, f"/votes/{vote.id}/close", next="//evil.example")).status_code == 409


async def test_names_are_for_chair_and_secretariat_and_tell_whether_not_what(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    await cast(vote, world.experts[1], 9)
    for who, sees in (("chair", True), ("secretariat", True), ("expert", False)):
        page = await (await browser_of(server, world[who])).get(f"/votes/{vote.id}")
        assert (">has answered<" in page.text) is sees
        assert ("Expert 1" in page.text) is sees


CANARY = "Canary-7F31 reason"


async def everything_seen(server: Any, world: World, vote_id: int) -> dict[str, str]:
    """Every page and part that could tell something of a vote, as each reader gets it."""
    paths = [
        f"/votes/{vote_id}",
        f"/votes/{vote_id}/tally",
        f"/votes/{vote_id}/ballot",
        "/",
        f"/a/{world.assessment.slug}",
        f"/a/{world.assessment.slug}/board",
        f"/questions/{world.question.id}",
    ]
    seen: dict[str, str] = {}
    for who in ("secretariat", "chair", "expert"):
        browser = await browser_of(server, world[who])
        for path in paths:
            for headers in ({}, JSON):
                answer = await browser.get(path, headers=headers)
                seen[f"{who} {path} {bool(headers)}"] = answer.text
    return seen


async def test_nobody_sees_a_result_before_the_reveal_and_everybody_after(server: Any) -> None:
    world = await make_world(experts=8)
    voters = world.experts[1:]  # the persona "expert" has not voted, so nothing of it is its own
    vote = await open_vote(world, "choice", "named", subject=f"question-{world.question.id}")
    for person in voters:
        await cast(vote, person, "against", f"{CANARY} {person.id}")
    for step in (None, actions.close_vote):
        if step:
            await step(vote.id, world["chair"])
        for place, text in (await everything_seen(server, world, vote.id)).items():
            assert CANARY not in text, place
            assert "rejected" not in text, place
            assert '"counts"' not in text, place
    await actions.reveal_vote(vote.id, world["chair"])
    seen = await everything_seen(server, world, vote.id)
    assert all(CANARY in seen[f"{who} /votes/{vote.id}/tally False"] for who in ("chair", "expert"))
    assert '"counts":{' in seen[f"expert /votes/{vote.id} True"]


async def test_the_confidential_result_is_a_distribution_without_names(server: Any) -> None:
    world = await make_world(experts=9)
    vote = await open_vote(world)
    for person, rating in zip(world.experts, [7, 7, 8, 8, 8, 9, 9], strict=False):
        await cast(vote, person, rating)
    await cast(vote, world.experts[7], None, CANARY)
    await actions.close_vote(vote.id, world["chair"])
    expert = await browser_of(server, world["expert"])
    assert "appropriate, with agreement" not in (await expert.get(f"/votes/{vote.id}/tally")).text
    await actions.reveal_vote(vote.id, world["chair"])
    tally = (await expert.get(f"/votes/{vote.id}/tally")).text
    assert "appropriate, with agreement" in tally and "<svg" in tally and "Show as a table" in tally
    assert CANARY in tally
    assert not any(person.name in tally for person in world.experts)
    page = (await expert.get(f"/votes/{vote.id}")).text
    assert "Your ballot: 7" in page


async def test_below_five_ratings_no_statistics_are_shown_to_anybody(server: Any) -> None:
    world = await make_world(experts=4)
    vote = await open_vote(world)
    for person in world.experts:
        await cast(vote, person, 9)
    await actions.close_vote(vote.id, world["chair"])
    await actions.reveal_vote(vote.id, world["chair"])
    for who in ("expert", "chair", "secretariat"):
        browser = await browser_of(server, world[who])
        tally = (await browser.get(f"/votes/{vote.id}/tally")).text
        assert "fewer than five people have rated" in tally and "<svg" not in tally
        facts = (await browser.get(f"/votes/{vote.id}", headers=JSON)).json()
        assert "frequencies" not in facts["result"] and facts["result"]["valid"] == 4


async def test_who_rates_again_sees_the_own_last_rating_and_the_group(server: Any) -> None:
    world = await make_world(experts=6)
    first = await open_vote(world)
    for person in world.experts:
        await cast(first, person, 6)
    for step in (actions.close_vote, actions.reveal_vote):
        await step(first.id, world["chair"])
    second = await open_vote(world)
    page = (await (await browser_of(server, world["expert"])).get(f"/votes/{second.id}")).text
    assert "you: 6" in page and "median 6" in page and "is-before" in page


async def test_an_open_vote_waits_at_home_until_it_has_a_ballot(server: Any) -> None:
    world = await make_world()
    statement = (await world.question.statements.all())[0]
    vote = await open_vote(world, subject=f"statement-{statement.id}")
    expert = await browser_of(server, world["expert"])
    home = await expert.get("/")
    assert (
        f"Rate statement {statement.code}, open now" in home.text and f'href="/votes/{vote.id}"' in home.text
    )
    await cast(vote, world["expert"], 7)
    assert f'href="/votes/{vote.id}"' not in (await expert.get("/")).text
    chair = await browser_of(server, world["chair"])
    assert f'href="/votes/{vote.id}"' not in (await chair.get("/")).text


async def test_the_tally_is_rendered_once_for_all_and_again_after_the_next_entry(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deliberate.voting import pages

    world = await make_world()
    vote = await open_vote(world)
    rendered: list[str] = []
    original = pages.page_text

    def counting(request: Any, name: str, context: Any) -> str:
        rendered.append(name)
        return original(request, name, context)

    monkeypatch.setattr(pages, "page_text", counting)
    browsers = [await browser_of(server, person) for person in world.experts]
    for browser in browsers:
        await browser.get(f"/votes/{vote.id}/tally")
    assert rendered == ["voting/_tally.html"]
    await cast(vote, world["expert"], 7)
    for browser in browsers:
        assert 'class="num" data-fact="vote-' in (await browser.get(f"/votes/{vote.id}/tally")).text
    assert len(rendered) == 2


async def test_a_voter_recused_while_voting_loses_sight_of_the_vote(server: Any) -> None:
    from deliberate.interests.actions import decide_interest
    from deliberate.interests.rules import Outcome

    world = await make_world()
    vote = await open_vote(world)
    expert = await browser_of(server, world["expert"])
    assert (await expert.get(f"/votes/{vote.id}")).status_code == 200
    await decide_interest(
        world.assessment.id,
        world["expert"].id,
        vote.gate,
        world.infection.id,
        outcome=Outcome.RECUSED_ITEM,
        category="capital",
        reason="Shares.",
        actor=world["chair"],
        also=[actions.strike_from_roll],
    )
    assert (await expert.get(f"/votes/{vote.id}")).status_code == 404
    answer = await post(expert, f"/votes/{vote.id}/ballots", key=uuid4().hex, rating="7")
    assert answer.status_code == 404

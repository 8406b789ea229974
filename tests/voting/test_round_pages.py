"""The pages of rounds, through a real server: one form for a rater, names and steps for who runs it."""

import json
import re
from typing import Any

import pytest

from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.models import Entry
from deliberate.voting import actions, rounds
from deliberate.voting.models import Ballot, BallotTrace, RatingDraft, Round, Vote, votes_of_round
from tests.people.helpers import JSON, browser_of
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


def typed(days: int) -> str:
    return f"{in_days(days):%Y-%m-%dT%H:%M}"


async def opened(server: Any, experts: int = 3) -> tuple[World, Round, list[Vote]]:
    world = await make_world(experts=experts)
    round_ = await open_round(world, server.settings)
    return world, round_, await votes_of_round(round_.id)


async def form_of(browser: Any, round_: Round) -> dict[str, str]:
    """What the page of the round would send untouched: its hidden fields."""
    page = (await browser.get(f"/rounds/{round_.id}")).text
    page = page[page.index(f'action="/rounds/{round_.id}/ratings"') :]
    page = page[: page.index("</form>")]
    return dict(re.findall(r'name="(\w+)" value="(\w*)"', page.replace('type="radio"', "")))


async def hidden(browser: Any, round_: Round) -> dict[str, str]:
    return {
        name: value
        for name, value in (await form_of(browser, round_)).items()
        if name == "key" or name.startswith("was_")
    }


async def send(browser: Any, round_: Round, **form: Any) -> Any:
    return await browser.post(f"/rounds/{round_.id}/ratings", data=form, headers=JSON)


async def test_a_rater_sends_some_now_and_others_later_and_finds_them_back(server: Any) -> None:
    world, round_, (one, two) = await opened(server)
    expert = await browser_of(server, world["expert"])
    page = (await expert.get(f"/rounds/{round_.id}")).text
    assert "0 of 2 answered" in page and "2 left to do" in page
    assert page.index("Seen by:") < page.index("Send my ratings")

    form = await hidden(expert, round_)
    answer = await send(
        expert, round_, **form, **{f"rating_{one.id}": "7", f"rating_{one.id}_reason": "Two cases"}
    )
    assert answer.json()["recorded"] == 1
    form = await hidden(expert, round_)
    nsp = {f"rating_{two.id}": "nsp", f"rating_{two.id}_reason": "Not my field."}
    answer = await send(
        expert, round_, **form, **{f"rating_{one.id}": "7", f"rating_{one.id}_reason": "Two cases"}, **nsp
    )
    assert answer.json()["recorded"] == 1  # the other was not touched
    ballots = {row.vote_id: (row.rating, row.reason) for row in await Ballot.all()}
    assert ballots == {one.id: (7, "Two cases"), two.id: (None, "Not my field.")}
    page = (await expert.get(f"/rounds/{round_.id}")).text
    assert "2 of 2 answered" in page and "left to do" not in page
    assert re.search(rf'name="rating_{one.id}" value="7"[^>]* checked', page)


async def test_a_double_click_and_a_second_tab_do_no_harm(server: Any) -> None:
    world, round_, (one, two) = await opened(server)
    expert = await browser_of(server, world["expert"])
    old_tab = await hidden(expert, round_)
    form = await hidden(expert, round_)
    for _ in range(2):
        await send(expert, round_, **form, **{f"rating_{one.id}": "7"})
    assert await BallotTrace.all().count() == 0
    # Another tab changes it; the first tab, open since before, then sends the other statement.
    new_tab = await hidden(expert, round_)
    await send(expert, round_, **new_tab, **{f"rating_{one.id}": "3"})
    await send(expert, round_, **new_tab, **{f"rating_{one.id}": "7", f"rating_{two.id}": "5"})
    assert {row.vote_id: row.rating for row in await Ballot.all()} == {one.id: 3, two.id: 5}
    # What is changed there on purpose counts, though that form had been used before.
    await send(expert, round_, **old_tab, **{f"rating_{one.id}": "8"})
    assert (await Ballot.get(vote_id=one.id)).rating == 8


async def test_what_is_refused_hurts_no_other_and_everything_typed_comes_back(server: Any) -> None:
    world, round_, (one, two) = await opened(server)
    expert = await browser_of(server, world["expert"])
    form = {**await hidden(expert, round_), f"rating_{one.id}": "7", f"rating_{two.id}_reason": "<b>Half</b>"}
    answer = await expert.post(f"/rounds/{round_.id}/ratings", data=form)
    assert answer.status_code == 422
    assert "&lt;b&gt;Half" in answer.text and "say in a few words why" in answer.text
    assert re.search(rf'name="rating_{one.id}" value="7"[^>]* checked', answer.text)
    assert [row.vote_id for row in await Ballot.all()] == [one.id]
    both = {f"rating_{two.id}": ["5", "nsp"]}
    assert (await send(expert, round_, **await hidden(expert, round_), **both)).status_code == 422


async def test_a_draft_is_kept_for_its_rater_and_gone_when_sent(server: Any) -> None:
    world, round_, (one, _) = await opened(server)
    expert, other = await browser_of(server, world["expert"]), await browser_of(server, world.experts[1])
    form = {**await hidden(expert, round_), f"rating_{one.id}": "4", f"rating_{one.id}_reason": "perhaps"}
    saved = await expert.post(f"/rounds/{round_.id}/draft", data=form, headers=JSON)
    assert saved.json() == {"draft": 1}
    page = (await expert.get(f"/rounds/{round_.id}")).text
    assert "perhaps" in page and "draft, not sent" in page
    assert "perhaps" not in (await other.get(f"/rounds/{round_.id}")).text
    assert await Ballot.all().count() == 0
    await send(expert, round_, **form)
    assert await RatingDraft.all().count() == 0 and (await Ballot.get(vote_id=one.id)).rating == 4


async def test_the_round_before_is_shown_with_the_own_rating_only(server: Any) -> None:
    world, first, _ = await opened(server, experts=7)
    ratings = dict(zip(world.experts, [2, 7, 7, 8, 8, 9, 9], strict=True))
    await rate_all(first, ratings)
    await finish(world, first)
    second = await open_round(world, server.settings)
    expert = await browser_of(server, world["expert"])
    page = (await expert.get(f"/rounds/{second.id}")).text
    assert "you: 2" in page and "median 8" in page
    assert all(person.name not in page for person in world.experts[1:])


async def test_whoever_runs_it_sees_names_and_never_values_or_times(server: Any) -> None:
    world, round_, votes = await opened(server)
    await rate_all(round_, {world.experts[0]: 9})
    await cast(votes[0], world.experts[1], 9)
    for who in ("chair", "secretariat"):
        browser = await browser_of(server, world[who])
        page = (await browser.get(f"/rounds/{round_.id}")).text
        answered = page[page.index('id="answered"') :]
        assert [answered.count(word) for word in (">has answered<", ">in part<", ">not yet<")] == [1, 1, 1]
        assert "Send my ratings" not in page and "<time" not in answered
    expert = await browser_of(server, world["expert"])
    page = (await expert.get(f"/rounds/{round_.id}")).text
    assert 'id="answered"' not in page and "Close the round" not in page


async def test_a_round_is_prepared_opened_and_led_to_its_end_from_the_pages(server: Any) -> None:
    world = await make_world()
    await freeze(world)
    chair = await browser_of(server, world["chair"])
    slug, chosen = world.assessment.slug, await statements(world)
    page = (await chair.get(f"/a/{slug}/rounds")).text
    assert "Prepare the round" in page and "Statement I-1.1" in page
    field = f"statement_{world.infection.id}"
    assert page.count("checked") == len(chosen)  # all of them, unless somebody leaves one out
    form = {"group": world.infection.id, field: chosen}
    assert (await chair.post(f"/a/{slug}/rounds", data={**form, field: []})).status_code == 422
    made = await chair.post(f"/a/{slug}/rounds", data=form, headers=JSON)
    here = made.json()["location"]
    wrong = await chair.post(f"{here}/open", data={"deadline": "2020-01-01T10:00"})
    assert wrong.status_code == 422 and "has passed already" in wrong.text
    assert (await chair.post(f"{here}/open", data={"deadline": typed(3)})).status_code == 303
    later = {"deadline": typed(9), "reason": "A member was ill."}
    assert (await chair.post(f"{here}/remind")).status_code == 409  # there is no mail server
    for step, form in (("extend", later), ("close", {}), ("analyse", {}), ("feedback", {})):
        assert (await chair.post(f"{here}/{step}", data=form)).status_code == 303, step
        again = await chair.post(f"{here}/{step}", data=form)
        assert again.status_code in (303, 409, 422), step
    page = (await chair.get(here)).text
    assert "A member was ill." in page and "to be discussed and rated again" in page
    expert = await browser_of(server, world["expert"])
    assert "Feedback sheet" in (await expert.get(here)).text


async def test_after_the_deadline_the_form_is_gone_and_what_is_sent_is_refused(server: Any) -> None:
    world, round_, (one, _) = await opened(server)
    expert = await browser_of(server, world["expert"])
    form = {**await hidden(expert, round_), f"rating_{one.id}": "7"}
    await pass_deadline(round_)
    assert "The deadline has passed. You answered 0 of 2." in (await expert.get(f"/rounds/{round_.id}")).text
    answer = await send(expert, round_, **form)
    assert answer.status_code == 422 and "closed at" in str(answer.json()["problems"])
    assert await Ballot.all().count() == 0


async def test_a_round_waits_at_home_once_with_its_deadline_until_all_is_rated(server: Any) -> None:
    world, round_, _votes = await opened(server)
    expert = await browser_of(server, world["expert"])
    home = (await expert.get("/")).text
    assert home.count(f"/rounds/{round_.id}") == 1 and "Rate 2 statements, Infection" in home
    await rate_all(round_, {world["expert"]: 7})
    assert f"/rounds/{round_.id}" not in (await expert.get("/")).text


@pytest.mark.parametrize("who", ["other_expert", "member", "stakeholder", "administrator", "signed_in"])
async def test_a_round_of_another_group_does_not_exist(server: Any, who: str) -> None:
    world, round_, _ = await opened(server)
    browser = await browser_of(server, world[who])
    for answer in (
        await browser.get(f"/rounds/{round_.id}"),
        await browser.post(f"/rounds/{round_.id}/ratings", data={}),
        await browser.post(f"/rounds/{round_.id}/close", data={}),
    ):
        assert answer.status_code == 404


async def test_a_prepared_round_is_known_to_those_who_run_it_only(server: Any) -> None:
    world = await make_world()
    round_ = await prepare(world)
    assert (await (await browser_of(server, world["chair"])).get(f"/rounds/{round_.id}")).status_code == 200
    expert = await browser_of(server, world["expert"])
    assert (await expert.get(f"/rounds/{round_.id}")).status_code == 404
    assert f"/rounds/{round_.id}" not in (await expert.get(f"/a/{world.assessment.slug}/rounds")).text


async def test_whoever_is_recused_from_a_question_sees_none_of_its_statements(server: Any) -> None:
    world, round_, _ = await opened(server)
    await rounds.close_round(round_.id, world["chair"])
    recused = await browser_of(server, world["recused"])
    for path in (f"/rounds/{round_.id}", f"/a/{world.assessment.slug}/rounds"):
        page = await recused.get(path)
        assert page.status_code == 200 and "Statement I-1" not in page.text


async def test_the_forms_of_two_groups_do_not_share_a_field(server: Any) -> None:
    world = await make_world()
    office = await browser_of(server, world["secretariat"])
    page = (await office.get(f"/a/{world.assessment.slug}/rounds")).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert page.count("Prepare the round") == 2 and len(ids) == len(set(ids))


async def test_the_board_counts_the_raters_who_have_finished(server: Any) -> None:
    world, round_, votes = await opened(server)
    await rate_all(round_, {world.experts[0]: 9})
    await cast(votes[0], world.experts[1], 9)
    office = await browser_of(server, world["secretariat"])
    board = (await office.get(f"/a/{world.assessment.slug}/board")).text
    assert "1/3" in board and "2 to answer" in board


async def test_the_page_of_a_round_moves_by_counts_and_never_tells_a_rating(server: Any) -> None:
    world, round_, (one, two) = await opened(server)
    here = f"/rounds/{round_.id}"
    expert, chair = await browser_of(server, world["expert"]), await browser_of(server, world["chair"])
    assert f'data-part="{here}/own"' in (await expert.get(here)).text
    await cast(one, world["expert"], 7)
    assert await Entry.filter(topic=f"round-{round_.id}", kind="round_answered").count() == 0
    await cast(two, world["expert"], 3)
    await cast(two, world["expert"], 4)  # changed: nobody else has finished
    [entry] = await Entry.filter(topic=f"round-{round_.id}", kind="round_answered")
    assert entry.actor_id is None
    assert json.loads(entry.body)["details"] == {"answered": 1, "entitled": 3}
    state = (await chair.get(f"{here}/state")).text
    assert f'data-fact="round-{round_.id}.answered">1</b>' in state
    running = (await chair.get(f"{here}/running")).text
    assert running.count("not yet") == 2 and "Remind only" not in running  # there is no mail server
    assert (await expert.get(f"{here}/running")).status_code == 404
    await decide_interest(
        world.assessment.id,
        world["expert"].id,
        f"question-{world.question.id}",
        world.infection.id,
        outcome=Outcome.RECUSED_ITEM,
        category="capital",
        reason="Holds shares.",
        actor=world["chair"],
        also=[actions.strike_from_roll],
    )
    *_first, last = await Entry.filter(topic=f"round-{round_.id}", kind="round_answered").order_by("number")
    assert json.loads(last.body)["details"] == {"answered": 0, "entitled": 2}


async def test_the_form_gives_way_and_the_results_come_when_the_round_goes_on(server: Any) -> None:
    world, round_, (one, _two) = await opened(server, experts=5)
    here = f"/rounds/{round_.id}"
    expert, recused = await browser_of(server, world["expert"]), await browser_of(server, world["recused"])
    form = (await expert.get(f"{here}/own")).text
    assert f'data-keep="round-{round_.id}-open"' in form and "Send my ratings" in form
    await rate_all(round_, {person: 7 for person in world.experts})
    await rounds.close_round(round_.id, world["chair"])
    form = (await expert.get(f"{here}/own")).text
    assert f'data-keep="round-{round_.id}-closed"' in form and "Send my ratings" not in form
    assert "closed, to be analysed" in (await expert.get(f"{here}/state")).text
    await rounds.analyse_round(round_.id, world["chair"])
    assert "The round is analysed." in (await expert.get(f"{here}/own")).text
    state = (await expert.get(f"{here}/state")).text
    assert f'href="/votes/{one.id}"' in state and "5</b> of <b" in state
    assert f'href="/votes/{one.id}"' not in (await recused.get(f"{here}/state")).text

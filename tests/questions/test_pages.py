"""Questions as people meet them: pages, forms and live parts on a real server."""

import asyncio
import itertools
import re
from typing import Any

import httpx2
import pytest

from deliberate.errors import NotFound
from deliberate.interests.models import InterestDecision
from deliberate.live.client import LiveClient
from deliberate.people.models import Person
from deliberate.questions import actions, opinions
from deliberate.questions.models import Comment, Conclusion, Opinion, OpinionVersion, RiskQuestion, Statement
from deliberate.questions.rules import OpinionStage, Stage, Stance
from tests.people.helpers import JSON, browser_of
from tests.questions.helpers import CONCLUSION, at_stage, make_evidence, opinion, write
from tests.support.builders import World, make_question, make_world, sign_in

CANARY = "canary-7f3a"
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
FORM = {
    "position": "The risk is established.",
    "reasons": "Because of *twelve* reports.",
    "status": "known",
    "severity": "2",
    "likelihood": "not_assessable",
    "certainty": "low",
    "unknowns": "The number of sessions.",
    "language": "en",
}


@pytest.fixture
async def world(server: Any) -> World:
    return await make_world(stage=Stage.EVIDENCE_READY)


@pytest.fixture
def here(world: World) -> str:
    return f"/questions/{world.question.id}"


async def get(server: Any, person: Person, path: str, **headers: str) -> httpx2.Response:
    return await (await browser_of(server, person)).get(path, headers=headers)


async def post(
    server: Any, person: Person, path: str, data: dict[str, Any], **headers: str
) -> httpx2.Response:
    return await (await browser_of(server, person)).post(path, data=data, headers=headers)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def comment(world: World, author: Person, text: str, **more: Any) -> Comment:
    key = f"key-{next(numbers):08}"
    return await opinions.add_comment(
        world.question.id, text, author, stance=Stance.FOR, language="en", key=key, **more
    )


numbers = itertools.count()


async def test_the_page_of_a_question_shows_what_is_asked_and_where_it_stands(
    server: Any, world: World, here: str
) -> None:
    await make_evidence(world, "L-1", world.question)
    for persona in READERS:
        page = await get(server, world[persona], here)
        assert page.status_code == 200, persona
        text = words(page.text)
        assert "What is known of I-1?" in text and "Statement I-1.1" in text and "Document L-1" in text
        assert "0 of 4 opinions are in." in text


async def test_who_is_not_signed_in_is_sent_away(server: Any, world: World, here: str) -> None:
    browser = await browser_of(server, None)
    assert (await browser.get(here)).status_code in (303, 401)
    assert (await browser.post(f"{here}/opinion", data=FORM)).status_code in (303, 401)


async def test_forms_open_for_those_they_are_for(server: Any, world: World, here: str) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    expected = {
        "secretariat": {"opinion": 404, "conclusion": 200},
        "chair": {"opinion": 200, "conclusion": 200},
        "expert": {"opinion": 200, "conclusion": 404},
        "undeclared": {"opinion": 403, "conclusion": 403},
    }
    for persona, forms in expected.items():
        browser = await browser_of(server, world[persona])
        found = {form: (await browser.get(f"{here}/{form}")).status_code for form in forms}
        assert found == forms, persona


async def test_an_opinion_is_written_submitted_and_read_back_by_its_author(
    server: Any, world: World, here: str
) -> None:
    item = await make_evidence(world, "L-1", world.question)
    sent = {**FORM, f"cite_{item.id}": "yes", f"passage_{item.id}": "p. 12"}
    answer = await post(server, world["expert"], f"{here}/opinion", sent)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    stored = await OpinionVersion.get().prefetch_related("citations")
    assert stored.as_text().citations == ((item.id, "p. 12"),)
    form = (await get(server, world["expert"], f"{here}/opinion")).text
    assert "The risk is established." in form and 'value="p. 12"' in form
    assert re.search(r'value="not_assessable" checked', form)
    again = await post(server, world["expert"], f"{here}/opinion", sent, **JSON)
    assert again.json() == {"location": here, "opinion": stored.opinion_id, "version": 1}


async def test_what_was_typed_is_kept_when_something_is_missing(server: Any, world: World, here: str) -> None:
    answer = await post(server, world["expert"], f"{here}/opinion", {**FORM, "position": "", "severity": "9"})
    assert answer.status_code == 422
    assert "Because of *twelve* reports." in answer.text
    assert 'href="#f-position"' in answer.text and 'href="#f-severity"' in answer.text
    assert await Opinion.all().count() == 0


async def test_a_paste_of_two_megabytes_gets_a_sentence(server: Any, world: World, here: str) -> None:
    huge = {**FORM, "reasons": "x" * 2_000_000}
    answer = await post(server, world["expert"], f"{here}/opinion", huge)
    assert answer.status_code == 422 and "2000000 characters, and 20000 fit" in words(answer.text)
    draft = await post(server, world["expert"], f"{here}/draft", huge, **JSON)
    assert draft.status_code == 422 and "too long" in draft.json()["message"]
    enormous = await post(server, world["expert"], f"{here}/opinion", {"reasons": "x" * 4_000_000})
    assert enormous.status_code == 413


async def test_what_people_write_never_becomes_markup(server: Any, world: World, here: str) -> None:
    name = "<b>O'Brien</b>"
    await Person.filter(id=world["expert"].id).update(name=name)
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    await write(world, world["expert"], opinion(evil, reasons=evil))
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    await comment(world, world["chair"], evil)
    page = (await get(server, world["secretariat"], here)).text
    assert "&lt;b&gt;O&#39;Brien&lt;/b&gt;" in page
    assert "<script>alert" not in page and "<img" not in page
    assert 'href="javascript' not in page and "alert(1)" in page


async def test_a_draft_is_saved_as_typed_and_shown_to_its_author_alone(
    server: Any, world: World, here: str
) -> None:
    sent = {"reasons": f"Half {CANARY}", "stranger": "dropped"}
    answer = await post(server, world["expert"], f"{here}/draft", sent, **JSON)
    assert answer.status_code == 200 and answer.json()["saved_at"]
    assert (await Opinion.get()).draft == {"reasons": f"Half {CANARY}"}
    assert CANARY in (await get(server, world["expert"], f"{here}/opinion")).text
    for persona in ("secretariat", "chair"):
        for path in (here, f"{here}/opinion", f"{here}/discussion", f"{here}/state"):
            assert CANARY not in (await get(server, world[persona], path)).text


async def test_saving_and_previewing_work_without_scripts(server: Any, world: World, here: str) -> None:
    saved = await post(server, world["expert"], f"{here}/opinion", {**FORM, "save": "yes"})
    assert saved.status_code == 303 and (await Opinion.get()).stage == OpinionStage.DRAFT
    shown = await post(server, world["expert"], f"{here}/opinion", {**FORM, "preview": "yes"})
    assert shown.status_code == 200 and "<em>twelve</em>" in shown.text
    assert (await Opinion.get()).version == 0


async def test_an_undeclared_expert_is_refused_every_page_and_every_act(
    server: Any, world: World, here: str
) -> None:
    browser = await browser_of(server, world["undeclared"])
    for path in (here, f"{here}/opinion"):
        answer = await browser.get(path)
        assert answer.status_code == 403 and "declaration of interests is missing" in words(answer.text)
    assert (await browser.post(f"{here}/opinion", data=FORM)).status_code == 403
    assert (await browser.post(f"{here}/draft", data=FORM, headers=JSON)).status_code == 403
    await at_stage(world.question, Stage.OPINION_DRAFT)
    said = {"text": "x", "stance": "for", "language": "en", "key": "k" * 16}
    assert (await browser.post(f"{here}/comments", data=said)).status_code == 403
    assert await Opinion.all().count() == 0 and await Comment.all().count() == 0


async def test_the_secretariat_sees_who_has_submitted_and_peers_only_how_many(
    server: Any, world: World, here: str
) -> None:
    await write(world, world.experts[1])
    state = words((await get(server, world["secretariat"], f"{here}/state")).text)
    assert "In: Expert 1" in state and "Missing: Expert 0, Expert 2, Undeclared" in state
    for persona in ("chair", "expert"):
        page = words((await get(server, world[persona], here)).text)
        assert "1 of 4 opinions are in." in page and "Expert 1" not in page and "Missing" not in page
        facts = (await get(server, world[persona], here, **JSON)).json()
        assert (facts["submitted"], facts["expected"]) == (1, 4) and "missing" not in facts


# The discussion


async def test_after_the_reveal_opinions_stand_with_authors_and_threads(
    server: Any, world: World, here: str
) -> None:
    item = await make_evidence(world, "L-1", world.question)
    submitted = await write(
        world, world["expert"], opinion("Established.", citations=((item.id, "table 3"),))
    )
    secretariat = await browser_of(server, world["secretariat"])
    revealed = await secretariat.post(f"{here}/reveal", headers=JSON)
    assert revealed.json() == {"location": here, "revealed": 1}
    said = {"text": "I agree.", "stance": "for", "language": "en", "key": "k" * 16}
    chair = await browser_of(server, world["chair"])
    about = {**said, "opinion": str(submitted.opinion_id)}
    first = (await chair.post(f"{here}/comments", data=about, headers=JSON)).json()
    again = (await chair.post(f"{here}/comments", data=about, headers=JSON)).json()
    assert first == again and await Comment.all().count() == 1
    form = (await get(server, world["expert"], f"{here}?answer={first['comment']}")).text
    assert "In answer to Chair:" in form
    answer = {**said, "text": "So do I.", "key": "m" * 16, "parent": str(first["comment"])}
    assert (await post(server, world["expert"], f"{here}/comments", answer)).status_code == 303
    page = words((await secretariat.get(here)).text)
    for expected in (
        "Expert 0",
        "Established.",
        "table 3",
        "I agree.",
        "So do I.",
        "1 of 4 opinions are in.",
    ):
        assert expected in page, expected


async def test_a_comment_without_a_stance_keeps_its_text(server: Any, world: World, here: str) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    said = {"text": "A long thought.", "language": "en", "key": "k" * 16}
    answer = await post(server, world["expert"], f"{here}/comments", said)
    assert answer.status_code == 422
    assert "A long thought." in answer.text and 'href="#f-stance"' in answer.text and "k" * 16 in answer.text


async def test_a_very_deep_thread_is_shown_whole(server: Any, world: World, here: str) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    parent = await comment(world, world["chair"], "Level 0.")
    for depth in range(1, 400):
        parent = await Comment.create(
            question=world.question,
            parent=parent,
            author=world["chair"],
            stance="for",
            language="en",
            text=f"Level {depth}.",
            key=f"deep-{depth:04}",
            salt="0" * 64,
            at=parent.at,
        )
    page = await get(server, world["expert"], here)
    assert page.status_code == 200
    assert [f"Level {depth}." for depth in range(400) if f"Level {depth}." not in page.text] == []


async def test_revising_shows_the_difference(server: Any, world: World, here: str) -> None:
    submitted = await write(world, world["expert"], opinion("The risk is rare."))
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    item = await make_evidence(world, "L-1", world.question)
    changed = {**FORM, "position": "The risk is frequent.", "severity": "3", f"cite_{item.id}": "yes"}
    await post(server, world["expert"], f"{here}/opinion", changed)
    page = (await get(server, world["chair"], f"/opinions/{submitted.opinion_id}/versions")).text
    assert "The risk is <del>rare</del><ins>frequent</ins>." in page
    assert "<del>serious</del> <ins>major</ins>" in page and "Now cited: L-1" in page
    assert "What changed" in (await get(server, world["chair"], here)).text


async def test_an_opinion_written_after_the_reveal_says_so(server: Any, world: World, here: str) -> None:
    await write(world, world.experts[1])
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    await post(server, world["expert"], f"{here}/opinion", FORM)
    page = words((await get(server, world["chair"], here)).text)
    assert page.count("first written after the reveal") == 1


async def test_a_withdrawn_opinion_is_no_longer_read(server: Any, world: World, here: str) -> None:
    submitted = await write(world, world["expert"], opinion(CANARY))
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    assert CANARY in (await get(server, world["chair"], here)).text
    withdrawn = await post(server, world["expert"], f"/opinions/{submitted.opinion_id}/withdraw", {})
    assert withdrawn.status_code == 303
    page = (await get(server, world["chair"], here)).text
    assert CANARY not in page and "Withdrawn: Expert 0" in words(page)
    versions = await get(server, world["chair"], f"/opinions/{submitted.opinion_id}/versions")
    assert versions.status_code == 404


# The conclusion


async def test_a_conclusion_is_drafted_and_adopted_on_the_page(server: Any, world: World, here: str) -> None:
    await write(world, world["expert"])
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    sent = {
        **FORM,
        "answer": "The group holds the risk for established.",
        "divergent": "One differs.",
        "based_on": "0",
    }
    made = await post(server, world["secretariat"], f"{here}/conclusion", sent, **JSON)
    assert made.json()["version"] == 1
    stale = await post(server, world["chair"], f"{here}/conclusion", {**sent, "answer": "Otherwise."})
    assert stale.status_code == 409
    assert "Otherwise." in stale.text and 'name="based_on" value="1"' in stale.text and "<ins>" in stale.text
    chair = await browser_of(server, world["chair"])
    assert "Adopt the conclusion" in (await chair.get(here)).text
    assert "Adopt the conclusion" not in (await get(server, world["secretariat"], here)).text
    assert (await chair.post(f"{here}/adopt", data={"version": "1"})).status_code == 303
    page = words((await get(server, world["expert"], here)).text)
    assert "adopted" in page and "One differs." in page and "Write a comment" not in page
    assert (await Conclusion.get()).adopted_by_id == world["chair"].id


async def test_a_question_is_reopened_with_a_reason(server: Any, world: World, here: str) -> None:
    await at_stage(world.question, Stage.OPINION_ADOPTED)
    chair = await browser_of(server, world["chair"])
    empty = await chair.post(f"{here}/reopen", data={"reason": ""})
    assert empty.status_code == 422
    assert (await chair.post(f"{here}/reopen", data={"reason": "New data of the agency."})).status_code == 303
    assert "New data of the agency." in (await get(server, world["expert"], here)).text
    assert (await RiskQuestion.get(id=world.question.id)).stage == Stage.OPINION_DRAFT


async def test_a_statement_shows_its_wordings_and_takes_a_new_one(server: Any, world: World) -> None:
    statement = await Statement.filter(question=world.question).first()
    path = f"/statements/{statement.id}"
    chair = await browser_of(server, world["chair"])
    sent = {"text_fr": "Nouveau", "text_en": "Statement I-1.1, sharper", "reason": "It was ambiguous."}
    incomplete = await chair.post(f"{path}/reword", data={**sent, "reason": ""})
    assert incomplete.status_code == 422 and "sharper" in incomplete.text
    assert (await chair.post(f"{path}/reword", data=sent)).status_code == 303
    page = (await get(server, world["expert"], path)).text
    assert "It was ambiguous." in page and "<ins>, sharper</ins>" in page and "Change the wording" not in page
    assert (await post(server, world["expert"], f"{path}/reword", sent)).status_code == 404


# Elsewhere


async def test_my_work_names_what_waits(server: Any, world: World, here: str) -> None:
    home = words((await get(server, world["expert"], "/")).text)
    assert "Write your opinion on I-1" in home and "P-1" not in home
    for persona in ("recused", "chair", "member"):
        assert "Write your opinion" not in (await get(server, world[persona], "/")).text
    for person in [*world.experts, world["undeclared"]]:
        if person.id != world["undeclared"].id:
            await write(world, person)
    assert "Reveal the opinions" not in (await get(server, world["secretariat"], "/")).text
    await Opinion.create(question=world.question, author=world["undeclared"], stage=OpinionStage.WITHDRAWN)
    assert "Reveal the opinions on I-1: all 3 are in" in (await get(server, world["secretariat"], "/")).text
    assert "Write your opinion" not in (await get(server, world["expert"], "/")).text
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    assert "Draft the conclusion on I-1" in (await get(server, world["chair"], "/")).text
    await actions.write_conclusion(world.question.id, CONCLUSION, world["chair"])
    assert "Draft the conclusion" not in (await get(server, world["chair"], "/")).text


async def test_many_questions_are_one_line_in_my_work(server: Any, world: World) -> None:
    for number in range(2, 8):
        await make_question(world.assessment, world.infection, f"I-{number}", stage=Stage.EVIDENCE_READY)
    assert "Write your opinion on 7 questions" in (await get(server, world["expert"], "/")).text


async def test_the_assessment_lists_what_one_may_read(server: Any, world: World) -> None:
    path = f"/a/{world.assessment.slug}"
    for persona, seen, unseen in (
        ("secretariat", ("Question I-1", "Question P-1"), ()),
        ("expert", ("Question I-1",), ("Question P-1",)),
        ("other_expert", ("Question P-1",), ("Question I-1",)),
        ("recused", (), ("Question I-1", "Question P-1")),
        ("member", (), ("Question I-1", "Question P-1")),
        ("stakeholder", (), ("Question I-1", "Question P-1")),
    ):
        page = (await get(server, world[persona], path)).text
        assert all(title in page for title in seen), persona
        assert not any(title in page for title in unseen), persona
    facts = (await get(server, world["expert"], path, **JSON)).json()
    assert [question["code"] for question in facts["questions"]] == ["I-1"]


async def test_who_is_heard_only_knows_of_the_question_and_no_more(
    server: Any, world: World, here: str
) -> None:
    await InterestDecision.filter(person=world["recused"]).update(outcome="heard_only")
    page = (await get(server, world["recused"], f"/a/{world.assessment.slug}")).text
    assert "Question I-1" in page and here not in page
    assert (await get(server, world["recused"], here)).status_code == 404


async def test_the_board_says_whose_opinion_is_missing(server: Any, world: World) -> None:
    await write(world, world.experts[1])
    await make_evidence(world, "L-1", world.question)
    board = words((await get(server, world["secretariat"], f"/a/{world.assessment.slug}/board")).text)
    assert "I-1" in board and "1/4" in board and "Expert 0, Expert 2, Undeclared" in board


async def test_a_long_assessment_lists_a_page_at_a_time(server: Any, world: World) -> None:
    for number in range(2, 60):
        await make_question(
            world.assessment, world.infection, f"I-{number}", stage=Stage.ASSIGNED, statements=0
        )
    path = f"/a/{world.assessment.slug}"
    first = (await get(server, world["expert"], path)).text
    second = (await get(server, world["expert"], f"{path}?questions=2")).text
    assert "Question I-2<" in first and "Question I-59<" not in first
    assert "Question I-59<" in second and "Question I-2<" not in second
    assert (await get(server, world["expert"], f"{path}?questions=nonsense")).status_code == 200


# Live


async def live_of(server: Any, person: Person) -> LiveClient:
    """Use it as `async with await live_of(…) as live`."""
    return LiveClient(server.url, f"deliberate={await sign_in(person)}")


async def next_of(live: LiveClient) -> Any:
    async with asyncio.timeout(60):
        return await anext(aiter(live))


async def test_no_frame_tells_what_is_blind(server: Any, world: World) -> None:
    async with await live_of(server, world["chair"]) as live:
        await live.watch(f"question-{world.question.id}")
        await write(world, world.experts[1], opinion(CANARY))
        frame = await next_of(live)
    assert frame.kind == "opinion_submitted" and frame.changed
    assert set(frame.facts) == {"version", "commitment"} and CANARY not in str(frame)


async def test_nobody_else_watches_a_question(server: Any, world: World) -> None:
    for persona in OTHERS:
        async with await live_of(server, world[persona]) as live:
            with pytest.raises(NotFound):
                await live.watch(f"question-{world.question.id}")


async def test_a_recusal_ends_page_part_and_open_socket_at_once(server: Any, world: World, here: str) -> None:
    expert = world["expert"]
    browser = await browser_of(server, expert)
    item = await make_evidence(world, "L-1", world.question)
    await write(world, world.experts[1])
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    paths = [
        here,
        f"{here}/discussion",
        f"{here}/opinion",
        f"/evidence/{item.id}",
        f"/opinions/{(await Opinion.get()).id}",
    ]
    for path in paths:
        assert (await browser.get(path)).status_code in (200, 303), path
    async with await live_of(server, expert) as live:
        await live.watch(f"question-{world.question.id}")
        decided = await post(
            server,
            world["secretariat"],
            f"/a/{world.assessment.slug}/interests",
            {
                "person": str(expert.id),
                "subject": f"question-{world.question.id}",
                "outcome": "recused_item",
                "category": "capital",
                "reason": "Holds shares in the maker.",
            },
            **JSON,
        )
        assert decided.status_code == 200, decided.text
        ended = await next_of(live)
        assert ended.topic == f"question-{world.question.id}" and not hasattr(ended, "kind")
        await write(world, world.experts[2])  # nobody tells the recused person
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await anext(aiter(live))
        with pytest.raises(NotFound):
            await live.watch(f"question-{world.question.id}")
    for path in paths:
        assert (await browser.get(path)).status_code == 404, path
    assert (await browser.post(f"{here}/opinion", data=FORM)).status_code == 404


async def test_the_part_is_fetched_again_and_shows_the_news(server: Any, world: World, here: str) -> None:
    chair = await browser_of(server, world["chair"])
    assert "blind" in words((await chair.get(f"{here}/discussion")).text)
    await write(world, world["expert"], opinion("Established."))
    assert "Established." not in (await chair.get(f"{here}/discussion")).text
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    part = await chair.get(f"{here}/discussion")
    assert "Established." in part.text and "<html" not in part.text
    assert part.headers["cache-control"] == "no-store"


async def test_forms_keep_their_addresses_whatever_stands_in_that_of_the_page(
    server: Any, world: World, here: str
) -> None:
    chair = await browser_of(server, world["chair"])
    writing = (await chair.get(f"{here}/opinion?x=1")).text
    assert f'data-autosave="{here}/draft"' in writing and f'action="{here}/opinion"' in writing
    await at_stage(world.question, Stage.OPINION_DRAFT)
    page = (await chair.get(f"{here}?opinion=1")).text
    assert f'action="{here}/comments"' in page and f'data-part="{here}/discussion"' in page
    refused = await chair.post(f"{here}/comments", data={"text": "A thought."})
    assert refused.status_code == 422 and f'action="{here}/comments"' in refused.text


async def test_list_and_board_count_an_opinion_at_once_though_both_are_kept_for_their_readers(
    server: Any, world: World
) -> None:
    office, slug = world["secretariat"], world.assessment.slug
    counts = []
    for expert in (None, *world.experts[:2]):
        if expert is not None:
            await opinions.submit_opinion(world.question.id, opinion("Known."), expert)
        pages = [await get(server, office, f"/a/{slug}{end}") for end in ("", "", "/board", "/board")]
        counts.append([re.findall(r"\b(\d)/(\d)\b", page.text)[0] for page in pages])
    assert [{given for given, _expected in found} for found in counts] == [{"0"}, {"1"}, {"2"}]


async def test_what_is_kept_of_the_list_is_not_shown_to_whoever_is_kept_out_of_a_question(
    server: Any, world: World
) -> None:
    path = f"/a/{world.assessment.slug}"
    assert "Question I-1" in (await get(server, world["expert"], path)).text
    assert "Question I-1" not in (await get(server, world["recused"], path)).text
    assert "Question I-1" in (await get(server, world["expert"], path)).text


async def test_a_statement_is_split_from_its_page_and_shows_its_kin(server: Any, world: World) -> None:
    first, second = await Statement.filter(question=world.question).order_by("position")
    browser = await browser_of(server, world["chair"])
    wrong = {"split_text_fr_1": "Un <b>", "split_text_en_1": "One <b>", "split_reason": "Two in one."}
    again = await browser.post(f"/statements/{first.id}/split", data=wrong)
    assert again.status_code == 422 and "Un &lt;b&gt;" in again.text and "Two in one." in again.text
    right = {**wrong, "split_text_fr_2": "Deux", "split_text_en_2": "Two"}
    made = (await browser.post(f"/statements/{first.id}/split", data=right, headers=JSON)).json()
    parent = (await browser.get(f"/statements/{first.id}", headers=JSON)).json()
    assert parent["children"] == made["statements"] and parent["state"] == "withdrawn"
    child = await browser.get(f"/statements/{made['statements'][1]}")
    assert "Where it comes from" in child.text and "<del>" in child.text
    merged = {"merge_others": [made["statements"][0], second.id], "merge_reason": "The same."}
    merged |= {"merge_text_fr": "Tout", "merge_text_en": "All"}
    last = await browser.post(f"/statements/{made['statements'][1]}/merge", data=merged, headers=JSON)
    kin = await browser.get(f"/statements/{last.json()['statement']}")
    assert f"/statements/{first.id}" in kin.text  # the grandparent
    lists = (await browser.get(f"/questions/{world.question.id}/statements")).text
    assert "Withdrawn" in lists and "Deux" not in lists and "To be rated" in lists


async def test_a_withdrawn_statement_and_a_new_one_show_in_the_lists_of_the_question(
    server: Any, world: World
) -> None:
    first, _second = await Statement.filter(question=world.question).order_by("position")
    browser = await browser_of(server, world["secretariat"])
    path = f"/statements/{first.id}/withdraw"
    assert (await browser.post(path, data={"withdraw_reason": ""})).status_code == 422
    await browser.post(path, data={"withdraw_reason": "Beside the point."})
    assert (await browser.post(path, data={"withdraw_reason": "Twice."})).status_code == 409
    assert "Beside the point." in (await browser.get(f"/statements/{first.id}")).text
    new = {"code": "I-1.2", "text_fr": "Trois", "text_en": "Three", "reason": "Missing."}
    adding = f"/questions/{world.question.id}/statements"
    assert "Trois" in (await browser.post(adding, data=new)).text  # the code is taken
    await browser.post(adding, data={**new, "code": "I-1.3"})
    page = (await browser.get(f"/questions/{world.question.id}")).text
    assert "Withdrawn" in page and "Three" in page
    board = (await browser.get(f"/a/{world.assessment.slug}/board")).text
    assert "withdrawn: I-1.1" in board

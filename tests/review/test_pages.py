"""The committee's reading in the browser:

comments in the margin, answers, and the page that leads to adoption.
"""

import re
from typing import Any
from uuid import uuid4

from deliberate.meetings import actions as meetings
from deliberate.record.verifier import verify
from deliberate.review import actions, margin
from deliberate.review.models import ReviewComment
from tests.conftest import RunningServer
from tests.record.test_pages import JSON, browser, statuses
from tests.review.committee import before_committee, in_meeting, remark
from tests.support.builders import recuse

FIELDS = {"section": "question-I-1", "kind": "question", "language": "en"}


def form(**changes: str) -> dict[str, str]:
    return {**FIELDS, "text": "Is this known?", "key": uuid4().hex, **changes}


async def waiting(client: Any) -> list[str]:
    found = (await client.get("/", headers=JSON)).json()["waiting"]
    return [
        item["text"]
        for item in found
        if "record" in item["text"].lower() or "comment" in item["text"].lower()
    ]


async def test_a_member_comments_in_the_margin_and_the_secretariat_answers_there(
    server: RunningServer,
) -> None:
    world, record = await before_committee()
    member, office = await browser(server, world["member"]), await browser(server, world["secretariat"])
    page = await member.get(f"/records/{record.id}")
    assert "Comment on this section" in page.text and "Your comment" not in page.text
    page = await member.get(f"/records/{record.id}?comment=question-I-1")
    assert page.text.count("Your comment") == 1 and "Seen by:" in page.text
    answer = await member.post(f"/records/{record.id}/comments", data=form(text="Is **this** known?"))
    assert answer.status_code == 303 and "#comment-" in answer.headers["location"]
    page = await office.get(f"/records/{record.id}")
    assert "<strong>this</strong>" in page.text and "answer=" in page.text
    comment = await ReviewComment.get()
    page = await office.get(f"/records/{record.id}?answer={comment.id}")
    assert "What becomes of it?" in page.text
    answer = await office.post(
        f"/comments/{comment.id}/answer", data={"outcome": "accepted", "text": "It is."}, headers=JSON
    )
    assert answer.json()["location"] == f"/records/{record.id}?section=question-I-1#comment-{comment.id}"
    page = await member.get(f"/records/{record.id}")
    assert "It is." in page.text and "accepted" in page.text


async def test_what_was_typed_is_kept_when_a_comment_or_an_answer_is_refused(server: RunningServer) -> None:
    world, record = await before_committee()
    member, office = await browser(server, world["member"]), await browser(server, world["secretariat"])
    answer = await member.post(
        f"/records/{record.id}/comments", data=form(kind="praise", text="A long thought")
    )
    assert answer.status_code == 422 and "A long thought" in answer.text and "Choose one" in answer.text
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    answer = await office.post(
        f"/comments/{comment.id}/answer", data={"outcome": "", "text": "Another thought"}
    )
    assert answer.status_code == 422 and "Another thought" in answer.text
    told = await office.post(f"/comments/{comment.id}/answer", data={"text": "x"}, headers=JSON)
    assert set(told.json()["problems"]) == {"outcome"}


async def test_all_comments_are_read_once_whatever_the_number_of_sections(
    server: RunningServer, monkeypatch: Any
) -> None:
    world, record = await before_committee()
    asked: list[int] = []
    original = margin.comments_on

    async def counting(given: Any) -> Any:
        asked.append(given.id)
        return await original(given)

    monkeypatch.setattr(margin, "comments_on", counting)
    await (await browser(server, world["member"])).get(f"/records/{record.id}")
    assert len(asked) <= 2  # the margin, and the count under the title


async def test_who_reads_and_who_may_act_on_the_way_to_the_adoption(server: RunningServer) -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark(), world["member"])
    readers = {"secretariat", "committee_chair", "member"}
    for path in ("adoption", "adoption/state"):
        found = await statuses(server, world, f"/records/{record.id}/{path}")
        assert {name for name, status in found.items() if status == 200} == readers
        assert set(found.values()) == {200, 404}
    acts = {
        f"/records/{record.id}/comments": {"committee_chair", "member"},
        f"/comments/{comment.id}/answer": {"secretariat"},
        f"/records/{record.id}/revise": {"secretariat"},
        f"/records/{record.id}/adoption": {"secretariat"},
        f"/records/{record.id}/adoption/agenda": {"secretariat"},
        f"/records/{record.id}/adoption/vote": {"secretariat", "committee_chair"},
        f"/records/{record.id}/adopt": {"committee_chair"},
    }
    bodies = {"adoption/agenda": {"meeting": "999999"}, "adoption/vote": {"item": "999999"}}
    for url, allowed in acts.items():
        for persona in (*readers, "chair", "expert", "stakeholder", "administrator", "foreign_secretariat"):
            data = next((body for end, body in bodies.items() if url.endswith(end)), {})
            status = (await (await browser(server, world[persona])).post(url, data=data)).status_code
            if persona not in allowed:
                assert status == 404, (url, persona)
            elif not data:
                assert status in (303, 409, 422), (url, persona)


async def test_a_recused_member_finds_neither_document_nor_vote(server: RunningServer) -> None:
    world, record = await before_committee()
    member = await browser(server, world["member"])
    assert (await member.get(f"/records/{record.id}")).status_code == 200
    await recuse(world["member"], world.assessment, f"record-{record.id}", world["secretariat"])
    for path in ("", ".json", "/changes", "/adoption"):
        assert (await member.get(f"/records/{record.id}{path}")).status_code == 404
    assert await waiting(member) == []


async def test_the_whole_way_from_comment_to_public_record_by_forms(server: RunningServer) -> None:
    world, record = await before_committee()
    office, chair = (
        await browser(server, world["secretariat"]),
        await browser(server, world["committee_chair"]),
    )
    member = await browser(server, world["member"])
    assert await waiting(member) == ["Read the record before the committee"]
    comment = (await member.post(f"/records/{record.id}/comments", data=form(), headers=JSON)).json()[
        "comment"
    ]
    assert await waiting(office) == ["Answer 1 comment of the committee"]
    await office.post(f"/comments/{comment}/answer", data={"outcome": "accepted", "text": "Yes."})
    assert "Revise the record" in (await waiting(office))[0]
    revised = (await office.post(f"/records/{record.id}/revise", headers=JSON)).json()
    url = revised["location"]
    assert revised["version"] == 2
    assert (await office.post(f"{url}/adoption", headers=JSON)).json()["adoption"]
    record.id = revised["record"]
    _, item = await in_meeting(world, record)
    page = await chair.get(f"{url}/adoption")
    assert "Open the vote" in page.text
    vote = (await chair.post(f"{url}/adoption/vote", data={"item": str(item)}, headers=JSON)).json()["vote"]
    for person in (world["committee_chair"], *world.members):
        client = await browser(server, person)
        ballot = {"choice": "for", "reason": "Sound.", "key": uuid4().hex}
        assert (await client.post(f"/votes/{vote}/ballots", data=ballot, headers=JSON)).status_code == 200
    await meetings.close_vote(vote, world["committee_chair"])
    await meetings.reveal_vote(vote, world["committee_chair"])
    assert await waiting(chair) == ["Adopt the record: the committee has voted for it"]
    page = await chair.get(f"{url}/adoption")
    assert "Adopt and seal the record" in page.text
    number = (await chair.post(f"{url}/adopt", headers=JSON)).json()["number"]
    facts = (await office.get(f"{url}/adoption", headers=JSON)).json()
    assert (facts["state"], facts["sealed"], facts["adopts"]) == ("adopted", True, True)
    public = await browser(server, None)
    page = await public.get(f"/public/{world.assessment.slug}")
    assert "Adoption by the committee" in page.text and "Sound." in page.text and str(number) in page.text
    bundle = (await public.get(f"/public/{world.assessment.slug}/bundle")).content
    assert verify(bundle, server.app.state.keeper.fingerprint).holds
    assert await waiting(chair) == await waiting(office) == []


async def test_comments_on_an_earlier_version_stand_beside_the_later_one(server: RunningServer) -> None:
    world, record = await before_committee()
    comment = await actions.add_review_comment(record.id, remark("Carried over"), world["member"])
    await actions.answer_comment(comment.id, "accepted", "Yes.", world["secretariat"])
    following = await actions.revise_record(record.id, world["secretariat"])
    page = await (await browser(server, world["member"])).get(f"/records/{following.id}")
    assert "Carried over" in page.text and re.search(r"on version 1", page.text)


async def test_nothing_of_the_review_is_shown_to_others_than_committee_and_secretariat(
    server: RunningServer,
) -> None:
    world, record = await before_committee()
    await actions.add_review_comment(record.id, remark("CANARYCOMMENT"), world["member"])
    reader = await (await browser(server, world["member"])).get(f"/records/{record.id}")
    assert "CANARYCOMMENT" in reader.text
    for persona in ("chair", "expert", "stakeholder", "administrator"):
        client = await browser(server, world[persona])
        for url in (
            "/",
            f"/a/{world.assessment.slug}",
            f"/records/{record.id}",
            f"/public/{world.assessment.slug}",
        ):
            assert "CANARYCOMMENT" not in (await client.get(url)).text

"""A record says what the rows say, and nothing that is blind, private or personal."""

import json
from datetime import timedelta
from typing import Any

import pytest

from deliberate.assessments.models import Assessment, ProtocolDeviation
from deliberate.consensus.protocol import read_protocol
from deliberate.consensus.stability import compare
from deliberate.consensus.summary import summarise
from deliberate.hearings.models import Contribution
from deliberate.interests.models import InterestDecision
from deliberate.live.database import writing
from deliberate.live.journal import acting
from deliberate.questions.actions import reveal_opinions
from deliberate.questions.models import Statement, StatementOrigin
from deliberate.record import render
from deliberate.record.compile import canonical, compile_content, digest, says_the_same
from deliberate.record.content.facts import load_facts
from deliberate.record.content.votes import rounded
from deliberate.record.models import Record
from deliberate.voting.exporting import ratings_of
from deliberate.voting.models import Ballot, Pseudonym, Vote
from tests.record.story import BLIND, DRAFT, FIRST, SECOND, make_story, more_questions, rate
from tests.support.builders import NOW, World, make_question, recuse

pytestmark = pytest.mark.usefixtures("database")


async def content_of(world: World, **changes: Any) -> dict[str, Any]:
    async with acting(world.assessment.id, world["secretariat"]) as note:
        told = {"version": 1, "as_of": note.number, "now": NOW, **changes}
        return compile_content(await load_facts(world.assessment.id), **told)


def question(content: dict[str, Any], code: str = "I-1") -> dict[str, Any]:
    return next(each for each in content["questions"] if each["code"] == code)


async def test_the_figures_of_each_round_are_those_of_the_common_summary() -> None:
    world = await make_story()
    rounds = question(await content_of(world))["statements"][0]["rounds"]
    protocol = read_protocol(world.assessment.protocol)
    for number, given in enumerate((FIRST, SECOND), 1):
        ratings = [rating for rating in given if rating is not None]
        expected = summarise(
            ratings, nsp=len(given) - len(ratings), protocol=protocol, round_number=number
        ).as_json()
        found = rounds[number - 1]
        assert (found["round"], found["n"], found["nsp"], found["missing"]) == (
            number,
            len(ratings),
            len(given) - len(ratings),
            0,
        )
        assert found["figures"].items() <= json.loads(json.dumps(rounded(expected))).items()
        assert {"median", "primary", "sensitivity", "frequencies", "di"} <= set(found["figures"])


async def test_a_question_tells_conclusion_opinions_recusals_evidence_and_what_is_unknown() -> None:
    world = await make_story()
    found = question(await content_of(world))
    assert found["conclusion"]["answer"].startswith("The group holds")
    assert found["conclusion"]["risk"] == "not_assessable"  # the likelihood is
    assert found["divergent"] == "One member differs."
    assert [each["author"] for each in found["opinions"]] == [each.name for each in world.experts]
    assert found["opinions"][0]["citations"] == [{"evidence": "L-1", "passage": "p. 12"}]
    assert [(each["name"], each["outcome"], each["category"]) for each in found["recusals"]] == [
        ("Recused", "recused_item", "capital")
    ]
    assert found["evidence"] == ["L-1"]
    assert found["unknowns"][0] == {
        "author": None,
        "language": "en",
        "text": "The number of sessions is unknown.",
    }


async def test_nothing_blind_drafted_or_secret_and_no_address_is_in_the_content() -> None:
    world = await make_story()
    text = canonical(await content_of(world)).decode()
    for canary in (BLIND, DRAFT, "@example.org", "Minutes of Society B", "Holds shares in the maker."):
        assert canary not in text
    codes = await Pseudonym.all().values_list("code", flat=True)
    assert codes and not any(code in text for code in codes)
    # What was hidden can be shown: after the reveal the opinion is there, the draft still is not.
    await reveal_opinions(world.other_question.id, world["secretariat"])
    shown = canonical(await content_of(world)).decode()
    assert BLIND in shown and DRAFT not in shown and "Minutes of Society A" in shown


async def test_a_conclusion_that_is_not_adopted_is_not_printed() -> None:
    world = await make_story(blind=False)
    assert question(await content_of(world))["conclusion"]
    await type(world.question).filter(id=world.question.id).update(stage="opinion_draft")
    found = question(await content_of(world))
    assert found["conclusion"] is None and found["divergent"] == ""


async def test_named_ballots_are_published_whole_and_confidential_ones_cannot_be_joined_to_anything() -> None:
    world = await make_story()
    votes = (await content_of(world))["votes"]
    first, second, named = votes
    assert [(vote["mode"], vote["kind"], vote["about"]) for vote in votes] == [
        ("confidential", "rating", "I-1.1"),
        ("confidential", "rating", "I-1.1"),
        ("named", "choice", "I-1"),
    ]
    assert {"voter", "name", "choice", "reason", "salt", "number"} <= set(named["ballots"][0])
    assert named["result"]["counts"] == {"for": 2, "against": 1, "abstain": 0, "not_taking_part": 0}
    for vote in (first, second):
        assert all(set(ballot) == {"voter", "rating"} for ballot in vote["ballots"])
    key = [(rating is None, rating or 0) for rating in FIRST]
    told = [(each["rating"] is None, each["rating"] or 0) for each in first["ballots"]]
    assert sorted(told) == sorted(key)


async def test_one_name_holds_for_the_rounds_in_which_the_same_members_took_part() -> None:
    world = await make_story()
    first, second, _ = (await content_of(world))["votes"]
    pairs = {each["voter"]: each["rating"] for each in first["ballots"]}
    after = {each["voter"]: each["rating"] for each in second["ballots"]}
    assert pairs.keys() == after.keys()
    assert sorted((pairs[name] or 0, after[name]) for name in pairs) == sorted(
        (one or 0, two) for one, two in zip(FIRST, SECOND, strict=True)
    )


async def test_whoever_is_missing_from_a_round_cannot_be_found_by_a_name_that_is_missing() -> None:
    world = await make_story()
    statement = await world.question.statements.all().order_by("position").first()
    await rate(world, world.question, statement, world.experts[:6], SECOND[:6])
    votes = (await content_of(world))["votes"]
    names = [{each["voter"] for each in vote["ballots"]} for vote in votes if vote["mode"] == "confidential"]
    assert names[0] == names[1] and not names[2] & names[0]


async def test_names_are_numbered_by_what_is_published_and_tell_nothing_more() -> None:
    world = await make_story()
    content = await content_of(world)
    first, second, _ = content["votes"]
    said = {each["voter"]: [each["rating"] or 10] for each in first["ballots"]}
    for each in second["ballots"]:
        said[each["voter"]].append(each["rating"])
    names = sorted(said, key=lambda name: int(name.split(".")[1]))
    assert [said[name] for name in names] == sorted(said.values())


async def test_with_fewer_than_five_ratings_neither_figures_nor_ratings_are_printed() -> None:
    world = await make_story()
    question_row = await make_question(world.assessment, world.infection, "I-9")
    statement = await question_row.statements.all().first()
    shown = await rate(world, question_row, statement, world.experts[:5], (1, 2, 3, 4, 5))
    withheld = await rate(world, question_row, statement, world.experts[:4], (1, 2, 3, 4))
    votes = {vote["id"]: vote for vote in (await content_of(world))["votes"]}
    assert votes[shown]["result"]["frequencies"] == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert votes[withheld]["ballots"] is None and votes[withheld]["withheld"]
    assert votes[withheld]["result"] == {"n": 4, "nsp": 0, "missing": 0, "recused": 0}


async def test_votes_that_are_not_counted_are_left_out() -> None:
    world = await make_story()
    assert len((await content_of(world))["votes"]) == 3
    last = await Vote.all().order_by("-id").first()
    await Vote.filter(id=last.id).update(state="closed")
    assert last.id not in {vote["id"] for vote in (await content_of(world))["votes"]}


async def test_a_recusal_after_the_close_names_the_votes_that_stood() -> None:
    world = await make_story()
    await recuse(world.experts[2], world.assessment, f"question-{world.question.id}", world["secretariat"])
    late = InterestDecision.filter(person_id=world.experts[2].id)
    await late.update(decided_at=NOW + timedelta(days=1))
    found = question(await content_of(world))["recusals"]
    assert [(each["name"], len(each["votes_before"])) for each in found] == [("Recused", 0), ("Expert 2", 3)]


async def test_a_lifted_decision_keeps_its_moments_and_a_derogation_its_reason() -> None:
    world = await make_story()
    person = world["recused"]
    await recuse(person, world.assessment, f"question-{world.question.id}", world["chair"], outcome="none")
    await recuse(
        world.experts[0],
        world.assessment,
        f"question-{world.question.id}",
        world["chair"],
        outcome="derogation",
    )
    decisions = (await content_of(world))["interests"]["decisions"]
    assert [(each["outcome"], each["until"] is not None) for each in decisions] == [
        ("recused_item", True),
        ("derogation", False),
    ]
    assert [each["reason"] for each in decisions] == [None, "Holds shares in the maker."]


async def test_hearings_print_final_minutes_only_and_viewpoints_that_may_be_published() -> None:
    world = await make_story()
    first, second = (await content_of(world))["hearings"]
    assert first["hearings"][0]["minutes"] == {"version": 1, "text": "Minutes of Society A"}
    assert second["hearings"][0]["minutes"] is None
    assert (first["interests"], first["spokespersons"]) == ("Funded by Society A", ["Speaker of Society A"])
    assert second["contribution"]["text"] == "We of Society B say."


async def test_a_viewpoint_whose_last_version_is_withheld_is_not_printed_in_an_earlier_one() -> None:
    world = await make_story()
    first = await Contribution.all().order_by("id").first()
    await Contribution.create(
        stakeholder_id=first.stakeholder_id,
        version=2,
        author_id=first.author_id,
        title="Second",
        text="Second",
        language="en",
        may_publish=False,
        salt="0" * 64,
        at=NOW,
        entry=2,
    )
    assert (await content_of(world))["hearings"][0]["contribution"] is None


async def test_participants_are_named_with_role_group_and_declaration() -> None:
    world = await make_story()
    found = (await content_of(world))["participants"]
    chair = next(each for each in found if each["name"] == "Chair")
    assert (chair["role"], chair["group"]) == ("chair", "infection") and chair["declared_at"]
    assert next(each for each in found if each["name"] == "Undeclared")["declared_at"] is None
    assert "Stakeholder" not in {each["name"] for each in found}


async def test_what_is_stored_has_the_same_digest_and_the_same_facts_the_same_bytes() -> None:
    world = await make_story()
    content = await content_of(world)
    record = await Record.create(
        assessment=world.assessment,
        version=1,
        state="compiling",
        as_of=1,
        content=content,
        digest=digest(content),
        changed=[],
        compiled_by=world["secretariat"],
        compiled_at=NOW,
    )
    assert digest((await Record.get(id=record.id)).content) == record.digest
    assert canonical(await content_of(world)) == canonical(content)
    later = await content_of(world, version=2, as_of=9999, now=NOW + timedelta(days=2))
    assert canonical(later) != canonical(content) and says_the_same(later, content)


async def test_sections_have_titles_in_both_languages_and_keys_that_exist_once() -> None:
    world = await make_story()
    sections = (await content_of(world))["sections"]
    keys = [each["key"] for each in sections]
    assert "question-I-1" in keys and "method" in keys and len(set(keys)) == len(keys)
    assert all(each["title"].keys() == {"fr", "en"} for each in sections)


async def test_the_number_of_queries_does_not_depend_on_the_number_of_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await make_story()
    asked: list[str] = []
    few = await queries_of(world, monkeypatch, asked)
    await more_questions(world, 3)
    assert await queries_of(world, monkeypatch, asked) == few <= 38


async def queries_of(world: World, monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> int:
    asked.clear()
    async with writing() as connection:
        kind = type(connection)
        original = kind.execute_query

        async def counting(self: Any, query: str, *args: Any, **more: Any) -> Any:
            asked.append(query)
            return await original(self, query, *args, **more)

        with monkeypatch.context() as patched:
            patched.setattr(kind, "execute_query", counting)
            await load_facts(world.assessment.id)
    return len(asked)


async def test_the_annex_has_every_round_of_every_statement_under_eight_rules() -> None:
    world = await make_story()
    content = await content_of(world)
    first, second = content["annex"]["rows"]
    assert [(row["question"], row["statement"], row["round"]) for row in (first, second)] == [
        ("I-1", "I-1.1", 1),
        ("I-1", "I-1.1", 2),
    ]
    for row, given in ((first, FIRST), (second, SECOND)):
        ratings = [rating for rating in given if rating is not None]
        expected = summarise(ratings).as_json()["sensitivity"]
        assert {name: row[name] for name in expected} == expected
    assert second["highlight"]  # seven ratings are enough for RAM and too few for the formal consensus
    assert second["ram_classic"] == "in" and second["has_rcf_excluded_2"] == "none"


async def test_rounds_are_compared_over_those_who_rated_in_both() -> None:
    world = await make_story()
    (step,) = question(await content_of(world))["statements"][0]["steps"]
    pairs = [(one, two) for one, two in zip(FIRST, SECOND, strict=True) if one and two]
    expected = compare(*zip(*pairs, strict=True), read_protocol(world.assessment.protocol)).as_json()
    assert (step["from"], step["to"], step["pairs"], step["reworded"]) == (1, 2, 6, False)
    assert {name: step[name] for name in expected} == rounded(json.loads(json.dumps(expected)))
    assert step["next"] == "re_rate"


async def test_a_reworded_statement_and_few_pairs_have_no_stability() -> None:
    world = await make_story()
    last = await Vote.filter(kind="rating").order_by("-id").first()
    await Vote.filter(id=last.id).update(wording=2)
    (step,) = question(await content_of(world))["statements"][0]["steps"]
    assert (step["reworded"], step["stable"], step["scheibe_pct"]) == (True, None, None)
    await Vote.filter(id=last.id).update(wording=1)
    codes = await Pseudonym.filter(person_id__in=[each.id for each in world.experts[:2]])
    await Ballot.filter(vote_id=last.id, voter__in=[each.code for each in codes]).update(rating=None)
    (step,) = question(await content_of(world))["statements"][0]["steps"]
    assert (step["pairs"], step["reworded"], step["stable"]) == (4, False, None)


async def test_attrition_counts_whoever_was_entitled_and_answered_nothing() -> None:
    world = await make_story()
    statement = await world.question.statements.all().order_by("position").first()
    await rate(world, world.question, statement, world.experts, SECOND)
    content = await content_of(world)
    assert [each["absent"] for each in content["annex"]["attrition"]] == [0, 0, 0]
    last = await Vote.filter(kind="rating").order_by("-id").first()
    gone = await Pseudonym.filter(person_id__in=[each.id for each in world.experts[:2]])
    await Ballot.filter(vote_id=last.id, voter__in=[each.code for each in gone]).delete()
    third = (await content_of(world))["annex"]["attrition"][2]
    assert (third["group"], third["round"], third["eligible"], third["absent"]) == ("infection", 3, 7, 2)
    assert third["share"] == round(2 / 7, 6)
    assert third["leavers"] is None  # two ratings were left behind: they would show who thought what


async def test_enough_ratings_left_behind_are_compared_with_those_of_the_stayers() -> None:
    world = await make_story()
    statement = await world.question.statements.all().order_by("position").first()
    await rate(world, world.question, statement, world.experts[5:], SECOND[5:])
    found = (await content_of(world))["annex"]["attrition"][2]["leavers"]
    assert found["count"] == 5
    assert found["leavers"] == {"outside": 0, "ratings": 5} and found["stayers"]["ratings"] == 2


async def test_deviations_are_printed_and_mark_the_verdicts_they_touch() -> None:
    world = await make_story()
    content = await content_of(world)
    assert content["method"]["deviations"] == []
    assert not any(vote["deviation"] for vote in content["votes"])
    frozen = read_protocol(world.assessment.protocol).digest()
    await Assessment.filter(id=world.assessment.id).update(frozen_hash=frozen, protocol_frozen_at=NOW)
    last = await Vote.filter(kind="rating").order_by("-id").first()
    await Vote.filter(id=last.id).update(terms={**last.terms, "protocol_hash": "1" * 64})
    await ProtocolDeviation.create(
        assessment=world.assessment,
        key="comet.in_pct",
        old=70,
        new=75,
        reason="The guide was read again.",
        salt="0" * 64,
        by=world["secretariat"],
        at=NOW,
        hash_before=frozen,
        hash_after="1" * 64,
    )
    content = await content_of(world)
    (told,) = content["method"]["deviations"]
    assert (told["key"], told["old"], told["new"], told["by"]) == (
        *("comet.in_pct", 70, 75),
        "Secretary",
    )
    assert content["method"]["frozen_hash"] == frozen
    rounds = question(content)["statements"][0]["rounds"]
    assert [one["deviation"] for one in rounds] == [False, True]
    page = render.standalone_html(content, "en")
    assert "The guide was read again." in page and "Deviations from the frozen protocol" in page


async def test_a_statement_tells_where_it_came_from_and_why_it_was_withdrawn() -> None:
    world = await make_story()
    first, second = await Statement.filter(question=world.question).order_by("position")
    await StatementOrigin.create(statement=second, parent=first, how="split", at=NOW)
    await Statement.filter(id=first.id).update(
        state="withdrawn", withdrawn_at=NOW, withdrawn_reason="Two in one."
    )
    content = await content_of(world)
    parent, child = question(content)["statements"]
    assert (parent["into"], parent["from"]) == ([{"code": "I-1.2", "how": "split"}], [])
    assert (child["from"], child["withdrawn"]) == ([{"code": "I-1.1", "how": "split"}], None)
    assert parent["withdrawn"]["reason"] == "Two in one." and parent["rounds"]
    page = render.standalone_html(content, "en")
    assert "split from I-1.1" in page and "split into I-1.2" in page and "Two in one." in page


async def test_of_a_repeated_vote_both_stand_and_the_later_one_counts() -> None:
    world = await make_story()
    first, second = await Vote.filter(kind="rating").order_by("id")
    await Vote.filter(id=second.id).update(
        round=1, replaces_id=first.id, replaces_reason="The hall lost power."
    )
    content = await content_of(world)
    found = question(content)["statements"][0]
    assert [one["vote"] for one in found["rounds"]] == [second.id] and found["steps"] == []
    assert [row["vote"] for row in content["annex"]["rows"]] == [second.id]
    one, other, _ = content["votes"]
    assert (one["repeated_by"], other["replaces"]["reason"]) == (second.id, "The hall lost power.")
    assert {each.rating for each in (await ratings_of(world.assessment)).answers} == set(SECOND)
    assert "The hall lost power." in render.standalone_html(content, "en")

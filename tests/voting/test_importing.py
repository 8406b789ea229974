"""Ratings from a file: a counted round of a panel nobody here knows, the whole of it or nothing."""

import json
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deliberate.assessments.models import Assessment
from deliberate.cli import app
from deliberate.consensus.summary import summarise
from deliberate.errors import NotFound, Refused
from deliberate.live.models import Entry
from deliberate.people.actions import CONSOLE
from deliberate.questions.models import Statement
from deliberate.voting.importing import Loaded, RatingsInvalid, Source, import_ratings, plan_import
from deliberate.voting.models import Ballot, RollEntry, Round, Vote
from tests.analyse.sheets import workbook
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world
from tests.voting.votes import open_vote

FIRST = (7, 8, 8, 9, 3, 7, 8)
SECOND = (8, 8, 8, 9, 7, 7, 7)
ROWS = [
    ["rater", "I-1.1", "I-1.2"],
    *([f"Mrs {name}", rating, 5] for name, rating in zip("ABCDEFG", FIRST, strict=True)),
]
WIDE = "\n".join(",".join(map(str, row)) for row in ROWS).encode()
LONG = b"rater,item,rating,round\nMrs A,I-1.1,8,2\nMrs B,I-1.1,NSP,2\nMrs C,I-1.1,,2\nMrs A,I-1.1,1,1\n"


async def load(world: World, content: bytes = WIDE, number: int = 1, name: str = "panel.csv") -> Loaded:
    return await import_ratings(world.assessment, Source(name, content, number), world["secretariat"])


async def everything() -> list[int]:
    return [await table.all().count() for table in (Vote, Ballot, Round, Entry)]


@pytest.mark.usefixtures("database")
async def test_a_file_becomes_a_closed_and_counted_round_of_confidential_ratings() -> None:
    world = await make_world()
    assert await load(world) == Loaded(votes=2, ballots=14, again=False)
    vote, other = await Vote.all().order_by("id").prefetch_related("rating_round")
    assert (vote.state, vote.mode, vote.kind, vote.round, vote.entitled) == (
        *("counted", "confidential", "rating"),
        *(1, 7),
    )
    assert vote.result == {**summarise(FIRST).as_json(), "cast": 7, "entitled": 7} | {
        "primary": vote.result["primary"]
    }
    assert vote.text["en"] == "Statement I-1.1" and vote.gate == f"question-{world.question.id}"
    assert vote.rating_round.number == 1 and vote.rating_round_id == other.rating_round_id
    assert await RollEntry.all().count() == 0
    entries = [entry.kind for entry in await Entry.filter(topic=f"vote-{vote.id}").order_by("number")]
    assert entries == ["vote_imported", "vote_closed", "vote_counted"]


@pytest.mark.usefixtures("database")
async def test_the_file_is_named_in_terms_and_journal_and_its_raters_nowhere() -> None:
    world = await make_world()
    await load(world)
    vote = await Vote.all().order_by("id").first()
    assert vote and vote.terms["imported"]["file"] == "panel.csv"
    assert vote.terms["imported"]["sha256"] == sha256(WIDE).hexdigest()
    entry = await Entry.get(topic=f"vote-{vote.id}", kind="vote_imported")
    assert json.loads(entry.body)["details"]["file"] == sha256(WIDE).hexdigest()
    stored = json.dumps(
        [await Vote.all().values("terms", "result"), await Ballot.all().values("voter", "key")]
    )
    stored += "".join([entry.body for entry in await Entry.all()])
    assert "Mrs" not in stored
    assert len({each.voter for each in await Ballot.filter(vote_id=vote.id)}) == 7


@pytest.mark.usefixtures("database")
async def test_the_same_file_again_changes_nothing() -> None:
    world = await make_world()
    await load(world)
    before = await everything()
    assert await load(world) == Loaded(votes=2, ballots=0, again=True)
    assert await everything() == before


@pytest.mark.usefixtures("database")
async def test_a_rater_of_two_files_is_one_rater() -> None:
    world = await make_world()
    await load(world)
    await load(world, WIDE.replace(b",3,", b",7,"), 2)
    first, second = await Vote.filter(
        subject__endswith=f"-{(await Vote.all().order_by('id').first()).subject[10:]}"
    ).order_by("id")
    voters = [{each.voter for each in await Ballot.filter(vote_id=vote.id)} for vote in (first, second)]
    assert voters[0] == voters[1]


@pytest.mark.usefixtures("database")
async def test_a_round_of_a_long_file_is_taken_out_with_its_gaps() -> None:
    world = await make_world()
    await load(world, LONG, 2)
    (vote,) = await Vote.all()
    assert vote.result and [vote.result[name] for name in ("n", "nsp", "missing")] == [1, 1, 1]
    assert (vote.round, await Ballot.filter(rating=None).count()) == (2, 1)
    with pytest.raises(Refused, match=r"no round 3\. Its rounds are: 1, 2"):
        await load(world, LONG, 3)


@pytest.mark.usefixtures("database")
async def test_a_workbook_says_the_same_as_the_csv() -> None:
    world = await make_world()
    plan = await plan_import(world.assessment, Source("panel.xlsx", workbook(ROWS), 1))
    assert [each.answers for each in plan.put] == [bytes(FIRST), bytes([5] * 7)]


@pytest.mark.usefixtures("database")
async def test_groups_of_stakeholders_in_the_file_stand_beside_each_other() -> None:
    world = await make_world()
    lines = [
        f"{'patients' if place < 5 else 'doctors'}{place},I-1.1,8,{'patients' if place < 5 else 'doctors'}"
        for place in range(10)
    ]
    await load(world, "\n".join(["rater,item,rating,group", *lines]).encode())
    (vote,) = await Vote.all()
    assert vote.result and {name: told["comet"] for name, told in vote.result["groups"].items()} == {
        "patients": "in",
        "doctors": "in",
    }


BAD = b"rater,I-1.1,I-1.2\nA,7,11\nB,x,5\nA,7,7\n"


@pytest.mark.usefixtures("database")
async def test_a_bad_file_is_told_line_by_line_and_nothing_of_it_is_loaded() -> None:
    world = await make_world()
    before = await everything()
    with pytest.raises(RatingsInvalid) as bad:
        await load(world, BAD)
    assert [each.line for each in bad.value.found] == [2, 3, 4]
    with pytest.raises(RatingsInvalid) as unknown:
        await load(world, b"rater,item,rating\nA,I-1.1,7\nA,Z-9,7\nB,Z-9,7\n")
    assert [(each.line, "Z-9" in each.message) for each in unknown.value.found] == [(3, True)]
    assert await everything() == before


@pytest.mark.usefixtures("database")
async def test_a_round_is_loaded_once_in_order_and_not_while_it_is_being_rated() -> None:
    world = await make_world()
    await load(world, number=2)
    for number in (1, 2):
        with pytest.raises(Refused, match=r"or a later one already: I-1\.1, I-1\.2"):
            await load(world, WIDE + b"\nMrs H,5,5", number)
    statement = (await Vote.all().order_by("id").first()).subject
    await open_vote(world, subject=statement)
    with pytest.raises(Refused, match=r"being rated now: I-1\.1\."):
        await load(world, number=3, content=WIDE + b"\n")


@pytest.mark.usefixtures("database")
async def test_only_the_secretariat_of_the_assessment_loads_a_file() -> None:
    world = await make_world()
    for persona in ("chair", "expert", "foreign_secretariat"):
        with pytest.raises(NotFound):
            await import_ratings(world.assessment, Source("panel.csv", WIDE, 1), world[persona])
    assert await Vote.all().count() == 0
    assert (await import_ratings(world.assessment, Source("panel.csv", WIDE, 1), CONSOLE)).votes == 2


async def test_what_was_shown_is_what_is_loaded(server: Any) -> None:
    world = await make_world()
    browser = await browser_of(server, world["secretariat"])
    here = f"/a/{world.assessment.slug}/ratings"
    upload = {"file": ("../<b>panel.csv", WIDE, "text/csv")}
    shown = await browser.post(f"{here}/preview", files=upload, data={"round": "1"})
    assert shown.status_code == 200 and "Nothing is loaded yet." in shown.text
    assert "&lt;b&gt;panel.csv" in shown.text and "<b>panel" not in shown.text
    assert await Vote.all().count() == 0
    assert f'action="{here}/import"' in shown.text
    form = {name: hidden(shown.text, name) for name in ("name", "round", "content")}
    done = (await browser.post(f"{here}/import", data=form, headers=JSON)).json()
    assert (done["votes"], done["ballots"], done["again"]) == (2, 14, False)
    assert (await browser.post(f"{here}/import", data=form, headers=JSON)).json()["again"] is True
    page = (await browser.get(here)).text
    assert "imported" in page and page.count('data-label="Q1"') == 2
    told = (await browser.get(here, headers=JSON)).json()["ratings"]
    assert [(row["code"], row["median"], row["imported"]) for row in told] == [
        ("I-1.1", 8, True),
        ("I-1.2", 5, True),
    ]


async def test_the_page_lists_what_to_correct_in_the_language_of_its_reader(server: Any) -> None:
    world = await make_world()
    browser = await browser_of(server, world["secretariat"])
    here = f"/a/{world.assessment.slug}/ratings"
    answer = await browser.post(
        f"{here}/preview", files={"file": ("b.csv", BAD, "text/csv")}, data={"round": "1"}
    )
    assert answer.status_code == 422
    assert "&#39;11&#39; for I-1.2 is not a rating." in answer.text and "A already has a row" in answer.text
    browser.cookies.set("language", "fr", domain="127.0.0.1")
    answer = await browser.post(
        f"{here}/preview", files={"file": ("b.csv", BAD, "text/csv")}, data={"round": "1"}
    )
    assert "n’est pas une cotation" in answer.text and "is not a rating" not in answer.text


async def test_a_file_changed_between_the_steps_is_refused(server: Any) -> None:
    world = await make_world()
    browser = await browser_of(server, world["secretariat"])
    here = f"/a/{world.assessment.slug}/ratings"
    for content in ("", "!", "AAAA"):
        answer = await browser.post(
            f"{here}/import", data={"name": "a.csv", "round": "1", "content": content}
        )
        assert answer.status_code == 422 and "lost on its way" in answer.text
    assert (await browser.post(f"{here}/preview", data={"round": "1"})).status_code == 422
    assert await Vote.all().count() == 0


def hidden(page: str, name: str) -> str:
    return unescape(page.partition(f'name="{name}" value="')[2].partition('"')[0])


SMALL = Path(__file__).parents[1] / "rehearsal" / "small.toml"


def test_the_command_loads_a_round_and_tells_a_bad_file_line_by_line(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(b"rater,I-1.1\nA,7\nB,8\n")
    bad.write_bytes(b"rater,I-1.1\nA,77\n")

    def run(file: Path, *options: str) -> Result:
        runner = CliRunner(env={"DELIBERATE_DATA_DIR": str(tmp_path / "data")})
        return runner.invoke(app, ["import", str(file), *options])

    assert run(tmp_path / "nowhere.csv").exit_code == 1
    assert "--assessment SLUG --round N" in run(good).stderr
    slug = run(SMALL).stdout.partition(":")[0]
    assert "no assessment nowhere" in run(good, "--assessment", "nowhere", "--round", "1").stderr
    named = ("--assessment", slug, "--round", "1")
    told = run(bad, *named)
    assert (told.exit_code, f"{bad}:2:" in told.stderr) == (1, True)
    assert "round 1 of 1 statements, 2 answers" in run(good, *named).stdout
    assert "already loaded" in run(good, *named).stdout


@pytest.mark.usefixtures("database")
async def test_ratings_that_are_no_columns_of_a_grid_are_refused() -> None:
    world = await make_world()
    await Assessment.filter(id=world.assessment.id).update(protocol={"method": "GRADE_GRID"})
    await world.assessment.refresh_from_db()
    with pytest.raises(Refused, match=r"columns are 1 to 5\. Correct: I-1\.1\."):
        await load(world)
    assert (await load(world, b"rater,I-1.1\nA,1\nB,2\nC,1\nD,1\nE,1\n")).votes == 1


async def test_the_page_of_the_vote_says_that_it_was_imported(server: Any) -> None:
    world = await make_world()
    await load(world)
    vote = await Vote.all().order_by("id").first()
    assert vote
    page = await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}")
    assert "given elsewhere, by a panel of 7" in page.text


@pytest.mark.usefixtures("database")
async def test_a_statement_that_is_withdrawn_takes_no_round_from_a_file() -> None:
    world = await make_world()
    await Statement.filter(code="I-1.2").update(state="withdrawn")
    with pytest.raises(Refused, match=r"I-1\.2 is withdrawn"):
        await load(world)
    assert (await Vote.all().count(), await Ballot.all().count()) == (0, 0)


@pytest.mark.usefixtures("database")
async def test_the_stop_rule_decides_on_a_statement_rated_elsewhere_too() -> None:
    world = await make_world()
    await load(world)
    states = Statement.filter(question=world.question).order_by("position").values_list("state", flat=True)
    assert await states == ["to_discuss", "to_discuss"]
    assert {vote.decision for vote in await Vote.all()} == {"to_discuss"}

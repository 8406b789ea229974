"""Ratings as files: they read back, recompute the annex, name nobody, and hold no formula."""

import csv
import json
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from deliberate.consensus.analysis import analyse
from deliberate.consensus.protocol import read_protocol
from deliberate.consensus.ratings_bytes import table_in
from deliberate.consensus.sensitivity import NAMES
from deliberate.questions.models import Statement
from deliberate.voting.exporting import (
    Answer,
    Ratings,
    csv_chunks,
    long_rows,
    ratings_of,
    wide_rows,
    xlsx_bytes,
)
from deliberate.voting.importing import Source, import_ratings
from deliberate.voting.models import Pseudonym
from tests.people.helpers import JSON, browser_of
from tests.record.story import FIRST, SECOND, make_story, opened, rate
from tests.record.test_compile import content_of
from tests.support.builders import World, make_world

FORMULA = "=1+1"
MADE = Ratings(
    "f" * 64, [Answer("R1.1", 1, FORMULA, 7), Answer("R1.2", 1, FORMULA, None), Answer("R1.1", 2, "s", 9)]
)


def test_every_form_reads_back_as_the_same_table() -> None:
    plain = Ratings(
        MADE.protocol,
        [Answer(each.rater, each.round, f"i{each.item[-1]}", each.rating) for each in MADE.answers],
    )
    tables = [
        table_in(content)
        for rows in (long_rows, wide_rows)
        for content in (b"".join(csv_chunks(rows(plain))), xlsx_bytes(rows(plain)))
    ]
    assert tables[0].rounds == {
        "1": [bytes([7, 255]), bytes([0, 255])],
        "2": [bytes([255, 9]), bytes([255, 255])],
    }
    assert all(analyse(table)["items"] == analyse(tables[0])["items"] for table in tables)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula_in_any_spreadsheet(start: str) -> None:
    item = f"{start}cmd|' /C calc'!A1"
    ratings = Ratings(f"{start}x", [Answer(item, 1, item, 7)])
    for rows in (long_rows, wide_rows):
        read = csv.reader(StringIO(b"".join(csv_chunks(rows(ratings))).decode("utf-8-sig"), newline=""))
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in read for cell in row)
        sheet = load_workbook(BytesIO(xlsx_bytes(rows(ratings)))).worksheets[0]
        kinds = {(type(cell.value), cell.data_type) for row in sheet.iter_rows() for cell in row}
        assert kinds == {(str, "s"), (int, "n")}


def test_a_large_file_leaves_in_pieces() -> None:
    many = Ratings("f" * 64, [Answer(f"R1.{rater}", 1, "s", 5) for rater in range(2000)])
    chunks = list(csv_chunks(long_rows(many)))
    assert len(chunks) > 3 and b"".join(chunks).count(b"\n") == 2001


@pytest.mark.usefixtures("database")
async def test_the_annex_of_the_record_is_computed_again_from_file_and_frozen_protocol() -> None:
    """METHODS.md B9."""
    world = await make_story()
    record = await content_of(world)
    for rows in (long_rows, wide_rows):
        text = b"".join(csv_chunks(rows(await ratings_of(world.assessment))))
        assert world.assessment.protocol_hash.encode() in text
        again = analyse(table_in(text), read_protocol(record["method"]["protocol"]))
        found = {
            (item["item"], each["number"]): item["sensitivity"]
            for each in again["rounds"]["by_round"]
            for item in each["items"]
        }
        assert found == {
            (row["statement"], row["round"]): {name: row[name] for name in NAMES}
            for row in record["annex"]["rows"]
        }
        (step,) = again["rounds"]["steps"]
        (told,) = record["questions"][0]["statements"][0]["steps"]
        assert (step["items"][0]["scheibe_pct"], step["items"][0]["stable"]) == (
            pytest.approx(told["scheibe_pct"], abs=1e-6),
            told["stable"],
        )


@pytest.mark.usefixtures("database")
async def test_only_what_is_counted_leaves_and_under_names_made_for_the_file() -> None:
    world = await make_story()
    statement = await Statement.filter(question=world.question).order_by("-position").first()
    assert statement
    await opened(world, world.question, f"statement-{statement.id}", "rating", "confidential", world.experts)
    ratings = await ratings_of(world.assessment)
    given = [(each.round, each.rating or 10) for each in ratings.answers]
    told = [(number, rating or 10) for number, row in ((1, FIRST), (2, SECOND)) for rating in row]
    assert sorted(given) == sorted(told)
    text = b"".join(csv_chunks(long_rows(ratings))).decode()
    codes = await Pseudonym.all().values_list("code", flat=True)
    assert codes and not any(code in text for code in codes)
    assert not any(person.name in text for person in world.experts)
    assert "Outside my field." not in text


@pytest.mark.usefixtures("database")
async def test_whoever_misses_a_round_is_not_found_by_the_name_that_is_missing() -> None:
    world = await make_story()
    statement = await Statement.filter(question=world.question).order_by("position").first()
    assert statement
    await rate(world, world.question, statement, world.experts[:6], SECOND[:6])
    names = [
        {each.rater for each in (await ratings_of(world.assessment)).answers if each.round == number}
        for number in (1, 2, 3)
    ]
    assert names[0] == names[1] and not names[2] & names[0]


@pytest.mark.usefixtures("database")
async def test_fewer_than_five_ratings_do_not_leave() -> None:
    world = await make_world(experts=5)
    statement = await Statement.filter(question=world.question).order_by("position").first()
    assert statement
    await rate(world, world.question, statement, world.experts[:4], (7, 8, 8, 9))
    assert not (await ratings_of(world.assessment)).answers


async def test_the_secretariat_downloads_the_ratings_of_a_group_with_the_protocol(server: Any) -> None:
    world = await rated()
    browser = await browser_of(server, world["secretariat"])
    here = f"/a/{world.assessment.slug}/ratings"
    for form in ("long", "wide"):
        for kind in ("csv", "xlsx"):
            answer = await browser.get(f"{here}/{form}.{kind}?group=infection")
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert len(table_in(answer.content).raters) == 7
    empty = await browser.get(f"{here}/long.csv?group=pharmacology")
    assert empty.text.count("\n") == 1
    protocol = (await browser.get(f"{here}/protocol.json")).content
    assert sha256(protocol).hexdigest() == read_protocol(json.loads(protocol)).digest()
    for wrong in ("short.csv", "long.pdf", "long.csv?group=nowhere"):
        assert (await browser.get(f"{here}/{wrong}", headers=JSON)).status_code == 404


async def rated() -> World:
    world = await make_world()
    rows = "\n".join(f"M{place},{rating},5" for place, rating in enumerate((*FIRST[:5], 7, 7)))
    source = Source("panel.csv", f"rater,I-1.1,I-1.2\n{rows}".encode(), 1)
    await import_ratings(world.assessment, source, world["secretariat"])
    return world

"""Ratings as files: CSV and XLSX, long and wide, that `deliberate analyse` reads again. Reads only.

What leaves was counted before, under names made for the file, and never fewer ratings than may be shown. With
the frozen protocol, whose hash stands in each row, anybody computes the annex of the record again
(METHODS.md B9).
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any, Final

from deliberate.assessments.models import Assessment
from deliberate.questions.models import Statement
from deliberate.voting.models import Ballot, Vote
from deliberate.voting.results import shows_statistics
from deliberate.voting.rules import VoteKind, VoteState
from deliberate.voting.terms import Terms

Row = dict[str, Any]
Cell = str | int | None
CANNOT_JUDGE: Final = 10  # sorts behind every rating
NSP: Final = "NSP"
LIVE_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Answer:
    """One ballot of one round. `rating` is None for whoever could not judge."""

    rater: str
    round: int
    item: str
    rating: int | None


@dataclass(frozen=True)
class Ratings:
    """All answers of an assessment that may leave it, and the hash of the protocol they were given under."""

    protocol: str
    answers: Sequence[Answer]


async def ratings_of(assessment: Assessment, group_id: int | None = None) -> Ratings:
    """The counted ratings of a group, or of all; in an order that tells nothing of who or when."""
    of_group = {} if group_id is None else {"group_id": group_id}
    votes = await Vote.filter(
        assessment_id=assessment.id, kind=VoteKind.RATING, state=VoteState.COUNTED, **of_group
    ).order_by("id")
    repeated = {vote.replaces_id for vote in votes}  # they stay in the record, the later ones count
    votes = [vote for vote in votes if vote.id not in repeated]
    shown = [vote for vote in votes if shows_statistics(vote.kind, vote.mode, vote.result or {}, terms(vote))]
    rows = Ballot.filter(vote_id__in=[vote.id for vote in shown], set_aside=False)
    ballots: dict[int, list[Row]] = {vote.id: [] for vote in shown}
    for row in await rows.values("vote_id", "voter", "rating", "choice"):
        ballots[row["vote_id"]].append(row)
    told = [{"id": vote.id, "gate": vote.gate, "subject": vote.subject} for vote in shown]
    names, codes = record_names(told, ballots), await item_names(assessment.id)
    answers = [
        Answer(names[vote.id, row["voter"]], vote.round, codes[vote.subject], row["rating"])
        for vote in shown
        for row in ballots[vote.id]
        if vote.subject in codes
    ]
    return Ratings(assessment.protocol_hash, in_order(answers))


def terms(vote: Vote) -> Terms:
    return Terms.read(vote.terms)


async def item_names(assessment_id: int) -> dict[str, str]:
    """Subject -> the code of the statement, with its question before it where two questions use the same."""
    rows = await Statement.filter(question__assessment_id=assessment_id).values(
        "id", "code", "question__code"
    )
    often = Counter(row["code"] for row in rows)
    return {
        f"statement-{row['id']}": row["code"]
        if often[row["code"]] == 1
        else f"{row['question__code']} {row['code']}"
        for row in rows
    }


def in_order(answers: Iterable[Answer]) -> list[Answer]:
    """By round, item and name; the names were numbered by the ratings themselves."""
    return sorted(answers, key=lambda each: (each.round, each.item, len(each.rater), each.rater))


def record_names(
    votes: Sequence[Mapping[str, Any]], ballots: Mapping[int, Sequence[Row]]
) -> dict[tuple[int, str], str]:
    """(vote, pseudonym) -> R1.1, R1.2, …: numbered by what is published of them, so that names add nothing
    to it.

    A name holds for the votes on one question in which exactly the same members took part, and for nothing
    beyond. Otherwise whoever is missing from some of them would be the member whom the roll, by name, calls
    recused or absent.
    """
    series: dict[tuple[str, frozenset[str]], list[Mapping[str, Any]]] = {}
    for vote in votes:
        voters = frozenset(row["voter"] for row in ballots[vote["id"]])
        series.setdefault((vote["gate"] or vote["subject"], voters), []).append(vote)
    names: dict[tuple[int, str], str] = {}
    for place, ((_, voters), own) in enumerate(series.items(), 1):
        said: dict[str, list[Any]] = {voter: [] for voter in voters}
        for row in (row for vote in own for row in ballots[vote["id"]]):
            said[row["voter"]].append((row["rating"] or CANNOT_JUDGE, row["choice"] or ""))
        for number, voter in enumerate(sorted(said, key=lambda voter: said[voter]), 1):
            names.update({(vote["id"], voter): f"R{place}.{number}" for vote in own})
    return names


# As tables


def long_rows(ratings: Ratings) -> Iterator[list[Cell]]:
    """A row per answer."""
    yield ["rater", "item", "rating", "round", "protocol"]
    for each in ratings.answers:
        yield [each.rater, each.item, said(each), each.round, ratings.protocol]


def wide_rows(ratings: Ratings) -> Iterator[list[Cell]]:
    """A row per rater and round, a column per item; empty where that round did not put it to them."""
    items = list(dict.fromkeys(sorted(each.item for each in ratings.answers)))
    yield ["rater", "round", "protocol", *items]
    given: dict[tuple[int, str], dict[str, Cell]] = {}
    for each in ratings.answers:
        given.setdefault((each.round, each.rater), {})[each.item] = said(each)
    for (number, rater), answers in sorted(
        given.items(), key=lambda one: (one[0][0], len(one[0][1]), one[0][1])
    ):
        yield [rater, number, ratings.protocol, *(answers.get(item) for item in items)]


def said(answer: Answer) -> Cell:
    return NSP if answer.rating is None else answer.rating


FORMS: Final = {"long": long_rows, "wide": wide_rows}


# As files


def harmless(cell: Cell) -> Cell:
    """What a spreadsheet would run as a formula gets an apostrophe before it (TRUST.md 20)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(LIVE_FORMULA) else cell


def csv_chunks(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file in pieces: a large panel is never whole in memory. UTF-8 with its mark, for spreadsheets."""
    text = StringIO()
    lines = csv.writer(text)
    text.write("\ufeff")
    for number, row in enumerate(rows, 1):
        lines.writerow([harmless(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def xlsx_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet: names as text, ratings as numbers, no formula whatever a name says."""
    from openpyxl import Workbook  # here: loading it takes an eighth of the time a server needs to start

    book = Workbook(write_only=True)
    sheet = book.create_sheet("ratings")
    for row in rows:
        sheet.append([written(sheet, harmless(cell)) for cell in row])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def written(sheet: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would make a formula of "=…"
    return cell

"""The ratings of an assessment for its secretariat: results by round, files out, files in by two steps.

A file is read first and shown as what it would become; only what was shown is loaded, whole or not at all.
"""

import asyncio
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple

import rfc8785
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deliberate.assessments.models import Assessment, assessment_called, groups_of, place_of
from deliberate.assessments.rules import check_is_secretariat, wrong
from deliberate.assessments.standing import standing_in
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import N_, NotFound, Refusal
from deliberate.live.journal import last_number
from deliberate.questions.models import Statement
from deliberate.voting import exporting
from deliberate.voting.importing import (
    LARGEST_ROUND,
    Plan,
    RatingsInvalid,
    Source,
    import_ratings,
    origin_of,
    plan_import,
)
from deliberate.voting.models import Vote
from deliberate.voting.results import shows_statistics
from deliberate.voting.rules import VoteKind, VoteState
from deliberate.voting.terms import Terms
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, parsed, read
from deliberate.web.i18n import _, ngettext, sentence
from deliberate.web.numbers import number
from deliberate.web.routing import page
from deliberate.web.slots import NavItem

PER_PAGE: Final = 50
LARGEST_BYTES: Final = 20_000_000  # unpacked, of a file on its way from one step to the next
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def prepared(request: Request) -> Assessment:
    """The assessment, for its secretariat; NotFound for everybody else."""
    assessment = await assessment_called(request.path_params["slug"])
    check_is_secretariat(await place_of(request.user.id, assessment.id))
    return assessment


async def show_ratings(
    request: Request,
    refusal: Refusal | None = None,
    typed: Any = None,
    source: Source | None = None,
    plan: Plan | None = None,
) -> Response:
    assessment = await prepared(request)
    votes = await counted_ratings(assessment.id)
    pages = max(1, -(-len(votes) // PER_PAGE))
    here = min(max(asked_number(request), 1), pages)
    found = refusal.found if isinstance(refusal, RatingsInvalid) else []
    context = {
        "assessment": assessment,
        "standing": await standing_in(request, await place_of(request.user.id, assessment.id)),
        "rows": await results_of(votes[PER_PAGE * (here - 1) : PER_PAGE * here]),
        "page": here,
        "pages": pages,
        "groups": [
            group for group in await groups_of(assessment.id) if group.id in {v.group_id for v in votes}
        ],
        "next_round": next_round(votes),
        "largest_round": LARGEST_ROUND,
        "found": [(each.line, sentence(Refusal(each.msgid, **each.places))) for each in found],
        "heading": sentence(refusal) if found and refusal else "",
        "source": source,
        "plan": plan,
        "packed": packed(source.content) if source and plan and not plan.again else "",
        "after": await last_number(assessment.id),
        "figure": number,
    }
    shown = None if found else refusal
    facts = {"ratings": [told(row) for row in context["rows"]]}
    response = render(request, "voting/ratings.html", context, refusal=shown, typed=typed, facts=facts)
    response.status_code = refusal.status if refusal else 200
    return response


def asked_number(request: Request) -> int:
    asked = request.query_params.get("page", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1


class Counted(NamedTuple):
    """What the whole list is ordered and counted by; the results are read for those of one page."""

    id: int
    group_id: int
    round: int


async def counted_ratings(assessment_id: int) -> list[Counted]:
    votes = Vote.filter(assessment_id=assessment_id, kind=VoteKind.RATING, state=VoteState.COUNTED)
    rows = await votes.order_by("group_id", "round", "id").values_list(
        "id", "group_id", "round", "replaces_id"
    )
    repeated = {replaced for *_, replaced in rows}
    return [Counted(*row) for *row, _ in rows if row[0] not in repeated]


def next_round(votes: list[Counted]) -> int:
    """What is proposed to a file: the round after the last one."""
    return min(LARGEST_ROUND, 1 + max((vote.round for vote in votes), default=0))


async def results_of(counted: list[Counted]) -> list[dict[str, Any]]:
    """One row for each round of each statement; the figures of the common summary where they are shown."""
    held = {vote.id: vote for vote in await Vote.filter(id__in=[each.id for each in counted])}
    votes = [held[each.id] for each in counted]
    ids = [int(vote.subject[10:]) for vote in votes if vote.subject.startswith("statement-")]
    codes = dict(await Statement.filter(id__in=ids).values_list("id", "code"))
    return [
        {
            "vote": vote.id,
            "code": codes.get(int(vote.subject.rpartition("-")[2]), ""),
            "round": vote.round,
            "imported": origin_of(vote),
            "result": vote.result or {},
            "shown": shows_statistics(vote.kind, vote.mode, vote.result or {}, Terms.read(vote.terms)),
        }
        for vote in votes
    ]


def told(row: dict[str, Any]) -> dict[str, Any]:
    figures = row["result"] if row["shown"] else {}
    return {
        **{name: row[name] for name in ("vote", "code", "round")},
        "imported": row["imported"] is not None,
        **{name: figures.get(name) for name in ("n", "median", "q1", "q3", "primary")},
    }


# Files out


async def send_ratings(request: Request) -> Response:
    """The counted ratings of a group, or of all, as `long.csv`, `wide.csv`, `long.xlsx` or `wide.xlsx`."""
    assessment = await prepared(request)
    code = request.query_params.get("group")
    groups = {group.code: group.id for group in await groups_of(assessment.id)}
    if code is not None and code not in groups:
        raise NotFound()
    form, kind = request.path_params["form"], request.path_params["kind"]
    ratings = await exporting.ratings_of(assessment, groups.get(code) if code else None)
    return await sent_file(ratings, form, kind, "-".join(filter(None, [assessment.slug, code])))


async def sent_file(ratings: exporting.Ratings, form: str, kind: str, name: str) -> Response:
    """Named after the assessment and the first digits of its protocol's hash."""
    if form not in exporting.FORMS or kind not in TYPES:
        raise NotFound()
    rows = exporting.FORMS[form](ratings)
    file = f"{name}-ratings-{form}-{ratings.protocol[:12]}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    if kind == "csv":
        return StreamingResponse(exporting.csv_chunks(rows), media_type=TYPES[kind], headers=headers)
    content = await asyncio.to_thread(exporting.xlsx_bytes, rows)
    return Response(content, media_type=TYPES[kind], headers=headers)


async def send_protocol(request: Request) -> Response:
    """The parameters in force, in the form whose SHA-256 is the hash of the protocol."""
    assessment = await prepared(request)
    return json_file(read_protocol(assessment.protocol).canonical(), f"{assessment.slug}-protocol")


def json_file(content: Mapping[str, Any], name: str) -> Response:
    """Canonical (RFC 8785), so that whoever has the file can work out its hash."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"', "Cache-Control": "no-store"}
    return Response(rfc8785.dumps(dict(content)), media_type="application/json", headers=headers)


# Files in


class RoundForm(BaseModel):
    round: Annotated[int, Field(ge=1, le=LARGEST_ROUND)]
    name: Annotated[str, Field(max_length=200)] = ""


@again(show_ratings)
async def preview_import(request: Request) -> Response:
    """The first step: what the file says, what would become of it, or every reason why nothing can."""
    assessment = await prepared(request)
    file = (await parsed(request)).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise wrong("file", "Choose a file.")
    form = await read(request, RoundForm)
    source = Source(shown_name(file.filename), await file.read(), form.round)
    return await show_ratings(request, source=source, plan=await plan_import(assessment, source))


@again(show_ratings)
async def confirm_import(request: Request) -> Response:
    """The second step: the very bytes that were shown."""
    assessment = await prepared(request)
    form = await read(request, RoundForm)
    content = unpacked(str((await parsed(request)).get("content") or ""))
    source = Source(shown_name(form.name), content, form.round)
    done = await import_ratings(assessment, source, request.user)
    words = ngettext(
        "{count} statement has its round {number}, with {ratings} answers.",
        "{count} statements have their round {number}, with {ratings} answers.",
        done.votes,
    ).format(count=done.votes, number=source.round, ratings=done.ballots)
    if done.again:
        words = _("This file is loaded already: nothing changed.")
    here = f"/a/{assessment.slug}/ratings"
    return see_other(request, here, flash=words, votes=done.votes, ballots=done.ballots, again=done.again)


def shown_name(name: str) -> str:
    """The name of a file without its folders and without what cannot be read."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in bare if letter.isprintable())[:200]


def packed(content: bytes) -> str:
    return b64encode(zlib.compress(content)).decode()


def unpacked(text: str) -> bytes:
    """What `packed` made, and not more than a file may hold.

    Raises:
        Invalid: it is something else.
    """
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(b64decode(text, validate=True), LARGEST_BYTES)
    except (NotBase64, ValueError, zlib.error):
        raise wrong("file", "The file was lost on its way. Choose it again.") from None
    if not content or not unpacker.eof:
        raise wrong("file", "The file was lost on its way. Choose it again.")
    return content


def may_look(standing: Any) -> bool:
    return bool(standing.secretariat)


OFFICE = {"secretariat"}
routes = [
    page("/a/{slug}/ratings", show_ratings, who=OFFICE),
    page("/a/{slug}/ratings/preview", preview_import, who=OFFICE, methods=["POST"]),
    page("/a/{slug}/ratings/import", confirm_import, who=OFFICE, methods=["POST"]),
    page("/a/{slug}/ratings/protocol.json", send_protocol, who=OFFICE),
    page("/a/{slug}/ratings/{form}.{kind}", send_ratings, who=OFFICE),
]
nav = NavItem(N_("Ratings"), "/ratings", may_look)

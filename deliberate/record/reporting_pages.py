"""The reporting checklist as the secretariat fills it: all 35 items at a glance, and one item at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, assessment_called
from deliberate.consensus.accord import ITEMS, Filled, Item
from deliberate.errors import N_, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.record import reporting_actions, rules
from deliberate.record.content.reported import KNOWN
from deliberate.record.content.reporting import Pair, filled
from deliberate.record.models import Record, ReportingText, newest_of, reporting_texts
from deliberate.record.render import reporting_of
from deliberate.record.rules import RecordState, ReportingKind
from deliberate.record.view import FILLED_WORDS
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page

EXPECTED = "expected"  # the facts will say it once they are there; until then it is a gap all the same
WORDS = {**FILLED_WORDS, EXPECTED: N_("not yet in the facts")}
KIND_WORDS = {
    ReportingKind.WRITTEN: N_("State it"),
    ReportingKind.NOT_APPLICABLE: N_("It does not apply, for this reason"),
}


@dataclass(frozen=True)
class Line:
    """One item: what the last version took from the facts, and what is written now."""

    item: Item
    filled: str
    from_facts: Pair | None
    row: ReportingText | None

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def written(self) -> dict[str, str]:
        return self.row.text if self.row else {}


@dataclass(frozen=True)
class Checklist:
    assessment: Assessment
    standing: Standing
    newest: Record | None  # the version whose facts are shown
    lines: list[Line]

    @property
    def open(self) -> bool:
        """Whether it may still be written."""
        return self.newest is None or self.newest.state != RecordState.ADOPTED

    def lines_that_are(self, how: str) -> list[Line]:
        return [line for line in self.lines if line.filled == how]


async def read_checklist(request: Request) -> Checklist:
    """Raises NotFound for everybody but the secretariat."""
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    rules.check_prepares(standing)
    newest = await newest_of(assessment.id)
    told = await reporting_of(newest.id) if newest else None
    facts = {each["id"]: each["from_facts"] for each in told["items"]} if told else None
    rows = await reporting_texts(assessment.id)
    return Checklist(assessment, standing, newest, [line_of(item, facts, rows) for item in ITEMS])


def line_of(item: Item, facts: Mapping[str, Pair | None] | None, rows: Mapping[str, ReportingText]) -> Line:
    row, known = rows.get(item.id), facts.get(item.id) if facts else None
    found = filled(known, {"kind": row.kind, "text": row.text} if row else None)["filled"]
    waits = found == Filled.MISSING and item.id in KNOWN
    return Line(item, EXPECTED if waits else found, known, row)


async def show_checklist(request: Request) -> Response:
    checklist = await read_checklist(request)
    context = {**shared_context(checklist), "after": await last_number(checklist.assessment.id)}
    return render(request, "record/reporting.html", context, facts=told(checklist))


def shared_context(checklist: Checklist) -> dict[str, Any]:
    return {
        "assessment": checklist.assessment,
        "standing": checklist.standing,
        "checklist": checklist,
        "words": WORDS,
        "to_write": checklist.lines_that_are(Filled.MISSING),
        "expected": checklist.lines_that_are(EXPECTED),
    }


def told(checklist: Checklist) -> dict[str, Any]:
    return {
        "items": [
            {"id": line.item.id, "filled": line.filled, "version": line.version} for line in checklist.lines
        ],
        "missing": [line.item.id for line in checklist.lines if line.filled in (Filled.MISSING, EXPECTED)],
    }


async def show_item(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    rules.check_item(request.path_params["item"])
    checklist = await read_checklist(request)
    at = next(n for n, line in enumerate(checklist.lines) if line.item.id == request.path_params["item"])
    line = checklist.lines[at]
    context = {
        **shared_context(checklist),
        "line": line,
        "kinds": [(str(kind), _(word)) for kind, word in KIND_WORDS.items()],
        "before": checklist.lines[at - 1] if at else None,
        "following": checklist.lines[at + 1] if at + 1 < len(checklist.lines) else None,
        "after": await last_number(checklist.assessment.id),
    }
    facts = {"id": line.item.id, "filled": line.filled, "version": line.version, "text": line.written}
    return render(request, "record/reporting_item.html", context, refusal=refusal, typed=typed, facts=facts)


class ItemForm(BaseModel):
    kind: str = ReportingKind.WRITTEN
    text_fr: str = ""
    text_en: str = ""
    based_on: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


@again(show_item)
async def write_item(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    rules.check_prepares(await standing_of(request.user.id, assessment.id))
    form = await read(request, ItemForm)
    text = {"fr": form.text_fr, "en": form.text_en}
    # Two empty fields over a text take it back; over nothing they are a form sent too soon.
    kind = form.kind if any(text.values()) or not form.based_on else ReportingKind.WITHDRAWN
    item = request.path_params["item"]
    row = await reporting_actions.write_item(assessment.id, item, kind, text, form.based_on, request.user)
    words = {
        ReportingKind.WRITTEN: _("Item {item} is written. The next version of the record prints it."),
        ReportingKind.NOT_APPLICABLE: _("Item {item} does not apply. The next version prints the reason."),
        ReportingKind.WITHDRAWN: _("What was written for item {item} is taken back."),
    }
    flash = words[ReportingKind(row.kind)].format(item=item)
    return see_other(
        request, f"/a/{assessment.slug}/record/reporting#{item}", flash=flash, version=row.version
    )


routes = [
    page("/a/{slug}/record/reporting", show_checklist, who={"secretariat"}),
    page("/a/{slug}/record/reporting/{item}", show_item, who={"secretariat"}),
    page("/a/{slug}/record/reporting/{item}", write_item, who={"secretariat"}, methods=["POST"]),
]

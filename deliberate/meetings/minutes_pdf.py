"""The minutes as a PDF: the words of the page, as data for templates/meetings/minutes.typ."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from deliberate import logs
from deliberate.errors import NotFound
from deliberate.live.checkpoint import in_groups
from deliberate.live.journal import stamp
from deliberate.live.keeper import DamagedJournal, Keeper
from deliberate.meetings import minutes_rules
from deliberate.meetings.minutes_models import Minutes, MinutesCorrection
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.minutes_sight import checkpoint_for
from deliberate.meetings.minutes_words import Part, Section, Table, held_on
from deliberate.meetings.models import Meeting
from deliberate.settings import Settings
from deliberate.web.i18n import _, language, moment, t
from deliberate.web.pdf import blocks_of, breakable, make_pdf

MOST_KEPT = 32
log = logs.get(__name__)
_kept: OrderedDict[bytes, bytes] = OrderedDict()


class Shown(Protocol):
    """Minutes as a member sees them, or as everybody does."""

    @property
    def meeting(self) -> Meeting: ...
    @property
    def minutes(self) -> Minutes: ...
    @property
    def document(self) -> Mapping[str, Any]: ...
    @property
    def sections(self) -> list[Section]: ...
    @property
    def corrections(self) -> dict[str, list[MinutesCorrection]]: ...
    @property
    def state(self) -> str: ...
    @property
    def written_at(self) -> datetime | None: ...


async def pdf_of(sight: Shown, keeper: Keeper, settings: Settings) -> bytes:
    """The same bytes as long as nothing changes; of approved minutes for ever."""
    data = {
        **cover_of(sight, settings),
        "sections": [section_of(sight, section) for section in sight.sections],
        "seal": await seal_of(sight, keeper),
    }
    at = sight.written_at or sight.meeting.opened_at or sight.meeting.planned_at
    return await kept_pdf(data, at)


async def kept_pdf(data: Mapping[str, Any], at: datetime) -> bytes:
    """Made once for the same content: of published minutes anybody may ask for one, as often as they like."""
    content = hashlib.sha256(json.dumps([data, stamp(at)], sort_keys=True).encode()).digest()
    pdf = _kept.pop(content, None) or await make_pdf("meetings/minutes.typ", data, at=at)
    _kept[content] = pdf  # the last one asked for stays longest
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return pdf


def cover_of(sight: Shown, settings: Settings) -> dict[str, Any]:
    title = _("Minutes: {title}").format(title=t(sight.document["meeting"]["title"]))
    assessment = t(sight.meeting.assessment.title)
    return {
        "title": title,
        "running": f"{title}, {held_on(sight.document)}",
        "status": status_of(sight),
        "organisation": settings.organisation_name(language()),
        "language": language(),
        "kicker": f"{assessment} · {t(sight.meeting.group.name)}",
        "facts": [[_("State"), status_of(sight)], *approval_of(sight)],
    }


def status_of(sight: Shown) -> str:
    return _(minutes_rules.STATE_WORDS[MinutesState(sight.state)])


def approval_of(sight: Shown) -> list[list[str]]:
    minutes = sight.minutes
    if minutes.state not in minutes_rules.FROZEN:
        return []
    where = t(minutes.approved_in.title) if minutes.approved_in else _("by the chair")
    published = [[_("Published"), moment(minutes.published_at)]] if minutes.published_at else []
    return [
        [_("Approved"), f"{moment(minutes.approved_at)}, {where}"],
        [_("Entered by"), minutes.approved_by.name],
        *published,
    ]


def section_of(sight: Shown, section: Section) -> dict[str, Any]:
    corrections = [
        {
            "title": _("Correction of {at}").format(at=moment(row.at)),
            "facts": [[_("Entered by"), row.author.name]],
            "tables": [],
            "blocks": blocks_of(row.text, 4),
        }
        for row in sight.corrections.get(section.key, ())
    ]
    return {
        "title": section.title,
        "note": _("Not shown to you: you are recused from this item.")
        if section.hidden
        else section.withheld,
        "facts": pairs(section.facts),
        "tables": [table_of(table) for table in section.tables],
        "blocks": blocks_of(section.text),
        "parts": [*map(part_of, section.parts), *corrections],
    }


def part_of(part: Part) -> dict[str, Any]:
    tables = [table_of(table) for table in part.tables]
    return {
        "title": part.title,
        "facts": pairs(part.facts),
        "tables": tables,
        "blocks": blocks_of(part.text, 4),
    }


def pairs(facts: list[tuple[str, str]]) -> list[list[str]]:
    return [[name, breakable(value)] for name, value in facts]


def table_of(table: Table) -> dict[str, Any]:
    return {**asdict(table), "rows": [[breakable(cell) for cell in row] for row in table.rows]}


async def seal_of(sight: Shown, keeper: Keeper) -> dict[str, Any] | None:
    """The journal in one signed line: a rewritten past shows (TRUST.md section 3e)."""
    journal = sight.meeting.assessment_id
    found = await checkpoint_for(sight.minutes, journal)
    if found is None:
        try:
            await keeper.sign(journal)
        except (DamagedJournal, NotFound) as error:
            log.error("minutes without a checkpoint", journal=journal, reason=str(error))
            return None
        found = await checkpoint_for(sight.minutes, journal)
    if found is None:
        return None
    facts = [
        [_("Entries in the journal"), str(found.size)],
        [_("Fingerprint of the signing key"), in_groups(keeper.fingerprint)],
    ]
    if sight.minutes.entry is not None:
        facts.insert(0, [_("Entry of the approval"), str(sight.minutes.entry)])
    return {
        "title": _("The journal at this point"),
        "words": _(
            "Keep this page. It states how many entries the journal of this assessment had and what they "
            "add up to, signed with the key below. Whoever changes, removes or adds an earlier entry "
            "afterwards can be found out with it."
        ),
        "facts": facts,
        "checkpoint": found.note,
    }

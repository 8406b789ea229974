"""The texts of the reporting checklist: written by the secretariat, or come with the file of the assessment.

Versions are added, never changed; the journal holds a commitment to each.
"""

from collections.abc import Mapping

from deliberate.assessments.file import AssessmentFile
from deliberate.assessments.models import Assessment, Group
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.people.models import Person
from deliberate.record import rules
from deliberate.record.models import ReportingText, newest_of, reporting_text
from deliberate.record.rules import ReportingKind


async def write_item(
    assessment_id: int, item: str, kind: str, text: Mapping[str, str], based_on: int, actor: Person
) -> ReportingText:
    """One item in both languages, or the reason why it does not apply. `based_on`: the version that was read,
    0 before the first. The same text again changes nothing.

    Raises:
        NotFound: not of the secretariat, or no item of ACCORD.
        Refused: the record is adopted, or somebody else has stored another text meanwhile.
        Invalid: a language is missing.
    """
    async with acting(assessment_id, actor) as note:
        rules.check_prepares(await standing_of(actor.id, assessment_id, note.now))
        rules.check_item(item)
        newest = await newest_of(assessment_id)
        rules.check_writes(newest.state if newest else None)
        rules.check_reporting(kind, text)
        kept = {} if kind == ReportingKind.WITHDRAWN else {code: text[code] for code in ("fr", "en")}
        before = await reporting_text(assessment_id, item)
        if before and (before.kind, before.text) == (kind, kept):
            return before
        rules.check_based_on(based_on, before.version if before else 0)
        version = before.version + 1 if before else 1
        return await add_text(note, assessment_id, item, version, ReportingKind(kind), kept, actor)


async def add_reporting(
    note: Note, assessment: Assessment, groups: Mapping[str, Group], file: AssessmentFile
) -> None:
    """A step of the founding: what the file says of the checklist."""
    for entry in file.reporting:
        kind = ReportingKind.NOT_APPLICABLE if entry.not_applicable else ReportingKind.WRITTEN
        await add_text(note, assessment.id, entry.code, 1, kind, entry.text.model_dump(), None)


async def add_text(
    note: Note,
    assessment_id: int,
    item: str,
    version: int,
    kind: ReportingKind,
    text: Mapping[str, str],
    actor: Person | None,
) -> ReportingText:
    row = await ReportingText.create(
        assessment_id=assessment_id,
        item=item,
        version=version,
        kind=kind,
        text=dict(text),
        salt=new_salt(),
        by_id=actor.id if actor else None,
        at=note.now,
    )
    await note(
        f"assessment-{assessment_id}",
        "reporting_written",
        item=item,
        version=version,
        item_kind=str(kind),
        commitment=commitment({"item": item, "version": version, "text": dict(text)}, row.salt),
    )
    return row

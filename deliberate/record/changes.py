"""What changed from the version before, section by section, word by word."""

from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.interests.rules import Standing
from deliberate.record import rules
from deliberate.record.differences import changed_sections, line_differences, text_lines
from deliberate.record.models import Record, content_of, seen_by, versions_of
from deliberate.record.render import Section, shown_sections
from deliberate.web.answers import render
from deliberate.web.i18n import language
from deliberate.web.routing import page


async def show_changes(request: Request) -> Response:
    """The differences from the version before, section by section, word by word."""
    record, standing, committee = await seen_by(request.user.id, request.path_params["record_id"])
    before = await readable_before(record, standing, committee.id if committee else None)
    changes = await differences(request, before, record) if before else []
    context = {
        "assessment": await Assessment.get(id=record.assessment_id),
        "standing": standing,
        "record": record,
        "before": before,
        "changes": changes,
    }
    facts = {"version": record.version, "before": before and before.version, "changed": record.changed}
    return render(request, "record/changes.html", context, facts=facts)


async def readable_before(record: Record, standing: Standing, committee_id: int | None) -> Record | None:
    """The version before this one that the reader may read: the committee never sees a working version."""
    older = [each for each in await versions_of(record.assessment_id) if each.version < record.version]
    return next((each for each in older if rules.may_read(standing, committee_id, each.state)), None)


async def differences(request: Request, before: Record, after: Record) -> list[dict[str, Any]]:
    """Of the sections whose facts differ, the words that do."""
    templates = request.app.state.templates
    keys = changed_sections(await content_of(before.id), await content_of(after.id))
    old = {one.key: one for one in await shown_sections(templates, before.id, language(), keys)}
    found = []
    for section in await shown_sections(templates, after.id, language(), keys):
        if lines := changed_lines(old.get(section.key), section):
            found.append({"key": section.key, "title": section.title, "lines": lines})
    return found


def changed_lines(before: Section | None, after: Section) -> list[Markup]:
    if before is not None and before.html == after.html:
        return []
    return list(line_differences(text_lines(before.html) if before else [], text_lines(after.html)))


routes = [
    page("/records/{record_id:int}/changes", show_changes, who={"secretariat", "committee_chair", "member"})
]

"""Loading an assessment from its file, for administrators: all of it, or nothing and every reason why."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deliberate.assessments.actions import found_assessment
from deliberate.assessments.file import FileInvalid, read_assessment
from deliberate.assessments.models import Assessment
from deliberate.errors import Invalid, Refusal
from deliberate.people.rules import check_administers
from deliberate.web.answers import render, see_other, wants_json
from deliberate.web.forms import again, parsed
from deliberate.web.i18n import _, sentence
from deliberate.web.routing import page


def check_administrator(request: Request) -> None:
    check_administers(request.user is not None and request.user.administrator)


async def show_import(request: Request, refusal: Refusal | None = None, typed: Any = None) -> Response:
    check_administrator(request)
    found = refusal.found if isinstance(refusal, FileInvalid) else []
    context: dict[str, Any] = {
        "loaded": await Assessment.all().order_by("-id"),
        "found": [(each.line, each.where, sentence(Refusal(each.msgid, **each.params))) for each in found],
        "heading": sentence(refusal) if found and refusal else None,
    }
    shown = None if found else refusal  # the list of places says it better than a summary
    facts = {"loaded": [{"id": each.id, "slug": each.slug} for each in context["loaded"]]}
    response = render(request, "assessments/import.html", context, refusal=shown, typed=typed, facts=facts)
    response.status_code = refusal.status if refusal else 200
    return response


@again(show_import)
async def load_file(request: Request) -> Response:
    check_administrator(request)
    try:
        file = read_assessment(await sent_text(request, "file", "text"))
    except FileInvalid as error:
        if wants_json(request):
            return JSONResponse(told(error), status_code=error.status)
        raise
    steps = request.app.state.slots.get("founding", ())
    assessment, is_new = await found_assessment(file, request.user, also=steps)
    said = (
        _("The assessment is loaded. Invite its secretariat.")
        if is_new
        else _("Already loaded: nothing changed.")
    )
    target = f"/a/{assessment.slug}/members" if is_new else "/assessments/import"
    return see_other(request, target, flash=said, assessment=assessment.id, slug=assessment.slug, new=is_new)


def told(error: FileInvalid) -> dict[str, Any]:
    """For scripts: every problem with its line and key."""
    found = [{"line": each.line, "key": each.where, "message": each.sentence} for each in error.found]
    return {"error": "FileInvalid", "message": sentence(error), "problems": found}


async def sent_text(request: Request, upload: str, pasted: str) -> str:
    """The text of the file sent, else what was pasted.

    Raises:
        Invalid: neither, or not UTF-8.
    """
    form = await parsed(request)
    file = form.get(upload)
    if isinstance(file, UploadFile) and file.filename:
        try:
            return (await file.read()).decode("utf-8")
        except UnicodeDecodeError:
            problem = Invalid("This file is not text in UTF-8. Save it again in that encoding.")
            raise Invalid("Nothing was loaded.", problems={upload: problem}) from None
    text = form.get(pasted)
    if isinstance(text, str) and text.strip():
        return text
    raise Invalid(
        "Nothing was loaded.", problems={upload: Invalid("Choose a file, or paste its text below.")}
    )


OFFICE = {"administrator"}
routes = [
    page("/assessments/import", show_import, who=OFFICE),
    page("/assessments/import", load_file, who=OFFICE, methods=["POST"]),
]

"""Answers: pages, parts, redirects, JSON for scripts, and refusals in words.

The only place that knows Jinja.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from tortoise.exceptions import DBConnectionError

from deliberate import logs
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal, Refused, Unavailable
from deliberate.web import i18n
from deliberate.web.assets import Assets
from deliberate.web.guard import HEADERS, policy
from deliberate.web.i18n import _, sentence
from deliberate.web.markdown import to_html
from deliberate.web.slots import fill, navigation

FLASH = "flash"
log = logs.get(__name__)


@dataclass(frozen=True)
class Templates:
    env: Environment
    assets: Assets

    def text(self, name: str, context: Mapping[str, Any]) -> str:
        return self.env.get_template(name).render(context)


def load_templates(folder: Path, assets: Assets, shared: Mapping[str, Any]) -> Templates:
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.newstyle_gettext = True  # type: ignore[attr-defined] # {% trans %} is a call of the functions below
    env.globals.update(
        _=i18n.shown,
        gettext=i18n.shown,
        ngettext=i18n.shown_count,
        t=i18n.t,
        current_language=i18n.language,  # for macros: they are made once, not with each page
        moment=i18n.moment,
        day=i18n.day,
        clock=i18n.clock,
        colon=i18n.colon,
        markdown=to_html,
        static=assets.url,
        importmap=assets.importmap,
        assessment=None,
        **shared,
    )
    return Templates(env, assets)


def wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def render(
    request: Request,
    name: str,
    context: Mapping[str, Any],
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
    facts: Mapping[str, Any] | None = None,
) -> Response:
    """A page, or its `facts` as JSON when a script asks. Load everything before: rendering does not wait for
    rows.

    `refusal` shows its sentence and those of its fields, and sets the status; `typed` is what the form holds
    again.
    """
    if facts is not None and wants_json(request):
        return JSONResponse(dict(facts), headers={"Cache-Control": "no-store"})
    problems = problem_list(refusal)
    values = {
        "typed": dict(typed or {}),
        "problems": problems,
        "errors": {field: text for field, text in problems if field},
        **context,
    }
    response = HTMLResponse(
        page_text(request, name, values), status_code=refusal.status if refusal else status
    )
    if FLASH in request.cookies:
        response.delete_cookie(FLASH)
    return response


def problem_list(refusal: Refusal | None) -> list[tuple[str | None, str]]:
    """[(field or None, sentence)]: the fields' own sentences say more than the one above them."""
    if refusal is None:
        return []
    if isinstance(refusal, Invalid) and refusal.problems:
        return [(field, sentence(problem)) for field, problem in refusal.problems.items()]
    return [(None, sentence(refusal))]


def page_text(request: Request, name: str, context: Mapping[str, Any]) -> str:
    templates: Templates = request.app.state.templates
    return templates.text(name, {**request_context(request), "nav": nav_of(request, context), **context})


def nav_of(request: Request, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The assessment's navigation, on pages that say which assessment and for whom."""
    assessment, standing = context.get("assessment"), context.get("standing")
    if assessment is None or standing is None:
        return []
    return navigation(request.app.state.slots.get("nav", ()), assessment.slug, standing, request.url.path)


def request_context(request: Request) -> dict[str, Any]:
    return {
        "request": request,
        "person": request.scope.get("user"),
        "language": i18n.language(),
        "nonce": request.state.nonce,
        "flash": read_flash(request),
        "now": datetime.now(UTC),
        "after": 0,
    }


def part(request: Request, name: str, context: Mapping[str, Any]) -> Response:
    """A fragment that a live page fetches again."""
    return HTMLResponse(page_text(request, name, context), headers={"Cache-Control": "no-store"})


def see_other(request: Request, url: str, *, flash: str | None = None, **facts: Any) -> Response:
    """After a change: go there, with a sentence about what was done. Scripts get the facts instead."""
    if wants_json(request):
        return JSONResponse({"location": url, **facts}, headers={"Cache-Control": "no-store"})
    response = RedirectResponse(url, status_code=303)
    if flash:
        value = base64.urlsafe_b64encode(flash.encode()).decode()
        response.set_cookie(
            FLASH, value, max_age=60, httponly=True, samesite="lax", secure=request.url.is_secure
        )
    return response


def read_flash(request: Request) -> str | None:
    try:
        return base64.urlsafe_b64decode(request.cookies[FLASH]).decode()[:500]
    except (KeyError, ValueError):
        return None


async def show_refusal(request: Request, error: Exception) -> Response:
    """Any refusal that no form answered, as a page or JSON."""
    refusal = cast(Refusal, error)
    await fill(request, "refused", request.scope.get("user"), refusal)
    if wants_json(request):
        problems = {field: sentence(each) for field, each in getattr(refusal, "problems", {}).items()}
        body = {"error": type(refusal).__name__, "message": sentence(refusal), "problems": problems}
        return JSONResponse(body, status_code=refusal.status, headers={"Cache-Control": "no-store"})
    return error_page(request, refusal.status, heading_of(refusal), sentence(refusal))


async def show_http_error(request: Request, error: Exception) -> Response:
    """What Starlette refuses by itself: unknown addresses, wrong methods, large bodies."""
    status = cast(HTTPException, error).status_code
    known = {404: NotFound(), 413: Invalid(_("This is too large. Shorten it and send it again."))}
    refusal = known.get(status, Refused(_("This address does not take that kind of request.")))
    if wants_json(request):
        body = {"error": type(refusal).__name__, "message": sentence(refusal), "problems": {}}
        return JSONResponse(body, status_code=status)
    return error_page(request, status, heading_of(refusal), sentence(refusal))


async def show_fault(request: Request, error: Exception) -> Response:
    """Our own mistake, or a database that is away. The number ties what the person saw to the log."""
    away = isinstance(error, DBConnectionError | OSError) and not isinstance(error, TemplateNotFound)
    if away:
        response = await show_refusal(request, Unavailable())
    else:
        response = fault_page(request)
    response.headers.update({**HEADERS, "Content-Security-Policy": policy(request.state.nonce)})
    return response


def fault_page(request: Request) -> Response:
    number = logs.request_id.get() or secrets.token_hex(4)
    text = _("This is a fault of the software. It has been noted under number {number}. Nothing was changed.")
    if wants_json(request):
        return JSONResponse({"error": "Fault", "message": text.format(number=number)}, status_code=500)
    return error_page(request, 500, _("Something is broken here"), text.format(number=number))


def heading_of(refusal: Refusal) -> str:
    if isinstance(refusal, NotFound):
        return _("Nothing here")
    if isinstance(refusal, NotAllowed):
        return _("Not yours to do")
    if isinstance(refusal, Invalid):
        return _("This could not be read")
    return _("Not possible now")


def error_page(request: Request, status: int, heading: str, text: str) -> Response:
    context = {"code": status, "heading": heading, "sentence": text}
    return HTMLResponse(page_text(request, "web/error.html", context), status_code=status)


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

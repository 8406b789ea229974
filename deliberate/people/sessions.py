"""Who is at the other end: from the cookie of a request or a socket to a person, and back into a cookie.

`begin_session` is the one door for whatever proves who somebody is; today that is the personal link.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from deliberate import logs
from deliberate.live.rows import find_with
from deliberate.people import actions, rules
from deliberate.people.models import AuthSession, Person
from deliberate.people.rules import Terms
from deliberate.settings import Settings

log = logs.get(__name__)


def terms(settings: Settings) -> Terms:
    return Terms(timedelta(hours=settings.session_idle_hours), timedelta(days=settings.session_absolute_days))


def cookie_name(settings: Settings) -> str:
    """The prefix makes browsers refuse a cookie that another host, or an unencrypted page, would set."""
    return "__Host-deliberate" if settings.is_https else "deliberate"


async def resolve(connection: HTTPConnection, settings: Settings) -> tuple[Person, int] | None:
    """The person and the number of the sign-in, in one query; None for everybody else."""
    token = connection.cookies.get(cookie_name(settings), "")
    if not rules.is_token(token):
        return None
    session = await find_with(AuthSession, "token_hash", rules.hash_of(token), "person")
    now = datetime.now(UTC)
    if session is None or not rules.is_open(session, now) or session.person.left_at is not None:
        return None
    if rules.needs_touch(session, now):
        await touch(session.id, now, settings)
    return session.person, session.id


async def touch(session_id: int, now: datetime, settings: Settings) -> None:
    """A page must not fail because this could not be noted."""
    try:
        await actions.touch_session(session_id, now, terms(settings))
    except Exception:
        log.exception("A sign-in could not be marked as used", session=session_id)


async def still_open(session_ids: Collection[int]) -> set[int]:
    """Those of these sign-ins that still hold: asked each minute for open sockets, beside the news of an
    end.
    """
    now = datetime.now(UTC)
    rows = AuthSession.filter(id__in=list(session_ids), person__left_at=None)
    return {session.id for session in await rows if rules.is_open(session, now)}


async def begin_session(person: Person, request: Request, response: Response) -> Response:
    """Signs `person` in on this browser. Every future way of signing in ends here, once its proof is
    checked.
    """
    settings: Settings = request.app.state.settings
    token = await actions.begin_session(person, device_of(request), terms(settings))
    return await keep(request, response, token)


async def keep(request: Request, response: Response, token: str) -> Response:
    """Puts the new token into the cookie. The sign-in this browser had before ends."""
    settings: Settings = request.app.state.settings
    if request.user is not None:
        await actions.sign_out(request.state.session_id, request.user)
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(terms(settings).absolute.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",  # strict would drop it when one comes from a link in a mail
    )
    return response


def forget(request: Request, response: Response) -> Response:
    """Takes the cookie away, and what the browser kept of our pages."""
    settings: Settings = request.app.state.settings
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax"
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def device_of(request: Request) -> str:
    return rules.describe_device(request.headers.get("user-agent", ""))

"""Routes that say whom they are for. A route without `who` cannot be written, and the test suite asks each
one.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deliberate.web.answers import wants_json
from deliberate.web.i18n import _

Handler = Callable[[Request], Awaitable[Response]]

PERSONAS = frozenset(
    {
        "anyone",  # signed in or not
        "signed_in",
        "administrator",
        "secretariat",  # of the assessment
        "chair",  # of the working group the object belongs to
        "expert",  # member of that group, declared, not recused
        "committee_chair",
        "member",  # of the committee
        "stakeholder",  # the organisation heard
    }
)


def page(
    path: str,
    handler: Handler,
    *,
    who: Collection[str],
    methods: Sequence[str] = ("GET",),
    name: str | None = None,
) -> Route:
    """A route open to `who`: read by the first gate (sign-in) and by the rights matrix in the tests."""
    if not who or not set(who) <= PERSONAS:
        raise ValueError(f"{path}: say who may come, of {sorted(PERSONAS)}")
    gated = handler if "anyone" in who else behind_sign_in(handler)
    route = Route(path, gated, methods=list(methods), name=name or handler.__name__)
    route.who = frozenset(who)  # type: ignore[attr-defined]
    return route


def behind_sign_in(handler: Handler) -> Handler:
    """The first gate: whoever is not signed in is shown how to, and learns nothing of what is behind."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        if request.scope.get("user") is not None:
            return await handler(request)
        if wants_json(request):
            body = {"error": "NotSignedIn", "message": _("Sign in first."), "problems": {}}
            return JSONResponse(body, status_code=401, headers={"Cache-Control": "no-store"})
        return RedirectResponse("/sign-in", status_code=303)

    return answer


def is_open_to_all(route: object) -> bool:
    return "anyone" in getattr(route, "who", ())

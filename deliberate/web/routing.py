"""Routes that say whom they are for. A route without `who` cannot be written, and the test suite asks each
one.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
    route = Route(path, handler, methods=list(methods), name=name or handler.__name__)
    route.who = frozenset(who)  # type: ignore[attr-defined]
    return route


def is_open_to_all(route: object) -> bool:
    return "anyone" in getattr(route, "who", ())

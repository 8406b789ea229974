"""The first pages: my work, what the public sees, the limits; and the routes of this package."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.live.models import HOUSE
from deliberate.live.topics import Audience
from deliberate.people import actions, register, sign_in
from deliberate.people.models import Person
from deliberate.web.answers import render, see_other
from deliberate.web.forms import read
from deliberate.web.i18n import t
from deliberate.web.routing import page
from deliberate.web.slots import Waiting, fill

YEAR_SECONDS = 365 * 24 * 3600


async def show_home(request: Request) -> Response:
    """What waits for this person, by when, and where one takes part; for the public what is adopted."""
    if request.user is None:
        return await show_landing(request)
    waiting = in_order([item for found in await fill(request, "home", request.user) for item in found])
    places = [place for found in await fill(request, "taking_part", request, request.user) for place in found]
    facts = {"person": request.user.id, "waiting": [told(item) for item in waiting]}
    context = {"groups": by_assessment(waiting), "places": places}
    return render(request, "people/home.html", context, facts=facts)


async def show_landing(request: Request) -> Response:
    adopted = [record for found in await fill(request, "public") for record in found]
    minutes = [each for found in await fill(request, "public_minutes") for each in found]
    context = {"adopted": adopted, "minutes": minutes}
    return render(request, "people/landing.html", context, facts={"person": None, "waiting": []})


def in_order(items: list[Waiting]) -> list[Waiting]:
    """What presses first; then by day, what has none at the end."""
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(items, key=lambda item: (not item.urgent, item.until or item.at or never))


def by_assessment(items: list[Waiting]) -> list[tuple[str, list[Waiting]]]:
    """Under the title of each assessment, the one that presses most first."""
    groups: dict[str, list[Waiting]] = {}
    for item in items:
        groups.setdefault(t(item.assessment), []).append(item)
    return list(groups.items())


def told(item: Waiting) -> dict[str, object]:
    times = {name: when and when.isoformat() for name, when in (("until", item.until), ("at", item.at))}
    return {**asdict(item), **times}


async def show_limits(request: Request) -> Response:
    return render(request, "people/limits.html", {})


async def show_accessibility(request: Request) -> Response:
    return render(request, "people/accessibility.html", {})


class LanguageForm(BaseModel):
    lang: Literal["fr", "en"]
    next: Annotated[str, Field(max_length=2000)] = "/"


async def choose_language(request: Request) -> Response:
    form = await read(request, LanguageForm)
    if request.user is not None:
        await actions.set_language(request.user, form.lang)
    response = see_other(request, own_page(form.next))
    response.set_cookie(
        "language", form.lang, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=is_https(request)
    )
    return response


def own_page(url: str) -> str:
    """`url` if it stays on this site: a path, and nothing that a browser would read as another host."""
    is_ours = url.startswith("/") and url[1:2] not in ("/", "\\") and url.isprintable() and " " not in url
    return url if is_ours else "/"


def is_https(request: Request) -> bool:
    return bool(request.app.state.settings.is_https)


async def audience_of_person(person: Person | None, ident: int) -> Audience | None:
    """Only oneself."""
    return Audience(HOUSE, "self") if person is not None and person.id == ident else None


routes = [
    page("/", show_home, who={"anyone"}),
    page("/limits", show_limits, who={"anyone"}),
    page("/accessibility", show_accessibility, who={"anyone"}),
    page("/language", choose_language, who={"anyone"}, methods=["POST"]),
    *sign_in.routes,
    *register.routes,
]
topics = {"person": audience_of_person}

"""The administrator's pages: who is here, who may come in. Nothing of what anybody deliberates on."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import Refusal
from deliberate.mail import outbox
from deliberate.people import actions, rules
from deliberate.people.letters import sign_in_url
from deliberate.people.models import Person, links_made_for, open_sessions, people_like
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page

PAGE_SIZE = 50


def check_administrator(request: Request) -> None:
    """Reading is checked as well as writing."""
    rules.check_administers(request.user is not None and request.user.administrator)


async def show_people(
    request: Request, refusal: Refusal | None = None, typed: Any = None, made: dict[str, Any] | None = None
) -> Response:
    check_administrator(request)
    words = request.query_params.get("q", "").strip()[:100]
    number = page_number(request.query_params.get("page", "1"))
    rows, count = await people_like(words, number, PAGE_SIZE)
    context = {
        "rows": rows,
        "count": count,
        "words": words,
        "page": number,
        "pages": -(-count // PAGE_SIZE),
        "made": made,
        "given_up": await outbox.given_up(),
    }
    listed = [{"id": row["person"].id, "name": row["person"].name} for row in rows]
    return render(
        request,
        "people/people.html",
        context,
        refusal=refusal,
        typed=typed,
        facts={"people": listed, "count": count, **facts_of(made)},
    )


def page_number(text: str) -> int:
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def facts_of(made: dict[str, Any] | None) -> dict[str, Any]:
    return {"person": made["person"].id, "link": made["link"]} if made else {}


class PersonForm(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(min_length=1, max_length=254)]
    language: Literal["fr", "en"] = "fr"
    administrator: bool = False


@again(show_people)
async def add_person(request: Request) -> Response:
    check_administrator(request)
    form = await read(request, PersonForm)
    person = await actions.add_person(
        form.name, form.email, request.user, language=form.language, administrator=form.administrator
    )
    return await show_people(request, made=await way_in(request, person))


async def way_in(request: Request, person: Person) -> dict[str, Any]:
    """A new link, to be handed over now: it cannot be shown again."""
    settings = request.app.state.settings
    token = await actions.make_link(person, request.user, settings.invitation_hours)
    return {"person": person, "link": sign_in_url(settings, token), "hours": settings.invitation_hours}


async def show_person(
    request: Request, refusal: Refusal | None = None, typed: Any = None, made: dict[str, Any] | None = None
) -> Response:
    check_administrator(request)
    person = await actions.present(request.path_params["person_id"])
    context = {
        "one": person,
        "sessions": await open_sessions(person.id, datetime.now(UTC)),
        "links": await links_made_for(person.id),
        "made": made,
    }
    facts = {"id": person.id, "name": person.name, "administrator": person.administrator, **facts_of(made)}
    return render(request, "people/person.html", context, refusal=refusal, typed=typed, facts=facts)


@again(show_person)
async def make_link(request: Request) -> Response:
    check_administrator(request)
    person = await actions.present(request.path_params["person_id"])
    return await show_person(request, made=await way_in(request, person))


class NameForm(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(min_length=1, max_length=254)]


@again(show_person)
async def rename_person(request: Request) -> Response:
    check_administrator(request)
    form = await read(request, NameForm)
    person_id = request.path_params["person_id"]
    await actions.rename_person(person_id, form.name, form.email, request.user)
    return see_other(request, f"/people/{person_id}", flash=_("Name and address are changed."))


class OfficeForm(BaseModel):
    administrator: bool


@again(show_person)
async def set_administrator(request: Request) -> Response:
    check_administrator(request)
    form = await read(request, OfficeForm)
    person_id = request.path_params["person_id"]
    act = actions.make_administrator if form.administrator else actions.unmake_administrator
    await act(person_id, request.user)
    lost_own = person_id == request.user.id and not form.administrator
    return see_other(request, "/" if lost_own else f"/people/{person_id}")


@again(show_person)
async def sign_out_person(request: Request) -> Response:
    check_administrator(request)
    person = await actions.present(request.path_params["person_id"])
    await actions.sign_out_everywhere(person, request.user)
    said = _("All sign-ins of this person have ended, and unused links no longer work.")
    return see_other(request, f"/people/{person.id}", flash=said)


@again(show_person)
async def remove_person(request: Request) -> Response:
    farewells = request.app.state.slots.get("leaving", ())
    await actions.remove_person(request.path_params["person_id"], request.user, also=farewells)
    return see_other(request, "/people", flash=_("This person can no longer come in."))


@again(show_people)
async def send_letter_again(request: Request) -> Response:
    check_administrator(request)
    await outbox.try_again(request.path_params["letter_id"])
    return see_other(request, "/people", flash=_("The letter is tried again."))


OFFICE = {"administrator"}
routes = [
    page("/people", show_people, who=OFFICE),
    page("/people", add_person, who=OFFICE, methods=["POST"]),
    page("/people/letters/{letter_id:int}", send_letter_again, who=OFFICE, methods=["POST"]),
    page("/people/{person_id:int}", show_person, who=OFFICE),
    page("/people/{person_id:int}", rename_person, who=OFFICE, methods=["POST"]),
    page("/people/{person_id:int}/link", make_link, who=OFFICE, methods=["POST"]),
    page("/people/{person_id:int}/administrator", set_administrator, who=OFFICE, methods=["POST"]),
    page("/people/{person_id:int}/sign-out", sign_out_person, who=OFFICE, methods=["POST"]),
    page("/people/{person_id:int}/remove", remove_person, who=OFFICE, methods=["POST"]),
]

"""Coming in by a personal link, going out, and the list of one's own sign-ins."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import Refusal, Refused
from deliberate.people import actions, rules, sessions
from deliberate.people.gate import address_of, gate_of
from deliberate.people.letters import sign_in_url
from deliberate.people.models import Person, SignInLink, links_made_for, open_sessions
from deliberate.web.answers import render, see_other, wants_json
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, sentence
from deliberate.web.routing import page


async def show_sign_in(request: Request, refusal: Refusal | None = None, typed: Any = None) -> Response:
    """How one comes in; where mail can be sent, a form to ask for a new link."""
    context = {"by_mail": request.app.state.settings.smtp_url is not None}
    return render(request, "people/sign_in.html", context, refusal=refusal, typed=typed, facts=context)


class AskForm(BaseModel):
    email: Annotated[str, Field(min_length=1, max_length=254)]


@again(show_sign_in)
async def ask_for_link(request: Request) -> Response:
    """The same answer, in the same time, whether anybody has this address: the letter is written
    afterwards.
    """
    settings = request.app.state.settings
    if settings.smtp_url is None:
        raise Refused("No mail is sent from here. Ask the secretariat or the administrator for a link.")
    form = await read(request, AskForm)
    email = rules.clean_email(form.email)
    gate = gate_of(request)
    gate.count_failure(address_of(request))
    said = _("If this address is known here, a link is on its way to it. Look into your mail.")
    response = see_other(request, "/sign-in", flash=said)
    if gate.may_write_to(email):
        response.background = BackgroundTask(actions.mail_link, email, settings)
    return response


async def show_link(request: Request) -> Response:
    """Asks for confirmation and changes nothing: mail scanners open every link."""
    link = await actions.link_of(request.path_params["token"])
    if came_in_by(link, request.user):
        return see_other(request, "/")
    try:
        rules.check_link(link, datetime.now(UTC))
    except Refusal as refusal:
        return show_closed_link(request, refusal)
    return render(request, "people/link.html", {"link": link, "token": request.path_params["token"]})


def show_closed_link(request: Request, refusal: Refusal) -> Response:
    if wants_json(request):
        raise refusal
    context = {"sentence": sentence(refusal)}
    return render(request, "people/closed_link.html", context, status=refusal.status)


def came_in_by(link: SignInLink | None, person: Person | None) -> bool:
    """The second click on a link that has let this very person in."""
    return (
        link is not None and link.used_at is not None and person is not None and link.person_id == person.id
    )


async def use_link(request: Request) -> Response:
    token = request.path_params["token"]
    terms = sessions.terms(request.app.state.settings)
    try:
        person, session_token = await actions.use_link(token, sessions.device_of(request), terms)
    except Refusal as refusal:
        if came_in_by(await actions.link_of(token), request.user):
            return see_other(request, "/")
        return await refuse_link(request, refusal)
    return await sessions.keep(request, see_other(request, "/", person=person.id), session_token)


async def refuse_link(request: Request, refusal: Refusal) -> Response:
    """Only those that fail are counted: nobody who holds a good link waits because others tried bad ones."""
    try:
        gate_of(request).count_failure(address_of(request))
    except Refusal as too_many:
        refusal = too_many
    return show_closed_link(request, refusal)


async def sign_out(request: Request) -> Response:
    await actions.sign_out(request.state.session_id, request.user)
    return sessions.forget(request, see_other(request, "/", flash=_("You are signed out.")))


async def show_sign_ins(request: Request, own_link: str | None = None) -> Response:
    sessions_now = await open_sessions(request.user.id, datetime.now(UTC))
    context = {
        "sessions": sessions_now,
        "links": await links_made_for(request.user.id),
        "own_link": own_link,
    }
    facts = {
        "sessions": [
            {"id": session.id, "device": session.device, "this": session.id == request.state.session_id}
            for session in sessions_now
        ],
        "link": own_link,
    }
    return render(request, "people/sign_ins.html", context, facts=facts)


async def revoke_session(request: Request) -> Response:
    session_id = request.path_params["session_id"]
    if session_id == request.state.session_id:
        return await sign_out(request)
    await actions.revoke_session(session_id, request.user)
    return see_other(request, "/sign-ins", flash=_("That sign-in has ended."))


async def sign_out_everywhere(request: Request) -> Response:
    await actions.sign_out_everywhere(request.user, request.user)
    said = _("You are signed out everywhere. To come back, ask for a new link.")
    return sessions.forget(request, see_other(request, "/sign-in", flash=said))


async def make_own_link(request: Request) -> Response:
    """For another device of one's own; shown once."""
    token = await actions.make_link(request.user, request.user, rules.OWN_LINK_HOURS)
    return await show_sign_ins(request, own_link=sign_in_url(request.app.state.settings, token))


routes = [
    page("/sign-in", show_sign_in, who={"anyone"}),
    page("/sign-in", ask_for_link, who={"anyone"}, methods=["POST"]),
    page("/sign-in/{token}", show_link, who={"anyone"}),
    page("/sign-in/{token}", use_link, who={"anyone"}, methods=["POST"]),
    page("/sign-out", sign_out, who={"signed_in"}, methods=["POST"]),
    page("/sign-ins", show_sign_ins, who={"signed_in"}),
    page("/sign-ins/everywhere", sign_out_everywhere, who={"signed_in"}, methods=["POST"]),
    page("/sign-ins/link", make_own_link, who={"signed_in"}, methods=["POST"]),
    page("/sign-ins/{session_id:int}/end", revoke_session, who={"signed_in"}, methods=["POST"]),
]

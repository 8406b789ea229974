"""Puts the application together: routes, middleware, lifespan.

Imports everything and is imported by nothing.
"""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.types import Message
from starlette.websockets import WebSocket

from deliberate import __version__, logs
from deliberate.assessments import pages as assessments_pages
from deliberate.errors import Refusal
from deliberate.evidence import pages as evidence_pages
from deliberate.hearings import pages as hearings_pages
from deliberate.interests import pages as interests_pages
from deliberate.live import database
from deliberate.live.hub import hub
from deliberate.live.keeper import Keeper, load_key
from deliberate.live.presenting import Views, bring
from deliberate.live.socket import Doors, Guest, beating, live_endpoint
from deliberate.live.topics import Audience, split_topic
from deliberate.mail import worker as mail_worker
from deliberate.meetings import pages as meetings_pages
from deliberate.people import pages as people_pages
from deliberate.people import sessions
from deliberate.questions import pages as questions_pages
from deliberate.record import pages as record_pages
from deliberate.review import pages as review_pages
from deliberate.settings import Settings, data_path, ensure_data_dir, keep_secret, load
from deliberate.voting import deadlines
from deliberate.voting import pages as voting_pages
from deliberate.web import i18n, parts
from deliberate.web.answers import load_templates, show_fault, show_http_error, show_refusal
from deliberate.web.assets import Assets
from deliberate.web.guard import Guard, is_own_origin
from deliberate.web.routing import page

log = logs.get(__name__)

# Story order: it is the order of sections on shared pages.
PAGES = (
    people_pages,
    assessments_pages,
    interests_pages,
    evidence_pages,
    questions_pages,
    voting_pages,
    meetings_pages,
    hearings_pages,
    record_pages,
    review_pages,
)


def from_environment() -> Starlette:
    """For a server that starts us by name."""
    settings = load()
    logs.configure(settings.log_level, settings.log_json)
    app = create_app(settings)
    spare_the_collector()
    return app


def spare_the_collector() -> None:
    """What is loaded now stays: Python's collector need not look at it again and again.

    Looking through everything took 80 ms in the middle of a burst of ballots.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def create_app(settings: Settings) -> Starlette:
    """The whole application. Nothing is opened before the lifespan begins."""
    ensure_data_dir(settings)
    i18n.load_catalogs(data_path("config") / "locale", settings.languages)
    assets = Assets(data_path("static"))
    app = Starlette(
        routes=routes(assets, settings),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts)),
            Middleware(
                Guard,
                resolve=lambda connection: sessions.resolve(connection, settings),
                public_url=settings.public_url,
                languages=settings.languages,
                default=settings.default_language,
                zone=settings.time_zone,
            ),
        ],
        exception_handlers={Refusal: show_refusal, HTTPException: show_http_error, Exception: show_fault},
        lifespan=lifespan,
        max_body_size=settings.max_body_bytes,
    )
    app.state.settings = settings
    app.state.slots = collected_slots()
    app.state.topics = merged("topics")
    hub.small_facts = frozenset(kind for module in PAGES for kind in getattr(module, "small_facts", ()))
    app.state.hear = merged("hear")
    app.state.templates = load_templates(
        data_path("templates"),
        assets,
        {"version": __version__, "organisation": settings.organisation_name, "demo": settings.demo},
    )
    return app


def merged(name: str) -> dict[str, Any]:
    """What the domains export as `name`, those that do."""
    return {key: value for module in PAGES for key, value in getattr(module, name, {}).items()}


def collected_slots() -> dict[str, list[Any]]:
    """Every domain's slots, in story order."""
    slots: dict[str, list[Any]] = {}
    for module in PAGES:
        for name, fillers in getattr(module, "slots", {}).items():
            slots.setdefault(name, []).extend(fillers)
    return slots


def routes(assets: Assets, settings: Settings) -> list[BaseRoute]:
    return [
        page("/healthz", healthz, who={"anyone"}),
        page("/readyz", readyz, who={"anyone"}),
        *(route for module in PAGES for route in module.routes),
        WebSocketRoute("/live", live(settings)),
        Mount("/static", assets.app(), name="static"),
    ]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        await database.upgrade(settings.database_url)
        await stack.enter_async_context(database.opened(settings.database_url))
        parts.forget()
        stack.enter_context(leaving_when_unconfirmed(settings))
        key = Ed25519PrivateKey.generate().private_bytes_raw()
        await asyncio.to_thread(keep_secret, settings.signing_key_path, key)
        app.state.keeper = Keeper(load_key(settings.signing_key_path), urlsplit(settings.public_url).netloc)
        await stack.enter_async_context(app.state.keeper.working())
        await stack.enter_async_context(mail_worker.working(settings))
        if settings.writes_letters:
            import deliberate.meetings.calendar_entry  # noqa: F401 - now, not inside the act that convenes
        bring(Views(partial(alike, merged("views")), partial(rendered, app, settings)))
        await stack.enter_async_context(deadlines.working(app.state.slots.get("vote_step", ())))
        await stack.enter_async_context(beating(sessions.still_open))
        if settings.redis_url is not None:
            from deliberate.live.bus import Bus  # Redis is an extra: one process does without

            await stack.enter_async_context(Bus(settings.redis_url, settings.redis_prefix, hub).working())
        yield


@contextmanager
def leaving_when_unconfirmed(settings: Settings) -> Iterator[None]:
    """A failed commit of a file is never retried: we stop, and whoever supervises us starts us again."""
    if not settings.uses_sqlite:
        yield  # the server of PostgreSQL panics by itself; we connect again
        return

    def leave() -> None:
        log.error("commit not confirmed: leaving")
        signal.raise_signal(signal.SIGTERM)

    database.when_unconfirmed.append(leave)
    try:
        yield
    finally:
        database.when_unconfirmed.remove(leave)


async def healthz(request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok", "version": __version__})


async def readyz(request: Request) -> Response:
    """The database takes writes and is at this version's migrations (checked at the start, by `upgrade`)."""
    try:
        writable = await database.is_writable()
    except Exception:
        writable = False
    return JSONResponse(
        {"status": "ready" if writable else "not ready"}, status_code=200 if writable else 503
    )


def live(settings: Settings) -> Callable[[WebSocket], Awaitable[None]]:
    """What the socket may know, handed in: it imports no domain."""

    async def guest(websocket: WebSocket) -> Guest | None:
        person, session_id = websocket.scope["user"], websocket.scope["state"]["session_id"]
        return Guest(person, person.id, session_id, i18n.language()) if person else None

    async def endpoint(websocket: WebSocket) -> None:
        state = websocket.app.state

        async def may_watch(guest: Guest, topic: str) -> int | None:
            audience = await audience_of(state.topics, guest.person, topic)
            return audience.journal if audience else None

        async def refused(guest: Guest, refusal: Refusal) -> None:
            for slot in state.slots.get("refused", ()):
                await slot(guest.person, refusal)

        doors = Doors(
            guest=guest,
            may_watch=may_watch,
            hear=state.hear,
            say=i18n.sentence,
            refused=refused,
            is_own_origin=lambda socket: is_own_origin(socket.headers.get("origin"), settings.public_url),
            sockets_per_person=settings.sockets_per_person,
        )
        await live_endpoint(doors)(websocket)

    return endpoint


async def alike(views: dict[str, Any], path: str, person_ids: Collection[int]) -> Mapping[int, Hashable]:
    """Who sees a part alike, as its domain says. Deny by default: other parts are fetched by each reader."""
    view = views.get(path.split("/")[1]) if path.startswith("/") else None
    found: Mapping[int, Hashable] = await view(path, person_ids) if view else {}
    return found


async def rendered(app: Starlette, settings: Settings, path: str, reader: Guest) -> str | None:
    """What this reader would be answered under `path`; None if that is not a part."""
    i18n.speak(reader.language, settings.time_zone)
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "scheme": urlsplit(settings.public_url).scheme,
        "server": (urlsplit(settings.public_url).hostname, None),
        "headers": [],
        "app": app,
        "user": reader.person,
        "state": {"nonce": "", "session_id": reader.session_id},
    }
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.append(message)

    try:
        await app.router(scope, receive, send)
    except Refusal:
        return None
    if said[0].get("status") != 200:
        return None
    return b"".join(message.get("body", b"") for message in said[1:]).decode()


async def audience_of(topics: dict[str, Any], person: Any, topic: str) -> Audience | None:
    """Deny by default: a topic nobody answers for has no audience."""
    named = split_topic(topic)
    if named is None or named[0] not in topics:
        return None
    try:
        found: Audience | None = await topics[named[0]](person, named[1])
    except Refusal:  # such as a declaration of interests that is out of date
        return None
    return found

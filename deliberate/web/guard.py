"""The outer gate, plain ASGI: request number, language, nonce, security headers, and whether it comes from
our pages.
"""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deliberate import logs
from deliberate.web import i18n, once

SAFE = {"GET", "HEAD", "OPTIONS"}
Resolve = Callable[[HTTPConnection], Awaitable[tuple[object, int] | None]]

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "manifest-src 'self'"
    )


class Guard:
    """Wraps the application. `resolve` tells who is signed in: one query, none for static files."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        resolve: Resolve,
        public_url: str,
        languages: tuple[str, ...],
        default: str,
        zone: str,
    ) -> None:
        self.app, self.resolve = app, resolve
        self.origin = public_url.rstrip("/")
        self.languages, self.default, self.zone = languages, default, zone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        number = secrets.token_hex(8)
        token = logs.request_id.set(number)
        try:
            await self.enter(scope, receive, send, number)
        finally:
            logs.request_id.reset(token)

    async def enter(self, scope: Scope, receive: Receive, send: Send, number: str) -> None:
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        is_static = scope["path"].startswith("/static/")
        connection = HTTPConnection(scope)
        found = None if is_static or scope["path"] == "/healthz" else await self.resolve(connection)
        scope["user"], scope["state"]["session_id"] = found if found else (None, None)
        i18n.speak(self.language_of(connection, scope["user"]), self.zone)
        once.begin(scope.get("method", ""))
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", policy(nonce))
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-Id"] = number
                if self.origin.startswith("https:"):
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        if scope["method"] not in SAFE and not self.is_from_our_pages(Headers(scope=scope)):
            answer = PlainTextResponse(
                "This request does not come from a page of this site.", status_code=403
            )
            await answer(scope, receive, sending)
            return
        await self.app(scope, receive, sending)

    def language_of(self, connection: HTTPConnection, person: object) -> str:
        return i18n.chosen_language(
            connection.cookies.get("language"),
            getattr(person, "language", None),
            connection.headers.get("accept-language", ""),
            self.languages,
            self.default,
        )

    def is_from_our_pages(self, headers: Headers) -> bool:
        """Browsers say where a request comes from. A request that says neither is refused."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is not None and self.is_own(origin)

    def is_own(self, origin: str) -> bool:
        return origin == self.origin


def is_own_origin(origin: str | None, public_url: str) -> bool:
    """The WebSocket handshake comes from any site unless we look: exact scheme, host and port."""
    return (
        origin is not None
        and urlsplit(origin)[:2] == urlsplit(public_url)[:2]
        and origin == public_url.rstrip("/")
    )

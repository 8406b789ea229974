"""What runs in the processes that are measured: `python -m deliberate.bench.served product|echo|broadcast`.

The product is the application as it is served, with three doors more: a page whose template is empty, a list
of its pages, and a message that makes the hub tell a fact. A request that says so is told how many queries it
made, with nothing kept from earlier ones.
"""

import asyncio
import sys
from contextvars import ContextVar
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise.connection import get_connection
from uvicorn.importer import import_from_string

from deliberate.bench import floors
from deliberate.live.hub import News, hub
from deliberate.settings import load
from deliberate.web import parts
from deliberate.web.edge import server_options
from deliberate.web.routing import page

COUNT, COUNTED = b"x-count-queries", b"x-queries"
QUERIES = ("execute_query", "execute_query_dict", "execute_insert", "execute_many", "execute_script")
_empty: list[Any] = []
_asked: ContextVar[list[int] | None] = ContextVar("asked", default=None)


def product() -> ASGIApp:
    """The application is named, not imported: it stands above us in the story."""
    app: Starlette = import_from_string("deliberate.app:from_environment")()
    app.state.hear = {**app.state.hear, "tell": tell}
    app.router.routes[:0] = [
        page("/bench/empty", show_empty, who={"signed_in"}),
        page("/bench/pages", list_pages, who={"anyone"}),
    ]
    return Counting(app)


def tell(guest: Any, said: dict[str, Any]) -> asyncio.Future[int]:
    """One fact of about 300 bytes to everybody who watches the topic."""
    number = hub.told.get(said["topic"], 0) + 1
    hub.publish(News(1, said["topic"], number, "fact_told", {"fact": "x" * 165}, changed=False))
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    answer.set_result(number)
    return answer


async def show_empty(request: Request) -> Response:
    """What a page costs before there is anything on it: sign-in, headers, a template, an answer."""
    if not _empty:
        _empty.append(request.app.state.templates.env.from_string(""))
    return HTMLResponse(_empty[0].render())


async def list_pages(request: Request) -> Response:
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    return JSONResponse([route.path for route in routes if "GET" in (route.methods or ())])


class Counting:
    """Tells a request that asks for it how many queries it made. Others pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.is_ready = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if COUNT not in dict(scope.get("headers", ())):
            await self.app(scope, receive, send)
            return
        if not self.is_ready:
            self.is_ready = True
            count_queries()
        parts.forget()
        asked = [0]
        _asked.set(asked)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (COUNTED, str(asked[0]).encode())]
            await send(message)

        await self.app(scope, receive, sending)


def count_queries() -> None:
    """What every other method of the SQLite client comes down to, on both connections."""
    for name in ("default", "reading"):
        client = get_connection(name)
        for method in QUERIES:
            setattr(client, method, counting(getattr(client, method)))


def counting(original: Any) -> Any:
    async def run(query: str, *args: Any, **options: Any) -> Any:
        if (asked := _asked.get()) is not None:
            asked[0] += 1
        return await original(query, *args, **options)

    return run


def main(kind: str) -> None:
    settings = load()
    if kind == "broadcast":
        import uvloop

        uvloop.run(floors.broadcast(settings.host, settings.port))
        return
    name = "deliberate.bench.served:product" if kind == "product" else "deliberate.bench.floors:echo"
    uvicorn.run(name, factory=True, host=settings.host, port=settings.port, **server_options(settings))


if __name__ == "__main__":
    main(sys.argv[1])

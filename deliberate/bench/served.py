"""What runs in the processes that are measured: `python -m deliberate.bench.served product|echo|broadcast`.

The product is the application as it is served, with two doors more: a page whose template is empty, and a
message that makes the hub tell a fact.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from uvicorn.importer import import_from_string

from deliberate.bench import floors
from deliberate.live.hub import News, hub
from deliberate.settings import load
from deliberate.web.edge import server_options
from deliberate.web.routing import page

_empty: list[Any] = []


def product() -> Starlette:
    """The application is named, not imported: it stands above us in the story."""
    app: Starlette = import_from_string("deliberate.app:from_environment")()
    app.state.hear = {**app.state.hear, "tell": tell}
    app.router.routes.insert(0, page("/bench/empty", show_empty, who={"signed_in"}))
    return app


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

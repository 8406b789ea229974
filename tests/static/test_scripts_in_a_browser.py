"""The scripts in a real browser, on small pages under the strict content security policy."""

import asyncio
import json
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from jinja2 import Environment, FileSystemLoader
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tests.conftest import Server, free_port
from tests.support.browser import needs_chromium

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.browser, needs_chromium]
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-abc'; style-src 'self'; img-src 'self'; connect-src 'self'"
)
PAGE = """
{% import "web/_macros.html" as ui with context %}
<!doctype html><html lang="en"><head><title>Test</title>{% include "web/_head.html" %}</head>
<body data-live="/live" data-person="4">{{ ui.live_status() }}
<main id="main" data-after="10">
<section id="part" data-topic="vote-7" data-part="/part" data-now>{{ part|safe }}</section>
<form class="ballot" data-ballot="7" action="/votes/7/ballots" method="post">{{ ui.hidden("key", "k1") }}
{{ ui.rating_row("rating", "Your rating") }}{{ ui.button("Cast my ballot") }}
<p data-receipt role="status"></p></form>
{{ ui.post_button("/done", "Close", confirm="Close the vote?", shortcut="c") }}
<form method="post" data-autosave="/draft">
{{ ui.textarea("reasons", "Reasons") }}{{ ui.autosave_status() }}</form>
{{ ui.shortcut_switch() }}
</main><div id="announcer" role="status"></div></body></html>
"""
PART = """{{ ui.tally(7, cast, 12) }}<p data-announce>{{ cast }} of 12</p>
<details id="more"><summary>More</summary><p>…</p></details><a href="/x">A link</a>
<b data-fact="vote-8.cast">0</b>"""


@cache
def own_templates():
    macros = '{% import "web/_macros.html" as ui with context %}'
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    environment.install_null_translations(newstyle=True)
    scripts = [path.name for path in (ROOT / "static/js").glob("*.js")]
    environment.globals |= {
        "language": "en",
        "nonce": "abc",
        "colon": lambda: ": ",
        "static": "/static/{}".format,
        "importmap": json.dumps(
            {"imports": {f"deliberate/{name}": f"/static/js/{name}" for name in scripts}}
        ),
    }
    return environment.from_string(PAGE), environment.from_string(macros + PART)


class Room:
    """A server that plays what the test tells it to."""

    def __init__(self):
        self.cast, self.number, self.acknowledging, self.fetched = 9, 10, True, 0
        self.sockets, self.heard, self.posted = set(), [], []
        self.page, self.part = own_templates()
        self.app = Starlette(
            routes=[
                Route("/", self.show),
                Route("/part", self.show_part),
                Route("/votes/7/ballots", self.receive, methods=["POST"]),
                Route("/draft", self.receive, methods=["POST"]),
                Route("/done", self.receive, methods=["POST"]),
                WebSocketRoute("/live", self.live),
                Mount("/static", StaticFiles(directory=ROOT / "static")),
            ]
        )

    async def show(self, request):
        text = self.page.render(part=self.part.render(cast=self.cast))
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})

    async def show_part(self, request):
        self.fetched += 1
        return HTMLResponse(self.part.render(cast=self.cast))

    async def receive(self, request):
        self.posted.append((request.url.path, dict(await request.form())))
        return JSONResponse({"number": 240})

    async def live(self, socket):
        await socket.accept()
        self.sockets.add(socket)
        await socket.send_json({"hello": {"protocol": 1, "now": "2026-11-23T10:00:00Z", "beat_seconds": 5}})
        try:
            async for frame in socket.iter_json():
                self.heard.append(frame)
                if "cast" in frame and self.acknowledging:
                    await socket.send_json({"ack": frame["cast"]["key"], "number": 231})
        finally:
            self.sockets.discard(socket)

    async def tell(self, cast, changed):
        self.cast, previous, self.number = cast, self.number, self.number + 3
        frame = {
            "topic": "vote-7",
            "number": self.number,
            "previous": previous,
            "kind": "ballot_cast",
            "about": "",
        }
        for one in list(self.sockets):
            await one.send_json(frame | {"facts": {"cast": cast}, "changed": changed})


@pytest_asyncio.fixture
async def room():
    return Room()


@pytest_asyncio.fixture
async def page(chromium, room):
    listening = free_port()
    server = Server(uvicorn.Config(room.app, log_level="critical"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    page = await chromium.new_page(reduced_motion="reduce")
    troubles = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: "Content Security" in said.text and troubles.append(said.text))
    await page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/")
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    yield page
    await page.close()
    server.ended.set()
    await task
    assert troubles == []


async def test_a_fact_changes_its_number_and_nothing_is_fetched(room, page):
    await room.tell(11, changed=False)
    await expect(page.locator("b[data-fact='vote-7.cast']")).to_have_text("11")
    assert await page.locator("progress").evaluate("bar => bar.value") == 11
    assert room.fetched == 0


async def test_a_changed_part_keeps_focus_and_what_was_opened_and_is_read_out(room, page):
    await page.click("summary")
    await page.focus("#part a")
    await room.tell(12, changed=True)
    await expect(page.locator("#part [data-announce]")).to_have_text("12 of 12")
    assert await page.evaluate("document.activeElement.textContent") == "A link"
    assert await page.locator("#more").evaluate("details => details.open")
    await expect(page.locator("#announcer")).to_have_text("12 of 12")


async def test_a_part_waits_while_a_finger_is_on_it(room, page):
    await page.hover("#part a")
    await page.mouse.down()
    await room.tell(12, changed=True)
    await asyncio.sleep(0.4)
    await expect(page.locator("#part [data-announce]")).to_have_text("9 of 12")
    await page.mouse.move(5, 5)
    await page.mouse.up()
    await expect(page.locator("#part [data-announce]")).to_have_text("12 of 12")


async def test_a_part_brings_its_own_topics(room, page):
    assert {"watch": "vote-7", "after": 10} in room.heard
    await room.tell(12, changed=True)
    await expect(page.locator("#part [data-announce]")).to_have_text("12 of 12")
    assert {"watch": "vote-8", "after": 10} in room.heard


async def test_a_ballot_by_socket_gets_its_receipt_and_the_next_one_a_new_key(room, page):
    await page.focus("#f-rating")
    await page.keyboard.press("8")
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.locator("[data-receipt]")).to_contain_text("entry 231")
    cast = next(frame["cast"] for frame in room.heard if "cast" in frame)
    assert (cast["rating"], cast["key"]) == (8, "k1")
    assert await page.locator("[name=key]").input_value() != "k1"
    assert await page.evaluate("localStorage.length") == 0


async def test_an_unanswered_ballot_survives_the_page_and_goes_again_with_its_key(room, page):
    room.acknowledging = False
    await page.check("#f-rating-7")
    await page.get_by_role("button", name="Cast my ballot").dblclick()
    await expect(page.locator("[data-receipt]")).to_contain_text("Sending")
    assert await page.evaluate("localStorage.length") == 1
    room.acknowledging = True
    await page.reload()
    await expect(page.locator("[data-receipt]")).to_contain_text("entry 231")
    assert await page.is_checked("#f-rating-7")
    assert {frame["cast"]["key"] for frame in room.heard if "cast" in frame} == {"k1"}


async def test_an_empty_ballot_stays_here(room, page):
    await page.get_by_role("button", name="Cast my ballot").click()
    await expect(page.locator("[data-receipt]")).to_have_text("Choose an answer first.")
    assert not [frame for frame in room.heard if "cast" in frame]


async def test_the_page_says_when_it_is_not_live_and_comes_back(room, page):
    for one in list(room.sockets):
        await one.close(1012)
    await expect(page.locator("[data-live-status]")).to_have_text("Not live")
    await expect(page.locator("[data-live-status]")).to_have_text("Live")
    assert [frame for frame in room.heard if frame.get("watch") == "vote-7"][-1]["after"] == 10


async def test_what_cannot_be_undone_is_asked_first(room, page):
    await page.get_by_role("button", name="Close").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Close the vote?")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await dialog.get_by_role("button", name="Cancel").click()
    assert room.posted == []
    await page.get_by_role("button", name="Close").click()
    await dialog.get_by_role("button", name="Close").click()
    await page.wait_for_url("**/done")
    assert [path for path, _ in room.posted] == ["/done"]


async def test_shortcuts_work_outside_fields_and_can_be_turned_off(room, page):
    await page.locator("#f-reasons").press("c")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator("#main a").first.press("c")
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await page.locator("[data-shortcuts-switch]").click()
    await page.locator("#main a").first.press("c")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_a_draft_saves_itself(room, page):
    await page.fill("#f-reasons", "Because O'Brien <b>said</b> so")
    await expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved")
    assert room.posted == [("/draft", {"reasons": "Because O'Brien <b>said</b> so"})]

"""Signing in and out, the register, and the first pages, by real HTTP and WebSocket."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from deliberate.mail.models import OutboxMessage
from deliberate.people import actions, sessions
from deliberate.people.actions import CONSOLE
from deliberate.people.models import AuthSession, Person, SignInLink
from deliberate.settings import Settings
from tests.people.helpers import JSON, browser_of, everything
from tests.support.builders import make_person, make_world, sign_in

NASTY = "<b>O'Brien</b>"


async def socket_of(server: Any, client: Any) -> Any:
    cookie = f"deliberate={client.cookies['deliberate']}"
    socket = await connect(
        f"{server.ws_url}/live", additional_headers={"Cookie": cookie, "Origin": server.url}, proxy=None
    )
    assert "hello" in json.loads(await socket.recv())
    return socket


async def said_to_watch(socket: Any, topic: str) -> dict[str, Any]:
    await socket.send(json.dumps({"watch": topic}))
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 60))
        if "beat" not in frame:
            return frame


async def test_opening_a_link_changes_nothing_and_confirming_it_signs_in(server: Any) -> None:
    person = await make_person(NASTY)
    token = await actions.make_link(person, CONSOLE, 1)
    client = await browser_of(server, None)
    before = await everything()
    page = await client.get(f"/sign-in/{token}")
    assert page.status_code == 200 and await everything() == before
    assert NASTY not in page.text and "O&#39;Brien&lt;/b&gt;" in page.text
    answer = await client.post(f"/sign-in/{token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("deliberate=") and "HttpOnly" in cookie and "Path=/" in cookie
    assert "SameSite=lax" in cookie and "Domain" not in cookie
    assert "My work" in (await client.get("/")).text


async def test_over_https_the_cookie_belongs_to_this_host_alone(
    serve: Any, settings: Settings, listener: Any
) -> None:
    public = settings.model_copy(update={"public_url": "https://deliberate.example.org"})
    async with serve(public, listener) as server:
        token = await actions.make_link(await make_person(), CONSOLE, 1)
        client = server.client(headers={"Origin": public.public_url})
        client.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answer = await client.post(f"/sign-in/{token}")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-deliberate=") and "Secure" in cookie and "Domain" not in cookie


async def test_a_used_link_says_so_and_how_to_get_another(server: Any) -> None:
    token = await actions.make_link(await make_person(), CONSOLE, 1)
    assert (await (await browser_of(server, None)).post(f"/sign-in/{token}")).status_code == 303
    other = await browser_of(server, None)
    before = await everything()
    for answer in (await other.get(f"/sign-in/{token}"), await other.post(f"/sign-in/{token}")):
        assert answer.status_code == 409 and "was used on" in answer.text and "/sign-in" in answer.text
        assert "set-cookie" not in answer.headers
    told = await other.post(f"/sign-in/{token}", headers=JSON)
    assert told.status_code == 409 and told.json()["error"] == "Refused"
    assert await everything() == before


async def test_the_second_click_of_the_same_browser_is_no_error(server: Any) -> None:
    token = await actions.make_link(await make_person(), CONSOLE, 1)
    client = await browser_of(server, None)
    for _ in range(2):
        assert (await client.post(f"/sign-in/{token}")).headers["location"] == "/"
    assert (await client.get(f"/sign-in/{token}")).headers["location"] == "/"
    assert await AuthSession.all().count() == 1


async def test_an_expired_and_an_unknown_link_say_so(server: Any) -> None:
    token = await actions.make_link(await make_person(), CONSOLE, 1)
    await SignInLink.filter(used_at=None).update(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    client = await browser_of(server, None)
    expired = await client.post(f"/sign-in/{token}")
    assert expired.status_code == 409 and "This link expired on" in expired.text
    unknown = await client.get(f"/sign-in/{'A' * 43}")
    assert unknown.status_code == 404 and "This link is not known here" in unknown.text


async def test_of_two_browsers_that_confirm_a_link_at_once_one_comes_in(server: Any) -> None:
    token = await actions.make_link(await make_person(), CONSOLE, 1)
    clients = [await browser_of(server, None) for _ in range(6)]
    answers = await asyncio.gather(*(client.post(f"/sign-in/{token}") for client in clients))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409, 409, 409]
    assert await AuthSession.all().count() == 1


async def test_signing_in_again_ends_the_session_this_browser_had(server: Any) -> None:
    before, after = await make_person(), await make_person()
    client = await browser_of(server, before)
    old = client.cookies["deliberate"]
    token = await actions.make_link(after, CONSOLE, 1)
    assert "That sign-in will end" in (await client.get(f"/sign-in/{token}")).text
    await client.post(f"/sign-in/{token}")
    assert client.cookies["deliberate"] != old
    stale = server.client(cookies={"deliberate": old})
    assert (await stale.get("/sign-ins")).headers["location"] == "/sign-in"


async def test_any_other_proof_of_who_one_is_opens_a_session_by_the_same_door(server: Any) -> None:
    person = await make_person()
    scope = {"type": "http", "app": server.app, "headers": [], "user": None, "state": {}}
    answer = await sessions.begin_session(person, Request(scope), Response())
    token = answer.headers["set-cookie"].removeprefix("deliberate=").partition(";")[0]
    client = server.client(cookies={"deliberate": token})
    assert (await client.get("/sign-ins")).status_code == 200


async def test_signing_out_kills_cookie_and_socket_at_once(server: Any) -> None:
    person = await make_person()
    client = await browser_of(server, person)
    old = client.cookies["deliberate"]
    socket = await socket_of(server, client)
    answer = await client.post("/sign-out")
    assert answer.status_code == 303 and '"storage"' in answer.headers["clear-site-data"]
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4001
    again = server.client(cookies={"deliberate": old})
    assert (await again.get("/sign-ins")).status_code == 303


async def test_a_revoked_sign_in_is_dead_at_once_and_the_others_live(server: Any) -> None:
    person = await make_person()
    here, there = await browser_of(server, person), await browser_of(server, person)
    socket = await socket_of(server, there)
    listed = (await here.get("/sign-ins", headers=JSON)).json()["sessions"]
    (other,) = [session["id"] for session in listed if not session["this"]]
    assert (await here.post(f"/sign-ins/{other}/end")).status_code == 303
    assert (await there.get("/sign-ins")).headers["location"] == "/sign-in"
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    assert (await here.get("/sign-ins")).status_code == 200


async def test_nobody_ends_somebody_elses_sign_in(server: Any) -> None:
    mine, theirs = await make_person(), await make_person()
    await sign_in(theirs)
    session = await AuthSession.get(person=theirs)
    client = await browser_of(server, mine)
    assert (await client.post(f"/sign-ins/{session.id}/end")).status_code == 404
    assert (await AuthSession.get(id=session.id)).ended_at is None


async def test_a_removed_person_is_out_at_once_on_pages_and_sockets(server: Any) -> None:
    boss, person = await make_person(administrator=True), await make_person()
    client = await browser_of(server, person)
    socket = await socket_of(server, client)
    assert (await client.get("/sign-ins")).status_code == 200
    office = await browser_of(server, boss)
    assert (await office.post(f"/people/{person.id}/remove")).status_code == 303
    assert (await client.get("/sign-ins")).headers["location"] == "/sign-in"
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(30):
            while True:
                await socket.recv()
    with pytest.raises(Exception):  # noqa: B017 - no handshake any more
        await socket_of(server, client)


async def test_a_session_that_was_idle_or_is_too_old_lets_nobody_in(server: Any) -> None:
    person, now = await make_person(), datetime.now(UTC)
    for change in ({"idle_at": now - timedelta(minutes=1)}, {"expires_at": now - timedelta(minutes=1)}):
        client = await browser_of(server, person)
        assert (await client.get("/sign-ins")).status_code == 200
        await AuthSession.filter(person=person).update(**change)
        assert (await client.get("/sign-ins")).headers["location"] == "/sign-in"


async def test_use_of_a_session_is_noted_at_most_once_a_minute(server: Any) -> None:
    person, now = await make_person(), datetime.now(UTC)
    client = await browser_of(server, person)
    before = await AuthSession.get(person=person)
    await client.get("/")
    assert (await AuthSession.get(person=person)).seen_at == before.seen_at
    await AuthSession.filter(person=person).update(seen_at=now - timedelta(minutes=2))
    await client.get("/")
    session = await AuthSession.get(person=person)
    assert session.seen_at > now - timedelta(minutes=1) and session.idle_at is not None
    assert session.idle_at - session.seen_at == timedelta(hours=server.settings.session_idle_hours)


async def test_who_fails_too_often_waits_and_a_good_link_still_works(
    serve: Any, settings: Settings, listener: Any
) -> None:
    async with serve(settings.model_copy(update={"sign_in_limit": "3/minute"}), listener) as server:
        token = await actions.make_link(await make_person(), CONSOLE, 1)
        client = await browser_of(server, None)
        codes = [(await client.post(f"/sign-in/{'A' * 43}")).status_code for _ in range(5)]
        assert codes == [404, 404, 404, 429, 429]
        assert "Wait a minute" in (await client.post(f"/sign-in/{'A' * 43}")).text
        assert (await client.post(f"/sign-in/{token}")).status_code == 303


async def test_asking_for_a_link_answers_the_same_for_known_and_unknown_addresses(
    serve: Any, settings: Settings, listener: Any
) -> None:
    by_mail = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:9", "sign_in_limit": "4/minute"})
    async with serve(by_mail, listener) as server:
        person = await make_person()
        client = await browser_of(server, None)
        answers = [
            await client.post("/sign-in", data={"email": email}, headers=JSON)
            for email in (person.email.upper(), "nobody@example.org")
        ]
        assert answers[0].json() == answers[1].json() and answers[0].status_code == answers[1].status_code
        for _ in range(1_000):  # the letter is written after the answer
            if await OutboxMessage.all().exists():
                break
            await asyncio.sleep(0.01)
        assert [letter.to for letter in await OutboxMessage.all()] == [person.email]
        assert (await client.post("/sign-in", data={"email": "not an address"})).status_code == 422
        codes = [(await client.post("/sign-in", data={"email": person.email})).status_code for _ in range(3)]
        assert codes == [303, 303, 429]


async def test_without_a_mail_server_the_sign_in_page_says_whom_to_ask(server: Any) -> None:
    client = await browser_of(server, None)
    page = await client.get("/sign-in")
    assert "Ask the secretariat" in page.text and 'name="email"' not in page.text
    assert (await client.post("/sign-in", data={"email": "a@example.org"})).status_code == 409


async def test_a_link_for_another_device_is_shown_once_and_works(server: Any) -> None:
    person = await make_person()
    client = await browser_of(server, person)
    link = (await client.post("/sign-ins/link", headers=JSON)).json()["link"]
    assert link.startswith(f"{server.url}/sign-in/")
    assert link not in (await client.get("/sign-ins")).text
    other = await browser_of(server, None)
    assert (await other.post(link.removeprefix(server.url))).status_code == 303
    assert len((await client.get("/sign-ins", headers=JSON)).json()["sessions"]) == 2


async def test_the_owner_sees_who_made_links_to_the_account(server: Any) -> None:
    boss, person = await make_person(NASTY, administrator=True), await make_person()
    await actions.make_link(person, boss, 1)
    page = (await (await browser_of(server, person)).get("/sign-ins")).text
    assert "O&#39;Brien&lt;/b&gt;" in page and "open until" in page


async def test_an_administrator_adds_a_person_and_gets_the_link_once(server: Any) -> None:
    client = await browser_of(server, await make_person(administrator=True))
    form = {"name": NASTY, "email": "obrien@example.org", "language": "fr", "is_admin": "yes", "id": "1"}
    made = (await client.post("/people", data=form, headers=JSON)).json()
    person = await Person.get(id=made["person"])
    assert (person.name, person.language, person.administrator) == (NASTY, "fr", False)
    assert made["link"].startswith(f"{server.url}/sign-in/")
    page = await client.get("/people")
    assert made["link"] not in page.text and NASTY not in page.text and "O&#39;Brien&lt;/b&gt;" in page.text
    again = await client.post("/people", data=form)
    assert again.status_code == 422 and "already has this address" in again.text
    assert "O&#39;Brien" in again.text  # what was typed is still there
    shown = await client.post(f"/people/{person.id}/link")
    assert f"{server.url}/sign-in/" in shown.text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "name"),
        ({"name": "x" * 201, "email": "a@example.org"}, "name"),
        ({"name": "A", "email": "not an address"}, "email"),
        ({"name": "A", "email": "a@example.org", "language": "de"}, "language"),
    ],
)
async def test_a_bad_form_says_which_field_and_adds_nobody(
    server: Any, form: dict[str, str], field: str
) -> None:
    client = await browser_of(server, await make_person(administrator=True))
    before = await everything()
    answer = await client.post("/people", data=form, headers=JSON)
    assert answer.status_code == 422 and field in answer.json()["problems"]
    assert await everything() == before


async def test_two_hundred_people_come_in_pages_and_are_found_by_name(server: Any) -> None:
    boss = await make_person("Zoe", administrator=True)
    now = datetime.now(UTC)
    await Person.bulk_create(
        Person(name=f"Person {number:03}", email=f"p{number}@example.org", created_at=now)
        for number in range(200)
    )
    client = await browser_of(server, boss)
    first, last = await client.get("/people"), await client.get("/people?page=5")
    assert "Person 000" in first.text and "Person 050" not in first.text and "page 1 of 5" in first.text
    assert "Zoe" in last.text
    found = await client.get("/people?q=person+123", headers=JSON)
    assert [person["name"] for person in found.json()["people"]] == ["Person 123"]
    assert (await client.get("/people?page=999999999999")).status_code == 200
    assert (await client.get("/people?q=%25")).status_code == 200


async def test_the_register_is_for_administrators_alone(server: Any) -> None:
    world = await make_world()
    other = world["expert"].id
    posts = ("/people", f"/people/{other}", f"/people/{other}/link", f"/people/{other}/remove")
    posts += (f"/people/{other}/sign-out", f"/people/{other}/administrator", "/people/letters/1")
    before = None
    for persona in ("secretariat", "expert", "member", "stakeholder", "signed_in"):
        client = await browser_of(server, world[persona])
        before = await everything()
        form = {"name": "X", "email": "x@example.org", "administrator": "yes"}
        codes = [(await client.post(path, data=form)).status_code for path in posts]
        codes += [(await client.get(path)).status_code for path in ("/people", f"/people/{other}")]
        assert set(codes) == {404}
        assert await everything() == before
    client = await browser_of(server, None)
    assert {(await client.post(path)).headers["location"] for path in posts} == {"/sign-in"}
    assert (await client.get("/people", headers=JSON)).status_code == 401


async def test_administration_is_given_and_taken_but_not_by_the_last(server: Any) -> None:
    boss, other = await make_person(administrator=True), await make_person()
    client = await browser_of(server, boss)
    path = f"/people/{boss.id}/administrator"
    refused = await client.post(path, data={"administrator": "no"})
    assert refused.status_code == 409 and "Make another person administrator first" in refused.text
    await client.post(f"/people/{other.id}/administrator", data={"administrator": "yes"})
    assert (await client.post(path, data={"administrator": "no"})).headers["location"] == "/"
    assert (await client.get("/people")).status_code == 404


async def test_looking_at_pages_changes_nothing(server: Any) -> None:
    world = await make_world()
    clients = [await browser_of(server, world[each]) for each in ("administrator", "secretariat", "expert")]
    paths = ["/", "/sign-in", "/sign-ins", "/people", f"/people/{world['expert'].id}", "/limits"]
    paths += ["/accessibility", "/assessments/import", f"/a/{world.assessment.slug}"]
    paths += [f"/a/{world.assessment.slug}/{each}" for each in ("board", "members")]
    before = await everything()
    for client in clients:
        for path in paths:
            assert (await client.get(path)).status_code in (200, 404)
    assert await everything() == before


async def test_what_the_system_cannot_promise_stands_open_to_everybody_in_both_languages(server: Any) -> None:
    client = await browser_of(server, None)
    page = (await client.get("/limits")).text
    for words in (
        "Two of them who act together",
        "trusted, not proven",
        "unanimous",
        "checkpoint kept elsewhere",
    ):
        assert words in page
    client.cookies.set("language", "fr", domain="127.0.0.1")
    page = (await client.get("/limits")).text
    assert "Ce que ce système ne peut pas promettre" in page and "trusted" not in page
    assert "partiellement" in (await client.get("/")).text
    assert "/limits" in page and "Conformité partielle" in (await client.get("/accessibility")).text


async def test_the_language_is_kept_for_the_browser_and_the_person(server: Any) -> None:
    person = await make_person(language="en")
    client = await browser_of(server, person)
    answer = await client.post("/language", data={"lang": "fr", "next": "//elsewhere.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Mon travail" in (await client.get("/")).text
    assert (await Person.get(id=person.id)).language == "fr"
    assert (await client.post("/language", data={"lang": "de"})).status_code == 422


async def test_only_oneself_hears_what_happens_to_ones_account(server: Any) -> None:
    person, other = await make_person(), await make_person(administrator=True)
    async with await socket_of(server, await browser_of(server, person)) as socket:
        assert (await said_to_watch(socket, f"person-{person.id}"))["watching"] == f"person-{person.id}"
        await actions.make_link(person, CONSOLE, 1)
        heard = json.loads(await asyncio.wait_for(socket.recv(), 60))
        assert heard["kind"] == "link_made" and "token" not in json.dumps(heard)
    async with await socket_of(server, await browser_of(server, other)) as socket:
        assert (await said_to_watch(socket, f"person-{person.id}"))["error"] == "NotFound"

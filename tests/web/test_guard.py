"""The outer gate, asked by real HTTP: where a request comes from, which headers go out, how large it may
be.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from deliberate.web.guard import is_own_origin
from tests.support.builders import make_world, sign_in

HARMLESS = "/language"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1.elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_a_change_that_does_not_come_from_our_pages_is_refused(
    server: Any, headers: dict[str, str]
) -> None:
    client = server.client()
    del client.headers["Origin"]
    answer = await client.post(HARMLESS, data={"lang": "fr", "next": "/"}, headers=headers)
    assert answer.status_code == 403


async def test_our_own_pages_may_send_forms(server: Any) -> None:
    assert (await server.client().post(HARMLESS, data={"lang": "fr", "next": "/"})).status_code == 303
    client = server.client(headers={"Sec-Fetch-Site": "same-origin"})
    del client.headers["Origin"]
    assert (await client.post(HARMLESS, data={"lang": "fr", "next": "/"})).status_code == 303


async def test_every_answer_carries_the_security_headers(server: Any) -> None:
    for path in ("/", "/nowhere", "/healthz", "/limits"):
        headers = (await server.client().get(path)).headers
        policy = headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


async def test_the_nonce_is_new_on_every_page(server: Any) -> None:
    client = server.client()
    policies = [(await client.get("/")).headers["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]


async def test_an_unknown_host_is_refused(server: Any) -> None:
    assert (await server.client().get("/", headers={"Host": "elsewhere.example"})).status_code == 400


async def test_a_body_too_large_is_refused_in_words(server: Any) -> None:
    answer = await server.client().post(HARMLESS, content=b"x" * (server.settings.max_body_bytes + 1))
    assert answer.status_code == 413


async def test_a_half_sent_head_is_cut_off(settings: Any, listener: Any, serve: Any) -> None:
    async with serve(settings.model_copy(update={"head_timeout_seconds": 1.0}), listener) as server:
        place = urlsplit(server.url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        await writer.drain()
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()


def test_an_origin_is_ours_only_to_the_letter() -> None:
    ours = "https://example.org"
    assert is_own_origin("https://example.org", ours)
    for other in (
        None,
        "null",
        "http://example.org",
        "https://example.org:8443",
        "https://example.org.evil.example",
    ):
        assert not is_own_origin(other, ours)


async def test_a_socket_from_another_site_or_without_sign_in_is_not_accepted(server: Any) -> None:
    world = await make_world()
    token = await sign_in(world["expert"])
    cookie = {"Cookie": f"deliberate={token}"}
    for headers, origin in ((cookie, "https://elsewhere.example"), ({}, server.url), (cookie, None)):
        with pytest.raises((InvalidStatus, ConnectionClosed)):
            async with connect(f"{server.ws_url}/live", origin=origin, additional_headers=headers) as socket:
                await socket.recv()


async def test_a_signed_in_person_is_greeted(server: Any) -> None:
    world = await make_world()
    headers = {"Cookie": f"deliberate={await sign_in(world['expert'])}"}
    async with connect(f"{server.ws_url}/live", origin=server.url, additional_headers=headers) as socket:
        assert '"protocol":1' in str(await socket.recv())


async def test_a_frame_too_large_ends_the_socket(server: Any) -> None:
    world = await make_world()
    headers = {"Cookie": f"deliberate={await sign_in(world['expert'])}"}
    async with connect(f"{server.ws_url}/live", origin=server.url, additional_headers=headers) as socket:
        await socket.recv()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.send("x" * 70_000)
            while True:
                await socket.recv()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009


async def test_more_sockets_than_a_person_may_have_are_refused(server: Any) -> None:
    world = await make_world()
    headers = {"Cookie": f"deliberate={await sign_in(world['expert'])}"}
    sockets = [
        await connect(f"{server.ws_url}/live", origin=server.url, additional_headers=headers)
        for _ in range(server.settings.sockets_per_person)
    ]
    for socket in sockets:
        await socket.recv()
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{server.ws_url}/live", origin=server.url, additional_headers=headers):
            pass
    assert refused.value.response.status_code == 429  # a client comes again, as it would not after 403
    for socket in sockets:
        await socket.close()

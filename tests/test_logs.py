import io
import json
import logging
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from deliberate import logs


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_what_and_in_which_request(stream: io.StringIO) -> None:
    log = logs.get("deliberate.meetings")
    logs.configure("info", stream=stream)
    token = logs.request_id.set("r-17")
    log.info("meeting opened", meeting=12)
    logs.request_id.reset(token)
    log.debug("not worth a line")

    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "meeting opened",
        "request_id": "r-17",
        "logger": "deliberate.meetings",
        "meeting": 12,
    }


def test_logs_of_libraries_take_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # as an earlier server left it
    logs.configure("info", stream=stream)
    logging.getLogger("uvicorn.error").info("Started on %s", "127.0.0.1")
    logging.getLogger("tortoise.db_client").debug("INSERT INTO ballot …")

    assert [line["event"] for line in lines(stream)] == ["Started on 127.0.0.1"]


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_written(stream: io.StringIO, as_json: bool) -> None:
    logs.configure("debug", as_json, stream)
    token, log = secrets.token_urlsafe(32), logs.get("x")
    log.info("signed in", path=f"/sign-in/{token}", sign_in_token="tok", headers={"Cookie": "id=hunter2"})
    log.info("opened", database="postgres://deliberate:hunter2@host/name")
    logging.getLogger("uvicorn.access").info("%s %s", "GET", f"/sign-in/{token}?next=/")
    try:
        raise ConnectionError(f"postgres://deliberate:hunter2@host/name refused {token}")
    except ConnectionError:
        log.exception("no database")

    written = stream.getvalue()
    assert "postgres://deliberate:(hidden)@host/name" in written
    assert "test_no_secret_is_written" in written  # names of functions stay readable, however long
    for secret in (token, "hunter2", "tok'", '"tok"'):
        assert secret not in written


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("break_", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2K"])
def test_no_input_can_forge_a_line(stream: io.StringIO, as_json: bool, break_: str) -> None:
    logs.configure("info", as_json, stream)
    forged = f"Marie{break_}14:05:12 info    vote closed"
    logs.get("x").info(forged, name=forged, names=[forged])
    logging.getLogger("library").warning("%s", forged)

    assert len(stream.getvalue().splitlines()) == 2
    assert "\x1b" not in stream.getvalue()


def test_a_traceback_for_people_is_indented(stream: io.StringIO) -> None:
    logs.configure("info", as_json=False, stream=stream)
    try:
        raise ValueError("first\n14:05:12 info    vote closed")
    except ValueError:
        logs.get("x").exception("failed")

    first, *below = stream.getvalue().splitlines()
    assert first.endswith("error   failed")
    assert below and all(line.startswith("    | ") for line in below)

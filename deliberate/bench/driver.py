"""One thread and one selector for a thousand connections, so that the driver is not what is measured.

Lean on purpose: it reads what servers send (WebSocket frames, HTTP answers with a length) and no more. Floor
and product are asked by the same code.
"""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from deliberate.rehearsal.plan import Unexpected

PATIENCE_SECONDS = 60
AT_ONE_TIME = 262_144  # bytes
CLOSE, PING, PONG = 0x88, 0x89, 0x8A
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # of RFC 6455; nobody caches here, so it may be the same for all
Address = tuple[str, int]


class Driver:
    """`with Driver() as driver`; wires join it, and `run` reads them until it has what it waits for."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in list(self.selector.get_map().values()):
            key.data.close()
        self.selector.close()

    def run(self, done: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
        """Reads until `done`; the moment at which it was."""
        end = time.perf_counter() + seconds
        while not done():
            left = end - time.perf_counter()
            if left <= 0:
                raise Unexpected(f"The answers did not come within {seconds:g} seconds.")
            for key, _ in self.selector.select(left):
                key.data.read()
        return time.perf_counter()


class Wire:
    """One connection. Subclasses say what to do with what comes."""

    def __init__(self, driver: Driver, address: Address) -> None:
        self.driver, self.address = driver, address
        self.open()

    def open(self) -> None:
        self.buffer = b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.prepare()
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(self.address)
        self.socket.setblocking(False)
        self.driver.selector.register(self.socket, selectors.EVENT_READ, self)

    def prepare(self) -> None:
        """Before the connection is made."""

    def send(self, data: bytes) -> None:
        if self.socket.send(data) != len(data):
            raise Unexpected("The server does not read what it is sent.")

    def read(self) -> None:
        data = self.socket.recv(AT_ONE_TIME)
        if not data:
            self.close()
            return self.lose()
        return self.take(self.buffer + data if self.buffer else data)

    def lose(self) -> None:
        raise Unexpected("The server closed a connection in the middle of the run.")

    def take(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self.socket.fileno() >= 0:
            self.driver.selector.unregister(self.socket)
            self.socket.close()


class Tab(Wire):
    """A WebSocket. Counts the frames that begin with what its crowd waits for."""

    def __init__(self, driver: Driver, address: Address, crowd: "Crowd", cookie: str) -> None:
        super().__init__(driver, address)
        self.crowd = crowd
        self.is_open = False
        self.heard = 0
        host = f"{address[0]}:{address[1]}"
        self.send(
            (
                f"GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
                f"Cookie: {cookie}\r\n\r\n"
            ).encode()
        )

    def take(self, data: bytes) -> None:
        if not self.is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            if b" 101 " not in head:
                raise Unexpected(f"A socket was not let in: {head[:60].decode('latin-1')}")
            self.is_open = True
            self.crowd.opened += 1
        at, size = 0, len(data)
        while size - at >= 2:
            start, length = at + 2, data[at + 1]
            if length == 126:
                start, length = at + 4, int.from_bytes(data[at + 2 : at + 4])
            elif length == 127:
                start, length = at + 10, int.from_bytes(data[at + 2 : at + 10])
            if start + length > size or start > size:
                break
            self.hear(data[at], data[start : start + length])
            at = start + length
        self.buffer = data[at:]

    def hear(self, kind: int, payload: bytes) -> None:
        crowd = self.crowd
        if payload.startswith(crowd.wanted):
            self.heard += 1
            if self.heard == crowd.each:
                crowd.done += 1
                crowd.on_heard(self, payload)
        elif kind == PING:
            self.send(bytes((PONG, 0x80 | len(payload))) + bytes(4) + payload)
        elif kind == CLOSE or payload.startswith(b'{"refused"'):
            raise Unexpected(f"The server said no: {payload[:200].decode('utf-8', 'replace')}")


class Crowd:
    """Many tabs that do the same at the same time."""

    def __init__(
        self, driver: Driver, address: Address, cookies: Sequence[str], kind: type[Tab] = Tab
    ) -> None:
        self.driver = driver
        self.opened = self.done = 0
        self.wanted, self.each = b"\0", 1
        self.on_heard: Callable[[Tab, bytes], None] = nothing
        self.tabs = [kind(driver, address, self, cookie) for cookie in cookies]
        driver.run(lambda: self.opened == len(self.tabs))

    def wait_for(self, wanted: bytes, each: int = 1) -> None:
        """From now on frames that begin with `wanted` count, until each tab has so many."""
        self.wanted, self.each, self.done = wanted, each, 0
        for tab in self.tabs:
            tab.heard = 0

    def is_done(self) -> bool:
        return self.done >= len(self.tabs)

    def ask(self, frames: Sequence[bytes], wanted: bytes) -> float:
        """Each tab sends its frame; the seconds until each has had its answer."""
        self.wait_for(wanted)
        began = time.perf_counter()
        for tab, frame in zip(self.tabs, frames, strict=True):
            tab.send(frame)
        return self.driver.run(self.is_done) - began

    def close(self) -> None:
        for tab in self.tabs:
            tab.close()


def nothing(tab: Tab, payload: bytes) -> None:
    """What a crowd does by itself when a tab has heard enough."""


def masked(text: str) -> bytes:
    """A frame from a client. A mask of zeros is a mask, and spares the driver the work."""
    payload = text.encode()
    if len(payload) < 126:
        return bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload
    return bytes((0x81, 0x80 | 126)) + len(payload).to_bytes(2) + bytes(4) + payload

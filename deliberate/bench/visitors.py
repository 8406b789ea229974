"""HTTP as a browser that keeps its connections: so many requests at once, each answer timed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from deliberate.bench.driver import Address, Driver, Wire
from deliberate.rehearsal.plan import Unexpected


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    seconds: float
    head: bytes
    body: bytes


class Visitor(Wire):
    """One connection, one request at a time."""

    def __init__(
        self, driver: Driver, address: Address, on_answer: Callable[["Visitor", Answer], None]
    ) -> None:
        super().__init__(driver, address)
        self.on_answer = on_answer
        self.began = 0.0
        self.is_waiting = False

    def ask(self, request: bytes) -> None:
        if self.socket.fileno() < 0:
            self.open()
        self.began, self.is_waiting = time.perf_counter(), True
        self.send(request)

    def lose(self) -> None:
        """Servers close connections that were idle for a while; the next request opens another."""
        if self.is_waiting:
            super().lose()

    def take(self, data: bytes) -> None:
        head, found, body = data.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            self.buffer = data
            return
        self.buffer, self.is_waiting = b"", False
        self.on_answer(self, Answer(int(head[9:12]), time.perf_counter() - self.began, head, body))


class Visitors:
    """`at_once` connections that are asked again as soon as they have answered."""

    def __init__(self, driver: Driver, address: Address, at_once: int) -> None:
        self.driver = driver
        self.answers: list[Answer] = []
        self.queue: Iterator[bytes] = iter(())
        self.visitors = [Visitor(driver, address, self.take) for _ in range(at_once)]

    def take(self, visitor: Visitor, answer: Answer) -> None:
        self.answers.append(answer)
        if (following := next(self.queue, None)) is not None:
            visitor.ask(following)

    def ask(self, requests: Sequence[bytes], expected: int = 200) -> tuple[float, list[Answer]]:
        """All of `requests`: the seconds it took, and the answers as they came."""
        self.begin(requests)
        began = time.perf_counter()
        ended = self.driver.run(lambda: len(self.answers) == len(requests))
        for answer in self.answers:
            check(answer, expected)
        return ended - began, self.answers

    def begin(self, requests: Sequence[bytes]) -> None:
        self.answers, self.queue = [], iter(requests)
        for visitor, request in zip(self.visitors, self.queue, strict=False):
            visitor.ask(request)
            if visitor is self.visitors[-1]:
                return


def check(answer: Answer, expected: int = 200) -> None:
    if answer.status != expected:
        raise Unexpected(
            f"The server answered {answer.status}: {answer.body[:200].decode('utf-8', 'replace')}"
        )


def length_of(head: bytes) -> int:
    """Of the body. Our answers say it; a bodiless one has none."""
    _, found, rest = head.lower().partition(b"content-length: ")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def get(address: Address, path: str, cookie: str = "", *, counted: bool = False) -> bytes:
    more = b"X-Count-Queries: 1\r\n" if counted else b""
    return request_head("GET", address, path, cookie) + more + b"\r\n"


def post(address: Address, path: str, cookie: str, form: Mapping[str, str]) -> bytes:
    body = urlencode(form).encode()
    more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return request_head("POST", address, path, cookie) + more.encode() + body


def request_head(method: str, address: Address, path: str, cookie: str) -> bytes:
    host = f"{address[0]}:{address[1]}"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n"
    ).encode()

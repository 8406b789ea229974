"""The floors: the barest programs that do the same traffic with nothing behind it.

E answers each WebSocket message with a constant, on our own server options; B writes one prepared frame to
every socket, without any server; F appends to a file and waits for the disk.
"""

import asyncio
import os
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

ACK = '{"ack":"0123456789abcdef0123456789abcdef","number":1234}'
FACT_BYTES = 300
LINE = b"x" * 200 + b"\n"  # about what a row and its entry come to
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455: the answer to driver.KEY


# E


def echo() -> Starlette:
    return Starlette(routes=[WebSocketRoute("/live", answer)])


async def answer(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.receive_text()
            await websocket.send_text(ACK)
    except WebSocketDisconnect:
        pass


# B


class Broadcast(asyncio.Protocol):
    """Whatever anybody says once it is open, everybody gets the same frame."""

    everybody: set[asyncio.Transport] = set()
    frame = bytes((0x81, 126)) + FACT_BYTES.to_bytes(2) + b'{"topic"'.ljust(FACT_BYTES)

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        transport = self.transport
        if transport is None:
            return
        if transport in self.everybody:
            for each in self.everybody:
                each.write(self.frame)
            return
        self.everybody.add(transport)
        transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            self.everybody.discard(self.transport)


async def broadcast(host: str, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Broadcast, host, port, backlog=2048)
    await server.serve_forever()


# F


def appends_per_second(folder: Path, count: int) -> float:
    """One line, one fsync, and so on, in the folder where the database lies."""
    handle = os.open(folder / "appended", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        began = time.perf_counter()
        for _ in range(count):
            os.write(handle, LINE)
            os.fsync(handle)
        return count / (time.perf_counter() - began)
    finally:
        os.close(handle)

"""One frame for everybody: uvicorn's WebSocket protocol, with a door for frames that are ready.

News for a thousand readers is encoded once and written straight to each connection. Messages come in without
a task or a pause of their own. Whatever the WebSocket protocol asks (fragments, UTF-8, limits, closing) stays
with uvicorn and websockets. Another server has no such line: there the socket sends text and waits.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINE = "deliberate.line"  # where the connection's line stands in scope["extensions"]
FULL = 64 * 1024  # bytes that wait for the network; a reader with more of them gets nothing new
STALLED_SECONDS = 30  # a reader that takes nothing for this long is cut off


class Line(Protocol):
    """What the socket may ask of the connection it was given."""

    hear: Callable[[str], None] | None  # takes each text message as it arrives
    drained: Callable[[], None] | None  # told when a full line has room again

    def write_frame(self, frame: bytes) -> bool: ...

    def hold(self) -> None: ...

    def go_on(self) -> None: ...


class LiveProtocol(WebSocketsSansIOProtocol):
    """The class for uvicorn's `ws=`."""

    hear: Callable[[str], None] | None = None
    drained: Callable[[], None] | None = None
    _cut: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_cut()
        self.hear = self.drained = None
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        self.scope["extensions"][LINE] = self  # type: ignore[assignment]
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> bool:
        """Hands a whole frame to the network, unless the line is full or closing; never waits."""
        if not self.writable.is_set() or self.disconnected or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def hold(self) -> None:
        """Reads nothing more until `go_on`: this client says more than is answered."""
        self.transport.pause_reading()

    def go_on(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def pause_writing(self) -> None:
        super().pause_writing()
        # A closing transport would wait for its buffer for ever: only cutting it off frees the memory.
        self._cut = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_cut()
        if self.drained is not None:
            self.drained()

    def _forget_cut(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None

    def send_receive_event_to_app(self) -> None:
        if self.hear is None or self.close_sent or self.curr_msg_data_type != "text":
            super().send_receive_event_to_app()
            return
        try:
            text = (self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)).decode()
        except UnicodeDecodeError:
            super().send_receive_event_to_app()  # closes with 1007
            return
        self.frames = []
        self.hear(text)


def framed(text: str) -> bytes:
    """`text` as one unmasked, final WebSocket frame (RFC 6455, 5.2)."""
    body = text.encode()
    if len(body) < 126:
        return bytes((0x81, len(body))) + body
    if len(body) < 65536:
        return b"\x81\x7e" + len(body).to_bytes(2, "big") + body
    return b"\x81\x7f" + len(body).to_bytes(8, "big") + body

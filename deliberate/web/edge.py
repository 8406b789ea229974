"""What uvicorn leaves open: a request head that never arrives would hold its connection for ever."""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from deliberate.live.line import LiveProtocol
from deliberate.settings import Settings


class HeadTimer:
    """Closes a connection whose request head is not there in time.

    Live WebSockets and slow bodies are left alone.
    """

    seconds = 10.0
    _timer: asyncio.TimerHandle | None = None

    transport: Any
    loop: asyncio.AbstractEventLoop
    cycle: Any

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._arm()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)  # type: ignore[misc]
        if self._is_busy():
            self._disarm()
        elif self._timer is None:
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)  # type: ignore[misc]

    def _is_busy(self) -> bool:
        """Upgraded to a WebSocket, or a request is being served."""
        upgraded = self.transport.get_protocol() is not self
        return upgraded or (self.cycle is not None and not self.cycle.response_complete)

    def _arm(self) -> None:
        self._timer = self.loop.call_later(self.seconds, self._late)

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if not self._is_busy():
            self.transport.close()


class TimedHttp(HeadTimer, HttpToolsProtocol):
    """uvicorn's, with the timer. `partial(TimedHttp, seconds)` is what worker processes can be given."""

    def __init__(self, seconds: float, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seconds = seconds


def server_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn runs us, whoever starts it:

    our limits, no compression on sockets, no header that boasts.
    """
    return {
        "http": partial(TimedHttp, settings.head_timeout_seconds),
        "ws": LiveProtocol,
        "ws_max_size": settings.max_frame_bytes,
        "ws_per_message_deflate": False,
        "log_config": None,
        "access_log": False,
        "proxy_headers": bool(settings.forwarded_allow_ips),
        "forwarded_allow_ips": list(settings.forwarded_allow_ips) or None,
        "timeout_graceful_shutdown": 5,
        "server_header": False,
    }

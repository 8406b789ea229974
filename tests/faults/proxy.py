"""A wire between two parties that can be cut: a TCP proxy in the loop of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """Hands bytes on to `port` of this machine. `cut`: they vanish, and nobody is told, until `heal`."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self.whole = asyncio.Event()
        self.whole.set()
        self.writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        self.whole.clear()

    def heal(self) -> None:
        """What was under way when the wire was cut is lost with its connections, as after a long silence."""
        self.drop()
        self.whole.set()

    def drop(self) -> None:
        """Every connection ends at once."""
        for writer in self.writers:
            writer.transport.abort()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
            self.writers |= {writer, far_writer}
            try:
                ways = (self.carry(reader, far_writer), self.carry(far_reader, writer))
                await asyncio.gather(*ways)
            finally:
                self.writers -= {writer, far_writer}
        writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self.whole.wait()
                writer.write(data)
        writer.transport.abort()


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.meet, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.heal()

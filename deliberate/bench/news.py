"""`fanout`, `stalled`, `watchers`, `memory`: what it costs to keep everybody up to date."""

import json
import socket
import time
from collections.abc import Sequence

from deliberate.bench import servers
from deliberate.bench.ballots import ACK, ballots
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.bench.driver import Address, Crowd, Driver, Tab, masked
from deliberate.bench.halls import Hall
from deliberate.bench.servers import BROADCAST, ECHO
from deliberate.bench.visitors import Answer, Visitor, check, get, post

NEWS = b'{"topic"'
WATCHING = b'{"watching"'
PART = b'{"part"'
PART_INSIDE = b'"html":"'  # the frame brings the new part itself
THIN_SEGMENT, THIN_BUFFER = 536, 2_048  # bytes: the kernel keeps little for a reader on a thin line
KIB = 1024


def watching(driver: Driver, address: Address, cookies: Sequence[str], topic: str) -> Crowd:
    crowd = Crowd(driver, address, cookies)
    crowd.ask([watch(topic)] * len(crowd.tabs), WATCHING)
    return crowd


def watch(topic: str) -> bytes:
    return masked(f'{{"watch":"{topic}"}}')


class Rounds:
    """One asks for a fact to be told, all hear it, and only then the next."""

    def __init__(self, crowd: Crowd, count: int, topic: str = "") -> None:
        self.crowd, self.count = crowd, count
        self.frame = masked(f'{{"tell":{{"topic":"{topic}","key":"{"k" * 32}"}}}}')

    async def seconds(self) -> float:
        total = 0.0
        for _ in range(self.count):
            self.crowd.wait_for(NEWS)
            began = time.perf_counter()
            self.crowd.tabs[0].send(self.frame)
            total += self.crowd.driver.run(self.crowd.is_done) - began
        return total

    async def rate(self) -> float:
        return self.count * len(self.crowd.tabs) / await self.seconds()


async def fanout(stage: Stage) -> Found:
    hall, count = await stage.halls.shared(), stage.sizes.deliveries
    topic = f"meeting-{hall.quiet_meeting}"
    async with servers.running(BROADCAST, stage.folder / "bare") as bare:
        with Driver() as driver:
            ours = Rounds(watching(driver, hall.server.address, hall.cookies, topic), count, topic)
            floor = Rounds(Crowd(driver, bare.address, hall.cookies), count)
            return await interleaved(stage, ours.rate, floor.rate)


# One who stops reading


class StalledTab(Tab):
    """Watches, and never reads again: what is sent to it fills the buffers on the way."""

    def prepare(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, THIN_BUFFER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, THIN_SEGMENT)

    def stall(self) -> None:
        self.driver.selector.unregister(self.socket)

    def close(self) -> None:
        self.socket.close()


async def stalled(stage: Stage) -> Found:
    """The rest is timed with one such reader among them, and without."""
    hall = await stage.halls.shared()
    topic, address = f"meeting-{hall.quiet_meeting}", hall.server.address
    with Driver() as driver:
        crowd = watching(driver, address, hall.cookies[1:], topic)
        rounds = Rounds(crowd, stage.sizes.stalled_deliveries, topic)

        async def with_one() -> float:
            alone = Crowd(driver, address, hall.cookies[:1], StalledTab)
            alone.ask([watch(topic)], WATCHING)
            alone.tabs[0].stall()  # type: ignore[attr-defined]
            try:
                return await rounds.seconds()
            finally:
                alone.close()

        return await interleaved(stage, with_one, rounds.seconds)


# A change of the agenda


async def watchers(stage: Stage) -> Found:
    hall = await stage.halls.shared()
    async with servers.running(ECHO, stage.folder / "echo") as echo:
        with Driver() as driver:
            readers = Readers(driver, hall)
            floor = Crowd(driver, echo.address, hall.cookies)
            frames = ballots(1, len(hall.cookies))

            async def ask() -> float:
                return floor.ask(frames, ACK)

            return await interleaved(stage, readers.change, ask)


class Readers:
    """Each watches the meeting, and has the new part once the frame, or an answer over HTTP, brings it."""

    def __init__(self, driver: Driver, hall: Hall) -> None:
        self.driver, self.address = driver, hall.server.address
        topic, path = f"meeting-{hall.meeting}", f"/meetings/{hall.meeting}/parts/agenda"
        self.crowd = Crowd(driver, self.address, hall.cookies)
        watch_part = masked(json.dumps({"watch": topic, "parts": {path: "meeting_ item_"}}))
        self.crowd.ask([watch_part] * len(hall.cookies), WATCHING)
        self.fetchers = [Visitor(driver, self.address, self.have) for _ in hall.cookies]
        self.requests = {
            tab: (fetcher, get(self.address, path, cookie))
            for tab, fetcher, cookie in zip(self.crowd.tabs, self.fetchers, hall.cookies, strict=True)
        }
        self.chair = Visitor(driver, self.address, self.changed)
        self.move = f"/meetings/{hall.meeting}/items/{hall.items[len(hall.items) // 2]}/move"
        self.cookie, self.up = hall.house.secretary.cookie, False
        self.up_to_date = 0
        self.crowd.on_heard = self.hear

    async def change(self) -> float:
        """The seconds from the secretariat's request until the last reader has the part."""
        self.up, self.up_to_date = not self.up, 0
        self.crowd.wait_for(PART)
        began = time.perf_counter()
        form = {"direction": "up" if self.up else "down"}
        self.chair.ask(post(self.address, self.move, self.cookie, form))
        return self.driver.run(lambda: self.up_to_date == len(self.crowd.tabs)) - began

    def hear(self, tab: Tab, payload: bytes) -> None:
        if PART_INSIDE in payload:
            self.up_to_date += 1
            return
        fetcher, request = self.requests[tab]
        fetcher.ask(request)

    def have(self, fetcher: Visitor, answer: Answer) -> None:
        check(answer)
        self.up_to_date += 1

    def changed(self, chair: Visitor, answer: Answer) -> None:
        check(answer, 303)


# Memory


async def memory(stage: Stage) -> Found:
    """What each further socket that watches adds to the process, group after group on a server of its own."""
    async with stage.halls.fresh("memory") as hall, servers.running(ECHO, stage.folder / "echo") as echo:
        with Driver() as driver:
            topic, size = f"meeting-{hall.quiet_meeting}", stage.sizes.idle
            taken = {"ours": 0, "floor": 0}

            def cookies(whose: str) -> list[str]:
                first = taken[whose]
                taken[whose] = first + size
                several = hall.cookies * (1 + (first + size) // len(hall.cookies))
                return several[first : first + size]

            async def ours() -> float:
                before = hall.server.resident_bytes()
                watching(driver, hall.server.address, cookies("ours"), topic)
                return kib_each(hall.server.resident_bytes() - before, size)

            async def floor() -> float:
                before = echo.resident_bytes()
                Crowd(driver, echo.address, cookies("floor"))
                return kib_each(echo.resident_bytes() - before, size)

            return await interleaved(stage, ours, floor)


def kib_each(bytes_more: int, sockets: int) -> float:
    """Pages come in fours of KiB: less than one for each socket cannot be told from nothing."""
    return max(1.0, bytes_more / sockets / KIB)

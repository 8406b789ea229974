"""`reads`: a page is read while a burst of ballots is being stored, and while nothing else happens."""

from collections.abc import Sequence

from deliberate.bench.ballots import ACK, ballots
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.bench.driver import Crowd, Driver
from deliberate.bench.halls import BURSTS
from deliberate.bench.visitors import Visitors, check, get

AT_ONCE = 2  # readers beside the voters
MOST_READS = 2_000  # in one burst, far beyond what any server answers


async def reads(stage: Stage) -> Found:
    """p99 of reading the page of the vote, in seconds; as many quiet reads as in the bursts."""
    hall = await stage.halls.shared()
    with Driver() as driver:
        address, size = hall.server.address, min(stage.sizes.burst, len(hall.cookies))
        crowd = Crowd(driver, address, hall.cookies[:size])
        visitors = Visitors(driver, address, AT_ONCE)
        counts: list[int] = []

        def page(vote: int) -> bytes:
            return get(address, f"/votes/{vote}", hall.cookies[-1])

        async def in_bursts() -> float:
            times: list[float] = []
            for _ in range(BURSTS):
                vote = next(hall.votes)
                visitors.begin([page(vote)] * MOST_READS)
                crowd.ask(ballots(vote, size), ACK)
                times += settle(visitors)
            counts.append(len(times))
            return p99(times)

        async def quiet() -> float:
            count = counts[-1] if counts else AT_ONCE * BURSTS
            _, answers = visitors.ask([page(1)] * count)
            return p99([answer.seconds for answer in answers])

        return await interleaved(stage, in_bursts, quiet)


def settle(visitors: Visitors) -> list[float]:
    """No further reads: those under way are waited for. How long each took."""
    visitors.queue = iter(())
    visitors.driver.run(lambda: not any(visitor.is_waiting for visitor in visitors.visitors))
    for answer in visitors.answers:
        check(answer)
    return [answer.seconds for answer in visitors.answers]


def p99(times: Sequence[float]) -> float:
    """The time that one read in a hundred exceeds; of few reads the longest."""
    return sorted(times)[min(len(times) - 1, int(0.99 * len(times)))]

"""The benchmarks of DESIGN.md section 9, with their goals."""

from deliberate.bench import analysing, ballots, news
from deliberate.bench.benchmark import Benchmark, Goal

ECHO = "a Starlette WebSocket endpoint that answers with a constant"

BENCHMARKS = (
    Benchmark(
        "ballots",
        "1,000 signed-in voters cast by socket at once, acknowledged after the commit (SQLite, FULL)",
        "ballots/s",
        ECHO,
        Goal(0.6, at_least=True),
        ballots.by_socket,
    ),
    Benchmark(
        "ballots-pg",
        "the same on PostgreSQL",
        "ballots/s",
        ECHO,
        Goal(0.5, at_least=True),
        ballots.on_postgres,
    ),
    Benchmark(
        "ballots-http",
        "the same by form, 200 at a time",
        "ballots/s",
        "reading a page with an empty template, 200 at a time",
        Goal(0.25, at_least=True),
        ballots.by_form,
    ),
    Benchmark(
        "fanout",
        "one fact of 300 bytes to 1,000 watchers, round after round",
        "deliveries/s",
        "a bare asyncio protocol that writes one prepared frame to every socket",
        Goal(0.6, at_least=True),
        news.fanout,
    ),
    Benchmark(
        "analyse",
        "statistics of 60 raters, 2,000 items, 3 rounds: the whole command",
        "s",
        "a process in which numpy reads the same file",
        Goal(20),
        analysing.analyse,
    ),
)
NAMES = tuple(each.name for each in BENCHMARKS)

"""The benchmarks of DESIGN.md section 9, with their goals."""

from deliberate.bench import analysing, ballots, commits, news, pages, reading, records
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
        "commits",
        "one opinion submitted after another, each its own transaction",
        "opinions/s",
        "one fsync after each line appended to a file",
        Goal(0.3, at_least=True),
        commits.commits,
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
        "watchers",
        "a change on an agenda of 100 items until the last of 1,000 watchers has the new part",
        "s",
        f"1,000 questions and answers of {ECHO}",
        Goal(3),
        news.watchers,
    ),
    Benchmark(
        "stalled",
        "the fan-out to all others while one watcher has stopped reading",
        "s",
        "the same without that watcher",
        Goal(1.1),
        news.stalled,
    ),
    Benchmark(
        "reads",
        "p99 of reading the page of a vote during bursts of 500 ballots",
        "s",
        "p99 of as many reads of it while nothing else happens",
        Goal(3),
        reading.reads,
    ),
    Benchmark(
        "memory",
        "resident memory of the server for each idle watcher",
        "KiB",
        f"the same for {ECHO}",
        Goal(40, of_value=True),
        news.memory,
    ),
    Benchmark(
        "pages",
        "the slowest page of an assessment of 300 questions, 60 experts and 5,000 references",
        "s",
        "a page with an empty template, on the same server",
        Goal(pages.GOAL),
        pages.pages,
    ),
    Benchmark(
        "compile",
        "a record of 1,000 questions with three rounds each, its JSON and its page: for 100 questions",
        "s",
        "the same for a record of 100 questions",
        Goal(1.25),
        records.compile_,
    ),
    Benchmark(
        "analyse",
        "statistics of 60 raters, 2,000 items, 3 rounds: the whole command",
        "s",
        "a process in which numpy reads the same file",
        Goal(20),
        analysing.analyse,
    ),
    Benchmark(
        "verify",
        "a bundle with a journal of 100,000 entries, verified offline",
        "s",
        "SHA-256 of the same bytes, twice",
        Goal(15),
        records.verify,
    ),
)
NAMES = tuple(each.name for each in BENCHMARKS)

"""`compile` and `verify`: the record of a large assessment, and a long journal read again by a sceptic."""

import time
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.bench import deliberated, places
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.live.database import opened
from deliberate.live.journal import commitment, entry_body, stamp
from deliberate.live.keeper import Keeper
from deliberate.record.bundle import journal_files, write_bundle
from deliberate.record.compile import canonical, compile_content, digest
from deliberate.record.content.facts import load_facts
from deliberate.record.render import standalone_html
from deliberate.record.sealing import LANGUAGE
from deliberate.record.verifier import verify as verified
from deliberate.rehearsal.plan import Unexpected
from deliberate.settings import Settings

RATERS = 12
MOST_RUNS = 3  # a record of a thousand questions takes its time, and how it grows shows in three
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


# compile


async def compile_(stage: Stage) -> Found:
    """Seconds for a hundred questions: of the large record, and of the small one as the floor."""
    small, large = stage.sizes.compiled
    sites = {count: await write(stage, count) for count in (small, large)}
    found = Found([], [])
    runs = min(stage.runs, MOST_RUNS)
    for turn in range(runs):
        for count, figures in ((small, found.floors), (large, found.values)):
            figures.append(await seconds_to_compile(*sites[count]) * 100 / count)
            stage.told(f"{count} questions, run {turn + 1} of {runs}")
    return found


async def write(stage: Stage, count: int) -> tuple[Settings, int]:
    stage.told(f"writing {count} questions")
    async with places.opened(stage.folder / str(count)) as settings:
        dossier = await deliberated.make_dossier(settings, RATERS, count, count)
    return settings, dossier.house.assessment.id


async def seconds_to_compile(settings: Settings, assessment: int) -> float:
    """From the rows to the content, its canonical bytes, and the page of the bundle."""
    async with opened(settings.database_url):
        began = time.perf_counter()
        content = compile_content(await load_facts(assessment), version=1, as_of=1, now=NOW)
        canonical(content)
        standalone_html(content, LANGUAGE)
        return time.perf_counter() - began


# verify


async def verify(stage: Stage) -> Found:
    data = bundle(stage.sizes.entries)

    async def ours() -> float:
        began = time.perf_counter()
        if not (report := verified(data)).holds:
            raise Unexpected(f"The bundle of the benchmark does not hold: {report}")
        return time.perf_counter() - began

    async def floor() -> float:
        began = time.perf_counter()
        for _ in range(2):
            sha256(data).digest()
        return time.perf_counter() - began

    return await interleaved(stage, ours, floor)


def bundle(entries: int) -> bytes:
    """A sealed record whose journal tells of ballots, as most journals mostly do."""
    keeper = Keeper(Ed25519PrivateKey.generate(), "bench.example.org")
    content = {"version": 1, "votes": []}
    lines = [ballot_line(number) for number in range(1, entries)]
    sealed = {"version": 1, "record_sha256": digest(content)}
    lines.append(entry_body(entries, "record-1", "record_sealed", stamp(NOW), 1, sealed))
    files = {"record.json": canonical(content), **journal_files(lines, entries, keeper.signer(1))}
    return write_bundle(files, keeper.key)


def ballot_line(number: int) -> bytes:
    details = {"cast": number, "entitled": number, "commitment": commitment({"ballot": number}, "salt")}
    return entry_body(number, f"vote-{number // 1_000 + 1}", "ballot_cast", stamp(NOW), None, details)

"""The `deliberate` command. Each command reads settings, opens what it needs, and hands over.

What they need they import themselves: the whole application takes most of a second to load, and `analyse`
needs none of it.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console

from deliberate import __version__
from deliberate.analyse import command as analysis
from deliberate.analyse.files import Unusable

if TYPE_CHECKING:
    from deliberate.settings import Settings

Result = TypeVar("Result")
Method = Literal["all", "RAM", "HAS_RCF", "COMET_70_15", "PERCENT", "AWMF", "GRADE_GRID", "MEDIAN_IQR"]
PercentileRule = Literal["type7", "type6", "type2"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
db_app = typer.Typer(no_args_is_help=True, help="The database: upgrade, check.")
config_app = typer.Typer(no_args_is_help=True, help="The settings: check, show.")
app.add_typer(db_app, name="db")
app.add_typer(config_app, name="config")
to_people = Console(stderr=True)


@app.callback()
def main() -> None:
    """Deliberate: where a health authority's experts deliberate."""
    # What is loaded from here on stays: Python's collector took a tenth of the time until a server was up.
    gc.set_threshold(50_000, 20, 50)


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; more than one needs PostgreSQL and Redis.")
    ] = None,
) -> None:
    """Runs the server. The first start makes the data directory and prints the first administrator's link.

    Of several processes a dead one is replaced; SIGHUP to this one replaces them one after another.
    """
    settings = settings_or_exit(host=host, port=port, workers=workers)
    link = run(prepare(settings))
    if link:
        typer.echo(f"First administrator, one use, {settings.first_link_minutes:g} minutes: {link}")
    run_server(settings)


@app.command("demo")
def demo_command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8000,
    data: Annotated[
        Path | None, typer.Option(help="Keep the data here, instead of throwing it away.")
    ] = None,
) -> None:
    """Starts a seeded mesotherapy assessment on 127.0.0.1 and prints one sign-in link for each role."""
    with folder_or_temporary(data) as folder:
        settings = settings_or_exit(
            data_dir=folder,
            database_url=f"sqlite://{folder / 'deliberate.sqlite3'}",
            host="127.0.0.1",
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            demo=True,
            log_level="warning",
            log_json=False,
        )
        for line in run(seed(settings)):
            typer.echo(line)
        run_server(settings)


@app.command()
def rehearse(
    assessment: Annotated[
        Path | None, typer.Option(help="Assessment file; the mesotherapy one by default.")
    ] = None,
    ratings: Annotated[
        Path | None, typer.Option(help="CSV: rater, then one column for each statement.")
    ] = None,
    experts: Annotated[
        int, typer.Option(min=5, max=200, help="Experts in the working groups together.")
    ] = 12,
    out: Annotated[Path, typer.Option(help="Where the record and the bundle are written.")] = Path(
        "rehearsal"
    ),
    seed: Annotated[int, typer.Option(help="Of the simulated ratings.")] = 1,
    server: Annotated[str | None, typer.Option(help="A running server, instead of one of our own.")] = None,
    link: Annotated[str | None, typer.Option(help="An administrator's sign-in link to that server.")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="Database of our own server; SQLite by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Plays a whole assessment against a real server, as all of its people, and writes the record."""
    from deliberate import rehearsal
    from deliberate.settings import data_path

    plan = rehearsal.Plan(
        assessment=assessment or data_path("config") / "assessments" / "mesotherapy.toml",
        ratings=ratings,
        experts=experts,
        out=out,
        seed=seed,
        server=server,
        link=link,
        database_url=database_url,
    )
    try:
        report = run(rehearsal.rehearse(plan, to_people))
    except rehearsal.Unexpected as error:
        to_people.print(f"[bold]The rehearsal stopped.[/bold] {error}", highlight=False)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(report, ensure_ascii=False)) if as_json else to_people.print(
        rehearsal.summary(report)
    )
    if not report["verified"]:
        raise typer.Exit(1)


@app.command("analyse")
def analyse_command(
    ratings: Annotated[
        str, typer.Argument(metavar="RATINGS", help="CSV or XLSX, wide or long; - reads standard input.")
    ],
    method: Annotated[Method, typer.Option(help="The method that counts and is shown.")] = "all",
    protocol: Annotated[
        Path | None, typer.Option(help="Parameters: TOML or JSON, of an assessment or on their own.")
    ] = None,
    percentile: Annotated[
        PercentileRule | None, typer.Option(help="Of quartiles and IPRAS; type7 unless told otherwise.")
    ] = None,
    language: Annotated[Literal["fr", "en"], typer.Option(help="Of tables and page.")] = "en",
    html: Annotated[
        Path | None, typer.Option(help="Write a page with charts that needs no other file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Consensus statistics of any panel's ratings under every method. Needs no server and no database."""
    request = analysis.Request(ratings, method, protocol, percentile, language, html)
    try:
        report = analysis.analysed(request)
    except Unusable as error:
        typer.echo("\n".join(error.lines), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(analysis.as_json(report))
    else:
        analysis.show_tables(report, request)


@app.command("bench")
def bench_command(
    only: Annotated[
        list[str] | None, typer.Option(help="One benchmark by name; may be given several times.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, max=50, help="Of each, its floor in between.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measures this version on this machine, each figure as a ratio to a floor taken in the same run."""
    from deliberate import bench, logs

    if unknown := sorted(set(only or ()) - set(bench.NAMES)):
        typer.echo(f"There is no benchmark {unknown[0]}. There are: {', '.join(bench.NAMES)}.", err=True)
        raise typer.Exit(2)
    logs.configure("warning", as_json=False)
    report = run(bench.measured(only or (), runs, to_people))
    typer.echo(bench.as_json(report)) if as_json else bench.shown(report, Console())


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An assessment (TOML), or ratings (CSV, XLSX).")],
    assessment: Annotated[
        str | None,
        typer.Option(help="Of ratings: the assessment they belong to, by the name in its address."),
    ] = None,
    round_number: Annotated[
        int | None, typer.Option("--round", min=1, help="Of ratings: the round they become.")
    ] = None,
) -> None:
    """Loads an assessment, or a round rated elsewhere. A bad file is told line by line and changes nothing;
    loading twice changes nothing.
    """
    settings = settings_or_exit()
    try:
        content = file.read_bytes()
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error}", err=True)
        raise typer.Exit(1) from None
    if file.suffix.lower() not in (".csv", ".xlsx"):
        typer.echo(run(load_assessment(settings, file, content)))
    elif assessment is None or round_number is None:
        typer.echo("Say what the ratings belong to: --assessment SLUG --round N.", err=True)
        raise typer.Exit(2)
    else:
        typer.echo(run(load_ratings(settings, file, content, assessment, round_number)))


async def load_assessment(settings: "Settings", file: Path, written: bytes) -> str:
    from deliberate.assessments.actions import found_assessment
    from deliberate.assessments.file import FileInvalid, read_assessment
    from deliberate.people.actions import CONSOLE
    from deliberate.questions.founding import add_evidence_items, add_questions
    from deliberate.record.reporting_actions import add_reporting

    try:
        content = read_assessment(written.decode("utf-8"))
    except FileInvalid as error:
        for problem in error.found:
            place = f"{file}:{problem.line}" if problem.line else str(file)
            typer.echo(f"{place}: {problem.where}: {problem.sentence}", err=True)
        raise typer.Exit(1) from None
    except UnicodeDecodeError as error:
        typer.echo(f"{file} cannot be read: {error}", err=True)
        raise typer.Exit(1) from None
    async with ready(settings):
        steps = [add_questions, add_evidence_items, add_reporting]
        found, made = await found_assessment(content, CONSOLE, also=steps)
        return f"{found.slug}: {'loaded' if made else 'already loaded, nothing changed'}."


async def load_ratings(settings: "Settings", file: Path, content: bytes, slug: str, number: int) -> str:
    from deliberate.assessments.models import Assessment
    from deliberate.people.actions import CONSOLE
    from deliberate.voting.importing import RatingsInvalid, Source, import_ratings

    async with ready(settings):
        found = await Assessment.get_or_none(slug=slug)
        if found is None:
            typer.echo(f"There is no assessment {slug}.", err=True)
            raise typer.Exit(1)
        try:
            done = await import_ratings(found, Source(file.name, content, number), CONSOLE)
        except RatingsInvalid as error:
            for problem in error.found:
                typer.echo(f"{file}:{problem.line}: {problem.message}", err=True)
            raise typer.Exit(1) from None
    if done.again:
        return f"{slug}: already loaded, nothing changed."
    return f"{slug}: round {number} of {done.votes} statements, {done.ballots} answers."


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False
)
def verify(context: typer.Context) -> None:
    """Checks a sealed record offline: `deliberate verify BUNDLE [--fingerprint HEX] [--checkpoint FILE]`."""
    from deliberate.record import verifier

    raise typer.Exit(verifier.main(context.args))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Backs up, then brings the database to this version."""
    from deliberate.live import database
    from deliberate.settings import ensure_data_dir

    settings = settings_or_exit()
    ensure_data_dir(settings)
    applied = run(database.upgrade(settings.database_url))
    typer.echo("\n".join(applied) if applied else "Up to date.")


@db_app.command("check")
def db_check() -> None:
    """Is the database durable, at this version, and of the expected schema?"""
    from deliberate.live import database

    settings = settings_or_exit()

    async def check() -> list[str]:
        pending = await database.pending_migrations(settings.database_url)
        if not pending:
            await database.verify_schema(settings.database_url)
            async with database.opened(settings.database_url):
                pass
        return pending

    pending = run(check())
    typer.echo(f"Not yet applied: {', '.join(pending)}" if pending else "Durable, up to date, as expected.")
    raise typer.Exit(1 if pending else 0)


@config_app.command("check")
def config_check() -> None:
    """Would the server start with these settings?"""
    settings_or_exit()
    typer.echo("These settings are safe to start with.")


@config_app.command("show")
def config_show() -> None:
    """Prints the settings without keys and passwords."""
    typer.echo(json.dumps(settings_or_exit().redacted(), indent=2, ensure_ascii=False, default=str))


def settings_or_exit(**given: Any) -> "Settings":
    from deliberate import logs
    from deliberate.settings import UnusableSettings, load

    try:
        settings = load(**{name: value for name, value in given.items() if value is not None})
        settings.check()
    except UnusableSettings as error:
        for reason in error.reasons:
            typer.echo(reason, err=True)
        raise typer.Exit(2) from None
    logs.configure(settings.log_level, settings.log_json)
    return settings


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end; what it refuses becomes a sentence and exit code 1."""
    from deliberate.errors import Refusal
    from deliberate.live import database
    from deliberate.settings import UnusableSettings

    try:
        return asyncio.run(work)
    except (Refusal, database.UnsafeDatabase, UnusableSettings) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


async def prepare(settings: "Settings") -> str | None:
    """Data directory and database made ready; the first administrator's link when there is none yet."""
    from deliberate.people.actions import first_administrator_link

    async with ready(settings):
        return await first_administrator_link(settings)


async def seed(settings: "Settings") -> list[str]:
    from deliberate import demo

    async with ready(settings):
        return await demo.seed(settings)


@contextlib.asynccontextmanager
async def ready(settings: "Settings") -> AsyncIterator[None]:
    from deliberate.live import database
    from deliberate.settings import ensure_data_dir

    ensure_data_dir(settings)
    await database.upgrade(settings.database_url)
    async with database.opened(settings.database_url):
        yield


@contextlib.contextmanager
def folder_or_temporary(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="deliberate-demo-") as name:
        yield Path(name)


def run_server(settings: "Settings") -> None:
    """uvicorn with our limits, until a signal. The application is named, not imported:

    it imports everything.
    """
    import uvicorn

    from deliberate.web.edge import server_options

    for name, value in server_environment(settings).items():
        os.environ[name] = value
    if settings.workers == 1:  # nothing to replace one after another, and a hang-up would end it
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    uvicorn.run(
        "deliberate.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        **server_options(settings),
    )


def server_environment(settings: "Settings") -> dict[str, str]:
    """What the command line decided, for the process that serves."""
    return {
        "DELIBERATE_DATA_DIR": str(settings.data_dir),
        "DELIBERATE_DATABASE_URL": settings.database_url,
        "DELIBERATE_HOST": settings.host,
        "DELIBERATE_PORT": str(settings.port),
        "DELIBERATE_WORKERS": str(settings.workers),
        "DELIBERATE_PUBLIC_URL": settings.public_url,
        "DELIBERATE_DEMO": "true" if settings.demo else "false",
        "DELIBERATE_LOG_LEVEL": settings.log_level,
        "DELIBERATE_LOG_JSON": "true" if settings.log_json else "false",
    }


if __name__ == "__main__":
    sys.exit(app())

"""The whole story in order, act by act, with a progress bar; and what it came to."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from deliberate.assessments.file import AssessmentFile
from deliberate.questions.models import scales_from
from deliberate.record.verifier import Outcome
from deliberate.rehearsal import deliberation, hearing, rating, review
from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.company import Company, gather_company, least_raters, parts_for
from deliberate.rehearsal.plan import Plan, Unexpected, read_content, working_groups
from deliberate.rehearsal.play import Play
from deliberate.rehearsal.ratings import Ratings, Simulated, read_file
from deliberate.rehearsal.report import Counts
from deliberate.rehearsal.review import Sealed
from deliberate.rehearsal.server import House, own_server
from deliberate.rehearsal.simulation import Simulation


async def rehearse(plan: Plan, console: Console) -> dict[str, Any]:
    """Plays the assessment and returns the report.

    Raises:
        Unexpected: something went differently from the story.
    """
    began = time.monotonic()
    content = read_content(plan)
    simulation = Simulation(plan.seed, scales_from(content.protocol))
    ratings = ratings_for(plan, content, simulation)
    make_folder(plan)
    counts = Counts(questions=len(content.questions))
    with bar(console) as progress:
        task = progress.add_task("", total=steps_of(content, ratings))
        say = announcing(counts, progress, task)
        say("Starting a server" if plan.server is None else "Calling on the server")
        async with house_for(plan) as house:
            say("Inviting everybody")
            company = Company(Browser(house.url, "the administrator", counts))
            play = Play(
                plan, content, house, counts, company, simulation, ratings, lambda: progress.advance(task)
            )
            try:
                await set_up(play)
                sealed = await play_all(play, say)
            finally:
                await company.leave()
            say("Stopping the server" if plan.server is None else "Taking leave")
    return write_all(play, sealed, time.monotonic() - began)


def make_folder(plan: Plan) -> None:
    """Before anything starts: a rehearsal whose record cannot be written is none."""
    try:
        plan.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unexpected(f"{plan.out} cannot be written to: {error.strerror}.") from None


def ratings_for(plan: Plan, content: AssessmentFile, simulation: Simulation) -> Ratings:
    if plan.ratings is None:
        return Simulated(simulation, plan.experts)
    groups_of = {
        statement.code: question.group for question in content.questions for statement in question.statements
    }
    return read_file(plan.ratings, groups_of, working_groups(content))


@asynccontextmanager
async def house_for(plan: Plan) -> AsyncIterator[House]:
    if plan.server is None:
        async with own_server(plan.database_url) as house:
            yield house
        return
    if plan.link is None:
        raise Unexpected("With --server, give an administrator's sign-in link to it with --link.")
    yield House(plan.server.rstrip("/"), plan.link)


def bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<32}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def announcing(counts: Counts, progress: Progress, task: TaskID) -> Callable[[str], None]:
    """Shows each act on the bar, and notes when it began."""

    def say(words: str) -> None:
        progress.update(task, description=words)
        counts.began[words] = time.monotonic()

    return say


def steps_of(content: AssessmentFile, ratings: Ratings) -> int:
    """About how much there is to do; the bar is set to its end when it is done."""
    statements = sum(len(question.statements) for question in content.questions)
    groups = len(working_groups(content))
    raters = max(least_raters(content), ratings.raters // groups)
    return 4 * len(content.questions) + raters * (len(content.questions) + statements) + 40


async def set_up(play: Play) -> None:
    """The assessment founded, everybody invited and signed in."""
    administrator = play.company.administrator
    await administrator.sign_in(play.house.link)
    await refuse_used_link(play)
    await found_assessment(play)
    parts = parts_for(play.content, play.ratings)
    await gather_company(play.company, play.house.url, play.slug, parts, play.plan.seed, play.counts)


async def refuse_used_link(play: Play) -> None:
    stranger = Browser(play.house.url, "a stranger", play.counts)
    await stranger.refused("a sign-in link used twice", "POST", urlsplit(play.house.link).path, by=(409,))
    await stranger.close()


async def found_assessment(play: Play) -> None:
    administrator = play.company.administrator
    loaded = await administrator.read("/assessments/import")
    if play.slug in {each["slug"] for each in loaded["loaded"]}:
        raise Unexpected(
            f"The server already has an assessment called {play.slug}, and a rehearsal needs it to itself. "
            "Use a fresh server, or give the file another slug."
        )
    await administrator.post("/assessments/import", text=play.plan.assessment.read_text("utf-8"))


async def play_all(play: Play, say: Callable[[str], None]) -> Sealed:
    """The acts, in order."""
    say("Declaring interests")
    await deliberation.learn_ids(play)
    await deliberation.declare_interests(play)
    await deliberation.recuse(play)
    say("Freezing the protocol")
    await deliberation.freeze_protocol(play)
    say("Writing opinions, blind")
    await deliberation.write_opinions(play)
    say("Revealing and discussing")
    await deliberation.reveal(play)
    await deliberation.discuss(play)
    await deliberation.draft_conclusions(play)
    if play.content.hearing_themes:
        say("Hearing stakeholders")
        await hearing.hear_stakeholders(play)
    say("Rating in two meetings at once")
    await asyncio.gather(*(rating.rate_in_meeting(play, group) for group in working_groups(play.content)))
    say("Adopting conclusions")
    await deliberation.adopt_conclusions(play)
    say("Before the committee")
    record = await review.compile_and_freeze(play)
    following = await review.comment_and_answer(play, record)
    await review.adopt_in_meeting(play, following)
    say("Verifying offline")
    return await review.download_and_verify(play, [])


def write_all(play: Play, sealed: Sealed, seconds: float) -> dict[str, Any]:
    """The files, and the report of it all."""
    out, counts = play.plan.out, play.counts
    paths = {
        "record.json": out / "record.json",
        "record.html": out / "record.html",
        "bundle": out / f"{play.slug}-record.zip",
    }
    paths["record.json"].write_bytes(sealed.members["record.json"])
    paths["record.html"].write_bytes(sealed.members["record.html"])
    paths["bundle"].write_bytes(sealed.bundle)
    failed = [check.name for check in sealed.report.checks if check.outcome == Outcome.FAILED]
    return {
        "assessment": play.slug,
        "seed": play.plan.seed,
        "experts": play.ratings.raters,
        "questions": counts.questions,
        "opinions": counts.opinions,
        "comments": counts.comments,
        "contributions": counts.contributions,
        "statements_rated": counts.statements_rated,
        "votes": counts.votes,
        "ballots_sent": counts.ballots_sent,
        "ballots_acknowledged": counts.ballots_acknowledged,
        "ballots_counted": counts.ballots_counted,
        "refused_as_expected": counts.refusals.total(),
        "refusals": dict(counts.refusals),
        "journal_entries": sealed.journal_entries,
        "record": str(paths["record.json"]),
        "page": str(paths["record.html"]),
        "bundle": str(paths["bundle"]),
        "verified": sealed.report.holds,
        "failed_checks": failed,
        "seconds": round(seconds, 2),
        "acts": counts.seconds_of_acts(),
    }

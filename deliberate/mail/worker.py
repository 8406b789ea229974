"""Carries letters out, beside the requests. Without a mail server nobody does: pages show the links.

A letter is claimed by moving its `due_at` to the next try, in a transaction of its own: several processes
never hold the same letter, and one that dies while sending leaves it to be tried again. Readers may get a
letter twice, never not at all.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import aiosmtplib

from deliberate import logs
from deliberate.live.database import writing
from deliberate.mail.letter import compose
from deliberate.mail.models import OutboxMessage
from deliberate.settings import Settings

POLL_SECONDS = 2.0
BATCH = 20
MAX_TRIES = 8
LONGEST_WAIT = timedelta(hours=12)
TIMEOUT_SECONDS = 30.0
log = logs.get(__name__)


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """Letters leave until the end of the block; one under way then is tried again after the next start."""
    if settings.smtp_url is None:
        yield
        return
    # A cancellation that meets the answer of the mail server can be lost inside asyncio.wait_for (Python
    # 3.11): the word to stop is kept where it cannot be.
    stop = asyncio.Event()
    task = asyncio.create_task(carry(settings, stop))
    try:
        yield
    finally:
        stop.set()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def carry(settings: Settings, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            handled = await deliver(settings)
        except Exception:
            log.exception("The outbox could not be read")
            handled = 0
        if not handled:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)


async def deliver(settings: Settings) -> int:
    """Sends what is due, and returns how many letters it took in hand."""
    rows = await claim(datetime.now(UTC))
    if not rows:
        return 0
    left = list(rows)
    try:
        async with connection_to(settings.smtp_url or "") as server:
            while left:
                await send(left[0], server, settings.mail_from or "")
                left.pop(0)
    except (aiosmtplib.SMTPException, OSError) as error:  # nobody answers, or hangs up half-way
        for row in left:
            await note_failure(row, error)
    return len(rows)


async def claim(now: datetime) -> list[OutboxMessage]:
    """What is due, each letter promised to us alone until its next try."""
    due = OutboxMessage.filter(sent_at=None, given_up_at=None, due_at__lte=now)
    if not await due.exists():  # looks without taking the writer's turn
        return []
    async with writing():
        rows = await due.order_by("due_at", "id").limit(BATCH).select_for_update(skip_locked=True)
        for row in rows:
            row.tries += 1
            row.due_at = now + wait_after(row.tries)
            await row.save(update_fields=["tries", "due_at"])
    return rows


def wait_after(tries: int) -> timedelta:
    """1, 4, 16, 64 minutes and so on: a server that is away over a night loses nothing."""
    return min(timedelta(minutes=4 ** (tries - 1)), LONGEST_WAIT)


def connection_to(url: str) -> aiosmtplib.SMTP:
    """smtps: encrypted from the first byte; smtp: by STARTTLS, which a password makes compulsory."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "smtps"
    return aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port or (465 if encrypted else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=encrypted,
        start_tls=False if encrypted else True if parts.password else None,
        timeout=TIMEOUT_SECONDS,
    )


async def send(row: OutboxMessage, server: aiosmtplib.SMTP, sender: str) -> None:
    """One letter. A refusal of it is noted; a broken connection is raised, for it concerns those behind it,
    too.
    """
    try:
        await server.send_message(compose(row, sender))
    except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused, ValueError) as error:
        await note_failure(row, error)
    else:
        row.sent_at, row.failure = datetime.now(UTC), ""
        row.body = "" if row.secret else row.body
        await save(row)


async def note_failure(row: OutboxMessage, error: Exception) -> None:
    row.failure = f"{type(error).__name__}: {error}"[:300]
    if row.tries >= MAX_TRIES:
        row.given_up_at = datetime.now(UTC)
        row.body = "" if row.secret else row.body
    log.warning(
        "A letter was not taken", letter=row.id, tries=row.tries, given_up=row.given_up_at is not None
    )
    await save(row)


async def save(row: OutboxMessage) -> None:
    async with writing():
        await row.save(update_fields=["sent_at", "given_up_at", "failure", "body"])

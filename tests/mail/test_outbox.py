"""The outbox: a letter is written with its act, leaves once, and is tried again when the server is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import pytest_asyncio
import time_machine
from aiosmtpd.smtp import SMTP

from deliberate.errors import NotFound, Refused
from deliberate.live.database import writing
from deliberate.mail import outbox, worker
from deliberate.mail.letter import compose
from deliberate.mail.models import OutboxMessage
from deliberate.settings import Settings

CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


class Mailbox:
    """A mail server that keeps what it takes, and refuses whom it is told to."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.arrived = asyncio.Event()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.taken.append(mail)
        self.arrived.set()
        return "250 OK"


@pytest_asyncio.fixture
async def mailbox(settings: Settings) -> AsyncIterator[tuple[Mailbox, Settings]]:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield box, settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"})
    server.close()


async def queued(to: str = "claire@example.org", **more: Any) -> OutboxMessage:
    async with writing():
        return await outbox.queue(to, "Subject", "Good day\n", **more)


async def test_a_letter_leaves_once_with_its_words(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    async with writing():
        await outbox.queue("claire@example.org", "Séance\r\nBcc: x@example.org", "Bonjour à tous\n")
    assert await worker.deliver(settings) == 1
    assert await worker.deliver(settings) == 0
    (mail,) = box.taken
    assert mail["To"] == "claire@example.org" and mail["From"] == settings.mail_from
    assert mail["Subject"] == "Séance Bcc: x@example.org" and mail["Bcc"] is None
    assert mail.get_content().strip() == "Bonjour à tous" and mail["Auto-Submitted"] == "auto-generated"
    assert (await OutboxMessage.get()).sent_at is not None


async def test_an_invitation_for_the_calendar_travels_with_its_letter(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    await queued(calendar=CALENDAR)
    await worker.deliver(settings)
    calendar = next(part for part in box.taken[0].walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REQUEST" and "VCALENDAR" in calendar.get_content()


async def test_a_letter_outside_an_act_is_a_mistake_and_one_of_a_failed_act_never_was(database: Any) -> None:
    with pytest.raises(RuntimeError, match="inside the act"):
        await outbox.queue("claire@example.org", "Subject", "Text")
    with pytest.raises(ZeroDivisionError):
        async with writing():
            await outbox.queue("claire@example.org", "Subject", "Text")
            raise ZeroDivisionError
    assert await OutboxMessage.all().count() == 0


async def test_a_letter_waits_for_its_day(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    await queued(due_at=datetime.now(UTC) + timedelta(hours=1))
    assert await worker.deliver(settings) == 0 and box.taken == []
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=2)):
        assert await worker.deliver(settings) == 1
    assert len(box.taken) == 1


async def test_what_lets_somebody_sign_in_is_not_kept_once_it_has_left(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    await queued(secret=True)
    assert (await OutboxMessage.get()).body != ""
    await worker.deliver(settings)
    assert (await OutboxMessage.get()).body == "" and box.taken[0].get_content().strip() == "Good day"


async def test_one_refused_letter_holds_up_no_other(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    box.refused.add("nobody@example.org")
    for to in ("nobody@example.org", "claire@example.org"):
        await queued(to)
    await worker.deliver(settings)
    assert [mail["To"] for mail in box.taken] == ["claire@example.org"]
    refused = await OutboxMessage.get(to="nobody@example.org")
    assert refused.sent_at is None and refused.tries == 1 and "550" in refused.failure


async def test_a_server_that_is_away_is_asked_ever_less_and_then_given_up(
    settings: Settings, database: Any
) -> None:
    away = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    await queued(secret=True)
    start, waits = datetime.now(UTC), []
    with time_machine.travel(start, tick=False) as clock:
        for _ in range(worker.MAX_TRIES):
            assert await worker.deliver(away) == 1
            row = await OutboxMessage.get()
            waits.append(row.due_at - datetime.now(UTC))
            assert await worker.deliver(away) == 0  # not before its time
            clock.move_to(row.due_at)
        assert await worker.deliver(away) == 0
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 4, 16, 64)]
    assert waits == sorted(waits) and waits[-1] == worker.LONGEST_WAIT
    row = await OutboxMessage.get()
    assert row.given_up_at is not None and row.sent_at is None and row.body == "" and row.failure


async def test_a_letter_given_up_can_be_tried_again_unless_it_was_emptied(
    mailbox: Any, database: Any
) -> None:
    box, settings = mailbox
    plain, secret, waiting = await queued(), await queued(secret=True), await queued()
    now = datetime.now(UTC)
    await OutboxMessage.filter(id__in=[plain.id, secret.id]).update(given_up_at=now, tries=8, failure="away")
    assert [row.id for row in await outbox.given_up()] == [secret.id, plain.id]
    with pytest.raises(NotFound):
        await outbox.try_again(waiting.id)
    with pytest.raises(Refused, match="new link"):
        await outbox.try_again(secret.id)
    await outbox.try_again(plain.id)
    await worker.deliver(settings)
    assert len(box.taken) == 2 and (await OutboxMessage.get(id=plain.id)).failure == ""


async def test_several_workers_never_hold_the_same_letter(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    for number in range(30):
        await queued(f"person{number}@example.org")
    handled = await asyncio.gather(*(worker.deliver(settings) for _ in range(4)))
    while await worker.deliver(settings):
        pass
    assert sum(handled) <= 30
    assert sorted(mail["To"] for mail in box.taken) == sorted(f"person{n}@example.org" for n in range(30))


async def test_the_worker_runs_beside_the_requests_and_stops_with_them(mailbox: Any, database: Any) -> None:
    box, settings = mailbox
    async with worker.working(settings):
        await queued()
        async with asyncio.timeout(60):
            await box.arrived.wait()
    await queued("later@example.org")
    await asyncio.sleep(0.05)
    assert len(box.taken) == 1


async def test_without_a_mail_server_letters_wait(settings: Settings, database: Any) -> None:
    async with worker.working(settings):
        await queued()
        await asyncio.sleep(0.05)
    row = await OutboxMessage.get()
    assert (row.tries, row.sent_at) == (0, None)


def test_a_letter_sent_twice_has_the_same_number() -> None:
    row = OutboxMessage(
        id=7, to="a@example.org", subject="S", body="B", made_at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    first, second = (compose(row, "Deliberate <no-reply@example.org>")["Message-ID"] for _ in range(2))
    assert first == second and first.endswith("@example.org>")


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtps://user:p%40ss@mail.example.org", 465, True, False),
        ("smtp://user:p%40ss@mail.example.org", 587, False, True),  # a password never travels in the clear
        ("smtp://relay.example.org:25", 25, False, None),
    ],
)
async def test_the_mail_server_is_reached_as_its_address_says(
    url: str, port: int, tls: bool, start_tls: bool | None
) -> None:
    server = worker.connection_to(url)
    assert (server.port, server.use_tls, server._start_tls_on_connect) == (port, tls, start_tls)

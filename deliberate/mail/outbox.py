"""Letters are queued in the transaction of what they announce: one never goes without the other.

Whoever queues one answers for its content: nothing goes out that its reader could not see on a page.
"""

from datetime import UTC, datetime

from deliberate.errors import NotFound, Refused
from deliberate.live.database import is_writing, writing
from deliberate.mail.models import OutboxMessage


async def queue(
    to: str,
    subject: str,
    body: str,
    due_at: datetime | None = None,
    *,
    calendar: str = "",
    secret: bool = False,
) -> OutboxMessage:
    """A letter that leaves at `due_at`, or at once. Call it inside `acting` or `writing`.

    `calendar` is the text of an .ics invitation. `secret` empties the body as soon as the letter has left:
    say so for everything that lets somebody sign in.
    """
    if not is_writing():
        raise RuntimeError("A letter is queued inside the act that it announces.")
    now = datetime.now(UTC)
    return await OutboxMessage.create(
        to=to,
        subject=" ".join(subject.split())[:300],  # a line break would begin another header
        body=body,
        calendar=calendar,
        secret=secret,
        made_at=now,
        due_at=due_at or now,
    )


async def given_up() -> list[OutboxMessage]:
    """The letters that did not arrive, the newest first."""
    return await OutboxMessage.exclude(given_up_at=None).order_by("-given_up_at", "-id").limit(50)


async def try_again(message_id: int) -> None:
    """Puts a letter that was given up back in front."""
    async with writing():
        letter = await OutboxMessage.exclude(given_up_at=None).get_or_none(id=message_id)
        if letter is None:
            raise NotFound()
        if letter.secret:
            raise Refused("This letter held a sign-in link and was emptied. Make a new link for this person.")
        letter.given_up_at, letter.tries, letter.due_at = None, 0, datetime.now(UTC)
        await letter.save(update_fields=["given_up_at", "tries", "due_at"])

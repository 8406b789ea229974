"""One meeting as its people live it: everybody at an open tab, every step heard by all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from deliberate.rehearsal.browser import Browser, Screen
from deliberate.rehearsal.company import Player
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.play import Play

Cast = Callable[[Player, Screen, int], Awaitable[bool]]  # casts in a vote; whether a ballot was sent


async def plan_meeting(play: Play, group: str, title: tuple[str, str], subjects: Sequence[str] = ()) -> int:
    """Planned by the secretariat, with an item for each subject; not yet convened."""
    office = play.company.secretariat
    made = await office.post(
        f"/a/{play.slug}/meetings",
        group=play.groups[group],
        title_fr=title[0],
        title_en=title[1],
        planned_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="minutes"),
        place="Salle 4.12 et à distance",
    )
    meeting = int(made["meeting"])
    for subject in subjects:
        await office.post(f"/meetings/{meeting}/agenda", kind="decision", subject=subject, planned_minutes=20)
    return meeting


class Session:
    """A meeting under way."""

    def __init__(self, play: Play, meeting: int, chair: Player, screens: dict[str, Screen]) -> None:
        self.play, self.meeting, self.chair = play, meeting, chair
        self.screens = screens  # by e-mail address, of everybody who is there
        self.items: dict[str, int] = {}  # id by subject

    @property
    def desk(self) -> Browser:
        return self.chair.browser

    @property
    def topic(self) -> str:
        return f"meeting-{self.meeting}"

    async def step(self, path: str, heard: str = "", **fields: Any) -> dict[str, Any]:
        """An act of the chair; every screen hears of it."""
        made = await self.desk.post(f"/meetings/{self.meeting}{path}", **fields)
        if heard:
            await self.all_hear(self.topic, heard, made["number"])
        return made

    async def all_hear(self, topic: str, kind: str, number: int, but: str = "") -> None:
        listening = (screen for name, screen in self.screens.items() if name != but)
        await asyncio.gather(*(screen.hear(topic, kind, number) for screen in listening))

    async def vote(
        self, voters: Sequence[Player], cast: Cast, opened: Awaitable[int], outside: Player | None = None
    ) -> dict[str, Any]:
        """Opened, cast, closed, counted: the result as the server tells it, compared with what was sent.

        `outside` may not know of this vote, whatever happens in it.
        """
        vote = await opened
        topic = f"vote-{vote}"
        seeing = [screen for name, screen in self.screens.items() if not outside or name != outside.who.email]
        await asyncio.gather(*(screen.watch(topic, 0) for screen in seeing))
        sent = await asyncio.gather(
            *(cast(player, self.screens[player.who.email], vote) for player in voters)
        )
        for step, kind in (("close", "vote_closed"), ("reveal", "vote_counted")):
            made = await self.desk.post(f"/votes/{vote}/{step}")
            await asyncio.gather(*(screen.hear(topic, kind, made["number"]) for screen in seeing))
        self.play.counts.votes += 1
        return await self.compare(vote, sum(sent), seeing)

    async def compare(self, vote: int, sent: int, seeing: Sequence[Screen]) -> dict[str, Any]:
        """The count read back, what each screen was told, and what was sent are one number."""
        facts = await self.desk.read(f"/votes/{vote}")
        result = facts["result"]
        self.play.counts.ballots_counted += result["cast"]
        if result["cast"] != sent:
            raise Unexpected(f"Vote {vote}: {sent} ballots were acknowledged and {result['cast']} counted.")
        for screen in seeing:
            told = screen.last(f"vote-{vote}", "vote_counted")
            if told is None or told.facts["cast"] != sent:
                raise Unexpected(
                    f"Vote {vote}: the screen of {screen.browser.name} shows another count than {sent}."
                )
        return {**result, "vote": vote}


@asynccontextmanager
async def in_session(
    play: Play, meeting: int, chair: Player, others: Sequence[Player]
) -> AsyncIterator[Session]:
    """Convened, everybody at a screen and noted as present, opened under quorum; closed at the end."""
    office = play.company.secretariat
    agenda = await office.read(f"/meetings/{meeting}/agenda")
    await office.post(f"/meetings/{meeting}/convene")
    await chair.browser.refused(
        "opening a meeting without a quorum", "POST", f"/meetings/{meeting}/open", by=(409,)
    )
    async with AsyncExitStack() as stack:
        screens = {"the secretariat": await stack.enter_async_context(office.live())}  # looks on
        for player in (chair, *others):
            screens[player.who.email] = await stack.enter_async_context(player.browser.live())
        session = Session(play, meeting, chair, screens)
        session.items = {item["subject"]: item["id"] for item in agenda["agenda"]}
        await asyncio.gather(*(screen.watch(session.topic, 0) for screen in screens.values()))
        for place, player in enumerate((chair, *others)):
            how = "remote" if place % 3 == 2 else "on_site"
            await player.browser.post(f"/meetings/{meeting}/attendance", how=how)
        await session.step("/open", heard="meeting_opened")
        yield session
        await session.step("/close", heard="meeting_closed")

"""Organisations are convened, write, are heard, correct the minutes; and try to see more than their own."""

from datetime import UTC, datetime, timedelta

from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.company import Player, organisations
from deliberate.rehearsal.meeting import in_session
from deliberate.rehearsal.phrases import CORRECTION, CORRECTION_ANSWER
from deliberate.rehearsal.plan import working_groups
from deliberate.rehearsal.play import Play
from deliberate.rehearsal.simulation import contribution, minutes

ROOM = ("Auditions des parties prenantes", "Hearings of stakeholders")


async def hear_stakeholders(play: Play) -> None:
    group = working_groups(play.content)[0]
    meeting = await plan_hearing(play, group)
    heard: list[tuple[int, Browser, str]] = []
    people = len(play.company.players)
    for number, (name, interests, who) in enumerate(organisations(play.plan.seed, people)):
        speaker = await invite_organisation(play, name, who.name, who.email, who.language)
        hearing = await convene(play, name, number, meeting)
        await answer(play, speaker, hearing, number, interests)
        await look_beyond(play, speaker, group)
        heard.append((hearing, speaker, name))
        play.advance()
    await hold_hearings(play, group, meeting, [hearing for hearing, _, _ in heard])
    for place, (hearing, speaker, name) in enumerate(heard):
        await agree_on_minutes(play, hearing, speaker, name, corrected=place == 0)
        await speaker.close()
        play.advance()


async def plan_hearing(play: Play, group: str) -> int:
    made = await play.company.secretariat.post(
        f"/a/{play.slug}/meetings",
        group=play.groups[group],
        kind="hearing",
        title_fr=ROOM[0],
        title_en=ROOM[1],
        planned_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="minutes"),
        place="Salle 2.01",
    )
    return int(made["meeting"])


async def invite_organisation(play: Play, organisation: str, name: str, email: str, language: str) -> Browser:
    office, here = play.company.secretariat, f"/a/{play.slug}/hearings"
    added = await office.post(f"{here}/organisations", organisation=organisation)
    play.stakeholders[organisation] = added["stakeholder"]
    made = await office.post(
        f"{here}/spokespersons", speaks_for=added["stakeholder"], name=name, email=email, language=language
    )
    speaker = Browser(play.house.url, f"{name} (for {organisation})", play.counts, language)
    await speaker.sign_in(made["link"])
    return speaker


async def convene(play: Play, organisation: str, number: int, meeting: int) -> int:
    """In a meeting, which thereby gets its item."""
    themes = [theme.code for theme in play.content.hearing_themes]
    made = await play.company.secretariat.post(
        f"/a/{play.slug}/hearings/convocations",
        stakeholder=play.stakeholders[organisation],
        themes=themes[3 * number : 3 * number + 3] or themes,
        questions="Merci d’apporter les données dont vous disposez, même partielles.",
        meeting=meeting,
    )
    return int(made["hearing"])


async def answer(play: Play, speaker: Browser, hearing: int, number: int, interests: str) -> None:
    """Accepts, declares interests, contributes in writing."""
    await speaker.post(f"/hearings/{hearing}/answer", answer="accept", reply="Nous viendrons à deux.")
    await speaker.post(f"/hearings/{hearing}/interests", interests=interests)
    themes = play.content.hearing_themes
    theme = themes[number % len(themes)].text.fr if themes else ""
    await speaker.post(f"/hearings/{hearing}/contribution", contribution(number, theme), may_publish=True)
    play.counts.contributions += 1


async def look_beyond(play: Play, speaker: Browser, group: str) -> None:
    """A heard party tries the deliberation from every side."""
    question = play.of_group(group)[0]
    for what, path in (
        ("a stakeholder opening a question", f"/questions/{question.id}"),
        ("a stakeholder opening the dossier", f"/a/{play.slug}/evidence"),
        ("a stakeholder opening the meetings", f"/a/{play.slug}/meetings"),
        ("a stakeholder opening the record", f"/a/{play.slug}/record"),
    ):
        await speaker.refused(what, "GET", path, by=(404,))
    async with speaker.live() as screen:
        await screen.watch_refused("a stakeholder watching a question", question.subject)


async def hold_hearings(play: Play, group: str, meeting: int, hearings: list[int]) -> None:
    """Each organisation under its own item, and gone before the group talks."""
    chair: Player = play.company.chair(group)
    async with in_session(play, meeting, chair, play.company.experts(group)) as session:
        for hearing in hearings:
            item = session.items[f"hearing-{hearing}"]
            await session.step(f"/items/{item}/open", heard="item_opened")
            await session.step(f"/items/{item}/close", heard="item_closed")
            facts = await play.company.secretariat.read(f"/hearings/{hearing}")
            await play.company.secretariat.post(f"/hearings/{hearing}/hold", present=facts["spokespersons"])


async def agree_on_minutes(
    play: Play, hearing: int, speaker: Browser, organisation: str, *, corrected: bool
) -> None:
    """Written, sent, corrected or approved, locked."""
    office, here = play.company.secretariat, f"/hearings/{hearing}"
    themes = [theme.title.fr for theme in play.content.hearing_themes[:3]]
    text = minutes(organisation, themes)
    await office.post(f"{here}/minutes", minutes=text, based_on=0)
    await office.post(f"{here}/send-minutes")
    if corrected:
        made = await speaker.post(f"{here}/corrections", passage="trois cents", correction=CORRECTION)
        await office.refused(
            "locking minutes with a correction unanswered", "POST", f"{here}/lock", by=(409,)
        )
        await office.post(
            f"{here}/corrections/answer",
            correction_id=made["correction"],
            verdict="taken_up",
            answer=CORRECTION_ANSWER,
        )
        text = text.replace("à trois cents", "à environ trois cent cinquante")
        await office.post(f"{here}/minutes", minutes=text, based_on=1)
    else:
        await speaker.post(f"{here}/approve")
    await office.post(f"{here}/lock")
    await speaker.refused(
        "a contribution after the lock", "POST", f"{here}/contribution", contribution(1, ""), by=(409,)
    )

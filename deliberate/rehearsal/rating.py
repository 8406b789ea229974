"""The meeting of a working group: every statement rated over the socket, a named vote, a second round."""

from typing import Any
from uuid import uuid4

from deliberate.rehearsal.browser import Screen
from deliberate.rehearsal.company import Player
from deliberate.rehearsal.meeting import Session, in_session, plan_meeting
from deliberate.rehearsal.play import Play, Question

OPEN = {"uncertain", "none", "indeterminate", "disagreement", "non_analysable"}  # what is rated again
AGAIN = 2  # questions of each group whose unsettled statements are rated a second time
ROOM_OF_RATERS = ("Séance de cotation", "Rating meeting")


async def rate_in_meeting(play: Play, group: str) -> None:
    """One working group, from its agenda to the end of its meeting."""
    questions = play.of_group(group)
    meeting = await plan_meeting(play, group, ROOM_OF_RATERS, [question.subject for question in questions])
    chair, experts = play.company.chair(group), play.company.experts(group)
    async with in_session(play, meeting, chair, experts) as session:
        for place, question in enumerate(questions):
            await session.step(f"/items/{session.items[question.subject]}/open", heard="item_opened")
            await rate_question(play, session, question, rounds=2 if place < AGAIN else 1)
            if place == 0:
                await vote_on_conclusion(play, session, question)
            await session.step(f"/items/{session.items[question.subject]}/close", heard="item_closed")
            play.advance()


async def rate_question(play: Play, session: Session, question: Question, rounds: int) -> None:
    outside = play.recused.get(question.file.code)
    raters = [player for player in play.company.experts(question.file.group) if player is not outside]
    open_statements = list(question.statements)
    for round_number in range(1, rounds + 1):
        unsettled = []
        for code in open_statements:
            result = await rate_statement(play, session, question, code, raters, round_number)
            if {result.get("verdict"), result.get("degree")} & OPEN:
                unsettled.append(code)
            play.counts.statements_rated += round_number == 1 and result["cast"] > 0
        open_statements = unsettled


async def rate_statement(
    play: Play, session: Session, question: Question, code: str, raters: list[Player], round_number: int
) -> dict[str, Any]:
    outside = play.recused.get(question.file.code)
    answers = {
        player.who.email: play.ratings.answer(player.part.rater or 0, code, player.language, round_number)
        for player in raters
    }

    async def opened() -> int:
        subject = f"statement-{question.statements[code]}"
        made = await session.step("/votes", subject=subject, kind="rating", mode="confidential")
        return int(made["vote"])

    async def cast(player: Player, screen: Screen, vote: int) -> bool:
        answer = answers[player.who.email]
        if answer is None:
            return False
        await screen.cast(vote, rating=answer.rating, nsp=answer.rating is None, reason=answer.reason)
        play.advance()
        return True

    if outside and code == next(iter(question.statements)) and round_number == 1:
        cast = trying_from_outside(cast, outside, session)
    return await session.vote(raters, cast, opened(), outside)


def trying_from_outside(cast: Any, outside: Player, session: Session) -> Any:
    """While the first rater casts, whoever is recused tries to watch and to vote; and the chair to rate."""
    tried: list[int] = []

    async def cast_and_try(player: Player, screen: Screen, vote: int) -> bool:
        if not tried:
            tried.append(vote)
            theirs = session.screens[outside.who.email]
            await theirs.cast_refused("a recused expert voting", vote, rating=9)
            await theirs.watch_refused("a recused expert watching the vote", f"vote-{vote}")
            await outside.browser.refused(
                "a recused expert reading the vote", "GET", f"/votes/{vote}", by=(404,)
            )
            desk = session.screens[session.chair.who.email]
            await desk.cast_refused("a chair rating without a place on the roll", vote, rating=5)
        sent: bool = await cast(player, screen, vote)
        return sent

    return cast_and_try


async def vote_on_conclusion(play: Play, session: Session, question: Question) -> None:
    """Named and final, on the conclusion as drafted. A second ballot and one after the close are tried."""
    outside = play.recused.get(question.file.code)
    voters = play.members(question.file.group, question)
    keys: dict[str, int] = {}

    async def opened() -> int:
        made = await session.step("/votes", subject=question.subject, kind="choice", mode="named", final=True)
        return int(made["vote"])

    async def cast(player: Player, screen: Screen, vote: int) -> bool:
        choice, reason = play.simulation.choice(player.who.email, question.subject, player.language)
        key = uuid4().hex
        number = await screen.cast(vote, choice=choice, reason=reason, key=key)
        if not keys:
            keys[key] = number
            await screen.cast_refused("a second ballot in a final vote", vote, choice="abstain")
            await screen.same_answer(vote, number, choice=choice, reason=reason, key=key)
        play.advance()
        return True

    result = await session.vote(voters, cast, opened(), outside)
    late = session.screens[voters[-1].who.email]
    await late.cast_refused("a ballot after the close", result["vote"], choice="for")

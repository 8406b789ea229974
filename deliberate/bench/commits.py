"""`commits`: one opinion submitted after another, each its own transaction with its entries."""

import time

from deliberate.bench import floors, places, world
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.questions.actions import open_opinions
from deliberate.questions.models import questions_of
from deliberate.questions.opinions import submit_opinion
from deliberate.questions.texts import Assessed, OpinionText

AUTHORS = 10
TEXT = OpinionText(
    "The risk is established.",
    "Because of *twelve* case reports, and of two outbreaks.",
    Assessed("known", "2", "not_assessable", "low", "The number of sessions is unknown."),
    "en",
)


async def commits(stage: Stage) -> Found:
    """In the process of the benchmark itself: what is asked is how often an action can come to an end."""
    count, data = stage.sizes.opinions, stage.folder / "data"
    async with places.opened(data) as settings:
        questions = -(-count * (stage.runs + 1) // AUTHORS)
        house = await world.make_house(settings, AUTHORS, questions)
        asked = await questions_of(house.assessment.id)
        for question in asked:
            await open_opinions(question.id, house.secretary.person)
        waiting = iter((question.id, guest.person) for question in asked for guest in house.experts)

        async def ours() -> float:
            turns = [next(waiting) for _ in range(count)]
            began = time.perf_counter()
            for question, author in turns:
                await submit_opinion(question, TEXT, author)
            return count / (time.perf_counter() - began)

        async def floor() -> float:
            return floors.appends_per_second(data, count)

        return await interleaved(stage, ours, floor)

"""What working groups do between meetings: interests, blind opinions, reveal, comments, conclusions."""

import asyncio
from collections.abc import Mapping
from itertools import cycle
from typing import Any

from deliberate.consensus.risk import LIKELIHOODS, SEVERITIES
from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.company import Player
from deliberate.rehearsal.phrases import MAJOR_INTEREST, RECUSAL_REASON
from deliberate.rehearsal.plan import Unexpected, working_groups
from deliberate.rehearsal.play import Play, Question

WRITES = 0.75  # how likely a member writes on a question; two of each group write on all
COMMENTS = 2  # on each question


async def learn_ids(play: Play) -> None:
    """What the server calls groups, questions, statements and documents, as the secretariat sees them."""
    facts = await play.company.secretariat.read(f"/a/{play.slug}")
    play.groups = {group["code"]: group["id"] for group in facts["groups"]}
    files = {question.code: question for question in play.content.questions}
    for row in facts["questions"]:
        statements = {each["code"]: each["id"] for each in row["statements"]}
        page = await play.company.secretariat.read(f"/questions/{row['id']}")
        play.questions[row["code"]] = Question(
            row["id"], files[row["code"]], statements, tuple(page["documents"])
        )


# Protocol


async def freeze_protocol(play: Play) -> None:
    """A file may leave the risk matrix to its people: the secretariat then chooses one."""
    path, secretariat = f"/a/{play.slug}/protocol", play.company.secretariat
    found = await secretariat.read(path)
    if not found["complete"]:
        await secretariat.refused(
            "a freeze without a risk matrix", "POST", f"{path}/freeze", {"hash": found["hash"]}, by=(409,)
        )
        await secretariat.post(path, {"risk.matrix": matrix_for(found["protocol"]["risk"])})
        found = await secretariat.read(path)
    await secretariat.post(f"{path}/freeze", {"hash": found["hash"]})


def matrix_for(scales: Mapping[str, Any]) -> str:
    """Some matrix that never decreases, a row for each likelihood."""
    rows, columns = len(LIKELIHOODS[scales["likelihood_scale"]]), len(SEVERITIES[scales["severity_scale"]])
    steps = rows + columns - 1
    return "\n".join(
        " ".join(f"C{1 + 3 * (row + column) // steps}" for column in range(columns)) for row in range(rows)
    )


# Interests


async def declare_interests(play: Play) -> None:
    """Everybody who sits in a group signs. One expert tries to write before."""
    hasty = play.company.those("expert")[0]
    question = play.of_group(hasty.part.group)[0]
    await play.company.secretariat.post(f"/questions/{question.id}/open-opinions")
    written = opinion_fields(play, hasty, question)
    await hasty.browser.refused(
        "an opinion before the declaration of interests",
        "POST",
        f"/questions/{question.id}/opinion",
        written,
        by=(403,),
    )
    conflicted = {play.company.conflicted(group).who.email for group in working_groups(play.content)}
    seated = [player for player in play.company.people() if player.part.group]
    await asyncio.gather(*(sign(play, player, player.who.email in conflicted) for player in seated))


async def sign(play: Play, player: Player, conflicted: bool) -> None:
    rows = [MAJOR_INTEREST] if conflicted else play.simulation.interests(player.who.email)
    fields: dict[str, Any] = {"nothing_to_declare": not rows}
    for place, (section, organisation, description, major) in enumerate(rows):
        fields |= {
            f"section_{place}": section,
            f"organisation_{place}": organisation,
            f"description_{place}": description,
            f"since_{place}": "2012",
            f"major_{place}": major,
        }
    await player.browser.post("/interests", fields)


async def recuse(play: Play) -> None:
    """The last expert of each group has a major interest in one of its questions, and is kept out of it."""
    for group in working_groups(play.content):
        question = least_rated(play, group)
        expert = play.company.conflicted(group)
        await play.company.secretariat.post(
            f"/a/{play.slug}/interests",
            person=expert.person,
            subject=question.subject,
            outcome="recused_item",
            category="capital",
            reason=RECUSAL_REASON,
        )
        play.recused[question.file.code] = expert
        await expert.browser.refused(
            "a recused expert reading the question", "GET", f"/questions/{question.id}", by=(404,)
        )
        for stranger in play.company.those("chair"):
            if not play.company.sits_in(stranger, group):
                await stranger.browser.refused(
                    "a chair reading a question of another group",
                    "GET",
                    f"/questions/{question.id}",
                    by=(404,),
                )


def least_rated(play: Play, group: str) -> Question:
    """The question on which the recusal costs fewest ratings; of several, the last."""
    expert = play.company.conflicted(group)

    def ratings(question: Question) -> int:
        rater = expert.part.rater or 0
        return sum(play.ratings.answer(rater, code, "fr", 1) is not None for code in question.statements)

    return min(reversed(play.of_group(group)), key=ratings)


# Opinions


async def write_opinions(play: Play) -> None:
    """Opened, written by all groups at once, each unseen by the others; and some try to see."""
    office = play.company.secretariat
    first = play.of_group(play.company.those("expert")[0].part.group)[0]
    for question in play.questions.values():
        if question is not first:  # opened above, for the one who was hasty
            await office.post(f"/questions/{question.id}/open-opinions")
    await asyncio.gather(
        *(
            write_all(play, player)
            for player in play.company.players
            if player.part.role in ("chair", "expert")
        )
    )
    await peek(play, first)


async def write_all(play: Play, player: Player) -> None:
    """One person writes one opinion after another, as people do."""
    for question in play.of_group(player.part.group):
        if player is play.recused.get(question.file.code) or not writes(play, player, question):
            continue
        made = await player.browser.post(
            f"/questions/{question.id}/opinion", opinion_fields(play, player, question)
        )
        play.opinions.setdefault(question.file.code, {})[player.who.email] = made["opinion"]
        play.counts.opinions += 1
        play.advance()


def writes(play: Play, player: Player, question: Question) -> bool:
    chance = play.simulation.rng("writes", player.who.email, question.file.code).random()
    certain = player in play.company.experts(player.part.group)[:2]
    return certain or chance < WRITES


def opinion_fields(play: Play, player: Player, question: Question, revised: bool = False) -> dict[str, Any]:
    given = play.simulation.opinion(player.who.email, question.matter, player.language, revised)
    for item, passage in given.pop("cites"):
        given |= {f"cite_{item}": "yes", f"passage_{item}": passage}
    return given


async def peek(play: Play, question: Question) -> None:
    """Before the reveal an opinion exists for its author alone; the secretariat knows that it is there."""
    owner, opinion = next(iter(play.opinions[question.file.code].items()))
    other = next(player for player in play.company.experts(question.file.group) if player.who.email != owner)
    curious: list[tuple[str, Browser]] = [
        ("an expert reading a blind opinion", other.browser),
        ("the secretariat reading a blind opinion", play.company.secretariat),
        ("the administrator reading a blind opinion", play.company.administrator),
    ]
    for what, browser in curious:
        await browser.refused(what, "GET", f"/opinions/{opinion}", by=(404,))
        await browser.refused(what, "GET", f"/opinions/{opinion}/versions", by=(404,))
    facts = await other.browser.read(f"/questions/{question.id}")
    if facts["opinions"]:
        raise Unexpected(f"Before the reveal {other.who.name} sees opinions on {question.file.code}.")


async def reveal(play: Play) -> None:
    """To the group at once; nobody who is not of it."""
    office = play.company.secretariat
    for question in play.questions.values():
        made = await office.post(f"/questions/{question.id}/reveal")
        if made["revealed"] != len(play.opinions[question.file.code]):
            raise Unexpected(f"{question.file.code}: not all opinions were revealed.")
        play.advance()
    first = next(iter(play.questions.values()))
    reader = play.members(first.file.group, first)[-1]
    facts = await reader.browser.read(f"/questions/{first.id}")
    if len(facts["opinions"]) != len(play.opinions[first.file.code]):
        raise Unexpected(f"After the reveal {reader.who.name} does not see all opinions.")


# Discussion and conclusions


async def discuss(play: Play) -> None:
    """Comments, an answer to one of them, and on most questions one opinion revised."""
    await asyncio.gather(*(discuss_question(play, question) for question in play.questions.values()))


async def discuss_question(play: Play, question: Question) -> None:
    code = question.file.code
    authors = list(play.opinions[code].items())
    members = play.members(question.file.group, question)
    place = list(play.questions).index(code)
    speakers = cycle(members[place % len(members) :] + members[: place % len(members)])
    comment = 0
    for number in range(COMMENTS):
        player, (_, opinion) = next(speakers), authors[number % len(authors)]
        comment = await say(play, player, question, opinion)
    await say(play, next(speakers), question, None, parent=comment)
    owner = next(player for player in members if player.who.email == authors[0][0])
    await owner.browser.post(
        f"/questions/{question.id}/opinion", opinion_fields(play, owner, question, revised=True)
    )
    play.advance()


async def say(
    play: Play, player: Player, question: Question, opinion: int | None, parent: int | None = None
) -> int:
    said = play.simulation.comment(player.who.email, f"{question.file.code}/{opinion}", player.language)
    key = f"{question.id}-{opinion or 0}-{parent or 0}-{player.person}".rjust(8, "0")
    made = await player.browser.post(
        f"/questions/{question.id}/comments", said, key=key, opinion=opinion, parent=parent
    )
    play.counts.comments += 1
    return int(made["comment"])


async def draft_conclusions(play: Play) -> None:
    """By each chair, for each question of the group."""
    await asyncio.gather(*(draft(play, group) for group in working_groups(play.content)))


async def draft(play: Play, group: str) -> None:
    chair = play.company.chair(group)
    for question in play.of_group(group):
        text = play.simulation.conclusion(question.matter, "fr")
        made = await chair.browser.post(f"/questions/{question.id}/conclusion", text, based_on=0)
        play.conclusions[question.file.code] = made["version"]
        play.advance()


async def adopt_conclusions(play: Play) -> None:
    """The chair signs; an expert who tries is told that there is nothing."""
    expert = play.company.those("expert")[0]
    first = play.of_group(expert.part.group)[0]
    await expert.browser.refused(
        "an expert adopting the conclusion", "POST", f"/questions/{first.id}/adopt", {"version": 1}, by=(404,)
    )
    for question in play.questions.values():
        chair = play.company.chair(question.file.group)
        version = play.conclusions[question.file.code]
        await chair.browser.post(f"/questions/{question.id}/adopt", version=version)
        play.advance()

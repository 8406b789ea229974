"""Who has answered and who is missing, for counts and reminders: whether, never what and never when.

Pseudonyms are read to pair ballots with names, and never shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.functions import Count

from deliberate.live.journal import Note
from deliberate.voting.models import Ballot, Pseudonym, RollEntry, Round, Vote, voters_of


async def who_answered(vote: Vote) -> list[dict[str, Any]]:
    """[{"person_id", "name", "answered"}] of the roll, by name: whether, never what and never when."""
    roll = RollEntry.filter(vote_id=vote.id, struck_at=None).order_by("person__name", "id")
    people = await roll.values("person_id", "person__name")
    voters = await voters_of(vote, [row["person_id"] for row in people])
    rows = await Ballot.filter(vote_id=vote.id, set_aside=False).values("voter")
    cast = {row["voter"] for row in rows}
    return [
        {
            "person_id": row["person_id"],
            "name": row["person__name"],
            "answered": voters.get(row["person_id"]) in cast,
        }
        for row in people
    ]


async def answers_missing(round_: Round) -> dict[int, int]:
    """How many ratings each person on the roll has still to give, in three queries."""
    rows = RollEntry.filter(vote__rating_round_id=round_.id, struck_at=None)
    entitled = await rows.values_list("person_id", "vote_id")
    voters = await pseudonyms(round_.group_id, {person_id for person_id, _ in entitled})
    answered = await answered_in(round_.id)
    missing = {person_id: 0 for person_id, _ in entitled}
    for person_id, vote_id in entitled:
        missing[person_id] += (vote_id, voters.get(person_id)) not in answered
    return missing


async def pseudonyms(group_id: int, person_ids: Collection[int]) -> dict[int, str]:
    rows = Pseudonym.filter(group_id=group_id, person_id__in=list(person_ids))
    return dict(await rows.values_list("person_id", "code"))


async def answered_in(round_id: int) -> set[tuple[int, str]]:
    """(vote, pseudonym) of every ballot that counts."""
    rows = Ballot.filter(vote__rating_round_id=round_id, set_aside=False)
    return set(await rows.values_list("vote_id", "voter"))


@dataclass(frozen=True)
class Turnout:
    """One name of the roll, for reminders."""

    name: str
    answered: int
    entitled: int

    @property
    def complete(self) -> bool:
        return self.answered == self.entitled


async def turnout_of(round_: Round) -> list[Turnout]:
    """By name: whether, never what and never when."""
    rows = RollEntry.filter(vote__rating_round_id=round_.id, struck_at=None)
    names: dict[int, str] = {}
    entitled: dict[int, int] = {}
    for person_id, name in await rows.order_by("person__name", "id").values_list("person_id", "person__name"):
        names[person_id] = name
        entitled[person_id] = entitled.get(person_id, 0) + 1
    missing = await answers_missing(round_)
    return [
        Turnout(name, entitled[person_id] - missing[person_id], entitled[person_id])
        for person_id, name in names.items()
    ]


async def finished_in(round_id: int, group_id: int) -> tuple[int, int]:
    """(raters who have given every rating asked of them, raters on the roll), in three queries."""
    asked = RollEntry.filter(vote__rating_round_id=round_id, struck_at=None).group_by("person_id")
    entitled = dict(await asked.annotate(asked=Count("id")).values_list("person_id", "asked"))
    given = Ballot.filter(vote__rating_round_id=round_id, set_aside=False).group_by("voter")
    answered = dict(await given.annotate(given=Count("id")).values_list("voter", "given"))
    codes = dict(await Pseudonym.filter(group_id=group_id).values_list("person_id", "code"))
    done = sum(answered.get(codes.get(person, ""), 0) >= count for person, count in entitled.items())
    return done, len(entitled)


async def has_finished(round_id: int, voters: Mapping[int, str]) -> bool:
    """Whether one of these, by person the name its ballots are kept under, has given every rating asked."""
    asked = RollEntry.filter(vote__rating_round_id=round_id, person_id__in=list(voters), struck_at=None)
    wanted = asked.group_by("person_id").annotate(asked=Count("id")).values_list("person_id", "asked")
    given = Ballot.filter(vote__rating_round_id=round_id, voter__in=list(voters.values()), set_aside=False)
    counts = given.group_by("voter").annotate(given=Count("id")).values_list("voter", "given")
    answered = dict(await counts)
    return any(answered.get(voters[person], 0) >= count for person, count in await wanted)


async def tell_finished(note: Note, round_id: int, group_id: int) -> None:
    """How many have finished, as news of the round."""
    answered, entitled = await finished_in(round_id, group_id)
    await note(f"round-{round_id}", "round_answered", answered=answered, entitled=entitled)

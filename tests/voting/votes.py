"""Votes to test with: opened on a question of the small world, by the real actions."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from deliberate.consensus.protocol import read_protocol
from deliberate.live.models import Entry
from deliberate.people.models import Person
from deliberate.voting import actions
from deliberate.voting.models import Ballot, Pseudonym, RollEntry, Vote
from deliberate.voting.results import result_of_ratings
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Quorum, Seat, Terms
from tests.support.builders import NOW, World, join, make_person

RATING = (VoteKind.RATING, Mode.CONFIDENTIAL)
CHOICE = (VoteKind.CHOICE, Mode.NAMED)


def matter(world: World, **changes: Any) -> actions.Matter:
    told: dict[str, Any] = {
        "assessment_id": world.assessment.id,
        "group_id": world.infection.id,
        "subject": "statement-1",
        "gate": f"question-{world.question.id}",
        "text": {"fr": "La préparation de la peau suffit.", "en": "Skin preparation is enough."},
    }
    return actions.Matter(**{**told, **changes})


def terms(world: World, *, changeable: bool = True, quorum: Quorum | None = None) -> Terms:
    return Terms.under(read_protocol(world.assessment.protocol), changeable=changeable, quorum=quorum)


async def prepare(world: World, kind: str = "rating", mode: str = "confidential", **changes: Any) -> int:
    return await actions.prepare_vote(
        matter(world, **changes), VoteKind(kind), Mode(mode), world["secretariat"]
    )


async def open_vote(
    world: World,
    kind: str = "rating",
    mode: str = "confidential",
    *,
    voters: Sequence[Person] | None = None,
    changeable: bool = True,
    chair: Person | None = None,
    **changes: Any,
) -> Vote:
    vote_id = await prepare(world, kind, mode, **changes)
    seats = [Seat(person.id) for person in (world.experts if voters is None else voters)]
    seats += [Seat(chair.id, chair=True)] if chair else []
    await actions.open_vote(vote_id, seats, terms(world, changeable=changeable), world["secretariat"])
    return await Vote.get(id=vote_id)


async def cast(vote: Vote, person: Person, what: int | str | None, reason: str = "", key: str = "") -> int:
    rating = what if isinstance(what, int) else None
    choice = what if isinstance(what, str) else None
    return await actions.cast_ballot(
        vote.id, person, choice, rating, reason, key or uuid4().hex, nsp=what is None
    )


async def counted_rating(
    world: World, answers: Sequence[int | str | None], *, round_number: int = 1, **changes: Any
) -> Vote:
    """A counted confidential rating, written straight into the tables: of the first expert, of the second, …

    An answer is a rating, why one cannot judge, or None for no answer.
    """
    columns = {name: changes.pop(name) for name in ("rating_round_id", "replaces_id") if name in changes}
    told, raters = vars(matter(world, **changes)) | columns, world.experts[: len(answers)]
    ratings = [answer for answer in answers if isinstance(answer, int)]
    nsp = sum(isinstance(answer, str) for answer in answers)
    result = result_of_ratings(
        ratings,
        nsp=nsp,
        entitled=len(answers),
        recused=0,
        terms=terms(world),
        round_number=round_number,
    )
    vote = await Vote.create(
        **told,
        kind="rating",
        mode="confidential",
        state=VoteState.COUNTED,
        round=round_number,
        terms=terms(world).as_json(),
        entitled=len(answers),
        result=result,
        **dict.fromkeys(("opened_at", "closed_at", "counted_at"), NOW),
    )
    await RollEntry.bulk_create(RollEntry(vote_id=vote.id, person_id=person.id) for person in raters)
    await actions.name_anew(vote.group_id, [person.id for person in raters])
    codes = dict(await Pseudonym.filter(group_id=vote.group_id).values_list("person_id", "code"))
    await Ballot.bulk_create(
        Ballot(
            vote_id=vote.id,
            voter=codes[person.id],
            rating=answer if isinstance(answer, int) else None,
            reason=answer if isinstance(answer, str) else "",
            key=uuid4().hex,
            salt="0" * 64,
            number=0,
        )
        for person, answer in zip(raters, answers, strict=True)
        if answer is not None
    )
    return vote


async def more_experts(world: World, count: int) -> list[Person]:
    """`count` experts of the infection group, declared and free of conflict."""
    while len(world.experts) < count:
        person = await make_person(f"Expert {len(world.experts)}")
        world.experts.append(await join(person, world.assessment, "expert", world.infection))
    return world.experts[:count]


async def entries(vote: Vote, *kinds: str) -> list[Entry]:
    rows = Entry.filter(topic=f"vote-{vote.id}").order_by("number")
    return await (rows.filter(kind__in=kinds) if kinds else rows)

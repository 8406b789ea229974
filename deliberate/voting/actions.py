"""Preparing, opening, closing and counting votes, and casting ballots. The only writer of votes and rolls."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from deliberate.assessments.models import frozen_protocol_hash
from deliberate.assessments.rules import check_frozen
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.interests.rules import NO_BALLOT, Outcome
from deliberate.live.journal import Note, acting, stamp
from deliberate.people.models import Person
from deliberate.voting import repeat_rules, round_rules, rules, settling
from deliberate.voting.ballot_box import box_of
from deliberate.voting.models import (
    Ballot,
    Pseudonym,
    RollEntry,
    Vote,
    ballots_of,
    count_cast,
    repetition_of,
    voters_of,
)
from deliberate.voting.papers import Paper
from deliberate.voting.results import result_of_choices, result_of_ratings, shows_statistics, told_of_count
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Seat, Terms, check_quorum
from deliberate.voting.turnout import tell_finished

# What a later domain adds to a step in the same transaction; slot "vote_step": (note, vote, kind, facts)
Step = Callable[[Note, Vote, str, Mapping[str, Any]], Awaitable[None]]
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread aloud


@dataclass(frozen=True)
class Matter:
    """What is put to the vote: its key, the key interests are weighed by, and the words as they stand."""

    assessment_id: int
    group_id: int
    subject: str  # "statement-5", "question-3", "record-1"; "item-4", "motion-2": words of the moment
    gate: str  # "question-3", "record-1", or nothing
    text: Mapping[str, str]
    wording: int = 1


async def prepare_vote(matter: Matter, kind: VoteKind, mode: Mode, actor: Person) -> int:
    """A vote that waits to be opened: its question, its kind and its secrecy stand from now on."""
    check_text(matter.text)
    async with acting(matter.assessment_id, actor) as note:
        standing = await standing_of(actor.id, matter.assessment_id, note.now)
        rules.check_runs(standing, matter.gate, matter.group_id)
        before = Vote.filter(subject=matter.subject, kind=kind, replaces_id=None)
        vote = await Vote.create(
            assessment_id=matter.assessment_id,
            group_id=matter.group_id,
            subject=matter.subject,
            gate=matter.gate,
            wording=matter.wording,
            text=dict(matter.text),
            kind=kind,
            mode=mode,
            state=VoteState.PREPARED,
            round=await before.exclude(state=VoteState.PREPARED).count() + 1,
            terms={},
        )
        await note(
            f"vote-{vote.id}",
            "vote_prepared",
            about=matter.subject,
            wording=matter.wording,
            mode=str(mode),
            kind=str(kind),
        )
    return vote.id


async def open_vote(
    vote_id: int, voters: Sequence[Seat], terms: Terms, actor: Person, deadline_at: datetime | None = None
) -> int:
    """Freezes the roll and the terms. The caller works out who is present and entitled.

    The rights of each voter are asked again with every ballot. With a deadline it is a written procedure.
    """
    vote = await stored(vote_id)
    async with acting(vote.assessment_id, actor) as note:
        await vote.refresh_from_db()
        rules.check_runs(await standing_of(actor.id, vote.assessment_id, note.now), vote.gate, vote.group_id)
        rules.check_alone(vote.rating_round_id)
        if vote.kind == VoteKind.RATING:
            check_frozen(await frozen_protocol_hash(vote.assessment_id))
        check_quorum(terms.quorum)
        if deadline_at:
            round_rules.check_deadline(deadline_at, note.now)
        if not voters:
            raise Refused("Nobody who may vote on this is present.")
        await settling.put_to_panel(note, [vote])
        number = await begin(note, vote, voters, terms, deadline_at)
        note.checkpoint()
    return number


async def begin(
    note: Note, vote: Vote, voters: Sequence[Seat], terms: Terms, deadline_at: datetime | None = None
) -> int:
    """From now on ballots are taken, under this roll and these terms."""
    rules.check_step(vote.state, VoteState.OPEN)
    await RollEntry.bulk_create(
        RollEntry(vote_id=vote.id, person_id=seat.person_id, chair=seat.chair, held_by_id=seat.held_by)
        for seat in voters
    )
    if vote.mode == Mode.CONFIDENTIAL:
        await name_anew(vote.group_id, [seat.person_id for seat in voters])
    vote.update_from_dict(
        {
            "state": VoteState.OPEN,
            "terms": terms.as_json(),
            "entitled": len(voters),
            "opened_at": note.now,
            "deadline_at": deadline_at,
        }
    )
    await vote.save()
    return await note(
        f"vote-{vote.id}",
        "vote_opened",
        about=vote.subject,
        cast=0,
        entitled=len(voters),
        kind=vote.kind,
        mode=vote.mode,
        round=vote.round,
        wording=vote.wording,
        protocol=terms.protocol_hash,
        **({"quorum": terms.quorum.as_json()} if terms.quorum else {}),
        **({"deadline": stamp(deadline_at)} if deadline_at else {}),
    )


def cast_ballot(
    vote_id: int,
    voter: Person,
    choice: str | None,
    rating: int | None,
    reason: str,
    key: str,
    *,
    nsp: bool = False,
    for_id: int | None = None,
) -> asyncio.Future[int]:
    """The journal number of the ballot, once it is durable. Both doors come here: form and socket.

    `for_id` is the member whom the voter represents.

    Raises:
        Refusal: why it is not taken; nothing of it was stored.
        Unconfirmed: ask again with the same key.
    """
    return cast(Paper(vote_id, voter.id, key, choice, rating, reason, nsp, for_id))


def cast(paper: Paper) -> asyncio.Future[int]:
    """The same for a paper that is made already: each goes into the box of its own vote."""
    return box_of(paper.vote_id).put(paper)


async def close_vote(vote_id: int, actor: Person | None, also: Sequence[Step] = ()) -> int:
    """Takes the same turn as the ballots: what was acknowledged is counted, what comes after is refused.

    Without an `actor` it is the deadline that closes it.
    """
    vote = await stored(vote_id)
    async with acting(vote.assessment_id, actor) as note:
        await vote.refresh_from_db()
        await check_closes(vote.assessment_id, vote.gate, vote.group_id, vote.deadline_at, actor, note.now)
        rules.check_alone(vote.rating_round_id)
        rules.check_step(vote.state, VoteState.CLOSED)
        number = await close(note, vote, await count_cast(vote.id), also)
        note.checkpoint()
    return number


async def check_closes(
    assessment_id: int,
    gate: str,
    group_id: int,
    deadline_at: datetime | None,
    actor: Person | None,
    now: datetime,
) -> None:
    """Whoever runs the vote, or its deadline."""
    if actor is not None:
        rules.check_runs(await standing_of(actor.id, assessment_id, now), gate, group_id)
    elif deadline_at is None or now < deadline_at:
        raise Refused("The deadline of this vote has not passed.")


async def close(note: Note, vote: Vote, cast: int, also: Sequence[Step] = ()) -> int:
    vote.state, vote.closed_at = VoteState.CLOSED, note.now
    await vote.save(update_fields=["state", "closed_at"])
    facts = {"cast": cast, "entitled": vote.entitled}
    number = await note(f"vote-{vote.id}", "vote_closed", **facts)
    for step in also:
        await step(note, vote, "vote_closed", facts)
    return number


async def reveal_vote(vote_id: int, actor: Person, also: Sequence[Step] = ()) -> int:
    """Counts the rows and shows the result to everybody at once, under the terms frozen at the opening."""
    vote = await stored(vote_id)
    async with acting(vote.assessment_id, actor) as note:
        await vote.refresh_from_db()
        rules.check_runs(await standing_of(actor.id, vote.assessment_id, note.now), vote.gate, vote.group_id)
        rules.check_alone(vote.rating_round_id)
        repeat_rules.check_not_repeated(await repetition_of(vote) is not None)
        for earlier in await uncounted(vote):
            await reveal(note, earlier, also)
        number = await reveal(note, vote, also)
        await settling.settle_rated(note, [vote])
        note.checkpoint()
    return number


async def uncounted(vote: Vote) -> list[Vote]:
    """The votes it repeats that were closed and not counted: they are shown with it, for both stand."""
    found: list[Vote] = []
    while vote.replaces_id is not None:
        vote = await stored(vote.replaces_id)
        found += [vote] if vote.state == VoteState.CLOSED else []
    return found[::-1]


async def reveal(note: Note, vote: Vote, also: Sequence[Step] = ()) -> int:
    """The one place where ballots become a result: for a vote that stands alone, and for each of a round."""
    rules.check_step(vote.state, VoteState.COUNTED)
    terms = Terms.read(vote.terms)
    vote.result = await counted(vote, terms)
    vote.state, vote.counted_at = VoteState.COUNTED, note.now
    await vote.save(update_fields=["state", "counted_at", "result"])
    shown = shows_statistics(vote.kind, vote.mode, vote.result, terms)
    facts = told_of_count(vote.kind, vote.result, shown)
    number = await note(f"vote-{vote.id}", "vote_counted", **facts)
    for step in also:
        await step(note, vote, "vote_counted", facts)
    return number


async def strike_from_roll(note: Note, person_id: int, subject: str, outcome: Outcome) -> None:
    """A recusal reaches the votes that are open, in the same act: the name is struck, the ballot set aside.

    Called by interests through the slot "recusal". A closed vote is left as it is: that is a deviation, which
    the record reports.
    """
    if outcome not in NO_BALLOT:
        return
    entries = await RollEntry.filter(  # whoever is recused holds no proxy either
        Q(person_id=person_id) | Q(held_by_id=person_id), struck_at=None, vote__state=VoteState.OPEN
    ).prefetch_related("vote")
    struck = [one for one in entries if subject in (one.vote.gate, f"group-{one.vote.group_id}")]
    for entry in struck:
        await strike(note, entry, entry.vote)
    for round_id, group_id in {(one.vote.rating_round_id, one.vote.group_id) for one in struck}:
        if round_id is not None:
            await tell_finished(note, round_id, group_id)


async def strike(note: Note, entry: RollEntry, vote: Vote) -> None:
    entry.struck_at = note.now
    await entry.save(update_fields=["struck_at"])
    vote.entitled = await RollEntry.filter(vote_id=vote.id, struck_at=None).count()
    await vote.save(update_fields=["entitled"])
    voter = (await voters_of(vote, [entry.person_id])).get(entry.person_id)
    ballot = await Ballot.get_or_none(vote_id=vote.id, voter=voter) if voter else None
    if ballot:
        ballot.set_aside = True
        await ballot.save(update_fields=["set_aside"])
    facts = {"cast": await count_cast(vote.id), "entitled": vote.entitled}
    if ballot:
        # The entry that is set aside is named; whose it was, only if the vote is named.
        await note(f"vote-{vote.id}", "ballot_set_aside", supersedes=ballot.number, **facts)
    await note(f"vote-{vote.id}", "roll_struck", **facts)


async def stored(vote_id: int) -> Vote:
    vote = await Vote.get_or_none(id=vote_id)
    if vote is None:
        raise NotFound()
    return vote


async def counted(vote: Vote, terms: Terms) -> dict[str, object]:
    """The result from the rows, and from nothing else."""
    ballots = await ballots_of(vote)
    struck = await RollEntry.filter(vote_id=vote.id).exclude(struck_at=None).count()
    if vote.kind == VoteKind.CHOICE:
        chair = await RollEntry.filter(vote_id=vote.id, chair=True, struck_at=None).first()
        name = (await voters_of(vote, [chair.person_id])).get(chair.person_id) if chair else None
        return result_of_choices(
            [str(ballot.choice) for ballot in ballots],
            entitled=vote.entitled,
            terms=terms,
            chair=next((ballot.choice for ballot in ballots if ballot.voter == name), None),
        )
    ratings = [ballot.rating for ballot in ballots if ballot.rating is not None]
    return result_of_ratings(
        ratings,
        nsp=len(ballots) - len(ratings),
        entitled=vote.entitled,
        recused=terms.recused + struck,
        terms=terms,
        round_number=vote.round,
    )


async def name_anew(group_id: int, person_ids: Sequence[int]) -> None:
    """A pseudonym for each who has none in this group: random, unrelated to any id, order or initials."""
    known = await Pseudonym.filter(group_id=group_id).values_list("person_id", "code")
    have, taken = {person_id for person_id, _ in known}, {code for _, code in known}
    made: list[Pseudonym] = []
    for person_id in person_ids:
        if person_id in have:
            continue
        code = new_code()
        while code in taken:
            code = new_code()
        taken.add(code)
        made.append(Pseudonym(group_id=group_id, person_id=person_id, code=code))
    secrets.SystemRandom().shuffle(made)
    await Pseudonym.bulk_create(made)


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(6))


def check_text(text: Mapping[str, str]) -> None:
    if not any(words.strip() for words in text.values()):
        raise Invalid("Write what is put to the vote, in one language at least.")

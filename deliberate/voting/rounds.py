"""Rating rounds: prepared, opened under one roll, put off, closed, analysed, fed back. Their only writer."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from deliberate.assessments.models import Assessment, Group, chairs_and_members
from deliberate.assessments.rules import Role, check_frozen
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import NotFound, Refused
from deliberate.interests.models import standing_of, standings_of
from deliberate.interests.rules import NO_BALLOT, Standing
from deliberate.live.journal import Note, acting, commitment, new_salt, stamp
from deliberate.mail import outbox
from deliberate.people.models import Person
from deliberate.questions.models import statement_texts
from deliberate.settings import Settings
from deliberate.voting import actions, letters, round_rules, rules, settling
from deliberate.voting.actions import Step
from deliberate.voting.models import (
    RatingDraft,
    Round,
    RoundExtension,
    Vote,
    counts_of,
    next_rounds,
    votes_of_round,
)
from deliberate.voting.round_rules import RoundState
from deliberate.voting.round_sight import to_rate
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.terms import Seat, Terms
from deliberate.voting.turnout import answers_missing


async def prepare_round(group_id: int, statement_ids: Collection[int], actor: Person) -> int:
    """Which statements the next round puts to the panel. Asked again before the opening, it chooses anew."""
    group = await Group.get_or_none(id=group_id)
    if group is None:
        raise NotFound()
    async with acting(group.assessment_id, actor) as note:
        rules.check_runs(await standing_of(actor.id, group.assessment_id, note.now), "", group.id)
        offered = {each.id: each for each in await to_rate(group)}
        round_rules.check_chosen(statement_ids, offered, group.id)
        found = await unfinished(group.id)
        round_rules.check_preparable(found.state if found else None)
        if found is None:
            number = 1 + await Round.filter(group_id=group.id).count()
            found = await Round.create(
                assessment_id=group.assessment_id,
                group_id=group.id,
                number=number,
                state=RoundState.PREPARED,
                prepared_at=note.now,
            )
        await Vote.filter(rating_round_id=found.id).delete()
        numbers = await next_rounds([f"statement-{ident}" for ident in statement_ids])
        await Vote.bulk_create(
            Vote(
                assessment_id=group.assessment_id,
                group_id=group.id,
                subject=f"statement-{each.id}",
                gate=f"question-{each.question_id}",
                wording=each.version,
                text=dict(each.text),
                kind=VoteKind.RATING,
                mode=Mode.CONFIDENTIAL,
                state=VoteState.PREPARED,
                round=numbers[f"statement-{each.id}"],
                terms={},
                rating_round_id=found.id,
            )
            for each in offered.values()
            if each.id in set(statement_ids)
        )
        await note(f"round-{found.id}", "round_prepared", round=found.number)
    return found.id


async def open_round(round_id: int, deadline_at: datetime, actor: Person, settings: Settings) -> None:
    """One roll for all its ratings, wherever people are: no presence is needed. Every rater gets a letter."""
    async with running(round_id, actor) as (round_, note):
        round_rules.check_step(round_.state, RoundState.OPEN)
        round_rules.check_deadline(deadline_at, note.now)
        assessment = await Assessment.get(id=round_.assessment_id)
        check_frozen(assessment.protocol_frozen_at)
        protocol = read_protocol(assessment.protocol)
        votes = await with_words(await votes_of_round(round_.id))
        members = await chairs_and_members(round_.group_id)
        standings = await standings_of(round_.assessment_id, {row["person_id"] for row in members}, note.now)
        rolls = {vote.id: roll_of(members, standings, vote.gate, round_.group_id, protocol) for vote in votes}
        check_rolls(votes, rolls)
        await settling.put_to_panel(note, votes)
        for vote in votes:
            recused = [one for one in standings.values() if is_out(one, vote.gate, round_.group_id)]
            terms = Terms.under(protocol, recused=len(recused))
            await actions.begin(note, vote, rolls[vote.id], terms, deadline_at)
        await save(round_, note, RoundState.OPEN, "round_opened", opened_at=note.now, deadline_at=deadline_at)
        await write_to(round_, {seat.person_id for roll in rolls.values() for seat in roll}, settings)


async def extend_round(
    round_id: int, deadline_at: datetime, reason: str, actor: Person, settings: Settings
) -> None:
    """Puts the deadline off, for a reason that the record prints. Those who still have to rate are told."""
    round_rules.check_reason(reason)
    async with running(round_id, actor) as (round_, note):
        round_rules.check_running(round_.state, round_.deadline_at, note.now)
        round_rules.check_extension(round_.deadline_at, deadline_at, note.now)
        salt = new_salt()
        await RoundExtension.create(
            round_id=round_.id,
            from_at=round_.deadline_at,
            to_at=deadline_at,
            reason=reason,
            salt=salt,
            by=actor,
            at=note.now,
        )
        await Vote.filter(rating_round_id=round_.id).update(deadline_at=deadline_at)
        round_.deadline_at = deadline_at
        await round_.save(update_fields=["deadline_at"])
        await note(
            f"round-{round_.id}",
            "round_extended",
            deadline=stamp(deadline_at),
            reason=commitment({"reason": reason}, salt),
        )
        missing = await answers_missing(round_)
        await write_to(round_, [person_id for person_id, left in missing.items() if left], settings, reason)


async def close_round(round_id: int, actor: Person | None, also: Sequence[Step] = ()) -> None:
    """By whoever runs it, or without an actor by its deadline. What was acknowledged is counted.

    Raises:
        Refused: it is closed already; two processes may try at the same moment.
    """
    round_ = await stored_round(round_id)
    async with acting(round_.assessment_id, actor) as note:
        await round_.refresh_from_db()
        await actions.check_closes(
            round_.assessment_id, "", round_.group_id, round_.deadline_at, actor, note.now
        )
        round_rules.check_step(round_.state, RoundState.CLOSED)
        votes = await votes_of_round(round_.id)
        cast = await counts_of([vote.id for vote in votes])
        for vote in votes:
            await actions.close(note, vote, cast[vote.id], also)
        await RatingDraft.filter(round_id=round_.id).delete()  # what was not sent is missing
        await save(round_, note, RoundState.CLOSED, "round_closed", closed_at=note.now)


async def analyse_round(round_id: int, actor: Person, also: Sequence[Step] = ()) -> None:
    """Counts every rating, and lets the stop rule decide what becomes of each statement."""
    async with running(round_id, actor) as (round_, note):
        round_rules.check_step(round_.state, RoundState.ANALYSED)
        votes = await votes_of_round(round_.id)
        for vote in votes:
            await actions.reveal(note, vote, also)
        await settling.settle_rated(note, votes)
        await save(round_, note, RoundState.ANALYSED, "round_analysed", analysed_at=note.now)


async def feed_back_round(round_id: int, actor: Person, settings: Settings) -> None:
    """Opens their feedback sheets to the raters, and tells them."""
    async with running(round_id, actor) as (round_, note):
        round_rules.check_step(round_.state, RoundState.FED_BACK)
        await save(round_, note, RoundState.FED_BACK, "round_fed_back", fed_back_at=note.now)
        await write_to(round_, await answers_missing(round_), settings)


async def remind_missing(round_id: int, actor: Person, settings: Settings) -> int:
    """A letter to those who have not rated everything, and to nobody else. How many there were."""
    async with running(round_id, actor) as (round_, note):
        round_rules.check_running(round_.state, round_.deadline_at, note.now)
        missing = [person_id for person_id, left in (await answers_missing(round_)).items() if left]
        round_rules.check_reminds(missing, settings.writes_letters)
        await note(f"round-{round_.id}", "round_reminded", letters=len(missing))
        await write_to(round_, missing, settings)
    return len(missing)


async def save_draft(round_id: int, voter: str, answers: Mapping[str, Any], rater: Person) -> None:
    """Ratings that are chosen and not sent. `voter` is the rater's own pseudonym."""
    round_ = await stored_round(round_id)
    async with acting(round_.assessment_id, rater) as note:
        await round_.refresh_from_db()
        round_rules.check_running(round_.state, round_.deadline_at, note.now)
        if not await RatingDraft.filter(round_id=round_.id, voter=voter).update(answers=dict(answers)):
            await RatingDraft.create(round_id=round_.id, voter=voter, answers=dict(answers))


async def drop_draft(round_id: int, voter: str, rater: Person) -> None:
    """What was sent is a draft no more."""
    round_ = await stored_round(round_id)
    async with acting(round_.assessment_id, rater):
        await RatingDraft.filter(round_id=round_.id, voter=voter).delete()


@asynccontextmanager
async def running(round_id: int, actor: Person) -> AsyncIterator[tuple[Round, Note]]:
    """The round as it is in this turn, for whoever runs it."""
    round_ = await stored_round(round_id)
    async with acting(round_.assessment_id, actor) as note:
        await round_.refresh_from_db()
        standing = await standing_of(actor.id, round_.assessment_id, note.now)
        rules.check_runs(standing, "", round_.group_id)
        yield round_, note


async def stored_round(round_id: int) -> Round:
    round_ = await Round.get_or_none(id=round_id)
    if round_ is None:
        raise NotFound()
    return round_


async def unfinished(group_id: int) -> Round | None:
    """The round of the group that is not analysed yet: there is one at a time."""
    over = (RoundState.ANALYSED, RoundState.FED_BACK)
    return await Round.filter(group_id=group_id).exclude(state__in=over).first()


async def save(round_: Round, note: Note, state: RoundState, kind: str, **moments: datetime) -> None:
    round_.update_from_dict({"state": state, **moments})
    await round_.save()
    deadline = {"deadline": stamp(moments["deadline_at"])} if "deadline_at" in moments else {}
    await note(f"round-{round_.id}", kind, round=round_.number, **deadline)
    note.checkpoint()


async def with_words(votes: list[Vote]) -> list[Vote]:
    """The words in force now, and which rating of its statement each is: both may have moved meanwhile."""
    texts = await statement_texts({int(vote.gate.removeprefix("question-")) for vote in votes})
    numbers = await next_rounds([vote.subject for vote in votes])
    for vote in votes:
        words = texts[vote.statement_id]
        vote.text, vote.wording, vote.round = dict(words.text), words.version, numbers[vote.subject]
    return votes


def roll_of(
    members: Sequence[Mapping[str, Any]],
    standings: Mapping[int, Standing],
    gate: str,
    group_id: int,
    protocol: Protocol,
) -> list[Seat]:
    """Entitled to rate by role, declared, not recused. The chair of a group does not rate (METHODS B5)."""
    roles: dict[int, set[str]] = {}
    for row in members:
        roles.setdefault(row["person_id"], set()).add(row["role"])
    return [
        Seat(person_id, chair=Role.CHAIR in held)
        for person_id, held in roles.items()
        if (Role.CHAIR not in held or protocol.chair_rates)
        and standings[person_id].declared
        and not is_out(standings[person_id], gate, group_id)
    ]


def is_out(standing: Standing, gate: str, group_id: int) -> bool:
    return standing.outcome(gate, group_id) in NO_BALLOT


def check_rolls(votes: Sequence[Vote], rolls: Mapping[int, Sequence[Seat]]) -> None:
    if not votes:
        raise Refused("This round has no statement left to rate. Choose its statements again.")
    if not all(rolls[vote.id] for vote in votes):
        raise Refused(
            "Nobody may rate one of these statements: a rater has a valid declaration and no conflict. Leave "
            "it out, or complete the group first."
        )


async def write_to(round_: Round, person_ids: Collection[int], settings: Settings, reason: str = "") -> None:
    """What waits for each in this round, in the language of each. The letter holds nobody's rating."""
    if not settings.writes_letters:
        return
    assessment = await Assessment.get(id=round_.assessment_id)
    group = await Group.get(id=round_.group_id)
    left = await answers_missing(round_)
    for person in await Person.filter(id__in=list(person_ids)).order_by("id"):
        letter = letters.of_round(person, assessment, group, round_, left.get(person.id, 0), settings, reason)
        await outbox.queue(person.email, letter.subject, letter.body)

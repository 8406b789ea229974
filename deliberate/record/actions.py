"""Compiling, freezing, replacing and sealing the record of an assessment. The only writer of these tables."""

import asyncio
from typing import Any

from deliberate.errors import Refused
from deliberate.interests.actions import decide_interest
from deliberate.interests.models import InterestDecision, decisions_in_force, standing_of
from deliberate.interests.rules import NO_BALLOT, Outcome
from deliberate.live.journal import Note, acting
from deliberate.live.keeper import Keeper
from deliberate.people.models import Person
from deliberate.questions.actions import lock_questions
from deliberate.record import rules
from deliberate.record.compile import Content, compile_content, digest, says_the_same
from deliberate.record.content.facts import load_facts
from deliberate.record.differences import changed_sections
from deliberate.record.models import (
    Record,
    RecordContent,
    Seal,
    committee_of,
    content_before,
    content_of,
    head_of,
    newest_of,
)
from deliberate.record.rules import RecordState
from deliberate.record.sealing import make_bundle


async def compile_record(assessment_id: int, actor: Person) -> Record:
    """A new working version from the facts as they stand; the last one again if nothing has changed since."""
    async with acting(assessment_id, actor) as note:
        rules.check_prepares(await standing_of(actor.id, assessment_id, note.now))
        newest = await newest_of(assessment_id)
        rules.check_compiles(newest.state if newest else None)
        content = await compiled(assessment_id, newest.version + 1 if newest else 1, note)
        if newest and says_the_same(content, await content_of(newest.id)):
            return newest
        return await add_version(content, RecordState.COMPILING, actor, note, assessment_id)


async def freeze_record(record_id: int, actor: Person) -> Record:
    """Puts the newest version before the committee and locks all questions, or neither.

    What the committee reads is what holds: a version on which the proceedings have moved on is refused.
    """
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        await record.refresh_from_db(fields=["state"])
        rules.check_prepares(await standing_of(actor.id, record.assessment_id, note.now))
        await check_newest(record)
        rules.check_step(record.state, RecordState.FROZEN)
        fresh = await compiled(record.assessment_id, record.version, note)
        await lock_questions(record.assessment_id, actor)
        rules.check_unchanged(says_the_same(fresh, await content_of(record.id)), record.as_of)
        await move(record, RecordState.FROZEN)
        # The committee has read no version before this one: nothing in it is new to them.
        record.changed = []
        await Record.filter(id=record.id).update(changed=record.changed)
        await note(topic(record), "record_frozen", version=record.version, digest=record.digest)
        note.checkpoint()
    return record


async def replace_version(record: Record, actor: Person) -> Record:
    """The next version in the place of `record`, before the committee at once.

    Review calls it in its own act.
    """
    async with acting(record.assessment_id, actor) as note:
        await record.refresh_from_db(fields=["state"])
        rules.check_prepares(await standing_of(actor.id, record.assessment_id, note.now))
        await check_newest(record)
        rules.check_step(record.state, RecordState.REVISED)
        await lock_questions(record.assessment_id, actor)
        content = await compiled(record.assessment_id, record.version + 1, note)
        await move(record, RecordState.REVISED)
        following = await add_version(content, RecordState.FROZEN, actor, note, record.assessment_id)
        await note(topic(record), "record_revised", about=topic(following), version=following.version)
        await carry_decisions(record, following, actor)
        note.checkpoint()
    return following


async def mark_commented(record: Record) -> None:
    """The first comment of the committee; later ones change nothing. Inside the act that adds the comment."""
    if record.state == RecordState.FROZEN:
        await move(record, RecordState.COMMENTED)


async def begin_seal(
    record: Record, proposed_by: int, sealed_by: Person, keeper: Keeper, adoption: dict[str, Any]
) -> Seal:
    """The sealing entry and the state, in one act.

    `complete_seal` then builds the bundle from stored rows.
    """
    rules.check_two_persons(proposed_by, sealed_by.id)
    async with acting(record.assessment_id, sealed_by) as note:
        await record.refresh_from_db(fields=["state"])
        await check_newest(record)
        rules.check_step(record.state, RecordState.ADOPTED)
        await check_reported(record)
        await move(record, RecordState.ADOPTED)
        number = await note(
            topic(record),
            "record_sealed",
            version=record.version,
            record_sha256=record.digest,
            proposed_by=proposed_by,
            sealed_by=sealed_by.id,
        )
        note.checkpoint()
        return await Seal.create(
            assessment_id=record.assessment_id,
            record_id=record.id,
            proposed_by_id=proposed_by,
            sealed_by_id=sealed_by.id,
            number=number,
            fingerprint=keeper.fingerprint,
            adoption=adoption,
            at=note.now,
        )


async def complete_seal(assessment_id: int, keeper: Keeper) -> int:
    """Builds and stores the bundle of a seal that has none yet; returns the number of the sealing entry.

    Sealing happens once; this may be tried until it succeeds, and a bundle that is stored is never replaced.

    Raises:
        DamagedJournal: the stored journal is not the one that was written. Nothing is signed.
    """
    seal = await Seal.get(assessment_id=assessment_id)
    if seal.bundle is not None:
        return seal.number
    record = await Record.get(id=seal.record_id)
    bundle = await make_bundle(seal, record, keeper)
    async with acting(assessment_id, None) as note:
        waits = Seal.filter(id=seal.id, bundle=None)
        if await waits.update(bundle=bundle, fingerprint=keeper.fingerprint):
            await note(topic(record), "record_published", version=record.version, bytes=len(bundle))
    return seal.number


async def seal_record(
    record_id: int,
    proposed_by: int,
    sealed_by: Person,
    keeper: Keeper,
    adoption: dict[str, Any] | None = None,
) -> int:
    """Both steps. After a crash between them the same call completes the second; a third one is refused.

    The caller has made sure that the committee adopted the record: `review.actions.adopt`.
    """
    record = await head_of(record_id)
    seal = await Seal.filter(assessment_id=record.assessment_id).first()
    if seal and (seal.record_id != record_id or seal.bundle is not None):
        raise Refused(rules.ADOPTED_STANDS)
    if seal is None:
        await begin_seal(record, proposed_by, sealed_by, keeper, adoption or {})
    return await complete_seal(record.assessment_id, keeper)


# Details of the above.


def topic(record: Record) -> str:
    return f"record-{record.id}"


async def compiled(assessment_id: int, version: int, note: Note) -> Content:
    """The facts are read in this act, so they are one moment; putting them together leaves the loop free."""
    facts = await load_facts(assessment_id)
    return await asyncio.to_thread(compile_content, facts, version=version, as_of=note.number, now=note.now)


async def add_version(
    content: Content, state: RecordState, actor: Person, note: Note, assessment_id: int
) -> Record:
    record = Record(
        assessment_id=assessment_id,
        version=content["version"],
        state=state,
        as_of=content["as_of"],
        content={},
        digest=await asyncio.to_thread(digest, content),
        compiled_by_id=actor.id,
        compiled_at=note.now,
    )
    before = await content_before(record)
    record.changed = changed_sections(before, content) if before else []
    await record.save()
    await RecordContent.create(record=record, content=content)
    await note(
        topic(record),
        "record_compiled",
        version=record.version,
        state=str(state),
        as_of=record.as_of,
        digest=record.digest,
    )
    return record


async def move(record: Record, wanted: RecordState) -> None:
    rules.check_step(record.state, wanted)
    record.state = wanted
    await Record.filter(id=record.id).update(state=wanted)


async def check_newest(record: Record) -> None:
    newest = await newest_of(record.assessment_id)
    rules.check_newest(record.version, newest.version if newest else record.version)


async def check_reported(record: Record) -> None:
    """Also of review, before the committee is asked. A version compiled before records had a checklist has no
    gaps to fill.
    """
    told = (await content_of(record.id)).get("reporting")
    rules.check_reported(told["missing"] if told else ())


async def carry_decisions(record: Record, following: Record, actor: Person) -> None:
    """Whoever was kept out of one version is kept out of the next:

    the interest is in the record, not its number.
    """
    committee = await committee_of(record.assessment_id)
    found = [row for row in await decisions_in_force(record.assessment_id) if row.subject == topic(record)]
    for row in found if committee else ():
        if row.outcome in NO_BALLOT:
            await carry(row, topic(following), committee.id, actor)


async def carry(decision: InterestDecision, subject: str, committee_id: int, actor: Person) -> None:
    await decide_interest(
        decision.assessment_id,
        decision.person_id,
        subject,
        committee_id,
        outcome=Outcome(decision.outcome),
        category=decision.category,
        reason=decision.reason,
        actor=actor,
    )

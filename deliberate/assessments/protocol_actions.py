"""The protocol: changed until it is frozen, frozen once, and after that changed only by a recorded deviation.

METHODS.md 1.3. A deviation touches a verdict iff its vote was held under another hash than the frozen one.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from deliberate.assessments import rules
from deliberate.assessments.models import Assessment, ProtocolDeviation, place_of
from deliberate.assessments.protocol_values import PARAMETERS, read_values, value_at
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import NotFound
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.people.models import Person


@asynccontextmanager
async def preparing(assessment_id: int, actor: Person) -> AsyncIterator[tuple[Note, Assessment, Protocol]]:
    """An act of the secretariat on the protocol, as it is inside."""
    async with acting(assessment_id, actor) as note:
        rules.check_is_secretariat(await place_of(actor.id, assessment_id))
        assessment = await Assessment.get_or_none(id=assessment_id)
        if assessment is None:
            raise NotFound()
        yield note, assessment, read_protocol(assessment.protocol)


async def change_protocol(assessment_id: int, typed: Mapping[str, str], actor: Person) -> str:
    """Before the freeze: values typed, by dotted key, take the place of those held. Returns the new hash."""
    async with preparing(assessment_id, actor) as (note, assessment, held):
        rules.check_not_frozen(assessment.protocol_frozen_at)
        changed = read_values(typed, held)
        if changed != held:
            await put(assessment, changed)
            await note(f"assessment-{assessment_id}", "protocol_changed", hash=changed.digest())
    return changed.digest()


async def freeze_protocol(assessment_id: int, read_hash: str, actor: Person) -> str:
    """From now on ratings may open. `read_hash`: of the protocol that the secretariat has read.

    Raises:
        Refused: it is frozen, has a fault, or was changed meanwhile.
    """
    async with preparing(assessment_id, actor) as (note, assessment, held):
        rules.check_not_frozen(assessment.protocol_frozen_at)
        rules.check_read(read_hash, held.digest())
        rules.check_complete(held)
        await put(assessment, held)
        assessment.protocol_frozen_at, assessment.frozen_hash = note.now, held.digest()
        await assessment.save(update_fields=["protocol_frozen_at", "frozen_hash"])
        await note(f"assessment-{assessment_id}", "protocol_frozen", hash=held.digest())
        note.checkpoint()
    return held.digest()


async def deviate(assessment_id: int, key: str, text: str, reason: str, actor: Person) -> ProtocolDeviation:
    """One parameter changes after the freeze: a deviation, with its reason, which the record prints."""
    async with preparing(assessment_id, actor) as (note, assessment, held):
        rules.check_frozen(assessment.frozen_hash)
        rules.check_deviation(key, reason, PARAMETERS)
        changed = read_values({key: text}, held)
        rules.check_differs(held, changed)
        rules.check_complete(changed)
        await put(assessment, changed)
        salt = new_salt()
        deviation = await ProtocolDeviation.create(
            assessment_id=assessment_id,
            key=key,
            old=value_at(held.canonical(), key),
            new=value_at(changed.canonical(), key),
            reason=reason,
            salt=salt,
            by_id=actor.id,
            at=note.now,
            hash_before=held.digest(),
            hash_after=changed.digest(),
        )
        await note(
            f"assessment-{assessment_id}",
            "protocol_deviated",
            about=f"deviation-{deviation.id}",
            key=key,
            before=held.digest(),
            after=changed.digest(),
            commitment=commitment({"reason": reason}, salt),
        )
        note.checkpoint()
    return deviation


async def put(assessment: Assessment, protocol: Protocol) -> None:
    assessment.protocol, assessment.protocol_hash = protocol.canonical(), protocol.digest()
    await assessment.save(update_fields=["protocol", "protocol_hash"])

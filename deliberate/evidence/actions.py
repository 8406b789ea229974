"""Adding documents and saying which questions they bear on. The only writer of these tables."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from hashlib import sha256

import rfc8785

from deliberate.errors import NotFound
from deliberate.evidence import rules
from deliberate.evidence.models import EvidenceItem, EvidenceSubject
from deliberate.evidence.rules import Document
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting
from deliberate.people.models import Person


async def add_evidence(
    assessment_id: int, document: Document, subjects: Sequence[str], actor: Person
) -> EvidenceItem:
    """A new document of the dossier, bearing on `subjects` ("question-3"), which the caller vouches for."""
    rules.check_subjects(subjects)
    async with acting(assessment_id, actor) as note:
        rules.check_keeps_dossier(await standing_of(actor.id, assessment_id, note.now))
        taken = await EvidenceItem.filter(assessment_id=assessment_id, code=document.code).exists()
        rules.check_document(document, taken)
        await add_documents(note, assessment_id, [(document, list(subjects))])
        item = await EvidenceItem.get(assessment_id=assessment_id, code=document.code)
        for subject in subjects:
            await note(subject, "evidence_linked", about=f"evidence-{item.id}")
    return item


async def add_documents(
    note: Note, assessment_id: int, documents: Sequence[tuple[Document, Sequence[str]]]
) -> None:
    """A step of the act of its caller, who has checked the rights: many at once, as at the founding."""
    await EvidenceItem.bulk_create(
        [
            EvidenceItem(assessment_id=assessment_id, added_at=note.now, **asdict(document))
            for document, _ in documents
        ],
        batch_size=500,
    )
    rows = await EvidenceItem.filter(assessment_id=assessment_id).values_list("code", "id")
    ids = {code: item_id for code, item_id in rows}
    await EvidenceSubject.bulk_create(
        [
            EvidenceSubject(item_id=ids[document.code], subject=subject)
            for document, subjects in documents
            for subject in subjects
        ],
        batch_size=500,
    )
    for document, _ in documents:
        topic, about = f"assessment-{assessment_id}", f"evidence-{ids[document.code]}"
        await note(topic, "evidence_added", about=about, digest=digest_of(document))


async def link_evidence(item_id: int, subjects: Collection[str], actor: Person) -> None:
    """Says which questions the document bears on from now on; those not named no longer have it."""
    rules.check_subjects(list(subjects))
    item = await EvidenceItem.get_or_none(id=item_id)
    if item is None:
        raise NotFound()
    async with acting(item.assessment_id, actor) as note:
        rules.check_keeps_dossier(await standing_of(actor.id, item.assessment_id, note.now))
        before = set(await EvidenceSubject.filter(item_id=item_id).values_list("subject", flat=True))
        await link(note, item, sorted(set(subjects) - before))
        await unlink(note, item, sorted(before - set(subjects)))


async def link(note: Note, item: EvidenceItem, subjects: Sequence[str]) -> None:
    await EvidenceSubject.bulk_create(
        [EvidenceSubject(item_id=item.id, subject=subject) for subject in subjects], batch_size=500
    )
    for subject in subjects:
        await note(subject, "evidence_linked", about=f"evidence-{item.id}")


async def unlink(note: Note, item: EvidenceItem, subjects: Sequence[str]) -> None:
    await EvidenceSubject.filter(item_id=item.id, subject__in=subjects).delete()
    for subject in subjects:
        await note(subject, "evidence_unlinked", about=f"evidence-{item.id}")


def digest_of(document: Document) -> str:
    """SHA-256 of the entry as it stood when added: a later change of the row would show."""
    return sha256(rfc8785.dumps(asdict(document))).hexdigest()

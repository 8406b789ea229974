"""Signing declarations and deciding what the interests in them lead to. The only writer of these tables."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from deliberate.assessments.models import Group
from deliberate.errors import NotFound, Refused
from deliberate.interests import rules
from deliberate.interests.models import (
    Declaration,
    Interest,
    InterestDecision,
    latest_declaration,
    standing_of,
)
from deliberate.interests.rules import Link, Outcome
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.live.models import HOUSE, Entry
from deliberate.people.models import Person

# What a later domain does, in the same transaction, when somebody is kept out or let in:
# (note, person, subject, outcome)
Consequence = Callable[[Note, int, str, Outcome], Awaitable[None]]


async def sign_declaration(
    person: Person, nothing_to_declare: bool, interests: Sequence[Link], actor: Person
) -> Declaration:
    """A new version, which supersedes the last and opens the deliberation for twelve months.

    Signing the same again on the same day changes nothing: a form sent twice is one signature.
    """
    rules.check_signs(person.id, actor.id)
    rules.check_declaration(nothing_to_declare, interests)
    async with acting(HOUSE, actor) as note:
        before = await latest_declaration(person.id)
        if before and says_the_same(before, interests, note.now):
            return before
        version = before.version + 1 if before else 1
        declaration = await Declaration.create(
            person_id=person.id,
            version=version,
            nothing_to_declare=nothing_to_declare,
            signed_at=note.now,
            salt=new_salt(),
        )
        await Interest.bulk_create(Interest(declaration=declaration, **asdict(link)) for link in interests)
        await note(
            f"person-{person.id}",
            "declaration_signed",
            about=f"declaration-{declaration.id}",
            version=version,
            commitment=commitment(content_of(person.id, version, interests), declaration.salt),
        )
        note.rights_changed(person.id)
    return declaration


async def note_undeclared(person_id: int, assessment_id: int) -> None:
    """The audit line of gate 1: this person was refused for want of a valid declaration. One for each day is
    enough, so that nobody fills a journal by trying again.
    """
    now = datetime.now(UTC)
    if await is_noted(person_id, assessment_id, now):
        return
    async with acting(assessment_id, None) as note:
        if not await is_noted(person_id, assessment_id, now):  # another request may have been first
            await note(f"assessment-{assessment_id}", "undeclared_refused", about=f"person-{person_id}")


async def is_noted(person_id: int, assessment_id: int, now: datetime) -> bool:
    lines = Entry.filter(
        journal=assessment_id,
        topic=f"assessment-{assessment_id}",
        kind="undeclared_refused",
        at__gte=now.replace(hour=0, minute=0, second=0, microsecond=0),
    )
    about = f'"about":"person-{person_id}"'
    return any(about in body for body in await lines.values_list("body", flat=True))


def content_of(person_id: int, version: int, links: Sequence[Link]) -> dict[str, Any]:
    """What the journal commits to: an empty list says "nothing to declare"."""
    return {"person": person_id, "version": version, "interests": [asdict(link) for link in links]}


def says_the_same(before: Declaration, links: Sequence[Link], now: datetime) -> bool:
    return before.signed_at.date() == now.date() and links_of(before) == list(links)


def links_of(declaration: Declaration) -> list[Link]:
    """As they were written, in their order."""
    return [
        Link(row.section, row.organisation, row.description, row.since, row.until, row.major)
        for row in sorted(declaration.interests, key=lambda row: row.id)
    ]


async def decide_interest(
    assessment_id: int,
    person_id: int,
    subject: str,
    group_id: int,
    *,
    outcome: Outcome,
    category: str,
    reason: str,
    actor: Person,
    also: Sequence[Consequence] = (),
) -> InterestDecision:
    """What `person_id` may do with `subject` ("question-12" or "group-3") of the group, from this moment on.

    The caller vouches that the subject exists and belongs to `group_id`. Each of `also` runs in the same
    transaction: a vote strikes the name, an opinion is set aside. The journal holds outcome and category, for
    the group and the record; the reason stays in the row and only its commitment is published.
    """
    category = "" if outcome is Outcome.NONE else category
    rules.check_decision(subject, group_id, outcome, category, reason)
    async with acting(assessment_id, actor) as note:
        standing = await standing_of(actor.id, assessment_id, note.now)
        await check_group(group_id, assessment_id)
        rules.check_decides(standing, subject, group_id, person_id)
        await check_member(person_id, assessment_id, group_id, note.now)
        before = await latest_decision(assessment_id, person_id, subject)
        if before and (before.outcome, before.category, before.reason) == (outcome, category, reason):
            return before
        decision = await InterestDecision.create(
            assessment_id=assessment_id,
            person_id=person_id,
            subject=subject,
            outcome=outcome,
            category=category,
            reason=reason,
            salt=new_salt(),
            decided_by_id=actor.id,
            decided_at=note.now,
        )
        await note(
            f"group-{group_id}",
            "interest_decided",
            about=f"person-{person_id}",
            decision=decision.id,
            subject=subject,
            outcome=str(outcome),
            category=category,
            commitment=commitment({"person": person_id, "subject": subject, "reason": reason}, decision.salt),
        )
        for consequence in also:
            await consequence(note, person_id, subject, outcome)
        note.rights_changed(person_id)
    return decision


async def check_group(group_id: int, assessment_id: int) -> None:
    if not await Group.filter(id=group_id, assessment_id=assessment_id).exists():
        raise NotFound()


async def check_member(person_id: int, assessment_id: int, group_id: int, now: datetime) -> None:
    """Whoever has no seat in the group has nothing there to be kept out of."""
    standing = await standing_of(person_id, assessment_id, now)
    if not standing.sits_in(group_id):
        raise Refused("This person is not a member of the group that examines this question.")


async def latest_decision(assessment_id: int, person_id: int, subject: str) -> InterestDecision | None:
    rows = InterestDecision.filter(assessment_id=assessment_id, person_id=person_id, subject=subject)
    return await rows.order_by("-id").first()

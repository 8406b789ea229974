"""A vote that went wrong is taken again: the first stays, with the reason shown; the later one counts."""

from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.live.journal import acting, commitment, new_salt
from deliberate.people.models import Person
from deliberate.voting import repeat_rules, rules
from deliberate.voting.models import Vote, repetition_of
from deliberate.voting.rules import VoteState


async def prepare_repeat(vote_id: int, reason: str, actor: Person) -> int:
    """The same words, kind, secrecy and round, to be opened under a roll of its own. Returns the new vote.

    Raises:
        Refused: the vote stands as it is; nothing was prepared.
    """
    repeat_rules.check_reason(reason)
    first = await Vote.get_or_none(id=vote_id)
    if first is None:
        raise NotFound()
    async with acting(first.assessment_id, actor) as note:
        await first.refresh_from_db()
        standing = await standing_of(actor.id, first.assessment_id, note.now)
        rules.check_runs(standing, first.gate, first.group_id)
        rules.check_alone(first.rating_round_id)
        repeated = await repetition_of(first) is not None
        repeat_rules.check_repeatable(first.state, first.subject, repeated, await is_followed(first))
        salt = new_salt()
        vote = await Vote.create(
            assessment_id=first.assessment_id,
            group_id=first.group_id,
            subject=first.subject,
            gate=first.gate,
            wording=first.wording,
            text=first.text,
            kind=first.kind,
            mode=first.mode,
            state=VoteState.PREPARED,
            round=first.round,
            terms={},
            replaces_id=first.id,
            replaces_reason=reason,
            replaces_salt=salt,
        )
        await note(f"vote-{first.id}", "vote_repeated", by=f"vote-{vote.id}")
        await note(
            f"vote-{vote.id}",
            "vote_prepared",
            about=first.subject,
            wording=first.wording,
            mode=first.mode,
            kind=first.kind,
            replaces=f"vote-{first.id}",
            reason=commitment({"reason": reason}, salt),
        )
    return vote.id


async def is_followed(vote: Vote) -> bool:
    """Whether its subject was put to the vote anew. Motions of the moment share the item as their subject."""
    if vote.subject.startswith(("item-", "motion-")):
        return False
    later = Vote.filter(subject=vote.subject, kind=vote.kind, id__gt=vote.id)
    return await later.exclude(state=VoteState.PREPARED).exists()

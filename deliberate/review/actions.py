"""Comments of the committee, the answers, revision, and adoption. The only writer of these tables."""

from dataclasses import dataclass

from deliberate.errors import NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.live.keeper import Keeper
from deliberate.meetings import actions as meetings
from deliberate.meetings.actions import Motion
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.meetings.rules import ItemKind, ItemPlan
from deliberate.people.models import Person
from deliberate.record.actions import (
    begin_seal,
    check_newest,
    check_reported,
    complete_seal,
    mark_commented,
    replace_version,
)
from deliberate.record.models import Record, committee_of, content_of, head_of, is_built, seal_of
from deliberate.record.rules import ADOPTED_STANDS, check_prepares, check_reads, check_two_persons
from deliberate.review import rules
from deliberate.review.models import (
    Adoption,
    Answer,
    ReviewComment,
    adoption_of,
    adoption_told,
    count_unanswered,
    is_open,
    last_result,
    subject_of,
    votes_to_adopt,
)

ADOPTION_MINUTES = 30
ITEM = {"fr": "Relevé de consensus, version {version}", "en": "Consensus record, version {version}"}
QUESTION = {
    "fr": "La commission adopte-t-elle le relevé de consensus, version {version} ?",
    "en": "Does the committee adopt the consensus record, version {version}?",
}


@dataclass(frozen=True)
class Remark:
    """What a member of the committee says of one section. `key`: sending it again is harmless."""

    section: str
    kind: str
    text: str
    language: str
    key: str


async def add_review_comment(record_id: int, remark: Remark, actor: Person) -> ReviewComment:
    """Seen by the committee and the secretariat, under its author's name."""
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        standing, committee = await present(record, actor, note)
        before = await ReviewComment.get_or_none(author_id=actor.id, key=remark.key)
        if before is not None:
            said = (before.record_id, before.section, before.kind, before.text)
            rules.check_same(said == (record.id, remark.section, remark.kind, remark.text))
            return before
        rules.check_comments(standing, committee, record.state, is_open(await votes_to_adopt(record)))
        known = [section["key"] for section in (await content_of(record.id))["sections"]]
        rules.check_comment(remark.text, remark.kind, remark.language, remark.key, remark.section, known)
        comment = await ReviewComment.create(
            record_id=record.id,
            section=remark.section,
            author_id=actor.id,
            kind=remark.kind,
            text=remark.text,
            language=remark.language,
            key=remark.key,
            salt=new_salt(),
            at=note.now,
        )
        await mark_commented(record)
        await note(
            subject_of(record),
            "comment_added",
            about=f"comment-{comment.id}",
            section=remark.section,
            comment_kind=remark.kind,
            commitment=commitment({"comment": comment.id, "text": remark.text}, comment.salt),
        )
    return comment


async def answer_comment(comment_id: int, outcome: str, text: str, actor: Person) -> Answer:
    """One answer to each comment, with its reason; it is not changed afterwards."""
    comment = await ReviewComment.get_or_none(id=comment_id)
    if comment is None:
        raise NotFound()
    record = await head_of(comment.record_id)
    async with acting(record.assessment_id, actor) as note:
        standing, _ = await present(record, actor, note)
        check_prepares(standing)
        rules.check_in_review(record.state)
        rules.check_unanswered_yet(await Answer.filter(comment_id=comment_id).exists())
        rules.check_answer(text, outcome)
        answer = await Answer.create(
            comment_id=comment_id,
            outcome=outcome,
            text=text,
            author_id=actor.id,
            salt=new_salt(),
            at=note.now,
        )
        await note(
            subject_of(record),
            "comment_answered",
            about=f"comment-{comment_id}",
            outcome=outcome,
            commitment=commitment({"comment": comment_id, "text": text}, answer.salt),
        )
    return answer


async def revise_record(record_id: int, actor: Person) -> Record:
    """The next version, compiled after the answers, in the place of this one before the committee."""
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        standing, _ = await present(record, actor, note)
        check_prepares(standing)
        rules.check_in_review(record.state)
        rules.check_not_voting(is_open(await votes_to_adopt(record)))
        rules.check_all_answered(await count_unanswered(record))
        return await replace_version(record, actor)


async def propose_adoption(record_id: int, actor: Person) -> Adoption:
    """The secretariat puts the newest version to the committee, once every comment has its answer."""
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        standing, _ = await present(record, actor, note)
        check_prepares(standing)
        await check_newest(record)
        proposed = await adoption_of(record_id) is not None
        rules.check_proposes(record.state, await count_unanswered(record), proposed)
        await check_reported(record)
        adoption = await Adoption.create(record_id=record.id, proposed_by_id=actor.id, at=note.now)
        await note(subject_of(record), "adoption_proposed", version=record.version, digest=record.digest)
    return adoption


async def put_on_agenda(record_id: int, meeting_id: int, actor: Person) -> int:
    """An item of a committee meeting under which this version is voted on; returns the item."""
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        standing, committee = await present(record, actor, note)
        check_prepares(standing)
        rules.check_in_review(record.state)
        if not await Meeting.filter(id=meeting_id, group_id=committee).exists():
            raise NotFound()
        title = {code: words.format(version=record.version) for code, words in ITEM.items()}
        plan = ItemPlan(title, ItemKind.DECISION, subject_of(record), ADOPTION_MINUTES)
        return await meetings.add_item(meeting_id, plan, actor)


async def open_adoption_vote(record_id: int, item_id: int, actor: Person) -> int:
    """A named vote of those present under the open item, with its quorum; returns the vote."""
    record = await head_of(record_id)
    async with acting(record.assessment_id, actor) as note:
        _, committee = await present(record, actor, note)
        if not await AgendaItem.filter(id=item_id, meeting__group_id=committee).exists():
            raise NotFound()
        await check_newest(record)
        adoption, votes = await adoption_of(record_id), await votes_to_adopt(record)
        rules.check_opens_vote(
            record.state, await count_unanswered(record), adoption is not None, is_open(votes)
        )
        text = {code: words.format(version=record.version) for code, words in QUESTION.items()}
        motion = Motion(subject=subject_of(record), text=text, wording=record.version)
        vote_id = await meetings.open_vote(item_id, motion, actor)
        await Adoption.filter(record_id=record_id).update(vote_id=vote_id)
        await note(
            subject_of(record), "adoption_vote_opened", about=f"vote-{vote_id}", version=record.version
        )
    return vote_id


async def adopt(record_id: int, actor: Person, keeper: Keeper) -> int:
    """The chair signs what the committee voted: the record is adopted and sealed. Returns the sealing entry.

    If the sealed file could not be built at the time, the same act builds it; sealing happens once.
    """
    record = await head_of(record_id)
    seal = await seal_of(record.assessment_id)
    if seal is not None:
        await check_chair(record, actor)
        if seal.record_id != record.id or await is_built(record.assessment_id):
            raise Refused(ADOPTED_STANDS)
        return await complete_seal(record.assessment_id, keeper)
    async with acting(record.assessment_id, actor) as note:
        standing, committee = await present(record, actor, note)
        rules.check_presides(standing, committee)
        adoption, votes = await adoption_of(record_id), await votes_to_adopt(record)
        rules.check_adopts(
            record.state, await count_unanswered(record), adoption is not None, last_result(votes)
        )
        assert adoption is not None  # noqa: S101 - check_adopts has seen to it
        check_two_persons(adoption.proposed_by_id, actor.id)
        vote = votes[-1]
        await Adoption.filter(id=adoption.id).update(vote_id=vote.id)
        told = await adoption_told(vote)
        await note(
            subject_of(record),
            "record_adopted",
            about=f"vote-{vote.id}",
            version=record.version,
            digest=record.digest,
            outcome=told["outcome"],
            counts=told["counts"],
        )
        await begin_seal(record, adoption.proposed_by_id, actor, keeper, told)
    return await complete_seal(record.assessment_id, keeper)


# Details of the above.


async def present(record: Record, actor: Person, note: Note) -> tuple[Standing, int | None]:
    """The state of the version and the standing of the actor as they are in this turn; the committee.

    Raises:
        NotFound: this person may not even read the version.
    """
    await record.refresh_from_db(fields=["state"])
    standing = await standing_of(actor.id, record.assessment_id, note.now)
    committee = await committee_of(record.assessment_id)
    committee_id = committee.id if committee else None
    check_reads(standing, committee_id, record.state)
    return standing, committee_id


async def check_chair(record: Record, actor: Person) -> None:
    committee = await committee_of(record.assessment_id)
    standing = await standing_of(actor.id, record.assessment_id)
    rules.check_presides(standing, committee.id if committee else None)

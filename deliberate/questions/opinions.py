"""Writing, submitting and withdrawing opinions, and comments on them: the writer beside `actions.py`.

Before the reveal the journal learns that an opinion was submitted and what it commits to, never a word of it.
"""

from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from deliberate.errors import NotFound, Refused
from deliberate.evidence.models import linked_among
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Outcome
from deliberate.live.journal import Note, commitment, new_salt
from deliberate.people.models import Person
from deliberate.questions import rules, texts
from deliberate.questions.actions import acting_on, subject_of
from deliberate.questions.models import (
    Citation,
    Comment,
    Opinion,
    OpinionVersion,
    RiskQuestion,
    newest_version,
    scales_of,
)
from deliberate.questions.rules import OpinionStage, Stage, Stance
from deliberate.questions.texts import OpinionText


@dataclass(frozen=True)
class Submitted:
    opinion_id: int
    version: int


async def save_draft(question_id: int, draft: dict[str, Any], author: Person) -> None:
    """Keeps what was typed so far, for its author alone. No entry: nobody need know that somebody writes."""
    texts.check_draft(draft)
    async with acting_on(question_id, author) as (note, question, standing):
        rules.check_writes(standing, question.id, question.group_id)
        opinion = await own_opinion(question, author)
        rules.check_writing(Stage(question.stage), opinion and OpinionStage(opinion.stage))
        opinion = opinion or await begin(question, author)
        await Opinion.filter(id=opinion.id).update(draft=draft, draft_saved_at=note.now)


async def submit_opinion(question_id: int, text: OpinionText, author: Person) -> Submitted:
    """Stores a new version: unseen until the reveal, a revision for all to compare after it.

    The same text again is the version already there, so a form sent twice is one submission.
    """
    async with acting_on(question_id, author) as (note, question, standing):
        rules.check_writes(standing, question.id, question.group_id)
        opinion = await own_opinion(question, author)
        stage = OpinionStage(opinion.stage) if opinion else OpinionStage.DRAFT
        rules.check_writing(Stage(question.stage), stage)
        cited = await linked_among(rules.subject_of(question_id), [item for item, _ in text.citations])
        texts.check_opinion(text, await scales_of(question.assessment_id), cited)
        if opinion and (newest := await newest_version(opinion.id)) and newest.as_text() == text:
            await Opinion.filter(id=opinion.id).update(draft=None, draft_saved_at=None)
            return Submitted(opinion.id, newest.version)
        stage = rules.after_submitting(stage, revealed=question.revealed_at is not None)
        submitted = await submit_next(opinion, question, author, stage)
        await add_version(note, question, submitted, text)
    return submitted


async def own_opinion(question: RiskQuestion, author: Person) -> Opinion | None:
    return await Opinion.get_or_none(question_id=question.id, author_id=author.id)


async def begin(question: RiskQuestion, author: Person) -> Opinion:
    return await Opinion.create(question_id=question.id, author_id=author.id, stage=OpinionStage.DRAFT)


async def submit_next(
    opinion: Opinion | None, question: RiskQuestion, author: Person, stage: OpinionStage
) -> Submitted:
    """The opinion at its next version, without a draft; begun here when there is none."""
    if opinion is None:
        opinion = await Opinion.create(question_id=question.id, author_id=author.id, stage=stage, version=1)
        return Submitted(opinion.id, 1)
    version = opinion.version + 1
    await Opinion.filter(id=opinion.id).update(stage=stage, version=version, draft=None, draft_saved_at=None)
    return Submitted(opinion.id, version)


async def add_version(note: Note, question: RiskQuestion, submitted: Submitted, text: OpinionText) -> None:
    version, salt, content = submitted.version, new_salt(), text.content()
    citations = content.pop("citations")
    row = await OpinionVersion.create(
        opinion_id=submitted.opinion_id, version=version, salt=salt, at=note.now, **content
    )
    await Citation.bulk_create(
        Citation(opinion_version_id=row.id, item_id=cited["item"], passage=cited["passage"])
        for cited in citations
    )
    await note(
        subject_of(question),
        "opinion_submitted" if version == 1 else "opinion_revised",
        about=f"opinion-{submitted.opinion_id}",
        version=version,
        commitment=commitment(text.content(), salt),
    )


async def withdraw_opinion(opinion_id: int, author: Person) -> None:
    """Before submitting: "I give none on this question". After the reveal: the text is no longer shown."""
    found = await Opinion.get_or_none(id=opinion_id, author_id=author.id)
    if found is None:
        raise NotFound()
    async with acting_on(found.question_id, author) as (note, question, standing):
        rules.check_writes(standing, question.id, question.group_id)
        opinion = await Opinion.get(id=opinion_id)
        rules.check_writing(Stage(question.stage), None)
        rules.check_opinion_step(OpinionStage(opinion.stage), OpinionStage.WITHDRAWN)
        await Opinion.filter(id=opinion_id).update(
            stage=OpinionStage.WITHDRAWN, draft=None, draft_saved_at=None
        )
        await note(subject_of(question), "opinion_withdrawn", about=f"opinion-{opinion_id}")


async def add_comment(
    question_id: int,
    text: str,
    author: Person,
    *,
    stance: Stance,
    language: str,
    key: str,
    opinion_id: int | None = None,
    parent_id: int | None = None,
) -> Comment:
    """On the question, on an opinion or in answer to a comment. The same key again is the same comment."""
    texts.check_comment(text, language, key)
    async with acting_on(question_id, author) as (note, question, standing):
        rules.check_writes(standing, question.id, question.group_id)
        before = await Comment.get_or_none(author_id=author.id, key=key)
        if before is not None:
            return check_same(before, question_id, text)
        rules.check_commenting(Stage(question.stage))
        parent = await answered(question_id, parent_id)
        opinion = await commented(question_id, parent.opinion_id if parent else opinion_id)
        comment = await Comment.create(
            question_id=question_id,
            opinion_id=opinion.id if opinion else None,
            opinion_version=opinion.version if opinion else None,
            parent_id=parent_id,
            author_id=author.id,
            stance=stance,
            language=language,
            text=text,
            key=key,
            salt=new_salt(),
            at=note.now,
        )
        await note(
            subject_of(question),
            "comment_added",
            about=f"comment-{comment.id}",
            opinion=comment.opinion_id,
            commitment=commitment({"stance": str(stance), "language": language, "text": text}, comment.salt),
        )
    return comment


def check_same(before: Comment, question_id: int, text: str) -> Comment:
    if (before.question_id, before.text) != (question_id, text):
        raise Refused(
            "This form was already sent with another text. Reload the page and write a new comment."
        )
    return before


async def answered(question_id: int, parent_id: int | None) -> Comment | None:
    if parent_id is None:
        return None
    parent = await Comment.get_or_none(id=parent_id, question_id=question_id)
    if parent is None:
        raise NotFound()
    return parent


async def commented(question_id: int, opinion_id: int | None) -> Opinion | None:
    if opinion_id is None:
        return None
    opinion = await Opinion.get_or_none(id=opinion_id, question_id=question_id)
    if opinion is None or opinion.set_aside_at or OpinionStage(opinion.stage) not in rules.SHOWN:
        raise Refused("This opinion is no longer shown, so it takes no comments.")
    return opinion


async def set_aside_opinions(note: Note, person_id: int, subject: str, outcome: Outcome) -> None:
    """What a decision on interests does here, in its transaction: who is kept out has no opinion.

    It is kept, out of sight, and comes back if the decision is lifted.
    """
    kind, _, ident = subject.rpartition("-")
    if kind not in ("question", "group"):
        return
    of = Q(question_id=int(ident)) if kind == "question" else Q(question__group_id=int(ident))
    opinions = await Opinion.filter(of, author_id=person_id).prefetch_related("question")
    if not opinions:
        return
    standing = await standing_of(person_id, opinions[0].question.assessment_id, note.now)
    for opinion in opinions:
        question = opinion.question
        kept_out = standing.is_kept_out(rules.subject_of(question.id), question.group_id)
        if kept_out is not (opinion.set_aside_at is not None):
            await set_aside(note, opinion, kept_out)


async def set_aside(note: Note, opinion: Opinion, kept_out: bool) -> None:
    question: RiskQuestion = opinion.question
    opinion.set_aside_at = note.now if kept_out else None
    if not kept_out and question.revealed_at and opinion.stage == OpinionStage.SUBMITTED:
        opinion.stage = OpinionStage.REVEALED  # it missed the reveal
    await opinion.save(update_fields=["set_aside_at", "stage"])
    if opinion.version:  # a draft is nobody's business
        kind = "opinion_set_aside" if kept_out else "opinion_restored"
        await note(subject_of(question), kind, about=f"opinion-{opinion.id}")

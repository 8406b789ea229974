"""The life of a risk question and of the opinions on it: who may do what, and when. Pure.

Blind means blind: before the reveal of a question an opinion exists for its author alone. The secretariat
knows who has submitted, the group knows how many. A transition that is not listed here is refused.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.rules import NO_BALLOT, Standing, check_reads, check_takes_part


class Stage(StrEnum):
    """METHODS section 10, risk question."""

    DRAFT = "draft"
    ASSIGNED = "assigned"
    EVIDENCE_READY = "evidence_ready"  # opinions are written, blind
    OPINION_DRAFT = "opinion_draft"  # revealed: comments, revisions, the group's conclusion
    OPINION_ADOPTED = "opinion_adopted"
    LOCKED = "locked"


class OpinionStage(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVEALED = "revealed"
    REVISED = "revised"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Stance(StrEnum):
    FOR = "for"
    AGAINST = "against"
    NEUTRAL = "neutral"
    QUESTION = "question"


# The two steps back to OPINION_DRAFT need a written reason: they are deviations.
NEXT: Mapping[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.ASSIGNED}),
    Stage.ASSIGNED: frozenset({Stage.EVIDENCE_READY}),
    Stage.EVIDENCE_READY: frozenset({Stage.OPINION_DRAFT}),
    Stage.OPINION_DRAFT: frozenset({Stage.OPINION_ADOPTED}),
    Stage.OPINION_ADOPTED: frozenset({Stage.LOCKED, Stage.OPINION_DRAFT}),
    Stage.LOCKED: frozenset({Stage.OPINION_DRAFT}),
}
# Submitting again replaces the text before the reveal (submitted -> submitted) and revises it afterwards.
NEXT_OPINION: Mapping[OpinionStage, frozenset[OpinionStage]] = {
    OpinionStage.DRAFT: frozenset({OpinionStage.SUBMITTED, OpinionStage.WITHDRAWN}),
    OpinionStage.SUBMITTED: frozenset({OpinionStage.SUBMITTED, OpinionStage.REVEALED}),
    OpinionStage.REVEALED: frozenset({OpinionStage.REVISED, OpinionStage.FINAL, OpinionStage.WITHDRAWN}),
    OpinionStage.REVISED: frozenset({OpinionStage.REVISED, OpinionStage.FINAL, OpinionStage.WITHDRAWN}),
    OpinionStage.FINAL: frozenset({OpinionStage.REVISED}),  # only where the question was reopened
    OpinionStage.WITHDRAWN: frozenset(),
}
SHOWN = frozenset({OpinionStage.REVEALED, OpinionStage.REVISED, OpinionStage.FINAL})
WRITING = frozenset({Stage.EVIDENCE_READY, Stage.OPINION_DRAFT})
REVEALED = frozenset({Stage.OPINION_DRAFT, Stage.OPINION_ADOPTED, Stage.LOCKED})

STAGE_WORDS = {
    Stage.DRAFT: N_("in preparation"),
    Stage.ASSIGNED: N_("assigned to its working group"),
    Stage.EVIDENCE_READY: N_("opinions are being written, blind"),
    Stage.OPINION_DRAFT: N_("opinions revealed, under discussion"),
    Stage.OPINION_ADOPTED: N_("conclusion adopted by the group"),
    Stage.LOCKED: N_("locked for the committee"),
}
STANCE_WORDS = {
    Stance.FOR: N_("for"),
    Stance.AGAINST: N_("against"),
    Stance.NEUTRAL: N_("neutral"),
    Stance.QUESTION: N_("question"),
}
# Reading


def subject_of(question_id: int) -> str:
    """The key interests are weighed by."""
    return f"question-{question_id}"


def may_read(standing: Standing, question_id: int, group_id: int, stage: Stage) -> bool:
    """A question in preparation is the secretariat's alone."""
    if stage is Stage.DRAFT and not standing.secretariat:
        return False
    return standing.reads(subject_of(question_id), group_id)


def check_may_read(standing: Standing, question_id: int, group_id: int, stage: Stage) -> None:
    if stage is Stage.DRAFT and not standing.secretariat:
        raise NotFound()
    check_reads(standing, subject_of(question_id), group_id)


def is_heard_only(standing: Standing, question_id: int, group_id: int) -> bool:
    """METHODS section 6: such a person knows that the question exists, and no more."""
    return standing.sits_in(group_id) and standing.outcome(subject_of(question_id), group_id) == "heard_only"


def may_see_opinion(standing: Standing, author_id: int, stage: OpinionStage, revealed: bool) -> bool:
    """Its text. Asked of somebody who may read the question."""
    return standing.person_id == author_id or (revealed and stage in SHOWN)


def is_expected(standing: Standing, question_id: int, group_id: int) -> bool:
    """Whether a member of the group is counted among those who owe an opinion."""
    return standing.sits_in(group_id) and standing.outcome(subject_of(question_id), group_id) not in NO_BALLOT


# Acting on a question


def check_prepares(standing: Standing) -> None:
    """The secretariat alone."""
    if not standing.secretariat:
        raise NotFound()


def check_conducts(standing: Standing, question_id: int, group_id: int) -> None:
    """The chair of the group or the secretariat: conclusions, wordings, reopening.

    Raises:
        NotFound: neither of them.
        NotAllowed: a chair without a valid declaration of interests.
    """
    if standing.secretariat:
        return
    check_reads(standing, subject_of(question_id), group_id)
    if not standing.chairs(group_id):
        raise NotFound()
    check_takes_part(standing, subject_of(question_id), group_id)


def check_chairs(standing: Standing, question_id: int, group_id: int) -> None:
    """The chair alone: the group's own word."""
    if not standing.chairs(group_id):
        raise NotFound()
    check_takes_part(standing, subject_of(question_id), group_id)


def check_writes(standing: Standing, question_id: int, group_id: int) -> None:
    """A member of the group: opinions and comments."""
    if not standing.sits_in(group_id):
        raise NotFound()
    check_takes_part(standing, subject_of(question_id), group_id)


def check_step(stage: Stage, to: Stage) -> None:
    if to not in NEXT[stage]:
        raise Refused(STEP_REFUSALS.get(to, STEP_REFUSED))


STEP_REFUSED = N_("This step is not possible now.")
STEP_REFUSALS = {
    Stage.ASSIGNED: N_("Only a question in preparation is given to a working group."),
    Stage.EVIDENCE_READY: N_("Opinions are opened once, when the question has its group and its documents."),
    Stage.OPINION_DRAFT: N_(
        "Opinions are revealed once, from the blind phase; later only a reopening leads back."
    ),
    Stage.OPINION_ADOPTED: N_("A conclusion is adopted after the reveal of the opinions, and once."),
    Stage.LOCKED: N_("Only a question whose conclusion is adopted can be locked."),
}


def check_reopens(stage: Stage, reason: str, standing: Standing) -> None:
    if stage not in (Stage.OPINION_ADOPTED, Stage.LOCKED):
        raise Refused("Only an adopted or locked question is reopened.")
    if stage is Stage.LOCKED and not standing.secretariat:
        raise NotAllowed("A locked question is reopened by the secretariat: ask it, with your reason.")
    check_reason(reason)


def check_reason(reason: str) -> None:
    if not 1 <= len(reason) <= 5000:
        problem = Invalid("Give the reason, in at most 5,000 characters.")
        raise Invalid("A reason is needed.", problems={"reason": problem})


def check_lockable(stages: Mapping[str, Stage]) -> None:
    """`stages` by question code. The record is frozen over the whole assessment or not at all."""
    open_codes = [
        code for code, stage in stages.items() if stage not in (Stage.OPINION_ADOPTED, Stage.LOCKED)
    ]
    if open_codes:
        raise Refused(
            "These questions have no adopted conclusion yet: {codes}. Adopt them first.",
            codes=", ".join(open_codes[:20]) + (" …" if len(open_codes) > 20 else ""),
        )


# Opinions


def check_writing(stage: Stage, opinion: OpinionStage | None) -> None:
    """Is this question open for opinions, and this opinion still to be written?"""
    if stage in (Stage.DRAFT, Stage.ASSIGNED):
        raise Refused("Opinions on this question are not open yet. The secretariat opens them.")
    if stage not in WRITING:
        raise Refused("The group has adopted its conclusion: opinions on this question are closed.")
    if opinion is OpinionStage.WITHDRAWN:
        raise Refused("You have withdrawn from giving an opinion on this question.")


def after_submitting(opinion: OpinionStage, revealed: bool) -> OpinionStage:
    """Where a submission leads. A first opinion after the reveal is shown at once, and marked as late."""
    if not revealed:
        check_opinion_step(opinion, OpinionStage.SUBMITTED)
        return OpinionStage.SUBMITTED
    if opinion in (OpinionStage.DRAFT, OpinionStage.SUBMITTED):
        return OpinionStage.REVEALED
    check_opinion_step(opinion, OpinionStage.REVISED)
    return OpinionStage.REVISED


def check_opinion_step(stage: OpinionStage, to: OpinionStage) -> None:
    if to in NEXT_OPINION[stage]:
        return
    if to is OpinionStage.WITHDRAWN and stage is OpinionStage.SUBMITTED:
        raise Refused(
            "What waits for the reveal can be replaced, not withdrawn. You may withdraw it afterwards."
        )
    raise Refused("This opinion can no longer be changed in this way.")


def check_reveal(submitted: int) -> None:
    if not submitted:
        raise Refused("Nobody has submitted an opinion yet: there is nothing to reveal.")


# Comments and the conclusion


def check_commenting(stage: Stage) -> None:
    if stage in (Stage.DRAFT, Stage.ASSIGNED, Stage.EVIDENCE_READY):
        raise Refused("Comments begin when the opinions have been revealed.")
    if stage is not Stage.OPINION_DRAFT:
        raise Refused("The group has adopted its conclusion: the discussion of this question is closed.")


def check_concluding(stage: Stage) -> None:
    if stage in (Stage.DRAFT, Stage.ASSIGNED, Stage.EVIDENCE_READY):
        raise Refused("The conclusion is written after the reveal of the opinions.")
    if stage is not Stage.OPINION_DRAFT:
        raise Refused("The conclusion is adopted. It changes only after a reopening, with its reason.")


def check_based_on(known: int | None, newest: int) -> None:
    """Two people may write the conclusion: nobody overwrites what he has not read."""
    if known is not None and known != newest:
        raise Refused(
            "Version {newest} of the conclusion was written meanwhile. Read it below, then send yours again.",
            newest=newest,
        )


def check_adopts(version: int, newest: int) -> None:
    if not newest:
        raise Refused("There is no conclusion to adopt yet. Write it first.")
    check_based_on(version, newest)


# What comes next, for lists and for the bar on top of a question's page

WAY = ("evidence", "opinions", "revealed", "rating_1", "meeting", "rating_2", "settled")
WAY_STEP = {
    Stage.DRAFT: "evidence",
    Stage.ASSIGNED: "evidence",
    Stage.EVIDENCE_READY: "opinions",
    Stage.OPINION_DRAFT: "revealed",
    Stage.OPINION_ADOPTED: "settled",
    Stage.LOCKED: "done",
}
NEXT_STEP = {
    Stage.DRAFT: N_("The secretariat gives it to a working group."),
    Stage.ASSIGNED: N_("The secretariat completes the documents and opens the opinions."),
    Stage.EVIDENCE_READY: N_("Members write their opinions; the secretariat reveals them."),
    Stage.OPINION_DRAFT: N_("The group discusses and rates; its chair adopts the conclusion."),
    Stage.OPINION_ADOPTED: N_("It waits for the record to be frozen for the committee."),
    Stage.LOCKED: N_("It is in the record before the committee."),
}


def was_late(submitted_at: datetime, revealed_at: datetime | None) -> bool:
    """Whether a first version was written when the others' opinions could be read."""
    return revealed_at is not None and submitted_at > revealed_at

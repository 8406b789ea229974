"""What the committee and the secretariat may do with a record in review, and when it can be adopted. Pure."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from deliberate.errors import N_, Invalid, NotFound, Refusal, Refused
from deliberate.interests.rules import Standing
from deliberate.record.rules import ADOPTED_STANDS, IN_REVIEW, RecordState, check_voice

TEXT_LIMIT = 5_000
KEY_LENGTH = range(8, 65)
LANGUAGES = ("fr", "en")


class CommentKind(StrEnum):
    BLOCKING = "blocking"
    CORRECTION = "correction"
    WORDING = "wording"
    QUESTION = "question"


class AnswerOutcome(StrEnum):
    """METHODS B8: each comment is accepted, modified or rejected, with a reason."""

    ACCEPTED = "accepted"
    MODIFIED = "modified"
    REJECTED = "rejected"


KIND_WORDS: Mapping[str, str] = {
    CommentKind.BLOCKING: N_("blocking reservation"),
    CommentKind.CORRECTION: N_("factual correction"),
    CommentKind.WORDING: N_("wording"),
    CommentKind.QUESTION: N_("question"),
}
OUTCOME_WORDS: Mapping[str, str] = {
    AnswerOutcome.ACCEPTED: N_("accepted"),
    AnswerOutcome.MODIFIED: N_("taken up in another form"),
    AnswerOutcome.REJECTED: N_("not followed"),
}


def check_comments(standing: Standing, committee_id: int | None, state: str, vote_is_open: bool) -> None:
    """May this person comment on the version now?"""
    check_voice(standing, committee_id)
    check_in_review(state)
    if vote_is_open:
        raise Refused("The vote on the adoption of this version is open: comments are closed.")


def check_in_review(state: str) -> None:
    if state == RecordState.ADOPTED:
        raise Refused(ADOPTED_STANDS)
    if state not in IN_REVIEW:
        raise Refused("Only the version before the committee can be worked on. Open the newest one.")


def check_comment(
    text: str, kind: str, language: str, key: str, section: str, known: Collection[str]
) -> None:
    """Raises Invalid with a sentence for each field."""
    problems: dict[str, Refusal] = {}
    if section not in known:
        problems["section"] = Invalid("Choose a section of this version.")
    if kind not in set(CommentKind):
        problems["kind"] = Invalid("Choose one of the answers offered.")
    if language not in LANGUAGES:
        problems["language"] = Invalid("Choose French or English.")
    if len(key) not in KEY_LENGTH:
        problems["key"] = Invalid("This form has lost its key. Reload the page and send it again.")
    problems |= text_problems(text)
    if problems:
        raise Invalid("The comment is not complete. What you wrote is kept.", problems=problems)


def check_answer(text: str, outcome: str) -> None:
    problems = text_problems(text)
    if outcome not in set(AnswerOutcome):
        problems["outcome"] = Invalid("Choose one of the answers offered.")
    if problems:
        raise Invalid("The answer is not complete. What you wrote is kept.", problems=problems)


def text_problems(text: str) -> dict[str, Refusal]:
    if not text:
        return {"text": Invalid("This is needed.")}
    if len(text) > TEXT_LIMIT:
        return {"text": Invalid("This is too long: at most {max_length} characters.", max_length=TEXT_LIMIT)}
    return {}


def check_same(same: bool) -> None:
    """The same key again: the same comment, or another one that must not hide behind it."""
    if not same:
        raise Refused(
            "Another comment was already sent under this key. Reload the page and send yours again."
        )


def check_unanswered_yet(answered: bool) -> None:
    if answered:
        raise Refused("This comment has its answer. What else there is to say belongs into the next version.")


def check_all_answered(unanswered: int) -> None:
    if unanswered:
        raise Refused(
            "{count} comments of the committee have no answer yet. Answer each of them first.",
            count=unanswered,
        )


def check_not_voting(vote_is_open: bool) -> None:
    if vote_is_open:
        raise Refused("The vote on the adoption of this version is open. Close and count it first.")


def check_proposes(state: str, unanswered: int, proposed: bool) -> None:
    check_in_review(state)
    if proposed:
        raise Refused("The adoption of this version is already proposed.")
    check_all_answered(unanswered)


def check_opens_vote(state: str, unanswered: int, proposed: bool, vote_is_open: bool) -> None:
    check_in_review(state)
    if not proposed:
        raise Refused("The secretariat proposes the adoption first.")
    check_not_voting(vote_is_open)
    check_all_answered(unanswered)


def check_presides(standing: Standing, committee_id: int | None) -> None:
    """The chair of the committee alone; for everybody else there is nothing to adopt."""
    if committee_id is None or not standing.chairs(committee_id):
        raise NotFound()
    check_voice(standing, committee_id)


def check_adopts(state: str, unanswered: int, proposed: bool, adopts: bool | None) -> None:
    """`adopts`: what the last vote on this version came to; None while none is counted."""
    check_in_review(state)
    if not proposed:
        raise Refused("The secretariat proposes the adoption first.")
    check_all_answered(unanswered)
    if adopts is None:
        raise Refused("The committee has not voted on this version, or the vote is not counted yet.")
    if not adopts:
        raise Refused(
            "The vote of the committee did not adopt this version. Put it to another vote, or revise it."
        )

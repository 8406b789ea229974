"""The votes of the open item: the one under way, what can be voted on, what can be voted on again."""

from collections.abc import Mapping
from dataclasses import dataclass

from deliberate.meetings.lines import Line
from deliberate.meetings.rules import ItemState
from deliberate.meetings.sight import Sight
from deliberate.questions.models import newest_conclusion, statement_texts
from deliberate.voting.models import Vote
from deliberate.voting.rules import VoteState
from deliberate.voting.showing import number_in


def open_vote_of(sight: Sight) -> Vote | None:
    """The newest vote under the open item, for those who may see it."""
    current = next((item.id for item in sight.items if item.state == ItemState.OPEN), None)
    votes = [vote for item_id, vote in sight.votes if item_id == current]
    return votes[-1] if votes else None


@dataclass(frozen=True)
class Votable:
    """A statement, or the conclusion, that can be voted on now."""

    subject: str
    code: str
    text: Mapping[str, str]
    version: int
    rounds: int  # how often it was rated


def running_now(vote: Vote | None) -> bool:
    return vote is not None and vote.state == VoteState.OPEN


def repeatables_of(sight: Sight) -> list[Vote]:
    """The votes of the open item that may be taken again, the newest first: of each subject the last."""
    current = next((item.id for item in sight.items if item.state == ItemState.OPEN), None)
    repeated = {vote.replaces_id for _item, vote in sight.votes}
    followed: set[tuple[str, str]] = set()
    found: list[Vote] = []
    for item_id, vote in reversed(sight.votes):
        stands = vote.id not in repeated and (vote.subject, vote.kind) not in followed
        if item_id == current and stands and is_repeatable(vote):
            found.append(vote)
        if not vote.subject.startswith("item-"):  # motions of the moment share the item as their subject
            followed.add((vote.subject, vote.kind))
    return found


def is_repeatable(vote: Vote) -> bool:
    return vote.state in (VoteState.CLOSED, VoteState.COUNTED) and not vote.subject.startswith("record-")


async def votables_of(line: Line | None) -> list[Votable]:
    """The statements of the item's question that may be rated, and its conclusion."""
    if line is None or line.hidden or not line.subject.startswith("question-"):
        return []
    question_id = number_in(line.subject)
    texts = list((await statement_texts([question_id])).values())
    subjects = [f"statement-{text.id}" for text in texts]
    asked = await Vote.filter(subject__in=subjects).values_list("subject", flat=True)
    found = [
        Votable(subject, text.code, text.text, text.version, list(asked).count(subject))
        for subject, text in zip(subjects, texts, strict=True)
    ]
    conclusion = await newest_conclusion(question_id)
    if conclusion:
        words = {conclusion.language: conclusion.answer}
        found.append(Votable(line.subject, "", words, conclusion.version, 0))
    return found

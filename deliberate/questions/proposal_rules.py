"""Statements that panellists propose in the first round: who may, what is complete, who answers. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from deliberate.errors import N_, Invalid, NotFound, Refusal, Refused
from deliberate.interests.rules import Standing, check_takes_part
from deliberate.questions.statement_rules import LONGEST


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


STATE_WORDS = {
    ProposalState.OPEN: N_("waits for an answer"),
    ProposalState.ACCEPTED: N_("a statement now"),
    ProposalState.DECLINED: N_("declined, with a reason"),
}


def is_panellist(standing: Standing, group_id: int, *, chair_rates: bool) -> bool:
    """Whoever rates proposes: the secretariat and, unless the protocol says otherwise, the chair do not."""
    return standing.sits_in(group_id) and (chair_rates or not standing.chairs(group_id))


def check_proposes(standing: Standing, gate: str, group_id: int, *, chair_rates: bool) -> None:
    """
    Raises:
        NotFound: not of the panel of this question.
        NotAllowed: without a valid declaration of interests.
    """
    if not is_panellist(standing, group_id, chair_rates=chair_rates):
        raise NotFound()
    check_takes_part(standing, gate, group_id)


def check_proposal(text: Mapping[str, str], reason: str) -> None:
    problems: dict[str, Refusal] = {}
    if not text:
        problems["text_fr"] = Invalid("Write the statement, in one language at least.")
    for code, words in text.items():
        if len(words) > LONGEST:
            problems[f"text_{code}"] = Invalid("Write the statement, in at most 5,000 characters.")
    if not 1 <= len(reason) <= LONGEST:
        problems["reason"] = Invalid("Give the reason, in at most 5,000 characters.")
    if problems:
        raise Invalid("The proposal is not complete. What you wrote is kept.", problems=problems)


def check_answers(state: str) -> None:
    if state != ProposalState.OPEN:
        raise Refused("This proposal is answered already.")


def check_decline(reason: str) -> None:
    if not 1 <= len(reason) <= LONGEST:
        problem = Invalid("Say why, in at most 5,000 characters: the proposer reads it.")
        raise Invalid("The answer is not complete. What you wrote is kept.", problems={"decline": problem})

"""What members write: opinions, conclusions, comments, and when such a text is complete. Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from deliberate.errors import Invalid, Refusal
from deliberate.questions.scales import RiskStatus, Scales

POSITION_LIMIT = 2000
REASONS_LIMIT = 20_000
UNKNOWNS_LIMIT = 5000
COMMENT_LIMIT = 5000
PASSAGE_LIMIT = 300
DRAFT_LIMIT = 100_000


@dataclass(frozen=True)
class Assessed:
    """How a risk is judged: what opinions and conclusions share."""

    status: str
    severity: str
    likelihood: str
    certainty: str
    unknowns: str = ""


@dataclass(frozen=True)
class OpinionText:
    """One reasoned opinion as written. `citations` are (evidence item, passage)."""

    position: str
    reasons: str
    assessed: Assessed
    language: str
    citations: tuple[tuple[int, str], ...] = ()

    def content(self) -> dict[str, Any]:
        """What the journal commits to, and what two versions are compared by."""
        return {
            "position": self.position,
            "reasons": self.reasons,
            "status": self.assessed.status,
            "severity": self.assessed.severity,
            "likelihood": self.assessed.likelihood,
            "certainty": self.assessed.certainty,
            "unknowns": self.assessed.unknowns,
            "language": self.language,
            "citations": [{"item": item, "passage": passage} for item, passage in self.citations],
        }


@dataclass(frozen=True)
class ConclusionText:
    """The group's answer. `divergent` holds the positions that differ, with their reasons; always printed."""

    answer: str
    assessed: Assessed
    language: str
    divergent: str = ""

    def content(self) -> dict[str, Any]:
        return {
            "answer": self.answer,
            "status": self.assessed.status,
            "severity": self.assessed.severity,
            "likelihood": self.assessed.likelihood,
            "certainty": self.assessed.certainty,
            "unknowns": self.assessed.unknowns,
            "language": self.language,
            "divergent": self.divergent,
        }


def check_opinion(text: OpinionText, scales: Scales, documents: Collection[int]) -> None:
    """Raises Invalid with a sentence for each field that is missing, too long or off the scale."""
    problems = _assessed_problems(text.assessed, scales, text.language)
    _ask_length(problems, "position", text.position, POSITION_LIMIT, needed=True)
    _ask_length(problems, "reasons", text.reasons, REASONS_LIMIT, needed=True)
    if any(item not in documents for item, _ in text.citations):
        problems["cites"] = Invalid("One of the documents cited is not in the dossier of this question.")
    if any(len(passage) > PASSAGE_LIMIT for _, passage in text.citations):
        problems["cites"] = Invalid("Name each passage in at most {limit} characters.", limit=PASSAGE_LIMIT)
    if problems:
        raise Invalid("Your opinion is not complete. What you wrote is kept.", problems=problems)


def check_conclusion(text: ConclusionText, scales: Scales) -> None:
    problems = _assessed_problems(text.assessed, scales, text.language)
    _ask_length(problems, "answer", text.answer, REASONS_LIMIT, needed=True)
    _ask_length(problems, "divergent", text.divergent, REASONS_LIMIT)
    if problems:
        raise Invalid("The conclusion is not complete. What you wrote is kept.", problems=problems)


def check_draft(draft: Mapping[str, Any]) -> None:
    """A draft may be unfinished, but not endless."""
    length = len(json.dumps(draft, ensure_ascii=False))
    if length > DRAFT_LIMIT:
        raise Invalid(
            "This is too long to be kept as a draft: {length} characters, at most {limit}. Shorten it.",
            length=length,
            limit=DRAFT_LIMIT,
        )


def _assessed_problems(given: Assessed, scales: Scales, language: str) -> dict[str, Refusal]:
    offered = {
        "status": {str(status) for status in RiskStatus},
        "severity": {value for value, _ in scales.severities()},
        "likelihood": {value for value, _ in scales.likelihoods()},
        "certainty": set(scales.certainty),
    }
    problems: dict[str, Refusal] = {
        name: Invalid("Choose one of the answers offered.")
        for name, values in offered.items()
        if getattr(given, name) not in values
    }
    _ask_length(problems, "unknowns", given.unknowns, UNKNOWNS_LIMIT)
    if language not in ("fr", "en"):
        problems["language"] = Invalid("Choose French or English.")
    return problems


def _ask_length(problems: dict[str, Refusal], name: str, text: str, limit: int, needed: bool = False) -> None:
    if needed and not text:
        problems[name] = Invalid("This is needed.")
    elif len(text) > limit:
        problems[name] = Invalid(
            "This is too long: {length} characters, and {limit} fit. Put longer material into the dossier.",
            length=len(text),
            limit=limit,
        )


def check_comment(text: str, language: str, key: str) -> None:
    problems: dict[str, Refusal] = {}
    _ask_length(problems, "text", text, COMMENT_LIMIT, needed=True)
    if language not in ("fr", "en"):
        problems["language"] = Invalid("Choose French or English.")
    if not 8 <= len(key) <= 64:
        problems["key"] = Invalid("This form has lost its key. Reload the page and send it again.")
    if problems:
        raise Invalid("The comment is not complete. What you wrote is kept.", problems=problems)

"""What is to be played, checked before anything starts: the assessment, the people, the ratings."""

from dataclasses import dataclass
from pathlib import Path

from deliberate.assessments.file import AssessmentFile, FileInvalid, read_assessment
from deliberate.assessments.rules import GroupKind


class Unexpected(Exception):
    """Something went differently from the story. The sentence says who did what, and what came."""


@dataclass(frozen=True)
class Plan:
    """What the command line asks for."""

    assessment: Path
    ratings: Path | None
    experts: int
    out: Path
    seed: int
    server: str | None = None
    link: str | None = None
    database_url: str | None = None


def read_content(plan: Plan) -> AssessmentFile:
    """The assessment to play.

    Raises:
        Unexpected: the file cannot be read, with its first problems.
    """
    try:
        return read_assessment(plan.assessment.read_text("utf-8"))
    except FileInvalid as error:
        told = "; ".join(f"line {found.line}: {found.sentence}" for found in error.found[:3])
        raise Unexpected(f"{plan.assessment} is not an assessment: {told}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unexpected(f"{plan.assessment} cannot be read: {error}") from None


def working_groups(content: AssessmentFile) -> list[str]:
    return [group.code for group in content.groups if group.kind == GroupKind.WORKING_GROUP]

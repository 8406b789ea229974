"""What people send about hearings. What a text may hold is for the rules; here it only has to be readable."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from deliberate.hearings.minutes_rules import Verdict
from deliberate.hearings.rules import DraftKind
from deliberate.web.i18n import local


def typed_here(at: datetime | None) -> datetime | None:
    """A day and time without a zone is meant as people here read it."""
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=local(datetime.now(UTC)).tzinfo)
    return at.astimezone(UTC) if at else None


Moment = Annotated[datetime | None, AfterValidator(typed_here)]


class OrganisationForm(BaseModel):
    organisation: str = ""


class SpokespersonForm(BaseModel):
    speaks_for: int
    name: str = ""
    email: str = ""
    language: Literal["fr", "en"] = "fr"


class EndForm(BaseModel):
    stakeholder: int
    person: int


class ConvocationForm(BaseModel):
    stakeholder: int
    themes: list[str] = []
    questions: str = ""
    meeting: int | None = None
    planned_at: Moment = None
    place: str = ""


class AnswerForm(BaseModel):
    answer: Literal["accept", "decline"]
    reply: str = ""


class InterestsForm(BaseModel):
    interests: str = ""


class ContributionForm(BaseModel):
    title: str = ""
    text: str = ""
    language: str = ""
    may_publish: bool = False


class HoldForm(BaseModel):
    present: list[int] = []
    began_at: Moment = None
    ended_at: Moment = None


class CorrectionForm(BaseModel):
    passage: str = ""
    correction: str = ""
    more_follows: bool = False


class MinutesForm(BaseModel):
    minutes: str = ""
    based_on: int = 0


class VerdictForm(BaseModel):
    correction_id: int
    verdict: Verdict
    answer: str = ""


class DraftForm(BaseModel):
    """Any of the three; only the fields of its kind are kept."""

    kind: DraftKind
    title: str = ""
    text: str = ""
    language: str = ""
    may_publish: bool = False
    passage: str = ""
    correction: str = ""
    more_follows: bool = False
    minutes: str = ""
    based_on: int = 0

    def content(self) -> dict[str, str | bool | int]:
        kept = {
            DraftKind.CONTRIBUTION: ContributionForm,
            DraftKind.CORRECTION: CorrectionForm,
            DraftKind.MINUTES: MinutesForm,
        }[self.kind]
        return {name: getattr(self, name) for name in kept.model_fields}

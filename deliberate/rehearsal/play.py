"""What all acts share: the server, the company, what is counted, and the ids the server gave."""

from collections.abc import Callable
from dataclasses import dataclass, field

from deliberate.assessments.file import AssessmentFile, QuestionFile
from deliberate.rehearsal.company import Company, Player
from deliberate.rehearsal.plan import Plan
from deliberate.rehearsal.ratings import Ratings
from deliberate.rehearsal.report import Counts
from deliberate.rehearsal.server import House
from deliberate.rehearsal.simulation import Matter, Simulation


@dataclass
class Question:
    """A risk question as the server knows it."""

    id: int
    file: QuestionFile
    statements: dict[str, int]  # id by code
    documents: tuple[int, ...]

    @property
    def subject(self) -> str:
        return f"question-{self.id}"

    @property
    def matter(self) -> Matter:
        return Matter(
            self.file.code, self.file.title.model_dump(), self.file.hazard.model_dump(), self.documents
        )


@dataclass
class Play:
    plan: Plan
    content: AssessmentFile
    house: House
    counts: Counts
    company: Company
    simulation: Simulation
    ratings: Ratings
    advance: Callable[[], None]  # moves the progress bar by one
    groups: dict[str, int] = field(default_factory=dict)  # id by code
    questions: dict[str, Question] = field(default_factory=dict)  # by code
    stakeholders: dict[str, int] = field(default_factory=dict)  # id by name
    opinions: dict[str, dict[str, int]] = field(default_factory=dict)  # id by author, by question code
    conclusions: dict[str, int] = field(default_factory=dict)  # version by question code
    recused: dict[str, Player] = field(default_factory=dict)  # who may not take part, by question code

    @property
    def slug(self) -> str:
        return self.content.slug

    def of_group(self, group: str) -> list[Question]:
        return [question for question in self.questions.values() if question.file.group == group]

    def members(self, group: str, question: Question | None = None) -> list[Player]:
        """Chair and experts of a working group, without whoever is recused from the question."""
        everybody = [self.company.chair(group), *self.company.experts(group)]
        kept_out = self.recused.get(question.file.code) if question else None
        return [player for player in everybody if player is not kept_out]

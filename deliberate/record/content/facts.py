"""Everything a record is compiled from, as it stands at one moment: one query for each table.

The number of queries does not depend on the number of questions: tables are loaded whole for the assessment,
and grouped in memory. Columns are named, so that drafts, addresses and keys are never even read.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import F, Q, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from deliberate.assessments.models import Assessment, Group, Membership, ProtocolDeviation
from deliberate.evidence.models import EvidenceItem, EvidenceSubject
from deliberate.hearings.models import (
    Contribution,
    Correction,
    Heard,
    Hearing,
    InterestsText,
    MinutesText,
    Spokesperson,
    Stakeholder,
)
from deliberate.interests.models import Declaration, InterestDecision
from deliberate.meetings.models import AgendaItem, Attendance, ItemVote, Meeting
from deliberate.questions.models import (
    Citation,
    Comment,
    Conclusion,
    Opinion,
    OpinionVersion,
    Reopening,
    RiskQuestion,
    Statement,
    StatementOrigin,
    Wording,
)
from deliberate.questions.rules import SHOWN
from deliberate.record.models import ReportingText
from deliberate.voting.models import Ballot, RollEntry, RoundExtension, Vote
from deliberate.voting.rules import VoteKind, VoteState

Row = dict[str, Any]
Rows = list[Row]


@dataclass(frozen=True)
class Facts:
    """Rows as dictionaries, each table in its natural order."""

    assessment: Row
    groups: Rows
    memberships: Rows
    signed: Rows
    decisions: Rows
    evidence: Rows
    bears_on: Rows
    deviations: Rows
    questions: Rows
    statements: Rows
    origins: Rows
    wordings: Rows
    opinions: Rows
    opinion_texts: Rows
    citations: Rows
    comment_counts: Rows
    conclusions: Rows
    reopenings: Rows
    votes: Rows
    ballots: Rows
    roll: Rows
    represented: Rows
    meetings: Rows
    items: Rows
    item_votes: Rows
    attendance: Rows
    stakeholders: Rows
    spokespersons: Rows
    stakeholder_interests: Rows
    hearings: Rows
    heard: Rows
    minutes: Rows
    contributions: Rows
    corrections: Rows
    delays: Rows
    reporting_texts: Rows


def grouped(rows: Iterable[Row], key: str) -> defaultdict[Any, Rows]:
    found: defaultdict[Any, Rows] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


async def load_facts(assessment_id: int) -> Facts:
    """Asked inside `acting`, it is one consistent moment."""
    mine: dict[str, Any] = {"assessment_id": assessment_id}
    asked = {"question__assessment_id": assessment_id}
    held = {"meeting__assessment_id": assessment_id}
    heard = {"stakeholder__assessment_id": assessment_id}
    shown = {"opinion__question__assessment_id": assessment_id, "opinion__stage__in": list(SHOWN)}
    people = Membership.filter(**mine).values("person_id")
    return Facts(
        assessment=await Assessment.filter(id=assessment_id).get().values(),
        groups=await rows(Group.filter(**mine).order_by("position", "id")),
        memberships=await rows(
            Membership.filter(**mine).order_by("group__position", "role", "person__name", "id"),
            *("person_id", "person__name", "role", "group_id", "since", "until"),
        ),
        signed=await rows(
            Declaration.filter(person_id__in=Subquery(people)).order_by("version"), "person_id", "signed_at"
        ),
        decisions=await rows(
            InterestDecision.filter(**mine).order_by("id"),
            *("person_id", "person__name", "subject", "outcome", "category", "reason", "decided_at"),
        ),
        evidence=await rows(EvidenceItem.filter(**mine).order_by("code")),
        bears_on=await rows(
            EvidenceSubject.filter(item__assessment_id=assessment_id).order_by("item__code"),
            "item_id",
            "subject",
        ),
        deviations=await rows(
            ProtocolDeviation.filter(**mine).order_by("id"),
            *("key", "old", "new", "reason", "by__name", "at", "hash_before", "hash_after"),
        ),
        questions=await rows(RiskQuestion.filter(**mine).order_by("position", "id")),
        statements=await rows(Statement.filter(**asked).order_by("position", "id")),
        origins=await rows(
            StatementOrigin.filter(statement__question__assessment_id=assessment_id).order_by("id"),
            *("statement_id", "parent_id", "how"),
        ),
        wordings=await rows(
            Wording.filter(statement__question__assessment_id=assessment_id).order_by("version"),
            *("statement_id", "version", "text", "reason", "at"),
        ),
        opinions=await rows(
            Opinion.filter(**asked, stage__in=list(SHOWN), set_aside_at=None).order_by("author__name", "id"),
            *("id", "question_id", "author__name", "stage", "version"),
        ),
        opinion_texts=await rows(
            OpinionVersion.filter(**shown, version=F("opinion__version")).order_by("opinion_id"),
            *("id", "opinion_id", "version", "language", "position", "reasons", "status", "severity"),
            *("likelihood", "certainty", "unknowns", "at"),
        ),
        citations=await rows(
            Citation.filter(opinion_version__opinion__question__assessment_id=assessment_id).order_by("id"),
            *("opinion_version_id", "item__code", "passage"),
        ),
        comment_counts=await Comment.filter(**asked)
        .annotate(count=Count("id"))
        .group_by("question_id")
        .values("question_id", "count"),
        conclusions=await rows(
            Conclusion.filter(**asked).exclude(adopted_at=None).order_by("version"),
            *("question_id", "version", "language", "answer", "status", "severity", "likelihood"),
            *("certainty", "unknowns", "divergent", "adopted_at"),
        ),
        reopenings=await rows(
            Reopening.filter(**asked).order_by("id"), "question_id", "stage", "reason", "by__name", "at"
        ),
        votes=await rows(Vote.filter(**mine, state=VoteState.COUNTED).order_by("id")),
        ballots=await rows(
            Ballot.filter(
                vote__assessment_id=assessment_id, vote__state=VoteState.COUNTED, set_aside=False
            ).order_by("voter"),
            *("vote_id", "voter", "choice", "rating", "reason", "salt", "number"),
        ),
        roll=await rows(
            RollEntry.filter(
                vote__assessment_id=assessment_id,
                vote__state=VoteState.COUNTED,
                vote__kind=VoteKind.RATING,
                struck_at=None,
            ).distinct(),
            *("vote__group_id", "vote__round", "person_id"),
        ),
        represented=await rows(
            RollEntry.filter(vote__assessment_id=assessment_id, vote__state=VoteState.COUNTED)
            .exclude(held_by_id=None)
            .order_by("id"),
            *("vote_id", "person_id", "held_by__name"),
        ),
        meetings=await rows(Meeting.filter(**mine).exclude(opened_at=None).order_by("opened_at", "id")),
        items=await rows(AgendaItem.filter(**held).order_by("meeting_id", "position", "id")),
        item_votes=await rows(
            ItemVote.filter(item__meeting__assessment_id=assessment_id).order_by("id"), "item_id", "vote_id"
        ),
        attendance=await rows(
            Attendance.filter(**held).order_by("since", "id"),
            *("meeting_id", "person__name", "how", "since", "until", "left_because"),
        ),
        stakeholders=await rows(Stakeholder.filter(**mine).order_by("name", "id")),
        spokespersons=await rows(
            Spokesperson.filter(**heard).order_by("person__name", "id"),
            "stakeholder_id",
            "person__name",
            "until",
        ),
        stakeholder_interests=await rows(
            InterestsText.filter(**heard).order_by("version"), "stakeholder_id", "version", "text", "at"
        ),
        hearings=await rows(
            Hearing.filter(**heard).order_by("id"), "id", "stakeholder_id", "themes", "state", "correct_until"
        ),
        heard=await rows(
            Heard.filter(hearing__stakeholder__assessment_id=assessment_id).order_by("since", "id"),
            *("hearing_id", "person__name", "since", "until"),
        ),
        minutes=await rows(
            MinutesText.filter(hearing__stakeholder__assessment_id=assessment_id).order_by("version"),
            *("hearing_id", "version", "text", "at"),
        ),
        contributions=await rows(
            Contribution.filter(**heard).order_by("version"),
            *("stakeholder_id", "version", "title", "text", "language", "may_publish", "at"),
        ),
        corrections=await rows(
            Correction.filter(hearing__stakeholder__assessment_id=assessment_id).order_by("id"),
            *("hearing_id", "verdict"),
        ),
        delays=await rows(
            RoundExtension.filter(
                Q(round__assessment_id=assessment_id) | Q(vote__assessment_id=assessment_id)
            ).order_by("id"),
            *("from_at", "to_at", "reason"),
        ),
        reporting_texts=await rows(
            ReportingText.filter(**mine).order_by("version"), "item", "version", "kind", "text"
        ),
    )


async def rows(query: QuerySet[Any], *columns: str) -> Rows:
    return list(await query.values(*columns))

"""One question after another: conclusion, statements with their rounds, opinions, recusals, what remains
unknown.

Before the reveal nothing of an opinion is here, and before its adoption nothing of a conclusion.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from deliberate.consensus.protocol import Protocol
from deliberate.consensus.risk import NOT_ASSESSABLE, lookup
from deliberate.interests.rules import NO_BALLOT
from deliberate.live.journal import stamp
from deliberate.questions.rules import Stage
from deliberate.record.content import people, votes
from deliberate.record.content.annex import Movement
from deliberate.record.content.facts import Facts, Row, grouped

CONCLUDED = frozenset({Stage.OPINION_ADOPTED, Stage.LOCKED})


def section_key(code: str) -> str:
    return f"question-{code}"


def questions(
    facts: Facts, protocol: Protocol, told_votes: list[dict[str, Any]], movement: Movement
) -> list[dict[str, Any]]:
    """In the order of the assessment."""
    parts = Parts(facts, protocol, told_votes, movement)
    return [parts.question(row) for row in facts.questions]


class Parts:
    """The rows grouped by what they belong to, once."""

    def __init__(
        self, facts: Facts, protocol: Protocol, told_votes: list[dict[str, Any]], movement: Movement
    ) -> None:
        self.protocol = protocol
        self.groups = people.group_codes(facts)
        self.statements = grouped(facts.statements, "question_id")
        self.wordings = grouped(facts.wordings, "statement_id")
        self.named = {row["id"]: row["code"] for row in facts.statements}
        self.parents, self.offspring = (
            grouped(facts.origins, "statement_id"),
            grouped(facts.origins, "parent_id"),
        )
        self.opinions = grouped(facts.opinions, "question_id")
        self.texts = {row["opinion_id"]: row for row in facts.opinion_texts}
        self.citations = grouped(facts.citations, "opinion_version_id")
        self.comments = {row["question_id"]: row["count"] for row in facts.comment_counts}
        self.conclusions = {row["question_id"]: row for row in facts.conclusions}  # the last adopted of each
        self.reopenings = grouped(facts.reopenings, "question_id")
        self.decisions = grouped(people.decisions(facts), "subject")
        self.documents = grouped(facts.bears_on, "subject")
        self.codes = {row["id"]: row["code"] for row in facts.evidence}
        self.votes = grouped(told_votes, "subject")
        self.votes_on = grouped(told_votes, "question")
        self.stored = {row["id"]: row for row in facts.votes}
        self.movement = movement

    def question(self, row: Row) -> dict[str, Any]:
        key = f"question-{row['id']}"
        conclusion = self.conclusion(row)
        opinions = [self.opinion(each) for each in self.opinions[row["id"]]] if row["revealed_at"] else []
        return {
            "code": row["code"],
            "key": section_key(row["code"]),
            "title": row["title"],
            "text": row["text"],
            "hazard": row["hazard"],
            "group": self.groups.get(row["group_id"]),
            "kind": row["kind"],
            "stage": row["stage"],
            "revealed_at": people.when(row["revealed_at"]),
            "conclusion": conclusion,
            "statements": [self.statement(each) for each in self.statements[row["id"]]],
            "opinions": opinions,
            "divergent": conclusion["divergent"] if conclusion else "",
            "recusals": self.recusals(row),
            "comments_count": self.comments.get(row["id"], 0) if row["revealed_at"] else 0,
            "votes": [vote["id"] for vote in self.votes[key]],
            "evidence": [self.codes[each["item_id"]] for each in self.documents[key]],
            "reopenings": [told_reopening(each) for each in self.reopenings[row["id"]]],
            "unknowns": list(unknowns(conclusion, opinions)),
        }

    def conclusion(self, question: Row) -> dict[str, Any] | None:
        row = self.conclusions.get(question["id"])
        if row is None or question["stage"] not in CONCLUDED:
            return None
        return {
            "version": row["version"],
            "language": row["language"],
            "answer": row["answer"],
            **assessed(row),
            "risk": self.risk(row),
            "divergent": row["divergent"],
            "adopted_at": stamp(row["adopted_at"]),
        }

    def risk(self, row: Row) -> str | None:
        """The cell of the matrix frozen in the protocol; None where there is none.

        Never a product of ranks.
        """
        severity, likelihood = rank(row["severity"]), rank(row["likelihood"])
        matrix = self.protocol.risk.matrix
        if NOT_ASSESSABLE in (severity, likelihood):
            return NOT_ASSESSABLE
        return lookup(matrix, likelihood, severity) if matrix else None  # type: ignore[arg-type]

    def statement(self, row: Row) -> dict[str, Any]:
        wordings = self.wordings[row["id"]]
        own = self.votes[f"statement-{row['id']}"]
        rounds = votes.rounds([vote for vote in own if vote["kind"] == "rating"], self.stored)
        return {
            "code": row["code"],
            "version": row["version"],
            "text": next((each["text"] for each in wordings if each["version"] == row["version"]), {}),
            "wordings": [
                {
                    "version": each["version"],
                    "text": each["text"],
                    "reason": each["reason"],
                    "at": stamp(each["at"]),
                }
                for each in wordings
            ],
            "withdrawn": withdrawal(row),
            "from": [
                {"code": self.named[each["parent_id"]], "how": each["how"]}
                for each in self.parents[row["id"]]
            ],
            "into": [
                {"code": self.named[each["statement_id"]], "how": each["how"]}
                for each in self.offspring[row["id"]]
            ],
            "rounds": rounds,
            "steps": self.movement.steps(rounds),
            "votes": [vote["id"] for vote in own if vote["kind"] != "rating"],
        }

    def opinion(self, row: Row) -> dict[str, Any]:
        text = self.texts[row["id"]]
        return {
            "author": row["author__name"],
            "stage": row["stage"],
            "version": text["version"],
            "language": text["language"],
            "at": stamp(text["at"]),
            "position": text["position"],
            "reasons": text["reasons"],
            **assessed(text),
            "citations": [
                {"evidence": each["item__code"], "passage": each["passage"]}
                for each in self.citations[text["id"]]
            ],
        }

    def recusals(self, question: Row) -> list[dict[str, Any]]:
        """Whoever was kept out, with the votes that were closed before: they stood, which is a deviation."""
        subjects = (f"question-{question['id']}", f"group-{question['group_id']}")
        return [
            {
                **{name: each[name] for name in ("name", "outcome", "category", "reason", "from", "until")},
                "votes_before": [
                    vote["id"]
                    for vote in self.votes_on[question["code"]]
                    if vote["closed_at"] and vote["closed_at"] < each["from"]
                ],
            }
            for subject in subjects
            for each in self.decisions[subject]
            if each["outcome"] in NO_BALLOT
        ]


def withdrawal(row: Row) -> dict[str, Any] | None:
    """When and why a statement was taken out of the rating; it stays with its rounds."""
    if row["withdrawn_at"] is None:
        return None
    return {"at": stamp(row["withdrawn_at"]), "reason": row["withdrawn_reason"] or ""}


def assessed(row: Row) -> dict[str, str]:
    return {name: row[name] for name in ("status", "severity", "likelihood", "certainty", "unknowns")}


def rank(value: str) -> Any:
    return int(value) if value.isdecimal() else NOT_ASSESSABLE


def told_reopening(row: Row) -> dict[str, Any]:
    return {"from": row["stage"], "reason": row["reason"], "by": row["by__name"], "at": stamp(row["at"])}


def unknowns(
    conclusion: Mapping[str, Any] | None, opinions: Iterable[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    """What remains unknown, first as the group says it, then as its members do."""
    if conclusion and conclusion["unknowns"]:
        yield {"author": None, "language": conclusion["language"], "text": conclusion["unknowns"]}
    for opinion in opinions:
        if opinion["unknowns"]:
            yield {"author": opinion["author"], "language": opinion["language"], "text": opinion["unknowns"]}

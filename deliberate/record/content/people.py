"""Who took part, with which interests, who was heard, and when they met.

Names and moments, never an address.
"""

from datetime import datetime
from typing import Any

from deliberate.assessments.rules import Role
from deliberate.hearings.minutes_rules import Verdict
from deliberate.hearings.rules import HearingState, state_at
from deliberate.interests.rules import Outcome
from deliberate.live.journal import stamp
from deliberate.record.content.facts import Facts, Row, grouped

# Minutes are the heard party's words: they are printed once that party has corrected or accepted them.
FINAL_MINUTES = frozenset({HearingState.DEEMED_ACCEPTED, HearingState.LOCKED})


def participants(facts: Facts) -> list[dict[str, Any]]:
    """Everybody with a role but the stakeholders, whose organisations stand under the hearings."""
    codes = group_codes(facts)
    signed = {row["person_id"]: row["signed_at"] for row in facts.signed}
    return [
        {
            "name": row["person__name"],
            "role": row["role"],
            "group": codes.get(row["group_id"]),
            "since": stamp(row["since"]),
            "until": when(row["until"]),
            "declared_at": when(signed.get(row["person_id"])),
        }
        for row in facts.memberships
        if row["role"] != Role.STAKEHOLDER
    ]


def decisions(facts: Facts) -> list[dict[str, Any]]:
    """What each interest led to, from when until when; one that led to nothing only ends what was before."""
    names = subject_names(facts)
    told: list[dict[str, Any]] = []
    holding: dict[tuple[int, str], dict[str, Any]] = {}
    for row in facts.decisions:
        key = (row["person_id"], row["subject"])
        if before := holding.pop(key, None):
            before["until"] = stamp(row["decided_at"])
        if row["outcome"] != Outcome.NONE:
            holding[key] = told_decision(row, names)
            told.append(holding[key])
    return told


def told_decision(row: Row, names: dict[str, str]) -> dict[str, Any]:
    """METHODS section 6: name, category and times; the reason of a derogation alone is published."""
    return {
        "name": row["person__name"],
        "subject": row["subject"],
        "about": names.get(row["subject"], row["subject"]),
        "outcome": row["outcome"],
        "category": row["category"],
        "reason": row["reason"] if row["outcome"] == Outcome.DEROGATION else None,
        "from": stamp(row["decided_at"]),
        "until": None,
    }


def hearings(facts: Facts, now: datetime) -> list[dict[str, Any]]:
    """Each organisation with its hearings and its written viewpoint, as far as they are final."""
    speaking, held = grouped(facts.spokespersons, "stakeholder_id"), grouped(facts.hearings, "stakeholder_id")
    declared = {row["stakeholder_id"]: row for row in facts.stakeholder_interests}  # the last version of each
    written = {row["stakeholder_id"]: row for row in facts.contributions}
    parts = HearingParts(facts, now)
    return [
        {
            "organisation": row["name"],
            "interests": declared[row["id"]]["text"] if row["id"] in declared else None,
            "spokespersons": [each["person__name"] for each in speaking[row["id"]]],
            "hearings": [parts.hearing(each) for each in held[row["id"]]],
            "contribution": told_contribution(written.get(row["id"])),
        }
        for row in facts.stakeholders
    ]


class HearingParts:
    """Who was heard, the minutes and what became of the corrections, by hearing."""

    def __init__(self, facts: Facts, now: datetime) -> None:
        self.now = now
        self.heard = grouped(facts.heard, "hearing_id")
        self.minutes = {row["hearing_id"]: row for row in facts.minutes}  # the last version of each
        self.corrections = grouped(facts.corrections, "hearing_id")

    def hearing(self, row: Row) -> dict[str, Any]:
        state = state_at(HearingState(row["state"]), row["correct_until"], self.now)
        minutes = self.minutes.get(row["id"]) if state in FINAL_MINUTES else None
        return {
            "themes": list(row["themes"]),
            "state": str(state),
            "heard": [told_stay(each) for each in self.heard[row["id"]]],
            "minutes": {"version": minutes["version"], "text": minutes["text"]} if minutes else None,
            "corrections": verdicts(self.corrections[row["id"]]),
        }


def verdicts(corrections: list[Row]) -> dict[str, int]:
    """How many were asked, and how many of these were taken up, wholly or in part."""
    taken_up = (Verdict.TAKEN_UP, Verdict.IN_PART)
    return {
        "asked": len(corrections),
        "taken_up": sum(1 for each in corrections if each["verdict"] in taken_up),
    }


def told_contribution(row: Row | None) -> dict[str, Any] | None:
    if row is None or not row["may_publish"]:
        return None
    return {
        "version": row["version"],
        "title": row["title"],
        "text": row["text"],
        "language": row["language"],
        "at": stamp(row["at"]),
    }


def meetings(facts: Facts) -> list[dict[str, Any]]:
    """Those that were opened: agenda, votes, and who was there from when until when."""
    codes, names = group_codes(facts), subject_names(facts)
    items, stays = grouped(facts.items, "meeting_id"), grouped(facts.attendance, "meeting_id")
    votes = grouped(facts.item_votes, "item_id")
    return [
        {
            "title": row["title"],
            "group": codes.get(row["group_id"]),
            "kind": row["kind"],
            "opened_at": stamp(row["opened_at"]),
            "closed_at": when(row["closed_at"]),
            "second_call": row["second_call_of_id"] is not None,
            "quorum": row["quorum"],
            "attendance": [
                {**told_stay(each), "how": each["how"], "left_because": each["left_because"]}
                for each in stays[row["id"]]
            ],
            "items": [
                {
                    "position": each["position"],
                    "title": each["title"],
                    "kind": each["kind"],
                    "about": names.get(each["subject"]),
                    "state": each["state"],
                    "votes": [vote["vote_id"] for vote in votes[each["id"]]],
                }
                for each in items[row["id"]]
            ],
        }
        for row in facts.meetings
    ]


def told_stay(row: Row) -> dict[str, Any]:
    return {"name": row["person__name"], "since": stamp(row["since"]), "until": when(row["until"])}


def group_codes(facts: Facts) -> dict[int, str]:
    return {row["id"]: row["code"] for row in facts.groups}


def subject_names(facts: Facts) -> dict[str, str]:
    """What people call a subject: "question-3" is I-1, "statement-5" I-1.2, "group-2" infection."""
    return {
        **{f"question-{row['id']}": row["code"] for row in facts.questions},
        **{f"statement-{row['id']}": row["code"] for row in facts.statements},
        **{f"group-{row['id']}": row["code"] for row in facts.groups},
    }


def when(at: Any) -> str | None:
    return stamp(at) if at is not None else None

"""What the ratings would have said under other rules, how they moved between rounds, and who left.

Every answer and every figure comes from `consensus`: here they are only put beside each other.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from deliberate.consensus.attrition import Attrition, compare_leavers
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.consensus.sensitivity import NAMES
from deliberate.consensus.stability import compare, next_step, paired
from deliberate.consensus.verdicts import Settlement
from deliberate.record.content.facts import Facts, Row, grouped
from deliberate.record.content.people import group_codes
from deliberate.record.content.votes import rounded
from deliberate.voting.rules import VoteKind

Told = dict[str, Any]
Panel = dict[tuple[int, int], dict[str, dict[str, int]]]  # (group, round) -> subject -> voter -> valid rating


def sensitivity(questions: list[Told]) -> Iterator[Told]:
    """METHODS 2.9, a row for each round of each statement: eight answers, and whether they differ."""
    for question in questions:
        for statement in question["statements"]:
            for one in statement["rounds"]:
                if one["figures"]:
                    yield {
                        "question": question["code"],
                        "statement": statement["code"],
                        "vote": one["vote"],
                        "round": one["round"],
                        **{name: one["figures"]["sensitivity"][name] for name in NAMES},
                    }


class Movement:
    """METHODS 4: stability from round to round, and attrition. Built once, it answers for all statements."""

    def __init__(self, facts: Facts) -> None:
        repeated = {row["replaces_id"] for row in facts.votes}
        self.rated = {
            row["id"]: row
            for row in facts.votes
            if row["kind"] == VoteKind.RATING and row["id"] not in repeated
        }
        self.ballots = grouped(facts.ballots, "vote_id")
        self.terms = {row["terms"]["protocol_hash"]: row["terms"]["protocol"] for row in self.rated.values()}
        self.read: dict[str, Protocol] = {}
        self.codes = group_codes(facts)
        self.seats: dict[tuple[int, int], set[int]] = {}
        for row in facts.roll:
            self.seats.setdefault((row["vote__group_id"], row["vote__round"]), set()).add(row["person_id"])

    def protocol(self, vote: Row) -> Protocol:
        """Reading one takes a while, and thousands of votes share a few."""
        key = vote["terms"]["protocol_hash"]
        if key not in self.read:
            self.read[key] = read_protocol(self.terms[key])
        return self.read[key]

    def steps(self, rounds: list[Told]) -> list[Told]:
        """One for each two rounds of a statement that follow each other and whose figures are shown."""
        shown = [one for one in rounds if one["figures"]]
        return [self.step(before, after) for before, after in pairwise(shown)]

    def step(self, before: Told, after: Told) -> Told:
        """Under the terms of the later round. Of another wording or of few pairs only the number is told."""
        protocol = self.protocol(self.rated[after["vote"]])
        first, second = paired(self.ratings(before["vote"]), self.ratings(after["vote"]))
        reworded = before["wording"] != after["wording"]
        hidden = reworded or len(first) < protocol.display.min_stratum
        found = compare(first, second, protocol, reworded=hidden)
        consensus = after["figures"]["primary"]["settled"] != Settlement.TO_DISCUSS
        return {
            "from": before["round"],
            "to": after["round"],
            "reworded": reworded,
            **{name: rounded(value) for name, value in found.as_json().items()},
            "next": str(next_step(after["round"], found.stable, consensus, protocol)),
        }

    def ratings(self, vote: int) -> dict[str, int]:
        return {row["voter"]: row["rating"] for row in self.ballots[vote] if row["rating"] is not None}

    def attrition(self) -> list[Told]:
        """Of each group and round: how many were entitled and answered nothing, beside those who stayed."""
        panels: dict[tuple[int, int], list[Row]] = {}
        for vote in self.rated.values():
            panels.setdefault((vote["group_id"], vote["round"]), []).append(vote)
        return [self.of_round(key, panels) for key in sorted(panels)]

    def of_round(self, key: tuple[int, int], panels: dict[tuple[int, int], list[Row]]) -> Told:
        group, number = key
        eligible, answered = len(self.seats.get(key, ())), self.answered(panels[key])
        eligible = max([eligible, *(vote["entitled"] for vote in panels[key])])
        found = Attrition(eligible, max(0, eligible - len(answered)))
        return {
            "group": self.codes.get(group),
            "round": number,
            **{name: rounded(value) for name, value in found.as_json().items()},
            "leavers": self.leavers(panels.get((group, number - 1), []), answered),
        }

    def answered(self, votes: list[Row]) -> set[str]:
        return {row["voter"] for vote in votes for row in self.ballots[vote["id"]]}

    def leavers(self, before: list[Row], stayed: set[str]) -> Told | None:
        """How those rated before who are gone. None where nobody is, where none of the panel is the same, and
        where so few ratings were left behind that they would show what one member thought.
        """
        earlier = self.answered(before)
        left = earlier - stayed
        if not left or left == earlier:
            return None
        protocol = self.protocol(before[0])
        last = {vote["subject"]: self.ratings(vote["id"]) for vote in before}
        found = compare_leavers(last, left, protocol)
        if found.leavers.ratings < protocol.display.min_stratum:
            return None
        return {"count": found.count, "leavers": found.leavers.as_json(), "stayers": found.stayers.as_json()}

"""Votes and their ballots in the form in which the verifier counts them again.

A named vote is published whole. A confidential one is published without salt, number or moment, under names
made for the record: no rating can be joined to a time, nor by its absence to a member who was away or
recused.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from deliberate.record.content.facts import Facts, Row, Rows, grouped
from deliberate.record.content.people import group_codes, subject_names, when
from deliberate.voting.exporting import record_names
from deliberate.voting.models import Ballot
from deliberate.voting.results import shows_statistics
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Terms

DECIMALS = 6  # of figures that are not whole: more would tell nothing


def votes(facts: Facts, protocol_hash: str) -> list[dict[str, Any]]:
    """All votes that were counted, by number."""
    terms = {row["id"]: Terms.read(row["terms"]) for row in facts.votes}
    shown = shown_votes(facts.votes, terms)
    ballots, names = grouped(facts.ballots, "vote_id"), voter_names(facts)
    aliases = record_names([row for row in shown if row["mode"] != Mode.NAMED], ballots)
    holders = {
        (row["vote_id"], f"person-{row['person_id']}"): row["held_by__name"] for row in facts.represented
    }
    lists = {row["id"]: published(row, ballots[row["id"]], names, aliases, holders) for row in shown}
    groups, subjects = group_codes(facts), subject_names(facts)
    repeated = {row["replaces_id"]: row["id"] for row in facts.votes}
    return [
        {
            "id": row["id"],
            "subject": row["subject"],
            "about": subjects.get(row["subject"]),
            "question": subjects.get(row["gate"]),
            "group": groups.get(row["group_id"]),
            **{name: row[name] for name in ("kind", "mode", "round", "wording", "text", "entitled")},
            "opened_at": when(row["opened_at"]),
            "closed_at": when(row["closed_at"]),
            "counted_at": when(row["counted_at"]),
            "cast": row["result"]["cast"],
            "quorum": quorum_of(terms[row["id"]]),
            "imported": imported(row),
            "replaces": {"vote": row["replaces_id"], "reason": row["replaces_reason"]}
            if row["replaces_id"]
            else None,
            "repeated_by": repeated.get(row["id"]),
            "deviation": terms[row["id"]].protocol_hash != protocol_hash,
            "withheld": row["id"] not in lists,
            "result": told_result(row, row["id"] in lists),
            "ballots": lists.get(row["id"]),
        }
        for row in facts.votes
    ]


def shown_votes(votes: Rows, terms: Mapping[int, Terms]) -> Rows:
    """Those whose figures may be shown. Reading the protocol anew for each of thousands would take
    seconds.
    """

    @cache
    def shows(kind: str, mode: str, n: int, protocol_hash: str) -> bool:
        return shows_statistics(kind, mode, {"n": n}, by_hash[protocol_hash])

    by_hash = {each.protocol_hash: each for each in terms.values()}
    return [
        row
        for row in votes
        if shows(row["kind"], row["mode"], row["result"].get("n", 0), terms[row["id"]].protocol_hash)
    ]


def imported(vote: Row) -> dict[str, Any] | None:
    """The file whose ratings these are, where they were not cast here."""
    origin = vote["terms"].get("imported")
    return {name: origin[name] for name in ("file", "sha256", "raters")} if origin else None


def quorum_of(terms: Terms) -> dict[str, Any] | None:
    return terms.quorum.as_json() if terms.quorum else None


def voter_names(facts: Facts) -> dict[str, str]:
    return {f"person-{row['person_id']}": row["person__name"] for row in facts.memberships}


def published(
    vote: Row,
    ballots: list[Row],
    names: Mapping[str, str],
    aliases: Mapping[tuple[int, str], str],
    holders: Mapping[tuple[int, str], str],
) -> list[dict[str, Any]]:
    """`holders`: who cast it under a proxy, by (vote, voter)."""
    if vote["mode"] == Mode.NAMED:
        return [
            {
                **Ballot(**row).published(),
                "name": names.get(row["voter"], row["voter"]),
                **(
                    {"represented_by": holders[key]} if (key := (vote["id"], row["voter"])) in holders else {}
                ),
            }
            for row in sorted(ballots, key=lambda row: row["number"])
        ]
    said = "rating" if vote["kind"] == VoteKind.RATING else "choice"
    listed = [{"voter": aliases[vote["id"], row["voter"]], said: row[said]} for row in ballots]
    return sorted(listed, key=lambda row: (len(row["voter"]), row["voter"]))


def told_result(vote: Row, shown: bool) -> dict[str, Any]:
    """What came out; with fewer than five ratings only how many answered."""
    result: Row = vote["result"]
    if vote["kind"] == VoteKind.CHOICE:
        return {name: result[name] for name in ("counts", "outcome", "adopts", "missing")}
    counts = {name: result[name] for name in ("n", "nsp", "missing", "recused")}
    return {**counts, "frequencies": result["frequencies"], **result["primary"]} if shown else counts


def rounds(votes_told: list[dict[str, Any]], stored: Mapping[int, Row]) -> list[dict[str, Any]]:
    """The ratings of one statement, round by round, with every figure of the common summary."""
    return [
        {
            "vote": vote["id"],
            "round": vote["round"],
            "wording": vote["wording"],
            "mode": vote["mode"],
            "imported": vote["imported"],
            "closed_at": vote["closed_at"],
            "entitled": vote["entitled"],
            **{name: vote["result"][name] for name in ("n", "nsp", "missing", "recused")},
            "deviation": vote["deviation"],
            "figures": None if vote["withheld"] else figures(stored[vote["id"]]["result"]),
        }
        for vote in votes_told
        if vote["repeated_by"] is None  # it stands among the votes; the later one counts
    ]


COUNTED_APART = frozenset({"n", "nsp", "missing", "recused", "cast", "entitled"})


def figures(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: rounded(value) for name, value in result.items() if name not in COUNTED_APART}


def rounded(value: Any) -> Any:
    """Whole numbers stay whole, so that both databases give back the same bytes."""
    if isinstance(value, float):
        short = round(value, DECIMALS)
        return int(short) if short.is_integer() else short
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value

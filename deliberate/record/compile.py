"""Compiles a record from stored facts: rows in, one JSON value out, which page, file and bundle show
unchanged.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

import rfc8785

from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.live.journal import stamp
from deliberate.record.content import people
from deliberate.record.content.annex import Movement, sensitivity
from deliberate.record.content.facts import Facts, grouped
from deliberate.record.content.questions import questions
from deliberate.record.content.reporting import reporting
from deliberate.record.content.sections import sections
from deliberate.record.content.votes import votes

FORMAT = 1
Content = dict[str, Any]
OF_THE_VERSION = frozenset({"version", "as_of", "compiled_at"})  # what differs though no fact has changed


def compile_content(facts: Facts, *, version: int, as_of: int, now: datetime) -> Content:
    """The record as of journal entry `as_of`. The same facts give the same bytes, whatever the database."""
    assessment = facts.assessment
    protocol = read_protocol(assessment["protocol"])
    told_votes = votes(facts, assessment["frozen_hash"] or protocol.digest())
    movement = Movement(facts)
    told_questions = questions(facts, protocol, told_votes, movement)
    content = {
        "format": FORMAT,
        "assessment": {name: assessment[name] for name in ("slug", "title", "aim", "requester", "context")},
        "version": version,
        "as_of": as_of,
        "compiled_at": stamp(now),
        "kinds": assessment["risk_kinds"],
        "themes": assessment["themes"],
        "groups": [
            {name: row[name] for name in ("code", "name", "kind", "seats", "quorum_share")}
            for row in facts.groups
        ],
        "method": {**method(protocol, assessment["protocol_hash"]), **history(facts)},
        "participants": people.participants(facts),
        "interests": {"decisions": people.decisions(facts)},
        "evidence": evidence(facts),
        "questions": told_questions,
        "votes": told_votes,
        "annex": {"rows": list(sensitivity(told_questions)), "attrition": movement.attrition()},
        "hearings": people.hearings(facts, now),
        "meetings": people.meetings(facts),
        "unknowns": [
            {"question": question["code"], **unknown}
            for question in told_questions
            for unknown in question["unknowns"]
        ],
        "sections": sections(told_questions),
    }
    content["reporting"] = reporting(content, facts, protocol)
    return cast(
        Content, json.loads(canonical(content))
    )  # as it will be read back: lists, plain text, plain numbers


def method(protocol: Protocol, protocol_hash: str) -> dict[str, Any]:
    """Every parameter, its hash, and those whose default a guide has still to confirm."""
    return {
        "protocol": protocol.canonical(),
        "protocol_hash": protocol_hash,
        "to_confirm": [
            {"key": each.key, "default": each.default, "confirm_with": each.confirm_with}
            for each in protocol.to_confirm()
        ],
        "faults": list(protocol.faults()),
    }


def history(facts: Facts) -> dict[str, Any]:
    """When the protocol was frozen, as what, and every parameter changed since (ACCORD R2)."""
    return {
        "frozen_hash": facts.assessment["frozen_hash"],
        "frozen_at": people.when(facts.assessment["protocol_frozen_at"]),
        "deviations": [
            {
                **{name: row[name] for name in ("key", "old", "new", "reason", "hash_before", "hash_after")},
                "by": row["by__name"],
                "at": stamp(row["at"]),
            }
            for row in facts.deviations
        ],
    }


def evidence(facts: Facts) -> list[dict[str, Any]]:
    codes = {f"question-{row['id']}": row["code"] for row in facts.questions}
    bears_on = grouped(facts.bears_on, "item_id")
    return [
        {
            **{
                name: row[name] for name in ("code", "kind", "title", "description", "source", "level", "url")
            },
            "questions": [
                code for each in bears_on[row["id"]] if (code := codes.get(each["subject"])) is not None
            ],
        }
        for row in facts.evidence
    ]


def canonical(content: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes: record.json in the bundle."""
    return rfc8785.dumps(dict(content))


def digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two compiled contents rest on the same facts."""
    return {**one, **dict.fromkeys(OF_THE_VERSION)} == {**other, **dict.fromkeys(OF_THE_VERSION)}

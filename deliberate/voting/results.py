"""What the ballots of a vote come to, and what of it may be told. Pure: no database, no web."""

from collections.abc import Mapping, Sequence
from typing import Any

from deliberate.consensus.committee import tally
from deliberate.consensus.protocol import read_protocol
from deliberate.consensus.summary import summarise
from deliberate.voting.rules import Choice, Mode, VoteKind
from deliberate.voting.terms import Terms


def result_of_choices(
    choices: Sequence[str], *, entitled: int, terms: Terms, chair: str | None
) -> dict[str, Any]:
    """The counts and what they decide. `chair`: the chair's own choice, for a tie."""
    counts = {choice.value: sum(1 for given in choices if given == choice) for choice in Choice}
    outcome = tally(
        counts["for"],
        counts["against"],
        counts["abstain"],
        counts["not_taking_part"],
        base=terms.majority_base,
        casting_vote=terms.casting_vote,
        chair=chair,
        not_taking_part_in_base=terms.not_taking_part_in_base,
    )
    return {
        "counts": counts,
        "cast": len(choices),
        "entitled": entitled,
        "missing": entitled - len(choices),
        "outcome": outcome.value,
        "adopts": outcome.adopts,
    }


def result_of_ratings(
    ratings: Sequence[int], *, nsp: int, entitled: int, recused: int, terms: Terms, round_number: int
) -> dict[str, Any]:
    """The summary of consensus.summary as it stands, with who answered."""
    missing = entitled - len(ratings) - nsp
    summary = summarise(
        ratings,
        nsp=nsp,
        missing=missing,
        protocol=read_protocol(terms.protocol),
        recused=recused,
        round_number=round_number,
    )
    return {**summary.as_json(), "cast": len(ratings) + nsp, "entitled": entitled}


def shows_statistics(kind: str, mode: str, result: Mapping[str, Any], terms: Terms) -> bool:
    """No group statistics below five valid ratings in a confidential vote: with few, they are the ratings."""
    if kind != VoteKind.RATING or mode != Mode.CONFIDENTIAL:
        return True
    return int(result["n"]) >= terms.protocol["display"]["min_stratum"]  # a table asks for each of its rows


def told_of_count(kind: str, result: Mapping[str, Any], shown: bool) -> dict[str, Any]:
    """What the entry of the count may say to every reader of the vote: whole numbers and codes."""
    facts: dict[str, Any] = {"cast": result["cast"], "entitled": result["entitled"]}
    if kind == VoteKind.CHOICE:
        return {**facts, "counts": dict(result["counts"]), "outcome": result["outcome"]}
    facts |= {"valid": result["n"], "nsp": result["nsp"], "missing": result["missing"]}
    if shown:
        primary = result["primary"]
        facts |= {
            "frequencies": list(result["frequencies"]),
            "method": primary["method"],
            "verdict": primary["verdict"],
            "degree": primary["degree"],
        }
    return facts

"""What a form of ratings says of each statement: what is new in it becomes a paper, the rest is left."""

import hashlib
from collections.abc import Mapping
from typing import Any

from deliberate.errors import Invalid
from deliberate.people.models import Person
from deliberate.voting.models import Ballot
from deliberate.voting.papers import Paper
from deliberate.voting.round_sight import Line
from deliberate.web.forms import clean


def paper_of(line: Line, sent: Mapping[str, Any], person: Person) -> Paper | None:
    """What is said of one statement; None where nothing is, or nothing new.

    A form that lay open while another tab sent a rating shows the older one: what nobody touched is not sent.
    """
    rating, reason = answer_in(line, sent)
    if not rating and not reason:
        return None
    paper = Paper(
        vote_id=line.vote.id,
        person_id=person.id,
        # One for each state of the ballot: a double click repeats it, and a later change of mind does not.
        key=f"{str(sent.get('key', ''))[:40]}-{line.vote.id}-{line.own.revision if line.own else 0}",
        rating=int(rating) if rating.isascii() and rating.isdigit() else None,
        reason=reason,
        nsp=rating == "nsp",
    )
    said = digest(rating, reason)
    unchanged = said in (digest_of(line.own), str(sent.get(f"was_{line.vote.id}", "")))
    return None if unchanged else paper


def answer_in(line: Line, sent: Mapping[str, Any]) -> tuple[str, str]:
    """(1 to 9, "nsp" or nothing; reason or comment), as typed."""
    return one(sent.get(line.name)), one(sent.get(f"{line.name}_reason"))


def one(value: Any) -> str:
    if isinstance(value, list):
        raise Invalid("A ballot holds a rating or “I cannot judge”, not both.")
    return str(clean(value or ""))


def digest(rating: str, reason: str) -> str:
    return hashlib.sha256(f"{rating} {reason}".encode()).hexdigest()[:16]


def digest_of(own: Ballot | None) -> str:
    if own is None:
        return ""
    return digest("nsp" if own.rating is None else str(own.rating), own.reason)

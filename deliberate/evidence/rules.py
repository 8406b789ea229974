"""What may stand in the dossier, and who may read it. Pure.

A document is read through the questions it bears on: whoever may read none of them does not find it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from deliberate.errors import N_, Invalid, NotFound, Refusal
from deliberate.interests.rules import Standing, undeclared

SUBJECT = re.compile(r"question-[1-9][0-9]{0,8}")
CODE = re.compile(r"[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
LEVELS = ("", "A", "B", "C", "AE")
LEVEL_WORDS = {
    "": N_("not graded"),
    "A": N_("A, established proof"),
    "B": N_("B, presumption"),
    "C": N_("C, low level of evidence"),
    "AE": N_("AE, agreement among experts"),
}


class EvidenceKind(StrEnum):
    LITERATURE = "literature"
    AGENCY_DATA = "agency_data"
    SURVEY = "survey"
    EXPERT_OPINION = "expert_opinion"
    HEARING = "hearing"


KIND_WORDS = {
    EvidenceKind.LITERATURE: N_("literature"),
    EvidenceKind.AGENCY_DATA: N_("data of an agency"),
    EvidenceKind.SURVEY: N_("survey"),
    EvidenceKind.EXPERT_OPINION: N_("opinion of an expert"),
    EvidenceKind.HEARING: N_("hearing"),
}


@dataclass(frozen=True)
class Document:
    """One item as the secretariat enters it; titles, descriptions and sources are {"fr", "en"} pairs."""

    code: str
    kind: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    source: Mapping[str, str]
    level: str = ""
    url: str = ""


def readable(standing: Standing, subjects: Mapping[str, int]) -> list[str]:
    """Those of `subjects` (key -> group) whose documents this person may read, in their order."""
    return [key for key, group_id in subjects.items() if standing.reads(key, group_id)]


def check_reads_item(standing: Standing, linked: Iterable[str], subjects: Mapping[str, int]) -> None:
    """`linked` are the keys the document bears on. One that bears on nothing is the secretariat's alone."""
    open_keys = set(readable(standing, subjects))
    if not standing.secretariat and not open_keys.intersection(linked):
        raise closed(standing, {key: subjects[key] for key in linked if key in subjects})


def check_keeps_dossier(standing: Standing) -> None:
    """The secretariat alone."""
    if not standing.secretariat:
        raise NotFound()


def check_document(document: Document, taken: bool) -> None:
    """Raises Invalid with a sentence for each field. `taken`: another item has this code."""
    problems: dict[str, Refusal] = {}
    if not CODE.fullmatch(document.code) or len(document.code) > 40:
        message = N_("Give a code of letters, digits and dots, such as L-12, in at most 40 characters.")
        problems["code"] = Invalid(message)
    elif taken:
        problems["code"] = Invalid("Another document has this code. Give each its own.")
    if document.kind not in set(EvidenceKind):
        problems["kind"] = Invalid("Choose one of the answers offered.")
    if document.level not in LEVELS:
        problems["level"] = Invalid("Choose one of the answers offered.")
    for name, pair, limit in (
        ("title", document.title, 300),
        ("source", document.source, 300),
        ("description", document.description, 20_000),
    ):
        problems.update(_pair_problems(name, pair, limit))
    if document.url and not is_web_address(document.url):
        problems["url"] = Invalid("Write a web address that begins with https://, or leave it empty.")
    if problems:
        raise Invalid("The document is not complete.", problems=problems)


def _pair_problems(name: str, pair: Mapping[str, str], limit: int) -> dict[str, Refusal]:
    problems: dict[str, Refusal] = {}
    for code in ("fr", "en"):
        if not 1 <= len(pair.get(code, "")) <= limit:
            message = N_("Write this in both languages, in at most {limit} characters each.")
            problems[f"{name}_{code}"] = Invalid(message, limit=limit)
    return problems


def is_web_address(text: str) -> bool:
    """Only what a browser opens as a page: no `javascript:`, no local file."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text) <= 1000


def check_subjects(subjects: Sequence[str]) -> None:
    if any(not SUBJECT.fullmatch(subject) for subject in subjects):
        problem = Invalid("Choose questions of this assessment.")
        raise Invalid("A document bears on questions.", problems={"subjects": problem})


def check_reads_dossier(standing: Standing, subjects: Mapping[str, int]) -> list[str]:
    """The subjects whose documents this person may read; NotFound for whoever may read none."""
    found = readable(standing, subjects)
    if not found and not standing.secretariat:
        raise closed(standing, subjects)
    return found


def closed(standing: Standing, subjects: Mapping[str, int]) -> Refusal:
    """Why none of these is open: a missing declaration of interests, or that they do not exist."""
    theirs = any(standing.belongs(key, group_id) for key, group_id in subjects.items())
    return undeclared(standing) if theirs else NotFound()

"""The parameters of the procedure: committee, interests, hearings, risk scales. METHODS.md 3, 5 to 8, 11.

`confirm` names the guide or text that has to confirm a default before a protocol is frozen; `choice` marks
our own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from .exact import Exact
from .kinds import flag, grid, number, one_of, share, span, whole, words
from .parameter import Section, parameter, section
from .risk import CELLS, LIKELIHOODS, SEVERITIES

CEESP: Final = "CEESP rules of procedure in force (defaults from CRPA R133-8 to R133-13)"
REMOTE: Final = "order 2014-1329 and decree 2014-1627"
ETHICS: Final = "HAS ethics guide in force; charter 2013-413"
HEARINGS: Final = "HAS hearing practice"
RISK: Final = "HAS risk guide 2012 or source of the scale"
NOMINAL: Final = "nominal group literature"

COUNT: Final = whole(0, 1000)
REMOTE_CONDITIONS: Final = (
    "identification",
    "opening_and_closing_announced",
    "third_parties_excluded",
    "contributions_visible",
)
LINKS: Final = (
    "capital",
    "decision_making_post",
    "regular_consultancy",
    "principal_investigator",
    "patent",
    "close_relative",
    "main_funding_of_structure",
)
OUTCOMES: Final = ("none", "other_link", "heard_only", "recused_item", "excluded_group", "derogation")
FORM_SECTIONS: Final = (
    "main_activity",
    "secondary_activities",
    "activities_funded_by_for_profit",
    "capital",
    "relatives",
    "other",
)


@dataclass(frozen=True)
class Committee(Section, path="committee"):
    notice_days: int = parameter(5, COUNT, confirm=CEESP)
    quorum_share: Fraction = parameter(Fraction(1, 2), share(), confirm=CEESP)
    remote_counts: bool = parameter(True, flag(), confirm=CEESP)
    remote_conditions: tuple[str, ...] = parameter(
        REMOTE_CONDITIONS, words(*REMOTE_CONDITIONS), confirm=REMOTE
    )
    proxies_max: int = parameter(1, COUNT, confirm=CEESP)
    proxy_only_without_alternate: bool = parameter(True, flag(), confirm=CEESP)
    second_call_no_quorum: bool = parameter(True, flag(), confirm=CEESP)
    majority_base: str = parameter(
        "present_or_represented", one_of("present_or_represented", "votes_cast"), confirm=CEESP
    )
    not_taking_part_in_base: bool = parameter(True, flag(), confirm=CEESP)
    casting_vote: bool = parameter(True, flag(), confirm=CEESP)
    recused_not_counted: bool = parameter(True, flag(), confirm=CEESP)
    secret_ballot: bool = parameter(False, flag(), confirm=CEESP)
    minority_annex: bool = parameter(True, flag(), confirm=CEESP)


@dataclass(frozen=True)
class DerogationRights(Section, path="dpi.derogation_rights"):
    read_documents: bool = parameter(True, flag(), confirm=ETHICS, key="read")
    speak: bool = parameter(True, flag(), confirm=ETHICS)
    rate: bool = parameter(False, flag(), confirm=ETHICS)
    vote: bool = parameter(False, flag(), confirm=ETHICS)
    deliberation: bool = parameter(False, flag(), confirm=ETHICS)


@dataclass(frozen=True)
class Dpi(Section, path="dpi"):
    lookback_years: int = parameter(5, COUNT)
    max_age_months: int = parameter(12, whole(1, 1000))
    major_links: tuple[str, ...] = parameter(LINKS, words(*LINKS), confirm=ETHICS)
    outcomes: tuple[str, ...] = parameter(OUTCOMES, words(*OUTCOMES), confirm=ETHICS)
    derogation_rights: DerogationRights = section(DerogationRights)
    form_sections: tuple[str, ...] = parameter(FORM_SECTIONS, words(*FORM_SECTIONS), confirm=ETHICS)


@dataclass(frozen=True)
class Hearing(Section, path="hearing"):
    interest_excludes: bool = parameter(False, flag(), confirm=HEARINGS)
    leaves_before_deliberation: bool = parameter(True, flag(), confirm=HEARINGS)
    votes: bool = parameter(False, flag(), confirm=HEARINGS)
    correction_days: int = parameter(15, COUNT, choice=True)


@dataclass(frozen=True)
class Risk(Section, path="risk"):
    severity_scale: str = parameter("three_level", one_of(*SEVERITIES), confirm=RISK)
    likelihood_scale: str = parameter("HAS_5", one_of(*LIKELIHOODS), confirm=RISK)
    matrix: tuple[tuple[str, ...], ...] | None = parameter(None, grid(*CELLS), confirm=RISK)
    median_half: str = parameter("up", one_of("up", "down"), choice=True)


@dataclass(frozen=True)
class Certainty(Section, path="certainty"):
    scale: tuple[str, ...] = parameter(
        ("high", "moderate", "low", "very_low"),
        words("high", "moderate", "low", "very_low", every=True),
        confirm="GRADE",
    )


@dataclass(frozen=True)
class Elicitation(Section, path="elicitation"):
    target_confidence: Exact = parameter(80, number(1, 100), confirm="IDEA protocol")
    weights: str = parameter("equal", one_of("equal"))


@dataclass(frozen=True)
class NominalGroup(Section, path="ngt"):
    group: tuple[int, int] = parameter((5, 12), span(1, 1000), confirm=NOMINAL)
    moderators: int = parameter(1, whole(1, 1000), confirm=NOMINAL)
    minutes_per_question: int = parameter(120, whole(1, 10_000), confirm=NOMINAL)

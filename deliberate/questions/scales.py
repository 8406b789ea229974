"""How a risk is judged: status, severity, likelihood and certainty, on the protocol's scales, in words. Pure.

`not_assessable` is an answer of its own on every scale: no rank, and not missing (METHODS section 8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from deliberate.consensus.risk import NOT_ASSESSABLE
from deliberate.errors import N_


class RiskStatus(StrEnum):
    KNOWN = "known"
    REPORTED = "reported"
    POSSIBLE_NOT_OBSERVED = "possible_not_observed"
    NOT_ASSESSABLE = "not_assessable"


STATUS_WORDS = {
    RiskStatus.KNOWN: N_("known"),
    RiskStatus.REPORTED: N_("reported"),
    RiskStatus.POSSIBLE_NOT_OBSERVED: N_("possible, not observed"),
    RiskStatus.NOT_ASSESSABLE: N_("not assessable"),
}
CERTAINTY_WORDS = {
    "high": N_("high"),
    "moderate": N_("moderate"),
    "low": N_("low"),
    "very_low": N_("very low"),
}
NO_SEVERITY = N_("not assessable")
NO_LIKELIHOOD = N_("not assessable, for want of figures")
SEVERITY_WORDS: Mapping[str, tuple[str, ...]] = {
    "three_level": (N_("minor"), N_("serious"), N_("major")),
    "HAS_5": (
        N_("minor: no harm"),
        N_("significant: temporary harm"),
        N_("major: prolonged stay, intensive care, transient loss of function"),
        N_("critical: re-intervention, permanent partial incapacity"),
        N_("catastrophic: death, permanent total incapacity"),
    ),
    "WHO_5": (N_("minimal"), N_("minor"), N_("moderate"), N_("major"), N_("severe")),
    "CTCAE": (N_("mild"), N_("moderate"), N_("severe"), N_("life-threatening"), N_("death")),
}
LIKELIHOOD_WORDS: Mapping[str, tuple[str, ...]] = {
    "HAS_5": (
        N_("V1 very improbable"),
        N_("V2 highly unlikely"),
        N_("V3 unlikely"),
        N_("V4 possible"),
        N_("V5 very likely to certain"),
    ),
    "WHO_5": (
        N_("very unlikely, below 5 %"),
        N_("unlikely, 5 to 29 %"),
        N_("likely, 30 to 69 %"),
        N_("highly likely, 70 to 94 %"),
        N_("almost certain, 95 % or more"),
    ),
    "CIOMS": (
        N_("very rare, below 1 in 10,000"),
        N_("rare, 1 in 10,000 or more"),
        N_("uncommon, 1 in 1,000 or more"),
        N_("common, 1 in 100 or more"),
        N_("very common, 1 in 10 or more"),
    ),
}


@dataclass(frozen=True)
class Scales:
    """The scales of one protocol. A value is a rank as text, "1" the lowest, or `not_assessable`."""

    severity: str = "three_level"
    likelihood: str = "HAS_5"
    certainty: tuple[str, ...] = ("high", "moderate", "low", "very_low")

    def severities(self) -> list[tuple[str, str]]:
        """[(value, English msgid)], `not_assessable` last."""
        return [*_ranks(SEVERITY_WORDS[self.severity]), (NOT_ASSESSABLE, NO_SEVERITY)]

    def likelihoods(self) -> list[tuple[str, str]]:
        return [*_ranks(LIKELIHOOD_WORDS[self.likelihood]), (NOT_ASSESSABLE, NO_LIKELIHOOD)]

    def certainties(self) -> list[tuple[str, str]]:
        return [(code, CERTAINTY_WORDS[code]) for code in self.certainty]

    def word(self, kind: str, value: str) -> str:
        """The msgid of one value of "status", "severity", "likelihood" or "certainty"."""
        offered: dict[str, list[tuple[str, str]]] = {
            "status": statuses(),
            "severity": self.severities(),
            "likelihood": self.likelihoods(),
            "certainty": list(CERTAINTY_WORDS.items()),
        }
        return dict(offered[kind]).get(value, value)


def statuses() -> list[tuple[str, str]]:
    return [(str(status), word) for status, word in STATUS_WORDS.items()]


def _ranks(words: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(rank), word) for rank, word in enumerate(words, 1)]

"""The codes that methods answer with, stored and exported as they stand. METHODS.md section 2."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """Of RAM and HAS_RCF. Every method has `non_analysable`: too few ratings, which is not "no consensus"."""

    APPROPRIATE = "appropriate"
    UNCERTAIN = "uncertain"
    INAPPROPRIATE = "inappropriate"
    NON_ANALYSABLE = "non_analysable"


class Agreement(StrEnum):
    """Of RAM; `indeterminate` is neither of the two others."""

    AGREEMENT = "agreement"
    DISAGREEMENT = "disagreement"
    INDETERMINATE = "indeterminate"


class Degree(StrEnum):
    """Of HAS_RCF: the first two go with a clear verdict, the last two with `uncertain`."""

    STRONG = "strong"
    RELATIVE = "relative"
    INDECISION = "indecision"
    NO_CONSENSUS = "no_consensus"


class Inclusion(StrEnum):
    """Of COMET_70_15, and of every method in the sensitivity annex."""

    IN = "in"
    OUT = "out"
    NONE = "none"
    NON_ANALYSABLE = "non_analysable"


class Share(StrEnum):
    """Of PERCENT."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NON_ANALYSABLE = "non_analysable"


class Majority(StrEnum):
    """Of AWMF."""

    STRONG_CONSENSUS = "strong_consensus"
    CONSENSUS = "consensus"
    MAJORITY = "majority"
    NO_MAJORITY = "no_majority"
    NON_ANALYSABLE = "non_analysable"


class Grade(StrEnum):
    """Of GRADE_GRID."""

    STRONG_FOR = "strong_for"
    WEAK_FOR = "weak_for"
    NONE = "none"
    WEAK_AGAINST = "weak_against"
    STRONG_AGAINST = "strong_against"
    NON_ANALYSABLE = "non_analysable"


class MedianIqr(StrEnum):
    """Of MEDIAN_IQR."""

    AGREE_WITH_CONSENSUS = "agree_with_consensus"
    AGREE_WITHOUT_CONSENSUS = "agree_without_consensus"
    DISAGREE_WITH_CONSENSUS = "disagree_with_consensus"
    DISAGREE_WITHOUT_CONSENSUS = "disagree_without_consensus"
    NO_AGREE = "no_agree"
    NON_ANALYSABLE = "non_analysable"


class Settlement(StrEnum):
    """What a closed round does to a statement."""

    IN = "settled_in"
    OUT = "settled_out"
    TO_DISCUSS = "to_discuss"


POSITIVE: Final = frozenset(
    {
        "appropriate",
        "in",
        "reached",
        "strong_consensus",
        "consensus",
        "strong_for",
        "weak_for",
        "agree_with_consensus",
    }
)
NEGATIVE: Final = frozenset(
    {"inappropriate", "out", "strong_against", "weak_against", "disagree_with_consensus"}
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class of one statement. `degree` is RAM's agreement or the degree of HAS_RCF, else None."""

    method: str
    verdict: str
    degree: str | None = None

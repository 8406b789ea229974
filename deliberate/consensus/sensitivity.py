"""The sensitivity annex: what eight readings of the same ratings would have said. METHODS.md 2.9."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from .verdicts import Inclusion, Verdict


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One row: each answer is `in`, `out` or `none`, and it is highlighted when they are not all the same.

    Too few ratings for a method counts as `none` here; the method's own figure says `non_analysable`.
    """

    ram_classic: Inclusion
    ram_ipras_type7: Inclusion
    ram_ipras_type6: Inclusion
    ram_ipras_type2: Inclusion
    has_rcf_excluded_0: Inclusion
    has_rcf_excluded_1: Inclusion
    has_rcf_excluded_2: Inclusion
    comet: Inclusion
    highlight: bool

    def as_json(self) -> dict[str, str | bool]:
        return {name: getattr(self, name) for name in NAMES}


NAMES: Final = tuple(each.name for each in fields(Sensitivity))


def compare(
    classic: Verdict, ipras: Mapping[str, Verdict], rcf: Sequence[Verdict], comet: Inclusion
) -> Sensitivity:
    """The row of one statement.

    `classic` is RAM under the classic rule, `ipras` RAM under IPRAS for each percentile rule,
    `rcf` the HAS formal consensus with 0, 1 and 2 extremes set aside.
    """
    answers = {"ram_classic": _MEANING[classic], "comet": _MEANING[comet]}
    answers |= {f"ram_ipras_{rule}": _MEANING[verdict] for rule, verdict in ipras.items()}
    answers |= {f"has_rcf_excluded_{count}": _MEANING[verdict] for count, verdict in enumerate(rcf)}
    return Sensitivity(**answers, highlight=len(set(answers.values())) > 1)


_MEANING: Final[Mapping[str, Inclusion]] = {
    Verdict.APPROPRIATE: Inclusion.IN,
    Verdict.INAPPROPRIATE: Inclusion.OUT,
    Verdict.UNCERTAIN: Inclusion.NONE,
    Verdict.NON_ANALYSABLE: Inclusion.NONE,
    Inclusion.IN: Inclusion.IN,
    Inclusion.OUT: Inclusion.OUT,
    Inclusion.NONE: Inclusion.NONE,
}

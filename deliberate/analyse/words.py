"""Codes as short words, for columns of a few letters. A sign says which way: + − ?"""

from collections.abc import Mapping
from typing import Any, Final

from deliberate.assessments.protocol_words import METHODS
from deliberate.errors import N_
from deliberate.web.i18n import _
from deliberate.web.numbers import NOTHING

SIGNS: Final = {
    "appropriate": "+",
    "inappropriate": "−",
    "uncertain": "?",
    "in": "+",
    "out": "−",
    "none": "·",
    "non_analysable": "",
}
WORDS: Final = {
    "agreement": N_("agreement"),
    "disagreement": N_("disagreement"),
    "indeterminate": N_("indeterminate"),
    "strong": N_("strong"),
    "relative": N_("relative"),
    "indecision": N_("indecision"),
    "no_consensus": N_("no consensus"),
    "appropriate": N_("appropriate"),
    "inappropriate": N_("inappropriate"),
    "uncertain": N_("uncertain"),
    "non_analysable": N_("too few"),
    "in": N_("in"),
    "out": N_("out"),
    "none": N_("neither"),
    "reached": N_("reached"),
    "not_reached": N_("not reached"),
    "strong_consensus": N_("strong consensus"),
    "consensus": N_("consensus"),
    "majority": N_("majority"),
    "no_majority": N_("no majority"),
    "agree_with_consensus": N_("agree, with consensus"),
    "agree_without_consensus": N_("agree, without consensus"),
    "disagree_with_consensus": N_("disagree, with consensus"),
    "disagree_without_consensus": N_("disagree, without consensus"),
    "no_agree": N_("neither agree nor disagree"),
    "strong_for": N_("strongly for"),
    "weak_for": N_("weakly for"),
    "weak_against": N_("weakly against"),
    "strong_against": N_("strongly against"),
    "settled_in": N_("settled, retained"),
    "settled_out": N_("settled, not retained"),
    "to_discuss": N_("to be discussed"),
    "re_rate": N_("rate again"),
    "settled": N_("settled"),
    "stable_dissent": N_("stable dissent"),
    "closed_not_stable": N_("closed, not stable"),
    "weak": N_("weak"),
    "nominal": N_("nominal"),
    "ordinal": N_("ordinal"),
    "interval": N_("interval"),
    "ratio": N_("ratio"),
}


def word(code: str | None) -> str:
    """A code in the language under way; one that has no word here stays as it is."""
    return NOTHING if code is None else _(WORDS.get(code, code))


def method_name(code: str) -> str:
    name = METHODS[code]
    return _(name)


def signed(verdict: str, degree: str | None = None) -> str:
    """`+ strong`: the sign of a verdict and its degree, or its own word where it has none."""
    return f"{SIGNS.get(verdict, '')} {word(degree or verdict)}".strip()


def classed(judged: Mapping[str, Any]) -> str:
    """The class of a method that says verdict and degree, or agreement as RAM calls it."""
    return signed(judged["verdict"], judged.get("degree") or judged.get("agreement"))


def yes(value: bool | None) -> str:
    return NOTHING if value is None else _("yes") if value else _("no")

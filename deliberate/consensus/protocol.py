"""The protocol: every parameter that decides what ratings and votes mean, checked once, frozen and hashed.

METHODS.md 1.3 and 11. Nothing is stored here; a deviation is another protocol with another digest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from .kinds import flag, one_of
from .parameter import Parameter, Section, parameter, section
from .percentiles import RULES
from .procedure_parameters import Certainty, Committee, Dpi, Elicitation, Hearing, NominalGroup, Risk
from .rating_parameters import (
    RAND,
    Awmf,
    Choice,
    Comet,
    Display,
    GradeGrid,
    Iqr,
    MinRaters,
    NoOpinion,
    Percent,
    Ram,
    Rcf,
    Reading,
    Rounds,
    Rpc,
    Scale,
    Stop,
)
from .risk import matrix_faults
from .verdicts import NEGATIVE, POSITIVE, Agreement, Judgement, Settlement

METHODS: Final = ("RAM", "HAS_RCF", "COMET_70_15", "PERCENT", "AWMF", "GRADE_GRID", "MEDIAN_IQR")


@dataclass(frozen=True)
class Protocol(Section):
    """All parameters, each under the name it has in METHODS.md: `protocol.ram.half_point_rule`.

    Made without arguments it holds every default. ValueError names the key of a value that cannot stand.
    """

    method: str = parameter("HAS_RCF", one_of(*METHODS), choice=True)
    scale: Scale = section(Scale)
    percentile_rule: str = parameter("type7", one_of(*RULES), confirm=RAND)
    nsp: NoOpinion = section(NoOpinion)
    min_raters: MinRaters = section(MinRaters)
    rounds: Rounds = section(Rounds)
    real_time: bool = parameter(False, flag(), choice=True)
    locf: bool = parameter(False, flag(), choice=True)
    comment_on_zone_change: bool = parameter(False, flag(), choice=True)
    chair_rates: bool = parameter(False, flag(), choice=True)
    ram: Ram = section(Ram)
    rcf: Rcf = section(Rcf)
    rpc: Rpc = section(Rpc)
    reading: Reading = section(Reading)
    comet: Comet = section(Comet)
    percent: Percent = section(Percent)
    awmf: Awmf = section(Awmf)
    grade_grid: GradeGrid = section(GradeGrid)
    iqr: Iqr = section(Iqr)
    choice: Choice = section(Choice)
    stop: Stop = section(Stop)
    display: Display = section(Display)
    committee: Committee = section(Committee)
    dpi: Dpi = section(Dpi)
    hearing: Hearing = section(Hearing)
    risk: Risk = section(Risk)
    certainty: Certainty = section(Certainty)
    elicitation: Elicitation = section(Elicitation)
    ngt: NominalGroup = section(NominalGroup)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rounds.min > self.rounds.max:
            raise ValueError(f"rounds.min: {self.rounds.min} is more than rounds.max, {self.rounds.max}.")

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the canonical mapping as sorted compact JSON in UTF-8 (RFC 8785)."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()

    def to_confirm(self) -> tuple[Parameter, ...]:
        """The parameters that hold a default which a guide has to confirm: the record says so beside each."""
        held = self.canonical()
        return tuple(
            each for each in self.parameters() if each.confirm_with and _at(held, each.key) == each.default
        )

    def faults(self) -> tuple[str, ...]:
        """Why this protocol cannot be frozen yet, a sentence each; empty when it can."""
        return matrix_faults(self.risk.matrix, self.risk.likelihood_scale, self.risk.severity_scale)


DEFAULT: Final = Protocol()


def read_protocol(given: Mapping[str, Any]) -> Protocol:
    """A protocol from a nested mapping, or from dotted keys such as "ram.panel". Defaults fill what it omits.

    ValueError names the key of an unknown parameter or of a value that cannot stand, and says why.
    """
    try:
        text = json.dumps(given)
    except TypeError:  # a fraction, a decimal: not from a database
        return Protocol.read(_nested(given))
    return _read_text(text)


@lru_cache(maxsize=64)
def _read_text(text: str) -> Protocol:
    """Pages and acts read the same few protocols over and over, at half a millisecond each."""
    return Protocol.read(_nested(json.loads(text)))


def settled(judgement: Judgement, protocol: Protocol = DEFAULT, *, last_round: bool = False) -> Settlement:
    """Whether a class counts as consensus and so settles the statement, and which way. METHODS.md 2.0.

    HAS_RCF asks for strong agreement, and after the last round accepts relative agreement too.
    """
    if judgement.method == "RAM" and judgement.degree != Agreement.AGREEMENT:
        return Settlement.TO_DISCUSS
    if judgement.method == "HAS_RCF":
        enough = protocol.rcf.retained_after_round2 if last_round else protocol.rcf.settled_after_round1
        if judgement.degree not in enough:
            return Settlement.TO_DISCUSS
    if judgement.verdict in POSITIVE:
        return Settlement.IN
    return Settlement.OUT if judgement.verdict in NEGATIVE else Settlement.TO_DISCUSS


def rated_again(settlement: Settlement, protocol: Protocol = DEFAULT) -> bool:
    """Whether the next round puts a statement to the panel once more."""
    return settlement == Settlement.TO_DISCUSS or protocol.rounds.re_rate == "all"


def _nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters without dotted keys."""
    nested: dict[str, Any] = {}
    for key, value in given.items():
        *path, last = str(key).split(".")
        place = nested
        for name in path:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise ValueError(f"{key}: {name} already has a value.")
        if last in place:
            raise ValueError(f"{key}: given twice.")
        place[last] = dict(value) if isinstance(value, Mapping) else value
    return nested


def _at(held: Mapping[str, Any], key: str) -> Any:
    for name in key.split("."):
        held = held[name]
    return held

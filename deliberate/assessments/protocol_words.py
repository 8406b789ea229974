"""The frozen protocol as its people read it: what is rated, in how many rounds, by whom, and who adopts."""

from collections.abc import Mapping
from typing import Any

from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import N_
from deliberate.web.i18n import _

METHODS = {
    "RAM": N_("RAND/UCLA appropriateness method (RAM)"),
    "HAS_RCF": N_("Formal consensus of the HAS (RCF)"),
    "COMET_70_15": N_("COMET, 70 % and 15 %"),
    "PERCENT": N_("Share of the ratings in a zone"),
    "AWMF": N_("Classes of agreement of the AWMF"),
    "GRADE_GRID": N_("GRADE grid"),
    "MEDIAN_IQR": N_("Median and interquartile range"),
}


def protocol_in_words(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of what and how, in the language under way."""
    protocol = read_protocol(given)
    return [
        (_("Method"), _(METHODS[protocol.method])),
        (_("Scale"), _("{min} to {max}").format(min=protocol.scale.min, max=protocol.scale.max)),
        (_("Rounds"), rounds_in_words(protocol)),
        (_("“I cannot judge”"), no_opinion_in_words(protocol)),
        (_("Chairs"), _("rate as well") if protocol.chair_rates else _("run the meetings and do not rate")),
        (_("Quorum of the committee"), str(protocol.committee.quorum_share)),
    ]


def rounds_in_words(protocol: Protocol) -> str:
    if protocol.rounds.min == protocol.rounds.max:
        return str(protocol.rounds.max)
    return _("{min} to {max}").format(min=protocol.rounds.min, max=protocol.rounds.max)


def no_opinion_in_words(protocol: Protocol) -> str:
    if not protocol.nsp.allowed:
        return _("not offered")
    return _("offered, with a reason") if protocol.nsp.reason_required else _("offered")

"""The life of a statement: what is rated when, what settles it, and when its words may change. Pure.

METHODS.md section 10. A transition that is not listed here is refused.
"""

from collections.abc import Mapping
from enum import StrEnum

from deliberate.errors import N_, Refused


class StatementState(StrEnum):
    DRAFT = "draft"  # written, not yet put to the panel
    OPEN = "open"  # being rated: its words stand
    TO_DISCUSS = "to_discuss"  # rated without consensus: discussed, perhaps reworded, rated again
    SETTLED_IN = "settled_in"
    SETTLED_OUT = "settled_out"
    CLOSED = "closed"  # rated for the last time without consensus: reported as it stands
    WITHDRAWN = "withdrawn"  # readable with its votes, never rated again


class How(StrEnum):
    """How a statement came from others."""

    SPLIT = "split"
    MERGE = "merge"


NEXT: Mapping[StatementState, frozenset[StatementState]] = {
    StatementState.DRAFT: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.OPEN: frozenset(
        {
            StatementState.TO_DISCUSS,
            StatementState.SETTLED_IN,
            StatementState.SETTLED_OUT,
            StatementState.CLOSED,
        }
    ),
    StatementState.TO_DISCUSS: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.SETTLED_IN: frozenset(),
    StatementState.SETTLED_OUT: frozenset(),
    StatementState.CLOSED: frozenset(),
    StatementState.WITHDRAWN: frozenset(),
}
SETTLED = frozenset({StatementState.SETTLED_IN, StatementState.SETTLED_OUT})
CHANGEABLE = frozenset({StatementState.DRAFT, StatementState.TO_DISCUSS})  # between rounds
STATE_WORDS = {
    StatementState.DRAFT: N_("to be rated"),
    StatementState.OPEN: N_("being rated"),
    StatementState.TO_DISCUSS: N_("to be discussed and rated again"),
    StatementState.SETTLED_IN: N_("settled in"),
    StatementState.SETTLED_OUT: N_("settled out"),
    StatementState.CLOSED: N_("closed without consensus"),
    StatementState.WITHDRAWN: N_("withdrawn"),
}
WHY_NOT = {
    StatementState.DRAFT: N_("The statement {code} has not been rated yet."),
    StatementState.OPEN: N_("The statement {code} is being rated: its words stand until the rating closes."),
    StatementState.TO_DISCUSS: N_("The statement {code} is to be discussed: the next rating settles it."),
    StatementState.SETTLED_IN: N_("The panel has settled the statement {code}: it stands as it is."),
    StatementState.SETTLED_OUT: N_("The panel has settled the statement {code}: it stands as it is."),
    StatementState.CLOSED: N_("The last rating of the statement {code} is closed: it stands as it is."),
    StatementState.WITHDRAWN: N_("The statement {code} is withdrawn. Work on those that came after it."),
}


def check_step(state: str, wanted: StatementState, code: str, *, re_rates_all: bool = False) -> None:
    """`re_rates_all`: the protocol puts settled statements to the panel in every round again.

    Raises:
        Refused: with the state that stands in the way.
    """
    now = StatementState(state)
    if re_rates_all and now in SETTLED and wanted is StatementState.OPEN:
        return
    if wanted not in NEXT[now]:
        raise Refused(WHY_NOT[now], code=code)


def check_changeable(state: str, code: str) -> None:
    """May the words of a statement change, or may others take its place?"""
    if StatementState(state) not in CHANGEABLE:
        raise Refused(WHY_NOT[StatementState(state)], code=code)

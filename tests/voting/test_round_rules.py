from datetime import UTC, datetime, timedelta

import pytest

from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, Refused
from deliberate.voting import round_rules
from deliberate.voting.round_rules import Decision, RoundState, decide

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize("state", list(RoundState))
@pytest.mark.parametrize("wanted", list(RoundState))
def test_a_round_only_goes_forward(state: RoundState, wanted: RoundState) -> None:
    order = list(RoundState)
    if order.index(wanted) == order.index(state) + 1:
        round_rules.check_step(state, wanted)
    else:
        with pytest.raises(Refused):
            round_rules.check_step(state, wanted)


@pytest.mark.parametrize(
    ("number", "stable", "settlement", "decision"),
    [
        (1, None, "settled_in", Decision.TO_DISCUSS),  # at least two rounds
        (2, True, "settled_in", Decision.SETTLED_IN),
        (2, True, "settled_out", Decision.SETTLED_OUT),
        (2, False, "settled_in", Decision.TO_DISCUSS),  # consensus alone stops nothing
        (2, None, "settled_in", Decision.TO_DISCUSS),  # reworded: no figure for this step
        (2, True, "to_discuss", Decision.STABLE_DISSENT),
        (3, False, "to_discuss", Decision.NOT_STABLE),
        (3, False, "settled_in", Decision.NOT_STABLE),
        (3, True, "settled_in", Decision.SETTLED_IN),
    ],
)
def test_the_stop_rule_asks_for_stability_first(
    number: int, stable: bool | None, settlement: str, decision: Decision
) -> None:
    assert decide(number, stable, settlement, read_protocol({"method": "RAM"})) == decision


def test_a_protocol_that_puts_consensus_first_settles_at_once() -> None:
    eager = read_protocol({"rounds.min": 1, "stop.order": ["consensus", "stability", "max_rounds"]})
    assert decide(1, None, "settled_in", eager) == Decision.SETTLED_IN


def test_a_deadline_lies_ahead_and_within_a_year() -> None:
    round_rules.check_deadline(NOW + timedelta(days=1), NOW)
    for wrong in (NOW, NOW - timedelta(minutes=1), NOW + timedelta(days=400)):
        with pytest.raises(Invalid):
            round_rules.check_deadline(wrong, NOW)

"""The analysis of a whole table of ratings: what `deliberate analyse --json` prints."""

from itertools import pairwise
from typing import Any

from .panel import describe
from .protocol import DEFAULT, Protocol
from .rounds import Round, Step
from .table import RatingTable

Json = dict[str, Any]


def analyse(table: RatingTable, protocol: Protocol = DEFAULT) -> Json:
    """Panel, items and, with two rounds or more, each round and each step between two; all plain JSON.

    An item is summarised in the last round that put it to the panel, and `panel` rests on the same answers.
    Figures have full precision, and the protocol they follow stands beside them. ValueError without rounds.
    """
    rounds = [Round(table, label, number, protocol) for label, number in table.numbers().items()]
    if not rounds:
        raise ValueError("There is no round to analyse.")
    latest = {item: rounds[-1] for item in table.items} | {item: each for each in rounds for item in each.put}
    told: Json = {
        "protocol": _terms(protocol),
        "panel": _panel(table, latest),
        "items": [_item(latest[item], item, named=len(rounds) > 1) for item in table.items],
    }
    if len(rounds) > 1:
        steps = [Step(before, after, protocol) for before, after in pairwise(rounds)]
        told["rounds"] = {
            "by_round": [_round(each, table) for each in rounds],
            "steps": [step.as_json() for step in steps],
        }
    return told


def _terms(protocol: Protocol) -> Json:
    return {
        "method": protocol.method,
        "percentile_rule": protocol.percentile_rule,
        "digest": protocol.digest(),
        "to_confirm": [parameter.key for parameter in protocol.to_confirm()],
    }


def _panel(table: RatingTable, latest: dict[str, Round]) -> Json:
    return describe([latest[item].columns[item] for item in table.items], len(table.raters)).as_json()


def _item(found: Round, item: str, *, named: bool) -> Json:
    name = {"item": item, "round": found.label} if named else {"item": item}
    return name | found.told(item)


def _round(found: Round, table: RatingTable) -> Json:
    told = {
        "round": found.label,
        "number": found.number,
        "panel": describe([found.columns[item] for item in found.put], len(table.raters)).as_json(),
        "items": [_item(found, item, named=False) for item in found.put],
        "attrition": found.attrition().as_json(),
    }
    if table.groups:
        told["attrition_by_group"] = {
            name: left.as_json() for name, left in found.attrition_by_group().items()
        }
    return told

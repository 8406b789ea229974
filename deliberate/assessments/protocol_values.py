"""Parameters of the protocol as text: how a form shows a value, and reads what was typed. Pure.

The text of a value: yes or no, a code, 7, 0.1, 1/2, 7-15, words with commas, a name and its value a line
(9-15 = 1), the rows of the matrix a line each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from re import fullmatch
from typing import Any

from deliberate.consensus.parameter import Parameter
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.errors import Invalid, Refusal

PARAMETERS: Mapping[str, Parameter] = {each.key: each for each in Protocol.parameters()}
MATRIX = "risk.matrix"
WIDEST = {"rounds.min": 1, "rounds.max": 20}  # the two are judged together, after each alone


@dataclass(frozen=True)
class Held:
    """One parameter with the value it has."""

    parameter: Parameter
    value: Any

    @property
    def text(self) -> str:
        return as_text(self.value)

    @property
    def to_confirm(self) -> bool:
        """Whether it holds a default that its guide has to confirm."""
        return self.parameter.confirm_with is not None and self.value == self.parameter.default


def held_by(protocol: Protocol) -> list[Held]:
    """Every parameter in the order of METHODS.md."""
    written = protocol.canonical()
    return [Held(each, value_at(written, key)) for key, each in PARAMETERS.items()]


def value_at(written: Mapping[str, Any], key: str) -> Any:
    found: Any = written
    for name in key.split("."):
        found = found[name]
    return found


def form_of(parameter: Parameter) -> str:
    """Which field asks for it: flag, choice, lines, text."""
    if isinstance(parameter.default, bool):
        return "flag"
    if parameter.allowed and not isinstance(parameter.default, list) and parameter.key != MATRIX:
        return "choice"
    return "lines" if isinstance(parameter.default, dict) or parameter.key == MATRIX else "text"


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "\n".join(f"{name} = {entry}" for name, entry in value.items())
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "\n".join(" ".join(row) for row in value)
    if isinstance(value, list) and value:
        return (", " if isinstance(value[0], str) else "-").join(map(str, value))
    return "" if value == [] else str(value)


def read_values(typed: Mapping[str, str], held: Protocol) -> Protocol:
    """`held` with the values typed; keys that are not sent keep theirs.

    Raises:
        Invalid: with a sentence for every value that cannot stand.
    """
    written: dict[str, Any] = {each.parameter.key: each.value for each in held_by(held)}
    problems: dict[str, Refusal] = {}
    for key, text in typed.items():
        parameter = PARAMETERS[key]
        try:
            written[key] = from_text(parameter, text)
            read_protocol({**WIDEST, key: written[key]})
        except ValueError:
            problems[key] = problem_with(parameter)
    if not problems:
        try:
            return read_protocol(written)
        except ValueError:
            problems["rounds.min"] = Invalid("The fewest rounds cannot be more than the most.")
    raise Invalid("Some values cannot stand. What you typed is kept, nothing is changed.", problems=problems)


def problem_with(parameter: Parameter) -> Refusal:
    if form_of(parameter) in ("flag", "choice"):
        return Invalid("Choose one of the answers offered.")
    if parameter.key == MATRIX:
        return Invalid("Write a row for each likelihood, one cell after the other, such as C1 C1 C2.")
    example = as_text(parameter.default)
    return Invalid("This value cannot stand here. Write it like this: {example}", example=example)


def from_text(parameter: Parameter, text: str) -> Any:
    """ValueError when it cannot be read at all; what the parameter allows is judged by the protocol."""
    default, text = parameter.default, text.strip()
    if isinstance(default, bool):
        return {"yes": True, "oui": True, "no": False, "non": False}.get(text.lower(), text)
    if parameter.key == MATRIX:
        return [line.split() for line in text.splitlines() if line.strip()] or None
    if isinstance(default, dict):
        return dict(entry(line, default) for line in text.splitlines() if line.strip())
    if isinstance(default, list) and not isinstance(default[0], str):
        found = fullmatch(r"(.+?)\s*[-–]\s*(.+)", text)
        if not found:
            raise ValueError(text)
        return [number(each) for each in found.groups()]
    if isinstance(default, list):
        return [word.strip() for word in text.split(",") if word.strip()]
    return number(text) if isinstance(default, int | float) else text


def entry(line: str, like: Mapping[str, Any]) -> tuple[str, Any]:
    name, _equals, value = (each.strip() for each in line.partition("="))
    is_count = all(isinstance(each, int) for each in like.values())
    return name, number(value) if is_count else value


def number(text: str) -> int | float:
    given = text.strip().replace(",", ".")
    if not fullmatch(r"\d{1,6}(\.\d{1,6})?", given):
        raise ValueError(text)
    return float(given) if "." in given else int(given)

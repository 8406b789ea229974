"""One protocol parameter: a field that knows its kind, its default and the guide that has to confirm it.

A `Section` is a frozen dataclass of such fields. It checks each value when made, so none exists unchecked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, ClassVar, Self, TypeVar

from .kinds import Kind

T = TypeVar("T")
S = TypeVar("S", bound="Section")


@dataclass(frozen=True)
class Parameter:
    """What a form or the record shows beside a value.

    `key` is the dotted name, `default` plain JSON. `confirm_with` names the guide that has to confirm the
    default before a protocol is frozen; `platform_choice` marks a default that comes from no guide.
    """

    key: str
    default: Any
    allowed: tuple[str | int, ...]
    confirm_with: str | None
    platform_choice: bool


def parameter(
    default: T, kind: Kind, *, confirm: str | None = None, choice: bool = False, key: str | None = None
) -> T:
    """A field of a section. `key` is its name in files where that differs from the name in code."""
    note = {"kind": kind, "confirm": confirm, "choice": choice, "key": key}
    return field(default=default, metadata=note)


def section(made_of: type[S], key: str | None = None) -> S:
    """A field that holds a further section."""
    return field(default_factory=made_of, metadata={"section": made_of, "key": key})


@dataclass(frozen=True)
class Section:
    """Parameters that belong together, under one name: `class Ram(Section, path="ram")`."""

    path: ClassVar[str] = ""

    def __init_subclass__(cls, path: str = "", **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.path = path

    def __post_init__(self) -> None:
        for each in fields(self):
            if kind := each.metadata.get("kind"):
                object.__setattr__(
                    self, each.name, _checked(kind, self._dotted(each), getattr(self, each.name))
                )

    @classmethod
    def read(cls, given: Any) -> Self:
        """From a mapping; what it leaves out keeps its default. ValueError names the key and the fault."""
        if not isinstance(given, Mapping):
            raise ValueError(f"{cls.path}: {given!r} is not a table of parameters.")
        known = {_key(each): each for each in fields(cls)}
        for key in given:
            if key not in known:
                raise ValueError(f"{cls._join(key)}: unknown parameter. {_hint(str(key), known)}")
        return cls(**{known[key].name: _read(known[key], value) for key, value in given.items()})

    def canonical(self) -> dict[str, Any]:
        """Every parameter with its value, as plain JSON."""
        return {_key(each): _written(each, getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def parameters(cls) -> Iterator[Parameter]:
        """All parameters of this section and those inside it, in the order of METHODS.md."""
        for each in fields(cls):
            if inner := each.metadata.get("section"):
                yield from inner.parameters()
            else:
                note, kind = each.metadata, each.metadata["kind"]
                default = kind.write(kind.read(each.default))
                yield Parameter(cls._dotted(each), default, kind.allowed, note["confirm"], note["choice"])

    @classmethod
    def _dotted(cls, each: Field[Any]) -> str:
        return cls._join(_key(each))

    @classmethod
    def _join(cls, key: object) -> str:
        return f"{cls.path}.{key}" if cls.path else str(key)


def _key(each: Field[Any]) -> str:
    return each.metadata["key"] or each.name


def _checked(kind: Kind, key: str, value: Any) -> Any:
    try:
        return kind.read(value)
    except ValueError as wrong:
        raise ValueError(f"{key}: {wrong}.") from None


def _read(each: Field[Any], value: Any) -> Any:
    inner = each.metadata.get("section")
    return inner.read(value) if inner else value


def _written(each: Field[Any], value: Any) -> Any:
    return value.canonical() if isinstance(value, Section) else each.metadata["kind"].write(value)


def _hint(key: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."

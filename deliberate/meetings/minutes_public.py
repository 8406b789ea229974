"""Approved minutes as everybody may read them: cut from the frozen text, never written anew. Pure.

Of a matter from which somebody is recused only the agenda is told, and who left the room and when, as the
law on expertise asks (METHODS.md sections 5 and 6): neither what was written, said or voted nor a conclusion.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Withheld:
    """The keys of the sections that are not published."""

    recused: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    reason: str = ""  # for those chosen, as printed

    @classmethod
    def read(cls, stored: Facts | None) -> Self:
        found = stored or {}
        return cls(tuple(found.get("recused", ())), tuple(found.get("chosen", ())), found.get("reason", ""))

    def as_json(self) -> dict[str, Any]:
        return {"recused": list(self.recused), "chosen": list(self.chosen), "reason": self.reason}


def recused_keys(document: Facts, gates: Collection[str]) -> tuple[str, ...]:
    """The sections about a matter from which somebody is recused now (`gates`), or was at the meeting."""
    return tuple(told["key"] for told in document["sections"] if is_recused(told, set(gates)))


def is_recused(told: Facts, gates: set[str]) -> bool:
    about = {*told["gates"], *(vote["gate"] for vote in told.get("votes", ()))}
    return bool(about & gates or told.get("recused") or told.get("exits"))


def public_document(document: Facts, withheld: Withheld) -> dict[str, Any]:
    """What is published of `document`, in the same shape; a section kept back says why under `withheld`."""
    meeting = {**document["meeting"]}
    # Which paper a proxy stands on concerns the group alone.
    meeting["proxies"] = [{**proxy, "mandate": ""} for proxy in meeting["proxies"]]
    return {
        **document,
        "meeting": meeting,
        "reason": withheld.reason,
        "sections": [public_section(told, withheld) for told in document["sections"]],
    }


def public_section(told: Facts, withheld: Withheld) -> Facts:
    why = "recused" if told["key"] in withheld.recused else "chosen" if told["key"] in withheld.chosen else ""
    if not why:
        return told
    kept = {
        name: told[name] for name in ("key", "title", "number", "item", "exits", "recused") if name in told
    }
    return {**kept, "gates": [], "text": "", "version": 0, "votes": [], "conclusions": [], "withheld": why}

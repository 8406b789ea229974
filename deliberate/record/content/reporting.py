"""The reporting checklist of a record: each ACCORD item with its text, and how it came to it.

What the facts say of an item always stands: a written text completes it and never takes its place, so that
nobody can write a deviation away. For the same reason an item the facts speak of cannot be declared not
applicable; the reason given is printed after them. METHODS.md section 9.
"""

from collections.abc import Iterable, Mapping
from contextvars import copy_context
from typing import Any

from deliberate.consensus.accord import ITEMS, Filled, gaps
from deliberate.consensus.accord import export as export_of
from deliberate.consensus.protocol import Protocol
from deliberate.live.journal import stamp
from deliberate.record.content.facts import Facts, Row
from deliberate.record.content.reported import KNOWN
from deliberate.record.rules import ReportingKind
from deliberate.settings import data_path
from deliberate.web import i18n

LANGUAGES = ("fr", "en")
Pair = dict[str, str]


def reporting(content: Mapping[str, Any], facts: Facts, protocol: Protocol) -> dict[str, Any]:
    """The checklist as the record holds it.

    {"standard": "ACCORD", "export": "complete" or "incomplete", "missing": [ids], "items": [{"id", "states",
    "filled", "text", "from_facts"}], "delays"}. "states" is what an item must state; "text" all of it, the
    facts first, and "from_facts" that part; both are {"fr", "en"} pairs or None.
    """
    delays = [told_delay(row) for row in facts.delays]
    known = known_facts({**content, "reporting": {"delays": delays}}, protocol)
    written = {row["item"]: row for row in facts.reporting_texts}  # the last version of each
    items = [
        {"id": item.id, "states": item.states, **filled(known.get(item.id), written.get(item.id))}
        for item in ITEMS
    ]
    return {
        "standard": "ACCORD",
        "export": str(export_of(items)),
        "missing": gaps(items),
        "items": items,
        "delays": delays,
    }


def filled(known: Pair | None, row: Row | None) -> dict[str, Any]:
    """Facts and words together; see the module."""
    written = row["text"] if row and row["kind"] != ReportingKind.WITHDRAWN else None
    if known and written:
        how, text = Filled.COMPLETED, {code: f"{known[code]}\n\n{written[code]}" for code in LANGUAGES}
    elif known:
        how, text = Filled.FROM_FACTS, known
    elif row and written:
        how = Filled.WRITTEN if row["kind"] == ReportingKind.WRITTEN else Filled.NOT_APPLICABLE
        text = {code: written[code] for code in LANGUAGES}
    else:
        how, text = Filled.MISSING, None
    return {"filled": str(how), "text": text, "from_facts": known}


def known_facts(content: Mapping[str, Any], protocol: Protocol) -> dict[str, Pair]:
    """What the facts say, by item, in both languages; what they do not say is left out."""
    i18n.load_catalogs(data_path("config") / "locale", LANGUAGES)  # outside of an application none is read
    said = {code: copy_context().run(in_language, code, content, protocol) for code in LANGUAGES}
    return {
        ident: {code: said[code][ident] for code in LANGUAGES}
        for ident in KNOWN
        if all(said[code][ident] for code in LANGUAGES)
    }


def in_language(code: str, content: Mapping[str, Any], protocol: Protocol) -> dict[str, str]:
    i18n.speak(code)
    return {ident: tell(content, protocol) for ident, tell in KNOWN.items()}


def told_delay(row: Row) -> dict[str, Any]:
    return {"from": stamp(row["from_at"]), "to": stamp(row["to_at"]), "reason": row["reason"]}


def missing_titles(told: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The items of a checklist that wait for their text."""
    return [item for item in told["items"] if item["id"] in told["missing"]]

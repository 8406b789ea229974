"""The 35 items of ACCORD, and when a report holds them all (METHODS.md section 9 and vector A14)."""

from collections.abc import Iterator
from typing import Any

import pytest

from deliberate.consensus.accord import IDS, ITEMS, Export, Filled, export, gaps


def told(**changes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in ITEMS:
        text = {"fr": "Dit.", "en": "Said."}
        yield {"id": item.id, "filled": Filled.WRITTEN, "text": text, **changes.get(item.id, {})}


def test_there_are_35_items_each_in_both_languages() -> None:
    expected = ["T1", *(f"I{n}" for n in range(1, 4)), *(f"M{n}" for n in range(1, 22))]
    expected += [f"R{n}" for n in range(1, 6)] + ["D1", "D2", "O1", "O2", "O3"]
    assert list(IDS) == expected and len(expected) == 35
    assert all(item.fr and item.en and item.fr != item.en for item in ITEMS)


def test_a14_with_everything_filled_the_export_is_complete_and_without_m12_incomplete() -> None:
    assert export(told()) == Export.COMPLETE
    without = [each for each in told() if each["id"] != "M12"]
    assert (export(without), gaps(without)) == (Export.INCOMPLETE, ["M12"])


@pytest.mark.parametrize(
    "change",
    [
        {"filled": Filled.MISSING, "text": None},
        {"text": None},
        {"text": {"fr": "Dit.", "en": ""}},
        {"text": {"fr": "Dit."}},
    ],
)
def test_an_item_without_its_text_in_both_languages_is_a_gap(change: dict[str, Any]) -> None:
    assert gaps(told(M12=change)) == ["M12"]


def test_a_reason_why_an_item_does_not_apply_fills_it() -> None:
    assert export(told(I3={"filled": Filled.NOT_APPLICABLE})) == Export.COMPLETE

"""The reference data beside the repository: found, never copied. What is missing fails the test that asks."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2].parent / "shared"
CLOSE = 1e-6  # decimals in vectors.json are rounded to six places


def shared_file(*parts: str) -> Path:
    path = SHARED.joinpath("data", *parts)
    if not path.is_file():
        pytest.fail(
            f"{path} is missing. Put the reference data beside the repository, in a folder named shared."
        )
    return path


@cache
def vectors() -> dict[str, Any]:
    """The golden numbers."""
    loaded: dict[str, Any] = json.loads(shared_file("ratings", "vectors.json").read_text(encoding="utf-8"))
    return loaded


def rows(*parts: str) -> list[dict[str, str]]:
    """A CSV file of the reference data, a mapping per row."""
    with shared_file("ratings", *parts).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def close(value: Any) -> Any:
    """Equal up to the rounding of the golden numbers."""
    return None if value is None else pytest.approx(value, abs=CLOSE)

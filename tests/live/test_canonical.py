"""The quick spelling is the one of RFC 8785, byte for byte."""

import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from deliberate.live.canonical import EXACT, canonical

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=12,
)


@given(values)
def test_it_is_what_the_reference_writes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "text", ["", "é", "\u2028", "\x7f", "\x00\x1f\b\f\n\r\t", '"\\/', "\U0001f600", "\ufffd", "</script>"]
)
def test_every_kind_of_character_is_written_alike(text: str) -> None:
    for value in (text, {"k": text}, {text: 1, "a": [text]}):
        assert canonical(value) == rfc8785.dumps(value)
        assert json.loads(canonical(value)) == value


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, EXACT + 1, -EXACT - 1, math.nan, math.inf])
def test_what_has_no_spelling_is_refused(value: Any) -> None:
    for write in (canonical, rfc8785.dumps):
        with pytest.raises(ValueError):
            write(value)


def test_keys_beyond_ascii_stand_in_the_order_of_the_standard() -> None:
    value = {"\U0001f600": 1, "\ufb33": 2, "é": 3, "a": 4}
    assert canonical(value) == rfc8785.dumps(value)
    assert list(json.loads(canonical(value))) == ["a", "é", "\U0001f600", "\ufb33"]

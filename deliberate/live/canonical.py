"""RFC 8785 JSON, quickly: what we write is mostly plain, and the standard encoder does that in C.

`rfc8785` remains the reference and does whatever is not plain; a test compares the two byte for byte.
"""

import json
from json.encoder import encode_basestring as spelled
from typing import Any

import rfc8785

EXACT = 2**53 - 1  # the largest whole number RFC 8785 writes as one
AT_ONCE = {str, bool, type(None)}

# The standard encoder agrees with RFC 8785 on texts, whole numbers, true, false and null; on the order of
# keys as long as they are ASCII; not on fractions.
_plain = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def canonical(value: Any) -> bytes:
    """The one spelling of `value` that is hashed.

    Raises:
        ValueError: it has none, as half a character or a number beyond 2**53 have none.
    """
    if type(value) is str:
        return spelled(value).encode()
    if value is None:
        return b"null"
    if type(value) is int and -EXACT <= value <= EXACT:
        return b"%d" % value
    return _plain.encode(value).encode() if is_plain(value) else rfc8785.dumps(value)


def is_plain(value: object) -> bool:
    """Whether both encoders spell it alike. Written out: it is asked twice for every ballot."""
    kind = type(value)
    if kind in AT_ONCE:
        return True
    if isinstance(value, int):
        return kind is int and -EXACT <= value <= EXACT
    if isinstance(value, dict):
        for name, inner in value.items():
            if type(name) is not str or not name.isascii():
                return False
            if type(inner) not in AT_ONCE and not is_plain(inner):
                return False
        return True
    return isinstance(value, list | tuple) and all(map(is_plain, value))

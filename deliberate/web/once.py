"""What the parts of one page ask each for itself, and read once: for the length of one GET, and no longer.

A request that writes, and a socket that stays open, read anew each time.
"""

from collections.abc import Awaitable, Callable, Hashable
from contextvars import ContextVar
from typing import Any, TypeVar

Value = TypeVar("Value")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


def begin(method: str) -> None:
    """A request begins; each has a context of its own."""
    _kept.set({} if method == "GET" else None)


async def once(key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
    """The value under `key`, made the first time."""
    kept = _kept.get()
    if kept is None:
        return await make()
    if key not in kept:
        kept[key] = await make()
    value: Value = kept[key]
    return value

"""Parts of pages that everybody of one audience sees alike: rendered once for a number, and served to all."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

LIMIT = 2_000

_kept: OrderedDict[Hashable, tuple[int, str]] = OrderedDict()


async def shared(key: Hashable, number: int, make: Callable[[], Awaitable[str]]) -> str:
    """The part `key` (with audience and language in it) as of journal `number`, rendered at most once."""
    kept = _kept.get(key)
    if kept is not None and kept[0] == number:
        _kept.move_to_end(key)
        return kept[1]
    html = await make()
    _kept[key] = (number, html)
    while len(_kept) > LIMIT:
        _kept.popitem(last=False)
    return html


def forget() -> None:
    """Empties the store: another database is open now."""
    _kept.clear()

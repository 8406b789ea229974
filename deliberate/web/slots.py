"""What later domains show on pages of earlier ones. create_app collects the slots; the page fills them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

Slot = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: a sentence, where to do it, until when."""

    text: str
    href: str
    assessment: Mapping[str, str] | None = None  # its title as a {"fr", "en"} pair
    until: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Cell:
    text: str
    done: bool = False
    href: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column of the secretariat's board: a cell per question that has one."""

    title: str
    cells: Mapping[int, Cell] = field(default_factory=dict)


async def fill(request: Request, name: str, *args: Any) -> list[Any]:
    """What every domain puts into the slot, in story order; nothing is left out silently."""
    return [await slot(*args) for slot in request.app.state.slots.get(name, ())]

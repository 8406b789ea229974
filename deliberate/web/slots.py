"""What later domains show on pages of earlier ones. create_app collects the slots; the page fills them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from deliberate.web.i18n import _

Slot = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for a person: a sentence, where to do it, until when; or when it takes place."""

    text: str
    href: str
    assessment: Mapping[str, str] | None = None  # its title as a {"fr", "en"} pair
    until: datetime | None = None
    urgent: bool = False
    at: datetime | None = None


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


@dataclass(frozen=True)
class NavItem:
    """One entry of an assessment's navigation, for those whose standing allows it."""

    label: str  # an English gettext id
    path: str  # after /a/{slug}
    shown_to: Callable[[Any], bool]


def navigation(items: Iterable[NavItem], slug: str, standing: Any, here: str) -> list[dict[str, Any]]:
    """What `web/base.html` shows at the top of an assessment's pages; the longest path that fits is
    current: "/meetings" also for /meetings/3, "/record" also for /records/1.
    """
    shown = [(item, f"/a/{slug}{item.path}") for item in items if item.shown_to(standing)]
    fitting = [
        href
        for item, href in shown
        if here == href
        or here.startswith(f"{href}/")
        or (item.path and here.startswith((f"{item.path}/", f"{item.path}s/")))
    ]
    current = max(fitting, key=len, default=None)
    return [{"href": href, "label": _(item.label), "current": href == current} for item, href in shown]


async def fill(request: Request, name: str, *args: Any) -> list[Any]:
    """What every domain puts into the slot, in story order; nothing is left out silently."""
    return [await slot(*args) for slot in request.app.state.slots.get(name, ())]

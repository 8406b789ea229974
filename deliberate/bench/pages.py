"""`pages`: every page of a large assessment against an empty one on the same server, and its queries."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from deliberate.bench import budgets, deliberated, places, servers, world
from deliberate.bench.benchmark import Found, Stage
from deliberate.bench.deliberated import Dossier
from deliberate.bench.driver import Address, Driver
from deliberate.bench.servers import PRODUCT, Server
from deliberate.bench.visitors import Answer, Visitors, get
from deliberate.record.actions import compile_record

GOAL = 12
OURS = "/bench/"
AGENDA = 30
ROOM_PARTS = ("now", "agenda", "presence", "results", "hall", "bar", "desk", "order", "journal")


@dataclass
class Page:
    """One address, by whoever sees most there, with the times of its runs."""

    path: str  # of the route
    request: bytes
    empty: bytes
    queries: int
    values: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        pairs = zip(self.values, self.floors, strict=True)
        return median(value / floor for value, floor in pairs)

    @property
    def budget(self) -> int:
        return budgets.budget_of(self.path)

    def told(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "seconds": median(self.values),
            "ratio": round(self.ratio, 2),
            "queries": self.queries,
            "budget": self.budget,
        }


@dataclass(frozen=True)
class Site:
    """The assessment, and an object for each parameter an address may have."""

    server: Server
    named: dict[str, str]
    cookies: list[str]


async def pages(stage: Stage) -> Found:
    """The slowest page decides; all of them are told. Within its budget of queries means all of them."""
    async with site(stage) as found:
        with Driver() as driver:
            visitor = Visitors(driver, found.server.address, 1)
            seen = list(seen_pages(visitor, found))
            for turn in range(stage.runs + 1):
                for page in seen:
                    read(visitor, page, counts=turn > 0)
                stage.told(f"run {turn} of {stage.runs}, {len(seen)} pages")
    seen.sort(key=lambda page: -page.ratio)
    over = [page for page in seen if page.queries > page.budget]
    slow = [page for page in seen if page.ratio > GOAL]
    note = f"{len(seen)} pages, the slowest {seen[0].path}; {len(slow)} above {GOAL}, {len(over)} over budget"
    more = {"note": note, "pages": [page.told() for page in seen]}
    return Found(seen[0].values, seen[0].floors, more, holds=not over)


@asynccontextmanager
async def site(stage: Stage) -> AsyncIterator[Site]:
    sizes, data = stage.sizes, stage.folder / "data"
    stage.told(f"writing {sizes.questions} questions")
    async with places.opened(data) as settings:
        dossier = await deliberated.make_dossier(settings, sizes.experts, sizes.questions, sizes.references)
        house = dossier.house
        meeting, items = await world.convene(house, [f"Item {number + 1}" for number in range(AGENDA)])
        record = await compile_record(house.assessment.id, house.secretary.person)
    async with servers.running(PRODUCT, data) as server:
        named = named_things(dossier) | {
            "meeting_id": str(meeting),
            "item_id": str(items[0]),
            "record_id": str(record.id),
        }
        guests = (house.secretary, house.experts[0], house.chair)
        yield Site(server, named, [guest.cookie for guest in guests])


def named_things(dossier: Dossier) -> dict[str, str]:
    return {
        "slug": dossier.house.assessment.slug,
        "question_id": str(dossier.question.id),
        "statement_id": str(dossier.statement),
        "opinion_id": str(dossier.opinion),
        "vote_id": str(dossier.votes[-1]),
        "document_id": str(dossier.document),
        "person_id": str(dossier.house.experts[0].person.id),
    }


def seen_pages(visitor: Visitors, site: Site) -> Iterator[Page]:
    """Every address of which this assessment has an example, for the first who is let in."""
    address = site.server.address
    _, [listed] = visitor.ask([get(address, f"{OURS}pages")])
    for path in json.loads(listed.body):
        if path.startswith(OURS) or path.startswith("/static"):
            continue
        for filled in addresses(path, site):
            found = first_seen(visitor, address, path, filled, site.cookies)
            if found is not None:
                yield found


def addresses(path: str, site: Site) -> Iterator[str]:
    """`path` with an example for each parameter; none when there is no example."""
    named = dict(site.named)
    if path.startswith("/evidence/"):
        named["item_id"] = site.named["document_id"]
    for name in ROOM_PARTS if "{name}" in path else ("",):
        filled = path
        for parameter, value in {**named, "name": name}.items():
            filled = filled.replace(f"{{{parameter}:int}}", value).replace(f"{{{parameter}}}", value)
        if "{" not in filled:
            yield filled


def first_seen(
    visitor: Visitors, address: Address, path: str, filled: str, cookies: list[str]
) -> Page | None:
    for cookie in cookies:
        visitor.begin([get(address, filled, cookie, counted=True)])
        visitor.driver.run(lambda: len(visitor.answers) == 1)
        answer = visitor.answers[0]
        if answer.status == 200 and b"text/html" in answer.head:
            empty = get(address, f"{OURS}empty", cookie)
            return Page(path, get(address, filled, cookie), empty, queries_of(answer))
    return None


def queries_of(answer: Answer) -> int:
    return int(answer.head.lower().partition(b"x-queries: ")[2].partition(b"\r\n")[0])


def read(visitor: Visitors, page: Page, *, counts: bool) -> None:
    """The page and the empty one, right after one another."""
    _, [ours] = visitor.ask([page.request])
    _, [empty] = visitor.ask([page.empty])
    if counts:
        page.values.append(ours.seconds)
        page.floors.append(empty.seconds)

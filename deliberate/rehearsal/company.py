"""Who plays: everybody invited and signed in, in the roles the assessment asks for."""

import asyncio
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deliberate.assessments.file import AssessmentFile
from deliberate.assessments.rules import GroupKind
from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.names import Invented, invented_people
from deliberate.rehearsal.phrases import ORGANISATIONS
from deliberate.rehearsal.plan import Unexpected, working_groups
from deliberate.rehearsal.ratings import Ratings
from deliberate.rehearsal.report import Counts

MEMBERS = 8  # of the committee, beside its chair
SPEAKERS = 2  # organisations heard


@dataclass
class Part:
    """One role to fill."""

    role: str
    group: str = ""
    rater: int | None = None  # the place of an expert among the raters


@dataclass
class Player:
    """A person with a role and a browser."""

    part: Part
    who: Invented
    browser: Browser

    @property
    def person(self) -> int:
        return self.browser.person

    @property
    def language(self) -> str:
        return self.who.language


@dataclass
class Company:
    """Everybody, in the order in which they were cast."""

    administrator: Browser
    players: list[Player] = field(default_factory=list)

    def those(self, role: str, group: str = "") -> list[Player]:
        return [each for each in self.players if each.part.role == role and group in ("", each.part.group)]

    @property
    def secretariat(self) -> Browser:
        return self.those("secretariat")[0].browser

    @property
    def second_secretary(self) -> Browser:
        return self.those("secretariat")[1].browser

    def chair(self, group: str) -> Player:
        return self.those("chair", group)[0]

    def experts(self, group: str) -> list[Player]:
        return self.those("expert", group)

    async def leave(self) -> None:
        await asyncio.gather(self.administrator.close(), *(player.browser.close() for player in self.players))


def parts_for(content: AssessmentFile, ratings: Ratings) -> list[Part]:
    """Two of the secretariat, a chair for each group, the experts, the committee."""
    groups = working_groups(content)
    committee = next(group.code for group in content.groups if group.kind == GroupKind.COMMITTEE)
    parts = [Part("secretariat"), Part("secretariat")]
    parts += [Part("chair", group) for group in [*groups, committee]]
    parts += [Part("expert", group, rater) for rater, group in enumerate(spread(ratings, groups))]
    parts += [Part("member", committee) for _ in range(MEMBERS)]
    return parts


def spread(ratings: Ratings, groups: Sequence[str]) -> list[str]:
    """The group of each rater: as given, the others where fewest are, so that all groups are about equal."""
    seats = dict.fromkeys(groups, 0)
    for group in ratings.groups.values():
        if group:
            seats[group] += 1
    found = []
    for rater in range(ratings.raters):
        group = ratings.groups.get(rater) or min(groups, key=lambda code: seats[code])
        seats[group] += 0 if ratings.groups.get(rater) else 1
        found.append(group)
    return found


async def gather_company(
    company: Company, url: str, slug: str, parts: Sequence[Part], seed: int, counts: Counts
) -> None:
    """The administrator invites the secretariat, which invites the others by a list; everybody signs in."""
    crowd = iter(invented_people(len(parts) + SPEAKERS, seed))
    cast = [(part, next(crowd)) for part in parts]
    first = [pair for pair in cast if pair[0].role == "secretariat"]
    for part, who in first:
        made = await company.administrator.post(
            f"/a/{slug}/members", name=who.name, email=who.email, role=part.role, language=who.language
        )
        await enter(company, url, part, who, made["link"], counts)
    others = cast[len(first) :]
    made = await company.secretariat.post(f"/a/{slug}/members/import", text=as_csv(others))
    links = {each["email"]: each["link"] for each in made["invited"]}
    if missing := [who.name for _, who in others if not links.get(who.email)]:
        raise Unexpected(f"The secretariat was shown no link for {', '.join(missing)}.")
    await asyncio.gather(*(enter(company, url, part, who, links[who.email], counts) for part, who in others))
    order = {who.email: place for place, (_, who) in enumerate(cast)}
    company.players.sort(key=lambda player: order[player.who.email])


async def enter(company: Company, url: str, part: Part, who: Invented, link: str, counts: Counts) -> Player:
    browser = Browser(url, f"{who.name} ({part.role})", counts, who.language)
    player = Player(part, who, browser)
    company.players.append(player)
    await browser.sign_in(link)
    return player


def as_csv(cast: Sequence[tuple[Part, Invented]]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["name", "email", "role", "group", "language"])
    for part, who in cast:
        rows.writerow([who.name, who.email, part.role, part.group, who.language])
    return text.getvalue()


def organisations(seed: int, after: int) -> Iterator[tuple[str, str, Invented]]:
    """(name, interests, spokesperson) of those that are heard."""
    people = invented_people(after + SPEAKERS, seed)[after:]
    for (name, interests), who in zip(ORGANISATIONS, people, strict=False):
        yield name, interests, who

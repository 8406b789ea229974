"""Who plays: everybody invited and signed in, in the roles the assessment asks for."""

import asyncio
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deliberate.assessments.file import AssessmentFile
from deliberate.assessments.rules import GroupKind
from deliberate.consensus.protocol import read_protocol
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

    def sits_in(self, player: Player, group: str) -> bool:
        return any(each.who == player.who for each in self.players if each.part.group == group)

    def conflicted(self, group: str) -> Player:
        """The expert of the group who has a major interest: the last who sits in no other one."""
        experts = self.experts(group)
        alone = [each for each in experts if [other.who for other in self.players].count(each.who) == 1]
        return (alone or experts)[-1]

    def people(self) -> list[Player]:
        """Everybody once."""
        return list({player.who.email: player for player in reversed(self.players)}.values())[::-1]

    async def leave(self) -> None:
        await asyncio.gather(
            self.administrator.close(), *(player.browser.close() for player in self.people())
        )


def parts_for(content: AssessmentFile, ratings: Ratings) -> list[Part]:
    """Two of the secretariat, a chair for each group, the experts, the committee."""
    groups = working_groups(content)
    committee = next(group.code for group in content.groups if group.kind == GroupKind.COMMITTEE)
    parts = [Part("secretariat"), Part("secretariat")]
    parts += [Part("chair", group) for group in [*groups, committee]]
    for group, raters in seats_of(ratings, groups, least_raters(content)).items():
        parts += [Part("expert", group, rater) for rater in raters]
    parts += [Part("member", committee) for _ in range(MEMBERS)]
    return parts


def least_raters(content: AssessmentFile) -> int:
    """So many that the method can say something although one is recused and one cannot judge."""
    protocol = read_protocol(content.protocol)
    least = {"RAM": protocol.min_raters.ram, "HAS_RCF": protocol.min_raters.has_rcf}
    return least.get(protocol.method, protocol.min_raters.other) + 2


def seats_of(ratings: Ratings, groups: Sequence[str], least: int) -> dict[str, list[int]]:
    """Who sits in which group: as the ratings say, the others where fewest are.

    With too few experts for `least` in each group, some sit in several, as in life.
    """
    seats: dict[str, list[int]] = {group: [] for group in groups}
    for rater in range(ratings.raters):
        for group in ratings.groups.get(rater) or [min(groups, key=lambda code: len(seats[code]))]:
            seats[group].append(rater)
    for raters in seats.values():
        others = [rater for rater in range(ratings.raters) if rater not in raters]
        if not ratings.groups or not raters:  # a group nobody rates in still has its opinions to write
            raters += others[: max(0, least - len(raters))]
    return seats


async def gather_company(
    company: Company, url: str, slug: str, parts: Sequence[Part], seed: int, counts: Counts
) -> None:
    """The administrator invites the secretariat, which invites the others by a list; everybody signs in."""
    cast = cast_for(parts, seed)
    first, others = cast[:2], cast[2:]
    for part, who in first:
        made = await company.administrator.post(
            f"/a/{slug}/members", name=who.name, email=who.email, role=part.role, language=who.language
        )
        await enter(company, url, part, who, made["link"], counts)
    made = await company.secretariat.post(f"/a/{slug}/members/import", text=as_csv(others))
    links = {each["email"]: each["link"] for each in made["invited"]}
    if missing := [who.name for _, who in others if not links.get(who.email)]:
        raise Unexpected(f"The secretariat was shown no link for {', '.join(missing)}.")
    own = {who.email: (part, who) for part, who in reversed(others)}
    await asyncio.gather(
        *(enter(company, url, part, who, links[who.email], counts) for part, who in own.values())
    )
    browsers = {player.who.email: player.browser for player in company.players}
    company.players = [Player(part, who, browsers[who.email]) for part, who in cast]


def cast_for(parts: Sequence[Part], seed: int) -> list[tuple[Part, Invented]]:
    """An invented person for each part; an expert who sits in two groups is one person."""
    crowd = iter(invented_people(len(parts), seed))
    experts: dict[int, Invented] = {}
    cast = []
    for part in parts:
        who = experts.get(part.rater) if part.rater is not None else None
        who = who or next(crowd)
        if part.rater is not None:
            experts[part.rater] = who
        cast.append((part, who))
    return cast


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

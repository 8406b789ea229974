"""What an address may name, and who is at home there:

the truth that the routes' `who` is measured against.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from deliberate.meetings.parts_pages import CONSOLE, ROOM
from tests.support.objects import Objects

Home = Mapping[str, set[str]]  # what `who` calls them -> the personas of the world

OFFICE: Home = {"secretariat": {"secretariat"}}
# Of the group that deliberates a question. One expert is recused from it, one has not declared.
QUESTION: Home = {**OFFICE, "chair": {"chair"}, "expert": {"expert"}}
# Of the group itself, and of a question from which nobody is recused.
GROUP: Home = {**QUESTION, "expert": {"expert", "recused"}}
OTHER: Home = {**OFFICE, "chair": {"other_chair"}, "expert": {"other_expert"}}
COMMITTEE: Home = {**OFFICE, "committee_chair": {"committee_chair"}, "member": {"member"}}
# Of the assessment, whatever the group.
EVERYBODY: Home = {
    **COMMITTEE,
    "chair": {"chair", "other_chair"},
    "expert": {"expert", "recused", "other_expert"},
    "stakeholder": {"stakeholder", "rival"},
}
HEARING: Home = {
    **OFFICE,
    "chair": {"chair", "other_chair"},
    "expert": {"expert", "recused", "other_expert"},
    "stakeholder": {"stakeholder"},
}
ADMINISTRATION: Home = {"administrator": {"administrator"}}
AUTHOR: Home = {"expert": {"expert"}}  # the secretariat and the chair are not at home in a blind opinion
NOBODY: Home = {}


@dataclass(frozen=True)
class Place:
    """One object behind an address; or several of its kind, for acts that use it up."""

    urls: tuple[str, ...]
    home: Home

    @property
    def url(self) -> str:
        return self.urls[0]


def routes_of(app: Starlette, method: str) -> list[Route]:
    return [route for route in app.routes if isinstance(route, Route) and method in (route.methods or ())]


def places_of(route: Route, made: Objects) -> list[Place]:
    """Every object this address is tried with. A parameter nobody has listed here fails."""
    places = []
    for params, home in named(route.path, made):
        several = [value for value in params.values() if isinstance(value, tuple)]
        count = len(several[0]) if several else 1
        urls = [filled(route.path, nth(params, number)) for number in range(count)]
        places.append(Place(tuple(urls), home))
    return places


def nth(params: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {name: value[number] if isinstance(value, tuple) else value for name, value in params.items()}


def filled(path: str, params: Mapping[str, Any]) -> str:
    for name, value in params.items():
        for kind in ("", ":int"):
            path = path.replace(f"{{{name}{kind}}}", str(value))
    assert "{" not in path, f"{path}: say in tests/rights/places.py what this names"
    return path


def named(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    for prefix, find in PLACES.items():
        if path.startswith(prefix):
            return find(path, made)
    return [({}, ADMINISTRATION)]


def questions(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"question_id": made.question}, QUESTION
    yield {"question_id": made.blind}, GROUP
    yield {"question_id": made.world.other_question.id}, OTHER


def one_opinion(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"opinion_id": made.opinion}, AUTHOR if path.endswith("/withdraw") else QUESTION
    yield {"opinion_id": made.blind_opinion}, AUTHOR


def statements(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"statement_id": made.statement}, QUESTION
    yield {"statement_id": made.blind_statement}, GROUP


def proposals(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"proposal_id": made.proposal}, OFFICE


def documents(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"item_id": made.document}, QUESTION
    yield {"item_id": made.other_document}, OTHER


def votes(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    raters = {**QUESTION, "chair": set[str]()}  # chairs of working groups do not rate (METHODS B5)
    yield {"vote_id": made.rating}, raters if path.endswith("/ballots") else QUESTION
    yield {"vote_id": made.counted}, raters if path.endswith("/ballots") else QUESTION
    rated_only = path.endswith("/sheet")  # a choice has no feedback sheet
    yield {"vote_id": made.choice}, NOBODY if rated_only else QUESTION
    yield {"vote_id": made.committee_vote}, NOBODY if rated_only else COMMITTEE


def rounds(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    """Whoever is recused from another question rates in this one."""
    rates = path.endswith(("/ratings", "/draft"))
    yield {"round_id": made.open_round}, {**GROUP, "chair": set[str]()} if rates else GROUP
    yield {"round_id": made.round}, {**QUESTION, "chair": set[str]()} if rates else GROUP


def meetings(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    known = CONSOLE if "/console/" in path else ROOM if "/parts/" in path else {"": None}
    key = "opening"  # a section of the minutes
    for name in known:
        ids = {"meeting_id": made.meeting, "item_id": tuple(made.items[2:])}
        yield {**ids, "name": name, "key": key}, GROUP
    ids = {"meeting_id": made.committee_meeting, "item_id": made.committee_items[-1]}
    yield {**ids, "name": next(iter(known)), "key": key}, COMMITTEE
    if "/minutes/{key}" in path:  # of an item from which one expert is recused
        yield {"meeting_id": made.meeting, "key": f"item-{made.items[1]}"}, QUESTION


def memberships(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    slug = made.world.assessment.slug
    home = {**OFFICE, **ADMINISTRATION}
    ident = made.secretary if "/secretariat/" in path else made.membership
    yield {"slug": slug, "membership_id": ident}, home
    if "{membership_id" in path:  # our member under the address of somebody else's assessment
        yield {"slug": made.sealed.assessment.slug, "membership_id": ident}, NOBODY


def sessions(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
    yield {"session_id": made.session}, {"signed_in": {"expert"}}


def simple(home: Home, **names: Callable[[Objects], Any]) -> Callable[..., Any]:
    def find(path: str, made: Objects) -> Iterable[tuple[Mapping[str, Any], Home]]:
        yield {name: value(made) for name, value in names.items()}, home

    return find


# The first prefix that fits.
PLACES: Mapping[str, Callable[[str, Objects], Iterable[tuple[Mapping[str, Any], Home]]]] = {
    "/questions/": questions,
    "/opinions/": one_opinion,
    "/statements/": statements,
    "/evidence/": documents,
    "/votes/": votes,
    "/rounds/": rounds,
    "/proposals/": proposals,
    "/meetings/": meetings,
    "/a/{slug}/members": memberships,
    "/a/{slug}/secretariat": memberships,
    "/a/": simple(
        EVERYBODY,
        slug=lambda made: made.world.assessment.slug,
        form=lambda made: "long",
        kind=lambda made: "csv",
        item=lambda made: "I1",
        agenda_id=lambda made: made.agenda,
    ),
    "/hearings/": simple(HEARING, hearing_id=lambda made: made.hearing),
    "/records/": simple(COMMITTEE, record_id=lambda made: made.record),
    "/comments/": simple(COMMITTEE, comment_id=lambda made: made.comment),
    "/public/": simple(
        NOBODY,
        slug=lambda made: made.sealed.assessment.slug,
        form=lambda made: "wide",
        kind=lambda made: "xlsx",
        meeting_id=lambda made: made.published,
    ),
    "/people": simple(
        ADMINISTRATION, person_id=lambda made: made.spare.id, letter_id=lambda made: made.letter
    ),
    "/sign-ins/{session_id": sessions,
    "/sign-in/": simple(NOBODY, token=lambda made: made.token),
}


def welcome(route: Route, place: Place, personas: Iterable[str]) -> set[str]:
    """The personas for whom this address exists, by what the route declares and where they are at home."""
    who: frozenset[str] = route.who  # type: ignore[attr-defined]
    everybody = set(personas)
    if "anyone" in who:
        return everybody
    if "signed_in" in who:
        return place.home.get("signed_in", everybody - {"anonymous"})
    found = {persona for tag in who for persona in place.home.get(tag, ())}
    reads = "GET" in (route.methods or ())
    # Without a declaration one learns that the work exists, and is shown nothing of it.
    return found | {"undeclared"} if reads and "expert" in found and route.name in OPEN else found


OPEN = {"show_assessment", "show_protocol"}

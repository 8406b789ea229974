"""The ballot page, the two doors a ballot comes by, and what votes show on other pages."""

import asyncio
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deliberate.assessments.models import Assessment, frozen_protocol_hash
from deliberate.errors import N_, Invalid, NotFound, Refusal, Unconfirmed
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.socket import Guest
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.people.pages import own_page
from deliberate.questions.models import RiskQuestion, statement_texts
from deliberate.questions.rules import WAY_STEP, Stage
from deliberate.voting import (
    actions,
    analysis_page,
    elsewhere,
    methods,
    proposing,
    ratings_page,
    round_pages,
    round_rules,
    rules,
    sheet_page,
    written,
    written_pages,
)
from deliberate.voting.models import (
    RoundExtension,
    Vote,
    counts_of,
    motions_on,
    roll_place,
    seen_vote,
    votes_on,
)
from deliberate.voting.papers import LONGEST_REASON
from deliberate.voting.rules import VoteKind, VoteState
from deliberate.voting.showing import (
    Desk,
    audience_of,
    desk_of,
    facts_of,
    headline_of,
    number_in,
    place_of,
    places_of,
    tally_of,
)
from deliberate.voting.turnout import who_answered
from deliberate.web import parts
from deliberate.web.answers import page_text, part, render, see_other
from deliberate.web.forms import Moment, again, clean, read
from deliberate.web.i18n import _, language, ngettext
from deliberate.web.routing import page
from deliberate.web.slots import NavItem

READERS = {"secretariat", "chair", "expert", "committee_chair", "member"}  # of the group whose vote it is
VOTERS = {"chair", "expert", "committee_chair", "member"}
RUNNERS = {"secretariat", "chair", "committee_chair"}


# The page and its parts


async def show_vote(
    request: Request, refusal: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    after = await last_number(vote.assessment_id)
    await vote.refresh_from_db()
    desk = await desk_of(vote, standing)
    sees_names = rules.sees_names(standing, vote.group_id) and vote.state != VoteState.PREPARED
    context = {
        **await surroundings(vote, standing),
        **await tally_of(vote, audience_of(standing)),
        "desk": with_key_kept(desk, refusal, typed),
        "key": key_for(refusal, typed, None),
        "names": await who_answered(vote) if sees_names else None,
        "runs": rules.may_run(standing, vote.gate, vote.group_id),
        "in_writing": vote.deadline_at is not None and vote.rating_round_id is None,
        "extensions": await extensions_of(vote),
        "mails": request.app.state.settings.writes_letters,
        "after": after,
        "back": "",
    }
    facts = await facts_of(vote, desk, context["cast"])
    return render(request, "voting/vote.html", context, refusal=refusal, typed=typed, facts=facts)


async def extensions_of(vote: Vote) -> list[RoundExtension]:
    if vote.deadline_at is None:
        return []
    return await RoundExtension.filter(vote_id=vote.id).order_by("id")


async def surroundings(vote: Vote, standing: Standing) -> dict[str, Any]:
    """What stands around a vote on its page: assessment, question and where that is on its way."""
    place = (await places_of([vote]))[vote.id]
    question = None
    if vote.gate.startswith("question-"):
        question = await RiskQuestion.get(id=number_in(vote.gate))
    return {
        "assessment": await Assessment.get(id=vote.assessment_id),
        "standing": standing,
        "place": place,
        "question": question,
        "way": way_of(vote, question) if question else None,
    }


def way_of(vote: Vote, question: RiskQuestion) -> str:
    """Where the question is on its way: a rating says it more finely than the stage."""
    step = WAY_STEP[Stage(question.stage)]
    if vote.kind == VoteKind.RATING and step not in ("settled", "done"):
        return "rating_1" if vote.round == 1 else "rating_2"
    return step


async def show_tally(request: Request) -> Response:
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    audience = audience_of(standing, wall="wall" in request.query_params)
    return HTMLResponse(await shared_tally(request, vote, audience), headers={"Cache-Control": "no-store"})


async def shared_tally(request: Request, vote: Vote, audience: str) -> Markup:
    """The count, or the result once it is revealed: rendered once for each audience of the vote."""
    number = await last_number(vote.assessment_id, f"vote-{vote.id}")

    async def make() -> str:
        await vote.refresh_from_db()
        return page_text(request, "voting/_tally.html", await tally_of(vote, audience))

    key = ("tally", vote.id, audience, language())
    return Markup(await parts.shared(key, number, make))  # noqa: S704 - our template


async def show_ballot(request: Request) -> Response:
    """The ballot form of one person: fetched when the vote opens or closes, never while it is filled in."""
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    context = {
        **await surroundings(vote, standing),
        "desk": await desk_of(vote, standing),
        "key": uuid4().hex,
        "back": back_of(request),
        "typed": {},
        "errors": {},
    }
    return part(request, "voting/_ballot.html", context)


def back_of(request: Request) -> str:
    """Where a form inside another page leads back to."""
    back = request.query_params.get("back", "")
    return own_page(back) if back else ""


def key_for(refusal: Refusal | None, typed: dict[str, Any] | None, member: int | None) -> str:
    """A fresh key for every form; but what could not be confirmed is sent again under its own."""
    said = typed or {}
    mine = str(said.get("member") or "") == str(member or "")
    return str(said["key"]) if mine and said.get("key") and isinstance(refusal, Unconfirmed) else uuid4().hex


def with_key_kept(desk: Desk, refusal: Refusal | None, typed: dict[str, Any] | None) -> Desk:
    held = [replace(each, key=key_for(refusal, typed, each.person_id)) for each in desk.held]
    return replace(desk, held=held)


# Casting


Member = Annotated[int, Field(ge=1, lt=2**31)]  # an id the database can be asked for


class BallotForm(BaseModel):
    key: Annotated[str, Field(max_length=64)]
    choice: Annotated[str | None, Field(max_length=20)] = None
    rating: list[str] = []
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    member: Member | None = None  # whom one represents; nobody: for oneself
    next: Annotated[str, Field(max_length=200)] = ""


@again(show_vote)
async def cast_ballot(request: Request) -> Response:
    vote_id = request.path_params["vote_id"]
    vote, standing = await seen_vote(request.user, vote_id)
    place = await roll_place(vote_id, request.user.id)
    struck = place.struck_at is not None if place else None
    if refusal := rules.right_to_cast(standing, vote.gate, vote.group_id, struck):
        raise refusal  # before the form is read; the box asks again
    form = await read(request, BallotForm)
    rating = rating_in(form.rating)
    number = await actions.cast_ballot(
        vote_id,
        request.user,
        form.choice,
        rating,
        form.reason,
        form.key,
        nsp=form.rating == ["nsp"],
        for_id=form.member,
    )
    return see_other(
        request,
        own_page(form.next or f"/votes/{vote_id}"),
        flash=_("Your ballot is recorded, under number {number}.").format(number=number),
        vote=vote_id,
        number=number,
    )


def rating_in(given: list[str]) -> int | None:
    """1 to 9, or None for "I cannot judge"; not both (METHODS.md 2.0)."""
    if len(set(given)) > 1:
        raise Invalid(
            "A ballot holds a rating or “I cannot judge”, not both.",
            problems={"rating": Invalid("A ballot holds a rating or “I cannot judge”, not both.")},
        )
    if not given or given[0] == "nsp":
        return None
    return int(given[0]) if given[0].isascii() and given[0].isdigit() else 0  # 0 is refused as no rating


class Said(BaseModel):
    """`cast` as it comes by the socket."""

    model_config = ConfigDict(strict=True)

    vote: int
    choice: str | None = None
    rating: int | None = None
    nsp: bool = False
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""
    key: Annotated[str, Field(max_length=64)]
    member: Annotated[Member | None, Field(alias="for")] = None  # whom one represents


def hear_cast(guest: Guest, said: dict[str, Any]) -> asyncio.Future[int]:
    try:
        paper = Said.model_validate(said)
    except ValidationError:
        raise Invalid("This ballot cannot be read. Reload the page and vote again.") from None
    reason = str(clean(paper.reason)) if paper.reason else ""
    return actions.cast_ballot(
        paper.vote,
        guest.person,
        paper.choice,
        paper.rating,
        reason,
        paper.key,
        nsp=paper.nsp,
        for_id=paper.member,
    )


# Running


class StepForm(BaseModel):
    next: Annotated[str, Field(max_length=200)] = ""


@again(show_vote)
async def close_vote(request: Request) -> Response:
    vote_id, form = request.path_params["vote_id"], await read(request, StepForm)
    number = await actions.close_vote(vote_id, request.user, also=steps(request))
    return see_other(request, own_page(form.next or f"/votes/{vote_id}"), vote=vote_id, number=number)


@again(show_vote)
async def reveal_vote(request: Request) -> Response:
    vote_id, form = request.path_params["vote_id"], await read(request, StepForm)
    number = await actions.reveal_vote(vote_id, request.user, also=steps(request))
    return see_other(request, own_page(form.next or f"/votes/{vote_id}"), vote=vote_id, number=number)


class ExtendForm(BaseModel):
    deadline: Moment
    reason: Annotated[str, Field(max_length=round_rules.LONGEST_REASON)] = ""


@again(show_vote)
async def extend_vote(request: Request) -> Response:
    vote_id, settings = await vote_run_by(request), request.app.state.settings
    form = await read(request, ExtendForm)
    await written.extend_vote(vote_id, form.deadline, form.reason, request.user, settings)
    said = _("The deadline is put off. Those who have not voted are told.")
    if not settings.writes_letters:
        said = _("The deadline is put off. No mail server is set up: tell those who have not voted.")
    return see_other(request, f"/votes/{vote_id}", flash=said)


@again(show_vote)
async def remind_missing(request: Request) -> Response:
    vote_id = await vote_run_by(request)
    count = await written.remind_missing(vote_id, request.user, request.app.state.settings)
    said = ngettext("A reminder leaves for {count} person.", "A reminder leaves for {count} people.", count)
    return see_other(request, f"/votes/{vote_id}#answered", flash=said.format(count=count), letters=count)


async def vote_run_by(request: Request) -> int:
    """The vote of the address, for whoever runs it: asked before the form is read, and again in the act."""
    vote, standing = await seen_vote(request.user, request.path_params["vote_id"])
    rules.check_runs(standing, vote.gate, vote.group_id)
    return vote.id


def steps(request: Request) -> list[actions.Step]:
    """What later domains do in the same transaction: a meeting hears of its votes."""
    return list(request.app.state.slots.get("vote_step", ()))


# Elsewhere


async def audience_of_vote(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        vote, _standing = await seen_vote(person, ident)
    except NotFound:
        return None
    return Audience(vote.assessment_id, "reader")


def takes_written_votes(question: RiskQuestion, standing: Standing) -> bool:
    """Whether this person may open a vote in writing on it."""
    runs = rules.may_run(standing, f"question-{question.id}", question.group_id)
    return runs and question.stage not in (Stage.DRAFT, Stage.LOCKED)


async def new_vote_href(question: RiskQuestion) -> str:
    assessment = await Assessment.get(id=question.assessment_id).only("slug")
    return f"/a/{assessment.slug}/votes/new?question={question.id}"


async def votes_on_question(request: Request, question: RiskQuestion, standing: Standing) -> Markup:
    """For the page of a question, whose readers may see its votes."""
    texts = await statement_texts([question.id])
    subjects = [f"question-{question.id}", *(f"statement-{ident}" for ident in texts)]
    votes = await votes_on(subjects) + await motions_on(f"question-{question.id}")
    votes = [vote for vote in votes if vote.state != VoteState.PREPARED]
    writes = takes_written_votes(question, standing)
    if not votes and not writes:
        return Markup("")
    codes = {ident: text.code for ident, text in texts.items()}
    frozen = await frozen_protocol_hash(question.assessment_id)
    named = {question.id: {"id": question.id, "code": question.code, "title": question.title}}
    context = {
        "votes": votes,
        "places": {vote.id: place_of(vote, codes, named) for vote in votes},
        "results": {vote.id: headline_of(vote, frozen) for vote in votes},
        "repeated": {vote.replaces_id for vote in votes},
        "casts": await counts_of([vote.id for vote in votes if vote.state == VoteState.OPEN]),
        "write": await new_vote_href(question) if writes else "",
    }
    return Markup(page_text(request, "voting/_of_question.html", context))  # noqa: S704 - a template of ours


routes = [
    page("/votes/{vote_id:int}", show_vote, who=READERS),
    page("/votes/{vote_id:int}/tally", show_tally, who=READERS),
    page("/votes/{vote_id:int}/ballot", show_ballot, who=READERS),
    page("/votes/{vote_id:int}/ballots", cast_ballot, who=VOTERS, methods=["POST"]),
    page("/votes/{vote_id:int}/close", close_vote, who=RUNNERS, methods=["POST"]),
    page("/votes/{vote_id:int}/reveal", reveal_vote, who=RUNNERS, methods=["POST"]),
    page("/votes/{vote_id:int}/extend", extend_vote, who=RUNNERS, methods=["POST"]),
    page("/votes/{vote_id:int}/remind", remind_missing, who=RUNNERS, methods=["POST"]),
    *sheet_page.routes,
    *analysis_page.routes,
    *round_pages.routes,
    *written_pages.routes,
    *methods.routes,
    *ratings_page.routes,
]
topics = {"vote": audience_of_vote, **round_pages.topics}
slots = {
    "home": [elsewhere.waiting_for],
    "question": [votes_on_question],
    "board": [elsewhere.board_column],
    "recusal": [actions.strike_from_roll],
    "proposing": [proposing.check_round_one],
    "nav": [NavItem(N_("Rounds"), "/rounds", elsewhere.rates), ratings_page.nav],
}
hear = {"cast": hear_cast}
small_facts = ("ballot_cast", "ballot_changed")  # they change the count, and no part

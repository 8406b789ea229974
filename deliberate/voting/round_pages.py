"""The rounds of a group, and one round: one form of ratings for its raters, its steps for who runs it."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deliberate.assessments.models import Assessment, Group, assessment_called, groups_of
from deliberate.assessments.rules import GroupKind
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.live.topics import Audience
from deliberate.people.models import Person
from deliberate.voting import actions, round_rules, rounds, rules
from deliberate.voting.models import Round, Vote, seen_round
from deliberate.voting.papers import LONGEST_REASON, Paper
from deliberate.voting.round_parts import (
    own_of,
    running_of,
    show_own,
    show_running,
    show_state,
    state_of,
    votes_read,
)
from deliberate.voting.round_sight import Sheet, rounds_of, sheet_of
from deliberate.voting.sending import answer_in, digest, digest_of, paper_of
from deliberate.web.answers import render, see_other
from deliberate.web.forms import Moment, again, parsed, raw, read
from deliberate.web.i18n import _, ngettext
from deliberate.web.routing import page

READERS = {"secretariat", "chair", "expert"}  # of a working group: the committee rates nothing
RUNNERS = {"secretariat", "chair"}
RATERS = {"chair", "expert"}


# The rounds of the groups


async def show_rounds(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    assessment, standing, groups = await group_rounds(request)
    after = await last_number(assessment.id)
    found = await rounds_of(assessment, groups, standing)
    context = {
        "assessment": assessment,
        "standing": standing,
        "groups": found,
        "runs": any(each.runs for each in found),
        "written": await written_votes([each.group.id for each in found], standing),
        "state_words": round_rules.STATE_WORDS,
        "frozen": assessment.protocol_frozen_at is not None,
        "after": after,
    }
    facts = {
        "groups": [
            {
                "group": each.group.id,
                "offered": [text.id for text in each.offered],
                "rounds": [
                    {"round": one.id, "number": one.number, "state": one.state} for one in each.rounds
                ],
            }
            for each in found
        ]
    }
    return render(request, "voting/rounds.html", context, refusal=refusal, typed=typed, facts=facts)


async def written_votes(group_ids: Collection[int], standing: Standing) -> list[Vote]:
    """Taken in writing by these groups, as this reader may know of them, the newest first."""
    rows = Vote.filter(group_id__in=list(group_ids), rating_round_id=None).exclude(deadline_at=None)
    return [vote for vote in await rows.order_by("-id") if standing.reads(vote.gate, vote.group_id)]


async def group_rounds(request: Request) -> tuple[Assessment, Standing, list[Group]]:
    """The working groups whose deliberation this person may read; NotFound when there is none."""
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    groups = [
        group
        for group in await groups_of(assessment.id)
        if group.kind == GroupKind.WORKING_GROUP and standing.reads("", group.id)
    ]
    if not groups and not standing.secretariat:
        raise NotFound()
    return assessment, standing, groups


class PrepareForm(BaseModel):
    group: int


@again(show_rounds)
async def prepare_round(request: Request) -> Response:
    _assessment, standing, groups = await group_rounds(request)
    if not any(rules.may_run(standing, "", group.id) for group in groups):
        raise NotFound()
    form = await read(request, PrepareForm)
    if form.group not in {group.id for group in groups}:
        raise NotFound()
    # Named after its group: a page with several groups has several of these forms.
    sent = (await parsed(request)).getlist(f"statement_{form.group}")
    chosen = {int(each) for each in sent if isinstance(each, str) and each.isascii() and each.isdigit()}
    round_id = await rounds.prepare_round(form.group, chosen, request.user)
    return see_other(request, f"/rounds/{round_id}", round=round_id)


# One round


async def show_round(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    after = await last_number(round_.assessment_id)
    await round_.refresh_from_db()
    runs = rules.may_run(standing, "", round_.group_id)
    context = {
        **await state_of(round_, await votes_read(round_, standing)),
        **await own_of(round_, standing),
        **(await running_of(request, round_) if runs else {}),
        "assessment": await Assessment.get(id=round_.assessment_id),
        "after": after,
    }
    facts = facts_of(round_, context["sheet"]) | {
        "raters": {"answered": context["answered"], "entitled": context["entitled"]}
    }
    return render(request, "voting/round.html", context, refusal=refusal, typed=typed, facts=facts)


def facts_of(round_: Round, sheet: Sheet) -> dict[str, Any]:
    """The same for scripts: the reader's own ballots, and nobody else's."""
    return {
        "round": round_.id,
        "number": round_.number,
        "state": round_.state,
        "answered": sheet.answered,
        "ratings": [
            {
                "vote": line.vote.id,
                "subject": line.vote.subject,
                "rating": line.own.rating if line.own else None,
                "answered": line.own is not None,
            }
            for line in sheet.lines
        ],
    }


class OpenForm(BaseModel):
    deadline: Moment


@again(show_round)
async def open_round(request: Request) -> Response:
    round_id = await round_run_by(request)
    form = await read(request, OpenForm)
    await rounds.open_round(round_id, form.deadline, request.user, request.app.state.settings)
    said = _("The round is open. Every rater gets a letter.")
    if not request.app.state.settings.writes_letters:
        said = _("The round is open. No mail server is set up: tell the raters yourself.")
    return see_other(request, f"/rounds/{round_id}", flash=said)


class ExtendForm(BaseModel):
    deadline: Moment
    reason: Annotated[str, Field(max_length=round_rules.LONGEST_REASON)] = ""


@again(show_round)
async def extend_round(request: Request) -> Response:
    round_id = await round_run_by(request)
    form = await read(request, ExtendForm)
    await rounds.extend_round(round_id, form.deadline, form.reason, request.user, request.app.state.settings)
    said = _("The deadline is put off. Those who still have to rate are told.")
    if not request.app.state.settings.writes_letters:
        said = _("The deadline is put off. No mail server is set up: tell those who still have to rate.")
    return see_other(request, f"/rounds/{round_id}", flash=said)


@again(show_round)
async def remind_missing(request: Request) -> Response:
    round_id = await round_run_by(request)
    count = await rounds.remind_missing(round_id, request.user, request.app.state.settings)
    said = ngettext("A reminder leaves for {count} person.", "A reminder leaves for {count} people.", count)
    return see_other(request, f"/rounds/{round_id}#answered", flash=said.format(count=count), letters=count)


@again(show_round)
async def close_round(request: Request) -> Response:
    round_id = await round_run_by(request)
    await rounds.close_round(round_id, request.user, steps(request))
    return see_other(request, f"/rounds/{round_id}", flash=_("The round is closed. Analyse it next."))


@again(show_round)
async def analyse_round(request: Request) -> Response:
    round_id = await round_run_by(request)
    await rounds.analyse_round(round_id, request.user, steps(request))
    return see_other(request, f"/rounds/{round_id}", flash=_("Counted. Every statement is decided."))


@again(show_round)
async def feed_back_round(request: Request) -> Response:
    round_id = await round_run_by(request)
    await rounds.feed_back_round(round_id, request.user, request.app.state.settings)
    return see_other(request, f"/rounds/{round_id}", flash=_("The raters have their feedback sheets."))


async def round_run_by(request: Request) -> int:
    """The round of the address, for whoever runs it; before the form is read."""
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    rules.check_runs(standing, "", round_.group_id)
    return round_.id


def steps(request: Request) -> list[actions.Step]:
    return list(request.app.state.slots.get("vote_step", ()))


# Rating


@again(show_round)
async def send_ratings(request: Request) -> Response:
    """Each rating that is new or changed goes to its own ballot box; what is refused hurts no other."""
    round_, sheet = await round_rated_by(request)
    sent = await raw(request)
    papers = {line.name: paper for line in sheet.lines if (paper := paper_of(line, sent, request.user))}
    answers = dict(zip(papers, await asyncio.gather(*map(cast, papers.values())), strict=True))
    problems = {name: answer for name, answer in answers.items() if isinstance(answer, Refusal)}
    recorded = len(answers) - len(problems)
    if problems:
        raise Invalid("Some ratings could not be recorded. The others are.", problems=problems)
    await rounds.drop_draft(round_.id, sheet.voter, request.user)
    said = ngettext("{count} rating is recorded.", "{count} ratings are recorded.", recorded)
    numbers = {str(papers[name].vote_id): answer for name, answer in answers.items()}
    return see_other(
        request, f"/rounds/{round_.id}", flash=said.format(count=recorded), recorded=recorded, numbers=numbers
    )


async def round_rated_by(request: Request) -> tuple[Round, Sheet]:
    """The round of the address, for whoever is asked to rate in it."""
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    if not standing.sits_in(round_.group_id):
        raise NotFound()
    sheet = await sheet_of(round_, standing)
    if not sheet.lines:
        raise NotFound()
    return round_, sheet


async def cast(paper: Paper) -> int | Refusal:
    try:
        return await actions.cast(paper)
    except Refusal as refusal:
        return refusal


async def save_draft(request: Request) -> Response:
    """What is chosen and not sent, kept for the rater alone."""
    round_, sheet = await round_rated_by(request)
    sent = await raw(request)
    answers = {}
    for line in sheet.lines:
        rating, reason = answer_in(line, sent)
        if (rating or reason) and digest(rating, reason) != digest_of(line.own):
            answers[str(line.vote.id)] = {"rating": rating, "reason": reason[:LONGEST_REASON]}
    await rounds.save_draft(round_.id, sheet.voter, answers, request.user)
    return JSONResponse({"draft": len(answers)}, headers={"Cache-Control": "no-store"})


async def audience_of_round(person: Person | None, ident: int) -> Audience | None:
    if person is None:
        return None
    try:
        round_, _standing = await seen_round(person, ident)
    except NotFound:
        return None
    return Audience(round_.assessment_id, "reader")


HERE = "/rounds/{round_id:int}"
POST = ["POST"]
routes = [
    page("/a/{slug}/rounds", show_rounds, who=READERS),
    page("/a/{slug}/rounds", prepare_round, who=RUNNERS, methods=POST),
    page(HERE, show_round, who=READERS),
    page(f"{HERE}/state", show_state, who=READERS),
    page(f"{HERE}/own", show_own, who=READERS),
    page(f"{HERE}/running", show_running, who=RUNNERS),
    page(f"{HERE}/open", open_round, who=RUNNERS, methods=POST),
    page(f"{HERE}/extend", extend_round, who=RUNNERS, methods=POST),
    page(f"{HERE}/remind", remind_missing, who=RUNNERS, methods=POST),
    page(f"{HERE}/close", close_round, who=RUNNERS, methods=POST),
    page(f"{HERE}/analyse", analyse_round, who=RUNNERS, methods=POST),
    page(f"{HERE}/feedback", feed_back_round, who=RUNNERS, methods=POST),
    page(f"{HERE}/ratings", send_ratings, who=RATERS, methods=POST),
    page(f"{HERE}/draft", save_draft, who=RATERS, methods=POST),
]
topics = {"round": audience_of_round}

"""The way of a record to its adoption, and the routes of the committee's reading."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound, Refusal
from deliberate.live.journal import last_number
from deliberate.meetings.models import AgendaItem
from deliberate.record.models import Record, is_built, newest_of, seen_by
from deliberate.record.pages import READERS
from deliberate.record.rules import IN_REVIEW, RecordState
from deliberate.review import actions, home, margin
from deliberate.review.models import (
    adoption_of,
    comments_on,
    count_unanswered,
    is_open,
    items_on,
    last_result,
    meetings_to_come,
    votes_to_adopt,
)
from deliberate.review.place import check_place, speaks
from deliberate.voting.models import Vote
from deliberate.web.answers import part, render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _
from deliberate.web.routing import page


class MeetingForm(BaseModel):
    meeting: int


class ItemForm(BaseModel):
    item: int


async def show_adoption(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """Where this version stands: comments, proposal, vote, adoption; and the one next step of this person."""
    context = await adoption_context(request)
    record: Record = context["record"]
    context["assessment"] = await Assessment.get(id=record.assessment_id)
    context["meetings"] = await addable(context)
    context["after"] = await last_number(record.assessment_id)
    return render(
        request, "review/adoption.html", context, refusal=refusal, typed=typed, facts=adoption_facts(context)
    )


async def show_adoption_state(request: Request) -> Response:
    return part(request, "review/_adoption_state.html", await adoption_context(request))


async def adoption_context(request: Request) -> dict[str, Any]:
    record, standing, committee = await seen_by(request.user.id, request.path_params["record_id"])
    if record.state == RecordState.COMPILING:
        raise NotFound()
    committee_id = committee.id if committee else None
    votes, newest = await votes_to_adopt(record), await newest_of(record.assessment_id)
    return {
        "record": record,
        "standing": standing,
        "committee": committee,
        "newest": newest,
        "in_review": record.state in IN_REVIEW,
        "prepares": standing.secretariat,
        "presides": standing.chairs(committee_id) and speaks(standing, committee_id),
        "comments": await comments_on(record),
        "unanswered": await count_unanswered(record),
        "adoption": await adoption_of(record.id),
        "votes": votes,
        "voting": is_open(votes),
        "adopts": last_result(votes),
        "items": await items_on(record),
        "built": await is_built(record.assessment_id),
    }


async def addable(context: Mapping[str, Any]) -> list[Any]:
    """The meetings on whose agenda the version can still be put."""
    if not (context["prepares"] and context["in_review"] and context["committee"]):
        return []
    listed = {item.meeting_id for item in context["items"]}
    return [each for each in await meetings_to_come(context["committee"].id) if each.id not in listed]


def adoption_facts(context: Mapping[str, Any]) -> dict[str, Any]:
    votes: list[Vote] = context["votes"]
    items: list[AgendaItem] = context["items"]
    return {
        "record": context["record"].id,
        "state": context["record"].state,
        "comments": len(context["comments"]),
        "unanswered": context["unanswered"],
        "proposed": context["adoption"] is not None,
        "items": [{"item": item.id, "meeting": item.meeting_id, "state": item.state} for item in items],
        "votes": [{"vote": vote.id, "state": vote.state, "result": vote.result} for vote in votes],
        "adopts": context["adopts"],
        "sealed": context["built"],
    }


@again(show_adoption)
async def propose(request: Request) -> Response:
    record_id = request.path_params["record_id"]
    made = await actions.propose_adoption(record_id, request.user)
    return to_adoption(request, _("The adoption is proposed to the committee."), adoption=made.id)


@again(show_adoption)
async def revise(request: Request) -> Response:
    record = await actions.revise_record(request.path_params["record_id"], request.user)
    flash = _("Version {number} has taken the place of the last one before the committee.")
    return see_other(
        request,
        f"/records/{record.id}",
        flash=flash.format(number=record.version),
        record=record.id,
        version=record.version,
        changed=record.changed,
    )


@again(show_adoption)
async def to_agenda(request: Request) -> Response:
    await check_place(request, prepares=True)
    form = await read(request, MeetingForm)
    await actions.put_on_agenda(request.path_params["record_id"], form.meeting, request.user)
    items = await items_on((await seen_by(request.user.id, request.path_params["record_id"]))[0])
    return to_adoption(request, _("The version is on the agenda."), item=items[0].id)


@again(show_adoption)
async def open_vote(request: Request) -> Response:
    await check_place(request, prepares=True, presides=True)
    form = await read(request, ItemForm)
    vote = await actions.open_adoption_vote(request.path_params["record_id"], form.item, request.user)
    return see_other(request, f"/votes/{vote}", flash=_("The vote is open."), vote=vote)


@again(show_adoption)
async def adopt(request: Request) -> Response:
    record_id = request.path_params["record_id"]
    number = await actions.adopt(record_id, request.user, request.app.state.keeper)
    return to_adoption(request, _("The record is adopted, sealed and published."), number=number)


def to_adoption(request: Request, flash: str, **facts: Any) -> Response:
    url = f"/records/{request.path_params['record_id']}/adoption"
    return see_other(request, url, flash=flash, **facts)


SECRETARIAT, CHAIR = {"secretariat"}, {"committee_chair"}
routes = [
    *margin.routes,
    page("/records/{record_id:int}/revise", revise, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/adoption", show_adoption, who=READERS),
    page("/records/{record_id:int}/adoption", propose, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/adoption/state", show_adoption_state, who=READERS),
    page("/records/{record_id:int}/adoption/agenda", to_agenda, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/adoption/vote", open_vote, who={*SECRETARIAT, *CHAIR}, methods=["POST"]),
    page("/records/{record_id:int}/adopt", adopt, who=CHAIR, methods=["POST"]),
]
slots = {"home": [home.waiting_for], "record": [margin.cover], "record_margin": [margin.margins]}

"""The committee's reading: comments in the margin of the record, answers, and the way to its adoption."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment
from deliberate.errors import NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.meetings.models import AgendaItem
from deliberate.record.models import Record, committee_of, is_built, newest_of, seen_by
from deliberate.record.pages import READERS, show_record
from deliberate.record.rules import IN_REVIEW, RecordState, has_no_voice, sits_in_review
from deliberate.review import actions, home, rules
from deliberate.review.actions import Remark
from deliberate.review.models import (
    ReviewComment,
    adoption_of,
    comments_on,
    count_unanswered,
    is_open,
    items_on,
    last_result,
    meetings_to_come,
    votes_to_adopt,
)
from deliberate.voting.models import Vote
from deliberate.web.answers import page_text, part, render, request_context, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, sentence
from deliberate.web.routing import page


class CommentForm(BaseModel):
    section: Annotated[str, Field(max_length=60)]
    kind: Annotated[str, Field(max_length=12)]
    text: Annotated[str, Field(max_length=rules.TEXT_LIMIT)]
    language: Annotated[str, Field(max_length=2)]
    key: Annotated[str, Field(max_length=64)]


class AnswerForm(BaseModel):
    outcome: Annotated[str, Field(max_length=12)]
    text: Annotated[str, Field(max_length=rules.TEXT_LIMIT)]


class MeetingForm(BaseModel):
    meeting: int


class ItemForm(BaseModel):
    item: int


# In the margin of the document


async def margins(
    request: Request, record: Record, standing: Standing, sections: Sequence[str]
) -> dict[str, Markup]:
    """Section key -> its comments and, where asked for, the form: all read once, for all sections."""
    committee = await committee_of(record.assessment_id)
    committee_id = committee.id if committee else None
    threads: dict[str, list[Any]] = {}
    for comment in await comments_on(record):
        threads.setdefault(comment.section, []).append(comment)
    context = {
        **request_context(request),
        "record": record,
        "comments": record.state in IN_REVIEW and speaks(standing, committee_id),
        "answers": record.state in IN_REVIEW and standing.secretariat,
        "kinds": {code: _(words) for code, words in rules.KIND_WORDS.items()},
        "outcomes": {code: _(words) for code, words in rules.OUTCOME_WORDS.items()},
        "key": uuid4().hex,
        **opened_form(request),
    }
    macros: Any = request.app.state.templates.env.get_template("review/_margin.html").make_module(context)
    found = {key: str(macros.margin(key, threads.get(key, []))).strip() for key in sections}
    return {key: Markup(html) for key, html in found.items() if html}  # noqa: S704 - our template


def speaks(standing: Standing, committee_id: int | None) -> bool:
    seated = sits_in_review(standing, committee_id) and not has_no_voice(standing, committee_id)
    return seated and standing.declared


def opened_form(request: Request) -> dict[str, Any]:
    """Which form stands open: the one asked for, or the one that was just refused, with what was typed."""
    refusal, typed = getattr(request.state, "refused", (None, {}))
    asked = request.query_params
    return {
        "at_section": typed.get("section") or asked.get("comment"),
        "at_comment": str(request.path_params.get("comment_id") or asked.get("answer") or ""),
        "typed": typed,
        "errors": {name: sentence(each) for name, each in getattr(refusal, "problems", {}).items()},
    }


async def cover(request: Request, record: Record, standing: Standing) -> Markup | str:
    """Under the title: how many comments, how many without an answer, and the way to the adoption."""
    if record.state == RecordState.COMPILING:
        return ""
    context = {
        "record": record,
        "comments": len(await comments_on(record)),
        "unanswered": await count_unanswered(record),
        "prepares": standing.secretariat,
    }
    return Markup(page_text(request, "review/_cover.html", context))  # noqa: S704 - our template


async def check_place(
    request: Request, *, prepares: bool = False, sits: bool = False, presides: bool = False
) -> None:
    """Whether this act exists for the person, asked before anything of the form is read.

    Raises:
        NotFound: not one of those who may do it.
    """
    _record, standing, committee = await seen_by(request.user.id, request.path_params["record_id"])
    seated = sits_in_review(standing, committee.id if committee else None)
    chairs = seated and standing.chairs(committee.id if committee else None)
    if not ((prepares and standing.secretariat) or (sits and seated) or (presides and chairs)):
        raise NotFound()


@again(show_record)
async def comment(request: Request) -> Response:
    await check_place(request, sits=True)
    form = await read(request, CommentForm)
    record_id = request.path_params["record_id"]
    remark = Remark(form.section, form.kind, form.text, form.language, form.key)
    made = await actions.add_review_comment(record_id, remark, request.user)
    return see_other(
        request, f"/records/{record_id}#comment-{made.id}", flash=_("Your comment is recorded."), comment=made.id
    )


async def show_commented(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """The document in whose margin the answer was being written."""
    await find_record_of_comment(request)
    return await show_record(request, refusal=refusal, typed=typed)


async def find_record_of_comment(request: Request) -> int:
    """The version the comment was made on; the handlers of a record find it in the address."""
    found = await ReviewComment.get_or_none(id=request.path_params["comment_id"])
    if found is None:
        raise NotFound()
    request.path_params["record_id"] = found.record_id
    return found.record_id


@again(show_commented)
async def answer(request: Request) -> Response:
    record_id, comment_id = await find_record_of_comment(request), request.path_params["comment_id"]
    await check_place(request, prepares=True)
    form = await read(request, AnswerForm)
    made = await actions.answer_comment(comment_id, form.outcome, form.text, request.user)
    url = f"/records/{record_id}#comment-{comment_id}"
    return see_other(request, url, flash=_("The answer is recorded."), answer=made.id)


# The way to the adoption


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
    page("/records/{record_id:int}/comments", comment, who={"committee_chair", "member"}, methods=["POST"]),
    page("/comments/{comment_id:int}/answer", answer, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/revise", revise, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/adoption", show_adoption, who=READERS),
    page("/records/{record_id:int}/adoption", propose, who=SECRETARIAT, methods=["POST"]),
    page("/records/{record_id:int}/adoption/state", show_adoption_state, who=READERS),
    page("/records/{record_id:int}/adoption/agenda", to_agenda, who=SECRETARIAT, methods=["POST"]),
    page(
        "/records/{record_id:int}/adoption/vote", open_vote, who={*SECRETARIAT, *CHAIR}, methods=["POST"]
    ),
    page("/records/{record_id:int}/adopt", adopt, who=CHAIR, methods=["POST"]),
]
slots = {"home": [home.waiting_for], "record": [cover], "record_margin": [margins]}

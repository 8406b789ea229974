"""The margin of the record: comments of the committee, the answers, and the one form that stands open."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.record.models import Record, committee_of
from deliberate.record.pages import show_record
from deliberate.record.rules import IN_REVIEW, RecordState
from deliberate.review import actions, rules
from deliberate.review.actions import Remark
from deliberate.review.models import ReviewComment, comments_on, count_unanswered
from deliberate.review.place import check_place, speaks
from deliberate.web.answers import page_text, request_context, see_other
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


def opened_form(request: Request) -> dict[str, Any]:
    """Which form stands open: the one asked for, or the one that was just refused, with what was typed."""
    refusal, typed = getattr(request.state, "refused", (None, {}))
    asked, answering = request.query_params, request.path_params.get("comment_id")
    return {
        "at_section": asked.get("comment") if answering or not typed else typed.get("section"),
        "at_comment": str(answering or asked.get("answer") or ""),
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


@again(show_record)
async def comment(request: Request) -> Response:
    await check_place(request, sits=True)
    form = await read(request, CommentForm)
    record_id = request.path_params["record_id"]
    remark = Remark(form.section, form.kind, form.text, form.language, form.key)
    made = await actions.add_review_comment(record_id, remark, request.user)
    url = f"/records/{record_id}?section={form.section}#comment-{made.id}"
    return see_other(request, url, flash=_("Your comment is recorded."), comment=made.id)


async def show_commented(
    request: Request, *, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """The document in whose margin the answer was being written."""
    found = await find_comment(request)
    return await show_record(request, refusal=refusal, typed={**(typed or {}), "section": found.section})


async def find_comment(request: Request) -> ReviewComment:
    """The comment in the address, and into the address its record, where the handlers of a record look."""
    found = await ReviewComment.get_or_none(id=request.path_params["comment_id"])
    if found is None:
        raise NotFound()
    request.path_params["record_id"] = found.record_id
    return found


@again(show_commented)
async def answer(request: Request) -> Response:
    found = await find_comment(request)
    await check_place(request, prepares=True)
    form = await read(request, AnswerForm)
    made = await actions.answer_comment(found.id, form.outcome, form.text, request.user)
    url = f"/records/{found.record_id}?section={found.section}#comment-{found.id}"
    return see_other(request, url, flash=_("The answer is recorded."), answer=made.id)


routes = [
    page("/records/{record_id:int}/comments", comment, who={"committee_chair", "member"}, methods=["POST"]),
    page("/comments/{comment_id:int}/answer", answer, who={"secretariat"}, methods=["POST"]),
]

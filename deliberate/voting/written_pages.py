"""Votes in writing: the one form that opens them, and on the page of the vote its deadline and reminders."""

from collections.abc import Collection, Mapping
from re import fullmatch
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, Group
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.questions.models import Conclusion, RiskQuestion
from deliberate.questions.rules import Stage
from deliberate.voting import rules, written
from deliberate.voting.round_pages import group_rounds
from deliberate.web.answers import render, see_other
from deliberate.web.forms import Moment, again, read
from deliberate.web.i18n import _, t
from deliberate.web.routing import page

RUNNERS = {"secretariat", "chair"}  # of a working group: the committee votes under quorum, in its meetings
LONGEST_MOTION = 2_000


async def show_new_vote(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """`?question=3` or `?group=2` offers what belongs to it alone: pages of both lead here."""
    assessment, standing, groups = await groups_run(request)
    after = await last_number(assessment.id)
    offered = await offered_in(standing, groups, request.query_params)
    context = {
        "assessment": assessment,
        "standing": standing,
        "offered": offered,
        "mails": request.app.state.settings.writes_letters,
        "after": after,
    }
    facts = {"offered": [key for key, _words in offered]}
    return render(request, "voting/written.html", context, refusal=refusal, typed=typed, facts=facts)


async def groups_run(request: Request) -> tuple[Assessment, Standing, list[Group]]:
    """The working groups whose votes this person runs; NotFound when there is none."""
    assessment, standing, groups = await group_rounds(request)
    run = [group for group in groups if rules.may_run(standing, "", group.id)]
    if not run:
        raise NotFound()
    return assessment, standing, run


async def offered_in(
    standing: Standing, groups: Collection[Group], narrowed: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(key, words) of all one may vote on in writing: the conclusions there are, and motions."""
    rows = RiskQuestion.filter(group_id__in=[group.id for group in groups])
    rows = rows.exclude(stage__in=(Stage.DRAFT, Stage.LOCKED)).order_by("position", "id")
    questions = [each for each in await rows if rules.may_run(standing, f"question-{each.id}", each.group_id)]
    wanted, group_id = narrowed.get("question", ""), narrowed.get("group", "")
    if wanted:
        questions = [each for each in questions if str(each.id) == wanted]
    groups = [] if wanted else [each for each in groups if not group_id or str(each.id) == group_id]
    questions = [each for each in questions if wanted or each.group_id in {group.id for group in groups}]
    if not groups and not questions:
        raise NotFound()
    ids = [each.id for each in questions]
    concluded = set(await Conclusion.filter(question_id__in=ids).values_list("question_id", flat=True))
    found = [
        (f"conclusion-{each.id}", _("{code}: the conclusion as it stands").format(code=each.code))
        for each in questions
        if each.id in concluded
    ]
    found += [
        (f"group-{each.id}", _("a motion of the group {group}").format(group=t(each.name))) for each in groups
    ]
    return found + [
        (f"question-{each.id}", _("{code}: a motion about the question").format(code=each.code))
        for each in questions
    ]


Motion = Annotated[str, Field(max_length=LONGEST_MOTION)]


class WrittenForm(BaseModel):
    about: Annotated[str, Field(max_length=30)]
    text_fr: Motion = ""
    text_en: Motion = ""
    deadline: Moment


@again(show_new_vote)
async def open_vote(request: Request) -> Response:
    """On a conclusion, or on a motion, without a meeting."""
    _assessment, _standing, groups = await groups_run(request)
    form, settings = await read(request, WrittenForm), request.app.state.settings
    kind, ident = read_about(form.about)
    group_id = int(ident) if kind == "group" else await group_of(int(ident))
    if group_id not in {group.id for group in groups}:
        raise NotFound()
    text = {"fr": form.text_fr, "en": form.text_en}
    if kind == "conclusion":
        if any(text.values()):
            problem = Invalid("A conclusion is voted on as it stands. Leave this empty, or choose a motion.")
            raise Invalid("Some answers are missing or cannot be read.", problems={"text_fr": problem})
        vote_id = await written.open_written_vote(int(ident), form.deadline, request.user, settings)
    else:
        question_id = int(ident) if kind == "question" else None
        vote_id = await written.open_motion(
            group_id, question_id, text, form.deadline, request.user, settings
        )
    said = _("The vote is open. Everybody who may vote gets a letter.")
    if not settings.writes_letters:
        said = _("The vote is open. No mail server is set up: tell the voters yourself.")
    return see_other(request, f"/votes/{vote_id}", flash=said, vote=vote_id)


def read_about(key: str) -> tuple[str, str]:
    """(what, number) of a key that the form offers."""
    kind, _dash, ident = key.partition("-")
    if kind not in ("conclusion", "question", "group") or not fullmatch("[0-9]{1,9}", ident):
        problem = Invalid("Choose one of the answers offered.")
        raise Invalid("Some answers are missing or cannot be read.", problems={"about": problem})
    return kind, ident


async def group_of(question_id: int) -> int:
    question = await RiskQuestion.get_or_none(id=question_id)
    if question is None:
        raise NotFound()
    return question.group_id


routes = [
    page("/a/{slug}/votes/new", show_new_vote, who=RUNNERS),
    page("/a/{slug}/votes", open_vote, who=RUNNERS, methods=["POST"]),
]

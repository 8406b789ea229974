"""The parts of a round's page, which live news fetch again: how many have finished, never who rated what.

What stands above the form is rendered once for all who see the same statements; the form is one rater's own,
and is left alone until the round closes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deliberate.assessments.models import Assessment, Group
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.voting import round_rules, rules
from deliberate.voting.models import Round, RoundExtension, Vote, seen_round, votes_of_round
from deliberate.voting.round_rules import RoundState
from deliberate.voting.round_sight import Sheet, sheet_of
from deliberate.voting.sending import digest_of
from deliberate.voting.turnout import finished_in, turnout_of
from deliberate.web import parts
from deliberate.web.answers import page_text, part
from deliberate.web.i18n import language, until_words


def takes(round_: Round) -> bool:
    """Whether ratings are taken: its deadline refuses, whether or not the task that closes it has come by."""
    overdue = round_.deadline_at is not None and datetime.now(UTC) >= round_.deadline_at
    return round_.state == RoundState.OPEN and not overdue


async def votes_read(round_: Round, standing: Standing) -> list[Vote]:
    """The statements of the round that this reader may know of."""
    return [vote for vote in await votes_of_round(round_.id) if standing.reads(vote.gate, round_.group_id)]


async def state_of(round_: Round, votes: Sequence[Vote]) -> dict[str, Any]:
    """Where it stands and how many have finished: the same for everybody who may read these votes."""
    answered, entitled = (0, 0)
    if round_.state != RoundState.PREPARED:
        answered, entitled = await finished_in(round_.id, round_.group_id)
    return {
        "round": round_,
        "state_word": round_rules.STATE_WORDS[RoundState(round_.state)],
        "takes": takes(round_),
        "until": until_words(round_.deadline_at) if round_.deadline_at else "",
        "answered": answered,
        "entitled": entitled,
        "votes": votes,
        "decisions": round_rules.DECISION_WORDS,
    }


async def own_of(round_: Round, standing: Standing) -> dict[str, Any]:
    """What is asked of one person."""
    sheet: Sheet = await sheet_of(round_, standing)
    return {
        "sheet": sheet,
        "digests": {line.vote.id: digest_of(line.own) for line in sheet.lines},
        "key": uuid4().hex,
        "group": await Group.get(id=round_.group_id),
        "standing": standing,
        "runs": rules.may_run(standing, "", round_.group_id),
    }


async def running_of(request: Request, round_: Round) -> dict[str, Any]:
    """For whoever runs it."""
    names = await turnout_of(round_) if round_.state != RoundState.PREPARED else []
    return {
        "names": names,
        "extensions": await RoundExtension.filter(round_id=round_.id).order_by("id"),
        "mails": request.app.state.settings.writes_letters,
    }


async def show_state(request: Request) -> Response:
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    number = await last_number(round_.assessment_id, f"round-{round_.id}")
    votes = await votes_read(round_, standing)

    async def make() -> str:
        await round_.refresh_from_db()
        return page_text(request, "voting/_round_state.html", await state_of(round_, votes))

    # Whoever is recused from a question sees none of its statements.
    key = ("round", round_.id, tuple(vote.id for vote in votes), language())
    html = Markup(await parts.shared(key, number, make))  # noqa: S704 - our template
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


async def show_own(request: Request) -> Response:
    """The form of one rater: fetched when the round opens or closes, never while it is filled in."""
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    context = {
        **await state_of(round_, []),
        **await own_of(round_, standing),
        "typed": {},
        "errors": {},
    }
    return part(request, "voting/_round_own.html", context)


async def show_running(request: Request) -> Response:
    round_, standing = await seen_round(request.user, request.path_params["round_id"])
    rules.check_runs(standing, "", round_.group_id)
    context = {
        **await state_of(round_, await votes_read(round_, standing)),
        **await running_of(request, round_),
        "assessment": await Assessment.get(id=round_.assessment_id),
        "group": await Group.get(id=round_.group_id),
        "typed": {},
        "errors": {},
    }
    return part(request, "voting/_round_running.html", context)

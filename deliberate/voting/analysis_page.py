"""The page of a round's analysis, for its secretariat and its chair."""

from starlette.requests import Request
from starlette.responses import Response

from deliberate.errors import N_, NotFound
from deliberate.voting.analysis import AS_PUT, ORDERS, analysis_of, ordered
from deliberate.voting.rules import VoteState, may_run
from deliberate.voting.sheet_page import seen_ratings, surroundings
from deliberate.web.answers import render
from deliberate.web.i18n import _
from deliberate.web.numbers import span
from deliberate.web.routing import page

RUNNERS = {"secretariat", "chair"}
ORDER_WORDS = {
    AS_PUT: N_("as put to the panel"),
    "verdict": N_("by verdict"),
    "median": N_("highest median first"),
    "iqr": N_("widest quartiles first"),
    "di": N_("highest disagreement index first"),
    "stability": N_("least stable first"),
    "sensitivity": N_("where methods differ first"),
}
STEP_WORDS = {
    "settled_in": N_("settled, retained"),
    "settled_out": N_("settled, not retained"),
    "to_discuss": N_("rate again"),
    "stable_dissent": N_("closed: stable dissent"),
    "closed_not_stable": N_("closed, not stable"),
}


async def show_analysis(request: Request) -> Response:
    """Every statement of the round whose question this person may run, in the order asked for."""
    found, standing, votes = await seen_ratings(request.user, request.path_params["round_id"])
    if not standing.secretariat and not (standing.chairs(found.group_id) and standing.declared):
        raise NotFound()
    run = [vote for vote in votes if may_run(standing, vote.gate, vote.group_id)]
    analysis = await analysis_of([vote for vote in run if vote.state == VoteState.COUNTED])
    by = request.query_params.get("by", AS_PUT)
    by = by if by in ORDERS else AS_PUT
    return render(
        request,
        "voting/analysis.html",
        {
            **await surroundings(found.assessment_id, standing),
            "round": found,
            "analysis": analysis,
            "rows": ordered(analysis.rows, by),
            "by": by,
            "orders": [(code, _(words)) for code, words in ORDER_WORDS.items()],
            "span": span,
            "steps": {code: _(words) for code, words in STEP_WORDS.items()},
        },
    )


routes = [page("/rounds/{round_id:int}/analysis", show_analysis, who=RUNNERS)]

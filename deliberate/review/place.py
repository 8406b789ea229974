"""Who somebody is to a record in review: asked by the pages before they read a form or offer one."""

from starlette.requests import Request

from deliberate.errors import NotFound
from deliberate.interests.rules import Standing
from deliberate.record.models import seen_by
from deliberate.record.rules import has_no_voice, sits_in_review


def speaks(standing: Standing, committee_id: int | None) -> bool:
    seated = sits_in_review(standing, committee_id) and not has_no_voice(standing, committee_id)
    return seated and standing.declared


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

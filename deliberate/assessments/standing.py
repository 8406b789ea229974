"""A person's standing, of which this package knows the place only: interests come later in the story."""

from typing import Any

from starlette.requests import Request

from deliberate.assessments.rules import Place
from deliberate.web.slots import fill


async def standing_in(request: Request, place: Place) -> Any:
    """The place with interests weighed, as the slot "standing" of the interests hands it in."""
    found = await fill(request, "standing", place.person_id, place.assessment_id)
    return found[0] if found else place

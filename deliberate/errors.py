"""The few ways to say no. Each carries a sentence for the reader: what is wrong and what to do.

A sentence is an English gettext id with named places, `Refused("The vote closed at {at}.", at=moment)`;
`web` translates and fills it once, for a page, a part or JSON. Rules and actions raise these and nothing
else.
"""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A no with a reason. `status` is what HTTP calls it."""

    status = 400

    def __init__(self, message: str, /, **places: Any) -> None:
        super().__init__(message)
        self.message = message
        self.places = places

    def __str__(self) -> str:
        return self.message.format_map(self.places) if self.places else self.message


class Refused(Refusal):
    """The state of things does not allow it: closed, already done, not yet open (409)."""

    status = 409


class NotFound(Refusal):
    """It does not exist, or not for you: the two are told apart by nobody (404)."""

    status = 404

    def __init__(self, message: str = "There is nothing here for you.", /, **places: Any) -> None:
        super().__init__(message, **places)


class NotAllowed(Refusal):
    """You may see it, but this act is not yours (403)."""

    status = 403


class Invalid(Refusal):
    """What was sent cannot be read or is incomplete (422). `problems` maps a field to its sentence."""

    status = 422

    def __init__(self, message: str, /, problems: Mapping[str, Refusal] | None = None, **places: Any) -> None:
        super().__init__(message, **places)
        self.problems: dict[str, Refusal] = dict(problems or {})


class TooMany(Refusal):
    """Too many attempts in too short a time (429)."""

    status = 429


class Unconfirmed(Refusal):
    """The database did not confirm: nobody knows whether it happened. Ask again with the same key (503)."""

    status = 503


class Unavailable(Refusal):
    """The database does not answer: nothing was changed (503)."""

    status = 503

    def __init__(
        self, message: str = "The database does not answer. Nothing was changed: try again in a moment.", /
    ) -> None:
        super().__init__(message)


def N_(message: str) -> str:
    """Marks a sentence for translation where it is not yet shown."""
    return message

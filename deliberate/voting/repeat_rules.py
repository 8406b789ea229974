"""When a vote that went wrong may be taken again. Pure."""

from deliberate.errors import Invalid, Refused
from deliberate.voting.rules import VoteState

LONGEST_REASON = 2_000


def check_repeatable(state: str, subject: str, repeated: bool, followed: bool) -> None:
    """`followed`: its subject was put to the vote anew since.

    Raises:
        Refused: this vote stands as it is.
    """
    if state not in (VoteState.CLOSED, VoteState.COUNTED):
        raise Refused("Only a vote that is closed is repeated. Close it first.")
    if subject.startswith("record-"):
        raise Refused("A record is put to the vote anew on its own page.")
    if repeated:
        raise Refused("This vote was repeated already. Repeat the later one: it counts.")
    if followed:
        raise Refused("This was put to the vote again since. Repeat the latest vote: it counts.")


def check_reason(reason: str) -> None:
    if not reason.strip():
        words = "Say why the vote is repeated: everybody who sees it reads the reason."
        raise Invalid(words, problems={"reason": Invalid(words)})


def check_not_repeated(repeated: bool) -> None:
    """The result of the first is shown with that of its repetition: it must not lead a second ballot."""
    if repeated:
        raise Refused("This vote is repeated. Both results are revealed together, from the later vote.")

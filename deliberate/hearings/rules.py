"""How a hearing goes, from convocation to locked minutes, and who may do what in it. Pure.

Heard parties see their own hearing and nothing of the deliberation; the working groups read, and change
nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from deliberate.errors import N_, Invalid, NotFound, Refusal, Refused
from deliberate.interests.rules import Standing, undeclared_in

NAME_LIMIT = 300
LONG = 60_000  # a contribution, minutes
SHORT = 5_000  # a correction, an answer, a list of interests, questions
LANGUAGES = ("fr", "en")
TOO_LONG = N_("This is too long: at most {max_length} characters.")
UNREADABLE = N_("Some answers are missing or cannot be read.")


class HearingState(StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DPI_RECEIVED = "dpi_received"  # the organisation's interests are declared
    HELD = "held"
    MINUTES_SENT = "minutes_sent"
    CORRECTED = "corrected"
    DEEMED_ACCEPTED = "deemed_accepted"  # approved, or nothing said within the window
    LOCKED = "locked"


S = HearingState
NEXT = {  # METHODS.md section 10
    S.INVITED: {S.ACCEPTED, S.DECLINED},
    S.ACCEPTED: {S.DPI_RECEIVED},
    S.DECLINED: set(),
    S.DPI_RECEIVED: {S.HELD},
    S.HELD: {S.MINUTES_SENT},
    S.MINUTES_SENT: {S.CORRECTED, S.DEEMED_ACCEPTED},
    S.CORRECTED: {S.LOCKED},
    S.DEEMED_ACCEPTED: {S.LOCKED},
    S.LOCKED: set(),
}
STATE_WORDS = {
    S.INVITED: N_("convened, no answer yet"),
    S.ACCEPTED: N_("accepted, interests to declare"),
    S.DECLINED: N_("declined"),
    S.DPI_RECEIVED: N_("accepted, interests declared"),
    S.HELD: N_("held, minutes to be written"),
    S.MINUTES_SENT: N_("minutes sent for correction"),
    S.CORRECTED: N_("corrections received"),
    S.DEEMED_ACCEPTED: N_("minutes accepted"),
    S.LOCKED: N_("minutes locked"),
}
CANNOT = {  # why a step is refused, whatever the state it is refused in
    S.INVITED: N_("This organisation is convened already."),
    S.ACCEPTED: N_("This convocation has been answered, or the hearing has gone further."),
    S.DECLINED: N_("This convocation was accepted. Write to the secretariat if you cannot come."),
    S.DPI_RECEIVED: N_("Interests are declared once the convocation is accepted, and before the hearing."),
    S.HELD: N_(
        "A hearing can be held once its convocation is accepted and the interests of the organisation "
        "are declared."
    ),
    S.MINUTES_SENT: N_("Minutes are sent once, after the hearing was held."),
    S.CORRECTED: N_("These minutes are not open to correction."),
    S.DEEMED_ACCEPTED: N_(
        "These minutes cannot be approved: they were not sent, or corrections were asked for."
    ),
    S.LOCKED: N_(
        "Minutes are locked after their correction: once each one is answered, or the time for them is over."
    ),
}


class DraftKind(StrEnum):
    CONTRIBUTION = "contribution"
    CORRECTION = "correction"
    MINUTES = "minutes"


@dataclass(frozen=True)
class Seat:
    """What one person is to one hearing. Nothing at all: it does not exist."""

    secretariat: bool = False
    speaks: bool = False  # for the organisation that is heard
    hears: bool = False  # sits in a working group and is not excluded from its work
    presides: bool = False  # chairs the group in whose meeting it is held; without one, any working group
    declared: bool = False
    assessment_id: int = 0

    @property
    def reads(self) -> bool:
        return self.secretariat or self.speaks or (self.hears and self.declared)


def seat_in(
    standing: Standing, working_groups: Collection[int], group_id: int | None, *, speaks: bool
) -> Seat:
    """`group_id`: of the meeting in which it takes place. `speaks`: for the organisation, at this moment."""
    heard_by = {group for group in working_groups if _hears(standing, group)}
    return Seat(
        secretariat=standing.secretariat,
        speaks=speaks and standing.place.stakeholder,
        hears=bool(heard_by),
        presides=any(standing.chairs(group) for group in heard_by if group_id in (None, group)),
        declared=standing.declared,
        assessment_id=standing.place.assessment_id,
    )


def _hears(standing: Standing, group_id: int) -> bool:
    return standing.sits_in(group_id) and not standing.is_kept_out(f"group-{group_id}", group_id)


def hears_stakeholders(standing: Standing, working_groups: Collection[int]) -> bool:
    """May this person read what the organisations wrote and said?"""
    hears = standing.declared and any(_hears(standing, group) for group in working_groups)
    return standing.secretariat or hears


def check_reads(seat: Seat) -> None:
    if not seat.reads and seat.hears:
        raise undeclared_in(seat.assessment_id)
    if not seat.reads:
        raise NotFound()


def check_speaks(seat: Seat) -> None:
    if not seat.speaks:
        raise NotFound()


def check_manages(secretariat: bool) -> None:
    if not secretariat:
        raise NotFound()


def check_declares(seat: Seat) -> None:
    """The organisation itself; or the secretariat, for an organisation that declared on paper."""
    if not seat.speaks and not seat.secretariat:
        raise NotFound()


def check_drafts(seat: Seat, kind: DraftKind) -> None:
    """Minutes are the secretariat's to write, the rest is the organisation's."""
    if not (seat.secretariat if kind is DraftKind.MINUTES else seat.speaks):
        raise NotFound()


def check_holds(seat: Seat) -> None:
    if not seat.secretariat and not seat.presides:
        raise NotFound()
    if not seat.secretariat and not seat.declared:
        raise undeclared_in(seat.assessment_id)


def check_step(state: HearingState, to: HearingState) -> None:
    """Raises Refused unless METHODS.md section 10 lists the step."""
    if to not in NEXT[state]:
        raise Refused(CANNOT[to])


def state_at(state: HearingState, correct_until: datetime | None, now: datetime) -> HearingState:
    """The state at this moment: when the time for corrections is over, silence has become agreement."""
    if state is S.MINUTES_SENT and correct_until is not None and now >= correct_until:
        return S.DEEMED_ACCEPTED
    return state


def check_organisation(name: str) -> None:
    if not 1 <= len(name) <= NAME_LIMIT:
        raise wrong("organisation", "Name the organisation, in at most {limit} characters.", limit=NAME_LIMIT)


def check_only_speaks(standing: Standing) -> None:
    """A heard party sees nothing of the deliberation, so it has no other part in the assessment."""
    if standing.secretariat or standing.place.sits_in:
        raise wrong(
            "email", "This person already takes part in the assessment and cannot speak for an organisation."
        )


def may_convene(state: HearingState | None) -> bool:
    """None: never convened. One hearing at a time; until it is held, convening again changes the
    convocation.
    """
    return state in (None, S.INVITED, S.ACCEPTED, S.DPI_RECEIVED, S.DECLINED, S.LOCKED)


def is_over(state: HearingState | None) -> bool:
    """Whether the next convocation begins another hearing."""
    return state in (None, S.DECLINED, S.LOCKED)


def check_convocation(
    state: HearingState | None, themes: Sequence[str], known: Collection[str], place: str, questions: str
) -> None:
    """Raises Refused while the last hearing is under way, Invalid with a sentence for each field."""
    if not may_convene(state):
        raise Refused("This organisation has been heard. Lock the minutes before you convene it again.")
    problems: dict[str, Refusal] = {}
    if not themes or not set(themes) <= set(known):
        problems["themes"] = Invalid("Choose at least one of the themes: they are sent ahead as questions.")
    if len(place) > NAME_LIMIT:
        problems["place"] = Invalid(TOO_LONG, max_length=NAME_LIMIT)
    if len(questions) > SHORT:
        problems["questions"] = Invalid(TOO_LONG, max_length=SHORT)
    if problems:
        raise Invalid("The convocation is not complete.", problems=problems)


def check_meeting(kind: str, closed: bool) -> None:
    if kind != "hearing":
        raise wrong("meeting", "Choose a meeting for hearings.")
    if closed:
        raise wrong("meeting", "This meeting is closed. Choose one that is still to come.")


def is_open_to_contributions(state: HearingState) -> bool:
    """Also for an organisation that cannot come: it is then heard in writing."""
    return state is not S.LOCKED


def check_contribution(state: HearingState, title: str, text: str, language: str) -> None:
    if not is_open_to_contributions(state):
        raise Refused("The minutes are locked: what your organisation had to say is now part of the record.")
    problems: dict[str, Refusal] = {}
    if not 1 <= len(title) <= NAME_LIMIT:
        problems["title"] = Invalid("Give a title, in at most {limit} characters.", limit=NAME_LIMIT)
    if not 1 <= len(text) <= LONG:
        problems["text"] = Invalid("Write your contribution, in at most {limit} characters.", limit=LONG)
    if language not in LANGUAGES:
        problems["language"] = Invalid("Choose one of the answers offered.")
    if problems:
        raise Invalid("The contribution is not complete.", problems=problems)


def check_text(field: str, text: str, limit: int = SHORT, *, may_be_empty: bool = False) -> None:
    if not text and not may_be_empty:
        raise wrong(field, "This is needed.")
    if len(text) > limit:
        raise wrong(field, TOO_LONG, max_length=limit)


class Item(Protocol):
    """The item of the meeting under which the organisation is heard."""

    opened_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True)
class Stay:
    began_at: datetime
    ended_at: datetime


def stay_of(began_at: datetime | None, ended_at: datetime | None, item: Item | None, now: datetime) -> Stay:
    """From when until when somebody was heard; what is not said is what the meeting noted."""
    if item is not None and item.opened_at is not None:
        began_at, ended_at = began_at or item.opened_at, ended_at or item.closed_at or now
    if began_at is None or ended_at is None:
        field = "began_at" if began_at is None else "ended_at"
        raise wrong(field, "Write when the hearing began and when it ended.")
    return Stay(began_at, ended_at)


def check_attendance(
    present: Collection[int], speakers: Collection[int], stay: Stay, item: Item | None, now: datetime
) -> None:
    """Who was heard: at least one spokesperson, for its own item only, gone before the deliberation."""
    problems: dict[str, Refusal] = {}
    if not present or not set(present) <= set(speakers):
        problems["present"] = Invalid("Say who was heard, of the spokespersons of the organisation.")
    if stay.ended_at <= stay.began_at:
        problems["ended_at"] = Invalid("A hearing ends after it began: write a later moment.")
    elif stay.ended_at > now:
        problems["ended_at"] = Invalid("This moment is still to come. Note the hearing once it is over.")
    if item is not None and item.opened_at is not None:
        problems.update(_outside(stay, item.opened_at, item.closed_at or now))
    if problems:
        raise Invalid("The attendance is not complete.", problems=problems)


def _outside(stay: Stay, opened_at: datetime, closed_at: datetime) -> dict[str, Refusal]:
    """Moments are typed to the minute."""
    message = N_(
        "Whoever is heard is there for the own item alone. It was open from {opened_at} until {closed_at}."
    )
    problem = Invalid(message, opened_at=opened_at, closed_at=closed_at)
    minute = timedelta(minutes=1)
    early, late = stay.began_at + minute <= opened_at, stay.ended_at >= closed_at + minute
    return {name: problem for name, is_so in (("began_at", early), ("ended_at", late)) if is_so}


def check_declaration(state: HearingState, text: str) -> None:
    if state is S.LOCKED:
        raise Refused("The minutes are locked: what your organisation declared is now part of the record.")
    check_text("interests", text)


def check_draft(content: Mapping[str, Any]) -> None:
    """As much as what is written may hold, and no more."""
    if sum(len(str(value)) for value in content.values()) > LONG + SHORT:
        raise Invalid("This is too long to be kept as a draft. Shorten it.")


def wrong(field: str, message: str, **places: Any) -> Invalid:
    return Invalid(UNREADABLE, problems={field: Invalid(message, **places)})

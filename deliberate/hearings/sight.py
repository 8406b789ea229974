"""What one person sees of one hearing. What may not be seen is not loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from deliberate.errors import Refusal
from deliberate.hearings import minutes_rules, rules
from deliberate.hearings.models import (
    Contribution,
    Correction,
    Draft,
    Heard,
    Hearing,
    InterestsText,
    MinutesText,
    Spokesperson,
    corrections_of,
    item_of,
    latest_interests,
)
from deliberate.hearings.rules import STATE_WORDS, HearingState, Seat
from deliberate.hearings.seats import spokespersons_of
from deliberate.meetings.models import AgendaItem
from deliberate.people.models import Person
from deliberate.web.diff import word_diff
from deliberate.web.i18n import _, local, moment, ngettext, sentence

SOON = timedelta(days=3)
TAGS = {
    HearingState.INVITED: "waits",
    HearingState.DECLINED: "quiet",
    HearingState.MINUTES_SENT: "waits",
    HearingState.CORRECTED: "waits",
    HearingState.LOCKED: "done",
}


@dataclass(frozen=True)
class Sight:
    hearing: Hearing
    seat: Seat
    state: HearingState
    now: datetime
    themes: list[dict[str, Any]]
    spokespersons: list[Spokesperson]
    interests: InterestsText | None
    contributions: list[Contribution]  # the newest first; readers see that one alone
    minutes: MinutesText | None
    sent: MinutesText | None  # the version that was sent, when another is in force
    corrections: list[Correction]
    heard: list[Heard]
    item: AgendaItem | None
    drafts: Mapping[str, Draft]

    @property
    def state_words(self) -> str:
        return _(STATE_WORDS[self.state])

    @property
    def tag(self) -> str:
        return TAGS.get(self.state, "plain")

    @property
    def contribution(self) -> Contribution | None:
        return self.contributions[0] if self.contributions else None

    @property
    def may_contribute(self) -> bool:
        return self.seat.speaks and rules.is_open_to_contributions(self.state)

    @property
    def may_declare(self) -> bool:
        return (self.seat.speaks or self.seat.secretariat) and self.state is not HearingState.LOCKED

    @property
    def may_hold(self) -> bool:
        conducts = self.seat.secretariat or (self.seat.presides and self.seat.declared)
        return conducts and self.state is HearingState.DPI_RECEIVED

    @property
    def may_correct(self) -> bool:
        until = self.hearing.correct_until
        in_time = until is not None and self.now < until
        return (
            self.seat.speaks and in_time and self.state in (HearingState.MINUTES_SENT, HearingState.CORRECTED)
        )

    @property
    def may_write(self) -> bool:
        return self.seat.secretariat and self.state in (HearingState.HELD, HearingState.CORRECTED)

    @property
    def to_answer(self) -> Correction | None:
        """The first correction without an answer: one after the other."""
        if not self.seat.secretariat or self.state is not HearingState.CORRECTED:
            return None
        return next((row for row in self.corrections if not row.verdict), None)

    @property
    def lock_refusal(self) -> str:
        """Why the minutes cannot be locked yet; empty when they can."""
        until = self.hearing.correct_until
        try:
            minutes_rules.check_locks(
                self.state,
                minutes_rules.points_of(self.corrections),
                window_over=until is not None and self.now >= until,
                changed_since_sent=self.sent is not None,
            )
        except Refusal as refusal:
            return sentence(refusal)
        return ""

    @property
    def difference(self) -> Markup | None:
        """What changed in the minutes since they were sent."""
        return word_diff(self.sent.text, self.minutes.text) if self.sent and self.minutes else None

    @property
    def first(self) -> str:
        """The one thing this person has to do here next; it gets the primary button."""
        if self.seat.secretariat:
            return self.first_of_secretariat
        if self.may_hold:
            return "hold"
        if not self.seat.speaks:
            return ""
        steps = {HearingState.INVITED: "answer", HearingState.ACCEPTED: "declare"}
        return steps.get(self.state) or ("correct" if self.may_correct else "contribute")

    @property
    def first_of_secretariat(self) -> str:
        if self.to_answer:
            return "answer_correction"
        if self.state is HearingState.HELD:
            return "send" if self.minutes else "write"
        if self.may_hold:
            return "hold"
        is_last = self.state in (HearingState.CORRECTED, HearingState.DEEMED_ACCEPTED)
        return "lock" if is_last and not self.lock_refusal else ""

    @property
    def sections(self) -> list[str]:
        """The parts of the page, what is at stake now first."""
        written = self.minutes is not None or (self.seat.secretariat and self.may_write)
        shown = ["minutes", "corrections"] if self.minutes and self.hearing.sent_version else ["minutes"]
        return [*(shown if written else []), *self.before_minutes]

    @property
    def before_minutes(self) -> list[str]:
        steps = ["convocation", "interests", "contribution"]
        return steps if self.first in ("answer", "hold", "") else sorted(steps, key=self.is_not_first)

    def is_not_first(self, name: str) -> bool:
        return name != {"declare": "interests", "contribute": "contribution"}.get(self.first)

    @property
    def next_step(self) -> str:
        """A sentence: who does what next, until when."""
        until = moment(self.hearing.correct_until)
        organisation = self.hearing.stakeholder.name
        words = {
            HearingState.INVITED: _("{organisation} answers the convocation."),
            HearingState.ACCEPTED: _("{organisation} declares its interests."),
            HearingState.DECLINED: _(
                "{organisation} does not come to the hearing. It may still contribute in writing."
            ),
            HearingState.DPI_RECEIVED: _("The hearing takes place as convened."),
            HearingState.HELD: _("The secretariat writes the minutes and sends them to {organisation}."),
            HearingState.MINUTES_SENT: _(
                "{organisation} may correct the minutes until {until}. If it says nothing by then, they "
                "count as accepted."
            ),
            HearingState.CORRECTED: _("The secretariat answers each correction, then locks the minutes."),
            HearingState.DEEMED_ACCEPTED: _("The minutes count as accepted. The secretariat locks them."),
            HearingState.LOCKED: _("The minutes are locked: nothing changes any more."),
        }
        own = {
            HearingState.INVITED: _("Please answer the convocation."),
            HearingState.ACCEPTED: _("Please declare the interests of your organisation."),
        }
        words |= own if self.seat.speaks else {}
        return words[self.state].format(organisation=organisation, until=until)

    @property
    def time_left(self) -> str:
        return words_left(self.hearing.correct_until, self.now) if self.hearing.correct_until else ""


def words_left(until: datetime, now: datetime) -> str:
    """The moment and how far it is: "8 Dec 2026, 10:42, in 15 days"."""
    hours = int((until - now).total_seconds() // 3600)
    if hours < 0:
        return moment(until)
    if hours >= 48:
        left = ngettext("in {count} day", "in {count} days", hours // 24).format(count=hours // 24)
    else:
        left = (
            ngettext("in {count} hour", "in {count} hours", hours).format(count=hours)
            if hours
            else _("within the hour")
        )
    return f"{moment(until)}, {left}"


def to_type(at: datetime | None) -> str:
    """A moment as the browser's field for day and time holds it."""
    return local(at).strftime("%Y-%m-%dT%H:%M") if at else ""


async def sight_of(hearing: Hearing, seat: Seat, person: Person, now: datetime) -> Sight:
    state = hearing.state_at(now)
    is_own = seat.secretariat or seat.speaks
    minutes, sent = await minutes_seen(hearing, seat, state)
    return Sight(
        hearing=hearing,
        seat=seat,
        state=state,
        now=now,
        themes=[each for each in hearing.stakeholder.assessment.themes if each["code"] in hearing.themes],
        spokespersons=await spokespersons_of(hearing.stakeholder_id),
        interests=await latest_interests(hearing.stakeholder_id),
        contributions=await contributions_seen(hearing.stakeholder_id, all_versions=is_own),
        minutes=minutes,
        sent=sent,
        corrections=await corrections_of(hearing.id) if is_own or state is HearingState.LOCKED else [],
        heard=await Heard.filter(hearing_id=hearing.id).select_related("person").order_by("person__name"),
        item=await item_of(hearing),
        drafts=await drafts_of(hearing.id, person.id),
    )


async def contributions_seen(stakeholder_id: int, *, all_versions: bool) -> list[Contribution]:
    rows = Contribution.filter(stakeholder_id=stakeholder_id).order_by("-version")
    return await (rows if all_versions else rows.limit(1))


async def minutes_seen(
    hearing: Hearing, seat: Seat, state: HearingState
) -> tuple[MinutesText | None, MinutesText | None]:
    """The version in force and, if it is another, the one that was sent; that one is not for the groups."""
    if not minutes_rules.sees_minutes(seat, state):
        return None, None
    rows = await MinutesText.filter(hearing_id=hearing.id).order_by("-version")
    last = rows[0] if rows else None
    is_own = seat.secretariat or seat.speaks
    sent = next((row for row in rows if is_own and row.version == hearing.sent_version), None)
    return last, None if sent is last else sent


async def drafts_of(hearing_id: int, person_id: int) -> dict[str, Draft]:
    return {row.kind: row for row in await Draft.filter(hearing_id=hearing_id, person_id=person_id)}

"""How a meeting runs: its states, its agenda, who counts as present, and who has a ballot. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from deliberate.assessments.rules import Role
from deliberate.consensus.protocol import Protocol
from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import NO_BALLOT, Standing, check_reads, undeclared
from deliberate.voting.rules import VoteKind
from deliberate.voting.terms import Quorum, Seat


class MeetingKind(StrEnum):
    WORKING = "working"
    HEARING = "hearing"
    COMMITTEE = "committee"


class MeetingState(StrEnum):
    PLANNED = "planned"
    CONVENED = "convened"
    OPENED = "opened"
    CLOSED = "closed"


class ItemKind(StrEnum):
    INFORMATION = "information"
    DISCUSSION = "discussion"
    DECISION = "decision"
    HEARING = "hearing"


class ItemState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    DONE = "done"
    POSTPONED = "postponed"


class Presence(StrEnum):
    ON_SITE = "on_site"
    REMOTE = "remote"


INTEREST = "interest"  # why somebody left the room who comes back when the item is over
LEFT = "left"
MEETING_ENDED = "closed"

NEXT: Mapping[MeetingState, frozenset[MeetingState]] = {
    MeetingState.PLANNED: frozenset({MeetingState.CONVENED}),
    MeetingState.CONVENED: frozenset({MeetingState.OPENED}),
    MeetingState.OPENED: frozenset({MeetingState.CLOSED}),
    MeetingState.CLOSED: frozenset(),
}
STATE_REFUSALS = {
    MeetingState.PLANNED: N_("This meeting is planned and not convened yet. Convene it first."),
    MeetingState.CONVENED: N_("This meeting is convened and not open yet. Open it first."),
    MeetingState.OPENED: N_("This meeting is open."),
    MeetingState.CLOSED: N_("This meeting is closed."),
}
NEXT_ITEM: Mapping[ItemState, frozenset[ItemState]] = {
    ItemState.PLANNED: frozenset({ItemState.OPEN, ItemState.POSTPONED}),
    ItemState.OPEN: frozenset({ItemState.DONE, ItemState.POSTPONED}),
    ItemState.POSTPONED: frozenset({ItemState.OPEN}),  # taken up again in the same meeting
    ItemState.DONE: frozenset(),
}
ITEM_REFUSALS = {
    ItemState.PLANNED: N_("This item is not open."),
    ItemState.OPEN: N_("This item is open."),
    ItemState.POSTPONED: N_("This item is postponed."),
    ItemState.DONE: N_("This item is closed. To come back to its subject, add another item."),
}
EDITABLE = (ItemState.PLANNED, ItemState.POSTPONED)
KIND_WORDS = {
    MeetingKind.WORKING: N_("working meeting"),
    MeetingKind.HEARING: N_("hearing"),
    MeetingKind.COMMITTEE: N_("committee meeting"),
}
LONGEST_ITEM_MINUTES = 24 * 60
MOST_ITEMS = 200
LONGEST_AGENDA_NAME = 120


# Rights


def is_part_of(standing: Standing, group_id: int) -> bool:
    """Whether a meeting of this group exists for this person.

    Of a question kept from a member the item stands on the agenda all the same; its texts and votes do not.
    """
    return standing.reads("", group_id)


def check_sees(standing: Standing, group_id: int) -> None:
    check_reads(standing, "", group_id)


def runs(standing: Standing, group_id: int) -> bool:
    """The chair of the group and the secretariat plan, convene and conduct."""
    return standing.secretariat or (
        standing.chairs(group_id) and standing.declared and is_part_of(standing, group_id)
    )


def check_runs(standing: Standing, group_id: int) -> None:
    """Raises NotFound for everybody else: to them there is no such act."""
    check_sees(standing, group_id)
    if runs(standing, group_id):
        return
    if standing.chairs(group_id):
        raise undeclared(standing)
    raise NotFound()


def gate_of(subject: str) -> str:
    """The key by which interests in an item are weighed; nothing for an item that is about no question."""
    return subject if subject.startswith(("question-", "record-")) else ""


def is_kept_out(standing: Standing, gate: str, group_id: int) -> bool:
    """Whether this person leaves the room while `gate` is deliberated."""
    return bool(gate) and standing.sits_in(group_id) and standing.outcome(gate, group_id) in NO_BALLOT


def hides(standing: Standing, gates: Iterable[str], group_id: int) -> tuple[str, ...]:
    """The gates, of those on the agenda, whose texts, votes and results this person must not see."""
    return tuple(sorted({gate for gate in gates if gate and standing.is_kept_out(gate, group_id)}))


# States


def check_step(state: str, wanted: MeetingState) -> None:
    if wanted not in NEXT[MeetingState(state)]:
        raise Refused(STATE_REFUSALS[MeetingState(state)])


def check_is_open(state: str) -> None:
    if state != MeetingState.OPENED:
        raise Refused(STATE_REFUSALS[MeetingState(state)])


def check_item_step(state: str, wanted: ItemState) -> None:
    if wanted not in NEXT_ITEM[ItemState(state)]:
        raise Refused(ITEM_REFUSALS[ItemState(state)])


def check_only_open_item(open_title: str | None) -> None:
    if open_title is not None:
        raise Refused(
            "“{title}” is still open. Close or postpone it first: one item is open at a time.",
            title=open_title,
        )


def check_no_open_vote(count: int) -> None:
    if count:
        raise Refused("A vote is open. Close it first.")


def no_open_item() -> Refused:
    return Refused("No item is open. Open an item first: a vote is taken under an open item.")


def check_may_be_edited(meeting_state: str, item_state: str = ItemState.PLANNED) -> None:
    """The agenda of what has not begun may change until the meeting is closed."""
    if meeting_state == MeetingState.CLOSED:
        raise Refused(STATE_REFUSALS[MeetingState.CLOSED])
    if item_state not in EDITABLE:
        raise Refused("This item has begun: what it was about stands as it was.")


def check_not_closed(state: str) -> None:
    if state == MeetingState.CLOSED:
        raise Refused(STATE_REFUSALS[MeetingState.CLOSED])


def check_goes_on(adjourned: bool) -> None:
    if adjourned:
        raise Refused("The meeting is adjourned. Resume it first.")


def check_adjourned(adjourned: bool) -> None:
    if not adjourned:
        raise Refused("The meeting goes on already.")


def check_may_arrive(state: str) -> None:
    if state not in (MeetingState.CONVENED, MeetingState.OPENED):
        raise Refused(STATE_REFUSALS[MeetingState(state)])


# What is planned


@dataclass(frozen=True)
class ItemPlan:
    """An item of the agenda as it is entered."""

    title: Mapping[str, str]
    kind: ItemKind
    subject: str = ""
    planned_minutes: int = 15
    presenting_minutes: int | None = None  # of those planned
    links: Sequence[Mapping[str, str]] = ()
    parent_id: int | None = None  # where a new item is put; moving is an act of its own


def check_item(plan: ItemPlan, items: int = 0) -> None:
    problems: dict[str, Refusal] = {}
    if not any(words.strip() for words in plan.title.values()):
        problems["title_fr"] = Invalid("Give a title, in one language at least.")
    if any(len(words) > 300 for words in plan.title.values()):
        problems["title_fr"] = Invalid("This is too long: at most {max_length} characters.", max_length=300)
    if not 1 <= plan.planned_minutes <= LONGEST_ITEM_MINUTES:
        problems["planned_minutes"] = Invalid("Plan between 1 and {most} minutes.", most=LONGEST_ITEM_MINUTES)
    if not 0 <= (plan.presenting_minutes or 0) <= plan.planned_minutes:
        problems["presenting_minutes"] = Invalid("Presenting takes no longer than the item.")
    if problems:
        raise Invalid("The item is not complete.", problems=problems)
    if items >= MOST_ITEMS:
        raise Refused("An agenda has at most {most} items.", most=MOST_ITEMS)


def check_keeps_agendas(standing: Standing) -> None:
    """Usual agendas are the secretariat's. To everybody else there is no such act."""
    if not standing.secretariat:
        raise NotFound()


def check_agenda_name(name: str) -> None:
    if not name.strip():
        raise Invalid("The agenda needs a name.", problems={"name": Invalid("This is needed.")})
    if len(name) > LONGEST_AGENDA_NAME:
        refusal = Invalid(
            "This is too long: at most {max_length} characters.", max_length=LONGEST_AGENDA_NAME
        )
        raise Invalid("The agenda needs a name.", problems={"name": refusal})


def name_is_taken() -> Invalid:
    taken = Invalid("A usual agenda of this assessment has this name already. Choose another one.")
    return Invalid("The agenda needs another name.", problems={"name": taken})


def check_second_call(first_state: str, same_group: bool, allowed: bool) -> None:
    """A second meeting on the same agenda, for want of a quorum in the first, needs none."""
    if not same_group or first_state != MeetingState.CONVENED:
        raise Refused("A second call cites a meeting of the same group that was convened and never opened.")
    if not allowed:
        raise Refused("The protocol of this assessment has no second call.")


# Who counts


@dataclass(frozen=True)
class Member:
    """Somebody with a seat in the group, and where that person is just now."""

    standing: Standing
    role: str
    here: bool

    @property
    def person_id(self) -> int:
        return self.standing.person_id


def quorum_of(
    members: Collection[Member],
    gate: str,
    group_id: int,
    *,
    share: str,
    second_call: bool,
    protocol: Protocol,
    represented: int = 0,
) -> Quorum:
    """Of the seats in office those recused leave the base; who may not deliberate is not counted present."""
    recused = [member for member in members if is_out(member, gate, group_id)]
    present = [
        member
        for member in members
        if member.here and member.standing.declared and not is_out(member, gate, group_id)
    ]
    return Quorum(
        seats=len(members),
        recused=len(recused),
        present=len(present),
        represented=represented,
        share=share,
        recused_not_counted=protocol.committee.recused_not_counted,
        second_call=second_call and protocol.committee.second_call_no_quorum,
    )


def is_out(member: Member, gate: str, group_id: int) -> bool:
    return member.standing.outcome(gate, group_id) in NO_BALLOT


def roll_of(
    members: Collection[Member],
    gate: str,
    group_id: int,
    kind: VoteKind,
    *,
    chair_rates: bool,
    proxies: Mapping[int, int] = MappingProxyType({}),
) -> list[Seat]:
    """Present, entitled by role, declared, not recused. The chair of a group does not rate (METHODS B5).

    `proxies`: from represented member to holder, of a vote that takes them. A chair who is away does not
    preside, and so has no casting vote.
    """
    in_person = [
        Seat(member.person_id, chair=member.role == Role.CHAIR)
        for member in members
        if member.here
        and member.standing.declared
        and not is_out(member, gate, group_id)
        and (kind == VoteKind.CHOICE or member.role != Role.CHAIR or chair_rates)
    ]
    return [*in_person, *(Seat(giver, held_by=holder) for giver, holder in proxies.items())]


def count_recused(members: Collection[Member], gate: str, group_id: int) -> int:
    return sum(1 for member in members if is_out(member, gate, group_id))


def check_arrival(standing: Standing, group_id: int, gate: str) -> None:
    """May this person come in now? `gate` is what is being deliberated. Of whoever has not declared the chair
    alone records it: the name shows as such, and is not counted.
    """
    if not standing.belongs("", group_id):
        raise NotFound()
    if is_kept_out(standing, gate, group_id):
        raise Refused("You are recused from the item under way. You can come in when it is closed.")


def check_has_a_voice(standing: Standing, group_id: int) -> None:
    """Those of the group who have declared their interests, and the secretariat."""
    check_sees(standing, group_id)


def check_speaks(standing: Standing, group_id: int, gate: str, here: bool) -> None:
    """May this person ask for the floor now? `gate` is what is being deliberated."""
    check_has_a_voice(standing, group_id)
    if is_kept_out(standing, gate, group_id):
        raise NotAllowed("Whoever is recused from the item under way does not speak on it.")
    if not here:
        raise Refused("Only who is recorded as present can ask for the floor.")


# Time


def time_used(spans: Iterable[tuple[datetime, datetime | None]], now: datetime) -> timedelta:
    """What stretches come to, the one without an end counted until now."""
    return sum(((ended_at or now) - began_at for began_at, ended_at in spans), timedelta())


def minutes_used(spans: Iterable[tuple[datetime, datetime | None]], now: datetime) -> int:
    return max(0, round(time_used(spans, now).total_seconds() / 60))

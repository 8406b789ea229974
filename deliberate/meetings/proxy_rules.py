"""Who may represent whom, and which proxies stand for an item (METHODS.md section 5). Pure.

`proxy_only_without_alternate` asks whether the seat of the absent member has an alternate. Seats here have
none, so that no proxy is refused for it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from deliberate.errors import Invalid, NotAllowed, Refused
from deliberate.meetings.rules import Member, is_out
from deliberate.voting.rules import Mode, VoteKind

Given = tuple[int, int]  # (represented member, holder)


def takes_proxies(kind: str, mode: str) -> bool:
    """A proxy carries a choice that is said by name; a rating is one's own judgement, and so is a secret."""
    return kind == VoteKind.CHOICE and mode == Mode.NAMED


def standing_proxies(
    members: Collection[Member], given: Iterable[Given], gate: str, group_id: int, most: int
) -> Mapping[int, int]:
    """From represented member to holder, those that stand now for what is weighed by `gate`.

    The holder is here, the represented one is not, both may deliberate, and nobody holds more than `most`.
    """
    able = {
        member.person_id: member.here
        for member in members
        if member.standing.declared and not is_out(member, gate, group_id)
    }
    held: Counter[int] = Counter()
    standing: dict[int, int] = {}
    for giver, holder in given:
        if able.get(giver) is False and able.get(holder) and held[holder] < most:
            standing[giver] = holder
            held[holder] += 1
    return standing


def check_proxy(
    giver: int, holder: int, members: Collection[Member], given: Collection[Given], most: int
) -> None:
    """May `giver` be represented by `holder` in this meeting, beside the proxies already in force?"""
    here = {member.person_id: member.here for member in members}
    declared = {member.person_id for member in members if member.standing.declared}
    if most < 1:
        raise Refused("The protocol of this assessment allows no proxies.")
    if giver not in here:
        raise NotAllowed("Only a member with a seat in the group can be represented.")
    if holder not in here or holder == giver:
        raise wrong("Choose another member of the group.")
    if here[giver]:
        raise Refused(
            "Whoever is recorded as present votes in person. Record first that this member has left."
        )
    if giver not in declared or holder not in declared:
        raise Refused("Without a valid declaration of interests one neither gives nor holds a proxy.")
    givers, holders = {one for one, _ in given}, Counter(one for _, one in given)
    if giver in givers:
        raise Refused("This member is already represented. Withdraw that proxy first.")
    if giver in holders:
        raise Refused("This member holds a proxy and has to be present for it.")
    if holder in givers:
        raise wrong("This member is represented by somebody else. Choose another one.")
    if holders[holder] >= most:
        raise wrong("This member already holds as many proxies as the protocol allows: {most}.", most=most)


def wrong(message: str, **places: int) -> Invalid:
    return Invalid(message, problems={"holder": Invalid(message, **places)}, **places)


def check_enters(*, own: bool, secretariat: bool) -> None:
    if not own and not secretariat:
        raise NotAllowed("Only the member or, on a written mandate, the secretariat enters or ends a proxy.")


def check_mandate(mandate: str, *, own: bool) -> None:
    """Written: a member who gives it here has written it; for somebody else it takes a paper."""
    if not own and not mandate:
        message = "Say on which paper it stands: its date, and who has signed it."
        raise Invalid(message, problems={"mandate": Invalid(message)})

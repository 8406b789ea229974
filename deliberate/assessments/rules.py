"""Roles and groups, and what a person's place in an assessment allows. Pure."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from deliberate.consensus.protocol import Protocol
from deliberate.consensus.risk import LIKELIHOODS, SEVERITIES
from deliberate.errors import Invalid, NotFound, Refusal, Refused


class GroupKind(StrEnum):
    WORKING_GROUP = "working_group"
    COMMITTEE = "committee"


class Role(StrEnum):
    SECRETARIAT = "secretariat"  # of the assessment: prepares and follows; never rates, never votes
    CHAIR = "chair"  # of a working group or of the committee: runs its meetings
    EXPERT = "expert"  # member of a working group
    MEMBER = "member"  # member of the committee
    STAKEHOLDER = "stakeholder"  # speaks for an organisation in a hearing; never sees the deliberation


# The groups in which a role is held; the others belong to the assessment as a whole.
SEATS = {
    Role.CHAIR: {GroupKind.WORKING_GROUP, GroupKind.COMMITTEE},
    Role.EXPERT: {GroupKind.WORKING_GROUP},
    Role.MEMBER: {GroupKind.COMMITTEE},
}
ALL_ROLES = frozenset(Role)


@dataclass(frozen=True)
class Place:
    """Where one person stands in one assessment, by current memberships alone; interests are not yet
    weighed.
    """

    person_id: int
    assessment_id: int
    secretariat: bool = False
    stakeholder: bool = False
    chairs: frozenset[int] = frozenset()  # groups chaired
    sits_in: frozenset[int] = frozenset()  # groups in which an expert or committee member, or chair
    deliberates_in: frozenset[int] = frozenset()  # those of `sits_in` that are working groups

    @property
    def takes_part(self) -> bool:
        """Whether there is any place at all."""
        return self.secretariat or self.stakeholder or bool(self.sits_in)

    def sees_group(self, group_id: int) -> bool:
        """Who sits in it and what it does: its own people and the secretariat."""
        return self.secretariat or group_id in self.sits_in


def place_from(person_id: int, assessment_id: int, held: Collection[Sequence[Any]]) -> Place:
    """The place that memberships make: role, number of the group, its kind, for each in force."""
    seats = {Role.CHAIR, Role.EXPERT, Role.MEMBER}
    return Place(
        person_id=person_id,
        assessment_id=assessment_id,
        secretariat=any(role == Role.SECRETARIAT for role, _, _ in held),
        stakeholder=any(role == Role.STAKEHOLDER for role, _, _ in held),
        chairs=frozenset(group_id for role, group_id, _ in held if role == Role.CHAIR),
        sits_in=frozenset(group_id for role, group_id, _ in held if role in seats),
        deliberates_in=frozenset(group_id for _, group_id, kind in held if kind == GroupKind.WORKING_GROUP),
    )


def check_takes_part(place: Place) -> None:
    """Raises NotFound: for everybody else the assessment does not exist."""
    if not place.takes_part:
        raise NotFound()


def check_works(place: Place) -> None:
    """Raises NotFound for whoever neither prepares the assessment nor sits in a group of it."""
    if not place.secretariat and not place.sits_in:
        raise NotFound()


def check_is_secretariat(place: Place) -> None:
    if not place.secretariat:
        raise NotFound()


def roles_to_give(place: Place, administrator: bool) -> Set[Role]:
    """The secretariat composes its assessment; an administrator only sees to it that there is a
    secretariat.
    """
    if place.secretariat:
        return ALL_ROLES
    return frozenset({Role.SECRETARIAT}) if administrator else frozenset()


def check_gives(role: Role, roles: Set[Role]) -> None:
    """Raises NotFound to whoever has no role to give, and Refused to an administrator who gives another."""
    if not roles:
        raise NotFound()
    if role not in roles:
        raise Refused("As an administrator you invite the secretariat. It then invites everybody else.")


def check_group(code: str | None, known: Collection[str]) -> None:
    if code and code not in known:
        raise wrong("group", "This group is not known. Choose one of the list.")


def check_seat(role: Role, kind: GroupKind | None) -> None:
    """Does the role fit the group? `kind` is None where no group was named.

    Raises:
        Invalid: with the field to correct.
    """
    fitting = SEATS.get(role)
    if fitting is None:
        if kind is not None:
            raise wrong("group", "The secretariat and stakeholders belong to no group. Leave the group out.")
    elif kind is None:
        raise wrong("group", "Name the group.")
    elif kind not in fitting and role is Role.EXPERT:
        raise wrong("group", "Experts sit in a working group. In the committee the role is member.")
    elif kind not in fitting:
        raise wrong("group", "Members sit in the committee. In a working group the role is expert.")


def check_ends(role: Role, roles: Set[Role], secretaries: int) -> None:
    """May somebody with `roles` to give end one? `secretaries`: how many the assessment has now."""
    if role not in roles:
        raise NotFound()
    if role is Role.SECRETARIAT and secretaries < 2:
        raise Refused("The assessment needs a secretariat. Invite another person into it first.")


def may_hand_over(
    *, administrator: bool, person_administers: bool, places: Set[int], secretariat_of: Set[int]
) -> bool:
    """May the inviting person see the sign-in link of somebody already known here?

    Whoever holds it acts as that person. So the secretariat gets the links of those only whose places are all
    in its own assessments: `places` are the assessments of the one, `secretariat_of` those of the other.
    """
    return administrator or (not person_administers and places <= secretariat_of)


def check_frozen(frozen: datetime | str | None) -> None:
    """Asked before a rating opens, with the moment or the hash of the freeze: METHODS.md 1.3."""
    if frozen is None:
        raise Refused(
            "The protocol is not frozen yet, so nobody would know what these ratings mean. The secretariat "
            "freezes it on the page of the protocol."
        )


def check_not_frozen(frozen_at: datetime | None) -> None:
    if frozen_at is not None:
        raise Refused("The protocol is frozen. A change is now a deviation, recorded with its reason.")


def check_read(read_hash: str, held_hash: str) -> None:
    """Nobody freezes what he has not read."""
    if read_hash != held_hash:
        raise Refused("The protocol was changed meanwhile. Read it again, then freeze it.")


def check_complete(protocol: Protocol) -> None:
    """Raises Refused while the protocol has a fault: METHODS.md 8 knows those of the risk matrix."""
    if protocol.faults():
        raise Refused(
            "The protocol cannot be frozen: the risk matrix needs {rows} rows (likelihood) of {columns} "
            "cells (severity), of one vocabulary, never decreasing along a row or a column.",
            rows=len(LIKELIHOODS[protocol.risk.likelihood_scale]),
            columns=len(SEVERITIES[protocol.risk.severity_scale]),
        )


def check_deviation(key: str, reason: str, known: Collection[str]) -> None:
    problems: dict[str, Refusal] = {}
    if key not in known:
        problems["key"] = Invalid("Choose one of the parameters of the list.")
    if not 1 <= len(reason) <= 5000:
        problems["reason"] = Invalid("Give the reason, in at most 5,000 characters.")
    if problems:
        raise Invalid("The deviation is not complete. What you wrote is kept.", problems=problems)


def check_differs(held: Protocol, changed: Protocol) -> None:
    if held == changed:
        raise Invalid(
            "Nothing would change.", problems={"value": Invalid("This is the value already in force.")}
        )


def check_same_content(slug: str, known: str, given: str) -> None:
    """Loading a file again changes nothing; loading another under its name would change what people work
    on.
    """
    if known != given:
        raise Refused(
            "The assessment {slug} is already loaded, with other content. A running assessment is not "
            "replaced: give the file another slug to load it as a new one.",
            slug=slug,
        )


def wrong(field: str, message: str) -> Invalid:
    return Invalid("Some answers are missing or cannot be read.", problems={field: Invalid(message)})

"""Roles and groups, and what a person's place in an assessment allows. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class GroupKind(StrEnum):
    WORKING_GROUP = "working_group"
    COMMITTEE = "committee"


class Role(StrEnum):
    SECRETARIAT = "secretariat"  # of the assessment: prepares and follows; never rates, never votes
    CHAIR = "chair"  # of a working group or of the committee: runs its meetings
    EXPERT = "expert"  # member of a working group
    MEMBER = "member"  # member of the committee
    STAKEHOLDER = "stakeholder"  # speaks for an organisation in a hearing; never sees the deliberation


@dataclass(frozen=True)
class Place:
    """Where one person stands in one assessment, by current memberships alone; interests are not yet weighed."""

    person_id: int
    assessment_id: int
    secretariat: bool = False
    stakeholder: bool = False
    chairs: frozenset[int] = frozenset()  # groups chaired
    sits_in: frozenset[int] = frozenset()  # groups in which an expert or committee member, or chair

    @property
    def takes_part(self) -> bool:
        """Whether there is any place at all."""
        return self.secretariat or self.stakeholder or bool(self.sits_in)

"""What a declaration of interests and a decision on it allow. Pure.

Gate 1: without a valid declaration there is no document, no debate, no rating and no vote. Gate 2: a decision
keeps out of the question (or the whole group) it names. Both are asked again for every page, and for every
act inside its transaction. METHODS section 6.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from deliberate.assessments.rules import Place
from deliberate.errors import N_, Invalid, NotAllowed, NotFound, Refusal

SECTIONS = ("main_activity", "secondary_activities", "funded_activities", "capital", "relatives", "other")
SECTION_WORDS = {
    "main_activity": N_("main activity"),
    "secondary_activities": N_("secondary activities: governance, consultancy, research, articles, patents"),
    "funded_activities": N_("activities funded by a for-profit body"),
    "capital": N_("capital holdings"),
    "relatives": N_("interests of close relatives"),
    "other": N_("other interests"),
}
MAX_AGE_MONTHS = 12
RENEW_DAYS = 30  # how long before its end a declaration waits to be renewed
MAX_LINKS = 100
UNDECLARED = N_(
    "The declaration of interests is missing, or older than twelve months. Until it is signed, under “My "
    "interests”, documents, debate, ratings and votes are closed."
)
SUBJECT = re.compile(r"(question|group|record)-[1-9][0-9]{0,8}")


class Outcome(StrEnum):
    """METHODS section 6: what the analysis of an interest leads to, for one subject."""

    NONE = "none"
    OTHER_LINK = "other_link"
    HEARD_ONLY = "heard_only"
    RECUSED_ITEM = "recused_item"
    EXCLUDED_GROUP = "excluded_group"
    DEROGATION = "derogation"


OUTCOME_WORDS = {
    Outcome.NONE: N_("takes part, no link with the matter"),
    Outcome.OTHER_LINK: N_("takes part, with a link that was weighed and accepted"),
    Outcome.HEARD_ONLY: N_("heard only: no documents, no rating, no vote"),
    Outcome.RECUSED_ITEM: N_("recused from this question: it no longer exists for this person"),
    Outcome.EXCLUDED_GROUP: N_("excluded from the whole work of the group"),
    Outcome.DEROGATION: N_("derogation: indispensable expertise, reads and speaks, does not rate or vote"),
}
OUTCOME_SHORT = {
    Outcome.NONE: N_("takes part"),
    Outcome.OTHER_LINK: N_("link accepted"),
    Outcome.HEARD_ONLY: N_("heard only"),
    Outcome.RECUSED_ITEM: N_("is recused"),
    Outcome.EXCLUDED_GROUP: N_("is excluded"),
    Outcome.DEROGATION: N_("derogation"),
}
KEEPS_OUT = frozenset(
    {Outcome.HEARD_ONLY, Outcome.RECUSED_ITEM, Outcome.EXCLUDED_GROUP}
)  # no documents, no part
NO_BALLOT = KEEPS_OUT | {Outcome.DEROGATION}


@dataclass(frozen=True)
class Standing:
    """A person's place in an assessment with interests weighed: what every policy function is asked with."""

    place: Place
    declared: bool  # a valid declaration on this day
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)  # by subject key: "question-12", "group-3"

    @property
    def person_id(self) -> int:
        return self.place.person_id

    @property
    def secretariat(self) -> bool:
        return self.place.secretariat

    def outcome(self, subject: str, group_id: int | None = None) -> Outcome:
        """The decision that bears on `subject`; an exclusion from its group weighs on all its questions."""
        whole = self.outcomes.get(f"group-{group_id}", Outcome.NONE)
        return whole if whole is Outcome.EXCLUDED_GROUP else self.outcomes.get(subject, Outcome.NONE)

    def is_kept_out(self, subject: str, group_id: int | None = None) -> bool:
        return self.outcome(subject, group_id) in KEEPS_OUT

    def chairs(self, group_id: int | None) -> bool:
        return group_id in self.place.chairs

    def sits_in(self, group_id: int | None) -> bool:
        return group_id in self.place.sits_in

    def belongs(self, subject: str, group_id: int) -> bool:
        """Whether `subject` of `group_id` is this person's business at all: gate 2 alone."""
        return self.secretariat or (self.sits_in(group_id) and not self.is_kept_out(subject, group_id))

    def reads(self, subject: str, group_id: int) -> bool:
        """Whether the deliberation of `group_id` on `subject` is open to this person: both gates."""
        return self.secretariat or (self.declared and self.belongs(subject, group_id))


def undeclared(standing: Standing) -> NotAllowed:
    return undeclared_in(standing.place.assessment_id)


def undeclared_in(assessment_id: int) -> NotAllowed:
    """The refusal of gate 1. It names the assessment, in whose journal it is written down."""
    return NotAllowed(UNDECLARED, assessment=assessment_id)


def check_reads(standing: Standing, subject: str, group_id: int) -> None:
    """Raises:
    NotFound: what one may not see does not exist.
    NotAllowed: it would be open, were it not for the declaration of interests.
    """
    if not standing.belongs(subject, group_id):
        raise NotFound()
    if not standing.reads(subject, group_id):
        raise undeclared(standing)


def check_takes_part(standing: Standing, subject: str, group_id: int) -> None:
    """May this person write, rate or vote on `subject` as a member of `group_id`?

    Raises:
        NotFound: not a member, or kept out.
        NotAllowed: the declaration of interests is missing or too old, or only the secretariat.
    """
    check_reads(standing, subject, group_id)
    if not standing.sits_in(group_id):
        raise NotAllowed("This belongs to the members of the working group.")
    if standing.outcome(subject, group_id) in NO_BALLOT:
        raise NotAllowed(
            "Under the decision on your interests you are heard on this question, without a part in it."
        )
    if not standing.declared:
        raise undeclared(standing)


def is_valid_declaration(signed_at: datetime | None, now: datetime) -> bool:
    """Signed at most twelve months before this day (METHODS section 6, `dpi.max_age_months`)."""
    return signed_at is not None and now <= expiry(signed_at)


def expiry(signed_at: datetime) -> datetime:
    """The last moment of the twelve months. A declaration of 29 February lasts until 28 February."""
    year = signed_at.year + MAX_AGE_MONTHS // 12
    day = 28 if (signed_at.month, signed_at.day) == (2, 29) else signed_at.day
    return signed_at.replace(year=year, day=day)


def waits_for_renewal(signed_at: datetime | None, now: datetime) -> bool:
    """Missing, too old, or within thirty days of it."""
    return signed_at is None or now >= expiry(signed_at) - timedelta(days=RENEW_DAYS)


@dataclass(frozen=True)
class Link:
    """One interest as its owner declares it. A major one (METHODS section 6) proposes a recusal."""

    section: str
    organisation: str
    description: str
    since: str = ""
    until: str = ""
    major: bool = False


def check_signs(person_id: int, actor_id: int) -> None:
    if person_id != actor_id:
        raise NotAllowed("Each person signs the own declaration.")


def check_declaration(nothing_to_declare: bool, links: Sequence[Link]) -> None:
    """Either nothing, in so many words, or at least one link, each complete.

    Raises:
        Invalid: with a sentence for each field.
    """
    problems: dict[str, Refusal] = {}
    if nothing_to_declare and links:
        problems["nothing_to_declare"] = Invalid(
            "You list interests and say that you have none. Remove the lines, or untick this."
        )
    if not nothing_to_declare and not links:
        problems["nothing_to_declare"] = Invalid("List your interests, or say that you have none.")
    if len(links) > MAX_LINKS:
        problems["organisation"] = Invalid(
            "At most {limit} interests fit in one declaration.", limit=MAX_LINKS
        )
    for index, link in enumerate(links):
        problems.update({f"{name}_{index}": refusal for name, refusal in _link_problems(link, index + 1)})
    if problems:
        raise Invalid("Your declaration is not complete.", problems=problems)


def _link_problems(link: Link, number: int) -> Iterator[tuple[str, Refusal]]:
    if link.section not in SECTIONS:
        yield "section", Invalid("Line {number}: choose the kind of interest.", number=number)
    if not 1 <= len(link.organisation) <= 300:
        message = N_("Line {number}: name the organisation, in at most 300 characters.")
        yield "organisation", Invalid(message, number=number)
    if not 1 <= len(link.description) <= 2000:
        message = N_("Line {number}: say what the interest is, in at most 2,000 characters.")
        yield "description", Invalid(message, number=number)
    if max(len(link.since), len(link.until)) > 20:
        message = N_("Line {number}: write years or months, such as 2024-05.")
        yield "since", Invalid(message, number=number)


def proposed_outcome(majors: Sequence[bool]) -> Outcome:
    """What the declared interests suggest, one flag each; whoever decides may decide otherwise."""
    if any(majors):
        return Outcome.RECUSED_ITEM
    return Outcome.OTHER_LINK if majors else Outcome.NONE


def follows(standing: Standing, group_id: int | None) -> bool:
    """Whether the declarations of this group's members are this person's to weigh."""
    return standing.secretariat or (
        standing.chairs(group_id) and not standing.is_kept_out(f"group-{group_id}", group_id)
    )


def check_follows_any(standing: Standing) -> None:
    """The page of an assessment's interests: the secretariat, and whoever chairs a group."""
    if not standing.secretariat and not standing.place.chairs:
        raise NotFound()


def check_decides(standing: Standing, subject: str, group_id: int, person_id: int) -> None:
    """May this person decide what `person_id` may do with `subject` of `group_id`?

    Raises:
        NotFound: neither the secretariat nor a chair of the group who sees the subject.
        NotAllowed: about oneself, or as a chair without a valid declaration.
    """
    if not follows(standing, group_id) or not standing.belongs(subject, group_id):
        raise NotFound()
    if standing.person_id == person_id:
        raise NotAllowed("Nobody decides about the own interests: ask the secretariat or the chair.")
    if not standing.secretariat and not standing.declared:
        raise undeclared(standing)


def check_decision(subject: str, group_id: int, outcome: Outcome, category: str, reason: str) -> None:
    """Raises Invalid when the decision contradicts itself or leaves something open."""
    problems: dict[str, Refusal] = {}
    is_group = subject == f"group-{group_id}"
    if not SUBJECT.fullmatch(subject) or (subject.startswith("group-") and not is_group):
        problems["subject"] = Invalid("Choose one of the questions offered.")
    if outcome is Outcome.EXCLUDED_GROUP and not is_group:
        problems["subject"] = Invalid(
            "An exclusion bears on the whole group: choose the group as its subject."
        )
    if is_group and outcome not in (Outcome.EXCLUDED_GROUP, Outcome.NONE):
        problems["outcome"] = Invalid("For the whole group choose its exclusion, or that no link exists.")
    if outcome is not Outcome.NONE and category not in SECTIONS:
        problems["category"] = Invalid("Choose the kind of interest: the record prints it.")
    if not 1 <= len(reason) <= 5000:
        problems["reason"] = Invalid("Give the reason, in at most 5,000 characters.")
    if problems:
        raise Invalid("This decision is not complete.", problems=problems)

"""An assessment's interests, for its secretariat and chairs: who declared what, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.models import Assessment, Group, assessment_called, groups_of, members_of
from deliberate.errors import Invalid, NotFound, Refusal
from deliberate.interests import actions, rules
from deliberate.interests.models import (
    Declaration,
    InterestDecision,
    decisions_in_force,
    newest_declarations,
    standing_of,
)
from deliberate.interests.rules import Outcome, Standing
from deliberate.live.journal import last_number
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, t
from deliberate.web.routing import page
from deliberate.web.slots import fill

PAGE_SIZE = 50
WHO = {"secretariat", "chair", "committee_chair"}


@dataclass
class Member:
    """One person with a seat in the groups followed."""

    id: int
    name: str
    groups: dict[int, str] = field(default_factory=dict)
    declaration: Declaration | None = None
    decisions: list[InterestDecision] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        signed_at = self.declaration.signed_at if self.declaration else None
        return rules.is_valid_declaration(signed_at, datetime.now(UTC))

    @property
    def until(self) -> datetime | None:
        return rules.expiry(self.declaration.signed_at) if self.declaration else None

    @property
    def majors(self) -> list[bool]:
        return [interest.major for interest in self.declaration.interests] if self.declaration else []


@dataclass(frozen=True)
class Subject:
    """What one may be kept out of: a question, a record, or all of a group's work."""

    key: str
    label: str
    group_id: int


async def show_interests(
    request: Request, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    rules.check_follows_any(standing)
    after = await last_number(assessment.id)
    groups = {
        group.id: group for group in await groups_of(assessment.id) if rules.follows(standing, group.id)
    }
    members = await members_followed(assessment, groups)
    subjects = await subjects_of(request, assessment, standing, groups)
    await with_decisions(assessment, members, subjects)
    chosen = chosen_member(request, members, typed)
    shown, number, pages = one_page(request, list(members.values()))
    context = {
        "assessment": assessment,
        "standing": standing,
        "members": shown,
        "page": number,
        "pages": pages,
        "count": len(members),
        "missing": [member for member in members.values() if not member.valid],
        "member": chosen,
        "subjects": subjects,
        "offered": offered_to(chosen, subjects) if chosen else [],
        "suggested": rules.proposed_outcome(chosen.majors) if chosen else None,
        "outcomes": [(str(code), _(word)) for code, word in rules.OUTCOME_WORDS.items()],
        "categories": [(code, _(word)) for code, word in rules.SECTION_WORDS.items()],
        "outcome_words": rules.OUTCOME_WORDS,
        "outcome_short": rules.OUTCOME_SHORT,
        "section_words": rules.SECTION_WORDS,
        "after": after,
    }
    facts = {"members": [told(member) for member in members.values()], "subjects": list(subjects)}
    return render(request, "interests/interests.html", context, refusal=refusal, typed=typed, facts=facts)


class DecisionForm(BaseModel):
    person: int
    subject: str
    outcome: Outcome
    category: str = ""
    reason: Annotated[str, Field(min_length=1, max_length=5000)]


@again(show_interests)
async def decide(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    rules.check_follows_any(standing)
    form = await read(request, DecisionForm)
    groups = {group.id: group for group in await groups_of(assessment.id)}
    subject = (await subjects_of(request, assessment, standing, groups)).get(form.subject)
    if subject is None:
        problem = Invalid("Choose one of the questions offered.")
        raise Invalid("This decision is not complete.", problems={"subject": problem})
    decision = await actions.decide_interest(
        assessment.id,
        form.person,
        subject.key,
        subject.group_id,
        outcome=form.outcome,
        category=form.category,
        reason=form.reason,
        actor=request.user,
        also=request.app.state.slots.get("recusal", ()),
    )
    target = f"/a/{assessment.slug}/interests?person={form.person}#decided"
    return see_other(request, target, flash=_("Decided. It holds from this moment."), decision=decision.id)


async def members_followed(assessment: Assessment, groups: Mapping[int, Group]) -> dict[int, Member]:
    members: dict[int, Member] = {}
    for row in await members_of(assessment.id):
        if row["group_id"] in groups:
            member = members.setdefault(row["person_id"], Member(row["person_id"], row["person__name"]))
            member.groups[row["group_id"]] = t(groups[row["group_id"]].name)
    for person_id, declaration in (await newest_declarations(list(members))).items():
        members[person_id].declaration = declaration
    return dict(sorted(members.items(), key=lambda item: (item[1].valid, item[1].name.casefold())))


async def subjects_of(
    request: Request, assessment: Assessment, standing: Standing, groups: Mapping[int, Group]
) -> dict[str, Subject]:
    """Everything this person may decide about: what the slot of later domains lists, and each whole group."""
    found = {
        f"group-{group.id}": Subject(
            f"group-{group.id}", _("All of the work of: {group}").format(group=t(group.name)), group.id
        )
        for group in groups.values()
    }
    for listed in await fill(request, "subjects", assessment.id):
        for key, code, title, group_id in listed:
            found[key] = Subject(key, f"{code} {t(title)}", group_id)
    return {
        key: subject
        for key, subject in found.items()
        if rules.follows(standing, subject.group_id) and standing.reads(key, subject.group_id)
    }


async def with_decisions(
    assessment: Assessment, members: Mapping[int, Member], subjects: Mapping[str, Subject]
) -> None:
    for decision in await decisions_in_force(assessment.id):
        if decision.person_id in members and decision.subject in subjects:
            members[decision.person_id].decisions.append(decision)


def chosen_member(
    request: Request, members: Mapping[int, Member], typed: Mapping[str, Any] | None
) -> Member | None:
    wanted = str((typed or {}).get("person") or request.query_params.get("person") or "")
    if not wanted:
        return None
    if not wanted.isdecimal() or int(wanted) not in members:
        raise NotFound()
    return members[int(wanted)]


def offered_to(member: Member, subjects: Mapping[str, Subject]) -> list[tuple[str, str]]:
    return [(key, subject.label) for key, subject in subjects.items() if subject.group_id in member.groups]


def one_page(request: Request, members: list[Member]) -> tuple[list[Member], int, int]:
    pages = max(1, -(-len(members) // PAGE_SIZE))
    asked = request.query_params.get("page", "1")
    number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1
    return members[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], number, pages


def told(member: Member) -> dict[str, Any]:
    return {
        "person": member.id,
        "valid": member.valid,
        "interests": len(member.majors),
        "decisions": {decision.subject: decision.outcome for decision in member.decisions},
    }


def shown_to(standing: Any) -> bool:
    """Whether the navigation offers this page; a bare place, before interests are weighed, has no chairs."""
    return isinstance(standing, Standing) and (standing.secretariat or bool(standing.place.chairs))


routes = [
    page("/a/{slug}/interests", show_interests, who=WHO),
    page("/a/{slug}/interests", decide, who=WHO, methods=["POST"]),
]

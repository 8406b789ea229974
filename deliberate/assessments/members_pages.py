"""Who takes part: the secretariat invites and lets go, an administrator sees to the secretariat only."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments import actions, rules
from deliberate.assessments.actions import Invitation
from deliberate.assessments.letters import role_in_words
from deliberate.assessments.members_file import MembersInvalid, decode
from deliberate.assessments.models import (
    Assessment,
    Group,
    Membership,
    assessment_called,
    groups_of,
    members_of,
    place_of,
)
from deliberate.assessments.rules import Role
from deliberate.assessments.standing import standing_in
from deliberate.errors import NotFound, Refusal
from deliberate.live.journal import last_number
from deliberate.people.models import who_came_in
from deliberate.people.rules import check_administers
from deliberate.web.answers import render, see_other
from deliberate.web.forms import again, parsed, read
from deliberate.web.i18n import _, sentence, t
from deliberate.web.routing import page


@dataclass(frozen=True)
class Section:
    """One group of people on the page: a group of the assessment, or those who belong to none."""

    title: str
    rows: list[dict[str, Any]]


async def show_members(
    request: Request,
    refusal: Refusal | None = None,
    typed: Any = None,
    made: list[Invitation] | None = None,
) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    roles = await roles_here(request, assessment)
    groups = await groups_of(assessment.id) if Role.EXPERT in roles else []
    context = {
        "assessment": assessment if Role.EXPERT in roles else None,  # the others have no way into it
        "about": assessment,
        "standing": await standing_in(request, await place_of(request.user.id, assessment.id)),
        "composes": Role.EXPERT in roles,
        "sections": await sections_of(assessment, groups, roles),
        "roles": [(str(role), role_in_words(role, None)) for role in Role if role in roles],
        "group_options": [(group.code, t(group.name)) for group in groups],
        "made": made or [],
        "nothing_new": made == [],
        "letter_to_copy": letter_to_copy(assessment, made or []),
        "found": list_problems(refusal),
        "heading": sentence(refusal) if refusal else "",
        "after": await last_number(assessment.id),
    }
    shown = None if isinstance(refusal, MembersInvalid) else refusal
    facts = {"location": f"/a/{assessment.slug}/members", "invited": [told(each) for each in made or []]}
    if made and len(made) == 1:
        facts |= told(made[0])
    response = render(request, "assessments/members.html", context, refusal=shown, typed=typed, facts=facts)
    response.status_code = refusal.status if refusal else 200
    return response


async def roles_here(request: Request, assessment: Assessment) -> Set[Role]:
    """The roles this person may give; NotFound for whoever may give none."""
    roles = await actions.roles_to_give(request.user, assessment.id)
    if not roles:
        raise NotFound()
    return roles


async def sections_of(assessment: Assessment, groups: list[Group], roles: Set[Role]) -> list[Section]:
    rows = [row for row in await members_of(assessment.id) if row["role"] in roles]
    inside = await who_came_in({row["person_id"] for row in rows})
    for row in rows:
        row["came_in"] = row["person_id"] in inside
        row["role_word"] = role_in_words(row["role"], None)
    titles: dict[int | None, str] = {None: _("Secretariat and stakeholders") if groups else _("Secretariat")}
    titles |= {group.id: t(group.name) for group in groups}
    return [
        Section(title, [row for row in rows if row["group_id"] == group_id])
        for group_id, title in titles.items()
    ]


def letter_to_copy(assessment: Assessment, made: list[Invitation]) -> str:
    """What to send by one's own mail when the link of one person is shown."""
    if len(made) != 1 or made[0].link is None:
        return ""
    return _(
        "Good day {name}, here is your link to “{title}”. Open it and confirm; it works once: {link}"
    ).format(name=made[0].person.name, title=t(assessment.title), link=made[0].link)


def list_problems(refusal: Refusal | None) -> list[tuple[int, str, str]]:
    """Line, column and sentence of everything to correct in a list of members."""
    found = refusal.found if isinstance(refusal, MembersInvalid) else []
    return [(each.line, each.column, sentence(each.refusal)) for each in found]


def told(invitation: Invitation) -> dict[str, Any]:
    return {
        "person": invitation.person.id,
        "email": invitation.person.email,
        "membership": invitation.membership.id,
        "link": invitation.link,
        "mailed": invitation.mailed,
    }


class InviteForm(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Annotated[str, Field(min_length=1, max_length=254)]
    role: Role
    group: Annotated[str | None, Field(max_length=40)] = None
    language: Literal["fr", "en"] = "fr"


@again(show_members)
async def invite(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    await roles_here(request, assessment)
    form = await read(request, InviteForm)
    settings = request.app.state.settings
    made = await actions.invite(
        assessment, form.name, form.email, form.role, form.group, form.language, request.user, settings
    )
    return await show_members(request, made=[made])


@again(show_members)
async def import_members(request: Request) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    rules.check_is_secretariat(await place_of(request.user.id, assessment.id))
    text = await sent_list(request)
    made = await actions.import_members(assessment, text, request.user, request.app.state.settings)
    return await show_members(request, made=made)


async def sent_list(request: Request) -> str:
    """The list sent as a file, else what was pasted."""
    form = await parsed(request)
    file, pasted = form.get("file"), form.get("text")
    if isinstance(file, UploadFile) and file.filename:
        return decode(await file.read())
    if isinstance(pasted, str) and pasted.strip():
        return pasted
    raise rules.wrong("file", "Choose a file, or paste its text below.")


async def membership_here(request: Request) -> Membership:
    """The membership of the address: any of its own for the secretariat, of the secretariat for
    administrators.
    """
    assessment = await assessment_called(request.path_params["slug"])
    found = await Membership.get_or_none(
        id=request.path_params["membership_id"], assessment_id=assessment.id, until=None
    )
    if found is None:
        raise NotFound()
    if request.url.path.startswith(f"/a/{assessment.slug}/secretariat/"):
        check_administers(request.user.administrator and found.role == Role.SECRETARIAT)
    else:
        rules.check_is_secretariat(await place_of(request.user.id, assessment.id))
    return found


@again(show_members)
async def renew_link(request: Request) -> Response:
    found = await membership_here(request)
    made = await actions.renew_link(found.id, request.user, request.app.state.settings)
    return await show_members(request, made=[made])


@again(show_members)
async def end_membership(request: Request) -> Response:
    found = await membership_here(request)
    await actions.end_membership(found.id, request.user)
    slug = request.path_params["slug"]
    is_own = found.person_id == request.user.id
    return see_other(request, "/" if is_own else f"/a/{slug}/members", flash=_("The membership has ended."))


COMPOSES, OFFICE = {"secretariat"}, {"administrator"}
routes = [
    page("/a/{slug}/members", show_members, who=COMPOSES | OFFICE),
    page("/a/{slug}/members", invite, who=COMPOSES | OFFICE, methods=["POST"]),
    page("/a/{slug}/members/import", import_members, who=COMPOSES, methods=["POST"]),
    page("/a/{slug}/members/{membership_id:int}/link", renew_link, who=COMPOSES, methods=["POST"]),
    page("/a/{slug}/members/{membership_id:int}/end", end_membership, who=COMPOSES, methods=["POST"]),
    page("/a/{slug}/secretariat/{membership_id:int}/link", renew_link, who=OFFICE, methods=["POST"]),
    page("/a/{slug}/secretariat/{membership_id:int}/end", end_membership, who=OFFICE, methods=["POST"]),
]

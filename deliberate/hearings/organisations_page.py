"""All hearings of an assessment: the secretariat prepares them here, the working groups find what was
said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deliberate.assessments.actions import Invitation
from deliberate.assessments.members_pages import letter_to_copy
from deliberate.assessments.members_pages import told as told_of_invitation
from deliberate.assessments.models import Assessment, assessment_called
from deliberate.errors import NotFound
from deliberate.hearings import actions, rules
from deliberate.hearings.account import by
from deliberate.hearings.forms import ConvocationForm, EndForm, OrganisationForm, SpokespersonForm
from deliberate.hearings.models import Contribution, Correction, Hearing, Spokesperson, Stakeholder
from deliberate.hearings.rules import STATE_WORDS, HearingState
from deliberate.hearings.seats import own_stakeholders, speakers_in, working_groups
from deliberate.hearings.sight import TAGS
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import last_number
from deliberate.meetings.models import Meeting
from deliberate.meetings.rules import MeetingKind, MeetingState
from deliberate.people.models import who_came_in
from deliberate.web.answers import render, see_other, wants_json
from deliberate.web.forms import again, read
from deliberate.web.i18n import _, moment, t
from deliberate.web.routing import page

SHOWN = ("id", "stakeholder_id", "version", "title", "at")  # of a contribution: not its text


@dataclass(frozen=True)
class Row:
    """One organisation in the list."""

    stakeholder: Stakeholder
    hearing: Hearing | None
    state: HearingState | None
    spokespersons: list[Spokesperson]
    contribution: Contribution | None
    unanswered: int  # corrections

    @property
    def state_words(self) -> str:
        return _(STATE_WORDS[self.state]) if self.state else _("not convened yet")

    @property
    def tag(self) -> str:
        if self.unanswered:
            return "waits"
        return TAGS.get(self.state, "plain") if self.state else "quiet"

    def told(self) -> dict[str, Any]:
        return {
            "stakeholder": self.stakeholder.id,
            "organisation": self.stakeholder.name,
            "hearing": self.hearing.id if self.hearing else None,
            "state": str(self.state) if self.state else None,
            "unanswered": self.unanswered,
        }


async def show_hearings(
    request: Request, refusal: Any = None, typed: Any = None, made: list[Invitation] | None = None
) -> Response:
    assessment = await assessment_called(request.path_params["slug"])
    standing = await standing_of(request.user.id, assessment.id)
    context = {"assessment": assessment, "standing": standing, "after": await last_number(assessment.id)}
    if standing.secretariat:
        context |= await desk_of(assessment, made or [])
        facts = {"organisations": [row.told() for row in context["rows"]], **facts_of(made)}
        return render(
            request, "hearings/organisations.html", context, refusal=refusal, typed=typed, facts=facts
        )
    rows = await rows_seen(assessment.id, standing)
    facts = {"organisations": [row.told() for row in rows]}
    if standing.place.stakeholder and len(rows) == 1 and not wants_json(request):
        return see_other(request, f"/hearings/{rows[0].hearing.id}")
    return render(request, "hearings/hearings.html", {**context, "rows": rows}, facts=facts)


async def rows_seen(assessment_id: int, standing: Standing) -> list[Row]:
    """The hearings that are this person's to read; for a heard party its own alone. Raises NotFound."""
    if rules.hears_stakeholders(standing, await working_groups(assessment_id)):
        stakeholders = await Stakeholder.filter(assessment_id=assessment_id).order_by("name")
    elif standing.place.stakeholder:
        stakeholders = await own_stakeholders(standing.person_id, [assessment_id])
    else:
        raise NotFound()
    rows = await rows_of(stakeholders)
    return [row for row in rows if row.hearing is not None]


async def desk_of(assessment: Assessment, made: list[Invitation]) -> dict[str, Any]:
    """What the forms of the secretariat offer."""
    rows = await rows_of(await Stakeholder.filter(assessment_id=assessment.id).order_by("name"))
    spoken = {each.person_id for row in rows for each in row.spokespersons}
    meetings = Meeting.filter(assessment_id=assessment.id, kind=MeetingKind.HEARING)
    return {
        "rows": rows,
        "came_in": await who_came_in(spoken),
        "organisations": [(row.stakeholder.id, row.stakeholder.name) for row in rows],
        "to_name": next((row.stakeholder.id for row in rows if not row.spokespersons), None),
        "next_to_convene": next((row.stakeholder.id for row in rows if row.hearing is None), None),
        "to_convene": [
            (row.stakeholder.id, row.stakeholder.name) for row in rows if rules.may_convene(row.state)
        ],
        "themes": [(each["code"], f"{each['code']} · {t(each['title'])}") for each in assessment.themes],
        "meetings": [
            (each.id, f"{moment(each.planned_at)} · {t(each.title)}")
            for each in await meetings.exclude(state=MeetingState.CLOSED).order_by("planned_at")
        ],
        "made": made,
        "letter_to_copy": letter_to_copy(assessment, made),
    }


async def rows_of(stakeholders: Iterable[Stakeholder]) -> list[Row]:
    """In their order, with the last hearing of each: a fixed number of queries."""
    ids, now = [each.id for each in stakeholders], datetime.now(UTC)
    hearings = Hearing.filter(stakeholder_id__in=ids).order_by("id").select_related("meeting")
    last = {row.stakeholder_id: row for row in await hearings}
    written = Contribution.filter(stakeholder_id__in=ids).order_by("version")
    contributions = {row.stakeholder_id: row for row in await written.only(*SHOWN)}
    waiting = by(
        await Correction.filter(hearing__stakeholder_id__in=ids, verdict="").only("id", "hearing_id"),
        "hearing_id",
    )
    speakers = by(await speakers_in(ids), "stakeholder_id")
    return [
        Row(
            stakeholder=each,
            hearing=last.get(each.id),
            state=last[each.id].state_at(now) if each.id in last else None,
            spokespersons=speakers[each.id],
            contribution=contributions.get(each.id),
            unanswered=len(waiting[last[each.id].id]) if each.id in last else 0,
        )
        for each in stakeholders
    ]


def facts_of(made: list[Invitation] | None) -> dict[str, Any]:
    return told_of_invitation(made[0]) if made else {}


async def office(request: Request) -> Assessment:
    """The assessment, for its secretariat; asked before the form is read."""
    assessment = await assessment_called(request.path_params["slug"])
    rules.check_manages((await standing_of(request.user.id, assessment.id)).secretariat)
    return assessment


async def check_here(assessment: Assessment, stakeholder_id: int) -> None:
    if not await Stakeholder.filter(id=stakeholder_id, assessment_id=assessment.id).exists():
        raise NotFound()


@again(show_hearings)
async def add_organisation(request: Request) -> Response:
    assessment = await office(request)
    form = await read(request, OrganisationForm)
    made = await actions.add_stakeholder(assessment.id, form.organisation, request.user)
    flash = _("{organisation} will be heard. Name a spokesperson, then convene it.")
    words = flash.format(organisation=made.name)
    return see_other(request, f"/a/{assessment.slug}/hearings", flash=words, stakeholder=made.id)


@again(show_hearings)
async def add_spokesperson(request: Request) -> Response:
    """The link stands on the answer to this form, and nowhere else."""
    assessment = await office(request)
    form = await read(request, SpokespersonForm)
    await check_here(assessment, form.speaks_for)
    made = await actions.add_spokesperson(
        form.speaks_for, form.name, form.email, form.language, request.user, request.app.state.settings
    )
    return await show_hearings(request, made=[made])


@again(show_hearings)
async def end_spokesperson(request: Request) -> Response:
    assessment = await office(request)
    form = await read(request, EndForm)
    await check_here(assessment, form.stakeholder)
    await actions.end_spokesperson(form.stakeholder, form.person, request.user)
    flash = _("This person no longer speaks for the organisation.")
    return see_other(request, f"/a/{assessment.slug}/hearings", flash=flash)


@again(show_hearings)
async def convene(request: Request) -> Response:
    assessment = await office(request)
    form = await read(request, ConvocationForm)
    await check_here(assessment, form.stakeholder)
    convocation = actions.Convocation(form.themes, form.questions, form.meeting, form.planned_at, form.place)
    made = await actions.convene(form.stakeholder, convocation, request.user, request.app.state.settings)
    flash = _("The convocation is sent: it stands on the page of the organisation.")
    return see_other(request, f"/a/{assessment.slug}/hearings", flash=flash, hearing=made.id)


OFFICE, POST = {"secretariat"}, ["POST"]
routes = [
    page("/a/{slug}/hearings", show_hearings, who=OFFICE | {"chair", "expert", "stakeholder"}),
    page("/a/{slug}/hearings/organisations", add_organisation, who=OFFICE, methods=POST),
    page("/a/{slug}/hearings/spokespersons", add_spokesperson, who=OFFICE, methods=POST),
    page("/a/{slug}/hearings/spokespersons/end", end_spokesperson, who=OFFICE, methods=POST),
    page("/a/{slug}/hearings/convocations", convene, who=OFFICE, methods=POST, name="convene_hearing"),
]

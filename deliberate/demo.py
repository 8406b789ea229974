"""A deliberation to look at: the mesotherapy assessment with invented people, in the middle of its work.

Seeded through the actions of the domains, as its people would have done it. A folder that holds the
demonstration already is left as it is, and only gets fresh links.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deliberate.assessments.actions import found_assessment, invite
from deliberate.assessments.file import AssessmentFile, read_assessment
from deliberate.assessments.models import Assessment, Group, Membership
from deliberate.assessments.protocol_actions import freeze_protocol
from deliberate.assessments.rules import GroupKind, Role
from deliberate.evidence.models import evidence_of
from deliberate.hearings import actions as hearings
from deliberate.hearings.actions import Convocation, Paper
from deliberate.hearings.models import Contribution
from deliberate.interests.actions import decide_interest, sign_declaration
from deliberate.interests.models import Declaration, InterestDecision
from deliberate.interests.rules import Link, Outcome
from deliberate.meetings import actions as meetings
from deliberate.meetings.rules import ItemKind, ItemPlan, MeetingKind
from deliberate.people.actions import CONSOLE, add_person, make_link
from deliberate.people.letters import sign_in_url
from deliberate.people.models import Person
from deliberate.questions.actions import open_opinions, reveal_opinions, write_conclusion
from deliberate.questions.founding import add_evidence_items, add_questions
from deliberate.questions.models import Opinion, RiskQuestion, questions_of, scales_of
from deliberate.questions.opinions import add_comment, save_draft, submit_opinion
from deliberate.questions.rules import Stance
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText
from deliberate.record.reporting_actions import add_reporting
from deliberate.rehearsal.names import invented_people
from deliberate.rehearsal.phrases import MAJOR_INTEREST, ORGANISATIONS, RECUSAL_REASON
from deliberate.rehearsal.simulation import Matter, Simulation, contribution
from deliberate.settings import Settings, data_path

SEED = 2014
EXPERTS = 6  # of each working group, two of whom show what a missing declaration and a recusal do
MEMBERS = 5  # of the committee, beside its chair
WRITTEN = 3  # questions of each group with opinions; the first of them is revealed


async def seed(settings: Settings) -> list[str]:
    """Makes the demonstration where there is none; the lines to print, a sign-in link for each role."""
    file = read_assessment((data_path("config") / "assessments" / "mesotherapy.toml").read_text("utf-8"))
    assessment = await Assessment.get_or_none(slug=file.slug)  # perhaps of an earlier version of the file
    if assessment is None:
        steps = [add_questions, add_evidence_items, add_reporting]
        assessment, _ = await found_assessment(file, CONSOLE, also=steps)
        await Stage(settings, assessment, file).set()
    return await lines(settings, assessment)


class Stage:
    """Everything the demonstration shows, act by act."""

    def __init__(self, settings: Settings, assessment: Assessment, file: AssessmentFile) -> None:
        self.settings, self.assessment, self.file = settings, assessment, file
        self.crowd = iter(invented_people(60, SEED))
        self.groups: dict[str, Group] = {}
        self.chairs: dict[int, Person] = {}
        self.experts: dict[int, list[Person]] = {}

    async def set(self) -> None:
        self.simulation = Simulation(SEED, await scales_of(self.assessment.id))
        await self.invite_everybody()
        await self.declare_interests()
        await freeze_protocol(self.assessment.id, self.assessment.protocol_hash, self.secretary)
        for group in self.working_groups():
            mine = [row for row in await questions_of(self.assessment.id) if row.group_id == group.id]
            await self.recuse_one(group, mine[1])
            await self.write_opinions(group, mine[:WRITTEN])
            await self.discuss(group, mine[0])
            await self.convene_working_group(group, mine)
        await self.convene_stakeholders()

    def working_groups(self) -> list[Group]:
        return [group for group in self.groups.values() if group.kind == GroupKind.WORKING_GROUP]

    # People

    async def invite_everybody(self) -> None:
        one = next(self.crowd)
        await add_person(one.name, one.email, CONSOLE, language=one.language, administrator=True)
        self.secretary = await self.invited(Role.SECRETARIAT)
        for group in await Group.filter(assessment_id=self.assessment.id).order_by("position"):
            self.groups[group.code] = group
            is_committee = group.kind == GroupKind.COMMITTEE
            self.chairs[group.id] = await self.invited(Role.CHAIR, group.code)
            role, count = (Role.MEMBER, MEMBERS) if is_committee else (Role.EXPERT, EXPERTS)
            self.experts[group.id] = [await self.invited(role, group.code) for _ in range(count)]

    async def invited(self, role: Role, group: str | None = None) -> Person:
        one = next(self.crowd)
        actor = CONSOLE if role is Role.SECRETARIAT else self.secretary
        invitation = await invite(
            self.assessment, one.name, one.email, role, group, one.language, actor, self.settings
        )
        return invitation.person

    async def declare_interests(self) -> None:
        """Everybody but the last expert of each working group."""
        for group in self.groups.values():
            is_committee = group.kind == GroupKind.COMMITTEE
            experts = self.experts[group.id]
            for person in [self.chairs[group.id], *(experts if is_committee else experts[:-1])]:
                links = [Link(*row[:3], major=row[3]) for row in self.simulation.interests(person.email)]
                if not is_committee and person is experts[-2]:
                    links = [Link(*MAJOR_INTEREST[:3], major=MAJOR_INTEREST[3])]
                await sign_declaration(person, not links, links, person)

    async def recuse_one(self, group: Group, question: RiskQuestion) -> None:
        await decide_interest(
            self.assessment.id,
            self.experts[group.id][-2].id,
            f"question-{question.id}",
            group.id,
            outcome=Outcome.RECUSED_ITEM,
            category="capital",
            reason=RECUSAL_REASON,
            actor=self.secretary,
        )

    # The deliberation

    async def write_opinions(self, group: Group, questions: list[RiskQuestion]) -> None:
        """All of the first question, most of the second, one draft and one opinion on the third."""
        writers = [self.chairs[group.id], *self.experts[group.id][:-2]]
        for number, question in enumerate(questions):
            await open_opinions(question.id, self.secretary)
            matter = await matter_of(question)
            for person in writers[: len(writers) - 2 * number]:
                await submit_opinion(question.id, self.opinion(person, matter), person)
        drafted = self.simulation.opinion(
            writers[-1].email, await matter_of(questions[-1]), writers[-1].language
        )
        draft = {"position": drafted["position"], "reasons": drafted["reasons"][:180]}
        await save_draft(questions[-1].id, draft, writers[-1])
        await reveal_opinions(questions[0].id, self.secretary)

    def opinion(self, person: Person, matter: Matter) -> OpinionText:
        given = self.simulation.opinion(person.email, matter, person.language)
        return OpinionText(
            given["position"],
            given["reasons"],
            assessed(given),
            given["language"],
            tuple(given["cites"]),
        )

    async def discuss(self, group: Group, question: RiskQuestion) -> None:
        """Comments on the revealed opinions, an answer to one, a revision, and the chair's first draft."""
        chair, *others = [self.chairs[group.id], *self.experts[group.id][:-2]]
        opinions = await Opinion.filter(question_id=question.id).order_by("id")
        for person, opinion in zip(others, opinions, strict=False):
            comment = await self.comment(question, person, opinion.id)
            if person is others[0]:
                await self.comment(question, chair, opinion.id, parent=comment)
        matter = await matter_of(question)
        given = self.simulation.opinion(others[0].email, matter, others[0].language, revised=True)
        revised = OpinionText(
            given["position"], given["reasons"], assessed(given), given["language"], tuple(given["cites"])
        )
        await submit_opinion(question.id, revised, others[0])
        drafted = self.simulation.conclusion(matter, "fr")
        text = ConclusionText(drafted["answer"], assessed(drafted), "fr", drafted["divergent"])
        await write_conclusion(question.id, text, chair, based_on=0)

    async def comment(
        self, question: RiskQuestion, person: Person, opinion_id: int, parent: int | None = None
    ) -> int:
        said = self.simulation.comment(person.email, f"{question.code}/{opinion_id}", person.language)
        made = await add_comment(
            question.id,
            said["text"],
            person,
            stance=Stance(said["stance"]),
            language=said["language"],
            key=f"demo-{question.id}-{opinion_id}-{person.id}-{parent or 0}",
            opinion_id=opinion_id,
            parent_id=parent,
        )
        return made.id

    # Meetings and hearings

    async def convene_working_group(self, group: Group, questions: list[RiskQuestion]) -> None:
        """This afternoon, on the questions whose opinions are there and one more."""
        meeting = await meetings.plan_meeting(
            self.assessment.id,
            group.id,
            title={"fr": "Séance de cotation", "en": "Rating meeting"},
            planned_at=today(self.settings),
            place="Salle 4.12 et à distance",
            actor=self.secretary,
        )
        opening = {"fr": "Ouverture, liens d’intérêts", "en": "Opening, interests"}
        await meetings.add_item(meeting, ItemPlan(opening, ItemKind.INFORMATION, "", 10), self.secretary)
        for question in questions[: WRITTEN + 1]:
            title = {code: f"{question.code}\u00a0– {text}"[:300] for code, text in question.title.items()}
            plan = ItemPlan(title, ItemKind.DECISION, f"question-{question.id}", 30)
            await meetings.add_item(meeting, plan, self.secretary)
        await meetings.convene_meeting(meeting, self.secretary)

    async def convene_stakeholders(self) -> None:
        """Two organisations: one has answered and written, the other has been convened."""
        meeting = await self.plan_hearings()
        themes = [theme["code"] for theme in self.assessment.themes]
        for number, (name, interests) in enumerate(ORGANISATIONS[:2]):
            stakeholder = await hearings.add_stakeholder(self.assessment.id, name, self.secretary)
            one = next(self.crowd)
            invitation = await hearings.add_spokesperson(
                stakeholder.id, one.name, one.email, one.language, self.secretary, self.settings
            )
            asked = Convocation(themes[number * 3 : number * 3 + 3] or themes, meeting_id=meeting)
            hearing = await hearings.convene(stakeholder.id, asked, self.secretary)
            if number == 0:
                speaker = invitation.person
                await hearings.accept(hearing.id, speaker, "Nous viendrons à deux.")
                await hearings.declare_interests(hearing.id, interests, speaker)
                written = contribution(0, self.assessment.themes[0]["text"]["fr"])
                await hearings.submit_contribution(hearing.id, Paper(**written, may_publish=True), speaker)

    async def plan_hearings(self) -> int:
        group = self.working_groups()[0]
        meeting = await meetings.plan_meeting(
            self.assessment.id,
            group.id,
            title={"fr": "Auditions des parties prenantes", "en": "Hearings of stakeholders"},
            planned_at=today(self.settings) + timedelta(days=7),
            place="Salle 2.01",
            kind=MeetingKind.HEARING,
            actor=self.secretary,
        )
        await meetings.convene_meeting(meeting, self.secretary)
        return meeting


def today(settings: Settings) -> datetime:
    """At two this afternoon, or within the hour when that is past."""
    now = datetime.now(ZoneInfo(settings.time_zone))
    two = now.replace(hour=14, minute=0, second=0, microsecond=0)
    return max(two, (now + timedelta(minutes=30)).replace(second=0, microsecond=0)).astimezone(UTC)


async def matter_of(question: RiskQuestion) -> Matter:
    documents = await evidence_of(f"question-{question.id}")
    return Matter(question.code, question.title, question.hazard, tuple(item.id for item in documents))


def assessed(given: dict[str, str]) -> Assessed:
    return Assessed(
        given["status"], given["severity"], given["likelihood"], given["certainty"], given["unknowns"]
    )


# What is printed


async def lines(settings: Settings, assessment: Assessment) -> list[str]:
    """One line for each role, with a fresh link."""
    found = [(role, person) async for role, person in roles(assessment)]
    width = max(len(role) for role, _ in found) + 1
    made = []
    for role, person in found:
        link = sign_in_url(settings, await make_link(person, CONSOLE, settings.invitation_hours))
        made.append(f"{f'{role}:':<{width}}  {link}")
    return [
        f"Deliberate is at {settings.public_url} with invented people. Each link signs in once:",
        "",
        *made,
        "",
        "Open each in a browser profile of its own, or one after another. Ctrl-C stops it.",
    ]


async def roles(assessment: Assessment) -> AsyncIterator[tuple[str, Person]]:
    """Somebody for each role, and for each thing that the rules keep somebody from."""
    administrator = await Person.filter(administrator=True, left_at=None).order_by("id").first()
    if administrator:
        yield "Administrator", administrator
    rows = Membership.filter(assessment_id=assessment.id, until=None).order_by("id")
    members = await rows.exclude(role=Role.STAKEHOLDER).prefetch_related("person", "group")
    speakers = await rows.filter(role=Role.STAKEHOLDER).prefetch_related("person")
    declared = {row.person_id for row in await Declaration.all()}
    recused = {row.person_id: row.subject for row in await InterestDecision.all()}
    codes = {f"question-{row.id}": row.code for row in await questions_of(assessment.id)}
    told: set[str] = set()
    for row in members:
        role = words_for(row, row.person_id in declared, codes.get(recused.get(row.person_id, ""), ""))
        if role not in told:
            told.add(role)
            yield role, row.person
    wrote = {row.author_id for row in await Contribution.all().only("author_id")}
    for row in speakers:
        yield f"Stakeholder, {'has contributed' if row.person_id in wrote else 'convened'}", row.person


def words_for(row: Membership, declared: bool, recused_from: str) -> str:
    if row.group is None:
        return Role(row.role).capitalize()
    if row.group.kind == GroupKind.COMMITTEE:
        return f"Committee {row.role}"
    name = f"{Role(row.role).capitalize()} ({row.group.code})"
    if row.role == Role.CHAIR:
        return name
    if not declared:
        return f"{name}, interests not declared"
    return f"{name}, recused from {recused_from}" if recused_from else name

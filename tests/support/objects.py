"""Everything: one object of every kind, by the real actions, in a state in which its pages show something.

One assessment is under way: a question revealed and discussed, another one blind, votes open and counted, a
meeting of the group and one of the committee running, a hearing with corrected minutes, a record in review. A
second one is adopted and sealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.assessments.models import Membership
from deliberate.assessments.rules import Role
from deliberate.consensus.protocol import read_protocol
from deliberate.evidence.models import EvidenceItem, EvidenceSubject
from deliberate.hearings import actions as hearings
from deliberate.hearings import minutes
from deliberate.hearings.models import Hearing, Spokesperson
from deliberate.hearings.rules import DraftKind
from deliberate.live.keeper import Keeper
from deliberate.mail.models import OutboxMessage
from deliberate.meetings import actions as meetings
from deliberate.meetings.minutes_models import Minutes
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.models import Meeting, agenda_of
from deliberate.meetings.rules import ItemKind, ItemPlan, Presence
from deliberate.meetings.votes import Motion
from deliberate.people.actions import make_link
from deliberate.people.models import AuthSession, Person
from deliberate.questions import actions as questions
from deliberate.questions import opinions
from deliberate.questions.models import Comment, Opinion, RiskQuestion, Statement, Wording
from deliberate.questions.proposals import propose_statement
from deliberate.questions.rules import Stance
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText
from deliberate.record import actions as records
from deliberate.record.models import Record
from deliberate.record.rules import RecordState
from deliberate.review import actions as review
from deliberate.review.actions import Remark
from deliberate.settings import Settings
from deliberate.voting import actions as voting
from deliberate.voting import rounds
from deliberate.voting.models import Round, Vote, voters_of, votes_of_round
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Quorum, Seat, Terms
from tests.support.builders import (
    NOW,
    World,
    fill_checklist,
    freeze,
    join,
    make_person,
    make_question,
    make_world,
    pair,
    sign_in,
)
from tests.support.kept import kept

MATRIX = (("C1", "C1", "C2"), ("C1", "C2", "C2"), ("C1", "C2", "C3"), ("C2", "C2", "C3"), ("C2", "C3", "C3"))
PROTOCOL = {"method": "RAM", "risk.matrix": [list(row) for row in MATRIX]}
ASSESSED = Assessed("known", "2", "not_assessable", "low", "The number of sessions is unknown.")
TEXT = OpinionText("The risk is established.", "Because of *twelve* case reports.", ASSESSED, "en")
CONCLUSION = ConclusionText(
    "The group holds the risk for **established**.", ASSESSED, "en", "One member differs."
)
# Texts that stand in one place each: whoever meets one knows where it came from.
OPINION = "canary of the expert"
DRAFT = "canary in a draft of the chair"
REASONS = "canary of the second expert"
SECOND_DRAFT = "canary in a newer draft of the second expert"
NAMED_REASON = "canary in a named ballot"
CANNOT_JUDGE = "canary of the third expert, who cannot judge"
CORRECTION_DRAFT = "canary in a correction not yet sent"
COMMENT = "canary in the comment of a rating"
RATING_DRAFT = "canary in a rating not yet sent"
PROPOSAL = "canary in a statement that the expert proposes"
FIRST = (7, 8, 8, 9, 3, 7)
BEFORE = (5, 6, 8, 9, 3, 7)


@dataclass
class Objects:
    """The numbers of what was made, for addresses and topics."""

    world: World
    sealed: World
    rival: Person  # speaks for another organisation
    spare: Person  # whom an act may remove
    question: int = 0  # revealed, commented, with a conclusion
    blind: int = 0  # opinions are being written
    statement: int = 0
    blind_statement: int = 0
    opinion: int = 0  # by the persona "expert", revealed
    blind_opinion: int = 0
    document: int = 0
    other_document: int = 0  # on the question of the other group
    rating: int = 0  # an open confidential vote of the group's meeting
    counted: int = 0
    round: int = 0  # of the group, over; `counted` is in it
    choice: int = 0  # an open named vote of the group
    committee_vote: int = 0
    proposal: int = 0  # of the persona "expert", on the blind question; not answered
    open_round: int = 0  # of the group, on the blind question
    meeting: int = 0
    items: list[int] = field(default_factory=list)
    committee_meeting: int = 0
    committee_items: list[int] = field(default_factory=list)
    agenda: int = 0  # a usual one
    published: int = 0  # the meeting of the sealed assessment, whose minutes everybody reads
    hearing: int = 0
    record: int = 0
    comment: int = 0
    membership: int = 0  # of `spare`, an expert
    secretary: int = 0  # a second membership in the secretariat
    letter: int = 0
    session: int = 0  # of the persona "expert", on another browser
    token: str = ""  # of a sign-in link that nobody has used


@kept
async def make_everything(experts: int = 6, members: int = 3, width: int = 1) -> Objects:
    """`width`: how many times as many rows of each kind, where pages list them."""
    world = await make_world(experts=experts * width, members=members * width, stage="evidence_ready")
    await freeze(world.assessment, PROTOCOL)
    made = Objects(world, await make_sealed(), await make_person("Rival"), await make_person("Spare"))
    await fill_questions(made, width)
    await fill_votes(made, width)
    await fill_round(made, width)
    await fill_hearings(made, width)
    await fill_record(made, width)
    await fill_meetings(made, width)
    await fill_people(made)
    made.agenda = await meetings.keep_agenda(made.meeting, "The usual one", world["secretariat"])
    made.published = await publish(made.sealed)
    return made


# The questions and what is written on them


async def fill_questions(made: Objects, width: int) -> None:
    world = made.world
    made.question = world.question.id
    made.document = (await add_documents(world, "L", width, world.question)).id
    made.other_document = (await add_documents(world, "P", width, world.other_question)).id
    await discuss(world, world.question, made.document, width)
    made.opinion = (await Opinion.get(question_id=made.question, author=world["expert"])).id
    made.statement = await first_statement(world.question)
    blind = await make_question(world.assessment, world.infection, "I-2", stage="evidence_ready")
    made.blind, made.blind_statement = blind.id, await first_statement(blind)
    await write_blind(world, blind)
    made.blind_opinion = (await Opinion.get(question_id=blind.id, author=world["expert"])).id
    await opinions.submit_opinion(world.other_question.id, TEXT, world["other_expert"])
    for number in range(2 * (width - 1)):
        more = await make_question(
            world.assessment, world.infection, f"I-{number + 3}", stage="evidence_ready"
        )
        own = await add_documents(world, more.code, 1, more)
        await discuss(world, more, own.id, 1)


async def add_documents(world: World, code: str, count: int, question: RiskQuestion) -> EvidenceItem:
    items = [
        await EvidenceItem.create(
            assessment=world.assessment,
            code=f"{code}-{number + 1}",
            kind="literature",
            title=pair(f"Document {code}-{number + 1}"),
            description=pair("A case series."),
            source=pair("A journal"),
            level="C",
            url="https://example.org/paper",
            added_at=NOW,
        )
        for number in range(count)
    ]
    for item in items:
        await EvidenceSubject.create(item=item, subject=f"question-{question.id}")
    return items[0]


async def first_statement(question: RiskQuestion) -> int:
    found = await Statement.filter(question_id=question.id).order_by("position").first()
    assert found
    return found.id


async def discuss(world: World, question: RiskQuestion, document: int, width: int) -> None:
    """Opinions, the reveal, comments with an answer, and a conclusion that waits for its adoption."""
    for number, expert in enumerate(world.experts):
        text = replace(TEXT, position=f"Position {number}", citations=((document, "p. 12"),))
        await opinions.submit_opinion(question.id, text, expert)
    await questions.reveal_opinions(question.id, world["secretariat"])
    on = await Opinion.filter(question_id=question.id).order_by("id").first()
    assert on
    await opinions.submit_opinion(question.id, replace(TEXT, position="I see it now."), world["expert"])
    first = await say(world["chair"], question, opinion_id=on.id)
    await say(world["expert"], question, parent_id=first.id)
    for _ in range(width):
        await say(world["chair"], question)
    await questions.write_conclusion(question.id, CONCLUSION, world["chair"])


async def say(author: Person, question: RiskQuestion, **where: int) -> Comment:
    return await opinions.add_comment(
        question.id,
        "And the *denominator*?",
        author,
        stance=Stance.QUESTION,
        language="en",
        key=uuid4().hex,
        opinion_id=where.get("opinion_id"),
        parent_id=where.get("parent_id"),
    )


async def write_blind(world: World, question: RiskQuestion) -> None:
    """One opinion submitted, one saved as a draft by the chair, one submitted with a newer draft."""
    await opinions.submit_opinion(question.id, replace(TEXT, position=OPINION), world["expert"])
    await opinions.save_draft(question.id, {"position": DRAFT, "language": "en"}, world["chair"])
    await opinions.submit_opinion(question.id, replace(TEXT, reasons=REASONS), world.experts[1])
    await opinions.save_draft(question.id, {"position": SECOND_DRAFT, "language": "en"}, world.experts[1])


# Votes outside meetings


async def fill_votes(made: Objects, width: int) -> None:
    world = made.world
    second = await Statement.filter(question_id=made.question).order_by("-position").first()
    assert second
    for ratings in (BEFORE, FIRST):  # not stable yet: a meeting may rate it once more
        made.counted = await rate(world, f"statement-{second.id}", ratings)
    found = await Round.create(
        assessment=world.assessment, group=world.infection, number=1, state="fed_back", prepared_at=NOW
    )
    made.round = found.id
    await Vote.filter(subject=f"statement-{second.id}").update(rating_round_id=found.id)
    for number in range(width - 1):
        await rate(world, f"statement-{await add_statement(world.question, number)}", FIRST)
    made.choice = await open_vote(world, f"question-{made.question}", VoteKind.CHOICE, Mode.NAMED)
    await voting.cast_ballot(made.choice, world.experts[1], "against", None, NAMED_REASON, uuid4().hex)


async def add_statement(question: RiskQuestion, number: int) -> int:
    statement = await Statement.create(question=question, code=f"{question.code}.x{number}", position=number)
    await Wording.create(statement=statement, version=1, text=pair(f"Statement x{number}"), at=NOW)
    return statement.id


async def fill_round(made: Objects, width: int) -> None:
    """Open: somebody has rated with a comment, the persona "expert" has chosen something and not sent it."""
    world, office = made.world, made.world["secretariat"]
    for number in range(width - 1):
        await add_statement(await RiskQuestion.get(id=made.blind), number)
    rows = Statement.filter(question_id=made.blind).order_by("id")
    chosen = [statement.id for statement in await rows]
    made.open_round = await rounds.prepare_round(world.infection.id, chosen, office)
    until = datetime.now(UTC) + timedelta(days=9)
    await rounds.open_round(made.open_round, until, office, Settings())
    votes = await votes_of_round(made.open_round)
    await voting.cast_ballot(votes[0].id, world.experts[3], None, 8, COMMENT, uuid4().hex)
    voter = (await voters_of(votes[0], [world["expert"].id]))[world["expert"].id]
    draft = {str(votes[0].id): {"rating": "4", "reason": RATING_DRAFT}}
    await rounds.save_draft(made.open_round, voter, draft, world["expert"])
    said = {"en": PROPOSAL}
    made.proposal = await propose_statement(made.blind, said, "It is missing.", None, world["expert"])


async def rate(world: World, subject: str, ratings: Sequence[int]) -> int:
    """One confidential round, counted; returns the vote."""
    vote = await open_vote(world, subject, VoteKind.RATING, Mode.CONFIDENTIAL)
    for person, rating in zip(world.experts, ratings, strict=False):
        await voting.cast_ballot(vote, person, None, rating, "", uuid4().hex)
    await voting.close_vote(vote, world["secretariat"])
    await voting.reveal_vote(vote, world["secretariat"])
    return vote


async def open_vote(world: World, subject: str, kind: VoteKind, mode: Mode) -> int:
    matter = voting.Matter(
        assessment_id=world.assessment.id,
        group_id=world.infection.id,
        subject=subject,
        gate=f"question-{world.question.id}",
        text=pair("What is put to the vote"),
    )
    vote = await voting.prepare_vote(matter, kind, mode, world["secretariat"])
    seats = [Seat(person.id) for person in world.experts]
    seats += [Seat(world["chair"].id, chair=True)] if kind == VoteKind.CHOICE else []
    quorum = Quorum(seats=len(seats) + 2, recused=1, present=len(seats))
    terms = Terms.under(read_protocol(world.assessment.protocol), quorum=quorum, recused=1)
    await voting.open_vote(vote, seats, terms, world["secretariat"])
    return vote


# Hearings


async def fill_hearings(made: Objects, width: int) -> None:
    world, office = made.world, made.world["secretariat"]
    await join(made.rival, world.assessment, Role.STAKEHOLDER)
    await convene(world, "Association", made.rival)
    for number in range(width - 1):
        speaker = await join(await make_person("Speaker"), world.assessment, Role.STAKEHOLDER)
        await heard(await convene(world, f"Union {number}", speaker), speaker, office)
    made.hearing = await convene(world, "Federation", world["stakeholder"])
    await heard(made.hearing, world["stakeholder"], office)
    draft = {"passage": "", "correction": CORRECTION_DRAFT, "more_follows": True}
    await hearings.save_draft(made.hearing, DraftKind.CORRECTION, draft, world["stakeholder"])


async def convene(world: World, name: str, speaker: Person) -> int:
    stakeholder = await hearings.add_stakeholder(world.assessment.id, name, world["secretariat"])
    await Spokesperson.create(stakeholder=stakeholder, person=speaker, since=datetime.now(UTC))
    hearing: Hearing = await hearings.convene(
        stakeholder.id,
        hearings.Convocation(["T-1"], planned_at=NOW + timedelta(days=9), place="Room 5"),
        world["secretariat"],
    )
    return hearing.id


async def heard(hearing: int, speaker: Person, office: Person) -> None:
    """All steps up to the correction of the minutes."""
    await hearings.accept(hearing, speaker)
    await hearings.declare_interests(hearing, "We sell needles.", speaker)
    await hearings.submit_contribution(
        hearing, hearings.Paper("Our practice", "What we **see**.", "en", True), speaker
    )
    now = datetime.now(UTC)
    await hearings.hold(hearing, [speaker.id], office, now - timedelta(hours=2), now - timedelta(hours=1))
    await minutes.write_minutes(hearing, "They said: never twice.", 0, office)
    await minutes.send_minutes(hearing, office)
    await minutes.correct(
        hearing, "We said: never thrice.", speaker, passage="never twice", more_follows=True
    )


# The record, before the committee although not everything is concluded: the state is written by hand


async def fill_record(made: Objects, width: int) -> None:
    world = made.world
    await fill_checklist(world.assessment)
    for _ in range(width + 1):
        record = await records.compile_record(world.assessment.id, world["secretariat"])
        await say(world["chair"], world.question)  # so that the next version differs
    made.record = record.id
    await Record.filter(assessment=world.assessment).update(state=RecordState.REVISED)
    await Record.filter(id=made.record).update(state=RecordState.FROZEN)
    for number in range(width):
        made.comment = await remark(world, made.record, f"Is **{number}** known?")
        await review.answer_comment(made.comment, "accepted", "It is said now.", world["secretariat"])


async def remark(world: World, record: int, text: str) -> int:
    what = Remark("question-I-1", "question", text, "en", uuid4().hex)
    return (await review.add_review_comment(record, what, world["member"])).id


# Meetings under way


async def fill_meetings(made: Objects, width: int) -> None:
    world, chair = made.world, made.world["chair"]
    plans = [
        ItemPlan(pair("Welcome"), ItemKind.INFORMATION),
        ItemPlan(pair("Bacteria"), ItemKind.DISCUSSION, f"question-{made.question}", 40),
        *[ItemPlan(pair("Any other business"), ItemKind.INFORMATION) for _ in range(2 * width)],
    ]
    people = [chair, *world.experts]
    made.meeting, made.items = await begin(world, world.infection.id, plans, people, at=1)
    motion = Motion(f"statement-{made.statement}", {}, kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL)
    made.rating = await meetings.open_vote(made.items[1], motion, chair)
    await voting.cast_ballot(made.rating, world.experts[1], None, 8, "", uuid4().hex)
    await voting.cast_ballot(made.rating, world.experts[2], None, None, CANNOT_JUDGE, uuid4().hex, nsp=True)
    for _ in range(width - 1):
        await meetings.plan_meeting(
            world.assessment.id,
            world.infection.id,
            title=pair("A later meeting"),
            planned_at=NOW + timedelta(days=30),
            actor=world["secretariat"],
        )
    await fill_committee(made)
    await fill_minutes(made, width)


async def fill_minutes(made: Objects, width: int) -> None:
    """Of both meetings, as after their circulation: the group reads, and has amended."""
    world, office = made.world, made.world["secretariat"]
    for meeting, amending in ((made.meeting, world.experts), (made.committee_meeting, world.members)):
        await meetings.write_section(meeting, "opening", "The chair opens the *meeting*.", 0, office)
        for version in range(1, width):
            await meetings.write_section(meeting, "opening", f"Version {version}.", version, office)
        until = NOW + timedelta(days=20)
        await Minutes.filter(meeting_id=meeting).update(
            state=MinutesState.CIRCULATED, circulated_at=NOW, amend_until=until
        )
        for person in amending[1:3] * width:
            await meetings.propose_amendment(meeting, "opening", "opens", f"Say when: {uuid4().hex}", person)


async def fill_committee(made: Objects) -> None:
    world = made.world
    await review.propose_adoption(made.record, world["secretariat"])
    plans = [ItemPlan(pair("The record"), ItemKind.DECISION, f"record-{made.record}", 60)]
    people = [world["committee_chair"], *world.members]
    made.committee_meeting, made.committee_items = await begin(world, world.committee.id, plans, people, at=0)
    made.committee_vote = await review.open_adoption_vote(
        made.record, made.committee_items[0], world["committee_chair"]
    )
    await voting.cast_ballot(made.committee_vote, world.members[1], "for", None, "Yes.", uuid4().hex)


async def begin(
    world: World, group: int, plans: Sequence[ItemPlan], people: Sequence[Person], *, at: int
) -> tuple[int, list[int]]:
    """A meeting that runs, its item number `at` open: the meeting and its items."""
    meeting = await meetings.plan_meeting(
        world.assessment.id,
        group,
        title=pair("Second meeting"),
        planned_at=NOW + timedelta(days=3),
        place="Room 4",
        actor=world["secretariat"],
    )
    for each in plans:
        await meetings.add_item(meeting, each, world["secretariat"])
    await meetings.convene_meeting(meeting, world["secretariat"])
    for person in people:
        await meetings.arrive(meeting, person.id, Presence.ON_SITE, person)
    await meetings.open_meeting(meeting, people[0])
    items = [item.id for item in await agenda_of(meeting)]
    await meetings.open_item(items[at], people[0])
    return meeting, items


# People, and the adopted record of another assessment


async def fill_people(made: Objects) -> None:
    world = made.world
    await join(made.spare, world.assessment, Role.EXPERT, world.infection)
    made.membership = (await Membership.get(person=made.spare)).id
    second = await join(await make_person("Second secretary"), world.assessment, Role.SECRETARIAT)
    made.secretary = (await Membership.get(person=second)).id
    made.token = await make_link(made.spare, world["administrator"], hours=2)
    letter = await OutboxMessage.create(
        to="nobody@example.org", subject="Invitation", body="Come.", made_at=NOW, due_at=NOW, given_up_at=NOW
    )
    made.letter = letter.id
    await sign_in(world["expert"])
    made.session = (await AuthSession.get(person=world["expert"])).id


async def make_sealed() -> World:
    """Three experts, one question, a named vote of the committee, adopted and sealed."""
    world = await make_world(experts=5, members=3, stage="evidence_ready")
    await freeze(world.assessment, PROTOCOL)
    office, president = world["secretariat"], world["committee_chair"]
    document = await add_documents(world, "L", 1, world.question)
    await discuss(world, world.question, document.id, 1)
    await rate(world, f"statement-{await first_statement(world.question)}", FIRST)
    await opinions.submit_opinion(world.other_question.id, TEXT, world["other_expert"])
    await questions.reveal_opinions(world.other_question.id, office)
    await questions.write_conclusion(world.other_question.id, CONCLUSION, world["other_chair"])
    await questions.adopt_conclusion(world.question.id, 1, world["chair"])
    await questions.adopt_conclusion(world.other_question.id, 1, world["other_chair"])
    await fill_checklist(world.assessment)
    record = await records.compile_record(world.assessment.id, office)
    await records.freeze_record(record.id, office)
    await adopt(world, record.id, [president, *world.members])
    return world


async def publish(world: World) -> int:
    """The minutes of the committee's meeting, approved by its chair once the time for amendments is over."""
    office, president = world["secretariat"], world["committee_chair"]
    meeting = await Meeting.get(assessment=world.assessment)
    [item] = await agenda_of(meeting.id)
    await meetings.close_item(item.id, president)
    await meetings.close_meeting(meeting.id, president)
    until = NOW + timedelta(days=7)
    await meetings.circulate_minutes(meeting.id, until, office)
    await meetings.approve_minutes(meeting.id, None, president, now=until + timedelta(days=1))
    await meetings.publish_minutes(meeting.id, (), "", office)
    return meeting.id


async def adopt(world: World, record: int, people: Sequence[Person]) -> None:
    await review.propose_adoption(record, world["secretariat"])
    plans = [ItemPlan(pair("The record"), ItemKind.DECISION, f"record-{record}")]
    _meeting, items = await begin(world, world.committee.id, plans, people, at=0)
    vote = await review.open_adoption_vote(record, items[0], people[0])
    for person in people:
        await voting.cast_ballot(vote, person, "for", None, "", uuid4().hex)
    await meetings.close_vote(vote, people[0])
    await meetings.reveal_vote(vote, people[0])
    await review.adopt(record, people[0], Keeper(Ed25519PrivateKey.generate(), "example.org"))

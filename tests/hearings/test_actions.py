"""Each act on a hearing: the row, the entry, the news, and everybody who may not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deliberate.assessments.models import Membership
from deliberate.assessments.rules import Role
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.hearings import actions
from deliberate.hearings.account import hearings_of
from deliberate.hearings.actions import Convocation, Paper
from deliberate.hearings.minutes_rules import Verdict
from deliberate.hearings.models import (
    Contribution,
    Correction,
    Draft,
    Heard,
    Hearing,
    InterestsText,
    MinutesText,
    Spokesperson,
    Stakeholder,
    find_hearing,
)
from deliberate.hearings.rules import NEXT, DraftKind, HearingState
from deliberate.live.hub import Watcher, hub
from deliberate.live.models import Checkpoint, Entry
from deliberate.mail.models import OutboxMessage
from deliberate.meetings import actions as meetings
from deliberate.meetings.models import AgendaItem
from deliberate.settings import Settings
from tests.hearings.stage import (
    CANARY,
    DAY,
    PAPER,
    STEPS,
    Stage,
    brought_to,
    convened,
    hold,
    make_meeting,
    make_stage,
)
from tests.support.builders import declare, join, make_person

S = HearingState
ELSEWHERE = (
    "chair",
    "expert",
    "undeclared",
    "other_chair",
    "committee_chair",
    "member",
    "signed_in",
    "administrator",
    "foreign_secretariat",
)


async def everything() -> list[Any]:
    """All that hearings and journal hold."""
    tables = (
        Stakeholder,
        Spokesperson,
        Hearing,
        InterestsText,
        Contribution,
        MinutesText,
        Correction,
        Heard,
        Draft,
    )
    rows = [await table.all().order_by("id").values() for table in (*tables, Entry)]
    return rows


def others(stage: Stage, *names: str) -> list[Any]:
    return [*(stage.world[name] for name in names or ELSEWHERE), stage.rival]


async def refused(act: Any, people: list[Any], error: Any = NotFound) -> None:
    """Each is refused, and nothing changes."""
    before = await everything()
    for person in people:
        # Whoever has not declared is told so where the members of the groups would read.
        with pytest.raises((error, NotAllowed) if person.name == "Undeclared" else error):
            await act(person)
    assert await everything() == before


async def test_an_organisation_is_added_once_and_its_name_stays_out_of_the_journal(database: Any) -> None:
    stage = await make_stage()
    again = await actions.add_stakeholder(stage.world.assessment.id, "  Federation ", stage.office)
    assert again.id == stage.stakeholder.id
    bodies = await Entry.filter(kind="stakeholder_added").values_list("body", flat=True)
    assert len(bodies) == 2 and "Federation" not in "".join(bodies)
    assert json.loads(bodies[0])["details"]["commitment"]
    add = lambda person: actions.add_stakeholder(stage.world.assessment.id, "Other", person)  # noqa: E731
    await refused(add, [*others(stage), stage.speaker])
    with pytest.raises(Invalid):
        await actions.add_stakeholder(stage.world.assessment.id, "x" * 301, stage.office)


async def test_a_spokesperson_gets_a_link_and_sees_the_hearing(database: Any, settings: Settings) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)

    async def add(actor: Any, email: str = "new@example.org") -> Any:
        return await actions.add_spokesperson(stage.stakeholder.id, "Nadia", email, "fr", actor, settings)

    made = await add(stage.office)
    assert made.link and "/sign-in/" in made.link
    await actions.accept(hearing_id, made.person)
    assert (await stage.hearing()).state == S.ACCEPTED
    again = await add(stage.office)
    assert again.person.id == made.person.id and again.link != made.link
    assert await Spokesperson.filter(stakeholder_id=stage.stakeholder.id).count() == 2
    assert await Entry.filter(kind="spokesperson_began").count() == 1
    await refused(add, [*others(stage), stage.speaker])
    for busy in ("expert", "member", "secretariat"):
        email = stage.world[busy].email
        with pytest.raises(Invalid):
            await add(stage.office, email)
        assert not await Membership.filter(person_id=stage.world[busy].id, role=Role.STAKEHOLDER).exists()


async def test_who_no_longer_speaks_no_longer_sees(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    end = lambda person: actions.end_spokesperson(stage.stakeholder.id, stage.speaker.id, person)  # noqa: E731
    await refused(end, [*others(stage), stage.speaker])
    watcher = Watcher(stage.speaker.id)
    hub.join(watcher)
    await end(stage.office)
    assert watcher.recheck
    hub.leave(watcher)
    with pytest.raises(NotFound):
        await actions.accept(hearing_id, stage.speaker)


async def test_convening_sends_the_themes_and_convening_again_changes_them(database: Any) -> None:
    stage = await make_stage()
    plan = Convocation(["T-1"], "What of needles?", None, datetime(2027, 1, 5, 9, tzinfo=UTC), "Room 4")
    first = await actions.convene(stage.stakeholder.id, plan, stage.office)
    same = await actions.convene(stage.stakeholder.id, plan, stage.office)
    assert same.id == first.id and await stage.kinds(first.id) == ["hearing_convened"]
    entry = (await stage.entries(first.id))[0]
    assert entry["details"]["themes"] == ["T-1"] and "needles" not in json.dumps(entry)
    await actions.convene(stage.stakeholder.id, Convocation(["T-1"], place="Room 6"), stage.office)
    assert (await stage.hearing()).id == first.id and (await stage.hearing()).where == "Room 6"
    await refused(
        lambda person: actions.convene(stage.stakeholder.id, plan, person), [*others(stage), stage.speaker]
    )
    with pytest.raises(Invalid):
        await actions.convene(stage.stakeholder.id, Convocation(["T-9"]), stage.office)


async def test_a_hearing_in_a_meeting_has_its_own_item_which_moves_with_it(database: Any) -> None:
    stage = await make_stage()
    first, second = await make_meeting(stage), await make_meeting(stage)
    hearing_id = await convened(stage, first.id)
    item = await AgendaItem.get(meeting_id=first.id)
    assert (item.subject, item.kind) == (f"hearing-{hearing_id}", "hearing")
    assert (await stage.hearing()).where == "Room 5"
    await convened(stage, second.id)
    assert not await AgendaItem.filter(meeting_id=first.id).exists()
    assert await AgendaItem.filter(meeting_id=second.id, subject=f"hearing-{hearing_id}").count() == 1
    for wrong in (await make_meeting(stage, kind="working"), await make_meeting(stage, state="closed")):
        with pytest.raises(Invalid):
            await convened(stage, wrong.id)
    foreign = await Membership.get(person_id=stage.world["foreign_secretariat"].id)
    elsewhere = await make_meeting(stage)
    elsewhere.assessment_id = foreign.assessment_id
    await elsewhere.save()
    with pytest.raises(Invalid):
        await convened(stage, elsewhere.id)


async def test_a_convocation_is_accepted_once_and_declined_once(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    for act in (actions.accept, actions.decline):
        await refused(lambda person, act=act: act(hearing_id, person), [*others(stage), stage.office])
    await actions.accept(hearing_id, stage.speaker, "With two of us.")
    await actions.accept(hearing_id, stage.speaker, "With two of us.")
    assert await stage.kinds(hearing_id) == ["hearing_convened", "hearing_accepted"]
    assert "two of us" not in json.dumps(await stage.entries(hearing_id))
    assert (await stage.hearing()).reply == "With two of us."
    with pytest.raises(Refused):
        await actions.decline(hearing_id, stage.speaker)
    other = await make_stage()
    declined = await brought_to(other, "declined")
    with pytest.raises(Refused):
        await actions.accept(declined, other.speaker)


async def test_a_declined_organisation_is_heard_in_writing_and_may_be_convened_anew(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "declined")
    await actions.submit_contribution(hearing_id, PAPER, stage.speaker)
    assert await convened(stage) != hearing_id


async def test_interests_are_declared_published_and_do_not_exclude(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "accepted")
    declare = lambda person: actions.declare_interests(hearing_id, "We sell needles.", person)  # noqa: E731
    await refused(declare, others(stage))
    first = await declare(stage.speaker)
    assert (await declare(stage.office)).id == first.id  # the same text again
    assert (await stage.hearing()).state == S.DPI_RECEIVED
    assert (await stage.kinds(hearing_id))[-2:] == ["interests_declared", "hearing_dpi_received"]
    second = await actions.declare_interests(hearing_id, "None.", stage.office)  # came on paper
    assert second.version == 2 and (await InterestsText.get(id=first.id)).text == "We sell needles."
    await hold(stage, hearing_id)
    account = {each.hearing_id: each for each in await hearings_of(stage.world.assessment.id)}
    assert account[hearing_id].interests == "None."


async def test_interests_declared_before_the_answer_count_with_it(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    await actions.declare_interests(hearing_id, "None.", stage.speaker)
    assert (await stage.hearing()).state == S.INVITED
    await actions.accept(hearing_id, stage.speaker)
    assert (await stage.hearing()).state == S.DPI_RECEIVED


async def test_a_contribution_sent_twice_is_one_and_changed_is_another_version(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    submit = lambda person: actions.submit_contribution(hearing_id, PAPER, person)  # noqa: E731
    await refused(submit, [*others(stage), stage.office])
    watcher = Watcher(stage.office.id)
    hub.watch(watcher, f"hearing-{hearing_id}")
    first = await submit(stage.speaker)
    assert (await submit(stage.speaker)).id == first.id
    assert len(watcher.waiting) == 1 and CANARY not in watcher.waiting[0]
    hub.leave(watcher)
    second = await actions.submit_contribution(
        hearing_id, Paper(PAPER.title, "Other", "en", False), stage.speaker
    )
    assert (first.version, second.version) == (1, 2)
    entries = [each for each in await stage.entries(hearing_id) if each["kind"] == "contribution_submitted"]
    assert [each["number"] for each in entries] == [first.entry, second.entry]
    assert entries[0]["details"]["commitment"] == first.fingerprint
    assert CANARY not in "".join(await Entry.all().values_list("body", flat=True))


async def test_a_draft_is_kept_for_its_writer_and_gone_once_sent(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    content = {"title": "T", "text": "half a thought", "language": "fr", "may_publish": True}
    save = lambda person: actions.save_draft(hearing_id, DraftKind.CONTRIBUTION, content, person)  # noqa: E731
    await refused(save, [*others(stage), stage.office])
    before = await Entry.all().count()
    await save(stage.speaker)
    await actions.save_draft(
        hearing_id, DraftKind.CONTRIBUTION, {**content, "text": "a thought"}, stage.speaker
    )
    assert (await Draft.get()).content["text"] == "a thought" and await Entry.all().count() == before
    await actions.submit_contribution(hearing_id, Paper("T", "a thought", "fr", True), stage.speaker)
    assert not await Draft.exists()
    await actions.save_draft(  # the browser's last saving arrives after the form
        hearing_id, DraftKind.CONTRIBUTION, {**content, "text": "a thought"}, stage.speaker
    )
    assert not await Draft.exists()
    with pytest.raises(NotFound):
        await actions.save_draft(hearing_id, DraftKind.MINUTES, {"minutes": "mine"}, stage.speaker)


async def test_a_hearing_is_held_only_once_accepted_and_declared(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    for state in ("accepted", "dpi_received"):
        with pytest.raises(Refused):
            await hold(stage, hearing_id)
        await STEPS[state](stage, hearing_id)
    await refused(
        lambda person: hold(stage, hearing_id, person),
        [
            *others(stage, "expert", "undeclared", "member", "committee_chair", "foreign_secretariat"),
            stage.speaker,
        ],
    )
    await hold(stage, hearing_id, stage.world["chair"])
    await hold(stage, hearing_id)
    heard = await Heard.filter(hearing_id=hearing_id)
    assert [row.person_id for row in heard] == [stage.speaker.id] and heard[0].since < heard[0].until
    assert (await stage.kinds(hearing_id)).count("hearing_held") == 1


async def test_the_chair_of_another_groups_meeting_does_not_note_the_hearing(database: Any) -> None:
    stage = await make_stage()
    meeting = await make_meeting(stage, stage.world.pharmacology)
    hearing_id = await brought_to(stage, "dpi_received", meeting.id)
    await refused(lambda person: hold(stage, hearing_id, person), [stage.world["chair"]])
    await hold(stage, hearing_id, stage.world["other_chair"])


async def test_a_chair_without_a_declaration_does_not_note_the_hearing(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "dpi_received")
    late = await join(
        await make_person("Late"), stage.world.assessment, Role.CHAIR, stage.world.infection, declared=False
    )
    await refused(lambda person: hold(stage, hearing_id, person), [late], NotAllowed)
    await declare(late)
    await hold(stage, hearing_id, late)


async def test_in_a_meeting_whoever_is_heard_is_there_for_the_own_item_alone(database: Any) -> None:
    stage = await make_stage()
    meeting = await make_meeting(stage, state="opened")
    hearing_id = await brought_to(stage, "dpi_received", meeting.id)
    item = await AgendaItem.get(meeting_id=meeting.id)
    with pytest.raises(Invalid):
        await actions.hold(hearing_id, [stage.speaker.id], stage.office)  # it has not begun
    await meetings.open_item(item.id, stage.office)
    await AgendaItem.filter(id=item.id).update(opened_at=datetime.now(UTC) - timedelta(minutes=20))
    await meetings.close_item(item.id, stage.office)
    now = datetime.now(UTC)
    with pytest.raises(Invalid):
        await actions.hold(hearing_id, [stage.speaker.id], stage.office, now - timedelta(hours=1), now)
    with pytest.raises(Invalid):
        await actions.hold(hearing_id, [stage.rival.id], stage.office)
    await actions.hold(hearing_id, [stage.speaker.id], stage.office)
    await item.refresh_from_db()
    heard = await Heard.get(hearing_id=hearing_id)
    assert (heard.since, heard.until) == (item.opened_at, item.closed_at)


async def test_minutes_keep_every_version_and_nobody_writes_over_anothers(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "held")
    write = lambda person: actions.write_minutes(hearing_id, "One", 0, person)  # noqa: E731
    await refused(write, [*others(stage), stage.speaker])
    first = await write(stage.office)
    assert (await write(stage.office)).id == first.id
    with pytest.raises(Refused):
        await actions.write_minutes(hearing_id, "Two, unaware of one", 0, stage.office)
    await actions.write_minutes(hearing_id, "Two", 1, stage.office)
    rows = await MinutesText.filter(hearing_id=hearing_id).order_by("version")
    assert [(row.version, row.text) for row in rows] == [(1, "One"), (2, "Two")]
    assert "Two" not in json.dumps(await stage.entries(hearing_id))


async def test_minutes_are_sent_once_with_fifteen_days_to_correct_them(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "held")
    with pytest.raises(Refused):
        await actions.send_minutes(hearing_id, stage.office)
    await actions.write_minutes(hearing_id, "One", 0, stage.office)
    await refused(lambda person: actions.send_minutes(hearing_id, person), [*others(stage), stage.speaker])
    await actions.send_minutes(hearing_id, stage.office)
    await actions.send_minutes(hearing_id, stage.office)
    hearing = await stage.hearing()
    assert hearing.minutes_sent_at and hearing.correct_until == hearing.minutes_sent_at + 15 * DAY
    assert (await stage.kinds(hearing_id)).count("hearing_minutes_sent") == 1
    with pytest.raises(Refused):
        await actions.write_minutes(hearing_id, "Behind their back", 1, stage.office)


async def test_the_protocol_sets_the_days_for_corrections(database: Any) -> None:
    stage = await make_stage()
    stage.world.assessment.protocol = {"method": "RAM", "hearing.correction_days": 3}
    await stage.world.assessment.save()
    await brought_to(stage, "minutes_sent")
    hearing = await stage.hearing()
    assert hearing.minutes_sent_at and hearing.correct_until == hearing.minutes_sent_at + 3 * DAY


async def test_several_corrections_within_the_time_and_each_gets_its_answer(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    send = lambda person, text="One": actions.correct(hearing_id, text, person)  # noqa: E731
    await refused(send, [*others(stage), stage.office])
    first, same, second = (
        await send(stage.speaker),
        await send(stage.speaker),
        await send(stage.speaker, "Two"),
    )
    assert first.id == same.id and second.id != first.id
    assert (await stage.hearing()).state == S.CORRECTED
    assert (await stage.kinds(hearing_id))[-3:] == [
        "correction_submitted",
        "hearing_corrected",
        "correction_submitted",
    ]
    reply = lambda person: actions.answer_correction(first.id, Verdict.IN_PART, "Half.", person)  # noqa: E731
    await refused(reply, [*others(stage), stage.speaker])
    await reply(stage.office)
    await reply(stage.office)
    assert (await stage.kinds(hearing_id)).count("correction_answered") == 1
    with pytest.raises(Refused):
        await actions.answer_correction(first.id, Verdict.TAKEN_UP, "Rather so.", stage.office)
    with pytest.raises(Invalid):
        await actions.answer_correction(second.id, Verdict.NOT_TAKEN_UP, "", stage.office)


async def test_after_the_time_silence_is_agreement_and_corrections_are_refused(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    until = (await stage.hearing()).correct_until
    assert until
    early, late = until - timedelta(seconds=1), until + timedelta(seconds=1)
    with pytest.raises(Refused):
        await actions.lock(hearing_id, stage.office, now=early)
    with pytest.raises(Refused):
        await actions.correct(hearing_id, "Too late", stage.speaker, now=late)
    with pytest.raises(Refused):
        await actions.approve_minutes(hearing_id, stage.speaker, now=late)
    assert (await find_hearing(hearing_id)).state_at(late) is S.DEEMED_ACCEPTED
    await actions.lock(hearing_id, stage.office, now=late)
    entries = await stage.entries(hearing_id)
    assert [each["kind"] for each in entries][-2:] == ["hearing_deemed_accepted", "hearing_locked"]
    assert entries[-2]["details"]["by_silence"] is True


async def test_a_correction_in_the_last_second_counts(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    until = (await stage.hearing()).correct_until
    assert until
    await actions.correct(hearing_id, "Just in time", stage.speaker, now=until - timedelta(seconds=1))
    assert (await stage.hearing()).state == S.CORRECTED


async def test_an_organisation_may_approve_instead_of_waiting(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    await refused(lambda person: actions.approve_minutes(hearing_id, person), [*others(stage), stage.office])
    await actions.approve_minutes(hearing_id, stage.speaker)
    await actions.approve_minutes(hearing_id, stage.speaker)
    assert (await stage.kinds(hearing_id)).count("hearing_deemed_accepted") == 1
    with pytest.raises(Refused):
        await actions.correct(hearing_id, "On second thought", stage.speaker)
    await actions.lock(hearing_id, stage.office)


async def test_minutes_are_locked_when_the_corrections_are_answered_and_worked_in(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "corrected")
    lock = lambda person: actions.lock(hearing_id, person)  # noqa: E731
    await refused(lock, [*others(stage), stage.speaker])
    await refused(lock, [stage.office], Refused)  # not answered
    row = await Correction.get(hearing_id=hearing_id)
    await actions.answer_correction(row.id, Verdict.TAKEN_UP, "So it was.", stage.office)
    await refused(lock, [stage.office], Refused)  # not worked in
    await actions.write_minutes(hearing_id, "Never thrice.", 1, stage.office)
    await lock(stage.office)
    await lock(stage.office)
    assert (await stage.kinds(hearing_id)).count("hearing_locked") == 1


async def test_announced_corrections_are_waited_for(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "minutes_sent")
    first = await actions.correct(hearing_id, "One", stage.speaker, more_follows=True)
    await actions.answer_correction(first.id, Verdict.NOT_TAKEN_UP, "The tape says so.", stage.office)
    with pytest.raises(Refused):
        await actions.lock(hearing_id, stage.office)
    await actions.lock(hearing_id, stage.office, now=datetime.now(UTC) + 16 * DAY)


async def test_what_is_locked_never_changes(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "locked")
    correction = await Correction.get(hearing_id=hearing_id)
    before = await everything()
    acts = [
        actions.decline(hearing_id, stage.speaker),
        actions.accept(hearing_id, stage.speaker),
        actions.declare_interests(hearing_id, "Something else", stage.speaker),
        actions.submit_contribution(hearing_id, PAPER, stage.speaker),
        hold(stage, hearing_id),
        actions.write_minutes(hearing_id, "Rewritten", 2, stage.office),
        actions.send_minutes(hearing_id, stage.office),
        actions.correct(hearing_id, "Once more", stage.speaker),
        actions.approve_minutes(hearing_id, stage.speaker),
        actions.answer_correction(correction.id, Verdict.IN_PART, "Otherwise.", stage.office),
    ]
    for act in acts:
        with pytest.raises(Refused):
            await act
    assert await everything() == before


@pytest.mark.parametrize("state", ["invited", "declined", "dpi_received", "minutes_sent", "deemed_accepted"])
async def test_no_act_takes_a_step_that_is_not_listed(database: Any, state: str) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, state)
    steps: dict[HearingState, Any] = {
        S.ACCEPTED: lambda: actions.accept(hearing_id, stage.speaker),
        S.DECLINED: lambda: actions.decline(hearing_id, stage.speaker),
        S.HELD: lambda: hold(stage, hearing_id),
        S.MINUTES_SENT: lambda: actions.send_minutes(hearing_id, stage.office),
        S.CORRECTED: lambda: actions.correct(hearing_id, "This", stage.speaker),
        S.DEEMED_ACCEPTED: lambda: actions.approve_minutes(hearing_id, stage.speaker),
        S.LOCKED: lambda: actions.lock(hearing_id, stage.office),
    }
    already = {S.DPI_RECEIVED: {S.ACCEPTED}}.get(S(state), set()) | {S(state)}  # a second click, no step
    for to, act in steps.items():
        if to not in NEXT[S(state)] and to not in already:
            with pytest.raises(Refused):
                await act()
    assert (await stage.hearing()).state == state


async def test_the_record_gets_what_may_be_published_and_nothing_before_it_is_locked(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await brought_to(stage, "corrected")
    await actions.submit_contribution(hearing_id, PAPER, stage.speaker)

    async def account() -> Any:
        found = {each.hearing_id: each for each in await hearings_of(stage.world.assessment.id)}
        assert len(found) == 2
        return found[hearing_id]

    early = await account()
    assert early.organisation == "Federation" and early.minutes is None and early.corrections == ()
    assert CANARY in early.contribution.text and early.themes[0]["code"] == "T-1"
    await STEPS["locked"](stage, hearing_id)
    late = await account()
    assert late.minutes.text == "They said: never thrice." and not late.minutes.by_silence
    assert [(row.verdict, row.answer) for row in late.corrections] == [("taken_up", "So it was.")]
    assert late.heard == (stage.speaker.name,) and late.state is S.LOCKED


async def test_a_contribution_not_for_publication_stays_out_of_the_record(database: Any) -> None:
    stage = await make_stage()
    hearing_id = await convened(stage)
    await actions.submit_contribution(hearing_id, Paper("T", CANARY, "fr", False), stage.speaker)
    account = {each.hearing_id: each for each in await hearings_of(stage.world.assessment.id)}[hearing_id]
    assert account.contribution is None and account.contributed_at and CANARY not in repr(account)


async def test_letters_go_to_the_spokespersons_and_tell_no_text(database: Any, settings: Settings) -> None:
    stage = await make_stage()
    mailing = settings.model_copy(update={"smtp_url": "smtp://localhost:25"})
    await actions.convene(stage.stakeholder.id, Convocation(["T-1"]), stage.office, mailing)
    hearing_id = (await stage.hearing()).id
    for state in ("accepted", "dpi_received", "held"):
        await STEPS[state](stage, hearing_id)
    await actions.write_minutes(hearing_id, CANARY, 0, stage.office)
    await actions.send_minutes(hearing_id, stage.office, mailing)
    letters = await OutboxMessage.all().order_by("id")
    assert [letter.to for letter in letters] == [stage.speaker.email] * 2
    assert all(f"/hearings/{hearing_id}" in letter.body and CANARY not in letter.body for letter in letters)


async def test_locking_signs_the_journal(database: Any) -> None:
    stage = await make_stage()
    asked: list[int] = []
    before, hub.on_checkpoint = hub.on_checkpoint, asked.append
    try:
        await brought_to(stage, "locked")
    finally:
        hub.on_checkpoint = before
    assert asked == [stage.world.assessment.id] and not await Checkpoint.exists()

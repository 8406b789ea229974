"""The minutes of a hearing: written, sent to the organisation, corrected by it, locked.

No version is lost.
"""

from datetime import datetime

from deliberate.consensus.protocol import read_protocol
from deliberate.errors import NotFound, Refused
from deliberate.hearings import letters, minutes_rules, rules
from deliberate.hearings.minutes_rules import Verdict
from deliberate.hearings.models import Correction, Draft, Hearing, MinutesText, corrections_of, latest_minutes
from deliberate.hearings.rules import DraftKind, HearingState
from deliberate.hearings.turn import at_hearing, enter_step, write_to_spokespersons
from deliberate.live.journal import Note, commitment, new_salt, stamp
from deliberate.people.models import Person
from deliberate.settings import Settings


async def write_minutes(hearing_id: int, text: str, based_on: int, actor: Person) -> MinutesText:
    """A new version. `based_on` is the one the writer had before the eyes: nobody writes over another's.

    Raises:
        Refused: another version was stored in between, or the minutes are not open to writing.
    """
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_manages(seat.secretariat)
        minutes_rules.check_writes_minutes(hearing.state_at(note.now))
        rules.check_text("minutes", text, rules.LONG)
        before = await latest_minutes(hearing_id)
        if before is None or before.text != text:
            version = before.version if before else 0
            minutes_rules.check_basis(based_on, version)
            before = await enter_minutes(note, hearing, version + 1, text, actor)
        await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=DraftKind.MINUTES).delete()
    return before


async def enter_minutes(note: Note, hearing: Hearing, version: int, text: str, actor: Person) -> MinutesText:
    made = MinutesText(
        hearing_id=hearing.id,
        version=version,
        author_id=actor.id,
        text=text,
        salt=new_salt(),
        at=note.now,
    )
    made.entry = await note(hearing.topic, "minutes_written", version=version, commitment=made.fingerprint)
    await made.save()
    return made


async def send_minutes(
    hearing_id: int, actor: Person, settings: Settings | None = None, now: datetime | None = None
) -> None:
    """Opens the time for corrections: the organisation sees the minutes from now on, and is told by
    letter.
    """
    async with at_hearing(hearing_id, actor, now) as (note, hearing, seat):
        rules.check_manages(seat.secretariat)
        if hearing.state == HearingState.MINUTES_SENT:
            return
        rules.check_step(HearingState(hearing.state), HearingState.MINUTES_SENT)
        minutes = await latest_minutes(hearing_id)
        version = minutes.version if minutes else 0
        minutes_rules.check_sends(version)
        days = read_protocol(hearing.stakeholder.assessment.protocol).hearing.correction_days
        until = minutes_rules.end_of_correction(note.now, days)
        await enter_step(
            note,
            hearing,
            HearingState.MINUTES_SENT,
            told={"version": version, "until": stamp(until)},
            sent_version=version,
            minutes_sent_at=note.now,
            correct_until=until,
        )
        await write_to_spokespersons(hearing, letters.minutes_sent, settings)


async def approve_minutes(hearing_id: int, actor: Person, now: datetime | None = None) -> None:
    """The organisation has nothing to correct and says so, instead of letting the time pass."""
    async with at_hearing(hearing_id, actor, now) as (note, hearing, seat):
        rules.check_speaks(seat)
        if hearing.approved_at is not None:
            return
        minutes_rules.check_corrects(HearingState(hearing.state), hearing.correct_until, note.now)
        await enter_step(
            note,
            hearing,
            HearingState.DEEMED_ACCEPTED,
            told={"by_silence": False},
            approved_at=note.now,
        )


async def correct(
    hearing_id: int,
    text: str,
    actor: Person,
    *,
    passage: str = "",
    more_follows: bool = False,
    now: datetime | None = None,
) -> Correction:
    """One point of the minutes that the organisation wants changed. The same point again changes nothing.

    Raises:
        Refused: the time for corrections is over, or the minutes are accepted or locked.
    """
    async with at_hearing(hearing_id, actor, now) as (note, hearing, seat):
        rules.check_speaks(seat)
        minutes_rules.check_corrects(HearingState(hearing.state), hearing.correct_until, note.now)
        rules.check_text("correction", text)
        rules.check_text("passage", passage, may_be_empty=True)
        made = await Correction.get_or_none(hearing_id=hearing_id, text=text, passage=passage)
        if made is None:
            made = await enter_correction(
                note,
                hearing,
                Correction(author_id=actor.id, passage=passage, text=text, more_follows=more_follows),
            )
        if hearing.state == HearingState.MINUTES_SENT:
            await enter_step(note, hearing, HearingState.CORRECTED)
        await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=DraftKind.CORRECTION).delete()
    return made


async def enter_correction(note: Note, hearing: Hearing, made: Correction) -> Correction:
    made.hearing_id, made.salt, made.at = hearing.id, new_salt(), note.now
    made.entry = await note(
        hearing.topic, "correction_submitted", more_follows=made.more_follows, commitment=made.fingerprint
    )
    await made.save()
    return made


async def answer_correction(correction_id: int, verdict: Verdict, answer: str, actor: Person) -> None:
    """Taken up, in part, or not, and why: once."""
    found = await Correction.get_or_none(id=correction_id)
    if found is None:
        raise NotFound()
    async with at_hearing(found.hearing_id, actor) as (note, hearing, seat):
        rules.check_manages(seat.secretariat)
        correction = await Correction.get(id=correction_id)
        if (correction.verdict, correction.answer) == (verdict, answer):
            return
        if correction.verdict:
            raise Refused("This correction was answered on {at}.", at=correction.answered_at)
        rules.check_text("answer", answer)
        correction.verdict, correction.answer, correction.answer_salt = verdict, answer, new_salt()
        correction.answered_at = note.now
        await correction.save()
        await note(
            hearing.topic,
            "correction_answered",
            about=f"correction-{correction_id}",
            verdict=str(verdict),
            commitment=commitment({"answer": answer}, correction.answer_salt),
        )


async def lock(hearing_id: int, actor: Person, now: datetime | None = None) -> None:
    """The minutes as they stand, for ever. Silence until the end of the time is noted as agreement first.

    Raises:
        Refused: the organisation may still correct, or a correction is not answered or not worked in.
    """
    async with at_hearing(hearing_id, actor, now) as (note, hearing, seat):
        rules.check_manages(seat.secretariat)
        if hearing.state == HearingState.LOCKED:
            return
        minutes = await latest_minutes(hearing_id)
        version = minutes.version if minutes else 0
        minutes_rules.check_locks(
            hearing.state_at(note.now),
            minutes_rules.points_of(await corrections_of(hearing_id)),
            window_over=hearing.correct_until is not None and note.now >= hearing.correct_until,
            changed_since_sent=version > hearing.sent_version,
        )
        if hearing.state == HearingState.MINUTES_SENT:
            await enter_silence(note, hearing)
        told = {"version": version, "commitment": minutes.fingerprint if minutes else None}
        await enter_step(note, hearing, HearingState.LOCKED, told=told, locked_at=note.now)
        note.checkpoint()


async def enter_silence(note: Note, hearing: Hearing) -> None:
    hearing.state = HearingState.DEEMED_ACCEPTED
    await hearing.save(update_fields=["state"])
    await note(hearing.topic, f"hearing_{HearingState.DEEMED_ACCEPTED}", by_silence=True)

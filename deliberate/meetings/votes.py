"""Votes in a meeting: who is present, entitled, declared and not recused becomes the roll.

Called through meetings.actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deliberate.errors import NotFound, Refused
from deliberate.live.journal import Note
from deliberate.meetings import rules
from deliberate.meetings.models import (
    AgendaItem,
    ItemVote,
    Meeting,
    is_adjourned,
    meeting_of_vote,
    members_of,
)
from deliberate.meetings.proxy_rules import takes_proxies
from deliberate.meetings.rules import ItemState
from deliberate.meetings.turn import conducting_item, open_votes, protocol_of, proxies_now, quorum_of
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion, newest_conclusion, statement_texts
from deliberate.questions.models import gate_of as subject_gate
from deliberate.questions.rules import Stage
from deliberate.voting import actions as voting
from deliberate.voting import repeating
from deliberate.voting.models import Vote
from deliberate.voting.rules import Mode, VoteKind
from deliberate.voting.terms import Terms


@dataclass(frozen=True)
class Motion:
    """What is to be voted on. `subject` "statement-5" or "question-3" (its conclusion) brings its own words;
    "record-1" and a spontaneous vote (no subject) bring theirs here.
    """

    subject: str = ""
    text: Mapping[str, str] | None = None
    wording: int = 1
    kind: VoteKind = VoteKind.CHOICE
    mode: Mode = Mode.NAMED
    changeable: bool = True


async def open_vote(item_id: int, motion: Motion, actor: Person) -> int:
    """Prepares the vote and opens it in one act, under the item that is open. Returns the vote."""
    async with conducting_item(item_id, actor) as (item, meeting, note):
        await check_takes_votes(item, meeting)
        matter = await matter_of(motion, item, meeting)
        vote_id = await voting.prepare_vote(matter, motion.kind, motion.mode, actor)
        await open_for_those_present(vote_id, item, meeting, motion.changeable, actor, note)
    return vote_id


async def repeat_vote(vote_id: int, reason: str, actor: Person) -> int:
    """Takes a vote of the open item again, among those who are present now. Returns the new vote.

    Raises:
        Refused: why it stands as it is; nothing was opened.
    """
    place = await meeting_of_vote(vote_id)
    if place is None:
        raise Refused("Only a vote that was taken in a meeting is repeated in it.")
    async with conducting_item(place[1], actor) as (item, meeting, note):
        await check_takes_votes(item, meeting)
        repetition = await repeating.prepare_repeat(vote_id, reason, actor)
        first = await Vote.get(id=vote_id)
        await check_words_stand(first)
        changeable = Terms.read(first.terms).changeable
        await open_for_those_present(repetition, item, meeting, changeable, actor, note)
    return repetition


async def check_takes_votes(item: AgendaItem, meeting: Meeting) -> None:
    rules.check_is_open(meeting.state)
    rules.check_goes_on(await is_adjourned(meeting.id))
    if item.state != ItemState.OPEN:
        raise Refused("Open the item first: a vote is taken under an open item.")
    rules.check_no_open_vote(await open_votes(meeting.id))


async def open_for_those_present(
    vote_id: int, item: AgendaItem, meeting: Meeting, changeable: bool, actor: Person, note: Note
) -> None:
    await ItemVote.create(item_id=item.id, vote_id=vote_id)
    vote = await Vote.get(id=vote_id)
    members = await members_of(meeting, note.now)
    protocol = await protocol_of(meeting.assessment_id)
    proxies: Mapping[int, int] = {}
    if takes_proxies(vote.kind, vote.mode):
        proxies = await proxies_now(meeting, members, vote.gate, protocol)
    quorum = await quorum_of(meeting, members, vote.gate, protocol, len(proxies))
    roll = rules.roll_of(
        members,
        vote.gate,
        meeting.group_id,
        VoteKind(vote.kind),
        chair_rates=protocol.chair_rates,
        proxies=proxies,
    )
    terms = Terms.under(
        protocol,
        quorum=quorum,
        recused=rules.count_recused(members, vote.gate, meeting.group_id),
        changeable=changeable,
    )
    await voting.open_vote(vote_id, roll, terms, actor)
    await note(
        f"meeting-{meeting.id}",
        "item_vote_opened",
        about=f"vote-{vote_id}",
        item=f"item-{item.id}",
        entitled=len(roll),
        **({"replaces": f"vote-{vote.replaces_id}"} if vote.replaces_id else {}),
    )


async def matter_of(motion: Motion, item: AgendaItem, meeting: Meeting) -> voting.Matter:
    """The words put to the vote, as they stand now."""
    gate = rules.gate_of(item.subject)
    subject, text, wording = motion.subject or f"item-{item.id}", motion.text or {}, motion.wording
    if motion.subject.startswith(("statement-", "question-")):
        found = await subject_gate(motion.subject)
        if found is None or found[1] != meeting.group_id:
            raise NotFound()
        if found[0] != gate:
            # Whoever is recused from that question may be in the room: it left its item out of sight.
            raise Refused("This belongs to another question than the open item. Open its own item first.")
        await check_votable(gate)
        text, wording = await words_of(motion.subject)
    elif motion.subject and motion.subject != gate:
        raise Refused("This belongs to another question than the open item. Open its own item first.")
    return voting.Matter(
        assessment_id=meeting.assessment_id,
        group_id=meeting.group_id,
        subject=subject,
        gate=gate,
        text=text,
        wording=wording,
    )


async def check_votable(gate: str) -> None:
    question = await RiskQuestion.get(id=int(gate.removeprefix("question-")))
    if question.stage == Stage.DRAFT:
        raise NotFound()
    if question.stage == Stage.LOCKED:
        raise Refused("This question is locked in the record. Reopen it first.")


async def check_words_stand(vote: Vote) -> None:
    """Other words are another vote."""
    if not vote.subject.startswith(("statement-", "question-")):
        return
    await check_votable(vote.gate)
    _text, version = await words_of(vote.subject)
    if version != vote.wording:
        raise Refused("The words of this vote were changed since. Put the new ones to the vote.")


async def words_of(subject: str) -> tuple[Mapping[str, str], int]:
    """The wording in force of a statement, or the newest conclusion of a question."""
    kind, _, ident = subject.partition("-")
    if kind == "statement":
        gate = await subject_gate(subject)
        texts = await statement_texts([int(gate[0].removeprefix("question-"))] if gate else [])
        statement = texts[int(ident)]
        return statement.text, statement.version
    conclusion = await newest_conclusion(int(ident))
    if conclusion is None:
        raise Refused("There is no conclusion to vote on yet. Write it first, on the page of the question.")
    return {conclusion.language: conclusion.answer}, conclusion.version


async def close_vote(vote_id: int, actor: Person) -> int:
    return await voting.close_vote(vote_id, actor, also=[tell_meeting])


async def reveal_vote(vote_id: int, actor: Person) -> int:
    return await voting.reveal_vote(vote_id, actor, also=[tell_meeting])


async def tell_meeting(note: Note, vote: Vote, kind: str, facts: Mapping[str, Any]) -> None:
    """A step of a vote is news of its meeting too. For the slot "vote_step"."""
    place = await meeting_of_vote(vote.id)
    if place:
        counts = {name: facts[name] for name in ("cast", "entitled")}
        await note(
            f"meeting-{place[0]}", f"item_{kind}", about=f"vote-{vote.id}", item=f"item-{place[1]}", **counts
        )

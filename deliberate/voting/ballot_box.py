"""Ballots travel together: each process has a box per open vote, and what waits in it goes into one commit.

`put` answers after the commit, with the number of the ballot's journal entry, or raises why it is refused. A
commit that fails acknowledges none. It has to be fast: a batch of any size takes a fixed number of queries.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from tortoise.exceptions import IntegrityError

from deliberate import logs
from deliberate.errors import NotFound, Refusal, Refused, Unconfirmed
from deliberate.interests.standing_rows import standing_from
from deliberate.live.journal import Note, acting, new_salts
from deliberate.live.rows import insert_rows
from deliberate.voting.ballot_rows import Known, read_known
from deliberate.voting.models import Ballot, BallotTrace, Vote, commitment_of, vote_before
from deliberate.voting.papers import Booth, Cast, Paper, Verdict, Voter, check_papers
from deliberate.voting.rules import Mode, VoteKind, right_to_cast
from deliberate.voting.terms import Terms
from deliberate.voting.turnout import has_finished, tell_finished

MOST_AT_ONCE = 2_000
Answer = int | Refusal
log = logs.get(__name__)


class BallotBox:
    """The papers of one vote that wait in this process. One task writes them, and ends when none is left."""

    def __init__(self, vote_id: int) -> None:
        self.vote_id = vote_id
        self.waiting: list[tuple[Paper, asyncio.Future[int]]] = []
        self.writer: asyncio.Task[None] | None = None

    def put(self, paper: Paper) -> asyncio.Future[int]:
        """The number of the journal entry, once the ballot is durable.

        Raises:
            Refusal: why the ballot is not taken; nothing of it was stored.
            Unconfirmed: nobody knows whether it was stored. The same key asks again without harm.
        """
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.waiting.append((paper, answer))
        if self.writer is None:
            # In a context of its own: it must not inherit a transaction, nor the language of one voter.
            self.writer = asyncio.create_task(self.write(), context=Context())
        return answer

    async def write(self) -> None:
        try:
            while self.waiting:
                batch, self.waiting = self.waiting[:MOST_AT_ONCE], self.waiting[MOST_AT_ONCE:]
                answers = await answered([paper for paper, _ in batch])
                for (_, future), answer in zip(batch, answers, strict=True):
                    tell(future, answer)
        finally:
            self.writer = None
            _boxes.pop(self.vote_id, None)


def tell(future: asyncio.Future[int], answer: Answer) -> None:
    if future.done():  # its voter has gone; the ballot stands, and the same key finds it
        return
    if isinstance(answer, int):
        future.set_result(answer)
    else:
        future.set_exception(answer)


_boxes: dict[int, BallotBox] = {}


def box_of(vote_id: int) -> BallotBox:
    """The box of this vote in this process."""
    box = _boxes.get(vote_id)
    if box is None:
        box = _boxes[vote_id] = BallotBox(vote_id)
    return box


async def answered(papers: Sequence[Paper]) -> list[Answer]:
    """One answer for each paper, whatever happens."""
    try:
        return list(await store_ballots(papers))
    except IntegrityError as error:
        # UNIQUE (vote, voter) has the last word. It should never have to speak: the papers are tried alone.
        if len(papers) > 1:
            return [(await answered([paper]))[0] for paper in papers]
        refusal = Refused("Another ballot of yours was stored in the same moment. Reload the page to see it.")
        refusal.__cause__ = error
        return [refusal]
    except Unconfirmed as refusal:
        return [refusal] * len(papers)
    except Exception:
        log.exception("ballots not stored", vote=papers[0].vote_id, papers=len(papers))
        return [Unconfirmed("Your ballot could not be stored just now. It is kept; send it again.")] * len(
            papers
        )


async def store_ballots(papers: Sequence[Paper]) -> list[int | Refusal]:
    """One commit for all `papers`, of one vote: the journal number of each, or why it is refused."""
    vote_id = papers[0].vote_id
    where = await Vote.filter(id=vote_id).first().values("assessment_id")
    if where is None:
        return [NotFound() for _ in papers]
    # Closing takes the same turn: a ballot is before it or after it, in every process.
    async with acting(where["assessment_id"], actor=None) as note:
        vote = await Vote.get(id=vote_id)
        known = await read_known(
            vote, {ident for paper in papers for ident in (paper.person_id, paper.seat_id)}
        )
        voters = weighed(vote, known, await traces_of(vote, known), note.now)
        booth = booth_of(vote, note.now)
        if booth.comment_on_zone_change:
            await recall(vote, voters, known)
        verdicts = check_papers(papers, booth, voters)
        answers, taken = await enter(vote, papers, verdicts, known, note)
        await write_rows(vote, taken, known)
        await tell_round(note, vote, taken)
    return answers


async def tell_round(note: Note, vote: Vote, taken: Sequence["Filled"]) -> None:
    """Whoever gives the last rating of a round is counted in it: how many have finished, never who."""
    voters = {ballot.paper.seat_id: ballot.voter for ballot in taken if ballot.revision == 1}
    if vote.rating_round_id is not None and voters and await has_finished(vote.rating_round_id, voters):
        await tell_finished(note, vote.rating_round_id, vote.group_id)


async def traces_of(vote: Vote, known: Mapping[int, Known]) -> list[BallotTrace]:
    """What those who changed their ballot had cast before, the oldest first."""
    changed = [each.voter for each in known.values() if each.before and each.before["revision"] > 1]
    if not changed:
        return []
    return await BallotTrace.filter(vote_id=vote.id, voter__in=changed).order_by("revision")


def weighed(
    vote: Vote, known: Mapping[int, Known], traces: Sequence[BallotTrace], now: datetime
) -> dict[int, Voter]:
    """The rights of each, as they are in this transaction, and what each has cast so far."""
    casts: dict[str, list[Cast]] = {}
    for row in traces:
        casts.setdefault(row.voter, []).append(
            Cast(row.key, (row.choice, row.rating, row.reason), row.number)
        )
    refusals: dict[Any, Refusal | None] = {}
    voters = {}
    for each in known.values():
        rights = each.shape, each.struck
        if rights not in refusals:
            standing = standing_from(each.person_id, vote.assessment_id, each.shape, now)
            refusals[rights] = right_to_cast(standing, vote.gate, vote.group_id, each.struck)
        so_far = casts.get(each.voter, [])
        if each.before:
            row = each.before
            so_far.append(Cast(row["key"], (row["choice"], row["rating"], row["reason"]), row["number"]))
        voters[each.person_id] = Voter(refusals[rights], so_far, held_by=each.held_by)
    return voters


async def recall(vote: Vote, voters: Mapping[int, Voter], known: Mapping[int, Known]) -> None:
    """What each rated in the round before: a change of zone has to be explained."""
    last = await vote_before(vote)
    names = [each.voter for each in known.values() if each.voter]
    if last is None or last.mode != vote.mode:
        return
    rows = Ballot.filter(vote_id=last.id, voter__in=names, set_aside=False)
    ratings = dict(await rows.values_list("voter", "rating"))
    for person_id, voter in voters.items():
        voter.rated_before = ratings.get(known[person_id].voter)


def booth_of(vote: Vote, now: datetime) -> Booth:
    protocol = Terms.read(vote.terms).protocol if vote.terms else {}
    nsp = protocol.get("nsp", {"allowed": True, "reason_required": True})
    return Booth(
        kind=vote.kind,
        state=vote.state,
        closed_at=vote.closed_at,
        changeable=Terms.read(vote.terms).changeable if vote.terms else True,
        nsp_allowed=nsp["allowed"],
        nsp_reason_required=nsp["reason_required"],
        deadline_at=vote.deadline_at,
        now=now,
        grid=vote.is_grid,
        comment_on_zone_change=vote.kind == VoteKind.RATING and protocol.get("comment_on_zone_change", False),
    )


@dataclass(slots=True)
class Filled:
    """A ballot to store."""

    voter: str
    paper: Paper
    salt: str
    revision: int
    number: int = 0


async def enter(
    vote: Vote,
    papers: Sequence[Paper],
    verdicts: Sequence[Verdict | Refusal],
    known: Mapping[int, Known],
    note: Note,
) -> tuple[list[int | Refusal], list[Filled]]:
    """An entry for each paper that holds: the answers in order, and the ballots to store."""
    cast = await Ballot.filter(vote_id=vote.id, set_aside=False).count()
    first = note.number + 1
    answers: list[int | Refusal] = []
    taken: list[Filled] = []
    told: list[tuple[str, dict[str, Any]]] = []
    salts = iter(new_salts(len(papers)))
    for paper, verdict in zip(papers, verdicts, strict=True):
        if isinstance(verdict, Refusal):
            answers.append(verdict)
            continue
        if verdict.same:
            answers.append(number_of(verdict.same, answers))
            continue
        voter, salt = known[paper.seat_id].voter, next(salts)
        ballot = Filled(voter, paper, salt, verdict.revision, first + len(taken))
        cast += 0 if verdict.replaces else 1
        facts = {"cast": cast, "entitled": vote.entitled, "commitment": sealed(ballot)}
        if verdict.replaces:
            facts["supersedes"] = number_of(verdict.replaces, answers)
        told.append(("ballot_changed" if verdict.replaces else "ballot_cast", facts))
        answers.append(ballot.number)
        taken.append(ballot)
    await tell_all(vote, told, taken, note)
    return answers, taken


async def tell_all(
    vote: Vote, told: Sequence[tuple[str, dict[str, Any]]], taken: Sequence[Filled], note: Note
) -> None:
    """The entries, in the order of the papers; neighbours of one kind together."""
    named = vote.mode == Mode.NAMED
    ballots = iter(taken)
    for kind, same in groupby(told, key=itemgetter(0)):
        facts = [each for _, each in same]
        actors = [next(ballots).paper.person_id if named else None for _ in facts]
        await note.each(f"vote-{vote.id}", kind, facts, actors)


def sealed(ballot: Filled) -> str:
    paper = ballot.paper
    return commitment_of(paper.vote_id, ballot.voter, paper.choice, paper.rating, paper.reason, ballot.salt)


def number_of(cast: Cast, answers: Sequence[int | Refusal]) -> int:
    """The entry of a ballot that is stored, or that stands earlier among these papers."""
    number = answers[cast.paper] if cast.paper is not None else cast.number
    assert isinstance(number, int)  # noqa: S101 - only papers that were taken are remembered as cast
    return number


BALLOT = ("vote_id", "voter", "choice", "rating", "reason", "key", "salt", "number", "revision")


def row_of(ballot: Filled) -> tuple[Any, ...]:
    """In the order of BALLOT."""
    paper = ballot.paper
    return (
        *(paper.vote_id, ballot.voter, paper.choice, paper.rating, paper.reason, paper.key),
        *(ballot.salt, ballot.number, ballot.revision),
    )


async def write_rows(vote: Vote, taken: Sequence[Filled], known: Mapping[int, Known]) -> None:
    """The last ballot of each voter stands; those before it are kept as traces."""
    before = {each.voter: each.before for each in known.values() if each.before}
    standing: dict[str, tuple[Any, ...]] = {}
    traces: list[tuple[Any, ...]] = []
    replaced: list[int] = []
    for ballot in taken:
        if ballot.voter in standing:
            traces.append(standing[ballot.voter])
        elif ballot.voter in before:
            row = {"vote_id": vote.id, **before[ballot.voter]}
            traces.append(tuple(row[name] for name in BALLOT))
            replaced.append(row["ballot_id"])
        standing[ballot.voter] = row_of(ballot)
    if traces:
        await insert_rows(BallotTrace, BALLOT, traces)
    if replaced:
        await Ballot.filter(id__in=replaced).delete()
    if standing:
        stored = [(*row, False) for row in standing.values()]
        await insert_rows(Ballot, (*BALLOT, "set_aside"), stored)

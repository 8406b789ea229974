"""Ballots travel together: each process has a box per open vote, and what waits in it goes into one commit.

`put` answers after the commit, with the number of the ballot's journal entry, or raises why it is refused. A
commit that fails acknowledges none. It has to be fast: a batch of any size takes a fixed number of queries.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context

from tortoise.exceptions import IntegrityError

from deliberate import logs
from deliberate.errors import NotFound, Refusal, Refused, Unconfirmed
from deliberate.interests.models import standings_of
from deliberate.live.journal import Note, acting, new_salt
from deliberate.voting.models import Ballot, BallotTrace, RollEntry, Vote, voters_of
from deliberate.voting.rules import (
    Booth,
    Cast,
    Mode,
    Paper,
    Terms,
    Verdict,
    Voter,
    check_papers,
    right_to_cast,
)

MOST_AT_ONCE = 2_000
Answer = int | Refusal
log = logs.get(__name__)


class BallotBox:
    """The papers of one vote that wait in this process. One task writes them, and ends when none is left."""

    def __init__(self, vote_id: int) -> None:
        self.vote_id = vote_id
        self.waiting: list[tuple[Paper, asyncio.Future[int]]] = []
        self.writer: asyncio.Task[None] | None = None

    async def put(self, paper: Paper) -> int:
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
        return await answer

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
    return _boxes.setdefault(vote_id, BallotBox(vote_id))


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
    vote = await Vote.get_or_none(id=papers[0].vote_id)
    if vote is None:
        return [NotFound() for _ in papers]
    # Closing takes the same turn: a ballot is before it or after it, in every process.
    async with acting(vote.assessment_id, actor=None) as note:
        await vote.refresh_from_db()
        names = await names_of(vote, papers)
        before = await Ballot.filter(vote_id=vote.id, voter__in=list(names.values()))
        traces = await BallotTrace.filter(vote_id=vote.id, voter__in=list(names.values())).order_by(
            "revision"
        )
        voters = await who_casts(vote, papers, names, before, traces, note)
        answers, taken = await enter(vote, papers, check_papers(papers, booth_of(vote), voters), names, note)
        await write_rows(taken, {ballot.voter: ballot for ballot in before})
    return answers


async def names_of(vote: Vote, papers: Sequence[Paper]) -> dict[int, str]:
    """Under which name each ballot is kept: none for who is not on the roll of a confidential vote."""
    known = await voters_of(vote, {paper.person_id for paper in papers})
    return {paper.person_id: known.get(paper.person_id, "") for paper in papers}


async def who_casts(
    vote: Vote,
    papers: Sequence[Paper],
    names: dict[int, str],
    before: Sequence[Ballot],
    traces: Sequence[BallotTrace],
    note: Note,
) -> dict[int, Voter]:
    """The rights of each, as they are in this transaction, and what each has cast so far."""
    standings = await standings_of(vote.assessment_id, names, note.now)
    struck = dict(
        await RollEntry.filter(vote_id=vote.id, person_id__in=list(names)).values_list(
            "person_id", "struck_at"
        )
    )
    casts: dict[str, list[Cast]] = {}
    rows: list[Ballot | BallotTrace] = [*traces, *before]
    for row in rows:
        said = (row.choice, row.rating, row.reason)
        casts.setdefault(row.voter, []).append(Cast(row.key, said, number=row.number))
    return {
        person_id: Voter(
            right_to_cast(
                standings[person_id],
                vote.gate,
                vote.group_id,
                struck[person_id] is not None if person_id in struck else None,
            ),
            casts.get(name, []),
        )
        for person_id, name in names.items()
    }


def booth_of(vote: Vote) -> Booth:
    terms = Terms.read(vote.terms) if vote.terms else None
    nsp = terms.protocol["nsp"] if terms else {"allowed": True, "reason_required": True}
    return Booth(
        kind=vote.kind,
        state=vote.state,
        closed_at=vote.closed_at,
        changeable=terms.changeable if terms else True,
        nsp_allowed=nsp["allowed"],
        nsp_reason_required=nsp["reason_required"],
    )


async def enter(
    vote: Vote,
    papers: Sequence[Paper],
    verdicts: Sequence[Verdict | Refusal],
    names: dict[int, str],
    note: Note,
) -> tuple[list[int | Refusal], list[Ballot]]:
    """An entry for each paper that holds: the answers in order, and the ballots to store."""
    named = vote.mode == Mode.NAMED
    cast = await Ballot.filter(vote_id=vote.id, set_aside=False).count()
    answers: list[int | Refusal] = []
    taken: list[Ballot] = []
    for paper, verdict in zip(papers, verdicts, strict=True):
        if isinstance(verdict, Refusal):
            answers.append(verdict)
            continue
        if verdict.same:
            answers.append(number_of(verdict.same, answers))
            continue
        ballot = ballot_of(paper, names[paper.person_id], verdict.revision)
        cast += 0 if verdict.replaces else 1
        told = {"cast": cast, "entitled": vote.entitled, "commitment": ballot.commitment()}
        if verdict.replaces:
            told["supersedes"] = number_of(verdict.replaces, answers)
        kind = "ballot_changed" if verdict.replaces else "ballot_cast"
        actor = paper.person_id if named else None
        ballot.number = (await note.each(f"vote-{vote.id}", kind, [told], [actor]))[0]
        answers.append(ballot.number)
        taken.append(ballot)
    return answers, taken


def number_of(cast: Cast, answers: Sequence[int | Refusal]) -> int:
    """The entry of a ballot that is stored, or that stands earlier among these papers."""
    number = answers[cast.paper] if cast.paper is not None else cast.number
    assert isinstance(number, int)  # noqa: S101 - only papers that were taken are remembered as cast
    return number


def ballot_of(paper: Paper, voter: str, revision: int) -> Ballot:
    return Ballot(
        vote_id=paper.vote_id,
        voter=voter,
        choice=paper.choice,
        rating=paper.rating,
        reason=paper.reason,
        key=paper.key,
        salt=new_salt(),
        revision=revision,
    )


async def write_rows(taken: Sequence[Ballot], before: dict[str, Ballot]) -> None:
    """The last ballot of each voter stands; those before it are kept as traces."""
    standing: dict[str, Ballot] = {}
    traces: list[BallotTrace] = []
    for ballot in taken:
        old = standing.get(ballot.voter) or before.get(ballot.voter)
        if old:
            traces.append(BallotTrace.of(old))
        standing[ballot.voter] = ballot
    if traces:
        await BallotTrace.bulk_create(traces, batch_size=500)
    changed = [ballot for voter, ballot in standing.items() if voter in before]
    if changed:
        await Ballot.filter(id__in=[before[ballot.voter].id for ballot in changed]).delete()
    await Ballot.bulk_create(standing.values(), batch_size=500)

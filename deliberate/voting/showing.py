"""What a vote looks like to a reader: its words, its count, its result once it is revealed. Reads only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from deliberate.assessments.models import frozen_protocol_hash
from deliberate.interests.rules import Standing
from deliberate.questions.models import RiskQuestion, Statement
from deliberate.voting.comparison import Comparison, compared
from deliberate.voting.grid import Position, name_of, positions
from deliberate.voting.models import (
    Ballot,
    RollEntry,
    Vote,
    ballots_of,
    count_cast,
    names_on_rolls,
    own_ballot,
    repetition_of,
    represented_in,
    seats_of,
    vote_before,
)
from deliberate.voting.results import shows_statistics, told_of_count
from deliberate.voting.rules import Choice, Mode, VoteKind, VoteState
from deliberate.voting.terms import Terms
from deliberate.web.charts import Distribution, RoundRatings, Rounds, distribution, rounds
from deliberate.web.i18n import _
from deliberate.web.numbers import number, per_cent


@dataclass(frozen=True)
class Place:
    """Where a vote belongs: the code people quote and the page it is about."""

    code: str = ""
    title: Mapping[str, str] | None = None  # of the question
    href: str = ""


async def places_of(votes: Collection[Vote]) -> dict[int, Place]:
    """The code and page of each vote's subject, by vote, in two queries at most."""
    statements = [number_in(vote.subject) for vote in votes if vote.subject.startswith("statement-")]
    gates = {number_in(vote.gate) for vote in votes if vote.gate.startswith("question-")}
    codes: dict[int, str] = {}
    questions: dict[int, Mapping[str, Any]] = {}
    if statements:
        codes = dict(await Statement.filter(id__in=statements).values_list("id", "code"))
    if gates:
        rows = await RiskQuestion.filter(id__in=list(gates)).values("id", "code", "title")
        questions = {row["id"]: row for row in rows}
    return {vote.id: place_of(vote, codes, questions) for vote in votes}


def place_of(vote: Vote, codes: Mapping[int, str], questions: Mapping[int, Mapping[str, Any]]) -> Place:
    if vote.gate.startswith("record-"):
        return Place(href=f"/records/{number_in(vote.gate)}")
    question = questions.get(number_in(vote.gate)) if vote.gate else None
    if question is None:
        return Place()
    code = question["code"]
    if vote.subject.startswith("statement-"):
        code = codes.get(number_in(vote.subject), code)
    elif vote.subject.startswith(("item-", "motion-")):
        code = ""  # a motion of the moment: about the question, not in it
    return Place(code, question["title"], f"/questions/{question['id']}")


def number_in(key: str) -> int:
    return int(key.rpartition("-")[2])


@dataclass(frozen=True)
class Result:
    """A result as every reader of the vote sees it. `shown` is False below five ratings."""

    verdict: str
    degree: str | None = None
    method: str = ""
    shown: bool = True
    deviation: bool = False  # rated under another protocol than the one frozen before round one
    chart: Distribution | None = None
    comparison: Comparison | None = None  # with the round before, where there was one
    rounds: Rounds | None = None  # both of them on one axis, where they may be compared
    positions: list[Position] = field(default_factory=list)  # instead of both, on a GRADE grid
    rows: list[tuple[str, int]] = field(default_factory=list)  # (choice, count)
    # In orders that tell nobody: why some could not judge, and what others said of their rating.
    reasons: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    named: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # (name, answer, reason): a named vote only


async def result_of(vote: Vote) -> Result | None:
    """None before the reveal, whoever asks: every exit comes through here."""
    result = headline_of(vote, await frozen_protocol_hash(vote.assessment_id))
    if result is None or not result.shown:
        return result
    result = beside(vote, result, (await compared([vote])).get(vote.id))
    if vote.mode == Mode.NAMED:
        return replace(result, named=await named_ballots(vote))
    reasons, comments = said_in(await ballots_of(vote))
    return replace(result, reasons=reasons, comments=comments)


def beside(
    vote: Vote,
    result: Result,
    found: Comparison | None,
    own: int | None = None,
    own_before: int | None = None,
) -> Result:
    """The result with what moved since the round before."""
    if found is None:
        return result
    shown = not found.reworded and shows(found.before)
    if vote.is_grid:
        last = found.before if shown and found.before.is_grid else None
        return replace(result, comparison=found, positions=positions_of(vote, last, own, own_before))
    both = rounds_of(vote, found.before, own, own_before) if shown else None
    return replace(result, comparison=found, rounds=both)


def headline_of(vote: Vote, frozen: str | None) -> Result | None:
    """The result without names and reasons, for lists: nothing is read for it.

    `frozen`: the hash of the assessment's protocol at its freeze, None before.
    """
    if vote.state != VoteState.COUNTED or vote.result is None:
        return None
    found = vote.result
    if vote.kind == VoteKind.CHOICE:
        rows = [(choice.value, found["counts"][choice.value]) for choice in Choice]
        return Result(found["outcome"], rows=rows)
    if not shows(vote):
        return Result("", shown=False)
    primary = found["primary"]
    return Result(
        primary["verdict"],
        primary["degree"],
        primary["method"],
        deviation=frozen is not None and vote.terms["protocol_hash"] != frozen,
        chart=chart_of(vote),
        positions=positions_of(vote),
    )


def shows(vote: Vote) -> bool:
    """Whether statistics of a counted vote may be shown: not of a few, whose ratings they would be."""
    return shows_statistics(vote.kind, vote.mode, vote.result or {}, Terms.read(vote.terms))


def chart_of(vote: Vote, own: int | None = None) -> Distribution | None:
    """`own` marks the reader's rating, on what nobody else is shown. A grid has positions instead."""
    if vote.is_grid:
        return None
    found = vote.result or {}
    return distribution(
        found["frequencies"],
        median=found["median"],
        q1=found["q1"],
        q3=found["q3"],
        own=own,
        cannot_judge=found["nsp"],
        missing=found["missing"],
        key=f"v{vote.id}",
        rule=percentile_rule(vote),
    )


def positions_of(
    vote: Vote, last: Vote | None = None, own: int | None = None, own_before: int | None = None
) -> list[Position]:
    """The rows of a GRADE grid, and none of any other rating."""
    if not vote.is_grid:
        return []
    before = (last.result or {})["frequencies"] if last else None
    return positions((vote.result or {})["frequencies"], before, own, own_before)


def rounds_of(vote: Vote, last: Vote, own: int | None = None, own_before: int | None = None) -> Rounds:
    """Two counted rounds on one axis; an arrow only for the reader's own change."""
    return rounds([ratings_of(last, own_before), ratings_of(vote, own)], key=f"r{vote.id}")


def ratings_of(vote: Vote, own: int | None) -> RoundRatings:
    found = vote.result or {}
    return RoundRatings(
        _("Round %(number)s") % {"number": vote.round},
        found["frequencies"],
        found["median"],
        found["q1"],
        found["q3"],
        own,
        found["nsp"],
        found["missing"],
        percentile_rule(vote),
    )


def percentile_rule(vote: Vote) -> str:
    rule: str = vote.terms["protocol"]["percentile_rule"]
    return rule


def said_in(ballots: Collection[Ballot]) -> tuple[list[str], list[str]]:
    """(why some could not judge, comments on ratings), in an order that does not tell who."""
    said = [(ballot.rating, ballot.reason) for ballot in ballots if ballot.reason]
    return (
        sorted(reason for rating, reason in said if rating is None),
        sorted(reason for rating, reason in said if rating is not None),
    )


async def named_ballots(vote: Vote) -> list[tuple[str, str, str]]:
    """Who voted what, by name, in a named vote whose result is revealed."""
    names = await names_on_rolls([vote.id])
    for voter, holder in (await represented_in([vote.id])).get(vote.id, {}).items():
        names[voter] = represented_words(names[voter], holder)
    told = [
        (names.get(ballot.voter, ballot.voter), answer_of(vote, ballot), ballot.reason)
        for ballot in await ballots_of(vote)
    ]
    return sorted(told)


def answer_of(vote: Vote, ballot: Ballot) -> str:
    """A code where it has a word in templates; else what was answered."""
    if vote.is_grid and ballot.rating:
        return _(name_of(ballot.rating))
    return ballot.choice or str(ballot.rating or "nsp")


def represented_words(name: str, holder: str) -> str:
    return _("{name}, represented by {holder}").format(name=name, holder=holder)


def audience_of(standing: Standing, *, wall: bool = False) -> str:
    """For whom it is rendered: the secretariat is told where two rules differ; a wall has no controls."""
    if wall:
        return "wall"
    return "secretariat" if standing.secretariat else "reader"


async def tally_of(vote: Vote, audience: str) -> dict[str, Any]:
    """What every reader of an audience may know just now: the part of the page that all of them share."""
    return {
        "vote": vote,
        "audience": audience,
        "cast": await count_cast(vote.id),
        "repeated_by": await repetition_of(vote),
        "result": await result_of(vote),
        "number": number,
        "per_cent": per_cent,
    }


@dataclass(frozen=True)
class Before:
    """The round before, for whoever rates again: one's own rating and the group's distribution."""

    round: int
    own: int | None
    chart: Distribution | None


@dataclass(frozen=True)
class Held:
    """The ballot of a member whom this person represents."""

    person_id: int
    name: str
    own: Ballot | None
    key: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Desk:
    """A ballot form and what surrounds it, for one person."""

    vote: Vote
    sits: bool  # in the group whose vote it is
    entitled: bool  # on the roll, not struck
    own: Ballot | None
    changeable: bool
    before: Before | None
    nsp: bool
    represented_by: str | None = None  # who votes for this person
    held: list[Held] = field(default_factory=list)

    @property
    def may_cast(self) -> bool:
        return self.entitled and not self.represented_by and self.takes(self.own)

    def takes(self, ballot: Ballot | None) -> bool:
        """Whether a ballot can be cast where this one stands."""
        return self.vote.state == VoteState.OPEN and (self.changeable or ballot is None)

    @property
    def keep(self) -> str:
        """While this stays the same, a form that is shown is not touched."""
        return f"vote-{self.vote.id}-{self.vote.state}"


async def desk_of(vote: Vote, standing: Standing) -> Desk:
    entry, held = await seats_of(vote.id, standing.person_id)
    terms = Terms.read(vote.terms) if vote.terms else None
    return Desk(
        vote=vote,
        sits=standing.sits_in(vote.group_id),
        entitled=entry is not None and entry.struck_at is None,
        own=await own_ballot(vote, standing.person_id) if entry else None,
        changeable=terms.changeable if terms else True,
        before=await round_before(vote, standing.person_id) if entry and asks_again(vote) else None,
        nsp=bool(terms and terms.protocol["nsp"]["allowed"]),
        represented_by=entry.held_by.name if entry and entry.held_by else None,
        # Whoever is kept out was struck, and so was what this person held.
        held=await held_ballots(vote, held) if entry and entry.struck_at is None else [],
    )


async def held_ballots(vote: Vote, seats: Collection[RollEntry]) -> list[Held]:
    if not seats:
        return []
    names = [f"person-{entry.person_id}" for entry in seats]
    cast = {ballot.voter: ballot for ballot in await Ballot.filter(vote_id=vote.id, voter__in=names)}
    return [
        Held(entry.person_id, entry.person.name, cast.get(f"person-{entry.person_id}")) for entry in seats
    ]


def asks_again(vote: Vote) -> bool:
    return vote.kind == VoteKind.RATING and vote.state == VoteState.OPEN and vote.round > 1


async def round_before(vote: Vote, person_id: int) -> Before | None:
    last = await vote_before(vote)
    if last is None:
        return None
    own = await own_ballot(last, person_id)
    return Before(last.round, own.rating if own else None, chart_of(last) if shows(last) else None)


async def facts_of(vote: Vote, desk: Desk, cast: int) -> dict[str, Any]:
    """The same for scripts. The result says no more than its journal entry does."""
    facts: dict[str, Any] = {
        "vote": vote.id,
        "subject": vote.subject,
        "kind": vote.kind,
        "mode": vote.mode,
        "state": vote.state,
        "round": vote.round,
        "cast": cast,
        "entitled": vote.entitled,
        "may_cast": desk.may_cast,
        "own": own_facts(desk.own),
        "held": [{"for": each.person_id, "own": own_facts(each.own)} for each in desk.held],
        "result": None,
    }
    if vote.state == VoteState.COUNTED and vote.result is not None:
        facts["result"] = told_of_count(vote.kind, vote.result, shows(vote))
    return facts


def own_facts(own: Ballot | None) -> dict[str, Any] | None:
    if own is None:
        return None
    return {
        "choice": own.choice,
        "rating": own.rating,
        "reason": own.reason,
        "number": own.number,
        "set_aside": own.set_aside,
    }

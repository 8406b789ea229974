"""Ratings given elsewhere, loaded from a file as a round of their own: the whole file, or nothing of it.

Each statement gets a confidential vote that is counted at once. The raters are people this server does not
know: they have pseudonyms made for the file, no seat on a roll and no part in anything else. That a round was
imported, and from which file, stands in the terms of its votes and in the journal.
"""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from deliberate.assessments.models import Assessment, place_of
from deliberate.assessments.rules import check_is_secretariat
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.consensus.ratings import SCALE
from deliberate.consensus.ratings_bytes import table_in
from deliberate.consensus.ratings_file import Problem, UnreadableRatings
from deliberate.consensus.summary import summarise
from deliberate.consensus.table import MISSING, NSP, RatingTable
from deliberate.errors import N_, Invalid, Refused
from deliberate.live.journal import Note, acting, new_salt
from deliberate.people.actions import Actor
from deliberate.people.models import Person
from deliberate.questions.models import Statement, Wording
from deliberate.questions.statement_rules import StatementState, check_step
from deliberate.voting.exporting import item_names
from deliberate.voting.models import Ballot, Round, Vote
from deliberate.voting.results import shows_statistics, told_of_count
from deliberate.voting.round_rules import RoundState
from deliberate.voting.rules import Mode, VoteKind, VoteState
from deliberate.voting.settling import put_to_panel, settle_rated
from deliberate.voting.terms import Terms

LARGEST_ROUND: Final = 20
AT_ONCE: Final = 500  # ballots in one statement of SQL


NOTHING_LOADED = N_("Nothing was loaded: correct the file and send it again.")


class RatingsInvalid(Invalid):
    """Nothing was loaded. `found` lists every problem by line."""

    def __init__(self, found: Collection[Problem]) -> None:
        super().__init__(NOTHING_LOADED)
        self.found = list(found)


@dataclass(frozen=True)
class Source:
    """A file as it was sent, and the number of the round it is to become."""

    name: str
    content: bytes
    round: int

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Put:
    """One statement of the file: `answers` has a byte per rater, as in a RatingTable."""

    statement: Statement
    answers: bytes

    @property
    def subject(self) -> str:
        return f"statement-{self.statement.id}"

    @property
    def rated(self) -> int:
        return sum(answer in SCALE for answer in self.answers)

    @property
    def nsp(self) -> int:
        return self.answers.count(NSP)

    @property
    def missing(self) -> int:
        return self.answers.count(MISSING)


@dataclass(frozen=True)
class Plan:
    """What the file would become. `again`: it was loaded before, and nothing will change."""

    raters: tuple[str, ...]
    groups: Mapping[str, str]
    put: tuple[Put, ...]
    again: bool = False


@dataclass(frozen=True)
class Loaded:
    votes: int
    ballots: int
    again: bool


async def plan_import(assessment: Assessment, source: Source) -> Plan:
    """Reads the file against the assessment, and writes nothing.

    Raises:
        RatingsInvalid: every problem, with its line.
        Refused: the round cannot be loaded as it is.
    """
    if not 1 <= source.round <= LARGEST_ROUND:
        raise Invalid(
            "Some answers are missing or cannot be read.",
            problems={"round": Invalid("Rounds are numbered from 1 to {most}.", most=LARGEST_ROUND)},
        )
    codes = {code: int(subject[10:]) for subject, code in (await item_names(assessment.id)).items()}
    table = read(source, codes)
    label = round_in(table, source.round)
    rows = Statement.filter(id__in=[codes[item] for item in table.items]).select_related("question")
    statements = {row.id: row for row in await rows}
    columns = zip(table.items, table.columns(label), strict=True)
    put = [
        Put(statements[codes[item]], answers)
        for item, answers in columns
        if answers.count(MISSING) < len(answers)
    ]
    before = await votes_on(assessment.id, put)
    again = is_loaded(before, put, source)
    if not again:
        check_round(before, put, source.round)
        check_ratable(read_protocol(assessment.protocol), put)
    return Plan(table.raters, table.groups, tuple(put), again)


def read(source: Source, codes: Mapping[str, int]) -> RatingTable:
    try:
        return table_in(source.content, codes)
    except UnreadableRatings as error:
        raise RatingsInvalid(error.problems) from None


def round_in(table: RatingTable, wanted: int) -> str:
    """The label under which the file holds the round; a file without a column for rounds has only one."""
    if not table.named_rounds:
        return next(iter(table.rounds))
    if str(wanted) not in table.rounds:
        raise Refused(
            "The file holds no round {wanted}. Its rounds are: {rounds}.",
            wanted=wanted,
            rounds=", ".join(table.rounds),
        )
    return str(wanted)


async def votes_on(assessment_id: int, put: Collection[Put]) -> list[Vote]:
    """Every rating of these statements that was opened."""
    wanted = {each.subject for each in put}
    rows = Vote.filter(assessment_id=assessment_id, kind=VoteKind.RATING)
    votes = await rows.exclude(state=VoteState.PREPARED).order_by("id")
    return [vote for vote in votes if vote.subject in wanted]


def origin_of(vote: Vote) -> Mapping[str, Any] | None:
    """{"file", "sha256", "raters", "salt"} of a vote that was imported."""
    found: Mapping[str, Any] | None = vote.terms.get("imported")
    return found


def is_loaded(before: Collection[Vote], put: Collection[Put], source: Source) -> bool:
    """Whether this very file became this very round already."""
    same = {
        vote.subject
        for vote in before
        if vote.round == source.round and (origin_of(vote) or {}).get("sha256") == source.digest
    }
    return bool(put) and same >= {each.subject for each in put}


def check_round(before: Collection[Vote], put: Collection[Put], number: int) -> None:
    """A round comes after those before it, once, and while nobody is rating the same statements."""
    codes = {each.subject: each.statement.code for each in put}
    if rated := [codes[vote.subject] for vote in before if vote.state == VoteState.OPEN]:
        raise Refused("These statements are being rated now: {codes}. Close that first.", codes=listed(rated))
    if later := [codes[vote.subject] for vote in before if vote.round >= number]:
        raise Refused(
            "These statements have a round {number} or a later one already: {codes}.",
            number=number,
            codes=listed(later),
        )


def check_ratable(protocol: Protocol, put: Collection[Put]) -> None:
    """Statements that are settled or withdrawn stand; the answers of a GRADE grid are its five columns."""
    for each in put:
        again = protocol.rounds.re_rate == "all"
        check_step(each.statement.state, StatementState.OPEN, each.statement.code, re_rates_all=again)
    if protocol.method != "GRADE_GRID":
        return
    if wrong := [each.statement.code for each in put if any(5 < answer < MISSING for answer in each.answers)]:
        raise Refused(
            "This assessment rates on a GRADE grid, whose columns are 1 to 5. Correct: {codes}.",
            codes=listed(wrong),
        )


def listed(codes: Collection[str]) -> str:
    return ", ".join(sorted(set(codes)))


async def import_ratings(assessment: Assessment, source: Source, actor: Actor) -> Loaded:
    """Loads the file; the same file again changes nothing. The command line passes CONSOLE.

    Raises:
        RatingsInvalid: every problem, with its line; nothing was loaded.
        Refused: the round cannot be loaded as it is; nothing was loaded.
    """
    async with acting(assessment.id, actor) as note:
        if isinstance(actor, Person):
            check_is_secretariat(await place_of(actor.id, assessment.id))
        plan = await plan_import(assessment, source)
        if plan.again:
            return Loaded(len(plan.put), 0, again=True)
        return await write_round(assessment, source, plan, note)


async def write_round(assessment: Assessment, source: Source, plan: Plan, note: Note) -> Loaded:
    protocol = read_protocol(assessment.protocol)
    salt = await salt_of(assessment.id)
    codes = [pseudonym(salt, rater) for rater in plan.raters]
    origin = {"file": source.name, "sha256": source.digest, "raters": len(plan.raters), "salt": salt}
    terms = {**Terms.under(protocol).as_json(), "imported": origin}
    rounds = await rounds_of(assessment.id, plan, source.round, note)
    words = await wordings(plan.put)
    votes: list[Vote] = []
    ballots: list[Ballot] = []
    for each in plan.put:
        vote = Vote(
            assessment_id=assessment.id,
            group_id=each.statement.question.group_id,
            subject=each.subject,
            gate=f"question-{each.statement.question_id}",
            wording=each.statement.version,
            text=words[each.statement.id],
            kind=VoteKind.RATING,
            mode=Mode.CONFIDENTIAL,
            state=VoteState.COUNTED,
            round=source.round,
            terms=terms,
            entitled=len(plan.raters),
            opened_at=note.now,
            closed_at=note.now,
            counted_at=note.now,
            result=result_of(each, plan, source.round, protocol),
            rating_round=rounds[each.statement.question.group_id],
        )
        await vote.save()
        number = await tell(note, vote, source, protocol)
        votes.append(vote)
        ballots += ballots_of(vote, each, codes, number)
    await Ballot.bulk_create(ballots, batch_size=AT_ONCE)
    await put_to_panel(note, votes)
    await settle_rated(note, votes)
    note.checkpoint()
    return Loaded(len(plan.put), len(ballots), again=False)


async def tell(note: Note, vote: Vote, source: Source, protocol: Protocol) -> int:
    """Its origin, its close and its count; the ratings were cast elsewhere, and have no entries here."""
    result = vote.result or {}
    topic, cast = f"vote-{vote.id}", {"cast": result["cast"], "entitled": vote.entitled}
    number = await note(
        topic,
        "vote_imported",
        about=vote.subject,
        **cast,
        mode=str(vote.mode),
        round=vote.round,
        wording=vote.wording,
        file=source.digest,
        protocol=protocol.digest(),
    )
    await note(topic, "vote_closed", **cast)
    shown = shows_statistics(vote.kind, vote.mode, result, Terms.read(vote.terms))
    await note(topic, "vote_counted", **told_of_count(vote.kind, result, shown))
    return number


def ballots_of(vote: Vote, put: Put, codes: Collection[str], number: int) -> list[Ballot]:
    return [
        Ballot(
            vote_id=vote.id,
            voter=code,
            rating=answer if answer in SCALE else None,
            key=f"file-{vote.id}-{place}",
            salt=new_salt(),
            number=number,
        )
        for place, (code, answer) in enumerate(zip(codes, put.answers, strict=True))
        if answer != MISSING
    ]


def result_of(put: Put, plan: Plan, number: int, protocol: Protocol) -> dict[str, Any]:
    """The common summary, with the stakeholder groups that the file names."""
    groups: dict[str, list[int]] = {}
    for rater, answer in zip(plan.raters, put.answers, strict=True):
        if plan.groups and answer in SCALE:
            groups.setdefault(plan.groups[rater], []).append(answer)
    summary = summarise(
        [answer for answer in put.answers if answer in SCALE],
        nsp=put.nsp,
        missing=put.missing,
        protocol=protocol,
        round_number=number,
        groups=groups,
    )
    return {**summary.as_json(), "cast": put.rated + put.nsp, "entitled": len(put.answers)}


async def rounds_of(assessment_id: int, plan: Plan, number: int, note: Note) -> dict[int, Round]:
    """The round of each group, over from the beginning; an imported one may take more statements."""
    found: dict[int, Round] = {}
    for group_id in sorted({each.statement.question.group_id for each in plan.put}):
        there = await Round.get_or_none(group_id=group_id, number=number)
        if there and not await is_imported(there):
            raise Refused("The group has a round {number} of its own. Give the file another.", number=number)
        found[group_id] = there or await Round.create(
            assessment_id=assessment_id,
            group_id=group_id,
            number=number,
            state=RoundState.FED_BACK,
            prepared_at=note.now,
            opened_at=note.now,
            deadline_at=note.now,
            closed_at=note.now,
            analysed_at=note.now,
            fed_back_at=note.now,
        )
    return found


async def is_imported(round: Round) -> bool:
    vote = await Vote.filter(rating_round_id=round.id).first()
    return vote is not None and origin_of(vote) is not None


async def wordings(put: Collection[Put]) -> dict[int, Any]:
    """The text of each statement as it stands."""
    versions = {each.statement.id: each.statement.version for each in put}
    rows = await Wording.filter(statement_id__in=list(versions)).values("statement_id", "version", "text")
    return {
        row["statement_id"]: row["text"] for row in rows if versions[row["statement_id"]] == row["version"]
    }


async def salt_of(assessment_id: int) -> str:
    """One for all files of an assessment, so that a rater of two rounds is one rater."""
    rows = Vote.filter(assessment_id=assessment_id, kind=VoteKind.RATING).order_by("id")
    known = (terms.get("imported") for terms in await rows.values_list("terms", flat=True))
    return next((str(origin["salt"]) for origin in known if origin), None) or new_salt()


def pseudonym(salt: str, rater: str) -> str:
    """Names in a file may be those of people: they are not kept, nor to be worked out without the salt."""
    return f"file-{hmac.new(salt.encode(), rater.encode(), sha256).hexdigest()[:16]}"

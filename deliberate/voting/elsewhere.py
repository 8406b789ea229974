"""What votes and rounds show on pages of earlier domains: what waits for me, the board, the navigation."""

from collections.abc import Collection, Sequence
from typing import Any

from tortoise.expressions import Q

from deliberate.assessments.models import Assessment, memberships_of
from deliberate.people.models import Person
from deliberate.questions.models import Statement
from deliberate.voting.models import Ballot, RollEntry, Vote, answered_by
from deliberate.voting.rules import VoteKind, VoteState
from deliberate.voting.showing import places_of
from deliberate.web.i18n import _, ngettext, t
from deliberate.web.slots import Cell, Column, Waiting


async def waiting_for(person: Person) -> list[Waiting]:
    """Votes that are open and lack a ballot that this person casts, for itself or for a member it represents.

    Whoever is kept out was struck from the roll.
    """
    rows = RollEntry.filter(Q(person_id=person.id, held_by_id=None) | Q(held_by_id=person.id), struck_at=None)
    rows = rows.filter(vote__state=VoteState.OPEN).order_by("vote_id", "id")
    entries = await rows.select_related("vote__assessment", "vote__group", "person")
    if not entries:
        return []
    seats = {seat["group_id"] for seat in await memberships_of(person.id)}
    own = [entry.vote for entry in entries if entry.person_id == person.id]
    answered = await answered_by(person.id, own)
    held = await held_missing([entry for entry in entries if entry.held_by_id == person.id])
    by_id = {entry.vote_id: entry.vote for entry in entries if entry.vote.group_id in seats}
    mine = {vote.id for vote in own} - answered
    votes = [vote for vote in by_id.values() if vote.id in mine or vote.id in held]
    rounds: dict[int, list[Vote]] = {}
    for vote in votes:
        if vote.rating_round_id is not None:
            rounds.setdefault(vote.rating_round_id, []).append(vote)
    alone = [vote for vote in votes if vote.rating_round_id is None]
    places = await places_of(alone)
    return [
        *(round_waits(round_id, left) for round_id, left in rounds.items()),
        *(
            Waiting(
                for_whom(
                    what_waits(vote).format(code=places[vote.id].code),
                    [] if vote.id in mine else held[vote.id],
                ),
                f"/votes/{vote.id}",
                vote.assessment.title,
                until=vote.deadline_at,
                urgent=True,
            )
            for vote in alone
        ),
    ]


async def held_missing(entries: Collection[RollEntry]) -> dict[int, list[str]]:
    """By vote, the members in whose name no ballot was cast yet."""
    if not entries:
        return {}
    rows = Ballot.filter(vote_id__in=[entry.vote_id for entry in entries], set_aside=False)
    names = [f"person-{entry.person_id}" for entry in entries]
    cast = set(await rows.filter(voter__in=names).values_list("vote_id", "voter"))
    found: dict[int, list[str]] = {}
    for entry in entries:
        if (entry.vote_id, f"person-{entry.person_id}") not in cast:
            found.setdefault(entry.vote_id, []).append(entry.person.name)
    return found


def for_whom(what: str, represented: Collection[str]) -> str:
    """Once the own ballot is cast, in whose name one is still to be cast."""
    if not represented:
        return what
    return _("{what}, for {names}").format(what=what, names=", ".join(represented))


def round_waits(round_id: int, left: list[Vote]) -> Waiting:
    """`left`: the ratings still to give, at least one."""
    said = ngettext("Rate {count} statement, {group}", "Rate {count} statements, {group}", len(left))
    first = left[0]
    return Waiting(
        said.format(count=len(left), group=t(first.group.name)),
        f"/rounds/{round_id}",
        first.assessment.title,
        until=first.deadline_at,
        urgent=True,
    )


def what_waits(vote: Vote) -> str:
    if vote.deadline_at:  # a written procedure: there is time, and the deadline stands beside it
        if vote.subject.startswith("question-"):
            return _("Vote in writing on the conclusion of {code}")
        return _("Vote in writing")
    if vote.subject.startswith("statement-") and vote.kind == VoteKind.RATING:
        return _("Rate statement {code}, open now")
    if vote.subject.startswith("record-"):
        return _("Vote on the adoption of the record, open now")
    if vote.subject.startswith("question-"):
        return _("Vote on the conclusion of {code}, open now")
    return _("Vote, open now")


async def board_column(assessment: Assessment, shown: Sequence[int]) -> Column:
    """How many of a question's statements are rated; in an open round, how many raters have answered."""
    statements: dict[int, list[str]] = {question_id: [] for question_id in shown}
    rows = await Statement.filter(question_id__in=shown).values_list("id", "question_id")
    for ident, question_id in rows:
        statements[question_id].append(f"statement-{ident}")
    votes = Vote.filter(assessment_id=assessment.id, kind=VoteKind.RATING)
    counted = votes.filter(
        state=VoteState.COUNTED, subject__in=[each for own in statements.values() for each in own]
    )
    rated = set(await counted.values_list("subject", flat=True))
    running = await votes.filter(state=VoteState.OPEN).exclude(rating_round_id=None)
    given = await ballots_in(running)
    cells: dict[int, Cell] = {}
    for question_id, own in statements.items():
        done = sum(1 for subject in own if subject in rated)
        asked = [vote for vote in running if vote.gate == f"question-{question_id}"]
        if asked:
            cells[question_id] = round_cell(asked, given)
        elif own:
            cells[question_id] = Cell(
                f"{done}/{len(own)}", done == len(own), f"/questions/{question_id}#votes"
            )
    return Column(_("Rated"), cells)


def round_cell(asked: list[Vote], given: dict[int, set[str]]) -> Cell:
    """The raters who have answered everything asked of this question, of those on the roll."""
    whole = set.intersection(*(given[vote.id] for vote in asked))
    entitled = max(vote.entitled for vote in asked)
    href = f"/rounds/{asked[0].rating_round_id}#answered"
    left = entitled - len(whole)
    note = ngettext("{count} to answer", "{count} to answer", left).format(count=left) if left else ""
    return Cell(f"{len(whole)}/{entitled}", not left, href, note)


async def ballots_in(votes: Collection[Vote]) -> dict[int, set[str]]:
    """By vote, the pseudonyms of those whose ballot counts: to be counted, never to be shown."""
    found: dict[int, set[str]] = {vote.id: set() for vote in votes}
    if found:
        rows = Ballot.filter(vote_id__in=list(found), set_aside=False)
        for vote_id, voter in await rows.values_list("vote_id", "voter"):
            found[vote_id].add(voter)
    return found


def rates(standing: Any) -> bool:
    """Whether the navigation offers the rounds: to the secretariat, and to members of a group who have
    declared.
    """
    place, declared = getattr(standing, "place", standing), getattr(standing, "declared", True)
    return bool(place.secretariat or (declared and place.deliberates_in))

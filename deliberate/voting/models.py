"""Votes, the roll frozen at their opening, ballots, and the rounds that put several statements at once.

A vote knows its subject by key and its group; no meeting.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from tortoise import fields
from tortoise.expressions import Q
from tortoise.functions import Count

from deliberate.assessments.models import Pair
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.canonical import canonical
from deliberate.live.model import Model
from deliberate.people.models import Person
from deliberate.voting import grid
from deliberate.voting.round_rules import RoundState
from deliberate.voting.rules import Mode, VoteKind, VoteState, check_runs, check_sees


class Round(Model):
    """A written procedure of a group: several statements rated until a deadline, wherever one is."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    number = fields.IntField()  # unique (group, number)
    state = fields.CharField(max_length=12)  # round_rules.RoundState
    prepared_at: datetime = fields.DatetimeField()
    opened_at: datetime | None = fields.DatetimeField(null=True)
    deadline_at: datetime | None = fields.DatetimeField(null=True, db_index=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    analysed_at: datetime | None = fields.DatetimeField(null=True)
    fed_back_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "voting_round"


@lru_cache(maxsize=64)
def read_terms(text: str) -> Mapping[str, Any]:
    """Votes by the hundred have the same terms, of several kilobytes. Nobody changes them, so one will do."""
    found: Mapping[str, Any] = json.loads(text)
    return found


class Vote(Model):
    """Opened and closed. Everything its result depends on is copied here at opening and never changes
    after.
    """

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    subject = fields.CharField(max_length=40, db_index=True)  # "statement-5", "question-3", "record-1"
    gate = fields.CharField(max_length=40)  # the key interests are weighed by: "question-3", "record-1"
    wording = fields.IntField(default=1)  # version of what is voted on
    text: Pair = fields.JSONField()  # what is put to the vote, as shown
    kind = fields.CharField(max_length=12)  # rules.VoteKind
    mode = fields.CharField(max_length=12)  # rules.Mode
    state = fields.CharField(max_length=12)  # rules.VoteState
    round = fields.IntField(default=1)
    # terms.Terms: changeable, method parameters, quorum as found at opening
    terms: Mapping[str, Any] = fields.JSONField(decoder=read_terms)
    entitled = fields.IntField(default=0)  # length of the roll
    opened_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    counted_at: datetime | None = fields.DatetimeField(null=True)
    result: dict[str, Any] | None = fields.JSONField(null=True)
    rating_round = fields.ForeignKeyField(
        "voting.Round", null=True, on_delete=fields.RESTRICT, related_name="votes"
    )
    rating_round_id: int | None  # null: a vote that stands alone, in a meeting or in writing
    deadline_at: datetime | None = fields.DatetimeField(null=True, db_index=True)  # of a written procedure
    decision: str | None = fields.CharField(max_length=20, null=True)  # round_rules.Decision
    replaces = fields.ForeignKeyField(  # the vote it repeats, which stays: this one counts
        "voting.Vote", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    replaces_id: int | None  # unique
    replaces_reason: str | None = fields.TextField(null=True)
    replaces_salt: str | None = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "voting_vote"

    positions = grid.POSITIONS  # what a ballot of a GRADE grid offers, as msgids

    @property
    def is_grid(self) -> bool:
        return self.kind == VoteKind.RATING and grid.is_grid(self.terms)

    @property
    def statement_id(self) -> int:
        """Of the statement that is rated or voted on; 0 where the subject is none."""
        kind, _, ident = self.subject.rpartition("-")
        return int(ident) if kind == "statement" else 0


class RoundExtension(Model):
    """A deadline put off, with its reason: of a round, or of a written vote that stands alone."""

    id: int = fields.IntField(primary_key=True)
    round = fields.ForeignKeyField(
        "voting.Round", null=True, on_delete=fields.RESTRICT, related_name="extensions"
    )
    round_id: int | None
    vote = fields.ForeignKeyField(
        "voting.Vote", null=True, on_delete=fields.RESTRICT, related_name="extensions"
    )
    vote_id: int | None
    from_at: datetime = fields.DatetimeField()
    to_at: datetime = fields.DatetimeField()
    reason = fields.TextField()
    salt = fields.CharField(max_length=64)
    by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    by_id: int
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "voting_round_extension"


class RatingDraft(Model):
    """Ratings chosen in a round and not sent, autosaved: the rater's alone, missing at the close."""

    id: int = fields.IntField(primary_key=True)
    round = fields.ForeignKeyField("voting.Round", on_delete=fields.RESTRICT)
    round_id: int
    voter = fields.CharField(max_length=40)  # a pseudonym; unique (round, voter)
    answers: dict[str, Any] = fields.JSONField()  # {vote: {"rating": 1-9 or "nsp", "reason"}}

    class Meta:
        table = "voting_rating_draft"


class RollEntry(Model):
    """Who may cast, frozen at opening. A recusal during the vote strikes the name, with its moment."""

    id: int = fields.IntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT, related_name="roll")
    vote_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int  # unique (vote, person)
    chair = fields.BooleanField(default=False)  # whose choice may decide a tie
    struck_at: datetime | None = fields.DatetimeField(null=True)
    held_by = fields.ForeignKeyField(  # who votes for this person under a proxy; named votes only
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    held_by_id: int | None

    class Meta:
        table = "voting_roll_entry"


class Pseudonym(Model):
    """Under which name a member's ratings are kept, per group.

    Read only where rights and feedback are worked out.
    """

    id: int = fields.IntField(primary_key=True)
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int  # unique (group, person)
    code = fields.CharField(max_length=20)  # unique (group, code); unrelated to any id, order or initials

    class Meta:
        table = "voting_pseudonym"


class Ballot(Model):
    """The ballot that counts for one voter. UNIQUE (vote, voter) has the last word."""

    id: int = fields.BigIntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT, related_name="ballots")
    vote_id: int
    voter = fields.CharField(max_length=40)  # "person-5" in a named vote, a pseudonym in a confidential one
    choice = fields.CharField(max_length=20, null=True)
    rating: int | None = fields.SmallIntField(null=True)  # 1-9; null with a reason is "no answer"
    reason = fields.TextField(default="")
    key = fields.CharField(max_length=64)  # made by the client: same key, same answer
    salt = fields.CharField(max_length=64)
    number = fields.IntField()  # of its journal entry
    revision = fields.IntField(default=1)
    set_aside = fields.BooleanField(default=False)  # its voter was recused while the vote was open

    class Meta:
        table = "voting_ballot"

    def commitment(self) -> str:
        """What the journal says of it, and the verifier works out again from the published list."""
        return commitment_of(self.vote_id, self.voter, self.choice, self.rating, self.reason, self.salt)

    def published(self) -> dict[str, Any]:
        """The ballot as the list of the record has it."""
        return {
            "voter": self.voter,
            "choice": self.choice,
            "rating": self.rating,
            "reason": self.reason or None,
            "salt": self.salt,
            "number": self.number,
        }


def commitment_of(
    vote_id: int, voter: str, choice: str | None, rating: int | None, reason: str, salt: str
) -> str:
    """Binds a ballot without telling it: `live.journal.commitment` of what is published, and its salt.

    Spelled out, since a full hall asks for a thousand at once; a test holds the two against each other.
    """
    said = canonical(choice), canonical(rating), canonical(reason or None)
    whose = canonical(salt), vote_id, canonical(voter)
    told = b'{"choice":%b,"rating":%b,"reason":%b,"salt":%b,"vote":%d,"voter":%b}' % (*said, *whose)
    return sha256(told).hexdigest()


class BallotTrace(Model):
    """A ballot as it was before its voter changed it."""

    id: int = fields.BigIntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT)
    vote_id: int
    voter = fields.CharField(max_length=40)
    revision = fields.IntField()  # unique (vote, voter, revision)
    choice = fields.CharField(max_length=20, null=True)
    rating: int | None = fields.SmallIntField(null=True)
    reason = fields.TextField(default="")
    salt = fields.CharField(max_length=64)
    key = fields.CharField(max_length=64)
    number = fields.IntField()

    class Meta:
        table = "voting_ballot_trace"


async def seen_vote(person: Person, vote_id: int) -> tuple[Vote, Standing]:
    """The vote, for whoever may know of it.

    Raises:
        NotFound: there is none, or not for this person.
    """
    vote = await Vote.get_or_none(id=vote_id)
    if vote is None:
        raise NotFound()
    standing = await standing_of(person.id, vote.assessment_id)
    check_sees(standing, vote.gate, vote.group_id)
    if vote.state == VoteState.PREPARED:
        check_runs(standing, vote.gate, vote.group_id)
    return vote, standing


async def seen_round(person: Person, round_id: int) -> tuple[Round, Standing]:
    """The round, for whoever may know of it; which of its statements is asked of each.

    Raises:
        NotFound: there is none, or not for this person.
    """
    round_ = await Round.get_or_none(id=round_id)
    if round_ is None:
        raise NotFound()
    standing = await standing_of(person.id, round_.assessment_id)
    check_sees(standing, "", round_.group_id)
    if round_.state == RoundState.PREPARED:
        check_runs(standing, "", round_.group_id)
    return round_, standing


async def votes_of_round(round_id: int) -> list[Vote]:
    return await Vote.filter(rating_round_id=round_id).order_by("id")


async def next_rounds(subjects: Collection[str]) -> dict[str, int]:
    """Which rating of its subject the next one is"""
    rows = Vote.filter(subject__in=list(subjects), kind=VoteKind.RATING, replaces_id=None)
    rows = rows.exclude(state=VoteState.PREPARED)  # a repeated one and its repetition are one round
    numbers = dict.fromkeys(subjects, 1)
    for subject in await rows.values_list("subject", flat=True):
        numbers[str(subject)] += 1
    return numbers


async def vote_before(vote: Vote) -> Vote | None:
    """The last counted vote of the same kind on the same subject; not one that was repeated."""
    rows = Vote.filter(subject=vote.subject, kind=vote.kind, state=VoteState.COUNTED, id__lt=vote.id)
    counted = await rows.order_by("-id")
    repeated = {each.replaces_id for each in (vote, *counted)}
    return next((each for each in counted if each.id not in repeated), None)


async def repetition_of(vote: Vote) -> Vote | None:
    """The vote that repeats this one and counts in its place, if there is one."""
    if vote.state in (VoteState.PREPARED, VoteState.OPEN):
        return None
    return await Vote.get_or_none(replaces_id=vote.id)


async def voters_of(vote: Vote, person_ids: Collection[int]) -> dict[int, str]:
    """Under which name the ballots of each are kept: to work out rights and feedback, never to be shown."""
    if vote.mode == Mode.NAMED:
        return {person_id: f"person-{person_id}" for person_id in person_ids}
    rows = Pseudonym.filter(group_id=vote.group_id, person_id__in=list(person_ids))
    return dict(await rows.values_list("person_id", "code"))


async def own_ballot(vote: Vote, person_id: int) -> Ballot | None:
    """The ballot of this person that stands, for this person's eyes."""
    voter = (await voters_of(vote, [person_id])).get(person_id)
    return await Ballot.get_or_none(vote_id=vote.id, voter=voter) if voter else None


async def roll_place(vote_id: int, person_id: int) -> RollEntry | None:
    return await RollEntry.get_or_none(vote_id=vote_id, person_id=person_id)


async def seats_of(vote_id: int, person_id: int) -> tuple[RollEntry | None, list[RollEntry]]:
    """(one's own place on the roll, the places one votes for under a proxy), with the names, in one query."""
    rows = RollEntry.filter(Q(person_id=person_id) | Q(held_by_id=person_id), vote_id=vote_id).order_by("id")
    found = await rows.select_related("person", "held_by")
    own = next((entry for entry in found if entry.person_id == person_id), None)
    held = [entry for entry in found if entry.held_by_id == person_id and entry.struck_at is None]
    return own, held


async def names_on_rolls(vote_ids: Collection[int]) -> dict[str, str]:
    """Under which name stands whose ballot, for named votes: {"person-5": "Ada Lovelace"}."""
    rows = RollEntry.filter(vote_id__in=list(vote_ids)).values_list("person_id", "person__name")
    return {f"person-{person_id}": name for person_id, name in await rows}


async def represented_in(vote_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Who voted for whom under a proxy, by vote: {7: {"person-5": "Alan Turing"}}."""
    rows = RollEntry.filter(vote_id__in=list(vote_ids)).exclude(held_by_id=None).order_by("id")
    found: dict[int, dict[str, str]] = {}
    for vote_id, person_id, holder in await rows.values_list("vote_id", "person_id", "held_by__name"):
        found.setdefault(vote_id, {})[f"person-{person_id}"] = holder
    return found


async def count_cast(vote_id: int) -> int:
    return await Ballot.filter(vote_id=vote_id, set_aside=False).count()


async def counts_of(vote_ids: Collection[int]) -> dict[int, int]:
    """The ballots of several votes, in one query."""
    counts = dict.fromkeys(vote_ids, 0)
    if vote_ids:
        rows = Ballot.filter(vote_id__in=list(vote_ids), set_aside=False).group_by("vote_id")
        counts |= dict(await rows.annotate(ballots=Count("id")).values_list("vote_id", "ballots"))
    return counts


async def answered_by(person_id: int, votes: Collection[Vote]) -> set[int]:
    """Those of `votes` in which this person's ballot stands, for this person's eyes, in two queries."""
    return set(await own_ballots(person_id, votes))


async def own_ballots(person_id: int, votes: Collection[Vote]) -> dict[int, Ballot]:
    """The ballots of this person that stand, by vote, for this person's eyes, in two queries."""
    groups = {vote.group_id for vote in votes if vote.mode == Mode.CONFIDENTIAL}
    rows = Pseudonym.filter(person_id=person_id, group_id__in=list(groups))
    codes = dict(await rows.values_list("group_id", "code"))
    voters = {
        vote.id: f"person-{person_id}" if vote.mode == Mode.NAMED else codes.get(vote.group_id)
        for vote in votes
    }
    names = [name for name in voters.values() if name]
    cast = await Ballot.filter(vote_id__in=list(voters), voter__in=names, set_aside=False)
    return {ballot.vote_id: ballot for ballot in cast if voters[ballot.vote_id] == ballot.voter}


async def ballots_of(vote: Vote) -> list[Ballot]:
    """Those that count, sorted so that their order tells nothing: by name, or by pseudonym."""
    return await Ballot.filter(vote_id=vote.id, set_aside=False).order_by("voter")


async def motions_on(gate: str) -> list[Vote]:
    """The votes in writing on words of the moment about a question, in order."""
    return await Vote.filter(gate=gate, subject__startswith="motion-").order_by("id")


async def votes_on(subjects: Collection[str]) -> list[Vote]:
    """Every vote on these subjects, in the order in which they were prepared."""
    return await Vote.filter(subject__in=list(subjects)).order_by("id")

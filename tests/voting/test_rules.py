from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.assessments.rules import Place
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import Invalid, NotAllowed, NotFound, Refusal, Refused
from deliberate.interests.rules import Outcome, Standing
from deliberate.voting import rules
from deliberate.voting.papers import Booth, Cast, Paper, Verdict, Voter, check_papers
from deliberate.voting.results import result_of_choices, result_of_ratings, shows_statistics, told_of_count
from deliberate.voting.rules import VoteState
from deliberate.voting.terms import Quorum, Terms, check_quorum

AT = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
RAM = read_protocol({"method": "RAM"})


def booth(kind: str = "rating", state: str = "open", *, changeable: bool = True, nsp: bool = True) -> Booth:
    return Booth(kind, state, AT if state in ("closed", "counted") else None, changeable, nsp_allowed=nsp)


def paper(
    what: int | str | None, key: str = "key-0001", reason: str = "", person: int = 1, *, nsp: bool = False
) -> Paper:
    rating = what if isinstance(what, int) else None
    choice = what if isinstance(what, str) else None
    return Paper(7, person, key, choice, rating, reason, nsp)


def judge(papers: list[Paper], found: Booth | None = None, **voters: Voter) -> list[Verdict | Refusal]:
    known = {each.person_id: Voter(None) for each in papers}
    return check_papers(papers, found or booth(), known)


def standing(**changes: object) -> Standing:
    place = Place(1, 1, sits_in=frozenset({3}), chairs=frozenset(changes.pop("chairs", ())))
    told: dict[str, object] = {"place": place, "declared": True, "outcomes": {}}
    return Standing(**{**told, **changes})


@pytest.mark.parametrize("state", list(VoteState))
@pytest.mark.parametrize("wanted", list(VoteState))
def test_a_vote_only_goes_forward(state: VoteState, wanted: VoteState) -> None:
    order = list(VoteState)
    if order.index(wanted) == order.index(state) + 1:
        rules.check_step(state, wanted)
    else:
        with pytest.raises(Refused):
            rules.check_step(state, wanted)


@pytest.mark.parametrize("what", [1, 9, 5])
def test_a_rating_from_1_to_9_is_taken(what: int) -> None:
    assert judge([paper(what)]) == [Verdict(revision=1)]


@pytest.mark.parametrize(
    ("kind", "what", "reason"),
    [
        ("rating", 0, ""),
        ("rating", 10, ""),
        ("rating", True, ""),
        ("rating", None, ""),
        ("rating", "for", ""),
        ("rating", None, "x" * 5001),
        ("choice", None, ""),
        ("choice", 5, ""),
        ("choice", "perhaps", ""),
        ("choice", "for", "x" * 5001),
    ],
)
def test_a_ballot_that_is_not_one_answer_is_invalid(kind: str, what: int | str | None, reason: str) -> None:
    (refusal,) = judge([paper(what, reason=reason)], booth(kind))
    assert isinstance(refusal, Invalid)
    assert set(refusal.problems) <= {"rating", "choice", "reason"}


def test_no_answer_needs_a_reason_and_a_protocol_that_allows_it() -> None:
    assert judge([paper(None, reason="Not my field.", nsp=True)]) == [Verdict(revision=1)]
    for said, found in (
        (paper(None, nsp=True), booth()),
        (paper(None, reason="Not my field."), booth()),  # no answer is said in so many words
        (paper(None, reason="Not my field.", nsp=True), booth(nsp=False)),
    ):
        (refusal,) = judge([said], found)
        assert isinstance(refusal, Invalid)


def test_no_answer_and_a_rating_exclude_each_other_and_a_comment_does_not() -> None:
    (refusal,) = judge([paper(7, reason="Not my field.", nsp=True)])
    assert isinstance(refusal, Invalid) and "not both" in str(refusal)
    assert judge([paper(7, reason="After two case reports.")]) == [Verdict(revision=1)]


@pytest.mark.parametrize(
    ("before", "now", "comment", "taken"),
    [(6, 7, "", False), (6, 7, "A new report.", True), (6, 4, "", True), (None, 9, "", True)],
)
def test_a_change_of_zone_is_explained_where_the_protocol_asks(
    before: int | None, now: int, comment: str, taken: bool
) -> None:
    asking = replace(booth(), comment_on_zone_change=True)
    (verdict,) = check_papers([paper(now, reason=comment)], asking, {1: Voter(None, rated_before=before)})
    assert isinstance(verdict, Verdict) is taken
    (verdict,) = check_papers([paper(now)], booth(), {1: Voter(None, rated_before=before)})
    assert isinstance(verdict, Verdict)


def test_the_deadline_refuses_by_itself_and_a_repeated_key_is_still_answered() -> None:
    over = replace(booth(), deadline_at=AT, now=AT)
    (refusal,) = judge([paper(7)], over)
    assert isinstance(refusal, Refused) and "closed at" in str(refusal)
    known = {1: Voter(None, [Cast("key-0001", (None, 7, ""), number=12)])}
    (verdict,) = check_papers([paper(7)], over, known)
    assert isinstance(verdict, Verdict) and verdict.same
    assert judge([paper(7)], replace(over, now=AT - timedelta(seconds=1))) == [Verdict(revision=1)]


@pytest.mark.parametrize("choice", ["for", "against", "abstain", "not_taking_part"])
def test_each_choice_is_taken_with_or_without_an_explanation(choice: str) -> None:
    assert judge([paper(choice)], booth("choice")) == [Verdict(revision=1)]
    assert judge([paper(choice, reason="Because.")], booth("choice")) == [Verdict(revision=1)]


@pytest.mark.parametrize("state", ["prepared", "closed", "counted"])
def test_outside_the_opening_no_ballot_is_taken(state: str) -> None:
    (refusal,) = judge([paper(5)], booth(state=state))
    assert isinstance(refusal, Refused)


@pytest.mark.parametrize("key", ["", "short", "x" * 65])
def test_a_key_that_is_none_is_invalid(key: str) -> None:
    (refusal,) = judge([paper(5, key=key)])
    assert isinstance(refusal, Invalid)


def test_the_same_key_and_content_is_the_same_ballot_even_after_the_close() -> None:
    stored = Cast("key-0001", (None, 5, ""), number=231)
    voter = Voter(None, [stored])
    assert check_papers([paper(5)], booth(state="closed"), {1: voter}) == [Verdict(same=stored)]


def test_the_same_key_with_other_content_is_refused() -> None:
    voter = Voter(None, [Cast("key-0001", (None, 5, ""), number=231)])
    (refusal,) = check_papers([paper(6)], booth(), {1: voter})
    assert isinstance(refusal, Refused)


def test_a_second_ballot_replaces_the_first_where_it_may_be_changed_and_is_refused_elsewhere() -> None:
    first = Cast("key-0001", (None, 5, ""), number=231)
    (verdict,) = check_papers([paper(6, key="key-0002")], booth(), {1: Voter(None, [first])})
    assert verdict == Verdict(revision=2, replaces=first)
    (refusal,) = check_papers([paper(6, key="key-0002")], booth(changeable=False), {1: Voter(None, [first])})
    assert isinstance(refusal, Refused)


def test_an_older_key_of_a_changed_ballot_still_finds_its_number() -> None:
    first, second = Cast("key-0001", (None, 5, ""), 231), Cast("key-0002", (None, 6, ""), 240)
    (verdict,) = check_papers([paper(5)], booth(), {1: Voter(None, [first, second])})
    assert verdict == Verdict(same=first)


def test_in_one_batch_repeats_are_one_ballot_and_changes_follow_each_other() -> None:
    sent = [paper(5), paper(5), paper(6, key="key-0002"), paper(4)]
    first, again, change, other = judge(sent)
    assert first == Verdict(revision=1)
    assert isinstance(again, Verdict) and again.same and again.same.paper == 0
    assert isinstance(change, Verdict) and change.replaces and change.replaces.paper == 0
    assert isinstance(other, Refused)


def test_one_refused_hurts_no_other() -> None:
    verdicts = judge([paper(5, person=1), paper(12, person=2), paper(6, person=3)])
    assert [isinstance(each, Verdict) for each in verdicts] == [True, False, True]


def test_who_may_not_vote_hears_why_before_anything_else() -> None:
    voter = Voter(NotFound(), [Cast("key-0001", (None, 5, ""), 231)])
    (refusal,) = check_papers([paper(5)], booth(), {1: voter})
    assert isinstance(refusal, NotFound)


@pytest.mark.parametrize(
    ("who", "struck", "expected"),
    [
        (standing(), False, type(None)),
        (standing(), None, NotAllowed),  # not on the roll
        (standing(), True, NotFound),  # struck
        (standing(declared=False), False, NotAllowed),
        (standing(outcomes={"question-3": Outcome.RECUSED_ITEM}), False, NotFound),
        (standing(outcomes={"group-3": Outcome.EXCLUDED_GROUP}), False, NotFound),
        (standing(outcomes={"question-3": Outcome.DEROGATION}), False, NotAllowed),
        (standing(outcomes={"question-4": Outcome.RECUSED_ITEM}), False, type(None)),
        (standing(place=Place(1, 1)), False, NotFound),  # left the group
        (standing(place=Place(1, 1, secretariat=True)), None, NotFound),
    ],
)
def test_rights_are_weighed_with_the_ballot(who: Standing, struck: bool | None, expected: type) -> None:
    assert type(rules.right_to_cast(who, "question-3", 3, struck)) is expected


@pytest.mark.parametrize(
    ("who", "runs"),
    [
        (standing(chairs={3}), True),
        (standing(chairs={3}, declared=False), False),
        (standing(), False),
        (standing(place=Place(1, 1, secretariat=True)), True),
    ],
)
def test_the_chair_and_the_secretariat_run_votes(who: Standing, runs: bool) -> None:
    assert rules.may_run(who, "question-3", 3) is runs


def test_a_chair_kept_out_of_the_question_cannot_know_its_vote() -> None:
    chair = standing(chairs={3}, outcomes={"question-3": Outcome.RECUSED_ITEM})
    with pytest.raises(NotFound):
        rules.check_runs(chair, "question-3", 3)


@pytest.mark.parametrize(
    ("seats", "recused", "present", "represented", "second_call", "counted", "reached"),
    [  # METHODS.md A11
        (25, 3, 10, 1, False, False, True),
        (25, 3, 10, 0, False, False, False),
        (25, 3, 11, 0, False, False, True),
        (25, 3, 6, 0, True, False, True),
        (25, 3, 12, 0, False, True, False),
        (25, 3, 13, 0, False, True, True),
    ],
)
def test_quorum_of_the_methods(
    seats: int, recused: int, present: int, represented: int, second_call: bool, counted: bool, reached: bool
) -> None:
    quorum = Quorum(
        seats, recused, present, represented, recused_not_counted=not counted, second_call=second_call
    )
    assert quorum.reached is reached
    if reached:
        check_quorum(quorum)
    else:
        with pytest.raises(Refused, match="There is no quorum"):
            check_quorum(quorum)


def test_terms_survive_their_json() -> None:
    terms = Terms.under(RAM, quorum=Quorum(12, 1, 7), recused=1, changeable=False)
    assert Terms.read(terms.as_json()) == terms
    assert terms.protocol_hash == RAM.digest()


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from(["key-000a", "key-000b", "key-000c"]),
            st.one_of(st.none(), st.integers(0, 10)),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_whatever_is_sent_each_voter_has_one_standing_ballot_at_most(
    sent: list[tuple[int, str, int | None]], changeable: bool
) -> None:
    papers = [paper(rating, key, person=person) for person, key, rating in sent]
    verdicts = judge(papers, booth(changeable=changeable))
    for person in (1, 2, 3):
        new = [
            verdict
            for verdict, each in zip(verdicts, papers, strict=True)
            if each.person_id == person and isinstance(verdict, Verdict) and not verdict.same
        ]
        assert [verdict.revision for verdict in new] == list(range(1, len(new) + 1))
        assert [verdict.replaces is None for verdict in new] == [at == 0 for at in range(len(new))]
        if not changeable:
            assert len(new) <= 1


@pytest.mark.parametrize(
    ("choices", "chair", "outcome"),
    [  # METHODS.md A11
        ([7, 4, 1], None, "adopted"),
        ([6, 4, 2], None, "no_majority"),
        ([6, 6, 0], "for", "adopted_casting_vote"),
        ([6, 6, 0], "against", "rejected_casting_vote"),
        ([6, 6, 0], None, "tie"),
        ([3, 5, 4], None, "no_majority"),
    ],
)
def test_the_majority_of_the_methods(choices: list[int], chair: str | None, outcome: str) -> None:
    cast = ["for"] * choices[0] + ["against"] * choices[1] + ["abstain"] * choices[2]
    result = result_of_choices(cast, entitled=len(cast) + 2, terms=Terms.under(RAM), chair=chair)
    assert result["outcome"] == outcome
    assert result["missing"] == 2
    assert sum(result["counts"].values()) == result["cast"] == len(cast)


def test_ratings_come_out_as_the_library_says() -> None:
    result = result_of_ratings(
        [1, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9],
        nsp=1,
        entitled=14,
        recused=2,
        terms=Terms.under(RAM),
        round_number=1,
    )
    assert result["primary"]["verdict"] == "appropriate"
    assert result["primary"]["degree"] == "agreement"
    assert (result["n"], result["nsp"], result["missing"], result["recused"]) == (11, 1, 2, 2)
    assert (result["cast"], result["entitled"]) == (12, 14)


@pytest.mark.parametrize(("count", "shown"), [(4, False), (5, True)])
def test_below_five_ratings_a_confidential_vote_shows_no_statistics(count: int, shown: bool) -> None:
    terms = Terms.under(RAM)
    result = result_of_ratings([7] * count, nsp=0, entitled=count, recused=0, terms=terms, round_number=1)
    assert shows_statistics("rating", "confidential", result, terms) is shown
    assert shows_statistics("rating", "named", result, terms) is True
    told = told_of_count("rating", result, shown)
    assert ("frequencies" in told) is shown
    assert told["valid"] == count

"""Addresses, names, links and sessions: what may come in, and for how long."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.people import rules
from deliberate.people.pages import own_page

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Link:
    expires_at: datetime = NOW + HOUR
    used_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass
class Session:
    seen_at: datetime = NOW
    idle_at: datetime | None = NOW + HOUR
    expires_at: datetime = NOW + 24 * HOUR
    ended_at: datetime | None = None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Claire.Martin@Example.ORG ", "claire.martin@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("e\u0301lodie@example.org", "\u00e9lodie@example.org"),  # composed and decomposed are one address
        ("agent@intranet-agence", "agent@intranet-agence"),
    ],
)
def test_an_address_has_one_spelling(typed: str, stored: str) -> None:
    assert rules.clean_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "claire", "claire@", "a@b@c.org", "a b@example.org", "a@example.org\nBcc: x@y.org", "a" * 300],
)
def test_what_is_no_address_is_refused_with_a_sentence_for_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_email(typed)
    assert "example" in str(refused.value.problems["email"])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Claire   Martin ", "Claire Martin"),
        ("<b>O'Brien</b>", "<b>O'Brien</b>"),  # a name is text: pages escape it, nobody rewrites it
        ("E\u0301lodie", "\u00c9lodie"),
        ("علی\u200cرضا", "علی\u200cرضا"),  # a joiner that belongs to the spelling
    ],
)
def test_a_name_is_kept_as_it_is_written(typed: str, stored: str) -> None:
    assert rules.clean_name(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "   ", "x" * 201, "Claire\u202eMartin", "Claire\u200bMartin", "a\x00b"]
)
def test_a_name_that_is_empty_too_long_or_deceiving_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_name(typed)
    assert "name" in refused.value.problems


def test_a_good_link_lets_in_until_the_moment_it_expires() -> None:
    rules.check_link(Link(), NOW)
    rules.check_link(Link(), NOW + HOUR - timedelta(microseconds=1))
    with pytest.raises(Refused, match="expired"):
        rules.check_link(Link(), NOW + HOUR)


@pytest.mark.parametrize(
    ("link", "kind", "word"),
    [
        (None, NotFound, "not known"),
        (Link(used_at=NOW), Refused, "used on"),
        (Link(withdrawn_at=NOW), Refused, "withdrawn"),
        (Link(expires_at=NOW), Refused, "expired"),
    ],
)
def test_a_link_that_lets_nobody_in_says_why_and_how_to_get_another(
    link: Link | None, kind: type[Exception], word: str
) -> None:
    with pytest.raises(kind) as refused:
        rules.check_link(link, NOW)
    assert word in str(refused.value) and "sign-in page" in str(refused.value)


@pytest.mark.parametrize(
    ("session", "later", "is_open"),
    [
        (Session(), timedelta(0), True),
        (Session(), HOUR, False),  # idle
        (Session(idle_at=None), HOUR, True),
        (Session(idle_at=NOW + 100 * HOUR), 24 * HOUR, False),  # used all day long, and over all the same
        (Session(ended_at=NOW), timedelta(0), False),
    ],
)
def test_a_session_ends_by_idleness_by_age_or_by_hand(
    session: Session, later: timedelta, is_open: bool
) -> None:
    assert rules.is_open(session, NOW + later) is is_open


def test_a_session_is_marked_as_used_at_most_once_a_minute() -> None:
    assert not rules.needs_touch(Session(), NOW + timedelta(seconds=59))
    assert rules.needs_touch(Session(), NOW + timedelta(seconds=60))


def test_tokens_are_long_random_and_stored_as_something_else() -> None:
    tokens = {rules.new_token() for _ in range(100)}
    assert len(tokens) == 100 and all(rules.is_token(token) for token in tokens)
    token = tokens.pop()
    assert rules.hash_of(token) == rules.hash_of(token) and token not in rules.hash_of(token)


def test_one_makes_short_links_for_oneself_and_administrators_for_anybody() -> None:
    rules.check_makes_link(administrator=True, is_own=False, hours=168)
    rules.check_makes_link(administrator=False, is_own=True, hours=0.5)
    for is_own, hours in ((True, 1.0), (False, 0.5)):
        with pytest.raises(NotFound):
            rules.check_makes_link(administrator=False, is_own=is_own, hours=hours)


def test_the_last_administrator_stays() -> None:
    rules.check_gives_up_office(2)
    with pytest.raises(Refused, match="another person"):
        rules.check_gives_up_office(1)


def test_attempts_are_counted_by_address_and_in_ipv6_by_network() -> None:
    assert rules.household("192.0.2.7") != rules.household("192.0.2.8")
    assert rules.household("2001:db8:1:2::1") == rules.household("2001:db8:1:2:ffff::9")
    assert rules.household("2001:db8:1:2::1") != rules.household("2001:db8:1:3::1")


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("python-httpx2", ""),
    ],
)
def test_a_device_is_described_in_words_its_owner_knows(agent: str, words: str) -> None:
    assert rules.describe_device(agent) == words


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/people?page=2", "/people?page=2"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/a\nSet-Cookie: x=y", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_is_sent_on_to_our_own_pages_only(asked: str, goes_to: str) -> None:
    assert own_page(asked) == goes_to

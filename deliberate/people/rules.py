"""Who may come in, for how long, and who may let others in. Pure: values in, a verdict or a refusal out."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Protocol

from email_validator import EmailNotValidError, validate_email

from deliberate.errors import Invalid, NotFound, Refused

TOUCH_SECONDS = 60  # a session's last request is noted at most this often
OWN_LINK_HOURS = 0.5  # of a link one makes for another device of one's own
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits


class Link(Protocol):
    """The moments of a sign-in link."""

    expires_at: datetime
    used_at: datetime | None
    withdrawn_at: datetime | None


class Session(Protocol):
    """The moments of a sign-in."""

    seen_at: datetime
    idle_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Terms:
    """How long a sign-in lasts without a request, and in any case."""

    idle: timedelta
    absolute: timedelta


def new_token() -> str:
    """256 random bits as text: the only secret of a link or a session."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """What is stored of a token. It needs no salt and no slow hash: nobody guesses 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(text: str) -> bool:
    return TOKEN.fullmatch(text) is not None


def check_link(link: Link | None, now: datetime) -> None:
    """Raises unless the link lets somebody in at this moment."""
    if link is None:
        raise NotFound(
            "This link is not known here. Check that you copied all of it, or ask for a new one on the "
            "sign-in page."
        )
    if link.used_at is not None:
        raise Refused(
            "This link was used on {at}, and each works once. If it was not you, tell the secretariat. Ask "
            "for a new one on the sign-in page.",
            at=link.used_at,
        )
    if link.withdrawn_at is not None:
        raise Refused("This link was withdrawn. Ask for a new one on the sign-in page.")
    if now >= link.expires_at:
        raise Refused(
            "This link expired on {at}. Ask for a new one on the sign-in page, or from whoever sent it.",
            at=link.expires_at,
        )


def is_open(session: Session, now: datetime) -> bool:
    """Neither ended, nor too old, nor idle for too long."""
    awake = session.idle_at is None or now < session.idle_at
    return session.ended_at is None and now < session.expires_at and awake


def needs_touch(session: Session, now: datetime) -> bool:
    return (now - session.seen_at).total_seconds() >= TOUCH_SECONDS


def check_administers(administrator: bool) -> None:
    """Raises NotFound: for everybody else these pages do not exist."""
    if not administrator:
        raise NotFound()


def check_makes_link(administrator: bool, is_own: bool, hours: float) -> None:
    """An administrator for anybody; oneself, for another device, for a short time."""
    if not administrator and not (is_own and hours <= OWN_LINK_HOURS):
        raise NotFound()


def check_gives_up_office(administrators: int) -> None:
    """`administrators`: how many there are, the one who gives up included."""
    if administrators < 2:
        raise Refused("Somebody has to administer. Make another person administrator first.")


def clean_email(text: str) -> str:
    """The one spelling of an address that is stored and compared: NFC, lower case.

    Raises:
        Invalid: it is not an e-mail address.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise wrong("email", "Write an e-mail address, such as claire.martin@example.org.") from None
    email = found.normalized.lower()
    if len(email) > 254:
        raise wrong("email", "This is too long: at most {max_length} characters.", max_length=254)
    return email


def clean_name(text: str) -> str:
    """The name as others will read it: NFC, single spaces, nothing invisible.

    Raises:
        Invalid: it is empty, too long, or holds signs that could make it look like another.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise wrong("name", "Write the name as the others should read it.")
    if len(name) > 200:
        raise wrong("name", "This is too long: at most {max_length} characters.", max_length=200)
    if any(is_deceiving(letter) for letter in name):
        raise wrong("name", "This name holds signs that cannot be seen. Type it again.")
    return name


def is_deceiving(letter: str) -> bool:
    """Control characters, and signs that turn the direction of writing or hide. Joiners stay: some scripts
    need them.
    """
    return unicodedata.category(letter) in ("Cc", "Cs", "Co") or (
        unicodedata.category(letter) == "Cf" and letter not in "\u200c\u200d"
    )


def wrong(field: str, message: str, **places: Any) -> Invalid:
    return Invalid(
        "Some answers are missing or cannot be read.", problems={field: Invalid(message, **places)}
    )


def describe_device(agent: str) -> str:
    """Browser and system, in the words their owner knows; "" when the program does not say."""
    browsers = {
        "Edg/": "Edge",
        "OPR/": "Opera",
        "Firefox/": "Firefox",
        "Chrome/": "Chrome",
        "Safari/": "Safari",
    }
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
    systems |= {"Mac OS X": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"}
    found = (
        next((name for mark, name in names.items() if mark in agent), "") for names in (browsers, systems)
    )
    return " · ".join(name for name in found if name)


def household(address: str) -> str:
    """What attempts are counted by: the address, of IPv6 the network that one customer gets."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)

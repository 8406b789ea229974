"""What people are written about their ways in, in their own language."""

from dataclasses import dataclass
from datetime import datetime

from deliberate.mail.language import speaking
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import _, moment


@dataclass(frozen=True)
class Letter:
    subject: str
    body: str


def sign_in_url(settings: Settings, token: str) -> str:
    return f"{settings.public_url}/sign-in/{token}"


def asked_for_link(person: Person, token: str, until: datetime, settings: Settings) -> Letter:
    """The answer to whoever asked for a link on the sign-in page."""
    with speaking(person.language):
        subject = _("Your link to sign in to {organisation}")
        body = _(
            "Good day {name},\n"
            "\n"
            "Here is the link you asked for. Open it and confirm: it works once, until {until}.\n"
            "\n"
            "{link}\n"
            "\n"
            "Keep it to yourself: whoever opens it acts in your name. If you did not ask for it, do nothing; "
            "nobody can sign in without it.\n"
        )
        organisation = settings.organisation_name(person.language)
        return Letter(
            subject.format(organisation=organisation),
            body.format(name=person.name, until=moment(until), link=sign_in_url(settings, token)),
        )

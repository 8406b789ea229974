"""What spokespersons are written, in the language of each.

A letter tells that something waits, not what it says.
"""

from deliberate.hearings.models import Hearing
from deliberate.mail.language import speaking
from deliberate.people.letters import Letter
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import _, moment, t


def convocation(person: Person, hearing: Hearing, settings: Settings) -> Letter:
    with speaking(person.language):
        body = _(
            "Good day {name},\n"
            "\n"
            "{organisation} asks {stakeholder} to a hearing on this assessment:\n"
            "{title}\n"
            "\n"
            "Date: {when}\n"
            "Place: {where}\n"
            "\n"
            "The questions, and the page on which to answer, to declare interests and to contribute in "
            "writing:\n"
            "{link}\n"
        )
        return Letter(
            _("Hearing of {stakeholder}").format(stakeholder=hearing.stakeholder.name),
            filled(body, person, hearing, settings),
        )


def minutes_sent(person: Person, hearing: Hearing, settings: Settings) -> Letter:
    with speaking(person.language):
        body = _(
            "Good day {name},\n"
            "\n"
            "The minutes of the hearing of {stakeholder} are ready for your corrections:\n"
            "{link}\n"
            "\n"
            "You can correct them until {until}. If {organisation} hears nothing from you by then, they "
            "count as accepted.\n"
        )
        return Letter(
            _("Minutes of the hearing of {stakeholder}").format(stakeholder=hearing.stakeholder.name),
            filled(body, person, hearing, settings),
        )


def filled(body: str, person: Person, hearing: Hearing, settings: Settings) -> str:
    """All places of both letters; each takes those it names."""
    return body.format(
        name=person.name,
        organisation=settings.organisation_name(person.language),
        stakeholder=hearing.stakeholder.name,
        title=t(hearing.stakeholder.assessment.title),
        when=moment(hearing.when) or _("to be agreed"),
        where=hearing.where or _("to be agreed"),
        until=moment(hearing.correct_until),
        link=f"{settings.public_url}/hearings/{hearing.id}",
    )

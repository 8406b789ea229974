"""The letter that invites somebody into an assessment, in the language of its reader."""

from datetime import datetime

from deliberate.assessments.models import Assessment, Group
from deliberate.assessments.rules import Role
from deliberate.errors import N_
from deliberate.mail.language import speaking
from deliberate.people.letters import Letter, sign_in_url
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.web.i18n import _, moment, t

ROLE_WORDS = {
    Role.SECRETARIAT: N_("secretariat"),
    Role.CHAIR: N_("chair"),
    Role.EXPERT: N_("expert"),
    Role.MEMBER: N_("member"),
    Role.STAKEHOLDER: N_("stakeholder"),
}


def role_in_words(role: str, group_name: dict[str, str] | None) -> str:
    """ "chair, Working group on infection" in the language under way."""
    word = _(ROLE_WORDS[Role(role)])
    return f"{word}, {t(group_name)}" if group_name else word


def invitation(
    person: Person,
    assessment: Assessment,
    role: Role,
    group: Group | None,
    token: str,
    until: datetime,
    settings: Settings,
) -> Letter:
    with speaking(person.language):
        organisation = settings.organisation_name(person.language)
        body = _(
            "Good day {name},\n"
            "\n"
            "{organisation} invites you to take part in this assessment:\n"
            "{title}\n"
            "Your part in it: {role}.\n"
            "\n"
            "To come in, open this link and confirm. It works once, until {until}:\n"
            "\n"
            "{link}\n"
            "\n"
            "Keep it to yourself: whoever opens it acts in your name. If it no longer works, ask for a new "
            "one on {address}, or from the secretariat.\n"
        )
        return Letter(
            _("{organisation} invites you: {title}").format(
                organisation=organisation, title=t(assessment.title)
            ),
            body.format(
                name=person.name,
                organisation=organisation,
                title=t(assessment.title),
                role=role_in_words(role, group.name if group else None),
                until=moment(until),
                link=sign_in_url(settings, token),
                address=f"{settings.public_url}/sign-in",
            ),
        )

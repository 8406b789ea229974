"""What is written to raters and voters, in the language of each. No letter holds a rating or a choice."""

from deliberate.assessments.models import Assessment, Group
from deliberate.mail.language import speaking
from deliberate.people.letters import Letter
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.voting.models import Round, Vote
from deliberate.voting.round_rules import RoundState
from deliberate.web.i18n import _, moment, ngettext, t


def of_round(
    person: Person,
    assessment: Assessment,
    group: Group,
    round_: Round,
    left: int,
    settings: Settings,
    reason: str = "",
) -> Letter:
    """`left`: how many ratings are still to give. `reason`: why the deadline was put off, where it was."""
    with speaking(person.language):
        places = {
            "name": person.name,
            "group": t(group.name),
            "title": t(assessment.title),
            "number": round_.number,
            "until": moment(round_.deadline_at) if round_.deadline_at else "",
            "reason": reason,
            "link": f"{settings.public_url}/rounds/{round_.id}",
        }
        if round_.state == RoundState.FED_BACK:
            subject = _("Feedback on rating round {number}: {group}")
            body = _(
                "Good day {name},\n\nRating round {number} of {group} is over. Your feedback sheet shows, "
                "for each statement, the group’s distribution with your own rating in it.\n\n{title}\n\n"
                "{link}\n"
            )
            return Letter(subject.format(**places), body.format(**places))
        asked = ngettext(
            "{left} statement waits for your rating.", "{left} statements wait for your rating.", left
        ).format(left=left)
        if reason:
            subject = _("Later deadline for rating round {number}: {group}")
            opening = _("The deadline of rating round {number} of {group} is put off. The reason: {reason}")
        else:
            subject = _("Rate until {until}: round {number}, {group}")
            opening = _("Rating round {number} of {group} is open.")
        body = _(
            "Good day {name},\n\n{opening}\n{asked} You can rate until {until}, in several sittings if you "
            "like, and change your ratings until then.\n\n{title}\n\n{link}\n\nNobody in the group learns "
            "what you rate. The secretariat sees who has answered, not what.\n"
        )
        opening = opening.format(**places)
        return Letter(subject.format(**places), body.format(**places, opening=opening, asked=asked))


def of_written_vote(
    person: Person,
    assessment: Assessment,
    group: Group,
    vote: Vote,
    code: str,
    settings: Settings,
    reason: str = "",
) -> Letter:
    """`code`: of the question, if it is about one. `reason`: why the deadline was put off, where it was."""
    with speaking(person.language):
        what = _("a motion")
        if vote.subject.startswith("question-"):
            what = _("the conclusion on {code}").format(code=code)
        elif code:
            what = _("a motion on {code}").format(code=code)
        places = {
            "name": person.name,
            "group": t(group.name),
            "title": t(assessment.title),
            "what": what,
            "until": moment(vote.deadline_at) if vote.deadline_at else "",
            "reason": reason,
            "link": f"{settings.public_url}/votes/{vote.id}",
        }
        if reason:
            subject = _("Later deadline for the vote in writing: {what}")
            opening = _("The deadline of the vote in writing is put off. The reason: {reason}")
        else:
            subject = _("Vote in writing until {until}: {what}")
            opening = _("A vote in writing is open.")
        body = _(
            "Good day {name},\n\n{opening}\n{group} votes on {what}. You can vote until {until}, and change "
            "your ballot until then. The vote is named; if you vote against or abstain, please say why.\n\n"
            "{title}\n\n{link}\n"
        )
        return Letter(subject.format(**places), body.format(**places, opening=opening.format(reason=reason)))

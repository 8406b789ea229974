"""What of a record in review waits for a person, on the first page."""

from deliberate.people.models import Person
from deliberate.record.rules import IN_REVIEW
from deliberate.review.readings import Reading, readings_of
from deliberate.web.i18n import _, ngettext
from deliberate.web.slots import Waiting


async def waiting_for(person: Person) -> list[Waiting]:
    found = [each for each in await readings_of(person.id) if each.record.state in IN_REVIEW]
    return [
        Waiting(text=words, href=href, assessment=each.title, urgent=urgent)
        for each in found
        for words, href, urgent in steps(each)
    ]


def steps(found: Reading) -> list[tuple[str, str, bool]]:
    """(sentence, where, whether it presses): at most one for each part this person has."""
    document, adoption = f"/records/{found.record.id}", f"/records/{found.record.id}/adoption"
    steps: list[tuple[str, str, bool]] = []
    if found.presides and found.proposed and found.adopts:
        steps.append((_("Adopt the record: the committee has voted for it"), adoption, True))
    elif found.reads:
        steps.append((to_read(found), document, False))
    if found.prepares and found.unanswered:
        words = ngettext(
            "Answer {count} comment of the committee",
            "Answer {count} comments of the committee",
            found.unanswered,
        )
        steps.append((words.format(count=found.unanswered), adoption, True))
    elif found.prepares and found.commented and not found.proposed:
        steps.append(
            (_("Revise the record, or propose its adoption: every comment has its answer"), adoption, False)
        )
    return steps


def to_read(found: Reading) -> str:
    changed = len(found.record.changed)
    if found.record.version == 1 or not changed:
        return _("Read the record before the committee")
    words = ngettext(
        "Read the record, version {version}: {count} section is new",
        "Read the record, version {version}: {count} sections are new",
        changed,
    )
    return words.format(version=found.record.version, count=changed)

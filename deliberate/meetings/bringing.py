"""Items that come from elsewhere: a file, another meeting, the usual ones.

Called through meetings.actions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deliberate.errors import Invalid, NotFound, Refusal, Refused
from deliberate.evidence.models import evidence_of
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note
from deliberate.meetings import agenda_rules, rules
from deliberate.meetings.agenda_rules import Line
from deliberate.meetings.models import AgendaItem, Meeting, agenda_of, nodes_of
from deliberate.meetings.rules import ItemState
from deliberate.meetings.turn import conducting
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion, questions_of, statement_texts


@dataclass(frozen=True)
class NewItem:
    """An item ready to be stored, but for its place."""

    level: int
    title: Mapping[str, str]
    kind: str
    planned: int
    subject: str = ""
    presenting: int | None = None
    links: list[dict[str, str]] = field(default_factory=list)
    carried_from: int | None = None


async def import_agenda(meeting_id: int, text: str, actor: Person) -> int:
    """All items of a CSV at the end of the agenda, or none of them."""
    async with conducting(meeting_id, actor) as (meeting, note):
        items, problems = await resolved(text, meeting)
        if problems:
            raise problems[0][1]
        return await append(meeting, items, note)


async def resolved(text: str, meeting: Meeting) -> tuple[list[NewItem], list[tuple[int, Refusal]]]:
    """The file as items of this meeting, and what is wrong with it, by line. Reads only."""
    lines, problems = agenda_rules.read_lines(text)
    questions = {
        question.code: question
        for question in await questions_of(meeting.assessment_id)
        if question.group_id == meeting.group_id
    }
    items: list[NewItem] = []
    for line in lines:
        try:
            items.append(await with_codes(line, questions))
        except Refusal as refusal:
            problems.append((line.number, refusal))
    return items, sorted(problems, key=lambda problem: problem[0])


async def with_codes(line: Line, questions: Mapping[str, RiskQuestion]) -> NewItem:
    question = questions.get(line.question) if line.question else None
    if line.question and question is None:
        raise Invalid("No question of this group has the code “{code}”.", code=line.question)
    title = dict(line.title)
    if question and not any(title.values()):
        title = {code: f"{question.code} {words}" for code, words in question.title.items()}
    subject = f"question-{question.id}" if question else ""
    links = await links_of(line.links, subject)
    return NewItem(line.level, title, line.kind, line.minutes, subject, line.presenting, links)


async def links_of(codes: Sequence[str], subject: str) -> list[dict[str, str]]:
    """The statements and documents of the item's own question: who may see that, may see them."""
    if not codes:
        return []
    if not subject.startswith("question-"):
        raise Invalid("Statements and documents belong to a question: choose it first.")
    known = {
        text.code: f"statement-{text.id}"
        for text in (await statement_texts([int(subject.removeprefix("question-"))])).values()
    }
    known |= {document.code: f"document-{document.id}" for document in await evidence_of(subject)}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise Invalid("No statement or document of this question has the code “{code}”.", code=unknown[0])
    return [{"key": known[code], "code": code} for code in dict.fromkeys(codes)]


async def bring_template(meeting_id: int, name: str, actor: Person) -> int:
    """The usual items of such a meeting, at the end of the agenda."""
    if name not in agenda_rules.TEMPLATES:
        raise NotFound()
    async with conducting(meeting_id, actor) as (meeting, note):
        _words, lines = agenda_rules.TEMPLATES[name]
        items = [NewItem(line.level, dict(line.title), line.kind, line.minutes) for line in lines]
        return await append(meeting, items, note)


async def bring_from(meeting_id: int, source_id: int, actor: Person, *, postponed: bool) -> int:
    """The agenda of another meeting of the group; or what was postponed there, once."""
    async with conducting(meeting_id, actor) as (meeting, note):
        source = await Meeting.get_or_none(id=source_id, group_id=meeting.group_id)
        if source is None or source.id == meeting.id:
            raise NotFound()
        items = await (postponed_in(source) if postponed else copied(source))
        if not items:
            raise Refused("There is nothing to take over from that meeting.")
        standing = await standing_of(actor.id, meeting.assessment_id, note.now)
        gates = {one.subject: rules.gate_of(one.subject) for one in items}
        hidden = rules.hides(standing, gates.values(), meeting.group_id)
        kept = left_after(items, lambda one: gates[one.subject] in hidden)
        return await append(meeting, kept, note)


async def copied(source: Meeting) -> list[NewItem]:
    """Its items as they were planned. A hearing belongs to its meeting and stays there."""
    items = await agenda_of(source.id)
    levels = agenda_rules.levels(nodes_of(items))
    planned = [new_item(item, levels[item.id]) for item in items]
    return left_after(planned, lambda item: item.subject.startswith("hearing-"))


def left_after(items: Iterable[NewItem], stays_behind: Callable[[NewItem], bool]) -> list[NewItem]:
    """What stands under an item that stays behind stays with it: it would be read as part of another."""
    found: list[NewItem] = []
    behind: int | None = None  # the level of the last item that stayed behind
    for item in items:
        if behind is not None and item.level > behind:
            continue
        behind = item.level if stays_behind(item) else None
        if behind is None:
            found.append(item)
    return found


async def postponed_in(source: Meeting) -> list[NewItem]:
    """What waits to be taken up: nothing that was carried over before."""
    items = await agenda_of(source.id)
    taken = await AgendaItem.filter(carried_from_id__in=[item.id for item in items]).values_list(
        "carried_from_id", flat=True
    )
    return [
        new_item(item, 1, carried_from=item.id)
        for item in items
        if item.state == ItemState.POSTPONED and item.id not in set(taken)
    ]


def new_item(item: AgendaItem, level: int, carried_from: int | None = None) -> NewItem:
    return NewItem(
        level,
        item.title,
        item.kind,
        item.planned_minutes,
        item.subject,
        item.presenting_minutes,
        list(item.links or []),
        carried_from,
    )


async def append(meeting: Meeting, items: Sequence[NewItem], note: Note) -> int:
    """All of them behind what is there, or none. Returns how many."""
    rules.check_may_be_edited(meeting.state)
    before = await agenda_of(meeting.id)
    if len(before) + len(items) > rules.MOST_ITEMS:
        raise Refused("An agenda has at most {most} items.", most=rules.MOST_ITEMS)
    await store(meeting, items, before[-1].position if before else 0)
    agenda_rules.check_tree(nodes_of(await agenda_of(meeting.id)))
    await note(f"meeting-{meeting.id}", "items_taken_over", items=len(items), **carried(items))
    return len(items)


def carried(items: Iterable[NewItem]) -> dict[str, Any]:
    found = [f"item-{item.carried_from}" for item in items if item.carried_from]
    return {"carried_from": found} if found else {}


async def store(meeting: Meeting, items: Sequence[NewItem], position: int) -> None:
    """The items in order behind `position`, each under the last one of the level above."""
    above: dict[int, int] = {}
    for place, new in enumerate(items, position + 1):
        level = min(new.level, max(above, default=0) + 1)  # its parent may have stayed behind
        above = {each: ident for each, ident in above.items() if each < level}
        item = await AgendaItem.create(
            meeting_id=meeting.id,
            position=place,
            title=dict(new.title),
            kind=new.kind,
            subject=new.subject,
            planned_minutes=new.planned,
            presenting_minutes=new.presenting,
            links=new.links or None,
            parent_id=above.get(level - 1),
            carried_from_id=new.carried_from,
            state=ItemState.PLANNED,
        )
        above[level] = item.id


async def sources_for(meeting: Meeting) -> list[tuple[Meeting, int]]:
    """The other meetings of the group, the latest first, and how many items each has left postponed."""
    rows = Meeting.filter(group_id=meeting.group_id).exclude(id=meeting.id).order_by("-planned_at", "-id")
    meetings = await rows.limit(20)
    waiting = await AgendaItem.filter(
        meeting_id__in=[each.id for each in meetings], state=ItemState.POSTPONED
    ).values_list("id", "meeting_id")
    taken = set(
        await AgendaItem.filter(carried_from_id__in=[ident for ident, _ in waiting]).values_list(
            "carried_from_id", flat=True
        )
    )
    left = [meeting_id for ident, meeting_id in waiting if ident not in taken]
    return [(each, left.count(each.id)) for each in meetings]


async def second_call_items(first: Meeting, meeting: Meeting) -> None:
    """The same agenda, word for word: that is what makes it a second call."""
    items = await agenda_of(first.id)
    levels = agenda_rules.levels(nodes_of(items))
    await store(meeting, [new_item(item, levels[item.id]) for item in items], 0)

"""Giving and ending proxies. Called through meetings.actions.

A vote that is open has its roll: no proxy is given or withdrawn meanwhile, and who arrives is represented in
it to its end.
"""

from deliberate.errors import Refused
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, commitment, new_salt
from deliberate.meetings import proxy_rules, rules
from deliberate.meetings.models import Meeting, Proxy, members_of, proxies_of
from deliberate.meetings.turn import attending, open_votes, protocol_of
from deliberate.people.models import Person


async def give_proxy(meeting_id: int, giver_id: int, holder_id: int, mandate: str, actor: Person) -> int:
    """A member who will be away is represented by another one, until the end or until coming after all."""
    async with attending(meeting_id, giver_id, actor) as (meeting, _, note):
        rules.check_may_arrive(meeting.state)
        rules.check_no_open_vote(await open_votes(meeting.id))
        await check_enters(meeting, giver_id, actor)
        proxy_rules.check_mandate(mandate, own=giver_id == actor.id)
        protocol = await protocol_of(meeting.assessment_id)
        given = [(each.giver_id, each.holder_id) for each in await proxies_of(meeting.id)]
        members = await members_of(meeting, note.now)
        proxy_rules.check_proxy(giver_id, holder_id, members, given, protocol.committee.proxies_max)
        proxy = await Proxy.create(
            meeting_id=meeting.id,
            giver_id=giver_id,
            holder_id=holder_id,
            entered_at=note.now,
            mandate=mandate,
            salt=new_salt(),
        )
        return await note(
            f"meeting-{meeting.id}",
            "proxy_given",
            about=f"person-{giver_id}",
            holder=f"person-{holder_id}",
            commitment=commitment({"proxy": proxy.id, "mandate": mandate}, proxy.salt or ""),
        )


async def withdraw_proxy(meeting_id: int, giver_id: int, actor: Person) -> int:
    """By the member, or by the secretariat for it: whoever wants to be present need not say so in writing."""
    async with attending(meeting_id, giver_id, actor) as (meeting, _, note):
        rules.check_not_closed(meeting.state)
        rules.check_no_open_vote(await open_votes(meeting.id))
        await check_enters(meeting, giver_id, actor)
        number = await end_proxy(meeting.id, giver_id, note)
        if number is None:
            raise Refused("This member is not represented by anybody.")
        return number


async def check_enters(meeting: Meeting, giver_id: int, actor: Person) -> None:
    """The chair, who conducts, enters no proxy: it could be one's own."""
    standing = await standing_of(actor.id, meeting.assessment_id)
    rules.check_has_a_voice(standing, meeting.group_id)
    proxy_rules.check_enters(own=giver_id == actor.id, secretariat=standing.secretariat)


async def end_proxy(meeting_id: int, giver_id: int, note: Note) -> int | None:
    """The number of the entry; None where there was nothing to end."""
    found = Proxy.filter(meeting_id=meeting_id, giver_id=giver_id, ended_at=None)
    if not await found.update(ended_at=note.now):
        return None
    return await note(f"meeting-{meeting_id}", "proxy_ended", about=f"person-{giver_id}")

"""The record: compiled, frozen, commented, answered, voted on, adopted, sealed, downloaded, verified."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from deliberate.assessments.rules import GroupKind
from deliberate.record import verifier
from deliberate.rehearsal.browser import Browser, Screen
from deliberate.rehearsal.company import Player
from deliberate.rehearsal.meeting import in_session, plan_meeting
from deliberate.rehearsal.phrases import NOT_REPORTED
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.play import Play

COMMENTERS = 5
ROOM_OF_COMMITTEE = ("Séance de la commission", "Meeting of the committee")


@dataclass(frozen=True)
class Sealed:
    """What the public gets."""

    bundle: bytes
    members: dict[str, bytes]
    report: verifier.Report
    journal_entries: int


def committee_of(play: Play) -> str:
    return next(group.code for group in play.content.groups if group.kind == GroupKind.COMMITTEE)


async def compile_and_freeze(play: Play) -> int:
    office = play.company.secretariat
    record = int((await office.post(f"/a/{play.slug}/record"))["record"])
    reader = play.company.those("member")[0].browser
    await reader.refused("a member reading a working version", "GET", f"/records/{record}", by=(404,))
    await office.post(f"/records/{record}/freeze")
    expert = play.company.those("expert")[0].browser
    await expert.refused("an expert reading the record in review", "GET", f"/records/{record}", by=(404,))
    await expert.refused(
        "an opinion on a locked question",
        "POST",
        f"/questions/{next(iter(play.questions.values())).id}/comments",
        {"text": "Trop tard.", "stance": "for", "language": "fr", "key": uuid4().hex},
        by=(404, 409),
    )
    return record


async def fill_checklist(play: Play, record: int) -> None:
    """What facts and file leave open, the secretariat of a rehearsal can only report as invented."""
    office = play.company.secretariat
    url = f"/a/{play.slug}/record/reporting"
    content = await office.read(f"/records/{record}")
    gaps = content["reporting"]["missing"]
    if not gaps:
        return
    await office.refused("an item in one language", "POST", f"{url}/{gaps[0]}", {"text_en": "x"}, by=(422,))
    stranger = play.company.those("expert")[0].browser
    await stranger.refused("an expert at the checklist", "GET", url, by=(404,))
    for item in gaps:
        await office.post(f"{url}/{item}", NOT_REPORTED)


async def comment_and_answer(play: Play, record: int) -> int:
    """The committee comments section by section, each comment gets its answer, the next version follows."""
    readers = [play.company.chair(committee_of(play)), *play.company.those("member")][:COMMENTERS]
    content = await readers[0].browser.read(f"/records/{record}")
    sections = [section["key"] for section in content["sections"]]
    office = play.company.secretariat
    comments = []
    for place, player in enumerate(readers):
        section = sections[(3 * place + 1) % len(sections)]
        remark = play.simulation.review_comment(player.who.email, section, player.language)
        made = await player.browser.post(
            f"/records/{record}/comments", remark, section=section, key=uuid4().hex
        )
        comments.append((made["comment"], player.language))
    await office.refused(
        "proposing adoption with comments unanswered", "POST", f"/records/{record}/adoption", by=(409,)
    )
    await fill_checklist(play, record)
    for comment, language in comments:
        await office.post(f"/comments/{comment}/answer", play.simulation.review_answer(comment, language))
        play.advance()
    return int((await office.post(f"/records/{record}/revise"))["record"])


async def adopt_in_meeting(play: Play, record: int) -> dict[str, Any]:
    """Proposed by the secretariat, voted under quorum, signed by the chair. The result of the vote."""
    office, committee = play.company.secretariat, committee_of(play)
    chair, members = play.company.chair(committee), play.company.those("member")
    await office.post(f"/records/{record}/adoption")
    meeting = await plan_meeting(play, committee, ROOM_OF_COMMITTEE)
    item = (await office.post(f"/records/{record}/adoption/agenda", meeting=meeting))["item"]
    async with in_session(play, meeting, chair, members) as session:
        await session.step(f"/items/{item}/open", heard="item_opened")
        await chair.browser.refused(
            "adopting before the committee has voted", "POST", f"/records/{record}/adopt", by=(409,)
        )

        async def opened() -> int:
            return int((await chair.browser.post(f"/records/{record}/adoption/vote", item=item))["vote"])

        result = await session.vote([chair, *members], casting(play, record), opened())
        await office.refused(
            "the secretariat sealing what it proposed", "POST", f"/records/{record}/adopt", by=(404,)
        )
        await chair.browser.post(f"/records/{record}/adopt")
        await chair.browser.refused("adopting twice", "POST", f"/records/{record}/adopt", by=(409,))
        await session.step(f"/items/{item}/close", heard="item_closed")
    return result


def casting(play: Play, record: int) -> Any:
    """The chair and most members are for it: what is rehearsed is an adoption."""

    async def cast(player: Player, screen: Screen, vote: int) -> bool:
        choice, reason = play.simulation.choice(player.who.email, f"record-{record}", player.language)
        if player.part.role == "chair":
            choice, reason = "for", ""
        await screen.cast(vote, choice=choice, reason=reason)
        play.advance()
        return True

    return cast


async def download_and_verify(play: Play, kept: list[str]) -> Sealed:
    """As anybody from outside: the public page, its bundle, and the check of every byte of it."""
    public = Browser(play.house.url, "the public", play.counts)
    try:
        facts = await public.read(f"/public/{play.slug}")
        bundle = await public.download(f"/public/{play.slug}/bundle")
    finally:
        await public.close()
    report = verifier.verify(bundle, facts["fingerprint"], kept)
    members, _ = verifier.read_archive(bundle)
    if sha256(members["record.json"]).hexdigest() != facts["digest"]:
        raise Unexpected("The record in the bundle is not the one the public page shows.")
    if json.loads(members["record.json"]) != facts["record"]:
        raise Unexpected("The public page and the bundle show different records.")
    broken = bytearray(bundle)
    broken[len(broken) // 2] ^= 1
    if verifier.verify(bytes(broken), facts["fingerprint"], kept).holds:
        raise Unexpected("A bundle with one bit changed was verified.")
    return Sealed(bundle, members, report, members["journal.jsonl"].count(b"\n"))

"""One section of the minutes: the desk of its writer, its versions, amendments and corrections.

Handlers, as in pages.py; what all pages of minutes share stands first.
"""

from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deliberate.errors import Refusal
from deliberate.live.journal import last_number, stamp
from deliberate.meetings import actions, minutes_rules
from deliberate.meetings.minutes_models import MinutesDraft, MinutesSection, text_of, versions_of
from deliberate.meetings.minutes_rules import MinutesState, Verdict
from deliberate.meetings.minutes_sight import MinutesSight, minutes_seen
from deliberate.meetings.models import Meeting, seen_meeting
from deliberate.web.answers import part, render, see_other
from deliberate.web.diff import word_diff
from deliberate.web.forms import again, clean, read
from deliberate.web.i18n import _
from deliberate.web.routing import page

GROUP = {"secretariat", "chair", "expert", "committee_chair", "member"}
RUNNERS = {"secretariat", "chair", "committee_chair"}
MOST = 2**31 - 1  # what a column of whole numbers holds
MEMBERS = {"chair", "expert", "committee_chair", "member"}


async def sight_now(request: Request) -> tuple[MinutesSight, int]:
    """What is seen, and the journal number from which news go on, read before."""
    meeting_id: int = request.path_params["meeting_id"]
    row = await Meeting.filter(id=meeting_id).first().values("assessment_id")
    after = await last_number(row["assessment_id"]) if row else 0
    return await minutes_seen(request.user, meeting_id), after


def surroundings(sight: MinutesSight, after: int) -> dict[str, Any]:
    return {
        "assessment": sight.meeting.assessment,
        "standing": sight.standing,
        "meeting": sight.meeting,
        "minutes": sight.minutes,
        "sight": sight,
        "state_words": minutes_rules.STATE_WORDS,
        "verdicts": {str(code): _(words) for code, words in minutes_rules.VERDICT_WORDS.items()},
        "after": after,
    }


async def gate(request: Request) -> int:
    """Before the form is read: whoever does not write learns nothing of its fields."""
    meeting, standing = await seen_meeting(request.user, request.path_params["meeting_id"])
    minutes_rules.check_writes(standing, (), meeting.group_id)
    return meeting.id


def done(request: Request, meeting_id: int, flash: str, key: str = "", **facts: Any) -> Response:
    where = f"/meetings/{meeting_id}/minutes" + (f"/{key}" if key else "")
    return see_other(request, where, flash=flash, **facts)


async def show_section(request: Request, refusal: Refusal | None = None, typed: Any = None) -> Response:
    """The text for whoever reads; the form for whoever writes, with both texts when they differ."""
    sight, after = await sight_now(request)
    key: str = request.path_params["key"]
    section = sight.section(key)
    row, typed = sight.rows.get(key), typed or {}
    context = {
        **surroundings(sight, after),
        **await desk_of(request, sight, key, typed, refused=refusal is not None),
        "section": section,
        "row": row,
        "since": await since_circulation(sight, row),
        "url": f"/meetings/{sight.meeting.id}/minutes/{key}",
        "stored": request.query_params.get("stored", "")[:20],
    }
    facts = {"section": key, "version": section.version, "text": section.text, "held_by": held_by(sight, key)}
    return render(
        request, "meetings/minutes_section.html", context, refusal=refusal, typed=typed, facts=facts
    )


async def since_circulation(sight: MinutesSight, row: MinutesSection | None) -> Markup | None:
    """What was changed after the members were given the text; nothing once it is approved."""
    if row is None or sight.state != MinutesState.CIRCULATED or row.version == row.circulated_version:
        return None
    return word_diff(await text_of(row.id, row.circulated_version), row.text)


def held_by(sight: MinutesSight, key: str) -> int | None:
    holder = sight.holder_of(key)
    return holder.id if holder and sight.writes else None


async def desk_of(
    request: Request, sight: MinutesSight, key: str, typed: dict[str, Any], *, refused: bool
) -> dict[str, Any]:
    """What the form holds: what was just sent, else the own draft, else the stored text."""
    row = sight.rows.get(key)
    version, stored = (row.version, row.text) if row else (0, "")
    draft = await MinutesDraft.get_or_none(section_id=row.id, person_id=request.user.id) if row else None
    text, based_on = stored, version
    if draft:
        text, based_on = draft.text, draft.based_on
    if "based_on" in typed:
        text, sent = str(clean(str(typed.get("text", "")))), str(typed["based_on"])
        based_on = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0
    behind = based_on != version and text != stored
    holder = sight.holder_of(key)
    other = holder if holder and holder.id != request.user.id else None
    return {
        "editable": sight.writes and sight.state not in minutes_rules.FROZEN,
        "writing": other is None or "based_on" in typed or draft is not None,
        "other": other,
        "text": text,
        "stored_text": stored,
        # Once both texts were shown after a refusal, the next try follows on the newer one.
        "based_on": version if (refused and behind) or text == stored else based_on,
        "difference": word_diff(stored, text) if behind else None,
        "draft": draft,
    }


async def show_holder(request: Request) -> Response:
    """Who writes in the section just now: it changes beside a form that nothing may touch."""
    await gate(request)
    sight = await minutes_seen(request.user, request.path_params["meeting_id"])
    key: str = request.path_params["key"]
    sight.section(key)
    return part(
        request, "meetings/_minutes_holder.html", {"sight": sight, "row": sight.rows.get(key), "key": key}
    )


class SectionForm(BaseModel):
    text: str = ""
    based_on: Annotated[int, Field(ge=0, le=MOST)] = 0
    go_on: str = ""


@again(show_section)
async def write_section(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, SectionForm)
    go_on = bool(form.go_on)
    version = await actions.write_section(
        meeting_id, key, form.text, form.based_on, request.user, go_on=go_on
    )
    flash = _("Version {version} of this section is stored.").format(version=version)
    where = f"/meetings/{meeting_id}/minutes" + (f"/{key}?stored={key}" if go_on else f"?stored={key}#{key}")
    return see_other(request, where, flash=flash, section=key, version=version)


async def save_minutes_draft(request: Request) -> Response:
    """The autosave of the form: answers in JSON."""
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, SectionForm)
    at = await actions.save_draft(meeting_id, key, form.text, form.based_on, request.user)
    return JSONResponse({"section": key, "saved_at": stamp(at)}, headers={"Cache-Control": "no-store"})


async def discard_draft(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    await actions.discard_draft(meeting_id, key, request.user)
    where = f"/meetings/{meeting_id}/minutes/{key}?stored={key}"
    return see_other(request, where, flash=_("Your draft is deleted. The stored text stands."))


class HoldForm(BaseModel):
    word: Annotated[str, Field(max_length=minutes_rules.LONGEST_WORD)] = ""


@again(show_section)
async def hold_section(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, HoldForm)
    await actions.hold_section(meeting_id, key, request.user, form.word)
    return see_other(request, f"/meetings/{meeting_id}/minutes/{key}", section=key)


async def release_section(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    await actions.release_section(meeting_id, key, request.user)
    return see_other(request, f"/meetings/{meeting_id}/minutes#{key}", section=key)


async def show_section_versions(
    request: Request, refusal: Refusal | None = None, typed: Any = None
) -> Response:
    """All versions, and any two of them compared."""
    await gate(request)
    sight, after = await sight_now(request)
    key: str = request.path_params["key"]
    section, row = sight.section(key), sight.rows.get(key)
    versions = await versions_of(row.id) if row else []
    numbered = {each.version: each for each in versions}
    newest = versions[0].version if versions else 0
    old = chosen(request, "old", newest - 1, numbered)
    new = chosen(request, "new", newest, numbered)
    context = {
        **surroundings(sight, after),
        "section": section,
        "versions": versions,
        "old": old,
        "new": new,
        "difference": word_diff(numbered[old].text, numbered[new].text) if old and new else None,
        "url": f"/meetings/{sight.meeting.id}/minutes/{key}",
        "editable": sight.state not in minutes_rules.FROZEN,
    }
    facts = {"versions": [{"version": each.version, "at": stamp(each.at)} for each in versions]}
    return render(
        request, "meetings/minutes_versions.html", context, refusal=refusal, typed=typed, facts=facts
    )


def chosen(request: Request, name: str, usual: int, known: dict[int, Any]) -> int:
    """The version named in the address, or the usual one; 0 when there is none."""
    asked = request.query_params.get(name, "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else usual
    return wanted if wanted in known else usual if usual in known else 0


class RestoreForm(BaseModel):
    version: Annotated[int, Field(ge=1, le=MOST)]


@again(show_section_versions)
async def restore_version(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, RestoreForm)
    version = await actions.restore_version(meeting_id, key, form.version, request.user)
    flash = _("The text of version {old} is now version {new}.").format(old=form.version, new=version)
    return see_other(request, f"/meetings/{meeting_id}/minutes/{key}/versions", flash=flash, version=version)


class AmendmentForm(BaseModel):
    passage: Annotated[str, Field(max_length=minutes_rules.LONGEST_POINT)] = ""
    amendment: Annotated[str, Field(min_length=1, max_length=minutes_rules.LONGEST_POINT)]


@again(show_section)
async def propose_amendment(request: Request) -> Response:
    meeting_id, key = request.path_params["meeting_id"], request.path_params["key"]
    sight = await minutes_seen(request.user, meeting_id)
    sight.section(key)
    minutes_rules.check_amends(sight.standing, (), sight.meeting.group_id)
    form = await read(request, AmendmentForm)
    number = await actions.propose_amendment(meeting_id, key, form.passage, form.amendment, request.user)
    return done(request, meeting_id, _("Your amendment is with the writers of the minutes."), key, id=number)


class AnswerForm(BaseModel):
    amendment_id: Annotated[int, Field(ge=1, le=MOST)]
    verdict: Verdict
    answer: Annotated[str, Field(min_length=1, max_length=minutes_rules.LONGEST_POINT)]


@again(show_section)
async def answer_amendment(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, AnswerForm)
    await actions.answer_amendment(meeting_id, form.amendment_id, form.verdict, form.answer, request.user)
    return done(request, meeting_id, _("The amendment is answered."), key, id=form.amendment_id)


class CorrectionForm(BaseModel):
    correction: Annotated[str, Field(min_length=1, max_length=minutes_rules.LONGEST_POINT)]


@again(show_section)
async def correct_minutes(request: Request) -> Response:
    meeting_id, key = await gate(request), request.path_params["key"]
    form = await read(request, CorrectionForm)
    await actions.correct_minutes(meeting_id, key, form.correction, request.user)
    return done(request, meeting_id, _("The correction stands beside the text."), key)


K = "/meetings/{meeting_id:int}/minutes/{key}"
POST = ["POST"]
routes = [
    page(K, show_section, who=GROUP, name="show_minutes_section"),
    page(K, write_section, who=RUNNERS, methods=POST, name="write_minutes_section"),
    page(f"{K}/draft", save_minutes_draft, who=RUNNERS, methods=POST),
    page(f"{K}/discard", discard_draft, who=RUNNERS, methods=POST, name="discard_minutes_draft"),
    page(f"{K}/hold", hold_section, who=RUNNERS, methods=POST, name="hold_minutes_section"),
    page(f"{K}/release", release_section, who=RUNNERS, methods=POST, name="release_minutes_section"),
    page(f"{K}/holder", show_holder, who=RUNNERS, name="show_minutes_holder"),
    page(f"{K}/versions", show_section_versions, who=RUNNERS, name="show_minutes_versions"),
    page(f"{K}/restore", restore_version, who=RUNNERS, methods=POST, name="restore_minutes_version"),
    page(f"{K}/amendments", propose_amendment, who=MEMBERS, methods=POST),
    page(f"{K}/answers", answer_amendment, who=RUNNERS, methods=POST, name="answer_minutes_amendment"),
    page(f"{K}/corrections", correct_minutes, who=RUNNERS, methods=POST),
]

"""The addresses of meetings, and what they show on other pages: here it is tied together."""

from deliberate.errors import N_
from deliberate.meetings import (
    actions,
    agenda_editor,
    agenda_pages,
    floor_pages,
    meeting_home,
    minutes_home,
    minutes_pages,
    minutes_public_pages,
    parts_pages,
    planning,
    proxy_pages,
    repeat_page,
    room_pages,
    usual_pages,
)
from deliberate.meetings.conducting_pages import attend, open_vote, show_origin, speech_step, step
from deliberate.meetings.parts_pages import GROUP, RUNNERS
from deliberate.meetings.pushed import seen_alike
from deliberate.web.forms import again
from deliberate.web.routing import page
from deliberate.web.slots import NavItem

M, I = "/meetings/{meeting_id:int}", "/meetings/{meeting_id:int}/items/{item_id:int}"  # noqa: E741
POST = ["POST"]
routes = [
    *planning.routes,
    *agenda_editor.routes,
    *minutes_pages.routes,
    *agenda_pages.routes,
    *usual_pages.routes,
    *proxy_pages.routes,
    *repeat_page.routes,
    page(M, room_pages.show_room, who=GROUP),
    page(f"{M}/console", room_pages.show_console, who=RUNNERS),
    page(f"{M}/hall", room_pages.show_hall, who=GROUP),
    page(f"{M}/ballot", parts_pages.show_ballot, who=GROUP, name="show_meeting_ballot"),
    page(f"{M}/self", parts_pages.show_self, who=GROUP),
    page(f"{M}/parts/{{name}}", parts_pages.show_part, who=GROUP, name="show_meeting_part"),
    page(f"{M}/console/{{name}}", parts_pages.show_console_part, who=RUNNERS),
    page(f"{M}/hand", parts_pages.show_hand, who=GROUP),
    page(f"{M}/speaking", floor_pages.show_speaking, who=GROUP),
    page(f"{M}/floor", again(show_origin)(floor_pages.change_hand), who=GROUP, methods=POST),
    page(f"{M}/floor/give", again(show_origin)(floor_pages.give_floor), who=RUNNERS, methods=POST),
    page(f"{M}/floor/pause", speech_step(actions.pause_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/resume", speech_step(actions.resume_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/end", speech_step(actions.end_speech), who=RUNNERS, methods=POST),
    page(f"{M}/floor/more", speech_step(actions.give_more_time), who=RUNNERS, methods=POST),
    page(f"{M}/floor/rule", again(show_origin)(floor_pages.set_floor), who=RUNNERS, methods=POST),
    page(f"{M}/adjourn", step(actions.adjourn_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/resume", step(actions.resume_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/open", step(actions.open_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/close", step(actions.close_meeting), who=RUNNERS, methods=POST),
    page(f"{M}/attendance", attend, who=GROUP, methods=POST),
    page(f"{M}/votes", open_vote, who=RUNNERS, methods=POST, name="open_meeting_vote"),
    page(f"{I}/open", step(actions.open_item, of_item=True), who=RUNNERS, methods=POST),
    page(f"{I}/close", step(actions.close_item, of_item=True), who=RUNNERS, methods=POST),
    page(f"{I}/postpone", step(actions.postpone_item, of_item=True), who=RUNNERS, methods=POST),
]
topics = {"meeting": meeting_home.audience_of_meeting, "minutes": minutes_home.audience_of_minutes}
views = {"meetings": seen_alike}
slots = {
    "nav": [NavItem(N_("Meetings"), "/meetings", lambda standing: planning.meets(standing))],
    "home": [meeting_home.waiting_for, minutes_home.minutes_waiting_for],
    "home_assessment": [meeting_home.next_meeting],
    "assessment": [meeting_home.meetings_of_assessment],
    "public_minutes": [minutes_public_pages.listed],
    "question": [meeting_home.meetings_of_question],
    "facts": [meeting_home.facts_of_assessment],
    "recusal": [actions.leave_for_interest],
    "vote_step": [actions.tell_meeting],
}

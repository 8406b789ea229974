"""A hearing brought to any state by the real actions, in the small world of the builders."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deliberate.assessments.models import Group
from deliberate.assessments.rules import Role
from deliberate.hearings import actions
from deliberate.hearings.actions import Convocation, Paper
from deliberate.hearings.minutes_rules import Verdict
from deliberate.hearings.models import Hearing, Spokesperson, Stakeholder, corrections_of
from deliberate.live.models import Entry
from deliberate.meetings.models import Meeting
from deliberate.people.models import Person
from tests.support.builders import World, join, make_person, make_world, pair, sign_in
from tests.support.kept import kept

JSON = {"Accept": "application/json"}
CANARY = "canary-of-the-federation"
DAY = timedelta(days=1)
PAPER = Paper("Our practice", f"What we see: **{CANARY}**.", "en", True)
ORDER = ("invited", "accepted", "dpi_received", "held", "minutes_sent", "corrected", "locked")


@dataclass
class Stage:
    world: World
    stakeholder: Stakeholder
    speaker: Person
    rival: Person  # speaks for another organisation

    @property
    def office(self) -> Person:
        return self.world["secretariat"]

    async def hearing(self) -> Hearing:
        return (
            await Hearing.filter(stakeholder_id=self.stakeholder.id)
            .order_by("-id")
            .first()
            .select_related("meeting")
        )

    async def entries(self, hearing_id: int) -> list[dict[str, Any]]:
        rows = Entry.filter(journal=self.world.assessment.id, topic=f"hearing-{hearing_id}").order_by(
            "number"
        )
        return [json.loads(body) for body in await rows.values_list("body", flat=True)]

    async def kinds(self, hearing_id: int) -> list[str]:
        return [entry["kind"] for entry in await self.entries(hearing_id)]


@kept
async def make_stage() -> Stage:
    world = await make_world()
    speaker, rival = world["stakeholder"], await make_person("Rival")
    await join(rival, world.assessment, Role.STAKEHOLDER)
    stakeholder = await actions.add_stakeholder(world.assessment.id, "Federation", world["secretariat"])
    other = await actions.add_stakeholder(world.assessment.id, "Association", world["secretariat"])
    for organisation, person in ((stakeholder, speaker), (other, rival)):
        await Spokesperson.create(stakeholder=organisation, person=person, since=datetime.now(UTC))
    stage = Stage(world, stakeholder, speaker, rival)
    await actions.convene(other.id, Convocation(["T-1"]), stage.office)
    return stage


async def convened(stage: Stage, meeting_id: int | None = None) -> int:
    """A hearing that waits for its answer."""
    hearing = await actions.convene(
        stage.stakeholder.id, Convocation(["T-1"], meeting_id=meeting_id), stage.office
    )
    return hearing.id


async def brought_to(stage: Stage, state: str, meeting_id: int | None = None) -> int:
    """A hearing in `state`; deemed_accepted by approval, declined by the organisation."""
    hearing_id = await convened(stage, meeting_id)
    if state == "declined":
        await actions.decline(hearing_id, stage.speaker)
    elif state == "deemed_accepted":
        await walk(stage, hearing_id, "minutes_sent")
        await actions.approve_minutes(hearing_id, stage.speaker)
    else:
        await walk(stage, hearing_id, state)
    return hearing_id


async def walk(stage: Stage, hearing_id: int, state: str) -> None:
    for step in ORDER[1 : ORDER.index(state) + 1]:
        await STEPS[step](stage, hearing_id)


async def accept(stage: Stage, hearing_id: int) -> None:
    await actions.accept(hearing_id, stage.speaker)


async def declare(stage: Stage, hearing_id: int) -> None:
    await actions.declare_interests(hearing_id, "We sell needles.", stage.speaker)


async def hold(stage: Stage, hearing_id: int, actor: Person | None = None) -> None:
    now = datetime.now(UTC)
    times = (now - timedelta(hours=2), now - timedelta(hours=1))
    await actions.hold(hearing_id, [stage.speaker.id], actor or stage.office, *times)


async def send(stage: Stage, hearing_id: int) -> None:
    await actions.write_minutes(hearing_id, "They said: never twice.", 0, stage.office)
    await actions.send_minutes(hearing_id, stage.office)


async def correct(stage: Stage, hearing_id: int) -> None:
    await actions.correct(hearing_id, "We said: never thrice.", stage.speaker, passage="never twice")


async def finish(stage: Stage, hearing_id: int) -> None:
    for row in await corrections_of(hearing_id):
        await actions.answer_correction(row.id, Verdict.TAKEN_UP, "So it was.", stage.office)
    await actions.write_minutes(hearing_id, "They said: never thrice.", 1, stage.office)
    await actions.lock(hearing_id, stage.office)


STEPS = {
    "accepted": accept,
    "dpi_received": declare,
    "held": hold,
    "minutes_sent": send,
    "corrected": correct,
    "locked": finish,
}


async def make_meeting(
    stage: Stage, group: Group | None = None, kind: str = "hearing", state: str = "convened"
) -> Meeting:
    return await Meeting.create(
        assessment=stage.world.assessment,
        group=group or stage.world.infection,
        kind=kind,
        title=pair("Day of hearings"),
        place="Room 5",
        planned_at=datetime.now(UTC) + DAY,
        state=state,
    )


async def browser(server: Any, person: Person | None) -> Any:
    """Signed in as this person, or nobody."""
    return server.client(cookies={"deliberate": await sign_in(person)} if person else {})

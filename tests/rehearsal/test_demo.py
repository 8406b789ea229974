"""The demonstration: everybody is there, the deliberation is under way, and each link lets somebody in."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate import demo
from deliberate.live.journal import last_number
from deliberate.live.keeper import Keeper
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.people.models import Person
from deliberate.questions.models import Comment, Opinion, RiskQuestion
from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.report import Counts
from deliberate.rehearsal.server import environment_for, free_port, stop, until_ready
from deliberate.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

ROLES = {
    "Administrator",
    "Secretariat",
    "Chair (pharmacology)",
    "Chair (infection)",
    "Expert (pharmacology)",
    "Expert (infection)",
    "Expert (pharmacology), recused from P-2",
    "Expert (infection), recused from I-2",
    "Expert (pharmacology), interests not declared",
    "Expert (infection), interests not declared",
    "Committee chair",
    "Committee member",
    "Stakeholder, has contributed",
    "Stakeholder, convened",
}
LINE = re.compile(r"(.+?): +(http://\S+/sign-in/\S+)")


def links(lines: list[str]) -> dict[str, str]:
    return {found[1]: found[2] for line in lines if (found := LINE.fullmatch(line))}


async def test_there_is_a_link_for_each_role_and_it_lets_this_person_in(
    server: Any, settings: Settings
) -> None:
    made = links(await demo.seed(settings))
    assert set(made) == ROLES
    names = set()
    for link in made.values():
        client = server.client(headers={"Accept": "application/json"})
        answer = await client.post(urlsplit(link).path)
        assert answer.status_code == 200, answer.text
        names.add((await Person.get(id=answer.json()["person"])).name)
        assert (await client.get("/")).status_code == 200
    assert len(names) == len(ROLES)


async def test_the_deliberation_is_under_way_and_a_second_start_only_gives_fresh_links(
    database: Any, settings: Settings
) -> None:
    first = links(await demo.seed(settings))
    stages = {question.code: question.stage for question in await RiskQuestion.all()}
    assert (stages["I-1"], stages["I-2"], stages["I-4"]) == ("opinion_draft", "evidence_ready", "assigned")
    assert (
        await Opinion.filter(stage="revealed").exists() and await Opinion.filter(stage="submitted").exists()
    )
    assert await Opinion.exclude(draft=None).exists()
    assert await Comment.exclude(parent_id=None).exists()
    assert {meeting.state for meeting in await Meeting.all()} == {"convened"}
    assert await AgendaItem.filter(subject__startswith="question-").count() == 8

    before = await Person.all().count(), await RiskQuestion.all().count(), await last_number(1)
    again = links(await demo.seed(settings))
    assert set(first) == set(again) and not set(first.values()) & set(again.values())
    assert before == (await Person.all().count(), await RiskQuestion.all().count(), await last_number(1))

    keeper = Keeper(Ed25519PrivateKey.generate(), "test")
    assert (await keeper.reread(1)).size == before[-1] > 50


async def test_the_command_starts_it_on_an_empty_machine(tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deliberate.cli", "demo", "--port", str(port)),
        cwd=tmp_path,
        env={**environment_for(tmp_path / "unused", 1, None), "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        lines = []
        async with asyncio.timeout(300):
            while "Ctrl-C" not in (line := (await process.stdout.readline()).decode()):
                lines.append(line.rstrip("\n"))
            await until_ready(f"http://127.0.0.1:{port}", process)
        chair = Browser(f"http://127.0.0.1:{port}", "the chair", Counts())
        await chair.sign_in(links(lines)["Chair (infection)"])
        waiting = (await chair.read("/"))["waiting"]
        await chair.close()
    finally:
        await stop(process)
    assert set(links(lines)) == ROLES
    assert any("/meetings/" in item["href"] for item in waiting)

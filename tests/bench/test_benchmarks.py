"""Each benchmark at a tiny size: it runs, it has its shape, and its floor does nothing but its traffic."""

import math
import socket

import pytest
import pytest_asyncio

from deliberate.bench import deliberated, floors, places, records, servers
from deliberate.bench.benchmark import Benchmark, Found, Goal, Sizes, Stage, empty_row, row
from deliberate.bench.catalogue import BENCHMARKS
from deliberate.bench.driver import Crowd, Driver, masked
from deliberate.bench.records import NOW
from deliberate.bench.session import halls_of
from deliberate.record import verifier
from deliberate.record.compile import compile_content
from deliberate.record.content.facts import load_facts

TINY = Sizes(
    voters=4,
    posts_at_once=2,
    opinions=2,
    deliveries=2,
    stalled_deliveries=2,
    agenda=3,
    burst=3,
    idle=2,
    questions=2,
    experts=5,
    references=3,
    compiled=(1, 2),
    entries=3,
    raters=6,
    items=5,
)
# Each makes databases or servers of its own, which takes seconds.
WITH_OWN_DATABASES = {"ballots-http", "ballots-pg", "commits", "compile", "memory", "pages", "reads"}
GOAL = Goal(0.5, at_least=True)


@pytest_asyncio.fixture(scope="module")
async def halls():
    async with halls_of(1, TINY) as found:
        yield found


@pytest.mark.parametrize(
    "benchmark",
    [
        pytest.param(each, id=each.name, marks=[pytest.mark.long] if each.name in WITH_OWN_DATABASES else [])
        for each in BENCHMARKS
    ],
)
async def test_each_benchmark_measures_itself_and_its_floor(benchmark, halls, tmp_path):
    told = row(benchmark, await benchmark.run(Stage(1, TINY, tmp_path, halls)))

    assert told["name"] == benchmark.name and told["runs"] == 1
    for name in ("value", "floor", "ratio", "ratio_min", "ratio_max"):
        assert isinstance(told[name], float) and math.isfinite(told[name]) and told[name] > 0, name
    assert told["reached"] in (True, False)


def shape(goal: Goal, values: list[float], floor: float = 10.0) -> dict:
    benchmark = Benchmark("one", "what", "s", "floor", goal, run=None)  # type: ignore[arg-type]
    return row(benchmark, Found(values, [floor] * len(values)))


def test_a_goal_is_reached_by_the_median_of_the_ratios_and_not_by_the_best_run():
    assert shape(GOAL, [9.0, 4.9, 1.0])["reached"] is False
    assert shape(GOAL, [1.0, 5.0, 9.0])["reached"] is True
    assert shape(Goal(3), [29.0, 30.0, 90.0])["reached"] is True
    assert shape(Goal(3), [1.0, 30.1, 31.0])["reached"] is False


def test_a_goal_of_the_value_does_not_look_at_the_ratio():
    assert shape(Goal(40, of_value=True), [40.0], floor=0.1)["reached"] is True
    assert shape(Goal(40, of_value=True), [40.1], floor=1000.0)["reached"] is False


def test_what_else_a_goal_asks_for_counts_as_well():
    benchmark = Benchmark("one", "what", "s", "floor", Goal(3), run=None)  # type: ignore[arg-type]
    assert row(benchmark, Found([1.0], [1.0], holds=False))["reached"] is False


def test_a_row_tells_medians_with_the_smallest_and_the_largest():
    told = shape(GOAL, [8.0, 2.0, 4.0])
    assert (told["value"], told["value_min"], told["value_max"]) == (4.0, 2.0, 8.0)
    assert (told["ratio"], told["ratio_min"], told["ratio_max"]) == (0.4, 0.2, 0.8)
    assert (told["floor"], told["goal"], told["runs"]) == (10.0, 0.5, 3)


def test_what_cannot_be_measured_says_so_and_is_not_reached():
    benchmark = Benchmark("one", "what", "s", "floor", GOAL, run=None)  # type: ignore[arg-type]
    told = empty_row(benchmark, "There is no server.")
    assert (told["value"], told["reached"], told["absent"]) == (None, False, "There is no server.")


async def test_the_echo_answers_every_message_with_the_same_constant(tmp_path):
    heard = []
    async with servers.running(servers.ECHO, tmp_path) as echo:
        with Driver() as driver:
            crowd = Crowd(driver, echo.address, ["a=b"] * 3)
            crowd.on_heard = lambda tab, payload: heard.append(payload)
            for message in ("one", "x" * 300):
                crowd.ask([masked(message)] * 3, b"{")
    assert heard == [floors.ACK.encode()] * 6


async def test_the_broadcast_writes_one_frame_of_300_bytes_to_every_socket(tmp_path):
    heard = []
    async with servers.running(servers.BROADCAST, tmp_path) as bare:
        with Driver() as driver:
            crowd = Crowd(driver, bare.address, [""] * 3)
            crowd.on_heard = lambda tab, payload: heard.append((tab, payload))
            crowd.wait_for(b'{"topic"')
            crowd.tabs[1].send(masked("now"))
            driver.run(crowd.is_done)
    assert {tab for tab, _ in heard} == set(crowd.tabs)
    assert {len(payload) for _, payload in heard} == {floors.FACT_BYTES}


def test_the_appends_are_on_the_disk_one_by_one(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(floors.os, "fsync", synced.append)
    assert floors.appends_per_second(tmp_path, 5) > 0
    assert len(synced) == 5 and (tmp_path / "appended").stat().st_size == 5 * len(floors.LINE)


async def test_a_server_that_was_measured_is_gone(tmp_path):
    async with servers.running(servers.ECHO, tmp_path) as echo:
        socket.create_connection(echo.address).close()
    with pytest.raises(OSError):
        socket.create_connection(echo.address)


@pytest.mark.long
async def test_every_question_of_the_large_assessment_has_what_the_first_one_has(tmp_path):
    async with places.opened(tmp_path) as settings:
        dossier = await deliberated.make_dossier(settings, 5, 3, 6)
        facts = await load_facts(dossier.house.assessment.id)
    content = compile_content(facts, version=1, as_of=1, now=NOW)
    first, *others = content["questions"]
    assert len(others) == 2
    for question in (first, *others):
        [statement] = question["statements"]
        assert [one["round"] for one in statement["rounds"]] == [1, 2, 3]
        assert len(question["opinions"]) == 5 and question["conclusion"] is not None
        assert question["opinions"][0]["citations"][0]["evidence"] in question["evidence"]
    assert {len(vote["ballots"]) for vote in content["votes"]} == {5} and len(content["votes"]) == 9


def test_the_bundle_of_the_benchmark_is_one_the_verifier_accepts_and_sees_changes_in():
    data = records.bundle(20)
    assert verifier.verify(data).holds
    assert not verifier.verify(data.replace(b"ballot_cast", b"ballot_lost", 1)).holds

"""The faults that only load shows: a crowd finds each, one user alone finds none, and the reference has none of them."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

from conformance.mock.crowds import CROWD
from conformance.mock.embedded import running
from conformance.mock.faults import all_faults
from conformance.mock.listing import faults
from conformance.mock.settings import RateLimit, Settings
from tests.mock.breaches import breaches
from tests.mock.programs import RedisServer, mock_program

FAULTS = {name: one for name, one in all_faults().items() if one.under_load}
WITHIN_ONE_PROCESS = sorted(name for name, one in FAULTS.items() if one.workers == 1)
ACROSS_PROCESSES = sorted(name for name, one in FAULTS.items() if one.workers > 1)
TRIED = WITHIN_ONE_PROCESS[: int(os.environ.get("NEO_TEST_CROWDS", "4"))]
"""Those that are tried each time; NEO_TEST_CROWDS=20 tries all."""
USERS = 2 * CROWD
CROWDS = 6
SHORT_SILENCE = 3.0


def settings(fault: str | None, turn_seconds: float = 0.3) -> Settings:
    return Settings(turn_seconds=turn_seconds, rate=RateLimit(1_000_000), fault=fault)


def test_there_are_enough_of_them() -> None:
    assert len(WITHIN_ONE_PROCESS) + len(ACROSS_PROCESSES) >= 8
    assert len({one.breaks[0] for one in FAULTS.values()}) >= 8


def test_the_list_says_which_they_are_and_what_it_takes() -> None:
    told = CliRunner().invoke(faults).output
    assert told.count("shows only under load: neo-conformance soak") == len(FAULTS)
    assert "--fault cursor-cached-in-each-worker --mock-workers 2 --redis-url URL\n" in told
    listed = {one["name"]: one for one in json.loads(CliRunner().invoke(faults, ["--json"]).output)}
    assert {name for name, one in listed.items() if one["under_load"]} == set(FAULTS)
    assert all(listed[name]["workers"] == one.workers for name, one in FAULTS.items())


@pytest.mark.parametrize("name", TRIED)
def test_a_crowd_finds_it_and_one_user_does_not(name: str) -> None:
    with running(settings(name)) as mock:
        assert not breaches(mock, 1)
        found = breaches(mock, USERS, SHORT_SILENCE)
    assert found[FAULTS[name].breaks[0]], found


@pytest.mark.parametrize("name", ACROSS_PROCESSES)
def test_it_takes_several_processes(name: str, redis_server: RedisServer) -> None:
    with running(settings(name)) as mock:
        assert not breaches(mock, USERS)
    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "0.3")
    with mock_program(*options, "--rate-limit", "1000000/60", "--fault", name) as mock:
        # Two processes have to meet at the same moment: on a busy machine not every crowd brings that about.
        assert any(breaches(mock, USERS)[FAULTS[name].breaks[0]] for _ in range(CROWDS))


def test_the_reference_bears_a_crowd() -> None:
    with running(settings(None)) as mock:
        assert not breaches(mock, USERS)


def test_the_reference_bears_a_crowd_on_two_processes(redis_server: RedisServer) -> None:
    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "0.3")
    with mock_program(*options, "--rate-limit", "1000000/60") as mock:
        assert not breaches(mock, USERS)

"""Soaks through what goes wrong in a service: no frame that was acknowledged is lost, no correct server is failed.

What was interrupted is told: by what was answered meanwhile, or by sessions that were not finished.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.load.soaking import command, environment
from tests.mock.programs import ProgramMock, RedisServer, mock_program, require_redis_server
from tests.mock.test_real_redis import children

AWAY_SECONDS = 5.0
BEFORE_SECONDS = 12.0
"""Until the users are at work, on a machine that has other things to do."""


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    require_redis_server()
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


def soaked(mock: ProgramMock, folder: Path, disturb: Callable[[], None]) -> dict[str, Any]:
    """The section of a soak during which something happened to the target."""
    arguments = (
        "--base-url",
        mock.base_url,
        "--max-turns",
        "10000",
        "--users",
        "10",
        "--seconds",
        "32",
        "--think",
        "0.2",
    )
    keys = {"NEO_API_KEY": mock.keys["first"], "NEO_OTHER_API_KEY": mock.keys["second"]}
    process = subprocess.Popen(
        command(*arguments, report_dir=folder / "out"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(keys),
    )
    time.sleep(BEFORE_SECONDS)
    disturb()
    said, errors = process.communicate(timeout=150)
    assert process.returncode == 0, said + errors
    report = json.loads((folder / "out" / "conformance.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in report["requirements"] if one["outcome"] == "failed"] == []
    section: dict[str, Any] = report["soak"]
    assert section["generator"]["connections_left"] == 0
    return section


def test_redis_is_away_for_five_seconds(redis_server: RedisServer, tmp_path: Path) -> None:
    def away() -> None:
        redis_server.stop()
        time.sleep(AWAY_SECONDS)
        redis_server.start()

    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "1", "--rate-limit", "100000/60")
    with mock_program(*options) as mock:
        section = soaked(mock, tmp_path, away)
    assert section["sessions"]["judged"] > 10
    assert any(" 503" in answer for answer in section["answers"]), section["answers"]


def test_a_worker_of_the_mock_is_killed(redis_server: RedisServer, tmp_path: Path) -> None:
    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "1", "--rate-limit", "100000/60")
    with mock_program(*options) as mock:
        section = soaked(mock, tmp_path, lambda: os.kill(children(mock.pid)[0], signal.SIGKILL))
    assert section["sessions"]["judged"] > 10
    # Some tail was cut, or some request was not answered; the other worker went on.
    assert {"broken", "closed"} & set(section["tails"]) or any("50" in answer for answer in section["answers"])


def test_the_mock_stands_still_for_five_seconds(tmp_path: Path) -> None:
    with mock_program("--turn-seconds", "1", "--rate-limit", "100000/60") as mock:

        def still() -> None:
            os.kill(mock.pid, signal.SIGSTOP)
            time.sleep(AWAY_SECONDS)
            os.kill(mock.pid, signal.SIGCONT)

        section = soaked(mock, tmp_path, still)
    assert section["sessions"]["judged"] > 10
    assert section["unjudged"] == {}

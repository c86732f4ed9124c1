"""The command: its announcement, its end, its refusals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess

import pytest
from click.testing import CliRunner

from conformance.mock.accounts import FIRST_MOCK_KEY, MOCK_KEYS
from conformance.mock.command import mock as mock_command
from conformance.mock.policy import Policy
from conformance.mock.settings import RateLimit, Settings
from tests.mock.caller import Caller
from tests.mock.programs import ROOT, command, mock_program


def test_announced_and_ended_by_its_parent() -> None:
    with mock_program("--turn-seconds", "0", "--policy", '{"created_status": 200}') as mock:
        assert mock.keys == MOCK_KEYS
        caller = Caller(mock.base_url, mock.keys["second"])
        assert caller.http.post("/chat/sessions", json={"agent_id": 1}).status_code == 200
        session = caller.create()
        caller.send(session)
        assert len(caller.tail(session)) == 40
        caller.close()
    with pytest.raises(ProcessLookupError):
        os.kill(mock.pid, 0)


def test_for_people_and_a_signal() -> None:
    program = subprocess.Popen(command("--port", "0"), stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert program.stdout is not None
    said = [program.stdout.readline() for _ in range(6)]
    assert "http://127.0.0.1:" in said[0]
    assert FIRST_MOCK_KEY in said[1]
    assert said[5].lstrip().startswith("curl -s http://127.0.0.1:")
    program.send_signal(signal.SIGTERM)
    assert program.wait(10) in (0, -signal.SIGTERM)
    program.stdout.close()


@pytest.mark.parametrize(
    "options",
    [
        ["--rate-limit", "10"],
        ["--rate-limit", "0/60"],
        ["--rate-limit", "10/0"],
        ["--turn-seconds", "-1"],
        ["--turn-seconds", "nan"],
        ["--turn-seconds", "soon"],
        ["--port", "70000"],
        ["--port", "http"],
        ["--workers", "0"],
        ["--workers", "2"],
        ["--policy", "[]"],
        ["--policy", '{"no_such_field": 1}'],
        ["--policy", '{"bom": 1}'],
        ["--policy", '{"created_status": 202}'],
        ["--redis-url", "http://127.0.0.1"],
        ["--redis-url", "redis://127.0.0.1:1/0"],
        ["--host", "256.0.0.1"],
    ],
    ids=" ".join,
)
def test_a_bad_value_is_one_line(options: list[str]) -> None:
    ended = CliRunner().invoke(mock_command, ["--port", "0", *options])
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("neo-conformance mock: ")
    assert ended.stderr.count("\n") == 1


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            command("--port", port), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_settings_and_policy_survive_the_way_to_a_worker() -> None:
    policy = Policy(ending="abort", heartbeat_seconds=0.5, managed_agent_id=None, event_name="chunk")
    settings = Settings(turn_seconds=1.5, rate=RateLimit(3, 0.5), redis_url="redis://h/0", workers=2, policy=policy)
    assert Settings.from_json(settings.to_json()) == settings
    assert Policy.from_json(json.dumps({"ending": "abort"})) == Policy(ending="abort")

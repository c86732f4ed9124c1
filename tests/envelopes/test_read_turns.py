"""The SDK's own client reads two turns of the reference server: every chunk, in order, to the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_TURN_SECONDS = 30


@pytest.fixture
def reference_server() -> Iterator[dict[str, Any]]:
    """The announcement of a reference server, which lives as long as its stdin stays open."""
    command = [sys.executable, "-m", "conformance.mock", "--announce-json", "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            announcement = server.stdout.readline()
            assert announcement, f"the reference server ended with {server.wait(5)} instead of announcing itself"
            yield json.loads(announcement)
        finally:
            server.stdin.close()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def test_the_sdks_client_reads_every_chunk_of_two_turns(ai_package: Path, reference_server: dict[str, Any]) -> None:
    command = ["node", str(ai_package / "read_turns.mjs"), reference_server["base_url"], str(_TURN_SECONDS)]
    environment = {**os.environ, "NEO_API_KEY": reference_server["keys"]["first"]}
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", timeout=3 * _TURN_SECONDS, check=False
    )
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{reports}\n{done.stderr[-2000:]}"
    assert [report["turn"] for report in reports] == [1, 2]
    for report in reports:
        assert report["rejected"] == 0
        assert report["stopped"] is None
        assert report["accepted"] >= 3
        assert report["terminal"] == "finish"
        assert "text" in report["parts"]

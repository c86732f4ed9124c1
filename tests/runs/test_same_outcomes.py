"""One server, five ways to run against it: every requirement has the same outcome in all of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.embedded import EmbeddedMock
from conformance.target import Target
from tests.runs.running import Ran, suite

NOT_ARISEN = {"RATE-02"}
"""No 429 is seen on a server whose limit is not reached."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain") / "reports"


@pytest.fixture(scope="module")
def plain(reports: Path) -> Ran:
    return suite("--level", "should", report_dir=reports)


def conformant(ran: Ran) -> None:
    assert ran.code == 0, ran.out + ran.err
    assert ran.report is not None
    assert ran.report["verdict"] == "conformant", ran.out
    assert {i for i, outcome in ran.outcomes.items() if outcome != "passed"} == NOT_ARISEN, ran.out
    assert ran.report["spent"]["scenarios"]["turns"] <= 16


def against(target: Target, folder: Path, *arguments: str) -> Ran:
    assert target.other_key is not None
    keys = {"NEO_API_KEY": target.api_key, "NEO_OTHER_API_KEY": target.other_key}
    # The same turns for fuzzing as on the embedded mock: on another target it starts none unless it is told to.
    arguments = ("--base-url", target.base_url, "--level", "should", "--fuzz-turns", "40", *arguments)
    return suite(*arguments, report_dir=folder / "reports", environ=keys)


def test_the_embedded_mock_is_conformant(plain: Ran) -> None:
    conformant(plain)


def test_with_two_workers_of_xdist(plain: Ran, tmp_path: Path) -> None:
    ran = suite("--level", "should", "-n", "2", report_dir=tmp_path / "reports")
    conformant(ran)
    assert ran.outcomes == plain.outcomes
    assert ran.report is not None
    assert ran.report["spent"]["scenarios"]["turns"] == 16


def test_the_mock_in_another_process(plain: Ran, tmp_path: Path) -> None:
    with EmbeddedMock() as target:
        ran = against(target, tmp_path)
    conformant(ran)
    assert ran.outcomes == plain.outcomes


def test_a_real_redis_and_two_workers(plain: Ran, tmp_path: Path) -> None:
    with redis_server(tmp_path) as url, EmbeddedMock("--redis-url", url, "--workers", "2") as target:
        ran = against(target, tmp_path)
    conformant(ran)
    assert ran.outcomes == plain.outcomes


def test_the_recording_that_a_run_leaves_is_judged_the_same(plain: Ran, reports: Path, tmp_path: Path) -> None:
    ran = suite("--replay", str(reports / "recording.json"), report_dir=tmp_path / "reports")
    assert ran.outcomes == {**plain.outcomes, "FUZZ-01": "untested", "FUZZ-02": "untested"}


def test_level_must_as_well(plain: Ran, tmp_path: Path) -> None:
    ran = suite("--gate", report_dir=tmp_path / "reports")
    conformant(ran)
    assert ran.outcomes == plain.outcomes


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A redis-server of this test's own, on a free port, that keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "redis-server is not installed"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)

"""A server that stands still for some seconds, as for a failover, breaks nothing by it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.journeys.run import play
from conformance.offline import judge_recording
from conformance.target import Target
from tests.mock.programs import mock_program

STILL_SECONDS = 5.0
MOMENTS = (2.0,)


@contextmanager
def standing_still(pid: int, at: float) -> Iterator[None]:
    timers = [
        threading.Timer(at, os.kill, (pid, signal.SIGSTOP)),
        threading.Timer(at + STILL_SECONDS, os.kill, (pid, signal.SIGCONT)),
    ]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.join()


@pytest.mark.parametrize("at", MOMENTS)
def test_nobody_is_failed_for_it(at: float) -> None:
    with mock_program("--turn-seconds", "0.4", "--rate-limit", "100000/60") as mock, standing_still(mock.pid, at):
        results = judge_recording(play(Target(mock.base_url, mock.keys["first"], mock.keys["second"])))
    assert {one: result.reason for one, result in results.items() if result.outcome == "failed"} == {}

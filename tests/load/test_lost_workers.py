"""A worker that is killed takes nothing with it but what it had not told: the soak goes on, and the report says what is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil

from conformance.load.master import SoakMaster
from conformance.load.settings import SoakSettings
from conformance.load.tally import Tally
from tests.load.soaking import command, environment


def told(judged: int, still_open: int) -> dict[str, Any]:
    tally = Tally(1.0)
    tally.count("sessions", "judged", judged)
    return {**tally.to_json(), "open": still_open}


def test_the_last_word_of_each_worker_counts() -> None:
    master = SoakMaster(SoakSettings("http://127.0.0.1:9"))
    master.connected("a")
    master.connected("b")
    master.report("a", {"tally": told(3, 2), "final": False})
    master.report("a", {"tally": told(7, 4), "final": False})
    master.report("b", {"tally": told(5, 1), "final": False})
    master.report("b", {"tally": told(6, 0), "final": True})
    master.report("b", {"tally": told(99, 9), "final": False})  # came late
    master.report("b", {"nonsense": 1})
    assert master.tally().number("sessions", "judged") == 13
    assert not master.all_final
    lost = master.lost()
    assert [(one["worker"], one["sessions_open"], one["told"]) for one in lost] == [("worker 1", 4, True)]


def test_a_worker_that_never_told_anything_is_lost_too() -> None:
    master = SoakMaster(SoakSettings("http://127.0.0.1:9"))
    master.connected("a")
    assert [(one["sessions_open"], one["told"]) for one in master.lost()] == [(0, False)]
    assert master.tally().number("sessions", "judged") == 0


def test_a_killed_worker_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--users", "8", "--seconds", "30", "--turn-seconds", "0.4", "--think", "0.2", "--processes", "2")
    process = subprocess.Popen(
        command(*arguments, report_dir=out),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    victim = worker_of(process.pid)
    time.sleep(12)
    judges = [child.pid for child in victim.children()]
    victim.send_signal(signal.SIGKILL)
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, said + errors
    soak = json.loads((out / "conformance.json").read_text(encoding="utf-8"))["soak"]
    assert len(soak["lost_workers"]) == 1
    assert soak["lost_workers"][0]["told"] is True
    assert "lost: worker" in said
    # Users of the lost one were given to the other: it played on to the end.
    assert soak["sessions"]["judged"] > 8
    assert judges
    assert not any(psutil.pid_exists(pid) for pid in judges)


def worker_of(pid: int) -> psutil.Process:
    """A worker of that soak, once there is one and its judge runs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for child in psutil.Process(pid).children():
            if "--worker" in child.cmdline() and child.children():
                return child
        time.sleep(0.2)
    raise AssertionError("no worker was started")

"""A run that is ended early leaves a whole report that says so, or none; and nothing that goes on."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest

from conformance.interruption import EXIT_INTERRUPTED
from conformance.spec_files import read_spec_json

_CHANCE = random.Random(6)
MOMENTS = tuple(round(_CHANCE.uniform(0.3, 16.0), 2) for _ in range(20))
TRIED = MOMENTS[: int(os.environ.get("NEO_TEST_MOMENTS", "2"))]
"""Of the twenty moments, those that are tried each time; NEO_TEST_MOMENTS=20 tries all."""


def _started(folder: Path, *arguments: str, python_path: Path | None = None) -> subprocess.Popen[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("NEO_", "PYTEST_"))}
    if python_path is not None:
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(python_path), environ.get("PYTHONPATH"))))
    (folder / "tmp").mkdir()
    environ["TMPDIR"] = str(folder / "tmp")
    command = [sys.executable, "-m", "conformance", "run", "-q", "--report-dir", str(folder / "reports")]
    command += ["--fuzz-seconds", "1", *arguments]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever was started in the background of a shell has Ctrl+C ignored, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _playing(folder: Path) -> None:
    """Wait until the journeys are being played, however long the machine takes to come so far."""
    deadline = time.monotonic() + 60
    while not list(folder.glob("tmp/neo-conformance-*/playing")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _members(group: int) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pgid=,pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(group)]


def _left_well(folder: Path, process: subprocess.Popen[str]) -> dict[str, object] | None:
    """The report, if there is one: whole, and valid. No half file, and nothing that goes on."""
    deadline = time.monotonic() + 10
    while _members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _members(process.pid) == []
    path = folder / "reports" / "conformance.json"
    assert list(folder.rglob("*.part")) == []
    if not path.exists():
        return None
    report: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(read_spec_json("report.schema.json")).validate(report)
    return report


@pytest.mark.parametrize("moment", TRIED)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_some_moment(moment: float, number: signal.Signals, tmp_path: Path) -> None:
    process = _started(tmp_path)
    time.sleep(moment)
    ended_by_itself = process.poll() is not None
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    report = _left_well(tmp_path, process)
    assert process.returncode != 0 or ended_by_itself or (report is not None and not report["interrupted"])
    if report is not None and report["interrupted"]:
        assert process.returncode == EXIT_INTERRUPTED, out + err
        assert "INTERRUPTED" in out
        requirements = report["requirements"]
        assert isinstance(requirements, list)
        assert not [one["id"] for one in requirements if one["outcome"] == "failed"]


def test_ctrl_c_while_the_journeys_are_played(tmp_path: Path) -> None:
    """Late enough that something was judged, early enough that not all was."""
    process = _started(tmp_path)
    _playing(tmp_path)
    time.sleep(3.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    report = _left_well(tmp_path, process)
    assert process.returncode == EXIT_INTERRUPTED, out + err
    assert report is not None, out + err
    assert report["interrupted"] is True


ODD = """
import os, signal, pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    try:
        yield
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt:
        raise SystemError("a library was in the middle of something") from None
"""


def test_an_interrupt_that_a_library_takes_for_an_error_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "odd_interrupt.py").write_text(ODD, encoding="utf-8")
    process = _started(tmp_path, "-p", "odd_interrupt", "-k", "test_uploads", python_path=tmp_path)
    out, err = process.communicate(timeout=120)
    report = _left_well(tmp_path, process)
    assert process.returncode == EXIT_INTERRUPTED, out + err
    assert "mistake of the suite" not in err
    assert report is not None
    assert report["interrupted"] is True


def test_a_full_disk(tmp_path: Path) -> None:
    """A file may have no more than a few kilobytes: the recording cannot be kept, and that is said in one line."""

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    environ = {k: v for k, v in os.environ.items() if not k.startswith(("NEO_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "conformance", "run", "-q", "--report-dir", "reports", "-k", "test_uploads"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=little_room,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "cannot be kept" in done.stderr
    assert list(tmp_path.rglob("*.part")) == []
    assert not (tmp_path / "reports" / "conformance.json").exists()


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    process = _started(tmp_path, "-n", "2")
    _playing(tmp_path)
    workers = [int(line.split()[1]) for line in _members(process.pid) if "import sys;exec(eval" in line]
    os.kill(workers[0], signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    report = _left_well(tmp_path, process)
    assert process.returncode != 0, out + err
    assert report is None or report["interrupted"] is True
    assert list(tmp_path.glob("tmp/neo-conformance-*")) == []

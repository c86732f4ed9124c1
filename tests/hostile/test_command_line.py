"""A few of the harms through the whole command: what is written and printed, what memory it took, how it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.leaks import KEY, OTHER_KEY, SIGNATURE, leaks
from tests.hostile.modes import MODES
from tests.hostile.server import hostile

MEMORY_MOST = 500 << 20
SECONDS_MOST = 90.0
LOUD = ("-vv", "--showlocals", "--log-level=DEBUG", "--log-cli-level=DEBUG", "--full-trace", "-rA")


SEARCHED = 4 << 20
"""Bytes of a file that are searched in every encoding; the rest of it for the keys as they are."""
WEIGH = """
import os, sys
status, usage = os.wait4(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)[1:]
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs a command, and writes the most memory that it had. A process of its own: a child begins with its parent's most."""


@dataclass(frozen=True)
class Ran:
    """``memory``: the most that the process had, in bytes. ``written``: the beginning of every file, and what was printed."""

    code: int
    seconds: float
    memory: int
    printed: str
    written: str


def _run(mode: str, folder: Path, *arguments: str) -> Ran:
    weight = folder / "weight"
    printed = folder / "printed"
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("NEO_", "PYTEST_"))}
    with hostile(MODES[mode].server()) as (url, _), printed.open("wb") as out:
        command = [
            *(sys.executable, "-c", WEIGH, str(weight), sys.executable, "-m", "conformance", "run"),
            *("--base-url", url, "--report-dir", str(folder / "reports")),
            *("--turn-timeout", "2", "--connect-timeout", "1", "--run-timeout", "8"),
            *(f"--junitxml={folder / 'junit.xml'}", f"--log-file={folder / 'log'}", *LOUD, *arguments),
        ]
        began = time.monotonic()
        done = subprocess.run(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**environ, "NEO_API_KEY": KEY, "NEO_OTHER_API_KEY": OTHER_KEY},
            timeout=SECONDS_MOST,
            check=False,
        )
        seconds = time.monotonic() - began
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert not [path for path in files if path.suffix == ".part"]
    written = "\n".join(_beginning(path) for path in files)
    shown = printed.read_text(encoding="utf-8", errors="replace")
    return Ran(done.returncode, seconds, int(weight.read_text(encoding="ascii")), shown, written)


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        beginning = file.read(SEARCHED)
        last = beginning
        while last:
            assert KEY.encode() not in last, path.name
            last = file.read(SEARCHED)
    return beginning.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("the-key-in-every-encoding", 1),
        ("text-that-drives-a-terminal", 1),
        ("a-gzip-bomb-as-a-stream", 1),
        ("the-key-in-a-stream", 1),
        ("never-answers", 2),
    ],
)
def test_a_hostile_server_and_the_whole_command(mode: str, code: int, tmp_path: Path) -> None:
    ran = _run(mode, tmp_path, "--fuzz-seconds", "6" if "encoding" in mode else "1")
    assert ran.code == code, ran.printed[-3000:]
    assert ran.seconds < SECONDS_MOST
    assert ran.memory < MEMORY_MOST
    assert "Traceback (most recent call last):\n" not in ran.printed
    for key in (KEY, OTHER_KEY):
        assert leaks(ran.written, key) == []
    assert SIGNATURE not in ran.written
    hidden = {c for c in ran.printed if not c.isprintable() and c not in "\n\t\r"}
    assert not hidden, hidden

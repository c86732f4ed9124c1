"""The mock as a program, and a real Redis for it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.mock.embedded import RunningMock

ROOT = Path(__file__).parents[2]


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "conformance.mock", *options]


@dataclass(frozen=True)
class ProgramMock(RunningMock):
    """A mock in a process of its own."""

    pid: int = 0


@contextlib.contextmanager
def mock_program(*options: str) -> Iterator[ProgramMock]:
    """The command in a process of its own, on a free port, ended by closing its standard input."""
    program = subprocess.Popen(
        command("--port", "0", "--announce-json", "--until-stdin-closes", *options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        said = json.loads(program.stdout.readline())
        yield ProgramMock(said["base_url"], said["keys"], program.pid)
    finally:
        program.stdin.close()
        try:
            assert program.wait(10) == 0
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
            raise
        finally:
            program.stdout.close()


class RedisServer:
    """A ``redis-server`` that keeps its data on disk, so that it can go away and come back."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {
            "port": str(self._port),
            "bind": "127.0.0.1",
            "dir": str(self._directory),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
        }
        self._process = subprocess.Popen(
            ["redis-server", *(word for name, value in options.items() for word in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 5
        while not self._answers():
            assert time.monotonic() < until, "redis-server did not start"
            time.sleep(0.02)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 0.5) as there:
            there.sendall(b"PING\r\n")
            return there.recv(64).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def require_redis_server() -> None:
    """Skip without ``redis-server``; but in CI its absence is a failure, or nobody would notice that nothing ran."""
    if shutil.which("redis-server") is None:
        reason = "redis-server is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

"""Starts the reference server as a process of its own: the target when no other is given."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

from conformance.outcomes import OurMistake
from conformance.target import Target

START_SECONDS = 30.0
STOP_SECONDS = 5.0


class EmbeddedMock:
    """``python -m conformance.mock`` on a free loopback port. It ends with this process: its standard input closes then."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Target:
        """Start it, and wait until it listens.

        :raises OurMistake: when it does not.
        """
        command = [
            *(sys.executable, "-m", "conformance.mock", "--port", "0", "--announce-json", "--until-stdin-closes"),
            *self._arguments,
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self._first_line()
        try:
            announced: dict[str, Any] = json.loads(line)
            return Target(announced["base_url"], announced["keys"]["first"], announced["keys"]["second"])
        except (ValueError, KeyError, TypeError):
            self.__exit__(None, None, None)
            raise OurMistake(f"the embedded mock did not start: {' '.join(line.split())[:300]}") from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _first_line(self) -> str:
        """Its first line on stdout, or what it said on stderr where there is none in time. Both pipes are drained."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[str] = []
        errors: list[str] = []
        came = threading.Event()

        def read(pipe: Any, into: list[str]) -> None:
            for line in pipe:
                if len(into) < 50:
                    into.append(line)
                came.set()
            came.set()

        out = threading.Thread(target=read, args=(process.stdout, lines), daemon=True)
        err = threading.Thread(target=read, args=(process.stderr, errors), daemon=True)
        out.start()
        err.start()
        waited = 0.0
        while not lines and out.is_alive() and waited < START_SECONDS:
            came.wait(0.05)
            came.clear()
            waited += 0.05
        if lines:
            return lines[0]
        err.join(1.0)
        return "".join(errors) or "it said nothing"

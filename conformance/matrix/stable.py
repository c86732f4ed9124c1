"""The process that gives one broken or varied mock after another."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from conformance.matrix.cells import Cell
from conformance.outcomes import OurMistake
from conformance.target import Target

ANSWER_SECONDS = 60.0


class Stable:
    """``python -m conformance.mock.stable``, which tells its orders and answers. It ends with this process."""

    def __enter__(self) -> Stable:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conformance.mock.stable"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the matrix, which ends this process in order.
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def listing(self, combinations: int, seed: int) -> Mapping[str, Any]:
        """All that can be attached to the mock, and so many combinations of variants."""
        return self._order({"list": {"combinations_wanted": combinations, "seed": seed}})

    def start(self, cell: Cell, turn_seconds: float) -> Target:
        """The server of that cell; the one before it is gone.

        :raises OurMistake: it cannot be started.
        """
        answer = self._order(
            {"start": {"fault": cell.fault, "variants": list(cell.variants), "turn_seconds": turn_seconds}}
        )
        if "base_url" not in answer:
            raise OurMistake(f"the mock did not start as {cell.name}: {answer.get('error', 'it said nothing')}")
        return Target(answer["base_url"], answer["keys"]["first"], answer["keys"]["second"])

    def _order(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        # A server that hangs before it listens would hold the whole matrix up.
        bound = threading.Timer(ANSWER_SECONDS, self._process.kill)
        bound.start()
        try:
            pipes[0].write(json.dumps(order) + "\n")
            pipes[0].flush()
            line = pipes[1].readline()
            answer: Mapping[str, Any] = json.loads(line)
        except (OSError, ValueError) as wrong:
            raise OurMistake("the process that runs the mocks has ended") from wrong
        finally:
            bound.cancel()
        return answer

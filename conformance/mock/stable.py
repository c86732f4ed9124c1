"""Many servers, one after another, without the start of an interpreter for each: ``python -m conformance.mock.stable``.

A line on standard input is an order, a line on standard output its answer, each a JSON object:

- ``{"list": {"combinations_wanted": N, "seed": S}}`` gives ``{"faults": […], "variants": […], "combinations": […]}``;
- ``{"start": {"fault": …, "variants": […], "turn_seconds": …}}`` gives ``{"base_url": …, "keys": …}``, or ``{"error": …}``.
  The server is a child process, forked from this one with everything imported. The one before it is killed first, so
  nothing of it is left;
- ``{"stop": true}`` kills it and gives ``{}``.

When standard input ends, the server does too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.mock.accounts import MOCK_KEYS
from conformance.mock.assembly import behaviour_of
from conformance.mock.faults import all_faults
from conformance.mock.processes import serve
from conformance.mock.settings import RateLimit, Settings
from conformance.mock.store import open_store
from conformance.mock.variants import all_variants

_RATE = RateLimit(1_000_000, 60.0)
"""Nothing is to wait for the limit, unless the change brings a limit of its own."""


@dataclass
class _Child:
    pid: int
    lifeline: int
    """A pipe whose other end is the child's standard input: it ends with this process, however that ends."""

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.lifeline)


def main() -> None:
    """Carry out orders until standard input ends."""
    # Imported and used once, so that no child has to.
    open_store(Settings())
    all_faults()
    all_variants()
    child: _Child | None = None
    for line in sys.stdin:
        order: Mapping[str, Any] = json.loads(line)
        if "list" in order:
            _say(_changes(**order["list"]))
            continue
        if child is not None:
            child.kill()
            child = None
        if "start" not in order:
            _say({})
            continue
        try:
            settings = _settings(order["start"])
            behaviour_of(settings)
        except ValueError as wrong:
            _say({"error": str(wrong)})
        else:
            child = _start(settings)
    if child is not None:
        child.kill()


def _settings(given: Mapping[str, Any]) -> Settings:
    return Settings(
        turn_seconds=given["turn_seconds"],
        rate=_RATE,
        fault=given.get("fault"),
        variants=tuple(given.get("variants", ())),
    )


def _start(settings: Settings) -> _Child:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os.dup2(reading, 0)
        os.close(reading)
        # What a broken server logs is no message of this program.
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)
        try:
            serve(settings, lambda address: _say({"base_url": address, "keys": MOCK_KEYS}), until_stdin_closes=True)
        finally:
            os._exit(0)
    os.close(reading)
    return _Child(pid, writing)


def _changes(combinations_wanted: int, seed: int) -> dict[str, Any]:
    # Loaded when it is asked for: the worker processes do not need it.
    from conformance.mock.variants.combinations import combinations

    variants = all_variants()
    return {
        "faults": [
            {"name": one.name, "breaks": one.breaks, "under_load": one.under_load} for one in all_faults().values()
        ],
        "variants": [
            {"name": one.name, "hides": one.hides, "points": [one.settles, *one.policy]} for one in variants.values()
        ],
        "combinations": combinations(seed, combinations_wanted),
    }


def _say(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

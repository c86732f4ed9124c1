"""How surely histories find the faults that are made for them: ``python -m tests.histories.measure [--seeds 10] [FAULT …]``.

Each fault, with each seed, gets the time that is named in the project's aim, 60 s. A line for each fault: in how many seeds
it was found, with the seconds until then; the exit code is 1 where one was found in fewer than nine of ten.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time

from conformance.histories.outcome import HistorySettings
from conformance.histories.running import run_histories
from conformance.journeys.limits import Limits
from conformance.mock.accounts import FIRST_MOCK_KEY, SECOND_MOCK_KEY
from conformance.mock.embedded import running
from conformance.mock.faults import all_faults
from conformance.mock.settings import RateLimit, Settings
from conformance.target import Target

SECONDS = 60.0
TURNS = 2_000
ENOUGH = 0.9


def found_after(fault: str | None, seed: int, turn_seconds: float, variants: tuple[str, ...] = ()) -> tuple[float, str]:
    """Seconds until the first broken MUST was seen, and which it was; infinity where none was."""
    rate = RateLimit(requests=1_000_000, seconds=60.0)
    settings = Settings(turn_seconds=turn_seconds, rate=rate, fault=fault, variants=variants)
    began = time.monotonic()
    with running(settings) as mock:
        target = Target(mock.base_url, FIRST_MOCK_KEY, SECOND_MOCK_KEY)
        # What is measured is the search: a history that was found need not be made short.
        given = HistorySettings(TURNS, SECONDS, seed, shrinking=False)
        report = run_histories(target, Limits(turn_timeout=10.0), given)
    if not report.musts:
        return float("inf"), ""
    return time.monotonic() - began, report.musts[0].rule


def main() -> int:
    """0 where every fault was found in nine of ten seeds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("faults", nargs="*")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--turn-seconds", type=float, default=0.2)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    own = [name for name, fault in all_faults().items() if "FUZZ-02" in fault.breaks]
    poor = 0
    for name in given.faults or own:
        results = [
            found_after(name, seed, given.turn_seconds)
            for seed in range(given.first_seed, given.first_seed + given.seeds)
        ]
        hits = [f"{seconds:.0f} s {rule}" for seconds, rule in results if rule]
        poor += len(hits) < ENOUGH * given.seeds
        print(f"{name}: {len(hits)} of {given.seeds}: {', '.join(hits)}", flush=True)
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())

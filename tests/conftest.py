"""The baseline of the tests that work on recordings: one run on the embedded mock, played once."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.embedded import EmbeddedMock
from conformance.journeys.run import play
from conformance.recording import Recording

SLOW_FIRST = (
    "judges/test_cases.py",
    "runs/test_same_outcomes.py",
    "load/test_soak.py",
    "independent/test_independent_server.py",
    "hostile/test_modes.py",
    "attestation/test_rejudging.py",
    "histories/test_curl.py",
    "runs/test_interrupted.py",
    "matrix/test_outcomes.py",
    "attestation/test_commands.py",
    "hostile/test_command_line.py",
    "fuzz/test_fuzzing.py",
    "load/test_soak_through_outages.py",
    "load/test_lost_workers.py",
    "load/test_locustfile.py",
    "envelopes/test_agreement.py",
    "fuzz/test_bounds.py",
    "mock/test_under_load.py",
    "runs/test_standing_still.py",
    "runs/test_verdicts.py",
    "runs/test_careful.py",
    "reports/html/test_browser.py",
    "histories/test_lawful.py",
    "recording/test_replayed_faults.py",
    "histories/test_walks.py",
    "matrix/test_command.py",
)
"""The files that take longest: begun last, each would keep one process busy while the others are idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    place = {folder / name: number for number, name in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(SLOW_FIRST)))


@pytest.fixture(scope="session")
def baseline() -> Recording:
    """What a correct server gives; every case of the judges is a small change of it."""
    with EmbeddedMock("--turn-seconds", "0.4") as target:
        return play(target)

"""The baseline of the tests that work on recordings: one run on the embedded mock, played once."""

from __future__ import annotations

import pytest

from conformance.embedded import EmbeddedMock
from conformance.journeys.run import play
from conformance.recording import Recording


@pytest.fixture(scope="session")
def baseline() -> Recording:
    """What a correct server gives; every case of the judges is a small change of it."""
    with EmbeddedMock("--turn-seconds", "0.4") as target:
        return play(target)

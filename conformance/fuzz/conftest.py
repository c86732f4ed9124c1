"""What a fuzzing test needs: the target itself, and how much it may send."""

from __future__ import annotations

import pytest

from conformance.findings import Untested
from conformance.session import ConformanceSession
from conformance.settings import FUZZ_SECONDS, FUZZ_SEED, Settings
from conformance.target import Target


@pytest.fixture(scope="session")
def target(conformance_session: ConformanceSession) -> Target:
    """The server under test; a recording is none.

    :raises Untested: under ``--replay``.
    """
    if conformance_session.settings.replay is not None:
        raise Untested("a recording was judged: there was no target to send anything to")
    return conformance_session.campaign.target()


@pytest.fixture(scope="session")
def run_settings(conformance_session: ConformanceSession) -> Settings:
    return conformance_session.settings


@pytest.fixture(scope="session")
def fuzz_seed(pytestconfig: pytest.Config) -> int:
    """hypothesis's own option, where it is given: a seed that is printed with a failure plays the same again."""
    given = pytestconfig.getoption("--hypothesis-seed", default=None)
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() else FUZZ_SEED


@pytest.fixture(scope="session")
def fuzz_seconds() -> float:
    return FUZZ_SECONDS

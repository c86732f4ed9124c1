"""What a fuzzing test needs: the target itself, and how much it may send."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.findings import Untested
from conformance.recording import Recording
from conformance.session import ConformanceSession
from conformance.settings import FUZZ_SEED, Settings
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
def recording(conformance_session: ConformanceSession) -> Recording:
    """What the journeys played, or what is judged again."""
    view: Recording = conformance_session.view("recording")
    return view


@pytest.fixture(scope="session")
def run_settings(conformance_session: ConformanceSession) -> Settings:
    """With FUZZ-01's share of the turns; FUZZ-02 has the others."""
    settings = conformance_session.settings
    return replace(settings, fuzz_turns=settings.fuzz_turns - settings.history_turns)


@pytest.fixture(scope="session")
def fuzz_seed(pytestconfig: pytest.Config) -> int:
    """hypothesis's own option, where it is given: a seed that is printed with a failure plays the same again."""
    given = pytestconfig.getoption("--hypothesis-seed", default=None)
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() else FUZZ_SEED


@pytest.fixture(scope="session")
def fuzz_seconds(conformance_session: ConformanceSession) -> float:
    """Half of ``--fuzz-seconds``: FUZZ-01's share of the time, and FUZZ-02's."""
    return conformance_session.settings.fuzz_seconds / 2

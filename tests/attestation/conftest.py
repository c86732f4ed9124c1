"""One attested run of a correct server and one of a broken server, each made once."""

from __future__ import annotations

import pytest

from conformance.attestation import suite_files
from conformance.embedded import EmbeddedMock
from conformance.journeys.run import play
from conformance.recording import Recording
from tests.attestation.attested import Attested, attested_run


@pytest.fixture(scope="session")
def good(baseline: Recording) -> Attested:
    return attested_run(baseline)


@pytest.fixture(scope="session")
def broken() -> Attested:
    """Of a server whose tails begin one envelope too early (CUR-01)."""
    with EmbeddedMock("--turn-seconds", "0.2", "--fault", "inclusive-cursor") as target:
        return attested_run(play(target))


@pytest.fixture(autouse=True, scope="session")
def _one_digest() -> None:
    """The suite's own digest is kept by the process: whoever edits a file meanwhile changes nothing here."""
    suite_files.suite_digest()

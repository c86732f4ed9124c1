"""FUZZ-01, its other half: what the journeys recorded is as the OpenAPI document says. Also under ``--replay``."""

from __future__ import annotations

from conformance.findings import requirement
from conformance.recording import Recording
from conformance.settings import Settings


@requirement("FUZZ-01")
def test_recorded_answers_are_as_documented(recording: Recording, run_settings: Settings) -> None:
    """Status, content type, headers and body of every exchange, and every event of every stream."""
    # schemathesis takes more than a second to import: whoever only lists the tests, or mistypes an option, need not wait.
    from conformance.fuzz.traffic import hold_against_the_document

    hold_against_the_document(recording, run_settings.waived)

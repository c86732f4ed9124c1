"""Why something was not judged: where the journeys that would have shown it broke off."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.findings import Untested
from conformance.recording import Recording


def untested(recording: Recording, journeys: Sequence[str], otherwise: str) -> Untested:
    """With the places where the journeys broke off, if they did."""
    breaks = [b for b in (recording.broke(journey) for journey in journeys) if b is not None]
    return Untested("; ".join([otherwise, *(f"{b.journey} broke off at {b.step}: {b.reason}" for b in breaks)]))

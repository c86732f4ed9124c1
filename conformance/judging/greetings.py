"""Whether the agent greets: a turn of its own in the stream of each new session (no page says there is none)."""

from __future__ import annotations

from conformance.evidence import envelopes_of
from conformance.recording import Recording


def greets(recording: Recording) -> bool:
    """Whether the session that is never written to shows the end of a turn."""
    return any(e.terminal for e in envelopes_of(recording.get("idle", "watch")))

"""Messages that were refused and are in the replay all the same: a refusal leaves nothing behind."""

from __future__ import annotations

from conformance.findings import broken
from conformance.judging.answers import probes
from conformance.judging.replay import replay
from conformance.judging.statuses import client_error, successful
from conformance.recording import Exchange, Recording

_LEAST = 12
"""Characters: a shorter text could stand in a replay by chance."""


def nothing_stored(recording: Recording, rule: str) -> None:
    """No text of a probe that was refused for the rule is in a replay of its session.

    Every probe has a text of its own, and no agent was shown it.
    """
    for probe in probes(recording, rule):
        shown = replay(recording, probe.journey)
        text = _text(probe)
        if shown is None or text is None or not client_error(probe):
            continue
        if shown.shows(text):
            broken(probe, *shown.pages, expected="a refused message is not stored", came="the replay shows its text")


def none_accepted_elsewhere(recording: Recording, rule: str, expected: str) -> None:
    """What is refused as a session's first message is not accepted with an id, nor behind an earlier turn."""
    for probe in recording.of("attachments", "refuse-"):
        if probe.facts.get("leans_on") == rule and successful(probe) and probe.operation == "append-message":
            broken(probe, expected=expected)


def _text(probe: Exchange) -> str | None:
    body = probe.sent.json
    text = body.get("message") if isinstance(body, dict) else None
    return text if isinstance(text, str) and len(text) >= _LEAST else None

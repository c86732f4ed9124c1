"""TIER-02: what is no tier. (TIER-01 and what a tier does are in test_model_tier.)"""

from __future__ import annotations

from conformance.findings import requirement
from conformance.judging.answers import MALFORMED, all_refused, probes, why_not_played
from conformance.judging.stored import none_accepted_elsewhere, nothing_stored
from conformance.recording import Recording


@requirement("TIER-02")
def test_any_other_tier_is_refused(recording: Recording) -> None:
    """An unknown word, another case, a number, a boolean; null is open, and not sent."""
    played = probes(recording, "TIER-02")
    if not played:
        raise why_not_played(recording, "refusals", "a message with an unknown tier")
    expected = "400 or 422 for a `model_tier` other than FAST and SMART"
    none_accepted_elsewhere(recording, "TIER-02", expected)
    all_refused(recording, played, only=MALFORMED, expected=expected)
    nothing_stored(recording, "TIER-02")

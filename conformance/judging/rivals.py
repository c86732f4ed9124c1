"""Which posts raced: the plan plays two at once, a history or a soak up to three."""

from __future__ import annotations

import re

from conformance.recording import Recording

RACE = "racing"
_RIVAL = re.compile(r"rival-([0-9]+)")


def rival_numbers(recording: Recording) -> list[int]:
    """The numbers of the posts that were sent at once, accepted or not, in their order."""
    found = (match[1] for e in recording.of(RACE, "rival-") if (match := _RIVAL.fullmatch(e.step)))
    return sorted({int(number) for number in found})

"""Which journeys suffice to see a fault of a requirement: found out on the reference server, not written down.

A requirement that passes on the evidence of a few journeys alone is judged on those first. If it fails there, the fault is
caught, as it would be in a whole run; if not, everything is played. So a shortcut saves time and decides nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from conformance.journeys.run import ALL, with_what_they_need
from conformance.offline import judge_recording
from conformance.recording import Recording

Shortcuts = Mapping[str, Sequence[frozenset[str]]]
_AT_MOST = 2
"""How many sets of journeys are tried before all are played."""
_WORTH = 0.6
"""A set that costs more of a whole run than this is no shortcut."""


def shortcuts(reference: Recording) -> Shortcuts:
    """For each requirement the cheapest sets of journeys on which the reference passes it; cheapest first."""
    sets = sorted({with_what_they_need({one}) for one in ALL}, key=lambda chosen: _cost(reference, chosen))
    affordable = [chosen for chosen in sets if _cost(reference, chosen) <= _WORTH * len(reference.exchanges)]
    found: dict[str, list[frozenset[str]]] = {}
    for chosen in affordable:
        for one, result in judge_recording(part_of(reference, chosen)).items():
            if result.outcome == "passed" and len(found.setdefault(one, [])) < _AT_MOST:
                found[one].append(chosen)
    return found


def part_of(recording: Recording, chosen: frozenset[str]) -> Recording:
    """What those journeys alone would have recorded."""
    kept = tuple(e for e in recording.exchanges if e.journey in chosen or e.journey == "preflight")
    return replace(recording, exchanges=kept)


def _cost(recording: Recording, chosen: frozenset[str]) -> int:
    return sum(exchange.journey in chosen for exchange in recording.exchanges)

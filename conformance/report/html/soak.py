"""The soak in the page: its numbers, and latencies over time as curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LEFT, RIGHT, TOP, HEIGHT, WIDTH = 58.0, 8.0, 14.0, 96.0, 470.0
PERCENTILES: Final = ("p50", "p95", "p99")
TITLES: Final[Mapping[str, str]] = {
    "accepted": "from a post to its 202",
    "first": "from a post to the turn's first envelope",
    "between": "between two envelopes of a turn",
    "turn": "from a post to the turn's terminal envelope",
    "lag": "how late the generator itself was",
}
MOST_LISTED: Final = 60


@dataclass(frozen=True)
class Curves:
    """A metric over time. ``lines``: (percentile, SVG path); ``invalid``: (x, width) of stretches in which the generator lagged;
    ``ticks``: (x, text) below; ``most``: what the upper edge stands for, in seconds."""

    title: str
    lines: tuple[tuple[str, str], ...]
    invalid: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    most: float
    figures: Mapping[str, Any]

    left, top, bottom, width, height = LEFT, TOP, TOP + HEIGHT, WIDTH, TOP + HEIGHT + 18


@dataclass(frozen=True)
class SoakView:
    """``counts``: (title, rows of (what, number)); ``curves``: of every metric that was measured."""

    counts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    curves: tuple[Curves, ...]


_COUNTED: Final = (
    ("unfinished", "sessions that did not come to their end"),
    ("unjudged", "sessions that were played and not judged"),
    ("lost", "sessions in which later steps were left out"),
    ("answers", "answers by operation and status"),
    ("tails", "how tails ended"),
)


def soak_view(soak: Mapping[str, Any] | None) -> SoakView | None:
    """What the page shows of the section ``soak`` of a report; None where there is none."""
    if soak is None:
        return None
    counts = tuple(
        (title, tuple(sorted(soak[subject].items(), key=lambda row: -row[1])[:MOST_LISTED]))
        for subject, title in _COUNTED
        if soak[subject]
    )
    latency = soak["latency"]
    measured = {**latency["metrics"], "lag": soak["generator"]["lag"]}
    curves = tuple(
        _curves(TITLES[name], metric, latency["slot_seconds"], latency["invalid_slots"])
        for name, metric in measured.items()
        if name in TITLES and metric["slots"]
    )
    return SoakView(counts, curves)


def _curves(title: str, metric: Mapping[str, Any], slot_seconds: float, invalid: Sequence[int]) -> Curves:
    slots = metric["slots"]
    last = max([one["slot"] for one in slots] + list(invalid)) + 1
    most = max(one["p99"] or 0.0 for one in slots) or 0.001
    step = (WIDTH - LEFT - RIGHT) / last

    def at(one: Mapping[str, Any], percentile: str) -> str:
        y = TOP + HEIGHT * (1 - min(1.0, (one[percentile] or 0.0) / most))
        return f"{LEFT + step * (one['slot'] + 0.5):.1f} {y:.1f}"

    lines = tuple(
        (p, "M" + "L".join(at(one, p) for one in slots) + ("h1" if len(slots) == 1 else "")) for p in PERCENTILES
    )
    ticks = tuple((LEFT + step * last * part / 4, f"{last * slot_seconds * part / 4:.0f} s") for part in range(5))
    shaded = tuple((LEFT + step * slot, step) for slot in invalid)
    return Curves(title, lines, shaded, ticks, most, metric)

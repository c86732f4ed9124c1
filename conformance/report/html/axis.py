"""The axis of a timeline: true times, stretched where much happens at once and shortened where nothing does.

Envelopes may arrive in one packet; on an even axis they would be one dot, and a tail that begins one envelope too early
could not be told from a right one. So neighbours keep a least distance, and a long silence takes a bounded room. The
labels of the axis are true times.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST = 7.0
"""Units (px) between two neighbours."""
MOST = 72.0
"""Units that a silence may take."""
TICK_ROOM = 64.0
"""Units between two labels, at least."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True)
class Axis:
    """``times`` and ``xs`` of the items, both increasing; ``xs`` strictly."""

    times: tuple[float, ...]
    xs: tuple[float, ...]

    @property
    def end(self) -> float:
        return self.xs[-1] if self.xs else 0.0

    def x(self, at: float) -> float:
        """Where a moment is: between its neighbours in proportion; outside of them at the ends."""
        if not self.times:
            return 0.0
        right = bisect_right(self.times, at)
        if right == 0:
            return self.xs[0]
        if right == len(self.times):
            return self.xs[-1]
        before, behind = self.times[right - 1], self.times[right]
        share = (at - before) / (behind - before) if behind > before else 0.0
        return self.xs[right - 1] + share * (self.xs[right] - self.xs[right - 1])

    def ticks(self) -> tuple[Tick, ...]:
        """Labels at round seconds of the run, so far apart that they do not touch."""
        if not self.times:
            return ()
        first, last = self.times[0], self.times[-1]
        wanted = max(4.0, self.end / TICK_ROOM * 4)
        step = next((s for s in _STEPS if (last - first) / s <= wanted), _STEPS[-1])
        ticks: list[Tick] = []
        for count in range(math.ceil(first / step), min(math.floor(last / step), math.ceil(first / step) + 2000) + 1):
            at = count * step
            x = self.x(at)
            if not ticks or x - ticks[-1].x >= TICK_ROOM:
                ticks.append(Tick(x, f"{at:.{2 if step < 0.1 else 1 if step < 1 else 0}f} s"))
        return tuple(ticks)


def axis(times: Sequence[float], start: float) -> Axis:
    """The axis for items at these times (seconds of the run, in order); the first stands at ``start``."""
    if not times:
        return Axis((), ())
    span = max(times[-1] - times[0], 1e-9)
    per_second = len(times) * LEAST / span
    xs = [start]
    for before, behind in pairwise(times):
        xs.append(xs[-1] + min(MOST, max(LEAST, (behind - before) * per_second * 2)))
    return Axis(tuple(times), tuple(xs))

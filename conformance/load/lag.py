"""How late the generator itself is: a clock that should strike every so often, and by how much it is behind."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.05
"""Seconds between two strokes."""
INVALID: Final = 0.1
"""Seconds. Where a twentieth of the strokes of a slot came later than that, what was measured in it is marked invalid."""
INVALID_PERCENT: Final = 95.0
ACCUSES_NOT: Final = 3.0
"""Seconds. A session during which the generator was behind by so much is not judged: what it missed may have been there."""
TIMES_NOT: Final = 0.5
"""Seconds. Of a session during which it was behind by so much, nothing is concluded from when an envelope came."""
KEPT: Final = 2_000
"""Strokes that came later than ``INVALID``, the last ones."""


class LagMeter:
    """``clock`` gives seconds; ``note`` takes (when, seconds late) of each stroke."""

    def __init__(self, clock: Callable[[], float], note: Callable[[float, float], None]) -> None:
        self._clock = clock
        self._note = note
        self._late: deque[tuple[float, float]] = deque(maxlen=KEPT)
        self.longest = 0.0

    async def run(self) -> None:
        """Strike until cancelled."""
        while True:
            due = self._clock() + EVERY
            await asyncio.sleep(EVERY)
            now = self._clock()
            self.take(now, max(0.0, now - due))

    def take(self, now: float, late: float) -> None:
        """One stroke that was so late."""
        self.longest = max(self.longest, late)
        if late >= INVALID:
            self._late.append((now, late))
        self._note(now, late)

    def worst(self, begun: float, ended: float) -> float:
        """By how much the generator was behind at most between these two; 0 stands for less than ``INVALID``."""
        return max((late for now, late in self._late if now - late < ended and now > begun), default=0.0)

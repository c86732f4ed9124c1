"""Measurements in bins, slot by slot of time: of bounded size however many there are, and summed over workers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

RATIO: Final = 1.1
"""Between the bounds of a bin: a percentile is off by at most five percent."""
LEAST: Final = 1e-4
"""Seconds; what is shorter counts as that."""
SLOTS_MOST: Final = 240
"""What comes later counts to the last slot: a soak ends soon after its time."""

_LOG = math.log(RATIO)


class TimedBins:
    """Values in seconds by ``metric`` and slot; a slot is ``slot_seconds`` long and the first begins at second 0."""

    def __init__(self, slot_seconds: float) -> None:
        self.slot_seconds = slot_seconds
        self._bins: dict[str, dict[int, Counter[int]]] = {}

    def add(self, metric: str, at: float, value: float, count: int = 1) -> None:
        """One measurement, ``at`` seconds after the beginning."""
        slot = min(max(0, int(at / self.slot_seconds)), SLOTS_MOST - 1)
        number = round(math.log(max(value, LEAST) / LEAST) / _LOG)
        self._bins.setdefault(metric, {}).setdefault(slot, Counter())[number] += count

    def merge(self, other: TimedBins) -> None:
        for metric, slots in other._bins.items():
            for slot, bins in slots.items():
                self._bins.setdefault(metric, {}).setdefault(slot, Counter()).update(bins)

    @property
    def metrics(self) -> list[str]:
        return sorted(self._bins)

    def slots(self, metric: str) -> list[int]:
        """The slots in which it was measured, in their order."""
        return sorted(self._bins.get(metric, {}))

    def count(self, metric: str, slot: int | None = None) -> int:
        return sum(self._chosen(metric, slot).values())

    def percentile(self, metric: str, percent: float, slot: int | None = None) -> float | None:
        """In seconds, the nearest rank; of one slot or (None) of all. None where nothing was measured."""
        bins = self._chosen(metric, slot)
        left = math.ceil(sum(bins.values()) * percent / 100)
        for number in sorted(bins):
            left -= bins[number]
            if left <= 0:
                return float(LEAST * RATIO**number)
        return None

    def _chosen(self, metric: str, slot: int | None) -> Counter[int]:
        slots = self._bins.get(metric, {})
        if slot is not None:
            return slots.get(slot, Counter())
        return sum(slots.values(), Counter())

    def to_json(self) -> dict[str, Any]:
        """Keys of objects are texts: it travels in Locust's messages."""
        return {
            "slot_seconds": self.slot_seconds,
            "bins": {
                metric: {str(slot): {str(n): count for n, count in bins.items()} for slot, bins in slots.items()}
                for metric, slots in self._bins.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TimedBins:
        timed = cls(value["slot_seconds"])
        for metric, slots in value["bins"].items():
            timed._bins[metric] = {
                int(slot): Counter({int(n): count for n, count in bins.items()}) for slot, bins in slots.items()
            }
        return timed

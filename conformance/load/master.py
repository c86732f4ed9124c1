"""What the master knows: the last report of each worker, and of which workers there will be no other."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from conformance.load.ledger import TurnLedger
from conformance.load.settings import SoakSettings
from conformance.load.tally import Tally, total


@dataclass
class WorkerReports:
    """``last``: as ``SoakStage.snapshot``, None before the first; ``at``: when it came (``time.monotonic``)."""

    name: str
    last: dict[str, Any] | None = None
    at: float = field(default_factory=time.monotonic)
    final: bool = False

    @property
    def open(self) -> int:
        """Sessions that were open when it last told of itself."""
        return int(self.last.get("open", 0)) if self.last else 0


class SoakMaster:
    """Sums up what workers tell."""

    def __init__(self, settings: SoakSettings) -> None:
        self.settings = settings
        self.ledger = TurnLedger(settings.max_turns)
        self.workers: dict[str, WorkerReports] = {}

    def begin(self) -> None:
        """A test begins, perhaps another one on Locust's page: what was told of an earlier one is no part of it."""
        self.ledger = TurnLedger(self.settings.max_turns)
        for known in self.workers.values():
            known.last, known.at, known.final = None, time.monotonic(), False

    def connected(self, worker: str) -> None:
        self.workers.setdefault(worker, WorkerReports(f"worker {len(self.workers) + 1}"))

    def report(self, worker: str, data: dict[str, Any]) -> None:
        """``worker.REPORT``. One that comes behind the last, or is not of its form, changes nothing."""
        self.connected(worker)
        known = self.workers[worker]
        if known.final or not isinstance(data.get("tally"), dict):
            return
        known.last, known.at, known.final = data["tally"], time.monotonic(), bool(data.get("final"))

    @property
    def all_final(self) -> bool:
        return all(worker.final for worker in self.workers.values())

    def tally(self) -> Tally:
        """All workers together, as far as they have told."""
        tallies = [Tally.from_json(one.last) for one in self.workers.values() if one.last]
        return total(tallies, self.settings.slot_seconds)

    def lost(self) -> list[dict[str, Any]]:
        """The workers that ended without their last report: what they had open then, and how old their last word is.

        Whatever they have played since that word is lost, findings included; what they had told before is in the sums.
        """
        return [
            {
                "worker": one.name,
                "sessions_open": one.open,
                "told": one.last is not None,
                "silent_seconds": round(time.monotonic() - one.at, 1),
            }
            for one in self.workers.values()
            if not one.final
        ]

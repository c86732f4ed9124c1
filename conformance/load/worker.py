"""A process that plays: its stage, what it tells the master, and the turns that the master grants it."""

from __future__ import annotations

import os
from typing import Any, Final

import gevent
from gevent.event import Event

from conformance.load import unpatched
from conformance.load.bridge import Bridge
from conformance.load.ledger import TurnLedger, TurnPurse
from conformance.load.plans import Plan, plan
from conformance.load.profiles import PROFILES
from conformance.load.settings import SoakSettings
from conformance.load.stage import DRAIN_SECONDS, Played, SoakStage

REPORT: Final = "neo_soak_report"
"""Worker to master: ``{"tally": …, "final": bool}``, all since the worker's beginning: what is lost, the next one has again."""
WANTED: Final = "neo_soak_turns_wanted"
"""Worker to master: ``{"turns": N}``."""
GRANTED: Final = "neo_soak_turns"
"""Master to worker: ``{"turns": N, "wanted": N}``; 0: there are none left for whoever wants as many."""
REPORT_SECONDS: Final = 3.0
GRANT_SECONDS: Final = 30.0
NUMBERS: Final = 1_000_000
"""Sessions that a worker may number before it would meet the next worker's numbers."""


class SoakWorker:
    """Begun with the first users of a process, over when what it has played is judged."""

    def __init__(self, settings: SoakSettings, runner: Any) -> None:
        """:raises BadInput: the settings cannot be used here: a key is missing, or a guard forbids the target."""
        unpatched.require_unpatched()
        self.settings = settings
        self.profile = PROFILES[settings.profile]
        self.stage = SoakStage(settings.target(os.environ), settings)
        self.over = Event()
        self.bridge = Bridge()
        self._runner = runner
        self._purse = TurnPurse()
        self._granted = Event()
        self._spent = False
        self._number = max(0, int(getattr(runner, "worker_index", 0))) * NUMBERS
        self._stranger = self.stage.target.other_key is not None
        self._reporting: Any = None

    def start(self) -> None:
        self.stage.start()
        self._reporting = gevent.spawn(self._report_now_and_then)

    def next_plan(self) -> Plan | None:
        """What the next session does; None where there are no turns left for it."""
        self._number += 1
        drawn = plan(self.profile, self._number, self.settings.seed, stranger=self._stranger)
        return drawn if self._may_play(drawn.turns_most) else None

    def play(self, drawn: Plan) -> Played:
        """Play it, while other greenlets go on."""
        played = self.bridge.wait(self.stage.play(drawn))
        self._purse.put(max(0, drawn.turns_most - played.turns))
        return played

    def _may_play(self, turns: int) -> bool:
        if self.settings.max_turns is None:
            return True
        while not self._purse.take(turns):
            if self._spent:
                return False
            self._granted.clear()
            self._runner.send_message(WANTED, {"turns": turns})
            if not self._granted.wait(GRANT_SECONDS):
                return False
        return True

    def granted(self, turns: int) -> None:
        """The master has answered."""
        if turns == 0:
            self._spent = True
        self._purse.put(turns)
        self._granted.set()

    def finish(self) -> None:
        """No user plays any more: wait for the judge, and tell the master the last of it. The second time it does nothing."""
        if self.over.is_set():
            return
        if self._reporting is not None:
            self._reporting.kill()
        try:
            self.bridge.wait(self.stage.drain(), DRAIN_SECONDS + 30.0)
        finally:
            self._report(final=True)
            self.stage.close()
            self.over.set()

    def _report_now_and_then(self) -> None:
        while True:
            gevent.sleep(REPORT_SECONDS)
            self._report(final=False)

    def _report(self, *, final: bool) -> None:
        self._runner.send_message(REPORT, {"tally": self.stage.snapshot, "final": final})


def answer(ledger: TurnLedger, wanted: int) -> dict[str, int]:
    """The master's answer to ``WANTED``."""
    return {"turns": ledger.grant(wanted), "wanted": wanted}

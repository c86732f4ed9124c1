"""Where histories are performed: one player in an event loop of its own, for hypothesis is no coroutine.

The loop runs in a thread all the time, and not only while a step is performed: what comes on an open tail must be read when
it comes, or its time would be wrong.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, TypeVar

from conformance import __version__
from conformance.histories.budget import Budget, BudgetSpent, CountingPlayer
from conformance.histories.performing import History
from conformance.histories.steps import Step
from conformance.journeys.limits import Limits
from conformance.recording import Exchange, Recording
from conformance.target import Target

T = TypeVar("T")
CLOSING_SECONDS = 10.0


class HistoryStage:
    """Plays one history after another on a target."""

    def __init__(self, target: Target, limits: Limits, budget: Budget) -> None:
        self.target = target
        self.limits = limits
        self.budget = budget
        self.requests = 0
        self.played = 0
        self._spec = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="histories", daemon=True)
        self._player: CountingPlayer | None = None

    def __enter__(self) -> HistoryStage:
        from conformance.journeys.run import spec_digest

        self._spec = spec_digest()
        self._thread.start()
        self._player = self._run(self._enter(), CLOSING_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self.player.__aexit__(None, None, None), CLOSING_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSING_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    async def _enter(self) -> CountingPlayer:
        # Here and not in the caller's thread: what it makes belongs to this loop.
        player = CountingPlayer(self.target, self.limits)
        await player.__aenter__()
        return player

    @property
    def player(self) -> CountingPlayer:
        assert self._player is not None
        return self._player

    @property
    def turns(self) -> int:
        """Turns that were begun, as far as that is known."""
        return self.player.begun

    def begin(self) -> History:
        """A new history; the exchanges of the one before are gone."""
        self.played += 1
        self.requests = self.player.requests
        self.player.exchanges.clear()
        # That an earlier history waited in vain is no reason to wait less in this one: it may be judged by it.
        self.player.note_end(reached=True)
        return History(self.player, self.budget, f"{self.played}/")

    def perform(self, history: History, step: Step) -> None:
        """:raises BudgetSpent: there is no time or no turn left for it."""
        self._within_the_time(history.perform(step))

    def settle(self, history: History) -> None:
        """:raises BudgetSpent: there is no time left for it."""
        self._within_the_time(history.settle())

    def close(self) -> None:
        """Let go of whatever still runs: the history is over."""
        self._run(self._end_all(), CLOSING_SECONDS)
        self.requests = self.player.requests

    async def _end_all(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def recording(self, history: History) -> Recording:
        """All that was recorded of the history until now; its journeys are called ``session-1``, ``session-2`` …"""

        async def taken() -> list[Exchange]:
            return list(self.player.exchanges)

        exchanges = self._run(taken(), CLOSING_SECONDS)
        own = (replace(e, journey=e.journey.removeprefix(history.prefix)) for e in exchanges)
        return Recording(
            target=self.target.base_url,
            suite=__version__,
            spec=self._spec,
            started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            epoch=self.player.epoch,
            seconds=self.player.clock(),
            turn_timeout=self.limits.turn_timeout,
            credentials=("own", "other") if self.target.other_key else ("own",),
            exchanges=tuple(sorted(own, key=lambda e: (e.sent_at, e.name))),
        )

    def _within_the_time(self, doing: Coroutine[Any, Any, None]) -> None:
        seconds = self.budget.left()
        if seconds <= 0:
            doing.close()
            raise BudgetSpent
        try:
            self._run(doing, seconds)
        except FutureTimeout:
            raise BudgetSpent from None

    def _run(self, doing: Coroutine[Any, Any, T], seconds: float) -> T:
        future = asyncio.run_coroutine_threadsafe(doing, self._loop)
        try:
            return future.result(seconds)
        except FutureTimeout:
            future.cancel()
            raise

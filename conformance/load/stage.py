"""Where sessions are played: an asyncio loop in a thread of its own, some hundred sessions at a time, and a judge beside it.

Locust's greenlets give it plans and wait; nothing in here knows of gevent. It runs in a real thread with real sockets, which
is why Locust must not have patched them (``users``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import psutil

from conformance.histories.budget import Budget, BudgetSpent
from conformance.histories.performing import History
from conformance.load.judge_link import JudgeLink, NotJudged
from conformance.load.judged import session_recording
from conformance.load.lag import ACCUSES_NOT, TIMES_NOT, LagMeter
from conformance.load.outages import SETTLING_SECONDS, Outages, failed
from conformance.load.plans import Plan
from conformance.load.player import SessionPlayer, load_limits, stripped
from conformance.load.profiles import PROFILES
from conformance.load.settings import SoakSettings
from conformance.load.tally import Tally
from conformance.recording import Exchange, Recording
from conformance.target import Target

SNAPSHOT_SECONDS: Final = 2.0
DRAIN_SECONDS: Final = 60.0
"""How long the last recordings may take to be judged."""
BUSY: Final = "sessions whose first message was refused as busy"
OUT: Final = "the target answered nobody for a while"
ENDLESS: Final = 1e9
T = TypeVar("T")


@dataclass(frozen=True)
class Played:
    """One session for Locust's own statistics: (operation, milliseconds, bytes, problem or None) of each exchange."""

    turns: int
    requests: tuple[tuple[str, float, int, str | None], ...] = ()


class SoakStage:
    """One for each worker process. ``snapshot``: its tally as of the last two seconds."""

    def __init__(self, target: Target, settings: SoakSettings) -> None:
        self.target = target
        self.settings = settings
        self.tally = Tally(settings.slot_seconds)
        self.snapshot = self.tally.to_json()
        self.open = 0
        """Sessions that are being played or wait to be judged."""
        self._outages = Outages()
        self._profile = PROFILES[settings.profile]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="soak", daemon=True)
        self._judging: set[asyncio.Task[None]] = set()
        self._own: list[asyncio.Task[None]] = []
        self._cpu_before = _cpu()

    # -- from other threads ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the loop, the judge and the clock."""
        # It writes a line for each request, with the signature of an upload in it; Locust would show it.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._enter(), self._loop).result(60.0)

    def play(self, plan: Plan) -> Future[Played]:
        """Play a session; the future is done when it is over, its recording on its way to the judge. It may be cancelled."""
        return asyncio.run_coroutine_threadsafe(self._play(plan), self._loop)

    def wind_down(self) -> None:
        """Sessions begin no further turn; what they have played is a whole session all the same."""
        self._loop.call_soon_threadsafe(self._winding_down.set)

    def drain(self) -> Future[None]:
        """Wait until all that was played is judged, or the time for that is over; then the snapshot is the last one."""
        return asyncio.run_coroutine_threadsafe(self._drain(), self._loop)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)

    # -- in the loop -------------------------------------------------------------------------------------------------

    async def _enter(self) -> None:
        settings = self.settings
        self._winding_down = asyncio.Event()
        self._pattern = SessionPlayer(self.target, load_limits(settings.turn_timeout, settings.connect_timeout))
        self._to_seconds = self._pattern.epoch - (settings.started or self._pattern.epoch)
        self._lag = LagMeter(
            self._pattern.clock, lambda at, late: self.tally.bins.add("lag", at + self._to_seconds, late)
        )
        self._judge = JudgeLink()
        await self._judge.start()
        self._own = [asyncio.create_task(self._lag.run()), asyncio.create_task(self._take_snapshots())]

    async def _play(self, plan: Plan) -> Played:
        player = self._pattern.for_session()
        player.on_exchange = partial(self._note, plan.number)
        history = History(player, Budget(plan.turns_most, ENDLESS, shrinking=True), "")
        begun = player.clock()
        self.tally.count("sessions", "begun")
        self.open += 1
        unfinished: str | None = None
        try:
            bound = 60.0 + 4 * self.settings.turn_timeout * (1 + plan.turns)
            await asyncio.wait_for(self._perform(history, plan), bound)
        except asyncio.TimeoutError:
            unfinished = "it took longer than a session may"
        except BudgetSpent:
            # Accepted, or in doubt: an answer that was lost may have been a 202. What is whole of it is judged.
            if not history.quiescent:
                unfinished = "more messages were accepted, or in doubt, than its plan has"
        except asyncio.CancelledError:
            unfinished = "the soak was over"
        finally:
            await _end(history)
            await player.close()
            self.open -= 1
        if unfinished is not None:
            self.tally.count("unfinished", unfinished)
            return _played(player)
        self.tally.count("sessions", "finished")
        if busy_across(player.exchanges):
            self.tally.count("across", BUSY)
        for session in history.sessions:
            if session.lost is not None:
                self.tally.count("lost", _without_numbers(session.lost))
        if any(failed(exchange) for exchange in player.exchanges):
            await asyncio.sleep(SETTLING_SECONDS)
            if self._outages.within(begun, player.clock()):
                self.tally.count("unjudged", OUT)
                return _played(player)
        lag = self._lag.worst(begun, player.clock())
        if lag >= ACCUSES_NOT:
            self.tally.count("unjudged", "the generator lagged")
            return _played(player)
        await self._to_the_judge(plan.number, player, timed=lag < TIMES_NOT)
        return _played(player)

    def _note(self, session: int, exchange: Exchange) -> None:
        self.tally.note_exchange(exchange)
        self._outages.note(session, exchange)

    async def _perform(self, history: History, plan: Plan) -> None:
        draw = random.Random(plan.number)
        for number, step in enumerate(plan.steps):
            if number and step.do in ("post", "race"):
                with contextlib.suppress(asyncio.TimeoutError):
                    pause = draw.uniform(*self._profile.think) * self.settings.think
                    await asyncio.wait_for(self._winding_down.wait(), pause)
                if self._winding_down.is_set():
                    break
            await history.perform(step)
        await history.settle()

    async def _to_the_judge(self, number: int, player: SessionPlayer, *, timed: bool) -> None:
        """Hand over the recording; where the judge is far behind, this waits, and the user with it."""
        recording = session_recording(
            [stripped(exchange) for exchange in player.exchanges],
            self.target.base_url,
            player.epoch,
            player.clock(),
            self.settings.turn_timeout,
            stranger=self.target.other_key is not None,
        )
        task = asyncio.create_task(self._judged(number, recording, timed=timed))
        self._judging.add(task)
        task.add_done_callback(self._judging.discard)
        if self._judge.behind:
            await asyncio.wait({task})

    async def _judged(self, number: int, recording: Recording, *, timed: bool) -> None:
        self.open += 1
        try:
            self.tally.note_judged(await self._judge.judge(number, recording, timed=timed), self._to_seconds)
        except NotJudged as reason:
            self.tally.count("unjudged", str(reason))
        finally:
            self.open -= 1

    async def _drain(self) -> None:
        if self._judging:
            await asyncio.wait(set(self._judging), timeout=DRAIN_SECONDS)
        for task in list(self._judging):
            task.cancel()
            self.tally.count("unjudged", "the soak was over")
        for own in self._own:
            own.cancel()
        await self._judge.close()
        self.tally.connections_left = self._connections()
        self._take_snapshot()

    async def _take_snapshots(self) -> None:
        while True:
            await asyncio.sleep(SNAPSHOT_SECONDS)
            self._take_snapshot()

    def _take_snapshot(self) -> None:
        tally = self.tally
        tally.judging_cpu = self._judge.cpu
        tally.cpu = _cpu() - self._cpu_before + self._judge.cpu
        tally.note_memory(
            self._pattern.clock() + self._to_seconds, _megabytes(os.getpid()) + _megabytes(self._judge.pid)
        )
        self.snapshot = {**tally.to_json(), "open": self.open, "longest_lag": self._lag.longest}

    def _connections(self) -> int:
        """Connections to the target that are still open."""
        parts = urlsplit(self.target.base_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with contextlib.suppress(psutil.Error):
            own = psutil.Process().net_connections(kind="tcp")
            return sum(c.status == psutil.CONN_ESTABLISHED and bool(c.raddr) and c.raddr.port == port for c in own)
        return 0


def busy_across(exchanges: Iterable[Exchange]) -> bool:
    """Whether the very first message of a session was refused as busy: then the turns of other sessions count (M10)."""
    return any(
        e.operation == "append-message" and e.status == 409 and e.step.partition("/b")[0] in ("turn-1/post", "turn-1")
        for e in exchanges
    )


async def _end(history: History) -> None:
    """Let go of whatever still runs of it."""
    tasks: list[asyncio.Task[Any]] = []
    for session in history.sessions:
        if session.running is not None:
            tasks += [session.running.main, *session.running.others]
            tasks += [session.running.rival] if session.running.rival is not None else []
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _played(player: SessionPlayer) -> Played:
    requests = tuple(
        (
            e.operation,
            (e.answered_at - e.sent_at) * 1000,
            sum(len(piece.data) for piece in e.received.pieces) if e.received else 0,
            None if 0 < e.status < 500 else (e.problem or f"status {e.status}"),
        )
        for e in player.exchanges
    )
    return Played(player.begun, requests)


def _without_numbers(reason: str) -> str:
    """``turn-3/post was answered 503`` counts with ``turn-1/post was answered 503``."""
    return " ".join(
        word if word.isdigit() and len(word) == 3 else "".join("N" if c.isdigit() else c for c in word)
        for word in reason.split()
    )


def _cpu() -> float:
    return time.process_time()


def _megabytes(pid: int | None) -> float:
    if pid is None:
        return 0.0
    with contextlib.suppress(psutil.Error):
        return float(psutil.Process(pid).memory_info().rss) / 1e6
    return 0.0

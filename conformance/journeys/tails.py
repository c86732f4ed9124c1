"""When a tail ends. It ends at the client, for a server may keep the connection open for ever (contract E6)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from conformance.evidence import TERMINAL_TYPES, Envelope, envelopes
from conformance.recording import Ending, Frame

RUNNING = 3
"""Envelopes after which a turn is seen to run."""


_CLOSING = frozenset({"finish-step", "finish", "message-metadata", "text-end", "reasoning-end"})
"""What may come between an ``error`` and the end of its turn, and that end itself."""


class Goal:
    """What a tail waits for that another task will know: the last id of a turn, or just that all is over.

    ``reach`` may be called once; ``last_id`` None means that only the fact counts.
    """

    def __init__(self, last_id: str | None = None, *, reached: bool = False) -> None:
        self.last_id = last_id
        self.event = asyncio.Event()
        if reached:
            self.event.set()

    def reach(self, last_id: str | None) -> None:
        self.last_id = last_id
        self.event.set()


@dataclass(frozen=True)
class Until:
    """What ends a tail, beside the bounds that every tail has.

    ``endings``: so many endings of turns (0: none does), those with an id in ``known`` not counted: they are an earlier
    turn's. ``goal``: its id was read; or it is reached, and since then nothing came for ``settle`` seconds.
    ``envelopes``: so many were read. ``silence``: no envelope for so many seconds. ``seconds``: the whole tail.
    """

    seconds: float
    silence: float
    endings: int = 0
    known: frozenset[str] = frozenset()
    goal: Goal | None = None
    settle: float = 3.0
    envelopes: int | None = None
    grace: float = 1.0
    left_open: bool = False
    """The turn before ended by an ``error`` alone: a ``finish`` at the head of this tail may be its late one."""
    opened: asyncio.Event | None = None
    """Set once the answer's headers are there."""
    running: asyncio.Event | None = None
    """Set once ``RUNNING`` envelopes were read: somebody waits to act while the turn runs."""


WINDOWS_MOST = 3
STILL = 0.9
"""Of the time to settle: so long nobody must have heard the target."""


@dataclass
class Progress:
    """What a running tail has seen so far, and what that means for its end."""

    until: Until
    opened_at: float
    last_at: float = 0.0
    count: int = 0
    frames: int = 0
    endings: int = 0
    ids: set[str] = field(default_factory=set)
    error_at: float | None = None
    goal_at: float | None = None
    begun: bool = False
    windows: int = 0
    """How often the time to settle began anew, for the target had answered nobody meanwhile."""
    stood_still: bool = False

    def __post_init__(self) -> None:
        self.last_at = self.opened_at

    def take(self, frames: list[Frame]) -> Ending | None:
        """Count these frames; the ending, where one of them is what the tail waited for."""
        self.frames += len(frames)
        for envelope in envelopes(frames):
            if envelope.id is None and envelope.type.startswith("data-"):
                continue  # a sign of life, or as good as one: no turn goes on by it
            self.last_at = envelope.at
            self.count += 1
            if envelope.id:
                self.ids.add(envelope.id)
            self._count_ending(envelope)
        if self.until.running is not None and self.count >= RUNNING:
            self.until.running.set()
        return self.satisfied()

    def due(self, now: float) -> tuple[float, Ending]:
        """When the tail ends if nothing more comes, and how that ending is called."""
        until = self.until
        dues: list[tuple[float, Ending]] = [
            (self.opened_at + until.seconds, "time-limit"),
            (self.last_at + until.silence, "silence"),
        ]
        if self.error_at is not None and self._waits_for_endings and self.endings + 1 >= until.endings:
            dues.append((self.error_at + until.grace, "terminal"))
        if until.goal is not None and until.goal.event.is_set():
            if self.goal_at is None:
                self.goal_at = now
            dues.append((self._settled_at(self.goal_at), "silence"))
        return min(dues)

    def _settled_at(self, goal_at: float) -> float:
        return max(goal_at, self.last_at) + (1 + self.windows) * self.until.settle

    def goes_on(self, due: float, heard_at: float) -> bool:
        """Whether the silence of this tail tells nothing yet: the target was heard by nobody while it had to settle.

        A server may stand still for a moment, and a gateway change hands. Then the time begins anew, a few times at most,
        and once more when it is heard again. ``due``: the moment at which the tail would be over. ``heard_at``: when anything
        came from the target last, on any connection.
        """
        if self.goal_at is None or self._settled_at(self.goal_at) > due or self.windows >= WINDOWS_MOST:
            return False
        before, self.stood_still = self.stood_still, heard_at <= due - STILL * self.until.settle
        self.windows += before or self.stood_still
        return before or self.stood_still

    def _count_ending(self, envelope: Envelope) -> None:
        at_the_head = not self.begun
        self.begun = self.begun or envelope.type not in _CLOSING
        if at_the_head and self.until.left_open and envelope.type == "finish":
            return
        if envelope.type not in TERMINAL_TYPES or (envelope.id is not None and envelope.id in self.until.known):
            return
        if envelope.type == "error":
            if self.error_at is not None:
                self.endings += 1  # an error after an error: the first was an ending of its own
            self.error_at = envelope.at
        else:
            self.endings += 1
            self.error_at = None

    def satisfied(self) -> Ending | None:
        """The ending, if what was read is what the tail was opened for."""
        until = self.until
        if self._waits_for_endings and self.endings >= until.endings:
            return "terminal"
        if until.goal is not None and until.goal.event.is_set():
            last = until.goal.last_id
            if last is not None and last in self.ids:
                return "goal"
            if last is None and self.endings > 0:
                return "goal"
        if until.envelopes is not None and self.count >= until.envelopes:
            return "goal"
        return None

    @property
    def _waits_for_endings(self) -> bool:
        return self.until.endings > 0

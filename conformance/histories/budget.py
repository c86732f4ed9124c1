"""What a run of histories may use: turns and time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from conformance.journeys.player import Player
from conformance.recording import Exchange

SHRINKING = 0.3
"""Of turns and time so much is kept for making a history that failed shorter."""


class BudgetSpent(BaseException):
    """Nothing more may be begun."""


class CountingPlayer(Player):
    """A player that knows how many turns it may have begun."""

    unknown = 0
    """Messages that got no answer, or one that leaves their fate open."""

    @property
    def begun(self) -> int:
        """Turns that were accepted, and messages of which that is not known."""
        return self.turns + self.unknown

    def keep(self, exchange: Exchange) -> Exchange:
        if exchange.operation == "append-message" and exchange.status != 202 and not 300 <= exchange.status < 500:
            self.unknown += 1
        return super().keep(exchange)


@dataclass
class Budget:
    """``turns`` that may begin in all, and ``seconds`` from ``started`` (``time.monotonic``) on.

    While nothing was found (``shrinking`` False) a part of both is left untouched.
    """

    turns: int
    seconds: float
    shrinking: bool = False
    started: float = field(default_factory=time.monotonic)

    def ask(self, begun: int, posts: int) -> None:
        """``begun`` turns have begun, and so many messages are about to be posted, each of which may begin another.

        :raises BudgetSpent: when they could be too many.
        """
        kept = 0 if self.shrinking else int(self.turns * SHRINKING)
        if begun + posts > self.turns - kept:
            raise BudgetSpent

    def left(self) -> float:
        """Seconds, never less than 0."""
        kept = 0.0 if self.shrinking else self.seconds * SHRINKING
        return max(0.0, self.started + self.seconds - kept - time.monotonic())

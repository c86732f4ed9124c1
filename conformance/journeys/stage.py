"""What one journey waits for from another. Each fact is a future that its journey resolves, or fails when it breaks off."""

from __future__ import annotations

import asyncio

from conformance.journeys.player import BrokeOff
from conformance.journeys.tails import Goal
from conformance.journeys.turns import Read, SessionPlay


class Stage:
    """``first_turn``: the dialogue's session and its first turn; ``session``: one of ours that exists, for strangers."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.first_turn: asyncio.Future[tuple[SessionPlay, Read]] = loop.create_future()
        self.all_others_done = Goal()

    async def wait_first_turn(self, step: str) -> tuple[SessionPlay, Read]:
        """:raises BrokeOff: when the dialogue broke off before that."""
        try:
            return await asyncio.shield(self.first_turn)
        except asyncio.CancelledError:
            if self.first_turn.cancelled():
                raise BrokeOff(step, "the dialogue gave no first turn to work on") from None
            raise

    def close(self) -> None:
        """The dialogue is over: whoever still waits for its first turn waits in vain."""
        if not self.first_turn.done():
            self.first_turn.cancel()

"""The turns that a run may start: each costs money, so the bound holds in the transport, whoever sends.

A post holds its place until its answer is known: of several at once never more can be accepted than are left.
"""

from __future__ import annotations

import asyncio

import httpx

from conformance.transport.refused import NotSent

MESSAGES = "/messages"
ACCEPTED = 202


class TurnsSpent(NotSent):
    """The message was not sent: it could have started one turn more than the run may start."""


class TurnBudget:
    """``started``: 202s seen. ``doubtful``: posts that left and got no answer; they may have started a turn.

    ``count_doubtful``: whether those count as turns. A target that drops connections has its faults shown by them, so
    they count only where the user has set the bound.
    """

    def __init__(self, most: int, *, count_doubtful: bool = False) -> None:
        self.most = most
        self.started = 0
        self.doubtful = 0
        self._count_doubtful = count_doubtful
        self._out = 0
        self._changed = asyncio.Condition()

    @property
    def spent(self) -> int:
        return self.started + (self.doubtful if self._count_doubtful else 0)

    async def take_place(self) -> None:
        """Wait until one more message could be accepted within the bound.

        :raises TurnsSpent: it cannot.
        """
        async with self._changed:
            while self.spent + self._out >= self.most:
                if self.spent >= self.most:
                    raise TurnsSpent(f"the turn budget ({self.most}) is spent")
                await self._changed.wait()
            self._out += 1

    async def give_back(self, *, started: bool = False, doubtful: bool = False) -> None:
        """The answer is known, or will not come."""
        async with self._changed:
            self._out -= 1
            self.started += started
            self.doubtful += doubtful
            self._changed.notify_all()


class TurnTransport(httpx.AsyncBaseTransport):
    """Sends a message only within the budget."""

    def __init__(self, inner: httpx.AsyncBaseTransport, budget: TurnBudget) -> None:
        self._inner = inner
        self._budget = budget

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """:raises TurnsSpent: the message was not sent."""
        if request.method != "POST" or MESSAGES not in request.url.path:
            return await self._inner.handle_async_request(request)
        await self._budget.take_place()
        started, doubtful = False, True
        try:
            response = await self._inner.handle_async_request(request)
            started, doubtful = response.status_code == ACCEPTED, False
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, NotSent):
            doubtful = False
            raise
        finally:
            # Whoever is cancelled here must not keep the others waiting for its place.
            await asyncio.shield(self._budget.give_back(started=started, doubtful=doubtful))
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

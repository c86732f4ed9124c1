"""The suite's player, once for each session: its own connections and its own record, the run's bounds, guards and pace.

A session's connections are its own, as those of so many clients are; so none of them waits in a pool of hundreds, and none
is left when the session is over.
"""

from __future__ import annotations

import copy
import ssl
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import httpx

from conformance.histories.budget import CountingPlayer
from conformance.journeys.limits import Limits
from conformance.load.thrifty import RememberingRedactor, ThriftyReader
from conformance.pacing import Pace, PacedTransport
from conformance.recording import Exchange
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target, altered
from conformance.transport.guarded import GuardedTransport
from conformance.transport.intake import Intake
from conformance.transport.turns import TurnBudget, TurnTransport

SESSION_BYTES: Final = 32 * 1024 * 1024
"""Of all that one session may receive, in memory that it costs (``transport.intake``); an ordinary one takes 0.5 MB."""
SETTLE_SECONDS: Final = 20.0
"""How long a tail of what is over may be silent: a server under load may need seconds before it begins to answer."""
CONNECTIONS: Final = 24
"""Of one session: its turn's tails, a race with its own, and what is asked beside them."""
UNBOUNDED_TURNS: Final = 1 << 40


def load_limits(turn_timeout: float, connect_timeout: float) -> Limits:
    """The bounds of each session. The turns of the whole soak are bounded elsewhere (``turn_ledger``)."""
    return Limits(
        turn_timeout=turn_timeout,
        connect_timeout=connect_timeout,
        answer_timeout=max(30.0, min(turn_timeout, 90.0)),
        max_turns=UNBOUNDED_TURNS,
        run_bytes=SESSION_BYTES,
        body_bytes=4 * 1024 * 1024,
        tail_bytes=8 * 1024 * 1024,
        tail_frames=8_000,
        answer_pieces=16_000,
        connections=CONNECTIONS,
        settle=SETTLE_SECONDS,
        headers_timeout=SETTLE_SECONDS,
    )


class SessionPlayer(CountingPlayer):
    """The player of one session; the first one of a process is the pattern of all others and plays nothing."""

    def __init__(self, target: Target, limits: Limits) -> None:
        super().__init__(target, limits)
        self._pace = Pace(self.clock)
        secrets = {KEY_VARIABLE: target.api_key, f"{KEY_VARIABLE}_ALTERED": altered(target.api_key)}
        self._pattern_redactor = RememberingRedactor(
            {**secrets, **({OTHER_KEY_VARIABLE: target.other_key} if target.other_key else {})}
        )
        self._tls = ssl.create_default_context() if target.base_url.startswith("https:") else None
        self.on_exchange: Callable[[Exchange], None] = lambda _: None

    def for_session(self) -> SessionPlayer:
        """A player with a record and connections of its own, on this one's clock, pace and secrets."""
        player = copy.copy(self)
        player.exchanges, player.breaks = [], []
        player.turns = player.requests = player.unknown = 0
        player.ended = frozenset()
        player._activities = {}
        player._waited_in_vain = False
        player._intake = Intake(SESSION_BYTES)
        player._reader = ThriftyReader(self.limits, self.clock, player._intake, self._reader.heard)
        player._redactor = self._pattern_redactor.copied()
        player.budget = TurnBudget(UNBOUNDED_TURNS)
        player._client = self._own_client(player.budget)
        return player

    def _own_client(self, budget: TurnBudget) -> httpx.AsyncClient:
        limits = self.limits
        inner = httpx.AsyncHTTPTransport(
            verify=self._tls if self._tls is not None else False,
            limits=httpx.Limits(max_connections=limits.connections, max_keepalive_connections=4),
            trust_env=not self.target.on_loopback,
        )
        within = limits.connect_timeout + limits.answer_timeout
        guarded = GuardedTransport(inner, httpx.URL(self.target.base_url), within)
        return httpx.AsyncClient(
            transport=TurnTransport(PacedTransport(guarded, self.clock, self._pace), budget),
            timeout=httpx.Timeout(limits.answer_timeout, connect=limits.connect_timeout),
            follow_redirects=False,
            trust_env=False,
        )

    def patience(self) -> float:
        """Always in full: what is given up early is no evidence, and other sessions go on meanwhile."""
        return self.limits.turn_timeout

    def keep(self, exchange: Exchange) -> Exchange:
        self.on_exchange(exchange)
        return super().keep(exchange)

    async def close(self) -> None:
        await self._client.aclose()


def stripped(exchange: Exchange) -> Exchange:
    """The exchange without what was worked out of it meanwhile: it travels to another process."""
    received = exchange.received
    return exchange if received is None else replace(exchange, received=replace(received))

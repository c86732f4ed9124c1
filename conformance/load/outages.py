"""When the target answered nobody: a restart, a failover, a gateway that has lost it.

A lasting 5xx is the server's own where it answers others meanwhile. Where for a while every answer to every session of this
process was one, or none came at all, that is an outage: clients back off (contract G8), and a session that met it is not
judged. It is counted with that reason, so that whoever reads the report sees how many there were.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from conformance.recording import Exchange

LEAST_FAILURES: Final = 3
LEAST_SESSIONS: Final = 2
LEAST_SECONDS: Final = 0.3
"""Fewer failures in a row, of one session alone, or within a shorter time are no outage."""
MOST: Final = 4_000
"""Answers that are remembered."""
SETTLING_SECONDS: Final = 3.0
"""So long after a failure the answers to the others are known as well."""

Answer = tuple[float, bool, int]
"""When it came (seconds on the player's clock), whether it was one, and to which session."""


class Outages:
    """The last answers to all sessions of a process."""

    def __init__(self) -> None:
        self._answers: list[Answer] = []

    def note(self, session: int, exchange: Exchange) -> None:
        """Take an exchange in, once it is over."""
        insort(self._answers, (exchange.ended_at, not failed(exchange), session))
        if exchange.operation == "tail-events" and exchange.status == 200:
            insort(self._answers, (exchange.answered_at, True, session))
        if len(self._answers) > MOST:
            del self._answers[: MOST // 4]

    def within(self, begun: float, ended: float) -> bool:
        """Whether there was one between these two moments."""
        return any(first <= ended and last >= begun for first, last in spans(self._answers))


def failed(exchange: Exchange) -> bool:
    """Whether nobody answered, or a 5xx came, or the connection broke."""
    return exchange.status == 0 or exchange.status >= 500 or exchange.ending == "broken"


def spans(answers: Sequence[Answer]) -> Iterable[tuple[float, float]]:
    """The first and the last failure of each outage."""
    for was_one, group in groupby(answers, key=lambda answer: answer[1]):
        run = list(group)
        if was_one or len(run) < LEAST_FAILURES or len({session for _, _, session in run}) < LEAST_SESSIONS:
            continue
        if run[-1][0] - run[0][0] >= LEAST_SECONDS:
            yield run[0][0], run[-1][0]

"""What the journeys cost: known before a request is sent, and the order in which a small budget of turns is given out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from conformance.recording import Exchange


@dataclass(frozen=True)
class Cost:
    """Turns that the journey starts, about how many requests it sends on a correct server, what it is for."""

    turns: int
    requests: int
    purpose: str


COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "dialogue": Cost(7, 161, "cursors, reconnects, tiers, the stream's envelopes"),
        "refusals": Cost(1, 140, "what has to be refused, and an unusual message"),
        "duplicates": Cost(2, 22, "idempotency"),
        "attachments": Cost(3, 56, "attachments and their limit"),
        "racing": Cost(3, 21, "posts at the same moment"),
        "sessions": Cost(0, 44, "creating sessions"),
        "uploads": Cost(0, 55, "upload grants"),
        "strangers": Cost(0, 179, "bad credentials, unknown sessions, another tenant"),
        "cursors": Cost(0, 48, "malformed cursors"),
        "idle": Cost(0, 5, "a session without turns"),
    }
)
"""Requests as counted on the reference server; a test holds them against it. Busy servers and slow agents add some."""

PLANNED_TURNS = sum(cost.turns for cost in COSTS.values())
CHAIN = 7
"""Turns that follow one another: a run takes about as long as these."""
OVERHEAD_SECONDS = 8.0
"""What a run takes beside its longest chain of turns, on a server that answers at once."""

_STEPS: tuple[tuple[str, int], ...] = (
    ("dialogue", 1),
    ("dialogue", 2),
    ("refusals", 1),
    ("duplicates", 2),
    ("attachments", 3),
    ("racing", 3),
    *(("dialogue", turns) for turns in range(3, 8)),
)
"""The most valuable first: journey, and how many turns it then has."""


def allotment(max_turns: int) -> Mapping[str, int]:
    """Journey -> the turns that it may plan for; a journey that is missing is left out.

    Under the plan's own number one turn is held back: what a server should refuse is sent, too, and would start none
    on a correct one, but may not be sent when not even one turn is left.
    """
    if max_turns >= PLANNED_TURNS:
        return {name: cost.turns for name, cost in COSTS.items()}
    left = max(1, max_turns - 1)
    given: dict[str, int] = {}
    for name, turns in _STEPS:
        more = turns - given.get(name, 0)
        if more <= left and (name != "dialogue" or given.get(name, 0) == turns - 1):
            given[name] = turns
            left -= more
    return {name: given.get(name, 0) for name, cost in COSTS.items() if cost.turns == 0 or name in given}


@dataclass(frozen=True)
class Spent:
    """What a journey did cost. ``received``: bytes of its answers, decoded; ``sent``: bytes of its bodies."""

    turns: int
    requests: int
    sent: int
    received: int
    seconds: float


def spent(exchanges: Iterable[Exchange]) -> Mapping[str, Spent]:
    """Journey -> its cost, from what was recorded; ``seconds`` from its first request to its last answer."""
    by_journey: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        by_journey.setdefault(exchange.journey, []).append(exchange)
    return {name: _spent(found) for name, found in sorted(by_journey.items())}


def _spent(exchanges: list[Exchange]) -> Spent:
    return Spent(
        turns=sum(e.operation == "append-message" and e.status == 202 for e in exchanges),
        requests=len(exchanges),
        sent=sum(len(e.sent.body) for e in exchanges),
        received=sum(len(piece.data) for e in exchanges if e.received for piece in e.received.pieces),
        seconds=max(e.ended_at for e in exchanges) - min(e.sent_at for e in exchanges),
    )

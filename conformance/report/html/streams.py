"""A session's stream as its client came to know it: every envelope at one place, and what each tail read of them.

Nothing here judges. A place is where an envelope stood when it was first received; a tail that reads it again, reads
the same place. That is what makes a tail from the wrong cursor visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.evidence import Envelope, envelopes_of
from conformance.recording import Exchange, Recording

CONNECTION_TYPES = frozenset({"tail-events"})


@dataclass(frozen=True)
class Place:
    """An envelope in the stream. ``order`` counts from 0; ``at`` is when it was first received; ``turn`` is the turn of
    whose own tails the first had it (None: only tails that belong to no one turn had it)."""

    order: int
    at: float
    turn: int | None
    envelope: Envelope


@dataclass(frozen=True)
class Read:
    """What one connection read. ``cursor``: the id it was opened from, None: none. ``after``: the order of the envelope
    with that id, None where no envelope has it. ``places``: the orders of what came, as it came."""

    exchange: Exchange
    cursor: str | None
    after: int | None
    places: tuple[int, ...]

    @property
    def not_behind(self) -> tuple[int, ...]:
        """What came although it does not stand behind the cursor."""
        return () if self.after is None else tuple(p for p in self.places if p <= self.after)


@dataclass(frozen=True)
class SessionStream:
    """One session: its exchanges in the order in which they were sent, its envelopes at their places, and its tails."""

    id: str
    exchanges: tuple[Exchange, ...]
    places: tuple[Place, ...]
    reads: tuple[Read, ...]

    @cached_property
    def by_id(self) -> dict[str, int]:
        """The order of the last envelope with that id: behind it a tail goes on."""
        return {p.envelope.id: p.order for p in self.places if p.envelope.id}

    @property
    def name(self) -> str:
        """The journey that plays it."""
        return self.exchanges[0].journey

    @cached_property
    def posts(self) -> tuple[Exchange, ...]:
        return tuple(e for e in self.exchanges if e.operation == "append-message")

    @cached_property
    def turns(self) -> tuple[Exchange, ...]:
        """The posts that were accepted."""
        return tuple(e for e in self.posts if e.status == 202)


def session_streams(recording: Recording) -> tuple[SessionStream, ...]:
    """Every session of which something was streamed or accepted, in the order of their first exchange."""
    by_session: dict[str, list[Exchange]] = {}
    for exchange in recording.exchanges:
        session = exchange.facts.get("session")
        if isinstance(session, str) and session:
            by_session.setdefault(session, []).append(exchange)
    streams = (_stream(session, exchanges) for session, exchanges in by_session.items())
    return tuple(stream for stream in streams if stream.turns or stream.places)


def cursor_of(exchange: Exchange) -> str | None:
    """The id from which a tail was opened: the query's, or else the header's; None where it has neither."""
    return exchange.sent.query.get("since") or exchange.sent.header("last-event-id")


_Key = tuple[str | None, str, int]


def _stream(session: str, exchanges: Sequence[Exchange]) -> SessionStream:
    tails = [e for e in exchanges if e.operation in CONNECTION_TYPES and e.status == 200]
    read: list[tuple[Exchange, list[tuple[_Key, Envelope]]]] = [(tail, list(_keyed(tail))) for tail in tails]
    met = [(envelope.at, key, tail, envelope) for tail, found in read for key, envelope in found]
    met.sort(key=lambda one: one[0])  # stable: what one connection gave at one moment keeps its order
    orders: dict[_Key, int] = {}
    turns: dict[_Key, int] = {}
    first: list[tuple[float, _Key, Envelope]] = []
    for at, key, tail, envelope in met:
        if key not in orders:
            orders[key] = len(first)
            first.append((at, key, envelope))
        turn = tail.facts.get("turn")
        if isinstance(turn, int):
            turns.setdefault(key, turn)
    places = [Place(order, at, turns.get(key), envelope) for order, (at, key, envelope) in enumerate(first)]
    bare = SessionStream(session, tuple(exchanges), tuple(places), ())
    reads = tuple(_read(bare, tail, (orders[key] for key, _ in found)) for tail, found in read)
    return SessionStream(session, bare.exchanges, bare.places, reads)


def _read(stream: SessionStream, tail: Exchange, places: Iterable[int]) -> Read:
    cursor = cursor_of(tail)
    return Read(tail, cursor, stream.by_id.get(cursor) if cursor is not None else None, tuple(places))


def _keyed(tail: Exchange) -> Iterable[tuple[_Key, Envelope]]:
    """What tells an envelope from the others: its id and type. Without an id: its data, its turn, and which of the equal
    ones of that connection it is."""
    seen: dict[tuple[str, str], int] = {}
    turn = str(tail.facts.get("turn"))
    for envelope in envelopes_of(tail):
        if envelope.id is not None:
            yield (envelope.id, envelope.type, 0), envelope
            continue
        bare = (turn, envelope.frame.data)
        seen[bare] = seen.get(bare, 0) + 1
        yield (None, "\n".join(bare), seen[bare]), envelope

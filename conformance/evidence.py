"""Views of a recording: sessions, their turns, a turn's tails, a tail's envelopes.

A view only arranges what was recorded. It draws no conclusion, so a broken target gives a view with holes, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conformance.envelopes import CHUNK_TYPES
from conformance.kept import Kept
from conformance.recording import Exchange, Frame, Received, Recording

SENTINEL = "[DONE]"
HEARTBEAT_NAMES = frozenset({"ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"})
TERMINAL_TYPES = frozenset({"finish", "abort", "error"})


@dataclass(frozen=True)
class Envelope:
    """One AI SDK chunk of a stream as it came: not yet known to be valid."""

    frame: Frame

    @property
    def value(self) -> Any:
        """The data as JSON; None where it is none."""
        return self.frame.value

    @property
    def id(self) -> str | None:
        return self.frame.id

    @property
    def at(self) -> float:
        return self.frame.at

    @cached_property
    def type(self) -> str:
        """The chunk's type; empty where the data is no JSON object with a type."""
        kind = self.value.get("type") if isinstance(self.value, dict) else None
        return kind if isinstance(kind, str) else ""

    @property
    def terminal(self) -> bool:
        return self.type in TERMINAL_TYPES

    @property
    def transient(self) -> bool:
        """A ``data-…`` part that the SDK does not keep: a replay may leave it out."""
        return self.type.startswith("data-") and self.value.get("transient") is True

    def same(self, other: Envelope) -> bool:
        """The same envelope read twice: equal id, equal JSON."""
        return self.id == other.id and self.value == other.value and (self.value is not None or self._raw_equal(other))

    def _raw_equal(self, other: Envelope) -> bool:
        return self.frame.data == other.frame.data

    def __str__(self) -> str:
        return f"{self.id or '(no id)'} {self.type or self.frame.data[:60]!r}"


def is_heartbeat(frame: Frame) -> bool:
    """Whether a frame is no envelope: named as a heartbeat, without data, or named and of no chunk's type.

    What named events are for is open (E6): only one that says it is a chunk is judged as one.
    """
    name = frame.event.event
    if name in HEARTBEAT_NAMES or not frame.data.strip():
        return True
    if name in ("", "message"):
        return False
    kind = frame.value.get("type") if isinstance(frame.value, dict) else None
    return not (isinstance(kind, str) and (kind in CHUNK_TYPES or kind.startswith("data-")))


def envelopes(frames: Iterable[Frame]) -> tuple[Envelope, ...]:
    """The envelopes among frames: all but the sentinel ``[DONE]`` and heartbeats."""
    return tuple(Envelope(frame) for frame in frames if frame.data != SENTINEL and not is_heartbeat(frame))


_OF_ANSWERS: Kept[Received, tuple[Envelope, ...]] = Kept()


def envelopes_of(exchange: Exchange | None) -> tuple[Envelope, ...]:
    """The envelopes of a tail that was opened; none where it was not."""
    if exchange is None or exchange.received is None or exchange.status != 200:
        return ()
    frames = exchange.received.frames
    return _OF_ANSWERS.of(exchange.received, lambda: envelopes(frames))


@dataclass(frozen=True)
class _Joined(Received):
    """What several connections gave, one after another."""

    parts: tuple[Received, ...] = ()

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(frame for part in self.parts for frame in part.frames)


def joined(links: Sequence[Exchange]) -> Exchange:
    """The connections of one tail as one exchange: asked like the first, ended like the last that was a stream."""
    first = links[0]
    streams = [link for link in links if link.received is not None and link.status == 200]
    if len(streams) < 2 or first.received is None:
        return first
    last, received = streams[-1], first.received
    parts = tuple(link.received for link in streams if link.received is not None)
    whole = _Joined(received.status, received.headers, received.pieces, received.http_version, parts)
    return replace(first, received=whole, ended_at=last.ended_at, ending=last.ending, problem=last.problem)


@dataclass(frozen=True)
class Turn:
    """One accepted message and everything that was read of its turn.

    ``tails`` by kind: ``main`` (from ``since_cursor`` by query), ``header`` (the same by ``Last-Event-Id``), ``before``
    (from the last id of the turn before: what a client that stayed connected would see), ``none`` (no cursor),
    ``again`` (``main`` once more, after the turn). Each is joined of all its connections; ``live`` has those behind the
    first, too.
    """

    journey: str
    number: int
    post: Exchange
    tails: Mapping[str, Exchange]
    resumes: tuple[Exchange, ...]
    live: tuple[Exchange, ...]

    @property
    def session_id(self) -> str:
        return str(self.post.facts.get("session", ""))

    @property
    def cursor(self) -> str | None:
        """``since_cursor`` of the 202; None where it is null, missing or no string."""
        value = self.post.data.get("since_cursor")
        return value if isinstance(value, str) else None

    @property
    def tier(self) -> str | None:
        """The tier that was asked for; None: omitted."""
        tier = self.post.facts.get("tier")
        return tier if isinstance(tier, str) else None

    def tail(self, kind: str) -> tuple[Envelope, ...]:
        """The envelopes of one tail; empty where it was not played."""
        return envelopes_of(self.tails.get(kind))

    @cached_property
    def envelopes(self) -> tuple[Envelope, ...]:
        """What the main tail gave."""
        return self.tail("main")

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(e.id for e in self.envelopes if e.id)

    @property
    def ended(self) -> bool:
        """Whether the main tail read a terminal envelope of it."""
        main = self.tails.get("main")
        return main is not None and main.ending == "terminal"

    def __str__(self) -> str:
        return f"{self.journey} turn {self.number}"


@dataclass(frozen=True)
class Session:
    """A journey's session: how it was made, and its turns in the order of their posts."""

    journey: str
    created: Exchange | None
    turns: tuple[Turn, ...]


def session(recording: Recording, journey: str) -> Session:
    """The session that a journey played; without turns where it broke off before the first."""
    posts: dict[int, Exchange] = {}
    tails: dict[int, dict[str, list[Exchange]]] = {}
    resumes: dict[int, list[Exchange]] = {}
    live: dict[int, list[Exchange]] = {}
    for exchange in recording.of(journey):
        number = exchange.facts.get("turn")
        if not isinstance(number, int):
            continue
        part = exchange.facts.get("part")
        if part == "post" and exchange.status == 202:
            posts[number] = exchange
        elif part == "tail" or (part == "link" and "kind" in exchange.facts):
            tails.setdefault(number, {}).setdefault(str(exchange.facts.get("kind")), []).append(exchange)
            if part == "link":
                live.setdefault(number, []).append(exchange)
        elif part == "resume":
            resumes.setdefault(number, []).append(exchange)
        elif part == "live":
            live.setdefault(number, []).append(exchange)
    turns = tuple(
        Turn(journey, n, posts[n], _joined_by_kind(tails.get(n, {})), tuple(resumes.get(n, ())), tuple(live.get(n, ())))
        for n in sorted(posts)
    )
    return Session(journey, recording.get(journey, "session"), turns)


def _joined_by_kind(tails: Mapping[str, Sequence[Exchange]]) -> dict[str, Exchange]:
    """Each kind's connections in their order, the tail itself first; without it the others stand for nothing."""
    ordered = {kind: sorted(links, key=lambda link: int(link.facts.get("link", 1))) for kind, links in tails.items()}
    return {kind: joined(links) for kind, links in ordered.items() if links[0].facts.get("part") == "tail"}


SESSION_JOURNEYS = ("dialogue", "attachments", "duplicates", "racing", "refusals")


def session_journeys(recording: Recording) -> tuple[str, ...]:
    """The journeys that play turns one after another: those of the plan, and every session created as a ``history``."""
    others = (e.journey for e in recording.exchanges if e.facts.get("history") is True)
    return (*SESSION_JOURNEYS, *dict.fromkeys(one for one in others if one not in SESSION_JOURNEYS))


def all_turns(recording: Recording) -> tuple[Turn, ...]:
    """Every accepted turn of every journey that plays turns one after another."""
    return tuple(turn for journey in session_journeys(recording) for turn in session(recording, journey).turns)


VIEWS: Mapping[str, Callable[[Recording], Any]] = {
    "recording": lambda recording: recording,
    "dialogue": lambda recording: session(recording, "dialogue"),
    "attachments": lambda recording: session(recording, "attachments"),
    "duplicates": lambda recording: session(recording, "duplicates"),
    "racing": lambda recording: session(recording, "racing"),
    "refusals": lambda recording: session(recording, "refusals"),
    "turns": all_turns,
}
"""What a scenario may ask for, by the name of its parameter."""

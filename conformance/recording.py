"""What was sent to a target and what came back: the evidence that every judge works on.

Times are seconds on one monotonic clock that starts with the run. Bodies are the bytes as they came (after content
decoding), with secrets already replaced. Nothing here knows a rule of the contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from conformance.sse import Event, EventDecoder, StreamTooLarge

FORMAT = 1
"""Version of the recording format; it changes when an older reader would misread a newer file."""

Operation = Literal[
    "create-session", "append-message", "tail-events", "request-upload-url", "put-blob", "list-messages"
]
CHAT_OPERATIONS: tuple[Operation, ...] = (
    "create-session",
    "append-message",
    "tail-events",
    "request-upload-url",
    "list-messages",
)
"""The operations of the API itself; ``put-blob`` goes to the address that the API handed out."""

Ending = Literal[
    "complete",  # a whole answer
    "terminal",  # a tail: the turn's terminal envelope was read
    "goal",  # a tail: what it was opened for (an id, a number of envelopes) was read
    "closed",  # a tail: the server ended it
    "silence",  # a tail: nothing came for as long as the player was ready to wait
    "time-limit",
    "frame-limit",
    "byte-limit",
    "broken",  # the connection broke in the middle of the answer
    "no-answer",  # not even a status came
]

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sent:
    """A request as it left, credentials replaced by the name of the variable that holds them."""

    method: str
    url: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last value of each."""
        return {key: values[-1] for key, values in parse_qs(urlsplit(self.url).query, keep_blank_values=True).items()}

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is empty or is no JSON."""
        return parse_json(self.body)


@dataclass(frozen=True)
class Piece:
    """Bytes that arrived together, and when."""

    at: float
    data: bytes


@dataclass(frozen=True)
class Frame:
    """One SSE event of a tail, and when its last byte arrived."""

    at: float
    event: Event

    @property
    def id(self) -> str | None:
        """The ``id:`` of this very frame (None: it has none, or an empty one)."""
        return self.event.id or None

    @property
    def data(self) -> str:
        return self.event.data

    @cached_property
    def value(self) -> Any:
        """The data as JSON; None where it is none."""
        return parse_json(self.data.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Received:
    """An answer as it came."""

    status: int
    headers: Headers
    pieces: tuple[Piece, ...]
    http_version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @cached_property
    def body(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)

    @cached_property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty where there is none."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        """Whether the content type says JSON (``application/json`` or ``…+json``)."""
        return self.media_type == "application/json" or self.media_type.endswith("+json")

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is no JSON."""
        return parse_json(self.body)

    @cached_property
    def frames(self) -> tuple[Frame, ...]:
        """The SSE frames of the body; an unfinished one at its end is dropped, as the WHATWG text says.

        An event larger than the decoder's bound ends them: the player stopped reading there, too.
        """
        decoder = EventDecoder()
        frames: list[Frame] = []
        for piece in self.pieces:
            try:
                frames += [Frame(piece.at, event) for event in decoder.feed(piece.data)]
            except StreamTooLarge as stopped:
                return (*frames, *(Frame(piece.at, event) for event in stopped.events))
        return tuple(frames)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    ``journey`` and ``step`` name it; together they are unique in a recording. ``credential`` says whose: ``own``,
    ``other`` (the second tenant's), ``none``, or the name of a bad one. ``facts`` is what the journey knew of it when it
    sent it (the turn's number, the id from which a tail was resumed): JSON values only.
    """

    journey: str
    step: str
    operation: Operation
    credential: str
    sent: Sent
    sent_at: float
    answered_at: float
    ended_at: float
    received: Received | None
    ending: Ending
    problem: str | None = None
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        return f"{self.journey}/{self.step}"

    @property
    def status(self) -> int:
        """The HTTP status; 0 where no answer came."""
        return self.received.status if self.received else 0

    @property
    def json(self) -> Any:
        return self.received.json if self.received else None

    @property
    def data(self) -> Mapping[str, Any]:
        """The object ``data`` of a JSON answer; empty where there is none."""
        body = self.json
        inner = body.get("data") if isinstance(body, dict) else None
        return inner if isinstance(inner, dict) else {}

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames of a tail that was opened (status 200); else empty."""
        return self.received.frames if self.received and self.received.status == 200 else ()


@dataclass(frozen=True)
class Break:
    """A journey that could not go on, where, and why; what depended on the rest is untested."""

    journey: str
    step: str
    reason: str


@dataclass(frozen=True)
class Recording:
    """Everything of one run.

    ``epoch`` is the wall clock (Unix seconds) at monotonic second 0. ``credentials`` names the keys that the run had
    (``own``, ``other``). ``turn_timeout`` is the bound in seconds that the run set on a turn.
    """

    target: str
    suite: str
    spec: str
    started: str
    epoch: float
    seconds: float
    turn_timeout: float
    credentials: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    breaks: tuple[Break, ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[str, Exchange]:
        return {exchange.name: exchange for exchange in self.exchanges}

    def get(self, journey: str, step: str) -> Exchange | None:
        """The exchange of that name; None where it was not played."""
        return self._by_name.get(f"{journey}/{step}")

    def of(self, journey: str, prefix: str = "") -> Iterator[Exchange]:
        """The exchanges of a journey whose step begins with ``prefix``, in the order in which they were sent."""
        return (e for e in self.exchanges if e.journey == journey and e.step.startswith(prefix))

    def broke(self, journey: str) -> Break | None:
        """Where that journey broke off; None where it went through."""
        return next((b for b in self.breaks if b.journey == journey), None)


JSON_DEPTH = 200
"""Levels. No answer of the API nests so deep; what does is made to break whoever reads it."""


def parse_json(body: bytes) -> Any:
    """``body`` as JSON; None where it is not UTF-8, no JSON (``NaN`` is none), or nested deeper than ``JSON_DEPTH``."""
    try:
        value = json.loads(body, parse_int=_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    may_be_deep = body.count(b"[") + body.count(b"{") > JSON_DEPTH
    return None if may_be_deep and _deeper(value, JSON_DEPTH) else value


def _deeper(value: Any, most: int) -> bool:
    """Level by level: a recursion would meet the depth that it asks for."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int | float:
    """A number of very many digits is read as JavaScript reads it: Python refuses to make an integer of it."""
    return int(digits) if len(digits) <= 4000 else float(digits)

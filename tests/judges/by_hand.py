"""Recordings written by hand: a few exchanges, each time, status and envelope as the test says, judged in a millisecond.

The cases are changes of a whole run; here is what a whole run has no room for: both sides of a bound, one exchange alone,
an order that no server was seen to keep.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from typing import Any

from conformance.evidence import VIEWS
from conformance.findings import Finding
from conformance.recording import Break, Ending, Exchange, Frame, Operation, Piece, Received, Recording, Sent
from conformance.sse import Event
from tests.judges.edits import wire

SESSION = "session-1"
EPOCH = 1_700_000_000.0
"""The wall clock at the recording's second 0, in Unix seconds."""
ID = "00000000-0000-4000-8000-000000000001"


def recording(*exchanges: Exchange, breaks: Sequence[Break] = (), seconds: float = 100.0) -> Recording:
    """Those exchanges, in the order in which they were sent."""
    ordered = tuple(sorted(exchanges, key=lambda e: e.sent_at))
    return Recording(
        "http://by.hand",
        "0",
        "1",
        "2026-01-01T00:00:00Z",
        EPOCH,
        seconds,
        60.0,
        ("own", "other"),
        ordered,
        tuple(breaks),
    )


def exchange(
    name: str,
    operation: Operation,
    status: int = 200,
    body: Any = None,
    *,
    at: float = 0.0,
    took: float = 0.01,
    request: Any = None,
    credential: str = "own",
    ending: Ending = "complete",
    problem: str | None = None,
    headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),),
    method: str = "POST",
    url: str = "http://by.hand/public-api",
    **facts: Any,
) -> Exchange:
    """One request at second ``at``, answered and ended ``took`` seconds later; status 0: no answer came.

    ``body``: bytes as they are, anything else as JSON. ``request``: the JSON body of the request; None: none was sent.
    """
    journey, _, step = name.partition("/")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    received = Received(status, tuple(headers), (Piece(at + took, content),)) if status else None
    ended = "no-answer" if received is None and ending == "complete" else ending
    sent = Sent(method, url, (), b"" if request is None else json.dumps(request).encode())
    return Exchange(
        journey, step, operation, credential, sent, at, at + took, at + took, received, ended, problem, facts
    )


def post(
    turn: int = 1, status: int = 202, *, journey: str = "dialogue", cursor: str | None = None, **more: Any
) -> Exchange:
    """The post of a turn, or with another ``part`` a post that is none; its ids end in ``turn`` unless a ``body`` is given.

    It is sent at second 10 x ``turn`` unless ``at`` says otherwise.
    """
    data = {"chat_turn_id": f"turn-{turn}", "user_message_id": f"message-{turn}", "since_cursor": cursor}
    body = {"data": data, "meta": {"request_id": ID}} if status == 202 else {"error": {}, "meta": {}}
    facts: dict[str, Any] = {"session": SESSION, "part": "post", "text": f"the text of turn {turn}"}
    values = {"body": body, "at": 10.0 * turn, **facts, **more}
    if values["part"] == "post":
        values.setdefault("turn", turn)
    name = values.pop("name", f"{journey}/turn-{turn}/post")
    return exchange(name, "append-message", status, **values)


def rival(number: int, status: int = 202, *, cursor: str | None = None, **more: Any) -> Exchange:
    """One of the posts that race, at second 20."""
    facts: dict[str, Any] = {"rival": "fresh", "part": "rival", "name": f"racing/rival-{number}", "at": 20.0}
    return post(number + 10, status, journey="racing", cursor=cursor, **{**facts, **more})


def tail(
    frames: Sequence[Frame],
    turn: int | None = 1,
    kind: str | None = "main",
    status: int = 200,
    *,
    journey: str = "dialogue",
    opened: float | None = None,
    ending: Ending = "terminal",
    **more: Any,
) -> Exchange:
    """A tail that was asked for at ``opened`` and answered then; without it, 0.1 s before its first frame."""
    start = opened if opened is not None else (frames[0].at - 0.1 if frames else 10.0 * (turn or 0) + 0.1)
    facts = {"session": SESSION, "turn": turn, "part": "tail", "kind": kind, **more}
    suffix = {
        "main": "",
        "header": "-by-header",
        "none": "-without-cursor",
        "before": "-from-before",
        "again": "-again",
    }
    name = facts.pop("name", f"{journey}/turn-{turn}/tail{suffix.get(str(kind), '')}")
    pieces = tuple(Piece(frame.at, wire(frame)) for frame in frames)
    headers = (("content-type", "text/event-stream"),)
    received = Received(status, headers, pieces) if status else None
    took = facts.pop("took", 0.0)
    end = facts.pop("ended", max([start + took, *(f.at for f in frames)]))
    left = {key: value for key, value in facts.items() if value is not None or key == "after"}
    journey, _, step = name.partition("/")
    sent = Sent("GET", f"http://by.hand/public-api/chat/sessions/{SESSION}/events", (), b"")
    credential = left.pop("credential", "own")
    problem = left.pop("problem", None)
    return Exchange(
        journey, step, "tail-events", credential, sent, start, start + took, end, received, ending, problem, left
    )


def stream(words: str, at: float = 10.5, every: float = 0.1) -> list[Frame]:
    """Frames from words ``<id>:<type>`` (``:<type>`` without an id), ``every`` seconds one.

    The data has a text of its own where the type has one: ``<type>=<text>`` sets it, else it is the id.
    """
    return [_frame(word, at + every * place) for place, word in enumerate(words.split())]


def _frame(word: str, at: float) -> Frame:
    id, _, rest = word.partition(":")
    kind, _, text = rest.partition("=")
    fields: dict[str, Any] = {"type": kind}
    if kind.startswith(("text-", "reasoning-")):
        fields["id"] = "part"
    if kind.endswith("-delta"):
        fields["delta"] = text or id
    elif kind.startswith("data-"):
        fields["data"] = text or id
    elif kind == "error":
        fields["errorText"] = text or "no"
    elif text:
        fields["messageId"] = text
    return Frame(at, Event(json.dumps(fields), "", id or None, id, None))


def clocked(
    kinds: str, written: float, every: float = 0.1, *, late: float = 0.0, at: float | None = None
) -> list[Frame]:
    """Frames whose ids hold the milliseconds at which they were written: the first at ``written``, in seconds of the run.

    Each comes ``late`` seconds after that, or all of them at ``at``.
    """
    frames = []
    for place, kind in enumerate(kinds.split()):
        moment = written + every * place
        frames.append(_frame(f"{round((EPOCH + moment) * 1000)}-0:{kind}", at if at is not None else moment + late))
    return frames


def turn_of(prefix: str, first: int = 1) -> str:
    """The words of a whole turn of seven envelopes, with ids ``<prefix>-<n>``."""
    kinds = ("start", "start-step", "text-start", "text-delta", "text-end", "finish-step", "finish")
    return " ".join(f"{prefix}-{number}:{kind}" for number, kind in enumerate(kinds, first))


def found(scenario: Callable[..., None], played: Recording) -> str:
    """What a scenario finds: ``kept``, or ``violation``, ``untested``, ``unobservable`` and the reason behind a colon."""
    views = {name: VIEWS[name](played) for name in inspect.signature(scenario).parameters}
    try:
        scenario(**views)
    except Finding as finding:
        return f"{type(finding).__name__.lower()}: {finding.reason}"
    return "kept"


def outcome(scenario: Callable[..., None], played: Recording) -> str:
    """The first word of what is found."""
    return found(scenario, played).partition(":")[0]

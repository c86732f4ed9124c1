"""Small edits of a recording: how a broken, or another lawful, server would have answered the same requests."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from conformance.recording import Break, Exchange, Frame, Headers, Piece, Received, Recording

Pick = Callable[[Exchange], bool]


def named(*names: str) -> Pick:
    """The exchanges ``journey/step`` of those names; a name that ends in ``*`` is a prefix."""
    return lambda e: any(e.name.startswith(n[:-1]) if n.endswith("*") else e.name == n for n in names)


def every(_: Exchange) -> bool:
    return True


def answered_json(exchange: Exchange) -> bool:
    return exchange.received is not None and exchange.received.is_json


def tails(exchange: Exchange) -> bool:
    return exchange.operation == "tail-events" and exchange.status == 200


def edit(recording: Recording, pick: Pick, change: Callable[[Exchange], Exchange | None]) -> Recording:
    """The recording with every picked exchange changed (None: left out).

    :raises LookupError: when nothing was picked: the case would prove nothing.
    """
    if not any(pick(e) for e in recording.exchanges):
        raise LookupError("the edit picks no exchange of this recording")
    edited = (change(e) if pick(e) else e for e in recording.exchanges)
    return replace(recording, exchanges=tuple(e for e in edited if e is not None))


def drop(recording: Recording, pick: Pick) -> Recording:
    """Without those exchanges: as if they had not been played."""
    return edit(recording, pick, lambda _: None)


def broke_off(recording: Recording, journey: str, step: str, reason: str) -> Recording:
    return replace(recording, breaks=(*recording.breaks, Break(journey, step, reason)))


def facts(recording: Recording, pick: Pick, **values: Any) -> Recording:
    return edit(recording, pick, lambda e: replace(e, facts={**e.facts, **values}))


def status(recording: Recording, pick: Pick, code: int) -> Recording:
    """Another status, the rest as it was."""
    return edit(recording, pick, lambda e: replace(e, received=replace(_received(e), status=code)))


def headers(recording: Recording, pick: Pick, change: Callable[[Headers], Iterable[tuple[str, str]]]) -> Recording:
    return edit(
        recording,
        pick,
        lambda e: replace(e, received=replace(_received(e), headers=tuple(change(_received(e).headers)))),
    )


def header(recording: Recording, pick: Pick, name: str, value: str | None) -> Recording:
    """One response header set, or (None) taken away."""

    def change(old: Headers) -> list[tuple[str, str]]:
        kept = [(k, v) for k, v in old if k.lower() != name.lower()]
        return kept if value is None else [*kept, (name, value)]

    return headers(recording, pick, change)


def body(recording: Recording, pick: Pick, content: bytes, content_type: str | None = None) -> Recording:
    edited = edit(recording, pick, lambda e: _with_body(e, content))
    return edited if content_type is None else header(edited, pick, "content-type", content_type)


def json_body(recording: Recording, pick: Pick, change: Callable[[Any], Any]) -> Recording:
    """The JSON body changed: ``change`` gets a copy of it and edits it in place, or returns a new one."""

    def apply(exchange: Exchange) -> Exchange:
        value = copy.deepcopy(exchange.json)
        result = change(value)
        return _with_body(exchange, json.dumps(value if result is None else result).encode())

    return edit(recording, pick, apply)


def answer(recording: Recording, pick: Pick, code: int, value: Any) -> Recording:
    """Another status and another JSON body, the headers as they were but for the content type."""
    edited = body(status(recording, pick, code), pick, json.dumps(value).encode(), "application/json")
    return edit(edited, pick, lambda e: replace(e, ending="complete"))


def error(code: int, name: str = "conflict", message: str = "no", details: Any = None) -> Any:
    """An error envelope for ``answer``."""
    inner: dict[str, Any] = {"code": name, "message": message}
    if details is not None:
        inner["details"] = details
    return {"error": inner, "meta": {"request_id": f"00000000-0000-4000-8000-{code:012d}"}}


def frames(
    recording: Recording, pick: Pick, change: Callable[[list[Frame]], Iterable[Frame]], newline: str = "\n"
) -> Recording:
    """The frames of a tail changed; each is written anew, one piece of bytes a frame, at its own time."""

    def apply(exchange: Exchange) -> Exchange:
        received = _received(exchange)
        pieces = tuple(Piece(f.at, wire(f, newline)) for f in change(list(received.frames)))
        return replace(exchange, received=replace(received, pieces=pieces))

    return edit(recording, pick, apply)


def chunk(frame: Frame, **values: Any) -> Frame:
    """The frame with its JSON data changed: a value of ``...`` takes a field away."""
    data = {**json.loads(frame.data), **values}
    return with_data(frame, json.dumps({k: v for k, v in data.items() if v is not ...}))


def with_data(frame: Frame, data: str) -> Frame:
    return replace(frame, event=replace(frame.event, data=data))


def with_id(frame: Frame, new: str | None) -> Frame:
    return replace(frame, event=replace(frame.event, id=new))


def at(frame: Frame, seconds: float) -> Frame:
    return replace(frame, at=seconds)


def kind(frame: Frame) -> str:
    """The chunk's type; empty where the data is no JSON object."""
    try:
        value = json.loads(frame.data)
    except ValueError:
        return ""
    return str(value.get("type", "")) if isinstance(value, dict) else ""


def wire(frame: Frame, newline: str = "\n") -> bytes:
    lines = [] if frame.event.id is None else [f"id: {frame.event.id}"]
    lines += [f"event: {frame.event.event}"] if frame.event.event else []
    lines += [f"data: {line}" for line in frame.event.data.split("\n")]
    return (newline.join(lines) + newline * 2).encode("utf-8", "surrogatepass")


def _received(exchange: Exchange) -> Received:
    if exchange.received is None:
        raise LookupError(f"{exchange.name} has no answer to edit")
    return exchange.received


def _with_body(exchange: Exchange, content: bytes) -> Exchange:
    received = _received(exchange)
    return replace(exchange, received=replace(received, pieces=(Piece(exchange.ended_at, content),)))

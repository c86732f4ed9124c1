"""The shortest request that still shows a failure: parts are left out and shortened for as long as it does.

Hypothesis shrinks what it executes. Ours are drawn first and sent later (generation.py), each within a budget of turns,
of requests and of time; so the search is a plain one: every step that keeps the failure is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from schemathesis.core import NOT_SET

MOST_TRIALS: Final = 40
"""Requests that one failure may cost."""
_WHITE = b" \t\r\n"


@dataclass(frozen=True)
class Parts:
    """What of a request may be reduced: its query, its headers (but the credential) and its body (NOT_SET: none)."""

    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = NOT_SET


def reduced(parts: Parts, fails: Callable[[Parts], bool], most: int = MOST_TRIALS) -> Parts:
    """The smallest request found, at worst the given one. `fails` sends one and tells whether the failure is there.

    At most `most` are sent. Greedy: after each success the search begins anew with the smaller request.
    """
    trials = 0
    tried = {_key(parts)}
    found = True
    while found:
        found = False
        for smaller in _smaller(parts):
            key = _key(smaller)
            if key in tried:
                continue
            if trials >= most:
                return parts
            tried.add(key)
            trials += 1
            if fails(smaller):
                parts, found = smaller, True
                break
    return parts


def _key(parts: Parts) -> str:
    return repr((dict(parts.query), dict(parts.headers), parts.body))


def _smaller(parts: Parts) -> Iterator[Parts]:
    """Requests with less in them, the boldest first."""
    if len(parts.query) > 1 or (parts.query and parts.body is not NOT_SET):
        yield replace(parts, query={})
    for name in parts.headers:
        yield replace(parts, headers={key: value for key, value in parts.headers.items() if key != name})
    for name, value in parts.query.items():
        yield replace(parts, query={key: other for key, other in parts.query.items() if key != name})
        if isinstance(value, str):
            for shorter in _shorter_text(value):
                yield replace(parts, query={**parts.query, name: shorter})
    for name, value in parts.headers.items():
        if isinstance(value, str):
            for shorter in _shorter_text(value):
                yield replace(parts, headers={**parts.headers, name: shorter})
    if isinstance(parts.body, bytes):
        yield from (replace(parts, body=body) for body in _shorter_bytes(parts.body))
    elif parts.body is not NOT_SET:
        yield from (replace(parts, body=body) for body in _simpler(parts.body))


def _simpler(value: Any) -> Iterator[Any]:
    """JSON values with less in them than this one."""
    if isinstance(value, dict):
        if len(value) > 3:
            names = list(value)
            for half in (names[: len(names) // 2], names[len(names) // 2 :]):
                yield {name: value[name] for name in half}
        for name in value:
            yield {key: other for key, other in value.items() if key != name}
        for name, inner in value.items():
            for simpler in _simpler(inner):
                yield {**value, name: simpler}
    elif isinstance(value, list):
        if value:
            yield []
        if len(value) > 2:
            yield value[: len(value) // 2]
        for position in range(len(value)):
            yield [*value[:position], *value[position + 1 :]]
        for position, inner in enumerate(value):
            for simpler in _simpler(inner):
                yield [*value[:position], simpler, *value[position + 1 :]]
    elif isinstance(value, str):
        yield from _shorter_text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value not in (0, 1):
        yield from (0, 1)


def _shorter_text(text: str) -> Iterator[str]:
    if not text:
        return
    yield ""
    if text != "a":
        yield "a"
    if len(text) > 3:
        yield text[: len(text) // 2]
        yield text[len(text) // 2 :]
    if 1 < len(text) <= 64:
        yield text[1:]
        yield text[:-1]
    if len(text) > 1 and len(set(text)) > 1:
        yield "a" * len(text)


def _shorter_bytes(body: bytes) -> Iterator[bytes]:
    if len(body) > 1:
        yield body[: len(body) // 2]
        yield body[len(body) // 2 :]
    stripped = body.strip(_WHITE)
    if stripped != body and stripped:
        yield stripped

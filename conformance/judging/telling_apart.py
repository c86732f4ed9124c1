"""What tells the answers of two kinds apart, and is no accident of who gave them, or when.

An answer is taken to pieces: each header, each leaf of its error and of its meta. A piece that differs among answers to
one and the same question (the same operation, key and kind of session) is the instance's, a clock's or a counter's, and
tells nothing of a session. What stays the same there, and differs between the kinds, is what a caller can learn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from conformance.judging.json_leaves import leaves
from conformance.recording import Exchange

Pair: TypeAlias = tuple[Exchange, Exchange]
Pieces: TypeAlias = Mapping[str, str]

ABSENT = "(none)"

_OF_THE_REQUEST = frozenset({"request_id", "timings_ms"})
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"\d+")
_VOLATILE = re.compile(
    r"date|age|via|content-length|server-timing|set-cookie|etag|expires|last-modified|connection|keep-alive"
    r"|transfer-encoding|content-encoding|vary|alt-svc|nel|report-to|retry-after|.*request-?id|.*correlation-?id|.*trace.*"
    r"|x-b3-.*|cf-.*|x-cache.*|x-amz?-.*|x-azure-.*|x-envoy-.*|x-runtime|x-response-time|x-.*time|x-served-by|x-timer"
    r"|(?:x-)?ratelimit.*"
)
"""Headers that a proxy, a cache or a clock adds, and not the knowledge of a session."""

_STATUS = "the status"


@dataclass(frozen=True)
class Told:
    """A piece and the values that tell the two kinds apart by it."""

    piece: str
    there: str
    nowhere: str

    def __str__(self) -> str:
        return f"{self.piece} tells the two apart: {self.there[:160]} / {self.nowhere[:160]}"


def told(pairs: Sequence[Pair], alike: Iterable[Sequence[Exchange]], *, numbers: bool = False) -> Told | None:
    """The first piece that has one value in all first answers of the pairs, and another in all second ones.

    :param alike: groups of answers to one question each: what varies within one of them is not looked at.
    :param numbers: whether the numbers in a value count; else they are taken for clocks and counts.
    """
    drifting = {name for group in alike for name in _varying([_pieces(e, numbers=numbers) for e in group])}
    there = [_pieces(first, numbers=numbers) for first, _ in pairs]
    nowhere = [_pieces(second, numbers=numbers) for _, second in pairs]
    for name in sorted({name for one in (*there, *nowhere) for name in one} - drifting):
        ours, others = _values(there, name), _values(nowhere, name)
        if len(ours) == len(others) == 1 and ours != others:
            return Told(name, min(ours), min(others))
    return None


def _varying(group: Sequence[Pieces]) -> set[str]:
    return {name for one in group for name in one if len(_values(group, name)) > 1}


def _values(group: Sequence[Pieces], name: str) -> set[str]:
    return {one.get(name, ABSENT) for one in group}


def _pieces(exchange: Exchange, *, numbers: bool) -> Pieces:
    received = exchange.received
    found = {_STATUS: str(exchange.status)}
    if received is None:
        return found
    for name, value in received.headers:
        key = name.lower()
        if not _VOLATILE.fullmatch(key) and not numbers:
            found[f"the header {key}"] = "; ".join(filter(None, (found.get(f"the header {key}"), value)))
    body = received.json
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict):
        found["the body"] = received.text
    else:
        meta = body.get("meta")
        kept = {k: v for k, v in meta.items() if k not in _OF_THE_REQUEST} if isinstance(meta, dict) else None
        for path, leaf in leaves({"error": body["error"], "meta": kept}):
            found[f"{'.'.join(map(str, path))} of the error"] = repr(leaf)
        # Empty lists and objects have no leaves.
        found["the form of the error"] = ", ".join(sorted(_members(body["error"], kept)))
    return {
        name: value if name == _STATUS else _plain(exchange, value, numbers=numbers) for name, value in found.items()
    }


def _members(error: Mapping[str, object], meta: Mapping[str, object] | None) -> Iterable[str]:
    yield from (f"error.{name}" for name in error)
    yield from (f"meta.{name}" for name in meta or ())


def _plain(exchange: Exchange, text: str, *, numbers: bool) -> str:
    """The text without what names the session or the request, and without numbers where they do not count."""
    for name in ("session", "asked"):
        session = exchange.facts.get(name)
        # An id may be a short number, which is a part of many others: only where it stands by itself it is the id.
        if isinstance(session, str | int) and str(session):
            text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(str(session))}(?![0-9A-Za-z])", "<session>", text)
    text = _UUID.sub("<uuid>", text)
    return text if numbers else _DIGITS.sub("<number>", text)

"""An exchange as a reader sees it: the curl line, the answer, the long parts folded or cut, what the violation names marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.findings import MAX_SHOWN, curl
from conformance.recording import Exchange
from conformance.report.html.differences import Row, rows
from conformance.report.html.marks import Mark, literals
from conformance.report.html.streams import SessionStream

OPEN_BODY = 700
"""Characters of a body that are shown at once; the rest is folded."""
MOST_BODY = 8_000
"""Characters of a body that the page has at all."""
MOST_CURL = 4_000
MOST_HEADERS, MOST_HEADER = 30, 300


@dataclass(frozen=True)
class Part:
    """A piece of a text; ``marked``: the violation names it."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Shown:
    """One exchange.

    ``anchor``: its id in the page. ``asked``: the request's body where the curl line has no room for it. ``folded``: the
    answer's body behind what is shown at once. ``cut``: characters of it that the page leaves out (the recording has
    them). ``rows``: of a tail, its envelopes instead of a body; ``compared``: whether its cursor's place is known.
    """

    name: str
    anchor: str
    curl: str
    asked: str
    sent_at: float
    took: float
    status: str
    ending: str
    problem: str
    headers: tuple[tuple[str, str], ...]
    body: tuple[Part, ...]
    folded: tuple[Part, ...]
    folded_size: int
    cut: int
    rows: tuple[Row, ...]
    compared: bool


def shown(exchange: Exchange, mark: Mark, anchor: str, stream: SessionStream | None) -> Shown:
    """An exchange of the evidence. ``stream``: of its session, where it has one."""
    received = exchange.received
    read = next((r for r in stream.reads if r.exchange is exchange), None) if stream else None
    table = rows(stream, read, mark.names(stream.by_id.keys())) if stream and read and read.places else ()
    text = received.text if received else ""
    named = [one for one in literals(mark.came) if len(one) > 3]
    body = () if table else parts(text[:OPEN_BODY], named)
    folded = () if table else parts(text[OPEN_BODY:MOST_BODY], named)
    asked = exchange.sent.body if len(exchange.sent.body) > MAX_SHOWN else b""
    return Shown(
        name=exchange.name,
        anchor=anchor,
        curl=shortened(curl(exchange.sent), MOST_CURL),
        asked=shortened(asked.decode("utf-8", "backslashreplace"), MOST_BODY),
        sent_at=exchange.sent_at,
        took=exchange.ended_at - exchange.sent_at,
        status=f"{received.http_version} {received.status}" if received else "no answer",
        ending="" if exchange.ending == "complete" else exchange.ending,
        problem=shortened(exchange.problem or "", 500),
        headers=_headers(exchange),
        body=body,
        folded=folded,
        folded_size=0 if table else len(text[OPEN_BODY:MOST_BODY]),
        cut=0 if table else max(0, len(text) - MOST_BODY),
        rows=table,
        compared=read is not None and read.after is not None,
    )


def parts(text: str, marked: Sequence[str]) -> tuple[Part, ...]:
    """``text`` parted at every occurrence of one of the literals; at most 200 are marked."""
    found: list[Part] = []
    start = 0
    while len(found) < 400:
        at, literal = min(((text.find(one, start), one) for one in marked if one in text[start:]), default=(-1, ""))
        if at < 0:
            break
        found += [Part(text[start:at], False)] if at > start else []
        found.append(Part(literal, True))
        start = at + len(literal)
    return (*found, Part(text[start:], False)) if start < len(text) else tuple(found)


def shortened(text: str, most: int) -> str:
    """The beginning of a text that is longer than ``most`` characters, and how long it is."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def _headers(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    received = exchange.received
    every = received.headers if received else ()
    kept = tuple((shortened(name, MOST_HEADER), shortened(value, MOST_HEADER)) for name, value in every[:MOST_HEADERS])
    left = len(every) - len(kept)
    return (*kept, ("…", f"{left} more headers")) if left else kept

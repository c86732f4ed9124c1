"""Reads the examples of spec/explanations.yaml: lines that begin with ``>`` (sent), ``<`` (received) or ``#`` (a remark)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.sse import EventDecoder

_TIME = re.compile(r"# at (\d+\.\d+) s")


@dataclass(frozen=True)
class ShownEvent:
    """``chunk`` is None for ``[DONE]``, ``at`` the seconds of the last time that was noted."""

    id: str | None
    chunk: Any
    at: float | None


@dataclass
class Shown:
    """One request and its answer. ``query``: the first value of each name. Header names in lower case."""

    method: str
    url: str
    sent_headers: dict[str, str]
    sent_body: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    events: list[ShownEvent] = field(default_factory=list)
    sent_at: float | None = None
    answered_at: float | None = None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def is_tail(self) -> bool:
        return self.path.endswith("/events") and self.status == 200

    @property
    def is_post(self) -> bool:
        return self.method == "POST" and self.path.endswith("/messages")

    @property
    def asked(self) -> Any:
        return json.loads(self.sent_body)

    @property
    def answer(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.answer["data"]

    @property
    def ids(self) -> list[str | None]:
        return [event.id for event in self.events]

    @property
    def chunks(self) -> list[Any]:
        return [event.chunk for event in self.events if event.chunk is not None]


def exchanges(wire: str) -> list[Shown]:
    """The exchanges of an example, in the order in which they stand.

    :raises ValueError: it is not of the form; a body that is not JSON is noticed by whoever reads it.
    """
    found: list[Shown] = []
    clock: float | None = None
    for sign, lines in _blocks(wire):
        if sign == "#":
            noted = _TIME.fullmatch(lines[0])
            if noted:
                clock = float(noted[1])
            elif lines[0].startswith("# at "):
                raise ValueError(f"no time: {lines[0]}")
        elif sign == ">":
            first, headers, body = _message(lines)
            method, _, url = first.partition(" ")
            if not re.fullmatch("GET|POST|PUT", method) or not re.match("/public-api/|https://", url):
                raise ValueError(f"no request: {first}")
            found.append(Shown(method, url, headers, "\n".join(body), sent_at=clock))
        elif found[-1].status == 0:
            first, headers, body = _message(lines)
            last = found[-1]
            last.status, last.headers, last.answered_at = int(first), headers, clock
            if last.is_tail:
                last.events += _events(body, clock)
            else:
                last.body = "\n".join(body)
        elif found[-1].is_tail:
            found[-1].events += _events(lines, clock)
        else:
            raise ValueError(f"an answer to nothing: {lines[0]}")
    if not found or any(one.status == 0 for one in found):
        raise ValueError("a request without an answer")
    return found


def _blocks(wire: str) -> list[tuple[str, list[str]]]:
    """Neighbouring lines of one sign together, the sign and its blank taken off; each remark by itself, whole."""
    blocks: list[tuple[str, list[str]]] = []
    for line in wire.splitlines():
        sign = line[:1]
        if sign == "#":
            blocks.append((sign, [line]))
            continue
        text = line[2:]
        begins = re.match(r"(GET|POST|PUT) ", text) if sign == ">" else re.fullmatch(r"\d{3}", text)
        if blocks and blocks[-1][0] == sign and not begins:
            blocks[-1][1].append(text)
        else:
            blocks.append((sign, [text]))
    return blocks


def _message(lines: Sequence[str]) -> tuple[str, dict[str, str], list[str]]:
    """First line, headers, body, as HTTP has them."""
    end = lines.index("") if "" in lines else len(lines)
    pairs = [line.split(": ", 1) for line in lines[1:end]]
    return lines[0], {name.lower(): value for name, value in pairs}, list(lines[end + 1 :])


def _events(lines: Sequence[str], clock: float | None) -> list[ShownEvent]:
    decoder = EventDecoder()
    decoded = decoder.feed(("\n".join(lines) + "\n").encode())
    return [ShownEvent(one.id, None if one.data == "[DONE]" else json.loads(one.data), clock) for one in decoded]

"""Server-sent events as bytes, in each of the forms that the WHATWG standard allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.mock.policy import Policy

Signal = Literal["opening", "heartbeat", "done"]
"""What a tail sends beside envelopes: its first bytes, a sign of life, the sentinel ``[DONE]``."""


@dataclass(frozen=True)
class Frame:
    """One envelope as compact JSON, under its id as clients see it; None sends no ``id:`` line.

    ``entry`` is the store's: ``turn``, and ``final`` and ``last``, each "0" or "1".
    """

    event: str | None
    chunk: str
    entry: Mapping[str, str] = field(default_factory=dict)


_NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


class Wire:
    """Writes frames in the policy's form: line ending, byte order mark, event name, one or several data lines."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._newline = _NEWLINES[policy.newline]

    def write(self, item: Frame | Signal) -> bytes:
        """The bytes of what a tail sends next."""
        if isinstance(item, Frame):
            return self.frame(item)
        return {"opening": self.opening, "heartbeat": self.heartbeat, "done": self.sentinel}[item]()

    def opening(self) -> bytes:
        """What a tail begins with. Never empty: the first bytes make the headers go out before the first envelope."""
        mark = "\ufeff" if self._policy.bom else ""
        if self._policy.retry_ms:
            return (mark + self._lines(f"retry: {self._policy.retry_ms}")).encode()
        return (mark + self._lines(": tail")).encode()

    def frame(self, frame: Frame) -> bytes:
        """One envelope under its event id."""
        lines = [] if frame.event is None else [f"id: {frame.event}"]
        chunk = frame.chunk
        if self._policy.event_name:
            lines.append(f"event: {self._policy.event_name}")
        if self._policy.split_data:
            # A client joins data lines with a line feed, so they are cut where JSON takes white space.
            chunk = json.dumps(json.loads(chunk), ensure_ascii=False, indent=1)
        # Only a line feed cuts: U+2028 and its like are ordinary characters of a data line.
        lines += [f"data: {line}" for line in chunk.split("\n")]
        return self._lines(*lines).encode()

    def sentinel(self) -> bytes:
        """``[DONE]``: no envelope, hence without an id."""
        return self._lines("data: [DONE]").encode()

    def heartbeat(self) -> bytes:
        """A comment."""
        return self._lines(": heartbeat").encode()

    def _lines(self, *lines: str) -> str:
        return "".join(line + self._newline for line in (*lines, ""))

"""Server-sent events as bytes, in each of the forms that the WHATWG standard allows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
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


Item = Frame | Signal
_NEWLINES = {"lf": ("\n",), "crlf": ("\r\n",), "cr": ("\r",), "mixed": ("\n", "\r\n", "\r")}


def lines_of(policy: Policy, item: Item) -> list[str]:
    """What a tail sends next, as the lines of one block, without their ends and without the blank line after it."""
    if item == "opening":
        # Never empty: the first bytes make the headers go out before the first envelope.
        return [f"retry: {policy.retry_ms}"] if policy.retry_ms else [": tail"]
    if item == "heartbeat":
        return [": heartbeat"]
    if isinstance(item, Frame):
        return _of_frame(policy, item)
    # ``[DONE]`` is no envelope, hence without an id.
    return ["data: [DONE]"]


def _of_frame(policy: Policy, frame: Frame) -> list[str]:
    lines = [] if frame.event is None else [f"id: {frame.event}"]
    chunk = frame.chunk
    if policy.event_name:
        lines.append(f"event: {policy.event_name}")
    if policy.split_data:
        # A client joins data lines with a line feed, so they are cut where JSON takes white space.
        chunk = json.dumps(json.loads(chunk), ensure_ascii=False, indent=1)
    # Only a line feed cuts: U+2028 and its like are ordinary characters of a data line.
    return [*lines, *(f"data: {line}" for line in chunk.split("\n"))]


class Wire:
    """Writes one stream: the blocks of lines with the policy's line ends, a byte order mark before the first of all.

    :param lines: gives the lines of each block.
    """

    def __init__(self, policy: Policy, lines: Callable[[Policy, Item], list[str]] = lines_of) -> None:
        self._policy = policy
        self._lines = lines
        self._newlines = itertools.cycle(_NEWLINES[policy.newline])

    def write(self, item: Item) -> bytes:
        """The bytes of what a tail sends next; none where it has no lines."""
        lines = self._lines(self._policy, item)
        mark = "\ufeff" if self._policy.bom and item == "opening" else ""
        # A CR and an LF that follow one another are one line end, so the blank line has the end that its line has.
        ends = [next(self._newlines) for _ in lines]
        text = "".join(line + end for line, end in zip(lines, ends, strict=True))
        return (mark + text + (ends[-1] if ends else "")).encode()

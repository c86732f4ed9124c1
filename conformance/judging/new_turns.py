"""What proves that a stream shows another turn, and not just something late of the one before (that is EVT-06's)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from conformance.evidence import Envelope

_CONTENT: Final = frozenset(
    {
        "start-step",
        "text-start",
        "text-delta",
        "reasoning-start",
        "reasoning-delta",
        "tool-input-start",
        "tool-input-available",
    }
)
"""What a turn says. A source, metadata or a second end may be late, and so say nothing of a turn of their own."""


def another_turn(behind: Sequence[Envelope]) -> Envelope | None:
    """The first envelope of another turn in what came behind a turn's end; None where nothing proves one.

    A ``start`` does, and so does content that goes on to an end of its own.
    """
    start = next((e for e in behind if e.type == "start"), None)
    content = next((i for i, e in enumerate(behind) if e.type in _CONTENT), None)
    if start is not None or content is None:
        return start
    return behind[content] if any(e.terminal for e in behind[content:]) else None


def turns_ended(tail: Iterable[Envelope]) -> int:
    """How many turns end in a tail. An end counts only where something of a turn came since the end before it."""
    ended, began = 0, False
    for envelope in tail:
        if envelope.terminal:
            ended += began
            began = False
        else:
            began = began or envelope.type == "start" or envelope.type in _CONTENT
    return ended

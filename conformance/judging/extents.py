"""How far two tails can be compared, and whether one begins where a turn can begin."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.evidence import Envelope
from conformance.judging.cursors import same


def shared_end(one: Sequence[Envelope], two: Sequence[Envelope]) -> tuple[Sequence[Envelope], Sequence[Envelope]]:
    """Both as far as the turn's end: what one of them read beyond it proves nothing."""
    return _to_terminal(one, two), _to_terminal(two, one)


def _to_terminal(tail: Sequence[Envelope], other: Sequence[Envelope]) -> Sequence[Envelope]:
    last = next((e for e in reversed(other) if e.terminal), None)
    if last is None or last.id is None:
        return tail
    place = next((i for i, e in enumerate(tail) if same(e, last)), None)
    return tail if place is None else tail[: place + 1]


def begins_in_the_middle(tail: Sequence[Envelope]) -> Envelope | None:
    """The envelope that continues a part or a tool call, where none was begun before it."""
    for envelope in tail:
        if envelope.type in ("text-start", "reasoning-start", "tool-input-start", "tool-input-available"):
            return None
        if envelope.type in ("text-delta", "text-end", "reasoning-delta", "reasoning-end", "tool-input-delta"):
            return envelope
    return None

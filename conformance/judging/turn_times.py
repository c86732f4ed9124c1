"""When a turn was over, as far as a client can tell."""

from __future__ import annotations

from conformance.evidence import Turn
from conformance.judging.cursors import stream_id

_KINDS = ("main", "header", "before")


def over_by(turn: Turn) -> float | None:
    """The earliest moment of the recording at which its terminal envelope was surely written; None where none was read.

    A tail may be read late: then the ids tell more than the times of arrival. Where they are of the form of a Redis
    stream (contract E5), as many milliseconds as lie between two ids lay between the two envelopes, and the first of
    them had been written when it arrived. What is taken from this is only ever an excuse.
    """
    found: list[float] = []
    for kind in _KINDS:
        tail = turn.tail(kind)
        end = next((e for e in tail if e.terminal), None)
        if end is None:
            continue
        found.append(end.at)
        last = stream_id(end.id)
        for earlier in tail:
            first = stream_id(earlier.id)
            if last is not None and first is not None and first <= last:
                found.append(earlier.at + (last[0] - first[0]) / 1000)
                break
    return min(found, default=None)

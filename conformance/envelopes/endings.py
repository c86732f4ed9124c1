"""When a turn has ended. contract.md, "Terminal envelopes of a turn":

`finish`, or `abort`, or `error`, alone or followed by `finish-step` and `finish`. So an `error` may be the end or may
not be, and a tail reads on for a short grace.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final

from conformance.envelopes.chunks import Chunk

_TERMINAL: Final = frozenset({"finish", "abort", "error"})

# The SDK's server sends message-metadata after any chunk if it was told to, so also between an error and its finish.
_BETWEEN: Final = frozenset({"finish-step", "message-metadata"})


def is_terminal(chunk: Chunk) -> bool:
    """Whether this chunk alone can end a turn."""
    return chunk.type in _TERMINAL


class TurnState(Enum):
    """How far a turn is from its end."""

    RUNNING = "running"
    ERROR = "error"
    """Ended by an `error`, unless a `finish` follows it within a grace."""
    OVER = "over"
    """`finish` or `abort` has come: nothing of this turn may follow."""


class TurnEnding:
    """Follows one turn to its end, chunk by chunk; `state` says where it is."""

    def __init__(self) -> None:
        self.state = TurnState.RUNNING

    def feed(self, chunk: Chunk) -> TurnState:
        """Take the next chunk and return the state after it. OVER is final; a `finish` or `abort` ends ERROR."""
        if self.state is not TurnState.OVER and is_terminal(chunk):
            self.state = TurnState.ERROR if chunk.type == "error" else TurnState.OVER
        return self.state


def endings(chunks: Iterable[Chunk]) -> tuple[range, ...]:
    """The places of the terminal endings, as ranges of indices: `error [finish-step] finish` is one range, not two.

    An `error` whose `finish` does not follow at once (but for a finish-step and metadata) is an ending by itself.
    """
    found: list[range] = []
    error_at: int | None = None
    for index, chunk in enumerate(chunks):
        if chunk.type == "finish" and error_at is not None:
            found[-1] = range(error_at, index + 1)
        elif is_terminal(chunk):
            found.append(range(index, index + 1))
        if chunk.type == "error":
            error_at = index
        elif chunk.type not in _BETWEEN:
            error_at = None
    return tuple(found)


def terminal_groups(chunks: Iterable[Chunk]) -> int:
    """How often these chunks end a turn: 1 for a turn that ends as it should."""
    return len(endings(chunks))

"""AI SDK v6 envelopes: what a chunk is, in which order chunks may come, and when a turn has ended.

The truth is the `ai` package on npm, 6.0.326 with zod 4.6.7: tests/envelopes/test_agreement.py runs both on the same
sequences. Where an earlier 6.x client would accept what this one rejects, the rejection is marked `disputed`, so that a
judge can tell a broken server from one that only some clients refuse.
"""

from conformance.envelopes.chunks import Chunk, NotAChunk, is_sentinel, parse
from conformance.envelopes.endings import TurnEnding, TurnState, endings, is_terminal, terminal_groups
from conformance.envelopes.model import CHUNK_TYPES, DATA_PREFIX, ChunkType, Field, Kind
from conformance.envelopes.order import Order, OutOfOrder

__all__ = [
    "CHUNK_TYPES",
    "DATA_PREFIX",
    "Chunk",
    "ChunkType",
    "Field",
    "Kind",
    "NotAChunk",
    "Order",
    "OutOfOrder",
    "TurnEnding",
    "TurnState",
    "endings",
    "is_sentinel",
    "is_terminal",
    "parse",
    "terminal_groups",
]

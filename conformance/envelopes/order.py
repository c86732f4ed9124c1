"""The order of one turn's chunks, exactly as the SDK's own client enforces it.

Source: `processUIMessageStream`, as `readUIMessageStream` runs it (`ai` package, src/ui/process-ui-message-stream.ts).
It does not ask that `start` comes first, that steps balance, that parts are closed, or that nothing follows the end.
"""

from __future__ import annotations

from typing import Any, Final

from conformance.envelopes.chunks import Chunk, quote

_UNMERGED_KEYS: Final = frozenset({"__proto__", "constructor", "prototype"})
_PARTS: Final = frozenset({"text", "reasoning"})
_CALLS_TOOL: Final = frozenset({"tool-input-start", "tool-input-available", "tool-input-error"})
_NEEDS_CALL: Final = frozenset(
    {"tool-approval-request", "tool-output-available", "tool-output-error", "tool-output-denied"}
)


class OutOfOrder(ValueError):  # noqa: N818 (named after what the chunk is)
    """The SDK's client stops with an error at this chunk.

    disputed: only because an earlier `start` named another message; clients before 6.0.303 keep the message then.
    """

    def __init__(self, reason: str, *, disputed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.disputed = disputed


class Order:
    """Takes the chunks of one turn's message, in order, from an empty message.

    The SDK's client reads nothing after an error; here, what is fed after an OutOfOrder is judged as if that chunk were
    absent. A turn that goes on with the message of an earlier one (an answered approval) needs the chunks of both.

    An `error` chunk is no error here: the client reports it and reads on. Nor are `data-*` chunks, sources and files.
    """

    def __init__(self) -> None:
        self._message_id = ""
        self._open: set[tuple[str, str]] = set()
        self._dropped: set[tuple[str, str]] = set()
        self._metadata: Any = None

    def feed(self, chunk: Chunk) -> None:
        """Take the next chunk.

        Raises:
            OutOfOrder: the SDK's client would stop here.
        """
        kind, _, step = chunk.type.rpartition("-")
        if chunk.type == "start":
            self._start(chunk)
        elif chunk.type in ("finish", "message-metadata"):
            self._merge_metadata(chunk)
        elif kind in _PARTS:
            self._part(chunk, kind, step)
        elif chunk.type == "finish-step":
            # Open text and reasoning end here; tool inputs stay open, even into the next step.
            self._open = {reference for reference in self._open if reference[0] not in _PARTS}
            self._dropped = {reference for reference in self._dropped if reference[0] not in _PARTS}
        elif chunk.type in _CALLS_TOOL:
            if chunk.type == "tool-input-start":
                self._open.add(("tool input", chunk.fields["toolCallId"]))
            self._open.add(("tool call", chunk.fields["toolCallId"]))
        elif chunk.type == "tool-input-delta":
            self._need("tool input", chunk.fields["toolCallId"], chunk.type, "no tool-input-start came before it")
        elif chunk.type in _NEEDS_CALL:
            self._need("tool call", chunk.fields["toolCallId"], chunk.type, "no tool call with this id came before it")

    def _start(self, chunk: Chunk) -> None:
        message_id = chunk.fields.get("messageId", self._message_id)
        if message_id != self._message_id:
            # Another id is another message: the client drops all that it had read, the very first time from "".
            self._dropped |= self._open
            self._open = set()
            self._metadata = None
            self._message_id = message_id
        self._merge_metadata(chunk)

    def _part(self, chunk: Chunk, kind: str, step: str) -> None:
        reference = (kind, chunk.fields["id"])
        if step == "start":
            self._open.add(reference)
            return
        self._need(*reference, chunk.type, f"its part is not open (no {kind}-start, or already ended)")
        if step == "end":
            self._open.remove(reference)

    def _need(self, kind: str, identifier: str, chunk_type: str, otherwise: str) -> None:
        if (kind, identifier) in self._open:
            return
        disputed = (kind, identifier) in self._dropped
        if disputed:
            otherwise = "it came before a start with another messageId, which begins another message"
        raise OutOfOrder(f"{chunk_type} of {quote(identifier)}: {otherwise}", disputed=disputed)

    def _merge_metadata(self, chunk: Chunk) -> None:
        """Merge as the SDK does: it looks each new key up in the old metadata; JavaScript throws if it is a scalar."""
        metadata = chunk.fields.get("messageMetadata")
        if metadata is None:
            return
        if self._metadata is None:
            self._metadata = metadata
            return
        if not isinstance(self._metadata, dict | list) and _has_keys(metadata):
            raise OutOfOrder(
                f"{chunk.type}: its messageMetadata cannot be merged into the earlier one, no object and no array"
            )
        self._metadata = {}


def _has_keys(metadata: Any) -> bool:
    """Whether JavaScript's `for … in` meets a key that the SDK would merge. A string has its indices as keys."""
    if isinstance(metadata, dict):
        return not metadata.keys() <= _UNMERGED_KEYS
    return isinstance(metadata, list | str) and len(metadata) > 0

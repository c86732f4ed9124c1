"""What a whole run may receive: the memory of the machine that runs it is not the target's to fill."""

from __future__ import annotations

from collections.abc import Iterable

FRAME_WEIGHT = 1_200
"""Bytes of memory that an SSE event costs beside its data, as measured on a recording and the views of it."""
PIECE_WEIGHT = 150
NODE_WEIGHT = 60
"""Bytes of memory that each value of a JSON text costs when it is read; a comma or an opening bracket precedes it."""
ESCAPED = 6
"""Bytes in the file for a control character."""
WIDE = 4
"""Bytes of memory for a character, once one of a text lies beyond U+FFFF."""


_CONTROLS = bytes({*range(32), 127} - {10})


class Intake:
    """Counts what came in bytes of the memory that it will cost, against ``most``.

    A megabyte of ``[[],[],…`` costs a hundred; ordinary JSON costs about four times its length.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    @property
    def full(self) -> bool:
        return self.taken > self.most

    def take(self, data: bytes) -> bytes:
        """Count bytes that arrived together; what of them there is room for."""
        nodes = data.count(b",") + data.count(b"[") + data.count(b"{")
        width = 1 if data.isascii() else WIDE
        controls = len(data) - len(data.translate(None, _CONTROLS))
        weight = PIECE_WEIGHT + len(data) * width + controls * ESCAPED + nodes * NODE_WEIGHT
        room = self.most - self.taken
        self.taken += weight
        return data if weight <= room else data[: max(0, room) * len(data) // weight]

    def take_headers(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Count the header fields of an answer."""
        self.taken += sum(PIECE_WEIGHT + len(name) + len(value) for name, value in fields)

    def take_frames(self, count: int) -> bool:
        """Count SSE events; whether there is room for more."""
        self.taken += count * FRAME_WEIGHT
        return not self.full

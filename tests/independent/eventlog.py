"""The log of one session's envelopes: ids, positions and waiting for more, as a Redis stream would have them."""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

Envelope = dict[str, Any]
STAMP = re.compile(r"([0-9]{1,20})(?:-([0-9]{1,20}))?")


class UnknownCursorError(Exception):
    """The cursor is none that this log could have given out."""


@dataclass(frozen=True)
class Entry:
    """One envelope at its place."""

    id: str
    stamp: tuple[int, int]
    turn: int
    envelope: Envelope
    last: bool


class EventLog:
    """Grows at its end only; readers come with an id and read on after it."""

    def __init__(self, opaque: bool) -> None:
        self.entries: list[Entry] = []
        self._opaque = opaque
        self._salt = secrets.token_bytes(8)
        self._places: dict[str, int] = {self.origin: 0}
        self._grown = asyncio.Event()

    @property
    def origin(self) -> str:
        """The cursor before the first entry."""
        return self._seal(0) if self._opaque else "0-0"

    def append(self, turn: int, envelopes: list[Envelope], last: bool) -> None:
        """Adds a burst: all in one millisecond, told apart by their sequence numbers."""
        now = int(time.time() * 1000)
        for position, envelope in enumerate(envelopes, start=1):
            stamp = (now, 0)
            if self.entries and self.entries[-1].stamp >= stamp:
                before = self.entries[-1].stamp
                stamp = (before[0], before[1] + 1)
            name = self._seal(len(self.entries) + 1) if self._opaque else f"{stamp[0]}-{stamp[1]}"
            self.entries.append(Entry(name, stamp, turn, envelope, last and position == len(envelopes)))
            self._places[name] = len(self.entries)
        self._grown.set()
        self._grown = asyncio.Event()

    def after(self, cursor: str, whole_millisecond: bool = False) -> int:
        """The place of the first entry strictly after the cursor."""
        if self._opaque:
            if cursor not in self._places:
                raise UnknownCursorError
            return self._places[cursor]
        match = STAMP.fullmatch(cursor)
        if match is None:
            raise UnknownCursorError
        sequence = float("inf") if whole_millisecond else int(match[2] or 0)
        return bisect.bisect_right([entry.stamp for entry in self.entries], (int(match[1]), sequence))

    async def growth(self, seen: int, patience: float) -> bool:
        """Waits until there is more than was seen; false when patience ran out."""
        if len(self.entries) > seen:
            return True
        try:
            await asyncio.wait_for(self._grown.wait(), patience)
        except asyncio.TimeoutError:
            return False
        return True

    def _seal(self, place: int) -> str:
        """An id without order or time in it."""
        return hashlib.blake2b(b"%d" % place, key=self._salt, digest_size=9).hexdigest()

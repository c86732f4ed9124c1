"""Sessions that ran beside each other, recorded one by one: which of them seem to show something of one another.

Nothing is judged here. Recordings of which one holds an id of another are put together, and CUR-09's scenarios judge
them as they judge any recording of several sessions.
"""

from __future__ import annotations

import pickle
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from conformance.evidence import all_turns
from conformance.recording import Exchange, Recording

KEPT: Final = 400
"""Recordings of earlier sessions that are kept, compressed: about 15 KB each, and as much for the words in it."""
MET_MOST: Final = 16
"""Earlier sessions that are put together with a new one; where an id is in all of them, the last ones show it."""
LEAST: Final = 16
"""Characters of an id that is looked for."""
_WORD = re.compile(rb"[0-9a-zA-Z_\-]{16,}")
"""What may be an id that no two sessions give by chance; the scenarios look closer."""


@dataclass(frozen=True)
class _Known:
    packed: bytes
    own: frozenset[bytes]
    """The ids that its 202s gave, and what its main tails began with."""
    shown: frozenset[bytes]
    """The long words in its tails."""

    def unpacked(self) -> Recording:
        """What was kept in this process, by this process."""
        recording: Recording = pickle.loads(zlib.decompress(self.packed))
        return recording


class Neighbours:
    """The last sessions, in the order in which they were judged."""

    def __init__(self, kept: int = KEPT) -> None:
        self._known: deque[_Known] = deque(maxlen=kept)

    def suspects(self, recording: Recording, name: str) -> Recording | None:
        """``recording`` together with all earlier ones that hold an id of it, or of which it holds one; then it is known.

        None where there are none. All at once: what two of them were given alike tells nothing apart. Journeys are given
        ``name`` before their own: two sessions may have the same ones.
        """
        named = replace(
            recording, exchanges=tuple(replace(e, journey=f"{name}/{e.journey}") for e in recording.exchanges)
        )
        packed = zlib.compress(pickle.dumps(named, protocol=pickle.HIGHEST_PROTOCOL), 1)
        new = _Known(packed, _own(named), _shown(named))
        met = [one for one in self._known if (one.own & new.shown) or (new.own & one.shown)]
        self._known.append(new)
        if not met:
            return None
        before = [e for one in met[-MET_MOST:] for e in one.unpacked().exchanges]
        all_of_them = before + list(named.exchanges)
        return replace(named, exchanges=tuple(sorted(all_of_them, key=lambda e: (e.sent_at, e.name))))


def _own(recording: Recording) -> frozenset[bytes]:
    own: set[bytes] = set()
    for turn in all_turns(recording):
        first = next((e for e in turn.envelopes if e.type == "start"), None)
        given = [turn.post.data.get("chat_turn_id"), turn.post.data.get("user_message_id")]
        given += [first.value.get("messageId")] if first is not None else []
        own.update(one.encode("utf-8", "replace") for one in given if isinstance(one, str))
    return frozenset(one for one in own if _WORD.fullmatch(one))


def _shown(recording: Recording) -> frozenset[bytes]:
    return frozenset(word for exchange in recording.exchanges if _is_tail(exchange) for word in _words(exchange))


def _is_tail(exchange: Exchange) -> bool:
    return exchange.operation == "tail-events" and exchange.status == 200


def _words(exchange: Exchange) -> Iterator[bytes]:
    if exchange.received is not None:
        for word in _WORD.findall(exchange.received.body):
            yield word
            yield from (part for part in word.split(b"_") if len(part) >= LEAST and part != word)

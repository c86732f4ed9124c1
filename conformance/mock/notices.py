"""Notices of what was written: one stream for all sessions, which each server process reads with one blocking read.

A notice carries the events themselves and the id of the event before them, so a tail that stands there need not read its
session's stream. It is a hint and never the truth: a tail that missed one reads on in the stream by its cursor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from conformance.mock.ids import split_event_id
from conformance.mock.store import WRITTEN

Entry = tuple[str, Mapping[str, str]]
"""An event's id and what is stored under it."""

NOTICES: Final = 4_096
"""Approximate number of notices that are kept, for all sessions together; a reader further behind has missed some."""


@dataclass(frozen=True)
class Notice:
    """``entries``, oldest first, were written to the session's stream right behind the event ``before``."""

    before: str
    entries: Sequence[Entry]

    def after(self, position: str) -> Sequence[Entry] | None:
        """What of it comes after that event; None where something may lie between."""
        place = split_event_id(position)
        if split_event_id(self.before) > place:
            return None
        if self.before == position:
            return self.entries
        return [entry for entry in self.entries if split_event_id(entry[0]) > place]


def noticed(session: str, before: str, entries: Sequence[Entry]) -> tuple[Any, ...]:
    """The command that leaves the notice; to be sent in the transaction that writes the entries."""
    text = json.dumps([before, entries], ensure_ascii=False, separators=(",", ":"))
    return ("XADD", WRITTEN, "MAXLEN", "~", NOTICES, "*", "session", session, "notice", text)


def read_notice(text: str) -> Notice:
    """The notice behind what :func:`noticed` wrote."""
    before, entries = json.loads(text)
    return Notice(before, [(event, entry) for event, entry in entries])

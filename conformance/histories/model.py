"""What a client has proof of in a session: what it was answered and has read to the end, and nothing that it guesses."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from conformance.histories.steps import EIGHTHS
from conformance.journeys.tails import Goal
from conformance.journeys.turns import OMITTED, Message, Omitted, Read, SessionPlay
from conformance.recording import Exchange


@dataclass
class TurnModel:
    """An accepted message. ``read`` is what was received of its turn, once its end was; ``kinds`` the tails it has had."""

    number: int
    message: Message
    post: Exchange
    read: Read | None = None
    kinds: set[str] = field(default_factory=set)
    pieces: int = 0
    """Connections of tails that were cut, and of reconnects, of this turn."""

    def id_at(self, eighths: int) -> str | None:
        """The id at that cut of the turn; None where no envelope of it has one, or its end was not read."""
        ids = self.read.ids if self.read is not None else ()
        return ids[min(len(ids) - 1, len(ids) * eighths // EIGHTHS)] if ids else None


@dataclass
class RunningTurn:
    """A turn whose end was not read yet: the tail that waits for it, and the tails that wait for its last id.

    ``beside``: a message that was sent while it ran, if that was accepted: then nothing is known of where one ends.
    """

    turn: TurnModel
    goal: Goal
    main: asyncio.Task[Read]
    others: list[asyncio.Task[object]] = field(default_factory=list)
    rival: asyncio.Task[object] | None = None


@dataclass
class SessionModel:
    """``lost``: why nothing more can be proven about it, if so: a turn that did not end, a post of unknown fate."""

    play: SessionPlay
    turns: list[TurnModel] = field(default_factory=list)
    running: RunningTurn | None = None
    before: Read | None = None
    """The last turn that was read to its end: what a client holds when it posts the next one."""
    lost: str | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def over(self) -> list[TurnModel]:
        """The turns that were read to their end, the last one first."""
        return [turn for turn in reversed(self.turns) if turn.read is not None]

    @property
    def with_ids(self) -> list[TurnModel]:
        """The turns whose message had a client_message_id, the last one first."""
        return [turn for turn in reversed(self.turns) if isinstance(turn.message.client_message_id, str)]

    promised: str | None = None
    """A client_message_id that another tenant has sent, and that the next message of this session is to have."""

    def next_id(self, kind: str) -> str | Omitted | None:
        """What a message carries as its client_message_id: none, null, or one that no message of ours had."""
        if kind == "absent":
            return OMITTED
        if kind == "null":
            return None
        promised, self.promised = self.promised, None
        return promised or str(uuid.uuid4())

    def count(self, what: str) -> int:
        """1, 2, 3 … for each thing that is numbered in the session's steps."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what]

"""What a crowd finds broken: sessions that are played side by side, each held against the contract by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from conformance.mock.embedded import RunningMock
from tests.mock.caller import number
from tests.mock.crowd import Event, Member, NoTail, Reply

TURNS = 3
WHOLE = 40
"""Envelopes of a turn of the mock."""
_OPENS = {"text-start": "id", "reasoning-start": "id", "tool-input-start": "toolCallId"}
_NEEDS = {
    "text-delta": "id",
    "text-end": "id",
    "reasoning-delta": "id",
    "reasoning-end": "id",
    "tool-input-delta": "toolCallId",
    "tool-input-available": "toolCallId",
    "tool-output-available": "toolCallId",
}


@dataclass
class _Session:
    """One session of the first tenant, and whoever else tries it. ``silence``: seconds after which a tail is given up."""

    mine: Member
    theirs: Member
    silence: float
    found: Counter[str] = field(default_factory=Counter)
    request_ids: list[str] = field(default_factory=list)

    def _note(self, reply: Reply) -> Reply:
        self.request_ids.append(reply.body["meta"]["request_id"])
        self.found["RATE-02"] += reply.status == 429 and "retry-after" not in reply.headers
        return reply

    async def play(self) -> Counter[str]:
        session = str(self._note(await self.mine.ask("POST", "/chat/sessions", {"agent_id": 1})).data["id"])
        before: set[str] = set()
        for turn in range(TURNS):
            posts = [self._post(session, turn) for _ in range(2 if turn == TURNS - 1 else 1)]
            replies = [self._note(reply) for reply in await asyncio.gather(*posts)]
            accepted = [reply.data for reply in replies if reply.status == 202]
            if not accepted:
                self.found["ACC-01"] += all(reply.status != 429 for reply in replies)
                continue
            self.found["IDEM-05"] += len(accepted) > 1
            stranger = await self.theirs.ask("GET", f"/chat/sessions/{session}/messages")
            self.found["AUTH-03"] += stranger.status != 404
            try:
                before |= await self._tails(session, accepted[0]["since_cursor"], before)
            except NoTail:
                self.found["EVT-01"] += 1
        self.found["ENV-02"] += len(set(self.request_ids)) < len(self.request_ids)
        return +self.found

    async def _post(self, session: str, turn: int) -> Reply:
        return await self.mine.post(session, client_message_id=f"m{turn}")

    async def _tails(self, session: str, since: str | None, before: set[str]) -> set[str]:
        """The turn, cut once and resumed, and then again from its cursor."""
        first = await self.mine.turn(session, since, silence=self.silence)
        cut = len(first) // 3
        rest = await self.mine.turn(session, first[cut].id, silence=self.silence) if first else []
        for broken in _of_tail(first, before):
            self.found[broken] += 1
        self.found["CUR-07"] += rest != first[cut + 1 :]
        self.found["CUR-08"] += await self.mine.turn(session, since, silence=self.silence) != first
        return {event.id for event in first}


def _of_tail(events: Sequence[Event], before: set[str]) -> Iterator[str]:
    if before & {event.id for event in events}:
        yield "CUR-01"
    elif len(events) != WHOLE:
        yield "CUR-02"
    if not events or not events[-1].ends:
        yield "EVT-05"
    numbers = [number(event.id) for event in events]
    if numbers != sorted(set(numbers)):
        yield "EVT-02"
    opened: set[str] = set()
    for event in events:
        if event.kind in _OPENS:
            opened.add(event.chunk[_OPENS[event.kind]])
        elif event.kind in _NEEDS and event.chunk[_NEEDS[event.kind]] not in opened:
            yield "EVT-04"
            break
    if len(events) == WHOLE and events[-1].arrived - events[0].arrived < 0.05:
        yield "EVT-07"


async def _crowd(mock: RunningMock, users: int, silence: float) -> Counter[str]:
    def session() -> _Session:
        return _Session(Member(mock.base_url, mock.keys["first"]), Member(mock.base_url, mock.keys["second"]), silence)

    found = await asyncio.gather(*(session().play() for _ in range(users)))
    return sum(found, Counter[str]())


def breaches(mock: RunningMock, users: int, silence: float = 20.0) -> Counter[str]:
    """How often each requirement was broken where so many users play a session each."""
    return asyncio.run(_crowd(mock, users, silence))

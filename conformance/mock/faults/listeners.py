"""What becomes of a turn whose listeners go, and of a client that comes back after turns (CUR-07, CUR-11)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.positions import newest_event, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_reader, with_start


@fault(
    "CUR-07", "EVT-05", mistake="the answer is generated within the first tail's request, which a disconnect cancels"
)
def turn_dies_with_its_last_listener(server: Behaviour) -> Behaviour:
    """When the last tail of a session is closed while a turn runs, nothing more of that turn is written."""
    listening: dict[str, int] = {}
    seen: dict[str, set[str]] = {}
    over: dict[str, str] = {}
    """Dead turns: the last event that is shown of each."""

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            listening[tail.session] = listening.get(tail.session, 0) + 1
            running: dict[str, str] = {}
            try:
                async for item in read(tail):
                    if isinstance(item, Frame) and item.event is not None:
                        turn = item.entry["turn"]
                        if turn in over and item.event not in seen.get(turn, set()):
                            continue
                        seen.setdefault(turn, set()).add(item.event)
                        running[turn] = item.event
                        if item.entry["last"] == "1":
                            over.pop(turn, None)
                            running.pop(turn, None)
                    yield item
            finally:
                listening[tail.session] -= 1
                if not listening[tail.session]:
                    over.update(running)

        return sends()

    return with_reader(server, reader)


@fault(
    "CUR-07", mistake="on connect at most so many events of the past are read, and then the newest ones are waited for"
)
def backlog_capped_at_fifty(server: Behaviour) -> Behaviour:
    """Of what lies behind a cursor the first fifty events come, and then only what is written after that."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            newest = await newest_event(client, tail.session)
            past = 0
            reached = newest == "0-0"
            async for item in read(tail):
                if isinstance(item, Frame) and not reached:
                    past += 1
                    reached = item.event == newest
                    if past > 50:
                        continue
                yield item

        return sends()

    return with_reader(server, reader)


@fault(
    "CUR-07", mistake="only the events of the newest turn are looked through for the cursor, and an older one is 'now'"
)
def cursor_of_an_older_turn_is_now(server: Behaviour) -> Behaviour:
    """A cursor of a turn before the newest two is answered by what is written after the tail was opened."""
    turns: dict[str, str] = {}

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        newest = await newest_event(client, session)
        ids = await turns_of(client, session)
        if len(ids) >= 3:
            first = turns.setdefault(f"{session} {ids[-2]}", newest)
            milliseconds = int(after.partition("-")[0])
            if (asked.since or asked.header) and 0 < milliseconds < int(first.partition("-")[0]) - 1_500:
                return newest
        return after

    return with_start(server, start)


@fault("CUR-11", mistake="a tail subscribes to the turn that is current when it is opened, and to no later one")
def tail_belongs_to_one_turn(server: Behaviour) -> Behaviour:
    """A tail that is opened while no turn runs shows nothing of the turns that are posted later."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            known = set(await turns_of(client, tail.session))
            idle = not await turns_running(client, tail.session)
            async for item in read(tail):
                if idle and isinstance(item, Frame) and item.entry["turn"] not in known:
                    continue
                yield item

        return sends()

    return with_reader(server, reader)


@fault("CUR-04", mistake="without a cursor a tail is live from now on, once the session's first turn is over")
def uncursored_tail_is_live_only_after_the_first_turn(server: Behaviour) -> Behaviour:
    """When the first turn of a session has ended, a tail without a cursor has only what comes later."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        if asked.since or asked.header or len(await turns_of(client, session)) != 1:
            return after
        return after if await turns_running(client, session) else await newest_event(client, session)

    return with_start(server, start)

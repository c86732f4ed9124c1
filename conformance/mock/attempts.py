"""An optimistic transaction in two round trips: watch and read in one packet, then write in one, if nothing has changed.

A pipeline of redis-py sends each read under ``WATCH`` by itself. A turn writes some thirty steps, and with three reads
each that was most of what a turn cost a server.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError, WatchError
from redis.exceptions import TimeoutError as RedisTimeoutError

from conformance.mock.store import ANSWER_SECONDS

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    # redis-py needs it there, too.
    from async_timeout import timeout

Command = tuple[Any, ...]


class Attempt:
    """One connection with keys under watch. ``replies`` are those of the reads, as the protocol gives them."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self.replies: Sequence[Any] = ()
        self.clean = False
        """Whether nothing is watched and no reply is outstanding."""

    async def watch(self, keys: Sequence[str], reads: Sequence[Command]) -> None:
        """:raises RedisError: the store failed, or a read did."""
        _, *self.replies = await self._exchange([("WATCH", *keys), *reads])

    async def commit(self, writes: Sequence[Command]) -> None:
        """Carry all of them out, or none.

        :raises WatchError: a watched key has changed.
        :raises RedisError: the store failed, or a write did.
        """
        *_, results = await self._exchange([("MULTI",), *writes, ("EXEC",)])
        self.clean = True
        if results is None:
            raise WatchError("a watched key has changed")
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def unwatch(self) -> None:
        """Leave the keys alone, and write nothing."""
        await self._exchange([("UNWATCH",)])
        self.clean = True

    async def _exchange(self, commands: Sequence[Command]) -> list[Any]:
        connection = self._connection
        await connection.send_packed_command(connection.pack_commands(commands))
        replies: list[Any] = []
        refused: ResponseError | None = None
        try:
            # One time limit for all replies: that of redis-py for each of them costs as much as the reading.
            async with timeout(ANSWER_SECONDS):
                for _ in commands:
                    try:
                        replies.append(await connection.read_response(timeout=math.inf))
                    except ResponseError as error:
                        # The replies behind it are read all the same: they belong to this exchange.
                        refused = refused or error
        except asyncio.TimeoutError:
            raise RedisTimeoutError("the store does not answer") from None
        if refused is not None:
            raise refused
        return replies


@contextlib.asynccontextmanager
async def attempt(client: Redis, keys: Sequence[str], reads: Sequence[Command]) -> AsyncIterator[Attempt]:
    """Watch the keys and read; what is not committed within the block is not written.

    :raises RedisError: the store failed.
    """
    pool = client.connection_pool
    connection = cast("AbstractConnection", await pool.get_connection())  # type: ignore[no-untyped-call]
    one = Attempt(connection)
    try:
        await one.watch(keys, reads)
        yield one
        if not one.clean:
            await one.unwatch()
    finally:
        if not one.clean:
            # Whatever is watched or still to be answered on it is nobody else's.
            await connection.disconnect(nowait=True)
        await pool.release(connection)

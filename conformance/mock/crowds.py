"""Notices that many sessions are at work in a process at once: what some mistakes need to show."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.messages import Submission
from conformance.mock.wrapping import with_accepted

CROWD: Final = 10
"""So many sessions are a crowd. A run of the scenarios posts to five at a time."""
_SECONDS: Final = 4.0
"""A session is at work for so long after a message of its was accepted."""


class Crowd:
    """The sessions at work in this process: those with a message in the last seconds."""

    def __init__(self) -> None:
        self._posted: OrderedDict[str, float] = OrderedDict()

    def note(self, session: str) -> None:
        """A message of that session was accepted."""
        self._posted[session] = time.monotonic()
        self._posted.move_to_end(session)

    @property
    def there(self) -> bool:
        """Whether a crowd is at work."""
        past = time.monotonic() - _SECONDS
        while self._posted and next(iter(self._posted.values())) < past:
            self._posted.popitem(last=False)
        return len(self._posted) >= CROWD


def with_crowd(server: Behaviour) -> tuple[Behaviour, Crowd]:
    """The server, and the crowd that it serves."""
    crowd = Crowd()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        crowd.note(session)
        return data

    return with_accepted(server, note), crowd

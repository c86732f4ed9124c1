"""From asyncio's thread to Locust's greenlets: a greenlet waits for a future without stopping the others."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from typing import Any, TypeVar

import gevent
from gevent.event import Event

T = TypeVar("T")


class Bridge:
    """One for a gevent hub; made in the thread of that hub."""

    def __init__(self) -> None:
        self._done: deque[Event] = deque()
        # The only watcher of gevent's that another thread may wake.
        self._watcher: Any = gevent.get_hub().loop.async_()
        self._watcher.start(self._wake)

    def wait(self, future: Future[T], seconds: float | None = None) -> T:
        """What the future gives. A greenlet that is killed while it waits cancels it.

        :raises TimeoutError: it is not done in that time.
        """
        event = Event()

        def done(_: Future[T]) -> None:
            self._done.append(event)
            self._watcher.send()

        future.add_done_callback(done)
        came = False
        try:
            came = event.wait(seconds)
        finally:
            if not came:
                future.cancel()
        if not came:
            raise TimeoutError(f"not done within {seconds} s")
        return future.result()

    def _wake(self) -> None:
        while self._done:
            self._done.popleft().set()

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()

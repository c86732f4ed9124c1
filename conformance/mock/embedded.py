"""A mock server inside the calling process, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from conformance.mock.accounts import MOCK_KEYS
from conformance.mock.server import MockServer, base_url, bind
from conformance.mock.settings import Settings

_START_SECONDS = 15.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class RunningMock:
    """A server that answers: its address (the API is under ``/public-api`` of it) and its keys by name."""

    base_url: str
    keys: Mapping[str, str] = field(default_factory=lambda: dict(MOCK_KEYS))


@contextlib.contextmanager
def running(settings: Settings | None = None) -> Iterator[RunningMock]:
    """Run a mock in a thread with an event loop of its own; it is stopped when the block is left.

    :raises OSError: the address cannot be had.
    :raises RuntimeError: the server did not start, or did not stop in time.
    """
    settings = settings or Settings()
    listening = bind(settings.host, settings.port)
    ready = threading.Event()
    servers: list[MockServer] = []

    def serve() -> None:
        async def main() -> None:
            # Made inside the loop: an event belongs to the loop that it was made in.
            server = MockServer(settings, ready.set)
            servers.append(server)
            await server.serve(sockets=[listening])

        try:
            asyncio.run(main())
        finally:
            ready.set()

    thread = threading.Thread(target=serve, name="neo-mock", daemon=True)
    thread.start()
    try:
        ready.wait(_START_SECONDS)
        if not servers or not servers[0].started:
            raise RuntimeError("the mock server did not start")
        yield RunningMock(base_url(settings.host, listening))
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(_STOP_SECONDS)
        listening.close()
    if thread.is_alive():
        raise RuntimeError("the mock server did not stop")

"""One server process: a uvicorn that stops quickly, whatever tails are open."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import uvicorn

from conformance.mock.app import build_app
from conformance.mock.assembly import behaviour_of
from conformance.mock.settings import MAX_HEADER_BYTES, Settings

BACKLOG: Final = 2_048
"""Connections that wait to be accepted: a crowd that comes at one moment, or comes back at one, is not turned away."""


class MockServer(uvicorn.Server):
    """Serves the mock on a socket that is already bound.

    :param ready: called once, in the server's own thread, when connections are being accepted.
    """

    def __init__(self, settings: Settings, ready: Callable[[], None]) -> None:
        self._stopping = asyncio.Event()
        self._ready = ready
        super().__init__(
            uvicorn.Config(
                build_app(settings, behaviour_of(settings), self._stopping),
                lifespan="on",
                # The one parser that is always there, so that the mock is the same wherever it runs.
                http="h11",
                loop="asyncio",
                ws="none",
                log_level="warning",
                access_log=False,
                server_header=False,
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
                backlog=BACKLOG,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=2,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the tails first: uvicorn waits for open answers."""
        self._stopping.set()
        await super().shutdown(sockets)


def bind(host: str, port: int) -> socket.socket:
    """A bound, not yet listening TCP socket; ``port`` 0 takes a free one.

    :raises OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's delay off; without it every answer would wait 40 ms for an ACK.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.set_inheritable(True)
    except OSError:
        bound.close()
        raise
    return bound


def base_url(host: str, bound: socket.socket) -> str:
    """The address for clients on this machine, without a path: ``http://127.0.0.1:43211``."""
    port = bound.getsockname()[1]
    if host in ("0.0.0.0", ""):
        host = "127.0.0.1"
    elif host == "::":
        host = "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

"""Running a mock as a program: in this process, or in several that share a socket and a Redis."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from conformance.mock.server import BACKLOG, MockServer, base_url, bind
from conformance.mock.settings import Settings

SETTINGS_VARIABLE: Final = "NEO_CONFORMANCE_MOCK_SETTINGS"
_RESTART_SECONDS: Final = 0.5
_STOP_SECONDS: Final = 8.0
MOST_FILES: Final = 65_536


class StartError(Exception):
    """The server cannot start; the text is one line for people."""


def serve(settings: Settings, announce: Callable[[str], None], *, until_stdin_closes: bool) -> None:
    """Serve until a signal, or until standard input ends when that is asked for.

    :param announce: called once with the base URL, when connections are accepted.
    :raises StartError: the Redis or the address cannot be had.
    """
    _allow_files()
    if settings.redis_url is not None:
        _require_redis(settings)
    try:
        listening = bind(settings.host, settings.port)
    except (OSError, OverflowError, UnicodeError) as wrong:
        raise StartError(f"cannot listen on {settings.host} port {settings.port}: {wrong}") from wrong
    address = base_url(settings.host, listening)
    with listening:
        if settings.workers == 1:
            serve_here(settings, listening, lambda: announce(address), until_stdin_closes=until_stdin_closes)
        else:
            _Workers(settings, listening).run(lambda: announce(address), until_stdin_closes=until_stdin_closes)


def _allow_files() -> None:
    """Each tail is an open file: take as many as this process and its workers may have."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def serve_here(
    settings: Settings, listening: socket.socket, ready: Callable[[], None], *, until_stdin_closes: bool
) -> None:
    """Serve in this process, which is its main thread's whole business."""

    async def main() -> None:
        server = MockServer(settings, ready)
        if until_stdin_closes:
            _when_stdin_closes(lambda: setattr(server, "should_exit", True))
        await server.serve(sockets=[listening])

    # uvicorn raises the signal again after a clean stop; for a program that is how it ends.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())


def _when_stdin_closes(stop: Callable[[], None]) -> None:
    def watch() -> None:
        # The descriptor and not sys.stdin: its lock would be held at exit.
        while True:
            try:
                if not os.read(0, 4096):
                    break
            except OSError:
                break
        stop()

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def _require_redis(settings: Settings) -> None:
    from redis.exceptions import RedisError

    from conformance.mock.store import open_store

    async def ping() -> None:
        client = open_store(settings)
        try:
            await client.ping()
        finally:
            await client.aclose()

    try:
        asyncio.run(ping())
    except ValueError as wrong:
        raise StartError(f"--redis-url is no Redis URL: {wrong}") from wrong
    except (RedisError, OSError) as wrong:
        raise StartError("no Redis answers at --redis-url") from wrong


class _Workers:
    """Several server processes on one socket; one that dies is started again.

    Each has a pipe from this process as its standard input and ends when that closes, so none outlives its parent.
    """

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self._settings = settings
        self._listening = listening
        self._stop = threading.Event()

    def run(self, ready: Callable[[], None], *, until_stdin_closes: bool) -> None:
        """Start them, wait for the first of each to be ready, and keep them until asked to stop."""
        self._listening.listen(BACKLOG)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        if until_stdin_closes:
            _when_stdin_closes(self._stop.set)
        workers = [self._start() for _ in range(self._settings.workers)]
        try:
            for worker in workers:
                # A worker says one line when it serves; the end of its output means that it could not.
                if worker.stdout is None or not worker.stdout.readline():
                    raise StartError("a worker process did not start")
            ready()
            while not self._stop.wait(_RESTART_SECONDS):
                workers = [self._start() if worker.poll() is not None else worker for worker in workers]
        finally:
            _end(workers)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "conformance.mock.worker", str(self._listening.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._listening.fileno(),),
            env={**os.environ, SETTINGS_VARIABLE: self._settings.to_json()},
            # Ctrl+C is for the parent, which then stops each of them in order.
            start_new_session=True,
        )


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        with contextlib.suppress(OSError):
            if worker.stdin is not None:
                worker.stdin.close()
    deadline = time.monotonic() + _STOP_SECONDS
    for worker in workers:
        try:
            worker.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        if worker.stdout is not None:
            worker.stdout.close()

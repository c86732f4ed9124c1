"""Runs the server on real sockets, in a thread of the calling process."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from aiohttp import web

from . import messages, sessions, stream, uploads
from .accounts import KEY, OTHER_KEY
from .answers import Clerk, Refusal
from .faults import Fault
from .house import CALL, HOUSE, Call, House
from .variants import PLAIN, Manners

PREFIX = "/public-api"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Address(NamedTuple):
    """Where the server is, and two keys of different tenants."""

    base_url: str
    key: str
    other_key: str


@contextmanager
def running(manners: Manners = PLAIN, fault: Fault | None = None, turn_seconds: float = 0.4) -> Iterator[Address]:
    """A server for the length of a block."""
    ready: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, str] | BaseException] = queue.Queue()
    thread = threading.Thread(target=_thread, args=(House(manners, fault, turn_seconds), ready), daemon=True)
    thread.start()
    started = ready.get(timeout=20)
    if isinstance(started, BaseException):
        raise started
    loop, over, address = started
    try:
        yield Address(address, KEY, OTHER_KEY)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=20)


def _thread(
    house: House, ready: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, str] | BaseException]
) -> None:
    async def serve() -> None:
        over = asyncio.Event()
        runners = [_runner(house.blobs.application()), _runner(application(house))]
        addresses = [await _listen(runner) for runner in runners]
        house.blobs.address = addresses[0]
        ready.put((asyncio.get_running_loop(), over, addresses[1]))
        await over.wait()
        for runner in runners:
            await runner.cleanup()

    try:
        asyncio.run(serve())
    except BaseException as error:  # noqa: BLE001 - it is the caller's thread that has to hear of it
        ready.put(error)


def _runner(app: web.Application) -> web.AppRunner:
    # Open tails never end by themselves: they are cut, not waited for.
    return web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)


async def _listen(runner: web.AppRunner) -> str:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


def application(house: House) -> web.Application:
    """The API, behind its gate."""
    app = web.Application(middlewares=[gate], client_max_size=4 * 1024 * 1024)
    app[HOUSE] = house
    session = f"{PREFIX}/chat/sessions/{{session_id}}"
    app.router.add_get(f"{PREFIX}/openapi.json", _document)
    app.router.add_post(f"{PREFIX}/chat/sessions", sessions.create)
    app.router.add_post(f"{session}/messages", messages.append)
    app.router.add_get(f"{session}/messages", messages.replay, allow_head=False)
    app.router.add_get(f"{session}/events", stream.tail, allow_head=False)
    app.router.add_post(f"{session}/attachments/upload-url", uploads.grant)
    return app


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Asks for the credential, counts the request, and turns every refusal into an error envelope."""
    house = request.app[HOUSE]
    clerk = Clerk(house.manners)
    rate: dict[str, str] = {}
    try:
        if request.path == f"{PREFIX}/openapi.json":
            return await handler(request)
        tenant = house.accounts.tenant(request.headers.get("Authorization"))
        rate = tenant.spend()
        request[CALL] = Call(tenant, clerk, rate)
        blocked = Refusal(429, "RATE_LIMITED", "Too many requests in the last minute.")
        response = clerk.refusal(blocked) if "Retry-After" in rate else await handler(request)
    except Refusal as refusal:
        response = clerk.refusal(refusal)
    except web.HTTPException as error:
        response = clerk.refusal(Refusal(error.status, f"http_{error.status}", error.reason))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
    if not response.prepared:
        response.headers.update(rate)
        response.headers["X-Request-Id"] = clerk.request_id
    return response


async def _document(request: web.Request) -> web.Response:
    """The document of the API, which names its routes and no more."""
    paths = sorted(
        {resource.canonical for resource in request.app.router.resources() if "/chat/" in resource.canonical}
    )
    info = {"title": "Neo Public API", "version": "1.0.0"}
    return web.json_response({"openapi": "3.1.0", "info": info, "paths": {path: {} for path in paths}})

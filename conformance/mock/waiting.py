"""Waiting for an event, but not for ever."""

from __future__ import annotations

import asyncio


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set; after so many seconds it is set here, so it has to be the waiter's own.

    Not asyncio.wait_for: that makes a task, and before Python 3.12 it can swallow a cancellation.
    """
    timer = asyncio.get_running_loop().call_later(max(0.0, seconds), event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()

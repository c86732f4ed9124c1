"""A turn: the agent's answer, written to the session's log beat by beat."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from .eventlog import Envelope
from .faults import Fault
from .house import House, Session, timestamp
from .scripts import Beat, beats
from .variants import Busy


def enqueue(house: House, session: Session, tier: str) -> str:
    """Starts a turn, or lines it up; the workflow's id."""
    workflow = house.names.new("wfl")
    session.turns += 1
    session.running += 1
    task = asyncio.create_task(_run(house, session, session.turns, workflow, tier))
    house.tasks.add(task)
    task.add_done_callback(house.tasks.discard)
    return workflow


async def _run(house: House, session: Session, turn: int, workflow: str, tier: str) -> None:
    message_id = house.names.new("msg")
    script = list(beats(turn, message_id, tier, house.manners))
    second = house.turn_seconds / sum(beat.weight for beat in script)
    async with AsyncExitStack() as stack:
        if house.manners.busy is not Busy.PARALLEL:
            await stack.enter_async_context(session.turn_lock)
        try:
            await _speak(house, session, turn, workflow, script, second)
        finally:
            session.running -= 1
        session.replay.append(_assistant_message(message_id, workflow, script))


async def _speak(house: House, session: Session, turn: int, workflow: str, script: list[Beat], second: float) -> None:
    """Plays the beats. A step is written in one piece even among parallel turns: another's `finish-step` would end its parts."""
    in_step = False
    try:
        for number, beat in enumerate(script, start=1):
            await asyncio.sleep(beat.weight * second)
            kinds = [envelope["type"] for envelope in beat.envelopes]
            if "start-step" in kinds:
                await session.step_lock.acquire()
                in_step = True
            session.log.append(turn, _dress(house, workflow, beat.envelopes), last=number == len(script))
            if "finish-step" in kinds:
                session.step_lock.release()
                in_step = False
    finally:
        if in_step:
            session.step_lock.release()


def _dress(house: House, workflow: str, envelopes: list[Envelope]) -> list[Envelope]:
    """The envelopes as this vendor sends them."""
    if house.manners.extra_fields:
        return [{**envelope, "turn": workflow} for envelope in envelopes]
    if house.fault is Fault.NULL_IN_ENVELOPE:
        return [{**envelope, "title": None} if envelope["type"] == "source-url" else envelope for envelope in envelopes]
    return envelopes


def _assistant_message(message_id: str, workflow: str, script: list[Beat]) -> dict[str, Any]:
    said = "".join(
        envelope["delta"] for beat in script for envelope in beat.envelopes if envelope["type"] == "text-delta"
    )
    return {
        "id": message_id,
        "role": "assistant",
        "chat_turn_id": workflow,
        "content": said,
        "attachments": [],
        "created_at": timestamp(),
    }

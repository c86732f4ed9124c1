"""The beginning of a turn: its message, its tails, and the wait until it is seen to run."""

from __future__ import annotations

import asyncio
import uuid

from conformance.histories.model import RunningTurn, SessionModel, TurnModel
from conformance.journeys.tails import Goal
from conformance.journeys.turns import PROMPT, Message, cursor_of
from conformance.recording import Exchange


async def begin(
    session: SessionModel, message: Message, post: Exchange, *, header: bool = False, before: bool = False
) -> None:
    """An accepted message: open the tails of its turn, and wait until it is seen to run, or is over."""
    play, number = session.play, len(session.turns) + 1
    turn = TurnModel(number, message, post)
    session.turns.append(turn)
    goal, seen = Goal(), asyncio.Event()
    main = asyncio.create_task(play.main_tail(number, post, session.before, goal, seen))
    running = session.running = RunningTurn(turn, goal, main)
    cursor, last = cursor_of(post), session.before.last_id if session.before is not None else None
    if header and cursor is not None:
        turn.kinds.add("header")
        running.others.append(asyncio.create_task(play.beside_tail(number, "header", goal, last_event_id=cursor)))
    if before and last is not None:
        turn.kinds.add("before")
        way = {"since": last} if number % 2 else {"last_event_id": last}
        running.others.append(asyncio.create_task(play.beside_tail(number, "before", goal, after=last, **way)))
    await seen.wait()


def own_text() -> str:
    """A text that no other message has, so that its copies can be counted in a replay."""
    return f"{PROMPT} ({uuid.uuid4().hex[:8]})"

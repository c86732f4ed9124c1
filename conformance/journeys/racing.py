"""Posts at the same moment: four with one client_message_id, then two with ids of their own."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import replace

from conformance.evidence import joined
from conformance.journeys.following import follow
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.posting import post_once
from conformance.journeys.resuming import CUTS_FEW, resume
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Goal, Until
from conformance.journeys.turns import PROMPT, Message, Read, SessionPlay, accepted, cursor_of, ended, open_session
from conformance.judging.json_leaves import names
from conformance.recording import Exchange

JOURNEY = "racing"
SAME = 4
RIVALS = 2
OPENING_SECONDS = 2.0


async def play(player: Player, stage: Stage) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await open_session(player, JOURNEY)
    with suppress(BrokeOff):
        # SMART is not asked for before a turn of FAST was seen: a tier that spreads to other sessions shows by that.
        await stage.wait_first_turn("first-turn")
    message = Message(_own_text(), tier="SMART", client_message_id=f"conformance-{uuid.uuid4().hex[:22]}a")
    message, post = await _same_id(session, message)
    first = ended(await session.read_turn(1, post, None))
    await session.again(first)
    await resume(session, first, CUTS_FEW)
    await _rivals(session, first, message)
    facts = {"part": "duplicate", "duplicate_of": 1, "same_body": True, "while_running": False}
    await session.post("duplicate-late", message, facts, fresh=False)
    await session.messages()


def _own_text() -> str:
    """A text of its own, so that its copies can be counted in the replay."""
    return f"{PROMPT} ({uuid.uuid4().hex[:8]})"


async def _same_id(session: SessionPlay, message: Message) -> tuple[Message, Exchange]:
    """Several posts at once with one id; the accepted one, or another post where none was."""
    posts = await asyncio.gather(*(post_once(session, f"same-{n + 1}", message, {}) for n in range(SAME)))
    winner = next((post for post in posts if post.status == 202), None)
    for post in posts:
        won = {"turn": 1, "part": "post"} if post is winner else {"part": "rival"}
        session.player.keep(replace(post, facts={**post.facts, "rival": "same", **won}))
    if winner is not None:
        return message, winner
    again = replace(message, client_message_id=str(uuid.uuid4()))
    return again, accepted(await session.post("turn-1/post", again, {"turn": 1, "part": "post"}))


async def _rivals(session: SessionPlay, first: Read, before: Message) -> None:
    """Two posts at once, while a tail that was opened before them sees all that comes after the first turn.

    Their ids are all but the one that was sent before: another last character, and other letters of the alphabet's case.
    """
    limits = session.player.limits
    opened = asyncio.Event()
    until = Until(
        seconds=(RIVALS + 1) * limits.turn_timeout,
        silence=limits.turn_timeout,
        endings=RIVALS,
        known=first.known,
        grace=limits.grace,
        opened=opened,
    )
    whole_tail = asyncio.create_task(
        follow(session.tail, session.player.clock, "whole", {"after": first.last_id}, until, since=first.last_id)
    )
    # The tail is to be open before the posts leave. A server may hold its headers back until there is something to send.
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(opened.wait(), OPENING_SECONDS)
    known = str(before.client_message_id)
    ids = (f"{known[:-1]}{'b' if known[-1] != 'b' else 'c'}", known.upper())
    messages = [Message(_own_text(), tier="FAST", client_message_id=one) for one in ids]
    posts = await asyncio.gather(
        *(post_once(session, f"rival-{n + 1}", message, {}) for n, message in enumerate(messages))
    )
    # Each rival's own tail is opened at once: how long a server keeps a turn that is over is open.
    goal = Goal()
    tails: list[asyncio.Task[None]] = []
    for number, post in enumerate(posts, start=1):
        if post.status == 202:
            tails.append(asyncio.create_task(_rival_tail(session, number, post, first, goal)))
    for number, (post, message) in enumerate(zip(posts, messages, strict=True), start=1):
        busy = post.status == 409
        session.player.keep(
            replace(post, facts={**post.facts, "rival": "fresh", "part": "rival", **({"busy": True} if busy else {})})
        )
        if busy:
            again = await _after_busy(session, number, message, post, first)
            if again.status == 202:
                tails.append(asyncio.create_task(_rival_tail(session, number, again, first, goal)))
    whole = joined(await whole_tail)
    last_id = next((frame.id for frame in reversed(whole.frames) if frame.id), None)
    goal.reach(last_id if whole.ending == "terminal" else None)
    await asyncio.gather(*tails)
    if last_id is not None:
        await session.tail("quiet-end", {"after": last_id}, session.quiet(), since=last_id)


async def _after_busy(session: SessionPlay, number: int, message: Message, post: Exchange, first: Read) -> Exchange:
    """A rival that met a busy server, posted again until it is accepted.

    Told that it is the message before, it is posted once more when that is long over: told the same, it will never be.
    """
    step = f"rival-{number}/again"
    facts = {"rival": "fresh", "part": "rival", "after_busy": True}
    if _names(post, first.post):
        await asyncio.sleep(session.player.limits.settle)
        again = await post_once(session, step, message, {})
        if again.status != 409 or _names(again, first.post):
            return session.player.keep(replace(again, facts={**again.facts, **facts}))
        busy = {**again.facts, **facts, "busy": True}
        session.player.keep(replace(again, step=f"rival-{number}/once-more", facts=busy))
    return await session.post(step, message, facts)


async def _rival_tail(session: SessionPlay, number: int, post: Exchange, first: Read, goal: Goal) -> None:
    """From the rival's own cursor: to the last id of all, or, where that is not known, to the end of one turn.

    A rival that was accepted only after a busy answer has the session to itself.
    """
    alone = bool(post.facts.get("after_busy"))
    until = replace(session.beside(goal), known=first.known)
    if alone:
        until = replace(until, goal=None, endings=1, grace=session.player.limits.grace)
    facts = {"part": "rival-tail", "rival": number}
    step = f"rival-{number}/tail"
    await follow(session.tail, session.player.clock, step, facts, until, since=cursor_of(post))


def _names(post: Exchange, message: Exchange) -> bool:
    message_id = message.data.get("user_message_id")
    return isinstance(message_id, str) and bool(message_id) and names(post.json, message_id)

"""Messages that meet: at the same moment, or while the turn of another one runs. Their order is the server's (M10).

Whether such messages are queued, refused as busy or answered side by side is open. So what each tail shows of them is judged
only against what the client held before it posted, and what it read when all of them had ended.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

from conformance.evidence import joined
from conformance.histories.beginning import begin, own_text
from conformance.histories.ground import Ground
from conformance.histories.model import RunningTurn, SessionModel
from conformance.journeys.following import follow
from conformance.journeys.posting import post_once
from conformance.journeys.tails import Goal, Until
from conformance.journeys.turns import Message, Read, cursor_of
from conformance.recording import Exchange

OPENING_SECONDS = 2.0
"""How long to wait for a tail's headers before the messages leave: a server may have nothing to send yet."""


async def race(history: Ground, session: SessionModel, posts: int, *, one_id: bool) -> None:
    """So many messages at once.

    :raises BudgetSpent: they could begin more turns than there may be.
    """
    history.ask(posts)
    if one_id:
        await _with_one_id(history, session, posts)
    elif session.before is not None and session.before.last_id is not None:
        await _with_ids_of_their_own(history, session, session.before, posts)


async def _with_one_id(history: Ground, session: SessionModel, count: int) -> None:
    name, number = f"race-{session.count('race')}", len(session.turns) + 1
    message = Message(own_text(), client_message_id=session.next_id("fresh"))
    posts = await asyncio.gather(
        *(post_once(session.play, f"{name}/same-{n}", message, {}) for n in range(1, count + 1))
    )
    winner = next((post for post in posts if post.status == 202), None)
    for post in posts:
        won = {"turn": number, "part": "post"} if post is winner else {"part": "rival"}
        history.player.keep(replace(post, facts={**post.facts, "rival": "same", **won}))
        if post is not winner and not 400 <= post.status < 500:
            session.lost = f"{post.step} was answered {post.status or 'by nothing'}"
    if winner is not None and session.lost is None:
        await begin(session, message, winner)


async def _with_ids_of_their_own(history: Ground, session: SessionModel, before: Read, count: int) -> None:
    """As the journey ``racing`` does it: a tail that was open before them sees all that comes."""
    name, play, limits = f"race-{session.count('race')}", session.play, session.play.player.limits
    messages = [Message(own_text(), client_message_id=session.next_id("fresh")) for _ in range(count)]
    opened, given_up = asyncio.Event(), Goal()
    until = Until(
        seconds=(count + 1) * limits.turn_timeout,
        silence=limits.turn_timeout,
        endings=count,
        known=before.known,
        goal=given_up,
        settle=0.0,
        grace=limits.grace,
        left_open=before.left_open,
        opened=opened,
    )
    facts = {"after": before.last_id}
    whole_tail = asyncio.create_task(
        follow(play.tail, play.player.clock, f"{name}/whole", facts, until, since=before.last_id)
    )
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(opened.wait(), OPENING_SECONDS)
    posts = await asyncio.gather(
        *(post_once(play, f"{name}/rival-{n}", message, {}) for n, message in enumerate(messages, start=1))
    )
    goal = Goal()
    accepted: list[Exchange] = []
    tails: list[asyncio.Task[object]] = []
    left: list[Exchange] = []
    for number, (post, message) in enumerate(zip(posts, messages, strict=True), start=1):
        known: dict[str, Any] = {"rival": "fresh", "part": "rival"}
        last = post
        if post.status == 409:
            history.player.keep(replace(post, facts={**post.facts, **known, "busy": True}))
            known["after_busy"] = True
            last = await _until_accepted(session, f"{name}/rival-{number}/again", message)
        last = replace(last, facts={**last.facts, **known})
        left.append(last)
        if last.status == 202:
            accepted.append(last)
            tails.append(asyncio.create_task(_own_tail(session, f"{name}/rival-{number}/tail", last, number, goal)))
    if len(accepted) < count:
        given_up.reach(None)
    whole = joined(await whole_tail)
    over = whole.ending == "terminal" and len(accepted) == count
    last_id = next((frame.id for frame in reversed(whole.frames) if frame.id), None)
    goal.reach(last_id if over else None)
    await asyncio.gather(*tails)
    for post in left:
        history.player.keep(replace(post, facts={**post.facts, **({"over_at": whole.ended_at} if over else {})}))
    _known_again(session, before, whole, over=over)


async def _until_accepted(session: SessionModel, step: str, message: Message) -> Exchange:
    """The message again while the server is busy, as long as a turn may take."""
    player = session.play.player
    deadline, pause = player.clock() + player.limits.turn_timeout, 0.1
    while True:
        post = await post_once(session.play, step, message, {})
        if post.status != 409 or player.clock() + pause > deadline:
            return post if post.status != 409 else replace(post, facts={**post.facts, "gave_up": True})
        player.keep(
            replace(
                post,
                step=f"{step}/busy-{session.count('busy')}",
                facts={**post.facts, "rival": "fresh", "part": "busy", "busy": True},
            )
        )
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 2.0)


async def _own_tail(session: SessionModel, step: str, post: Exchange, number: int, goal: Goal) -> None:
    facts = {"part": "rival-tail", "rival": number}
    until = session.play.beside(goal)
    await follow(session.play.tail, session.play.player.clock, step, facts, until, since=cursor_of(post))


async def post_beside(history: Ground, session: SessionModel, kind: str) -> None:
    """A message while a turn runs.

    :raises BudgetSpent: it could begin one turn more than there may be.
    """
    running = session.running
    if running is None or running.main.done() or running.rival is not None:
        return
    history.ask(1)
    name = f"race-{session.count('race')}"
    message = Message(own_text(), client_message_id=session.next_id(kind))
    post = await post_once(session.play, f"{name}/rival-1", message, {})
    facts = {**post.facts, "rival": "fresh", "part": "rival"}
    if post.status == 202:
        running.rival = asyncio.create_task(
            _read_both(history, session, running, replace(post, facts=facts), session.before)
        )
        return
    history.player.keep(replace(post, facts={**facts, **({"busy": True} if post.status == 409 else {})}))
    if not 400 <= post.status < 500:
        session.lost = f"{post.step} was answered {post.status or 'by nothing'}"


async def _read_both(
    history: Ground, session: SessionModel, running: RunningTurn, post: Exchange, before: Read | None
) -> None:
    """The ends of two turns, whichever comes first, from the cursor of the earlier one; then the later one's own tail."""
    play, limits, name = session.play, session.play.player.limits, post.step.partition("/")[0]
    known = before.known if before is not None else frozenset()
    until = Until(
        seconds=3 * limits.turn_timeout,
        silence=limits.turn_timeout,
        endings=2,
        known=known,
        grace=limits.grace,
        left_open=before is not None and before.left_open,
    )
    facts = {"part": "settling"}
    cursor = cursor_of(running.turn.post)
    whole = joined(await follow(play.tail, play.player.clock, f"{name}/settling", facts, until, since=cursor))
    over = whole.ending == "terminal"
    if over:
        goal = Goal(next((frame.id for frame in reversed(whole.frames) if frame.id), None), reached=True)
        await _own_tail(session, f"{name}/rival-1/tail", post, 1, goal)
    history.player.keep(replace(post, facts={**post.facts, **({"over_at": whole.ended_at} if over else {})}))
    both = Read(running.turn.number, running.turn.post, whole, known)
    _known_again(session, both, whole, over=over)


def _known_again(session: SessionModel, before: Read, whole: Exchange, *, over: bool) -> None:
    """What the client holds when all has ended: no turn of its own, but every id, and the last of them."""
    if not over:
        session.lost = f"the ends of {whole.step} were not read ({whole.ending})"
        return
    read = Read(before.number, before.post, whole, before.known)
    session.before = replace(read, known=before.known | frozenset(read.ids))

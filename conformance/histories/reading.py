"""The steps that read: tails that are cut and resumed, read again, opened beside each other, and the replay of messages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.histories.model import SessionModel, TurnModel
from conformance.journeys.following import follow
from conformance.journeys.tails import Until
from conformance.journeys.turns import cursor_of
from conformance.recording import Exchange


async def finish(session: SessionModel, *, again: bool) -> None:
    """Read the running turn to its end, with all tails that are open beside it.

    ``again``: then once more from its cursor, by query and by header.
    """
    running = session.running
    if running is None:
        return
    read = await running.main
    await asyncio.gather(*running.others)
    if running.rival is not None:
        # Who joined the stream meanwhile decides what is known of it now.
        await running.rival
        session.running = None
        return
    session.running = None
    if read.main.ending != "terminal":
        session.lost = f"the end of turn {read.number} was not read ({read.main.ending})"
        return
    running.turn.read = session.before = read
    if again:
        await _again(session, running.turn)
        await _by_header(session, running.turn)


async def _again(session: SessionModel, turn: TurnModel) -> None:
    if turn.read is not None and "again" not in turn.kinds:
        turn.kinds.add("again")
        await session.play.again(turn.read)


async def without_cursor(session: SessionModel, _given: Mapping[str, Any]) -> None:
    """The running turn without a cursor, once."""
    running = session.running
    if running is not None and not running.main.done() and "none" not in running.turn.kinds:
        running.turn.kinds.add("none")
        running.others.append(asyncio.create_task(session.play.beside_tail(running.turn.number, "none", running.goal)))


async def break_and_resume(session: SessionModel, given: Mapping[str, Any]) -> None:
    """A tail of the running turn that the client cuts after some envelopes; what it resumes last stays open."""
    running = session.running
    cursor = cursor_of(running.turn.post) if running is not None else None
    if running is None or running.main.done():
        return
    after, by = cursor, given["by"]
    for link in range(1, given["times"] + 1):
        tail = await _piece(session, running.turn, link, after, by, given["envelopes"])
        ids = [frame.id for frame in tail.frames if frame.id]
        if running.goal.event.is_set() and running.goal.last_id in ids:
            return
        if tail.ending != "goal" or not ids:
            return
        after, by = ids[-1], "header" if by == "query" else "query"
    rest = _piece(session, running.turn, given["times"] + 1, after, by, None)
    running.others.append(asyncio.create_task(rest))


async def _piece(
    session: SessionModel, turn: TurnModel, link: int, after: str | None, by: str, envelopes: int | None
) -> Exchange:
    running = session.running
    assert running is not None
    turn.pieces += 1
    limits = session.play.player.limits
    facts = {"turn": turn.number, "part": "live", "after": None if link == 1 else after, "link": link, "by": by}
    if after is None:
        # Without a cursor a tail of a turn that has ended meanwhile may lawfully show less: what it shows is not judged.
        facts["part"] = "peek"
    until = Until(
        seconds=2 * limits.turn_timeout,
        silence=limits.turn_timeout,
        goal=running.goal,
        settle=limits.settle,
        envelopes=envelopes,
    )
    way = _way(after, by) if after is not None else {}
    return await session.play.tail(f"turn-{turn.number}/live-{turn.pieces:03}", facts, until, **way)


async def resume(session: SessionModel, given: Mapping[str, Any]) -> None:
    """A turn that is over: the last one from its cursor or an id of it, an earlier one on to the end of the last."""
    await finish(session, again=False)
    over = session.over
    if session.lost is not None or not over:
        return
    turn = over[given["back"] % len(over)]
    if turn is not session.turns[-1]:
        await _catch_up(session, turn, given)
    elif session.before is not turn.read:
        return  # others have followed it in the stream
    elif given["eighths"] is None:
        if given["by"] == "query":
            await _again(session, turn)
        else:
            await _by_header(session, turn)
    else:
        await _resume_at(session, turn, given["eighths"], given["by"])


async def resume_both(session: SessionModel, given: Mapping[str, Any]) -> None:
    """Two reconnects at the same moment after one id of the last turn, by query and by header."""
    await finish(session, again=False)
    over = session.over
    if session.lost is None and over and session.before is over[0].read:
        await asyncio.gather(*(_resume_at(session, over[0], given["eighths"], by) for by in ("query", "header")))


async def _by_header(session: SessionModel, turn: TurnModel) -> None:
    """From the cursor by header, where that was not done while the turn ran."""
    cursor = cursor_of(turn.post)
    if "header" in turn.kinds or turn.read is None or cursor is None:
        return
    turn.kinds.add("header")
    facts = {"turn": turn.number, "part": "tail", "kind": "header"}
    until = session.play.over(turn.read.last_id)
    await session.play.tail(f"turn-{turn.number}/tail-by-header", facts, until, last_event_id=cursor)


async def _resume_at(session: SessionModel, turn: TurnModel, eighths: int, by: str) -> None:
    after = turn.id_at(eighths)
    if after is None or turn.read is None:
        return
    turn.pieces += 1
    facts = {"turn": turn.number, "part": "resume", "after": after, "by": by}
    last = turn.read.last_id
    until = session.play.quiet() if after == last else session.play.over(last)
    step = f"turn-{turn.number}/resume-{turn.pieces:03}-{by}"
    await session.play.tail(step, facts, until, **_way(after, by))


async def _catch_up(session: SessionModel, turn: TurnModel, given: Mapping[str, Any]) -> None:
    """From an earlier turn on to the end of the last one, which is read again just before: it must still be kept."""
    last, eighths = session.turns[-1], given["eighths"]
    after = cursor_of(turn.post) if eighths is None else turn.id_at(eighths)
    if last.read is None or session.before is not last.read or after is None or last.read.last_id is None:
        return
    await _again(session, last)
    until = replace(session.play.over(last.read.last_id), known=last.read.known)
    step, facts = f"catch-up-{session.count('catch-up')}", {"part": "catch-up", "after": after, "by": given["by"]}
    await follow(session.play.tail, session.play.player.clock, step, facts, until, **_two_ways(after, given["by"]))


async def quiet(session: SessionModel, _given: Mapping[str, Any]) -> None:
    """A tail from the last turn's last id, for as long as nothing is expected."""
    await finish(session, again=False)
    over = session.over
    if session.lost is None and over and over[0].read is session.before and "quiet" not in over[0].kinds:
        over[0].kinds.add("quiet")
        assert over[0].read is not None
        await session.play.quiet_tail(f"quiet-{over[0].number}", over[0].read)


async def messages(session: SessionModel, _given: Mapping[str, Any]) -> None:
    """The replay of the messages, also while a turn runs."""
    await session.play.messages(f"messages-{session.count('messages')}")


def _way(after: str, by: str) -> dict[str, str]:
    return {"since": after} if by == "query" else {"last_event_id": after}


def _two_ways(after: str, by: str) -> dict[str, str | None]:
    return {"since": after if by == "query" else None, "last_event_id": after if by == "header" else None}

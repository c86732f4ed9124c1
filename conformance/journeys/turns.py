"""Plays one turn: the post, the tails that run beside it, and what is read again when it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from conformance import api
from conformance.evidence import Envelope, envelopes, joined
from conformance.journeys.following import follow
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.replaying import replay
from conformance.journeys.tails import Goal, Until
from conformance.recording import Exchange


class Omitted(Enum):
    """Tells a field that is not sent from one that is sent as null."""

    OMITTED = "omitted"


OMITTED: Final = Omitted.OMITTED

TAIL_STEPS: Final = {
    "header": "tail-by-header",
    "before": "tail-from-before",
    "none": "tail-without-cursor",
    "again": "tail-again",
}
"""Kind of a tail -> the last part of its step."""

BUSY_PAUSE = 0.1
BUSY_PAUSE_MOST = 2.0
PROMPT = "Count from one to twenty in words, one word a line, and write nothing else."
"""Long enough to be streamed in several deltas by a real model, short enough to be cheap."""


@dataclass(frozen=True)
class Message:
    """What a post carries; ``OMITTED`` fields are not sent."""

    text: str | Omitted = PROMPT
    tier: str | Omitted = OMITTED
    client_message_id: str | Omitted | None = OMITTED
    attachments: Sequence[Mapping[str, Any]] | Omitted = OMITTED

    def body(self) -> dict[str, Any]:
        fields = {
            "message": self.text,
            "model_tier": self.tier,
            "client_message_id": self.client_message_id,
            "attachments": self.attachments,
        }
        return {name: value for name, value in fields.items() if value is not OMITTED}

    def facts(self) -> dict[str, Any]:
        """The facts of a post, as ``journeys/__init__`` documents them."""
        facts: dict[str, Any] = {
            "tier": None if self.tier is OMITTED else self.tier,
            "text": "" if self.text is OMITTED else self.text,
            "attachments": 0 if isinstance(self.attachments, Omitted) else len(self.attachments),
        }
        if self.client_message_id is not OMITTED:
            facts["client_message_id"] = self.client_message_id
        if not isinstance(self.attachments, Omitted):
            facts["sent_attachments"] = [dict(one) for one in self.attachments]
        return facts


@dataclass(frozen=True)
class Read:
    """What the client holds of a turn when its main tail has ended."""

    number: int
    post: Exchange
    main: Exchange
    known: frozenset[str]
    """Ids of this and all earlier turns of the session."""

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        return envelopes(self.main.frames)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(e.id for e in self.envelopes if e.id)

    @property
    def left_open(self) -> bool:
        """Whether it ended by an ``error`` alone: its ``finish`` may come later than the client waited."""
        last = next((e for e in reversed(self.envelopes) if e.terminal), None)
        return last is not None and last.type == "error"

    @property
    def last_id(self) -> str | None:
        return self.ids[-1] if self.ids else None

    @property
    def cursor(self) -> str | None:
        return cursor_of(self.post)


@dataclass(frozen=True)
class SessionPlay:
    """A session in which a journey plays: its name in the recording, and how to address it."""

    player: Player
    journey: str
    session_id: str
    created: Exchange

    def facts(self, **values: Any) -> dict[str, Any]:
        return {"session": self.session_id, **values}

    async def post(self, step: str, message: Message, facts: Mapping[str, Any], *, fresh: bool = True) -> Exchange:
        """Post a message; a busy server (contract M10) is waited for when the id is ``fresh`` or absent."""
        player = self.player
        player.activity = f"{self.journey}: {step}"
        if player.turns >= player.limits.max_turns:
            raise BrokeOff(step, f"the turn budget ({player.limits.max_turns}) is spent")
        deadline = player.clock() + player.limits.turn_timeout
        pause, busy = BUSY_PAUSE, 0
        while True:
            request = api.append_message(player.target, player.authorization("own"), self.session_id, message.body())
            exchange = await player.send(
                self.journey, step, "append-message", request, facts={**self.facts(), **message.facts(), **facts}
            )
            if exchange.status != 409 or not fresh:
                return player.keep(exchange)
            if player.clock() + pause > deadline:
                return player.keep(replace(exchange, facts={**exchange.facts, "gave_up": True}))
            busy += 1
            player.keep(
                replace(
                    exchange,
                    step=f"{_before_last(step)}busy-{busy}",
                    facts={**exchange.facts, "busy": True, "part": "busy"},
                )
            )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, BUSY_PAUSE_MOST)

    async def tail(
        self,
        step: str,
        facts: Mapping[str, Any],
        until: Until,
        *,
        since: str | None = None,
        last_event_id: str | None = None,
    ) -> Exchange:
        player = self.player
        request = api.tail_events(
            player.target, player.authorization("own"), self.session_id, since=since, last_event_id=last_event_id
        )
        return await player.play(self.journey, step, "tail-events", request, facts=self.facts(**facts), until=until)

    async def main_tail(
        self, number: int, post: Exchange, before: Read | None, goal: Goal, running: asyncio.Event | None = None
    ) -> Read:
        """Read a turn from its own cursor to its end, then tell the tails that wait for its last id.

        ``running`` is set when the turn is seen to run, and at its end in any case.
        """
        player = self.player
        player.activity = f"{self.journey}: waiting for turn {number}"
        known = before.known if before else frozenset()
        patience = player.patience()
        until = Until(
            seconds=patience,
            silence=patience,
            endings=1,
            known=known,
            grace=player.limits.grace,
            left_open=before is not None and before.left_open,
            running=running,
        )
        facts = {"turn": number, "part": "tail", "kind": "main"}
        read: Read | None = None
        try:
            step = f"turn-{number}/tail"
            main = joined(await follow(self.tail, player.clock, step, facts, until, since=cursor_of(post)))
            player.note_end(reached=main.ending in ("terminal", "closed", "broken"))
            read = Read(number, post, main, known)
            return replace(read, known=known | frozenset(read.ids))
        finally:
            goal.reach(read.last_id if read else None)
            if running is not None:
                running.set()

    async def beside_tail(
        self, number: int, kind: str, goal: Goal, *, after: str | None = None, **way: str
    ) -> Exchange:
        """One of the tails that run beside the main one (``TAIL_STEPS``), by ``since`` or ``last_event_id``."""
        facts = {"turn": number, "part": "tail", "kind": kind}
        if after is not None:
            facts["after"] = after
        step = f"turn-{number}/{TAIL_STEPS[kind]}"
        return joined(await follow(self.tail, self.player.clock, step, facts, self.beside(goal), **way))

    async def plain_turn(
        self, number: int, message: Message, before: Read | None, *, step: str | None = None, **facts: Any
    ) -> Read:
        """A turn to its end, with the tails ``main``, ``header``, ``before`` and ``again``.

        :raises BrokeOff: when the post is not accepted, or the turn's end is not read.
        """
        post = accepted(
            await self.post(step or f"turn-{number}/post", message, {"turn": number, "part": "post", **facts})
        )
        read = ended(await self.read_turn(number, post, before))
        await self.again(read)
        return read

    async def read_turn(
        self,
        number: int,
        post: Exchange,
        before: Read | None,
        running: asyncio.Event | None = None,
        *others: Callable[[Goal], Awaitable[object]],
    ) -> Read:
        """Read an accepted turn by ``main``, ``header``, ``before`` (where they have an id), and by ``others`` beside."""
        goal = Goal()
        beside = [other(goal) for other in others]
        cursor = cursor_of(post)
        if cursor is not None:
            beside.append(self.beside_tail(number, "header", goal, last_event_id=cursor))
        if before is not None and before.last_id is not None:
            # By query and by header in turn: a reconnect is as lawful by one as by the other.
            way = {"since": before.last_id} if number % 2 else {"last_event_id": before.last_id}
            beside.append(self.beside_tail(number, "before", goal, after=before.last_id, **way))
        main = self.main_tail(number, post, before, goal, running)
        read, _ = await asyncio.gather(main, asyncio.gather(*beside))
        return read

    async def again(self, read: Read) -> None:
        """The main tail once more, before the next post: how long a server keeps a turn after that is open."""
        facts = {"turn": read.number, "part": "tail", "kind": "again"}
        step = f"turn-{read.number}/{TAIL_STEPS['again']}"
        await self.tail(step, facts, self.over(read.last_id), since=read.cursor)

    async def quiet_tail(self, step: str, read: Read) -> None:
        """A tail from the turn's last id until silence, where there is such an id: nothing of the turn may follow."""
        if read.last_id is not None:
            await self.tail(step, {"after": read.last_id}, self.quiet(), since=read.last_id)

    async def read_unplanned(self, step: str, post: Exchange, known: frozenset[str]) -> None:
        """Read to the end of a turn that should not have started, so that it does not disturb what follows."""
        limits = self.player.limits
        until = Until(seconds=limits.turn_timeout, silence=limits.turn_timeout, endings=1, known=known)
        await self.tail(step, {"part": "unplanned"}, until, since=cursor_of(post))

    def beside(self, goal: Goal) -> Until:
        """For a tail that runs beside the main one: to the same last id."""
        limits = self.player.limits
        return Until(seconds=2 * limits.turn_timeout, silence=limits.turn_timeout, goal=goal, settle=limits.settle)

    def over(self, last_id: str | None) -> Until:
        """For a tail of what is already there: to that id."""
        limits = self.player.limits
        return Until(
            seconds=limits.turn_timeout,
            silence=limits.turn_timeout,
            goal=Goal(last_id, reached=True),
            settle=limits.settle,
        )

    def quiet(self) -> Until:
        """For a tail where nothing is expected."""
        return Until(seconds=self.player.limits.settle, silence=self.player.limits.quiet)

    async def messages(self, name: str = "messages", *, patient: bool = True) -> list[Exchange]:
        """Replay the messages; again, where ``patient``, while one that was accepted is not there yet."""
        return await replay(self.player, self.journey, self.session_id, name, patient=patient)


async def open_session(player: Player, journey: str, step: str = "session") -> SessionPlay:
    """Create the journey's session.

    :raises BrokeOff: when the target does not give one.
    """
    player.activity = f"{journey}: {step}"
    request = api.create_session(player.target, player.authorization("own"), session_body(player))
    created = await player.play(journey, step, "create-session", request, facts={"expected": "created"})
    return SessionPlay(player, journey, session_id_of(created), created)


def session_body(player: Player) -> dict[str, Any]:
    return {**player.target.agent(), "title": "Conformance run"}


def session_id_of(created: Exchange) -> str:
    """The id of a created session, as text for a path.

    :raises BrokeOff: when there is none.
    """
    session_id = created.data.get("id")
    if isinstance(session_id, float) and session_id.is_integer():
        session_id = int(session_id)  # JSON does not tell 17.0 from 17
    if created.status in (200, 201) and isinstance(session_id, str) and session_id:
        return session_id
    if created.status in (200, 201) and isinstance(session_id, int) and not isinstance(session_id, bool):
        return str(session_id)
    raise BrokeOff(created.step, f"no session was created (status {created.status or 'none'})")


def cursor_of(post: Exchange) -> str | None:
    cursor = post.data.get("since_cursor")
    return cursor if isinstance(cursor, str) and cursor else None


def accepted(post: Exchange) -> Exchange:
    """The post, if it was answered 202.

    :raises BrokeOff: otherwise.
    """
    if post.status != 202:
        raise BrokeOff(post.step, f"the message was not accepted (status {post.status or 'none'})")
    return post


def ended(read: Read) -> Read:
    """The turn, if its main tail read its end.

    :raises BrokeOff: otherwise; later posts would meet a turn that still runs.
    """
    if read.main.ending != "terminal":
        raise BrokeOff(read.main.step, f"the turn's end was not read ({read.main.ending})")
    return read


def _before_last(step: str) -> str:
    """``turn-3/post`` -> ``turn-3/``; ``rival-1`` -> ``rival-1/``."""
    return f"{step.rpartition('/')[0]}/" if "/" in step else f"{step}/"

"""Performs the steps of a history on a target, and records them as the journeys do (``journeys/__init__`` has the facts).

A step that has nothing to work on (a duplicate where no message had an id) does nothing. A session of which something is no
longer known for certain is *lost*: nothing more is done with it, for nothing more could be concluded from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from conformance import api
from conformance.histories import reading, trespassing
from conformance.histories.beginning import begin, own_text
from conformance.histories.budget import Budget, CountingPlayer
from conformance.histories.ground import Ground
from conformance.histories.model import SessionModel
from conformance.histories.racing import post_beside, race
from conformance.histories.steps import Step
from conformance.journeys.attachments import grant_and_put
from conformance.journeys.pictures import PICTURES
from conformance.journeys.player import BrokeOff
from conformance.journeys.posting import post_once
from conformance.journeys.turns import OMITTED, Message, SessionPlay, session_body, session_id_of

SESSIONS_MOST = 2


class History(Ground):
    """One history under way: its sessions, and the steps that were performed so far."""

    def __init__(self, player: CountingPlayer, budget: Budget, prefix: str) -> None:
        super().__init__(player, budget, prefix)
        self.steps: list[Step] = []
        self._acts: Mapping[str, Callable[[SessionModel, Mapping[str, Any]], Awaitable[None]]] = {
            "post": self._post,
            "post_while_running": lambda session, given: post_beside(self, session, given["id"]),
            "race": self._race,
            "duplicate": self._duplicate,
            "break_off": reading.break_and_resume,
            "uncursored": reading.without_cursor,
            "finish": lambda session, given: reading.finish(session, again=given["again"]),
            "resume": reading.resume,
            "resume_both": reading.resume_both,
            "quiet": reading.quiet,
            "foreign": lambda session, given: trespassing.foreign_cursor(self, session, given["by"]),
            "messages": reading.messages,
            "stranger": lambda session, given: trespassing.stranger(self, session, given["does"]),
        }

    @property
    def quiescent(self) -> bool:
        """Whether no turn is known to run: what was recorded can be judged, nothing in it is unfinished."""
        return all(session.running is None for session in self.sessions)

    async def perform(self, step: Step) -> None:
        """One step to its end; turns and tails that it began may go on behind it.

        :raises BudgetSpent: it could begin more turns than there may be.
        """
        self.steps.append(step)
        with suppress(BrokeOff):
            if not self.sessions or step.do == "open":
                await self._open()
            if step.do != "open":
                session = self.sessions[step.given["session"] % len(self.sessions)]
                if session.lost is None:
                    await self._acts[step.do](session, step.given)

    async def settle(self) -> None:
        """Read every turn that runs to its end."""
        for session in self.sessions:
            await reading.finish(session, again=False)

    async def _open(self) -> None:
        if len(self.sessions) >= SESSIONS_MOST:
            return
        player, journey = self.player, f"{self.prefix}session-{len(self.sessions) + 1}"
        request = api.create_session(player.target, player.authorization("own"), session_body(player))
        facts = {"expected": "created", "history": True}
        created = await player.play(journey, "session", "create-session", request, facts=facts)
        self.sessions.append(SessionModel(SessionPlay(player, journey, session_id_of(created), created)))

    async def _post(self, session: SessionModel, given: Mapping[str, Any]) -> None:
        await reading.finish(session, again=False)
        if session.lost is not None:
            return
        self.ask(1)
        number = len(session.turns) + 1
        attachments = await self._granted(session, given["attachments"])
        message = Message(
            own_text(),
            tier=given["tier"] or OMITTED,
            client_message_id=session.next_id(given["id"]),
            attachments=attachments or OMITTED,
        )
        post = await session.play.post(f"turn-{number}/post", message, {"turn": number, "part": "post"})
        if post.status != 202:
            session.lost = f"{post.step} was answered {post.status or 'by nothing'}"
            return
        await begin(session, message, post, header=given["header"], before=given["before"])
        if given["to_the_end"]:
            await reading.finish(session, again=False)

    async def _race(self, session: SessionModel, given: Mapping[str, Any]) -> None:
        await reading.finish(session, again=False)
        if session.lost is None:
            await race(self, session, given["posts"], one_id=given["one_id"])

    async def _duplicate(self, session: SessionModel, given: Mapping[str, Any]) -> None:
        originals = session.with_ids
        if not originals:
            return
        original = originals[given["back"] % len(originals)]
        self.ask(2 if given["twice"] else 1)
        message = await self._altered(session, original.message, given["body"])
        running = session.running is not None
        facts = {
            "part": "duplicate",
            "duplicate_of": original.number,
            "same_body": message == original.message,
            "while_running": running,
        }
        number = session.count("duplicate")
        posts = await asyncio.gather(
            *(
                post_once(session.play, f"duplicate-{number}{end}", message, facts)
                for end in (("", "-too") if given["twice"] else ("",))
            )
        )
        for post in posts:
            self.player.keep(post)
            if not 400 <= post.status < 500:
                session.lost = f"{post.step} was answered {post.status or 'by nothing'}"

    async def _altered(self, session: SessionModel, message: Message, body: str) -> Message:
        """The message under the same client_message_id, otherwise with a text, a tier or attachments of its own."""
        if body == "text":
            return Message(own_text(), message.tier, message.client_message_id, message.attachments)
        if body == "tier":
            tier = "FAST" if message.tier == "SMART" else "SMART"
            return Message(message.text, tier, message.client_message_id, message.attachments)
        if body == "attachments":
            granted = await self._granted(session, 1)
            return Message(message.text, message.tier, message.client_message_id, granted)
        return message

    async def _granted(self, session: SessionModel, count: int) -> Sequence[Mapping[str, Any]]:
        """So many attachments that no other message has."""
        mimes = list(PICTURES)
        numbers = [session.count("grant") for _ in range(count)]
        granted: list[Mapping[str, Any]] = await asyncio.gather(
            *(grant_and_put(session.play, f"grant-{n}", f"put-{n}", mimes[n % len(mimes)]) for n in numbers)
        )
        return granted

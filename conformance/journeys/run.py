"""Plays all journeys at the same time, once, and returns the recording."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timezone

import httpx

from conformance import __version__, api
from conformance.journeys import (
    attachments,
    cursors,
    dialogue,
    duplicates,
    idle,
    onlooking,
    racing,
    refusals,
    sessions,
    strangers,
    uploads,
)
from conformance.journeys.cost import allotment
from conformance.journeys.limits import Limits
from conformance.journeys.player import BrokeOff, Player
from conformance.journeys.reading import cancelled
from conformance.journeys.stage import Stage
from conformance.journeys.turns import session_body
from conformance.outcomes import BadInput
from conformance.recording import Break, Recording
from conformance.spec_files import read_spec
from conformance.target import KEY_VARIABLE, Target

SPEC_FILES = ("openapi.yaml", "requirements.yaml")
Progress = Callable[[Player], None]
PROGRESS_SECONDS = 0.2
ALL: frozenset[str] = frozenset(
    module.JOURNEY
    for module in (
        *(attachments, cursors, dialogue, duplicates, idle),
        *(racing, refusals, sessions, strangers, uploads),
    )
)
"""The names of all journeys."""
_ON_THE_DIALOGUE = frozenset({cursors.JOURNEY, idle.JOURNEY, racing.JOURNEY, strangers.JOURNEY})


class Interrupted(KeyboardInterrupt):
    """A signal ended the run. ``recording``: what was played until then, the rest as breaks."""

    def __init__(self, recording: Recording) -> None:
        super().__init__("the run was interrupted")
        self.recording = recording


def with_what_they_need(journeys: Collection[str]) -> frozenset[str]:
    """Those journeys, and the dialogue where one of them works on its session."""
    needed = {dialogue.JOURNEY} if _ON_THE_DIALOGUE & set(journeys) else set()
    return frozenset({*journeys, *needed})


def play(
    target: Target,
    limits: Limits | None = None,
    progress: Progress | None = None,
    journeys: Collection[str] = ALL,
) -> Recording:
    """Play every journey against the target, or those of these names and what they need.

    ``progress`` is called a few times a second with the player (its turns, requests and activity) while they play.

    :raises BadInput: when the target cannot be reached, or refuses the key.
    :raises Interrupted: by a signal; it has what was played until then.
    """
    run = _Run(target, limits or Limits(), frozenset(journeys))
    try:
        return asyncio.run(run.play(progress))
    except KeyboardInterrupt:
        raise Interrupted(run.recording("the run was interrupted")) from None


def spec_digest() -> str:
    """``sha256:`` and the digest of the spec files that the judges and the fuzzing read."""
    digest = hashlib.sha256()
    for name in SPEC_FILES:
        digest.update(read_spec(name).encode())
    return f"sha256:{digest.hexdigest()}"


class _Run:
    """One run: its player, and what of the plan it was asked to play."""

    def __init__(self, target: Target, limits: Limits, asked_for: frozenset[str]) -> None:
        self._limits = limits
        self._target = target
        self._started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        self._wanted = with_what_they_need(asked_for)
        given = allotment(limits.max_turns)
        most = given[dialogue.JOURNEY] if dialogue.JOURNEY in asked_for else 1
        self._dialogue_turns = min(most, len(dialogue.PLAN))
        self._left_out = {name: _left_out(limits) for name in self._wanted if name not in given or limits.read_only}
        self._playing = set(self._wanted) - set(self._left_out)
        self._player: Player | None = None
        self._over: str | None = None

    async def play(self, progress: Progress | None) -> Recording:
        """Within the time of the run: what has not ended by then is broken off."""
        async with Player(self._target, self._limits) as player:
            self._player = player
            ticker = asyncio.create_task(_tick(player, progress)) if progress else None
            playing = asyncio.create_task(self._journeys(player))
            try:
                done, _ = await asyncio.wait({playing}, timeout=self._limits.run_seconds)
                if done:
                    playing.result()
                else:
                    self._over = f"the time of the run ({self._limits.run_seconds:g} s) is over"
                    if all(exchange.received is None for exchange in player.exchanges):
                        raise BadInput(f"{self._target.base_url}: gave no answer, and {self._over}")
            finally:
                for task in (playing, ticker):
                    await cancelled(task)
            return self.recording()

    async def _journeys(self, player: Player) -> None:
        if self._limits.read_only:
            await _one(player, strangers.JOURNEY, onlooking.play(player))
        else:
            await _preflight(player)
            await _all(player, self._playing, self._dialogue_turns)

    def recording(self, over: str | None = None) -> Recording:
        """What was played so far. ``over``: why the journeys that have not ended were broken off."""
        player = self._player
        why = over or self._over
        breaks = list(player.breaks) if player else []
        ended = player.ended if player else frozenset()
        if why is not None:
            left = sorted(self._playing - ended - {b.journey for b in breaks})
            breaks += [Break(name, player.activity_of(name) if player else "start", why) for name in left]
        breaks += [Break(name, "start", reason) for name, reason in sorted(self._left_out.items())]
        if self._dialogue_turns < len(dialogue.PLAN) and dialogue.JOURNEY in ended and not self._asked_for_one_turn:
            step = f"turn-{self._dialogue_turns + 1}"
            breaks.append(
                Break(dialogue.JOURNEY, step, f"--max-turns {self._limits.max_turns} leaves it no more turns")
            )
        return Recording(
            target=self._target.base_url,
            suite=__version__,
            spec=spec_digest(),
            started=self._started,
            epoch=player.epoch if player else 0.0,
            seconds=player.clock() if player else 0.0,
            turn_timeout=self._limits.turn_timeout,
            credentials=("own", "other") if self._target.other_key else ("own",),
            exchanges=tuple(sorted(player.exchanges, key=lambda e: (e.sent_at, e.name))) if player else (),
            breaks=tuple(breaks),
        )

    @property
    def _asked_for_one_turn(self) -> bool:
        return allotment(self._limits.max_turns)[dialogue.JOURNEY] > self._dialogue_turns


def _left_out(limits: Limits) -> str:
    if limits.read_only:
        return "--read-only plays nothing that writes"
    return f"left out: --max-turns {limits.max_turns} leaves it no turns"


async def _preflight(player: Player) -> None:
    """The first call of all. A key that the target refuses is the user's matter; a target that refuses only here is not.

    :raises BadInput: the target is not reached, or the key is refused by two different operations.
    """
    own = player.authorization("own")
    request = api.create_session(player.target, own, session_body(player))
    first = await player.reach(request, "preflight", "session", {"expected": "created"})
    if first.status != 401:
        return
    probe = api.list_messages(player.target, own, "00000000-0000-4000-8000-000000000000")
    second = await player.play("preflight", "key", "list-messages", probe, facts={"part": "key"})
    if second.status == 401:
        raise BadInput(f"{player.target.base_url} refuses the key in {KEY_VARIABLE}: 401 on the very first calls")


async def _all(player: Player, wanted: Collection[str], turns: int) -> None:
    """Those journeys, of the dialogue so many turns."""
    stage = Stage()
    journeys: Mapping[str, Callable[[], Awaitable[None]]] = {
        dialogue.JOURNEY: lambda: dialogue.play(player, stage, turns),
        attachments.JOURNEY: lambda: attachments.play(player),
        duplicates.JOURNEY: lambda: duplicates.play(player),
        racing.JOURNEY: lambda: racing.play(player, stage),
        refusals.JOURNEY: lambda: refusals.play(player),
        sessions.JOURNEY: lambda: sessions.play(player),
        uploads.JOURNEY: lambda: uploads.play(player),
        strangers.JOURNEY: lambda: strangers.play(player, stage),
        cursors.JOURNEY: lambda: cursors.play(player, stage),
    }
    watching = asyncio.create_task(_idle(player, stage)) if idle.JOURNEY in wanted else None

    async def with_dialogue(name: str, journey: Awaitable[None]) -> None:
        try:
            await _one(player, name, journey)
        finally:
            if name == dialogue.JOURNEY:
                stage.close()

    tasks = [
        asyncio.create_task(with_dialogue(name, journey())) for name, journey in journeys.items() if name in wanted
    ]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        stage.all_others_done.reach(None)
        if watching is not None and sys.exc_info()[0] is not None:
            watching.cancel()
    if watching is not None:
        await watching


async def _idle(player: Player, stage: Stage) -> None:
    await _one(player, idle.JOURNEY, idle.play(player, stage))


async def _one(player: Player, name: str, journey: Awaitable[None]) -> None:
    """A journey that breaks off leaves a note; the others go on. Any other error is ours and ends the run."""
    try:
        await journey
    except BrokeOff as broke:
        player.breaks.append(Break(name, broke.step, broke.reason))
    except httpx.InvalidURL as error:
        # An id or a cursor of which no address can be made, such as one of a megabyte.
        reason = f"what the target gave cannot stand in an address ({error})"
        player.breaks.append(Break(name, player.activity_of(name), reason))
    player.end(name)


async def _tick(player: Player, progress: Progress) -> None:
    while True:
        progress(player)
        await asyncio.sleep(PROGRESS_SECONDS)

"""Plays all journeys at the same time, once, and returns the recording."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timezone

from conformance import __version__, api
from conformance.journeys import (
    attachments,
    cursors,
    dialogue,
    duplicates,
    idle,
    racing,
    refusals,
    sessions,
    strangers,
    uploads,
)
from conformance.journeys.limits import Limits
from conformance.journeys.player import BrokeOff, Player
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
    """
    return asyncio.run(_play(target, limits or Limits(), progress, frozenset(journeys)))


def spec_digest() -> str:
    """``sha256:`` and the digest of the spec files that the judges and the fuzzing read."""
    digest = hashlib.sha256()
    for name in SPEC_FILES:
        digest.update(read_spec(name).encode())
    return f"sha256:{digest.hexdigest()}"


async def _play(target: Target, limits: Limits, progress: Progress | None, asked_for: frozenset[str]) -> Recording:
    wanted = with_what_they_need(asked_for)
    turns = len(dialogue.PLAN) if dialogue.JOURNEY in asked_for else 1
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    async with Player(target, limits) as player:
        ticker = asyncio.create_task(_tick(player, progress)) if progress else None
        try:
            await _preflight(player)
            await _all(player, wanted, turns)
        finally:
            if ticker is not None:
                ticker.cancel()
        return Recording(
            target=target.base_url,
            suite=__version__,
            spec=spec_digest(),
            started=started,
            epoch=player.epoch,
            seconds=player.clock(),
            turn_timeout=limits.turn_timeout,
            credentials=("own", "other") if target.other_key else ("own",),
            exchanges=tuple(sorted(player.exchanges, key=lambda e: (e.sent_at, e.name))),
            breaks=tuple(player.breaks),
        )


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


async def _all(player: Player, wanted: frozenset[str], turns: int) -> None:
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


async def _tick(player: Player, progress: Progress) -> None:
    while True:
        progress(player)
        await asyncio.sleep(PROGRESS_SECONDS)

"""One client_message_id, sent again while its turn runs, after it, and while and after the next one runs."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from conformance.journeys.player import Player
from conformance.journeys.turns import PROMPT, Message, Read, SessionPlay, accepted, ended, open_session

JOURNEY = "duplicates"


async def play(player: Player) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await open_session(player, JOURNEY)
    # A text of its own, so that a message which should not be there can be told in the replay.
    original = Message(f"{PROMPT} ({uuid.uuid4().hex[:8]})", tier="FAST", client_message_id=str(uuid.uuid4()))

    first = await _turn(session, 1, original, None, [("during-1", original), ("during-2", _reworded(original))])
    # What these two lack is no matter: what is counted in one of them is compared with the other.
    await session.messages("messages-before", patient=False)
    for step, message in (("after-1", original), ("after-2", _reworded(original)), ("after-3", original)):
        await _again(session, step, message, original, running=False)
    await _again(session, "after-tier", replace(original, tier="SMART"), original, running=False)
    await session.quiet_tail("quiet-1", first)
    await session.messages("messages-after", patient=False)

    fresh = Message(original.text)
    second = await _turn(session, 2, fresh, first, [("during-next", original)], original)
    await _again(session, "after-next", original, original, running=False)
    await session.quiet_tail("quiet-2", second)
    await session.messages("messages-end")


async def _turn(
    session: SessionPlay,
    number: int,
    message: Message,
    before: Read | None,
    meanwhile: list[tuple[str, Message]],
    original: Message | None = None,
) -> Read:
    """A turn, and duplicates of ``original`` (this turn's own message, unless said otherwise) while it runs."""
    post = accepted(await session.post(f"turn-{number}/post", message, {"turn": number, "part": "post"}))
    running = asyncio.Event()

    async def duplicates() -> None:
        await running.wait()
        for step, duplicate in meanwhile:
            await _again(session, step, duplicate, original or message, running=True)

    read, _ = await asyncio.gather(session.read_turn(number, post, before, running), duplicates())
    await session.again(ended(read))
    return read


async def _again(session: SessionPlay, step: str, message: Message, original: Message, *, running: bool) -> None:
    facts = {"part": "duplicate", "duplicate_of": 1, "same_body": message == original, "while_running": running}
    await session.post(step, message, facts, fresh=False)


def _reworded(message: Message) -> Message:
    """The same client_message_id with another text: were it persisted, the replay would show it."""
    return replace(message, text=f"{PROMPT} (reworded {uuid.uuid4().hex[:8]})")

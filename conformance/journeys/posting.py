"""A post that is sent at once, whatever the server is busy with, and that the caller names when it has its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance import api
from conformance.journeys.turns import Message, SessionPlay
from conformance.recording import Exchange


async def post_once(session: SessionPlay, step: str, message: Message, facts: Mapping[str, Any]) -> Exchange:
    """Post without waiting for a busy server, and leave the recording of it to the caller."""
    player = session.player
    player.activity = f"{session.journey}: {step}"
    request = api.append_message(player.target, player.authorization("own"), session.session_id, message.body())
    return await player.send(
        session.journey, step, "append-message", request, facts={**session.facts(), **message.facts(), **facts}
    )

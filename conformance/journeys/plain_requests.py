"""A request that would be right, were it not for who asks, or for what session."""

from __future__ import annotations

import httpx

from conformance import api
from conformance.journeys.player import Player
from conformance.journeys.turns import PROMPT, session_body
from conformance.recording import Operation


def plain_request(player: Player, operation: Operation, session_id: str, credential: str | None) -> httpx.Request:
    """Of that operation, with nothing in it but what it needs."""
    target = player.target
    if operation == "create-session":
        return api.create_session(target, credential, session_body(player))
    if operation == "append-message":
        return api.append_message(target, credential, session_id, {"message": PROMPT})
    if operation == "tail-events":
        return api.tail_events(target, credential, session_id)
    if operation == "request-upload-url":
        return api.request_upload_url(target, credential, session_id, {"content_type": "image/png"})
    return api.list_messages(target, credential, session_id)

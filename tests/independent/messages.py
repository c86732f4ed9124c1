"""`POST …/messages` and its replay."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from .answers import Refusal, read_object
from .faults import Fault
from .house import HOUSE, House, Session, call_of, timestamp
from .turns import enqueue
from .variants import Busy

PER_TURN = 6
TIERS = ("FAST", "SMART")


async def append(request: web.Request) -> web.Response:
    """Takes a message and starts the agent's turn."""
    house, call = request.app[HOUSE], call_of(request)
    session = house.session(request)
    body = await read_object(request)
    # From here on nothing is awaited: of two posts with one id, the second finds what the first has left.
    text, client_id, tier = _text(house, body), _client_id(house, body), _tier(house, session, body)
    attachments = _attachments(house, session, body)
    if not text and not attachments:
        raise _invalid(house, "A message needs text or an attachment.", "message")
    message_id = house.names.new("msg")
    message = {
        "id": message_id,
        "role": "user",
        "content": text,
        "model_tier": tier,
        "client_message_id": client_id,
        "attachments": attachments,
        "created_at": timestamp(),
    }
    if house.fault is Fault.DUPLICATE_IS_STORED:
        session.replay.append(message)
    originals = house.originals(session)
    if client_id is not None and client_id in originals:
        raise _duplicate(house, originals[client_id])
    if session.running and house.manners.busy is Busy.REFUSE:
        raise Refusal(409, "turn_in_progress", "The agent is still answering; try again when it has finished.")
    if house.fault is not Fault.DUPLICATE_IS_STORED:
        session.replay.append(message)
    if client_id is not None:
        originals[client_id] = message_id
    session.last_tier = tier
    cursor = _snapshot(house, session)
    data = {"chat_turn_id": enqueue(house, session, tier), "user_message_id": message_id, "since_cursor": cursor}
    if house.fault is Fault.REFUSED_BUT_ENQUEUED:
        _count(house, attachments)
    if house.fault is Fault.NULL_CURSOR_LEFT_OUT and cursor is None:
        del data["since_cursor"]
    session.resource["updated_at"] = timestamp()
    return call.clerk.success(202, data | ({"show_agent_progress_steps": False} if house.manners.progress_flag else {}))


async def replay(request: web.Request) -> web.Response:
    """The conversation so far."""
    house, call = request.app[HOUSE], call_of(request)
    session = house.session(request)
    size, start = _page_size(request), _page_start(request)
    messages = session.replay[::-1] if house.manners.replay_newest_first else session.replay
    page = [_shown(house, message) for message in messages[start : start + size]]
    more = len(messages) > start + size
    following = base64.urlsafe_b64encode(f"m:{start + size}".encode()).decode() if more else None
    data = {"messages": page} if house.manners.replay_wrapped else page
    return call.clerk.success(200, data, {"has_more": more, "next_cursor": following})


def _snapshot(house: House, session: Session) -> str | None:
    """The newest envelope's id, right before the turn is enqueued."""
    entries = session.log.entries
    if house.fault is Fault.CURSOR_LAGS:
        entries = entries[:-1]
    if entries:
        return entries[-1].id
    return None if house.manners.null_first_cursor else session.log.origin


def _invalid(house: House, message: str, field: str) -> Refusal:
    return Refusal(house.manners.invalid, "validation_error", message, {"field": field})


def _duplicate(house: House, original: str) -> Refusal:
    if house.manners.original_in_prose:
        return Refusal(409, "CONFLICT", f"This message was already received as message {original}.")
    return Refusal(409, "duplicate_message", "This message was already received.", {"original": {"message": original}})


def _text(house: House, body: dict[str, Any]) -> str:
    text = body.get("message", "")
    if not isinstance(text, str):
        raise _invalid(house, "message must be text.", "message")
    return text


def _client_id(house: House, body: dict[str, Any]) -> str | None:
    client_id = body.get("client_message_id")
    if client_id is not None and not isinstance(client_id, str):
        raise _invalid(house, "client_message_id must be text.", "client_message_id")
    return client_id


def _tier(house: House, session: Session, body: dict[str, Any]) -> str:
    tier = body.get("model_tier", session.last_tier if house.fault is Fault.TIER_STICKS else "FAST")
    if tier is None and house.manners.null_tier_is_fast:
        return "FAST"
    # A list or an object cannot be looked for in a set, so the type comes first.
    if not isinstance(tier, str) or tier not in TIERS:
        raise _invalid(house, "model_tier must be FAST or SMART.", "model_tier")
    return tier


def _attachments(house: House, session: Session, body: dict[str, Any]) -> list[dict[str, Any]]:
    given = body.get("attachments", [])
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise _invalid(house, "attachments must be a list of objects.", "attachments")
    if house.fault is not Fault.REFUSED_BUT_ENQUEUED:
        _count(house, given)
    return [_attachment(house, session, item) for item in given]


def _count(house: House, attachments: list[dict[str, Any]]) -> None:
    if len(attachments) > PER_TURN:
        raise _invalid(house, f"At most {PER_TURN} attachments may come with one message.", "attachments")


def _attachment(house: House, session: Session, item: dict[str, Any]) -> dict[str, Any]:
    path, mime = item.get("blob_path"), item.get("mime")
    alt, filename = item.get("alt"), item.get("filename")
    if not isinstance(path, str) or not isinstance(mime, str):
        raise _invalid(house, "An attachment needs blob_path and mime.", "attachments")
    if not all(text is None or isinstance(text, str) for text in (alt, filename)):
        raise _invalid(house, "alt and filename must be text.", "attachments")
    blob = house.blobs.uploaded(path, session.id)
    if blob is None or blob.mime != mime:
        raise _invalid(house, "blob_path names no upload of this session and type.", "attachments")
    return {"blob_path": path, "mime": mime, "alt": alt, "filename": filename}


def _shown(house: House, message: dict[str, Any]) -> dict[str, Any]:
    """A message as the replay has it."""
    attachments = message["attachments"]
    if house.fault is Fault.REPLAY_KEEPS_FIRST_ATTACHMENT:
        attachments = attachments[:1]
    if house.manners.replay_signed_urls:
        attachments = [
            {"url": house.blobs.url(item["blob_path"]), "media_type": item["mime"], "name": item["filename"]}
            for item in attachments
        ]
    return {**message, "attachments": attachments}


def _page_size(request: web.Request) -> int:
    text = request.query.get("page_size", "50")
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= 200):
        raise Refusal(400, "invalid_parameter", "page_size must be from 1 to 200.", {"field": "page_size"})
    return int(text)


def _page_start(request: web.Request) -> int:
    cursor = request.query.get("cursor")
    if cursor is None:
        return 0
    try:
        mark, _, number = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().partition(":")
        if mark == "m" and len(number) < 10:
            return max(0, int(number))
    except (binascii.Error, ValueError):
        pass
    raise Refusal(400, "invalid_parameter", "cursor is none that was given out.", {"field": "cursor"})

"""Messages: appending one with its turn as one atomic step, and the replay."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError, WatchError

from conformance.mock.answers import ApiError, unavailable
from conformance.mock.fields import Fields
from conformance.mock.grants import find_grant
from conformance.mock.ids import FIRST_EVENT, new_id, show_event_id
from conformance.mock.policy import Policy
from conformance.mock.sessions import timestamp
from conformance.mock.settings import MAX_MESSAGES, RETENTION_SECONDS
from conformance.mock.store import (
    LANES,
    active_key,
    begin,
    duplicate_key,
    grants_key,
    lane_key,
    messages_key,
    session_key,
    stream_key,
    text,
    turn_key,
    turns_key,
)

MAX_ATTACHMENTS: Final = 6
"""Attachments of one turn (M3)."""
TIERS: Final = ("FAST", "SMART")
FindGrant = Callable[[Redis, str, str], Awaitable[dict[str, Any] | None]]
_ATTEMPTS: Final = 64


@dataclass(frozen=True)
class Submission:
    """A valid request to append a message."""

    message: str
    attachments: list[dict[str, Any]]
    tier: str
    client_message_id: str | None


@dataclass(frozen=True)
class Rules:
    """What a request to append a message has to keep (M3 to M5)."""

    max_attachments: int = MAX_ATTACHMENTS
    tiers: Sequence[str] = TIERS
    text_or_attachment: bool = True
    """An empty message needs an attachment (M4)."""
    attachment_fields: Sequence[str] = ("blob_path", "mime")
    """Members that an attachment has to have (M2)."""
    find_grant: FindGrant = find_grant


async def read_submission(
    client: Redis, policy: Policy, session: str, given: dict[str, Any], rules: Rules = Rules()
) -> Submission:
    """Check a request against M2 to M5.

    :raises ApiError: the invalid status, with one entry in ``details.errors`` for each field.
    """
    if policy.null_tier == "fast" and given.get("model_tier", "") is None:
        given = {**given, "model_tier": "FAST"}
    fields = Fields(given, policy.invalid_status)
    message = fields.text("message", default="")
    tier = fields.choice("model_tier", rules.tiers, default="FAST")
    client_message_id = fields.text_or_null("client_message_id")
    listed = fields.objects("attachments")
    if len(listed) > rules.max_attachments:
        fields.wrong("attachments", f"has more than {rules.max_attachments} members")
        # Nothing more is asked about them: the work that a request causes stays bounded.
        listed = []
    elif message == "" and not listed and rules.text_or_attachment:
        fields.wrong("message", "is empty, and there is no attachment")
    attachments = [
        await _attachment(client, policy, session, fields.within(f"attachments[{place}]", member), rules)
        for place, member in enumerate(listed)
    ]
    fields.refuse_if_wrong()
    return Submission(message, attachments, tier, client_message_id)


async def _attachment(client: Redis, policy: Policy, session: str, fields: Fields, rules: Rules) -> dict[str, Any]:
    path, mime = (
        fields.text(name, default=None if name in rules.attachment_fields else "") for name in ("blob_path", "mime")
    )
    attachment = {
        "blob_path": path,
        "mime": mime,
        "alt": fields.text_or_null("alt"),
        "filename": fields.text_or_null("filename"),
    }
    grant = await rules.find_grant(client, session, path) if path else None
    if grant is None:
        if not path and "blob_path" not in rules.attachment_fields:
            return attachment
        fields.wrong("blob_path", "was not granted to this session")
    elif policy.require_upload and not grant["uploaded"]:
        fields.wrong("blob_path", "was not uploaded")
    elif policy.attachment_mime == "granted" and mime and mime != grant["mime"]:
        fields.wrong("mime", "is not the granted one")
    return attachment


async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> dict[str, Any]:
    """Persist the message, snapshot the cursor and enqueue the turn: all of it in one transaction, or nothing.

    The cursor is read inside the transaction, right before the turn is put into its lane (M7). When that read alone
    fails, the message still counts and the cursor is null.

    :returns: ``{chat_turn_id, user_message_id, since_cursor, show_agent_progress_steps}``.
    :raises ApiError: 409 with the original message id for a ``client_message_id`` of this session that was seen (M8);
        409 without any when a turn runs and the policy refuses (M10); 503 when nothing could be persisted.
    """
    if await client.llen(messages_key(session)) >= MAX_MESSAGES:
        raise ApiError(policy.invalid_status, "validation_error", "This session has too many messages.")
    turn = await new_id(client, policy, "turn")
    message_id = await new_id(client, policy, "message")
    answer_id = await new_id(client, policy, "message")
    sent = submission.client_message_id
    if sent is None:
        duplicate = None
    else:
        tenant = text(await client.hget(session_key(session), "tenant"))
        scope = session if policy.duplicate_scope == "session" else f"of:{tenant}"
        duplicate = duplicate_key(scope, hashlib.sha256(sent.encode()).hexdigest())
    for _ in range(_ATTEMPTS):
        async with client.pipeline(transaction=True) as pipe:
            try:
                await _guard(pipe, policy, session, duplicate)
                begin(pipe)
                pipe.xrevrange(stream_key(session), count=1)
                pipe.rpush(turns_key(session), turn)
                _persist(pipe, policy, session, submission, turn, message_id)
                if duplicate is not None:
                    pipe.set(duplicate, message_id, ex=RETENTION_SECONDS)
                _enqueue(pipe, policy, session, submission, turn, answer_id)
                newest, turns, *rest = await pipe.execute(raise_on_error=False)
            except WatchError:
                continue
        for result in (turns, *rest):
            if isinstance(result, Exception):
                raise result
        return {
            "chat_turn_id": turn,
            "user_message_id": message_id,
            "since_cursor": _cursor(policy, newest, turns),
            "show_agent_progress_steps": False,
        }
    raise unavailable()


async def _guard(pipe: Pipeline, policy: Policy, session: str, duplicate: str | None) -> None:
    # Watched before they are read: whoever changes one of these meanwhile makes this attempt void.
    refusing = policy.concurrency == "refuse"
    watched = [key for key in (duplicate, active_key(session) if refusing else None) if key is not None]
    if watched:
        await pipe.watch(*watched)
    if duplicate is not None:
        original = await pipe.get(duplicate)
        if original is not None:
            raise _duplicate(policy, text(original))
    if refusing and await pipe.scard(active_key(session)):
        raise ApiError(409, "TURN_IN_PROGRESS", "A turn is still running in this session.")


def _duplicate(policy: Policy, original: str) -> ApiError:
    code, said = "DUPLICATE_MESSAGE", "A message with this client_message_id was accepted before."
    if policy.duplicate_id_place == "message":
        return ApiError(409, code, f"{said} Its id is {original}")
    if policy.duplicate_id_place == "link":
        return ApiError(409, code, said, {"links": [{"rel": "original", "href": f"/messages/{original}?full=1"}]})
    if policy.duplicate_id_place == "nested":
        return ApiError(409, code, said, {"original": {"message": {"id": original}}})
    return ApiError(409, code, said, {"user_message_id": original})


def _persist(pipe: Pipeline, policy: Policy, session: str, submission: Submission, turn: str, message_id: str) -> None:
    now = timestamp()
    stored: dict[str, Any] = {
        "id": message_id,
        "role": "user",
        "message": submission.message,
        "attachments": submission.attachments,
        "chat_turn_id": turn,
        "client_message_id": submission.client_message_id,
        "created_at": now,
    }
    if policy.tier_visible:
        stored["model_tier"] = submission.tier
    pipe.rpush(messages_key(session), json.dumps(stored))
    pipe.hset(session_key(session), "updated_at", now)
    keys = (session_key, messages_key, turns_key, grants_key, stream_key)
    for key in keys:
        pipe.expire(key(session), RETENTION_SECONDS)


def _enqueue(pipe: Pipeline, policy: Policy, session: str, submission: Submission, turn: str, answer_id: str) -> None:
    # Turns in one lane run one after another; a lane of its own lets a turn run beside the others.
    lane = turn if policy.concurrency == "parallel" else session
    about: dict[Any, Any] = {"session": session, "message_id": answer_id, "written": 0, "lane": lane}
    pipe.hset(turn_key(turn), mapping={**about, "tier": submission.tier, "asked": submission.message})
    pipe.expire(turn_key(turn), RETENTION_SECONDS)
    pipe.sadd(active_key(session), turn)
    pipe.expire(active_key(session), RETENTION_SECONDS)
    pipe.rpush(lane_key(lane), turn)
    pipe.zadd(LANES, {lane: time.time()}, nx=True)


def _cursor(policy: Policy, newest: Any, turns: int) -> str | None:
    if isinstance(newest, ResponseError):
        return None
    if newest:
        return show_event_id(policy, text(newest[0][0]))
    # Null is for the first turn only (CUR-06), even when the turns before have not written anything yet.
    return None if turns == 1 and policy.first_cursor == "null" else show_event_id(policy, FIRST_EVENT)


def answer_message(message_id: str, turn: str, said: str, served_by: Mapping[str, str]) -> dict[str, Any]:
    """The assistant's message, as the replay shows it once its turn has ended."""
    return {
        "id": message_id,
        "role": "assistant",
        "message": said,
        "attachments": [],
        "chat_turn_id": turn,
        "created_at": timestamp(),
        **served_by,
    }


async def list_messages(
    client: Redis, policy: Policy, session: str, page_size: str | None, cursor: str | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """One page of the replay, oldest first (M9), and its ``{has_more, next_cursor}`` (G9).

    :param page_size: as given, 1 to 200; None means the policy's.
    :raises ApiError: the invalid status for another page size, or for a cursor that this list did not give.
    """
    size = policy.replay_page
    if page_size is not None:
        if not (page_size.isascii() and page_size.isdigit() and len(page_size) <= 3 and 1 <= int(page_size) <= 200):
            raise ApiError(policy.invalid_status, "validation_error", "page_size has to be between 1 and 200.")
        size = int(page_size)
    start = 0 if cursor is None else _read_page_cursor(policy, session, cursor)
    stored = await client.lrange(messages_key(session), start, start + size)
    page = [json.loads(message) for message in stored[:size]]
    more = len(stored) > size
    return page, {"has_more": more, "next_cursor": _page_cursor(session, start + size) if more else None}


def _page_cursor(session: str, start: int) -> str:
    return base64.urlsafe_b64encode(f"messages:{session}:{start}".encode()).decode().rstrip("=")


def _read_page_cursor(policy: Policy, session: str, cursor: str) -> int:
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        plain = ""
    opening, _, start = plain.rpartition(":")
    if opening != f"messages:{session}" or not (start.isascii() and start.isdigit() and len(start) <= 9):
        raise ApiError(policy.invalid_status, "validation_error", "cursor is not one that this list gave.")
    return int(start)

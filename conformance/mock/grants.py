"""Upload grants: a signed, short-lived URL for one blob of one session, and the PUT that uses it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
import uuid
from typing import Any, Final
from urllib.parse import quote

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.fields import Fields
from conformance.mock.ids import could_be_id
from conformance.mock.policy import Policy
from conformance.mock.settings import GRANT_SECONDS, MAX_GRANTS, MAX_IMAGE_BYTES, RETENTION_SECONDS
from conformance.mock.store import BLOB_SECRET, grants_key, text

BLOB_ROOT: Final = "/blob/"
"""Where the mock serves its blob host; outside ``/public-api``, as the real one is another host."""

IMAGE_TYPES: Final = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
DOCUMENT_TYPES: Final = {
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


async def grant_upload(
    client: Redis, policy: Policy, session: str, given: dict[str, Any], origin: str
) -> dict[str, Any]:
    """A grant: ``{blob_path, max_image_bytes, mime, upload_url}``.

    :param origin: scheme, host and port of the mock, for the URL.
    :raises ApiError: the invalid status for a content type that is missing or on no page, or past the session's bound.
    """
    fields = Fields(given, policy.invalid_status)
    mime = fields.text("content_type")
    filename = fields.text_or_null("filename")
    types = {**IMAGE_TYPES, **DOCUMENT_TYPES} if policy.document_types else IMAGE_TYPES
    if mime and mime not in types:
        fields.wrong("content_type", "is not a type that can be uploaded")
    elif mime == "" and given.get("content_type") == "":
        fields.wrong("content_type", "is empty")
    fields.refuse_if_wrong()

    key = grants_key(session)
    if await client.hlen(key) >= MAX_GRANTS:
        raise ApiError(policy.invalid_status, "validation_error", "This session has too many uploads.")
    path = f"chat-uploads/{session}/{uuid.uuid4().hex}{types[mime]}"
    async with client.pipeline(transaction=True) as pipe:
        pipe.hset(key, path, json.dumps({"mime": mime, "filename": filename, "uploaded": False}))
        pipe.expire(key, RETENTION_SECONDS)
        await pipe.execute()
    expires = int(time.time()) + GRANT_SECONDS
    signature = _signature(await _secret(client), path, mime, expires)
    url = f"{origin}{BLOB_ROOT}{quote(path)}?se={expires}&sp=cw&sr=b&sig={signature}"
    return {"blob_path": path, "max_image_bytes": MAX_IMAGE_BYTES, "mime": mime, "upload_url": url}


async def find_grant(client: Redis, session: str, path: str) -> dict[str, Any] | None:
    """The grant of a blob path of this very session: ``{mime, filename, uploaded}``; None when it has no such path."""
    stored = await client.hget(grants_key(session), path)
    if stored is None:
        return None
    grant: dict[str, Any] = json.loads(stored)
    return grant


async def check_signature(client: Redis, path: str, expires: str, signature: str) -> dict[str, Any]:
    """The grant behind a signed URL.

    :raises ApiError: 403, one text for every reason: wrong, for another blob, or too late.
    """
    refused = ApiError(403, "AuthenticationFailed", "The signature does not allow this.")
    session = _session_of(path)
    if session is None or not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        raise refused
    grant = await find_grant(client, session, path)
    if grant is None:
        raise refused
    expected = _signature(await _secret(client), path, grant["mime"], int(expires))
    if not hmac.compare_digest(expected.encode(), signature.encode()) or int(expires) < time.time():
        raise refused
    return grant


async def record_upload(client: Redis, path: str, grant: dict[str, Any], body: bytes) -> None:
    """Note that the blob is there. Its bytes are never read again, so only their size and digest are kept."""
    session = _session_of(path)
    assert session is not None
    stored = {**grant, "uploaded": True, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    await client.hset(grants_key(session), path, json.dumps(stored))


def _session_of(path: str) -> str | None:
    parts = path.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "chat-uploads" and could_be_id(parts[1]) else None


async def _secret(client: Redis) -> str:
    # In the store, so that a URL signed by one worker opens at another.
    await client.set(BLOB_SECRET, secrets.token_hex(32), nx=True)
    return text(await client.get(BLOB_SECRET))


def _signature(secret: str, path: str, mime: str, expires: int) -> str:
    signed = f"PUT\n{path}\n{mime}\n{expires}".encode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

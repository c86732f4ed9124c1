"""Opaque ids of resources, and the ids of events."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import uuid
from typing import Final, Literal

from redis.asyncio import Redis

from conformance.mock.policy import Policy
from conformance.mock.store import counter_key

Kind = Literal["session", "turn", "message"]
_PREFIXES: Final[dict[Kind, str]] = {"session": "chs_", "turn": "wf_", "message": "msg_"}
_RESOURCE = re.compile(r"[A-Za-z0-9_.=+~-]{1,300}")
_EVENT = re.compile(r"([0-9]{1,20})-([0-9]{1,20})")
_LARGEST: Final = 2**64 - 1
_SEQUENCE_BITS: Final = 20
_SIGNS: Final = b"\xfb\xef\xff"
"""``++//`` in base64: a cursor with signs that a query has to escape."""
FIRST_EVENT: Final = "0-0"
"""The position before every event of a stream."""


async def new_id(client: Redis, policy: Policy, kind: Kind) -> str:
    """A fresh id in the policy's form; always a string (M6)."""
    if policy.id_form == "integer":
        return str(await client.incr(counter_key(kind)))
    fresh = uuid.uuid4()
    if policy.id_form == "long":
        return fresh.hex + secrets.token_urlsafe(96)
    if policy.id_form == "punctuated":
        # Each sign may stand in a path as it is (RFC 3986, pchar); a "+" is no blank there.
        return f"{fresh.hex[:8]}.{fresh.hex[8:16]}+{fresh.hex[16:24]}~{fresh.hex[24:]}=="
    return str(fresh) if policy.id_form == "uuid" else _PREFIXES[kind] + fresh.hex


def could_be_id(given: str) -> bool:
    """Whether a path segment can name a resource at all; what cannot never reaches a key of the store."""
    return _RESOURCE.fullmatch(given) is not None


def show_event_id(policy: Policy, event: str) -> str:
    """A stream id as clients see it."""
    if policy.event_id_form == "redis":
        return event
    if policy.event_id_form == "number":
        milliseconds, sequence = split_event_id(event)
        return str((milliseconds << _SEQUENCE_BITS) + sequence)
    if policy.event_id_form == "base64":
        return base64.b64encode(_SIGNS + event.encode()).decode()
    return "ev" + base64.urlsafe_b64encode(event.encode()[::-1]).decode().rstrip("=")


def read_event_id(policy: Policy, given: str) -> str | None:
    """The stream id behind what a client sent; None when it cannot be one."""
    if policy.event_id_form == "number":
        if not (given.isascii() and given.isdigit() and len(given) <= 30):
            return None
        given = f"{int(given) >> _SEQUENCE_BITS}-{int(given) & ((1 << _SEQUENCE_BITS) - 1)}"
    if policy.event_id_form == "base64":
        try:
            plain = base64.b64decode(given, validate=True)
            given = plain.removeprefix(_SIGNS).decode("ascii") if plain.startswith(_SIGNS) else ""
        except ValueError:
            return None
    if policy.event_id_form == "opaque":
        token = given[2:]
        if not given.startswith("ev") or len(token) > 60:
            return None
        try:
            given = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)[::-1].decode()
        except (binascii.Error, ValueError):
            return None
    match = _EVENT.fullmatch(given)
    if match is None or int(match[1]) > _LARGEST or int(match[2]) > _LARGEST:
        return None
    return f"{int(match[1])}-{int(match[2])}"


def split_event_id(event: str) -> tuple[int, int]:
    """``<ms>-<seq>`` as two numbers, which is how such ids compare (``5-10`` is after ``5-9``)."""
    milliseconds, _, sequence = event.partition("-")
    return int(milliseconds), int(sequence)


def just_before(event: str) -> str:
    """The largest id before ``event``, so that a read strictly after it begins with ``event``."""
    milliseconds, sequence = split_event_id(event)
    if sequence > 0:
        return f"{milliseconds}-{sequence - 1}"
    return f"{milliseconds - 1}-{_LARGEST}" if milliseconds > 0 else FIRST_EVENT

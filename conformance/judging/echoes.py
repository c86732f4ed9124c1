"""Whether an answer repeats a credential."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from conformance.judging.json_leaves import texts
from conformance.recording import Exchange

OWN_KEYS = ("$NEO_API_KEY", "$NEO_OTHER_API_KEY")
"""How the redaction leaves the run's own keys in a recording; nothing else puts these words into an answer."""

_LEAST = 8
"""Characters: a shorter piece of a credential could stand in a message by chance."""

_KEY = re.compile(r"neo_sk_[A-Za-z0-9-]+_(.+)", re.DOTALL)


def echoed(exchange: Exchange) -> str | None:
    """Where the answer repeats the credential that was sent, or its secret part: "the body", or the header's name."""
    secrets = [*_secrets(exchange.sent.header("Authorization") or ""), *OWN_KEYS]
    received = exchange.received
    if received is None:
        return None
    for name, value in received.headers:
        if any(secret in value for secret in secrets):
            return f"the header {name}"
    # JSON may escape a character of the credential, so the parsed strings are looked through, too.
    parsed = "\n".join(texts(received.json)) if received.json is not None else ""
    return "the body" if any(secret in received.text or secret in parsed for secret in secrets) else None


def _secrets(authorization: str) -> Iterator[str]:
    """The pieces of an Authorization header that must not come back, but the names of variables."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip() or scheme
    pieces = [token]
    key = _KEY.fullmatch(token)
    if key:
        pieces.append(key[1])
    if scheme.lower() == "basic":
        pieces += _user_and_password(token)
    yield from (piece for piece in pieces if len(piece) >= _LEAST and not piece.startswith("$"))


def _user_and_password(token: str) -> list[str]:
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    return [text, text.partition(":")[2]]

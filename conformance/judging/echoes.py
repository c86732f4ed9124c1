"""Whether an answer repeats a credential: as it is, encoded, or a large part of it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from conformance.judging.json_leaves import texts
from conformance.recording import Exchange

OWN_KEYS = ("$NEO_API_KEY", "$NEO_OTHER_API_KEY")
"""How the redaction leaves the run's own keys in a recording; nothing else puts these words into an answer."""

_LEAST = 8
"""Characters: a shorter piece of a credential could stand in a message by chance, or as a hint which key it was."""

_SHARE = 3
"""A piece counts from this part of the secret on; who shows less masks it."""

_KEY = re.compile(r"neo_sk_[A-Za-z0-9-]+_(.+)", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[:\s]?){8,}")
_MOST = 100_000
"""Characters of an answer that are looked through; a target chooses how long its answers are."""


@dataclass(frozen=True)
class _Secret:
    """``whole`` must not come back, nor, where it is a secret from end to end, a piece of the ``least`` length."""

    whole: str
    all_secret: bool = True

    @property
    def least(self) -> int:
        return max(_LEAST, -(-len(self.whole) // _SHARE)) if self.all_secret else len(self.whole)

    def within(self, text: str) -> bool:
        return any(self.whole[at : at + self.least] in text for at in range(len(self.whole) - self.least + 1))


def echoed(exchange: Exchange) -> str | None:
    """Where the answer repeats the credential that was sent, or its secret part: "the body", or the header's name."""
    secrets = list(_secrets(exchange.sent.header("Authorization") or ""))
    received = exchange.received
    if received is None:
        return None
    for name, value in received.headers:
        if _repeats(value, secrets):
            return f"the header {name}"
    # JSON may escape a character of the credential, so the parsed strings are looked through, too.
    parsed = "\n".join(texts(received.json)) if received.json is not None else ""
    return "the body" if _repeats(received.text, secrets) or _repeats(parsed, secrets) else None


def _repeats(text: str, secrets: list[_Secret]) -> bool:
    text = text[:_MOST]
    if any(key in text for key in OWN_KEYS):
        return True
    return bool(secrets) and any(secret.within(shown) for shown in (text, *_decoded(text)) for secret in secrets)


def _decoded(text: str) -> Iterator[str]:
    """What the text says to whoever undoes an encoding that hides nothing: percent, Base64, hexadecimal."""
    if "%" in text:
        yield unquote(text)
    for found in _BASE64.finditer(text):
        run = found[0].replace("-", "+").replace("_", "/")
        # A word may stand right before the encoded text, so every alignment is tried.
        for start in range(4):
            part = run[start:]
            part = part[: len(part) - 1] if len(part) % 4 == 1 else part
            try:
                yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")
            except (binascii.Error, ValueError):
                continue
    for found in _HEX.finditer(text):
        digits = re.sub(r"[^0-9a-fA-F]", "", found[0])
        yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1")


def _secrets(authorization: str) -> Iterator[_Secret]:
    """The pieces of an Authorization header that must not come back, but the names of variables."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip() or scheme
    key = _KEY.fullmatch(token)
    # The beginning of a key says what it is, and is no secret.
    pieces = [_Secret(token, all_secret=key is None)]
    if key:
        pieces.append(_Secret(key[1]))
    if scheme.lower() == "basic":
        pieces += _user_and_password(token)
    yield from (piece for piece in pieces if len(piece.whole) >= _LEAST and not piece.whole.startswith("$"))


def _user_and_password(token: str) -> list[_Secret]:
    try:
        text = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    return [_Secret(text, all_secret=False), _Secret(text.partition(":")[2])]

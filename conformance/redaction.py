"""Secrets are taken out of an exchange before it is recorded, so that no later step can print them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from conformance.recording import Headers, Piece

_LEAST = 8
"""Characters: the encoded forms of a shorter secret could stand in a text by chance."""


def other_case(key: str) -> str:
    """The key with its letters in the other case, all but the words that say what it is; it tells the key, too."""
    words, mark, secret = key.rpartition("_")
    return f"{words}{mark}{secret.swapcase()}"


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is, and in the encodings that hide nothing: percent, hexadecimal, Base64."""
    yield secret
    yield quote(secret, safe="")
    if len(secret) < _LEAST:
        return
    yield other_case(secret)
    plain = secret.encode()
    yield from (plain.hex(), plain.hex().upper())
    for before in range(3):
        # Within a longer text the secret begins at one of three places of a group; only whole groups are its own.
        start = -(-before * 4 // 3)
        encoded = base64.b64encode(b"\0" * before + plain)
        own = encoded[start : (before + len(plain)) * 8 // 6].decode()
        yield from (own, own.replace("+", "-").replace("/", "_"))


class Redactor:
    """Replaces each secret by ``$NAME``, ``NAME`` being the environment variable that held it."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """``secrets``: variable name -> value; a longer value is replaced first, so that none is left in part."""
        pairs: dict[str, str] = {}
        for name, value in secrets.items():
            for form in _forms(value):
                pairs.setdefault(form, f"${name}")
        self._pairs = sorted(pairs.items(), key=lambda pair: -len(pair[0]))

    def text(self, text: str) -> str:
        for secret, name in self._pairs:
            text = text.replace(secret, name)
        return text

    def bytes(self, data: bytes) -> bytes:
        for secret, name in self._pairs:
            data = data.replace(secret.encode(), name.encode())
        return data

    def headers(self, headers: Headers) -> Headers:
        return tuple((self.text(key), self.text(value)) for key, value in headers)

    def pieces(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The same for bytes that arrived in pieces: a secret that lies across a seam is found too.

        The replacement stands where the secret began; what the later piece held of it is taken away.
        """
        whole = b"".join(piece.data for piece in pieces)
        for secret, name in self._pairs:
            if secret.encode() in whole:
                pieces = _replace_across(pieces, secret.encode(), name.encode())
        return pieces


def _replace_across(pieces: tuple[Piece, ...], secret: bytes, name: bytes) -> tuple[Piece, ...]:
    whole = b"".join(piece.data for piece in pieces)
    spans: list[tuple[int, int]] = []
    found = whole.find(secret)
    while found >= 0:
        spans.append((found, found + len(secret)))
        found = whole.find(secret, found + len(secret))
    if not spans:
        return pieces
    replaced: list[Piece] = []
    start = 0
    for piece in pieces:
        end = start + len(piece.data)
        out = b""
        at = start
        for left, right in spans:
            if right <= start or left >= end:
                continue
            out += whole[at : max(at, min(left, end))]
            if left >= start:
                out += name
            at = max(at, min(right, end))
        out += whole[at:end]
        replaced.append(Piece(piece.at, out))
        start = end
    return tuple(replaced)

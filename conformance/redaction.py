"""Secrets are taken out of an exchange before it is recorded, so that no later step can print them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from conformance.recording import Headers, Piece


class Redactor:
    """Replaces each secret by ``$NAME``, ``NAME`` being the environment variable that held it."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """``secrets``: variable name -> value; a longer value is replaced first, so that none is left in part."""
        pairs: dict[str, str] = {}
        for name, value in secrets.items():
            for form in (value, quote(value, safe="")):
                pairs[form] = f"${name}"
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
        for secret, name in self._pairs:
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

"""Content codings undone within a bound: a few kilobytes of gzip may stand for gigabytes.

httpx decodes whatever is announced, in as many layers as are announced, before its caller sees how much came of it.
So the raw bytes are read, and decoded here, never more than is wanted.
"""

from __future__ import annotations

import zlib
from typing import Protocol

import httpx

LAYERS_MOST = 3
"""Codings one upon another. More of them are left as they are: no server needs them, and each multiplies the last."""


class _Layer(Protocol):
    def feed(self, data: bytes, most: int) -> bytes: ...


class _Inflate:
    """``gzip`` (RFC 1952, of several members, too) or ``deflate`` (zlib's form or the bare one: servers send both)."""

    def __init__(self, *, gzip: bool) -> None:
        self._bits = [zlib.MAX_WBITS | 16] if gzip else [zlib.MAX_WBITS, -zlib.MAX_WBITS]
        self._member = zlib.decompressobj(self._bits[0])
        self._begun = False

    def feed(self, data: bytes, most: int) -> bytes:
        """What these bytes stand for, ``most + 1`` bytes of it at most: the last one tells that there was more."""
        out = bytearray()
        while data and len(out) <= most:
            try:
                out += self._member.decompress(data, most + 1 - len(out))
            except zlib.error as error:
                if self._begun or len(self._bits) == 1:
                    raise httpx.DecodingError(str(error)) from None
                self._bits.pop(0)
                self._member = zlib.decompressobj(self._bits[0])
                continue
            self._begun = True
            data = self._member.unconsumed_tail
            if self._member.eof:
                data = self._member.unused_data
                if not data.startswith(b"\x1f\x8b"):  # what is behind the last member is padding
                    break
                self._member = zlib.decompressobj(self._bits[0])
        return bytes(out)


class BodyDecoder:
    """Turns the raw bytes of one answer into its content, at most ``most`` bytes of it.

    ``overflowed`` is set once there was more; what came until then has been returned, and nothing more will be.
    """

    def __init__(self, content_encoding: str, most: int) -> None:
        self.overflowed = False
        self._left = most
        self._layers = _layers(content_encoding)

    def feed(self, data: bytes) -> bytes:
        """The content that these bytes complete.

        :raises httpx.DecodingError: they are not what ``Content-Encoding`` says.
        """
        if self.overflowed:
            return b""
        for layer in self._layers:
            data = layer.feed(data, self._left)
            if len(data) > self._left:
                self.overflowed = True
                data = data[: self._left] if layer is self._layers[-1] else b""
        if len(data) > self._left:
            self.overflowed = True
            data = data[: self._left]
        self._left -= len(data)
        return data


def _layers(content_encoding: str) -> list[_Layer]:
    """The codings to undo, the last applied first; none where one is unknown: the bytes then speak for themselves."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    known = {"gzip": True, "x-gzip": True, "deflate": False}
    if len(names) > LAYERS_MOST or any(name not in known for name in names):
        return []
    return [_Inflate(gzip=known[name]) for name in reversed(names)]

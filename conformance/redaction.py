"""Secrets are taken out of an exchange before it is recorded, so that no later step can print them.

A target may echo a key as it likes. What is found: the key as it is, backwards, in the other case; in percent, JSON, HTML
and backslash escapes, also of some characters only; in hexadecimal; in Base64 at any offset within a longer text; and a
piece of it, as where the rest stands in another frame.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote

from conformance.recording import Headers, Piece

_LEAST = 8
"""Characters: the encoded forms of a shorter secret could stand in a text by chance."""
SEED = 6
SEED_STEP = 3
"""Pieces are looked for by parts of so many characters, one every so many: any piece of eight or more holds one."""
SIGNATURES_MOST = 500
_SIGNATURE_NAMES = re.compile(r"sig|token|secret|credential|password|hmac", re.IGNORECASE)
_SIGNATURE = re.compile(r"[A-Za-z0-9+/=_~.%-]{16,512}")
_SHOWN_SIGNATURE = re.compile(r"\$UPLOAD_SIGNATURE_([0-9]{1,4})")
_ESCAPES = (b"\\", b"%", b"&#")
_Span = tuple[int, int, bytes]
"""Start, end, and what is shown instead."""
_Found = list[_Span]
_Bytes = bytes
_URL = re.compile(rb"https?:(?:\\?/){2}[^\s\"'<>]+")


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
    for text in (secret, secret[::-1]):
        plain = text.encode()
        yield text
        yield from (plain.hex(), plain.hex().upper())
        for before in range(3):
            # Within a longer text the secret begins at one of three places of a group; only whole groups are its own.
            start = -(-before * 4 // 3)
            encoded = base64.b64encode(b"\0" * before + plain)
            own = encoded[start : (before + len(plain)) * 8 // 6].decode()
            yield from (own, own.replace("+", "-").replace("/", "_"), own[::-1])
    yield from (base64.b32encode(secret.encode()).decode().rstrip("="), "\0".join(secret))


def _escaped(secret: str) -> re.Pattern[bytes]:
    """Each character as it is, or as an escape of JSON, of a URL (once or twice), of HTML, or of a string literal.

    Every repetition is bounded: a flood of backslashes must not keep the search busy.
    """

    def one(character: str) -> str:
        code = ord(character)
        upper = "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in f"{code:02x}")
        slashes = r"\\{1,4}"
        escapes = (
            rf"{slashes}u00{upper}|{slashes}u\{{0{{0,4}}{upper}\}}|{slashes}x{upper}|{slashes}0?{code:o}"
            rf"|%(?:25){{0,3}}{upper}|&#0{{0,5}}{code};?|&#[xX]0{{0,5}}{upper};?"
        )
        return rf"(?:\\{{0,4}}{re.escape(character)}|{escapes})"

    return re.compile("".join(one(c) for c in secret).encode("latin-1"))


def _secret_part(secret: str) -> str:
    """What of a key or token nobody may see: behind the words of an API key, or the signature of a token."""
    tail = re.split(r"[_.]", secret)[-1]
    return tail if len(tail) >= _LEAST else secret


class _Secret:
    """One value and everything that tells it."""

    def __init__(self, name: str, value: str) -> None:
        self.shown = f"${name}"
        self.part_shown = f"$PART_OF_{name}"
        self.value = value
        self.forms = tuple(dict.fromkeys(_forms(value)))

    @cached_property
    def escaped(self) -> re.Pattern[bytes]:
        return _escaped(self.value)

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        """What tells the secret by a piece of it; nothing for a value too short to be told from words."""
        part = _secret_part(self.value)
        return (_Part(part), _Part(part[::-1])) if len(part) >= 2 * _LEAST else ()


class _Part:
    """A text of which any piece of ``_LEAST`` characters is found."""

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        starts = {*range(0, len(text) - SEED + 1, SEED_STEP), len(text) - SEED}
        self._at = {self._text[start : start + SEED]: start for start in sorted(starts)}
        self._seeds = re.compile(b"|".join(re.escape(seed) for seed in self._at))

    def find(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Start and end of each piece, grown in both directions as far as the text goes on."""
        text = self._text
        for match in self._seeds.finditer(data):
            left, right = match.span()
            first = self._at[match.group()]
            last = first + SEED
            while first > 0 and left > 0 and data[left - 1] == text[first - 1]:
                first, left = first - 1, left - 1
            while last < len(text) and right < len(data) and data[right] == text[last]:
                last, right = last + 1, right + 1
            if right - left >= _LEAST:
                yield left, right


class Redactor:
    """Replaces each secret by ``$NAME``, ``NAME`` being the environment variable that held it.

    Signatures of upload addresses are secrets that the run learns: they are shown as ``$UPLOAD_SIGNATURE_N``.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """``secrets``: variable name -> value; a longer value is replaced first, so that none is left in part."""
        self._secrets = [_Secret(name, value) for name, value in secrets.items() if value]
        self._learnt: dict[str, str] = {}
        self._arrange()

    def learn_signatures(self, body: _Bytes) -> None:
        """Take the signatures out of the addresses in an answer: whoever has one may write the blob.

        Only what looks like a signature, in a parameter that is named like one: a target must not choose what is hidden.
        """
        for found in _URL.findall(body):
            url = found.decode("utf-8", "replace").replace("\\u0026", "&").replace("\\", "")
            for parameter in url.partition("?")[2].partition("#")[0].split("&")[:100]:
                name, _, value = parameter.partition("=")
                if not _SIGNATURE_NAMES.search(name) or not _SIGNATURE.fullmatch(value):
                    continue
                if value not in self._learnt and len(self._learnt) < SIGNATURES_MOST:
                    self._learnt[value] = f"$UPLOAD_SIGNATURE_{len(self._learnt) + 1}"
        self._arrange()

    def with_signatures(self, url: str) -> str:
        """The address as it was given: who reads it in a recorded answer could not use it."""
        values = list(self._learnt)

        def value(match: re.Match[str]) -> str:
            number = int(match[1])
            return values[number - 1] if 0 < number <= len(values) else match[0]

        return _SHOWN_SIGNATURE.sub(value, url)

    def text(self, text: str) -> str:
        return self.bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def bytes(self, data: _Bytes) -> _Bytes:
        out, at = [], 0
        for start, end, shown in self._spans(data):
            out += [data[at:start], shown]
            at = end
        return b"".join([*out, data[at:]]) if out else data

    def value(self, value: Any) -> Any:
        """A JSON value, each text in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(name)): self.value(inner) for name, inner in value.items()}
        return [self.value(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    def headers(self, headers: Headers) -> Headers:
        # Nearly all have no secret: one look at all of them is a tenth of a look at each.
        if not self._spans("\n".join(part for header in headers for part in header).encode("utf-8", "surrogatepass")):
            return headers
        return tuple((self.text(key), self.text(value)) for key, value in headers)

    def pieces(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """The same for bytes that arrived in pieces: a secret that lies across a seam is found too.

        The replacement stands where the secret began; what the later piece held of it is taken away.
        """
        spans = self._spans(b"".join(piece.data for piece in pieces))
        return _replaced(pieces, spans) if spans else pieces

    def _arrange(self) -> None:
        pairs: dict[_Bytes, _Bytes] = {}
        for secret in self._secrets:
            for form in secret.forms:
                pairs.setdefault(form.encode(), secret.shown.encode())
        for value, shown in self._learnt.items():
            plain = unquote(value)
            for form in (value, plain, quote(plain, safe=""), value.replace("/", "\\/"), plain.replace("/", "\\/")):
                pairs.setdefault(form.encode(), shown.encode())
        self._pairs = sorted(pairs.items(), key=lambda pair: -len(pair[0]))
        # A piece that counts has at least so many characters; what is escaped is longer than what it stands for.
        self._shortest = min([_LEAST, *(len(form) for form in pairs)])

    def _spans(self, data: _Bytes) -> _Found:
        """Where a secret stands, from left to right, none over another: start, end, and what is shown instead."""
        if len(data) < self._shortest:
            return []
        found: _Found = []
        for form, shown in self._pairs:
            at = data.find(form)
            while at >= 0:
                found.append((at, at + len(form), shown))
                at = data.find(form, at + len(form))
        has_escapes = any(mark in data for mark in _ESCAPES)
        for secret in self._secrets:
            shown = secret.shown.encode()
            if has_escapes and len(secret.value) >= _LEAST:
                found += [(*match.span(), shown) for match in secret.escaped.finditer(data)]
            for part in secret.parts:
                found += [(*span, secret.part_shown.encode()) for span in part.find(data)]
        return _apart(found)


def _apart(found: _Found) -> _Found:
    """Those that overlap as one, under the name of the first and longest."""
    apart: _Found = []
    for start, end, shown in sorted(found, key=lambda span: (span[0], -span[1])):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]), apart[-1][2])
        else:
            apart.append((start, end, shown))
    return apart


def _replaced(pieces: tuple[Piece, ...], spans: _Found) -> tuple[Piece, ...]:
    replaced: list[Piece] = []
    first = 0
    start = 0
    for piece in pieces:
        end = start + len(piece.data)
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        out = b""
        at = start
        for number in range(first, len(spans)):
            left, right, shown = spans[number]
            if left >= end:
                break
            out += piece.data[at - start : max(at, left) - start]
            if left >= start:
                out += shown
            at = max(at, min(right, end))
        out += piece.data[at - start :]
        replaced.append(Piece(piece.at, out))
        start = end
    return tuple(replaced)

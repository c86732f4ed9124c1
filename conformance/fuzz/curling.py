"""One line for a POSIX-like shell (bash, zsh) that sends a request again, byte for byte, with curl.

Made from the request as it was put on the wire, not from the case: what a client adds or encodes is in it. The key
stands as the variable that holds it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final

import requests

_NOT_OURS: Final = frozenset(
    {"host", "content-length", "accept-encoding", "connection", "user-agent", "accept", "x-schemathesis-testcaseid"}
)
"""Headers that curl makes itself, or that say nothing of the request."""
_LONGEST_WORD: Final = 100_000
"""Bytes: Linux refuses a longer argument (128 KiB)."""


def curl_line(request: requests.PreparedRequest, secrets: Mapping[str, str], *, stream_seconds: float = 0.0) -> str:
    """The line. `secrets`: variable name -> its value, which is never printed.

    `stream_seconds`: for an event stream, after which curl is to give up; it need not end.
    """
    words = ["curl", "-sS", "-i"]
    if stream_seconds:
        words += ["-N", "-m", f"{stream_seconds:g}"]
    if request.method not in ("GET", "POST") or (request.method == "POST" and not request.body):
        words += ["-X", str(request.method)]
    for name, value in request.headers.items():
        if name.lower() not in _NOT_OURS:
            words += ["-H", _header_word(name, _text(value), secrets)]
    body = _bytes(request.body)
    # Globbing off: brackets and braces of a URL are its own.
    words += ["-g", _word(str(request.url), secrets)]
    if body and _is_one_word(body):
        words[-2:-2] = ["--data-raw" if body.startswith(b"@") else "--data-binary", _word(body.decode(), secrets)]
    elif body:
        words[-2:-2] = ["--data-binary", "@-"]
        octal = "".join(chr(b) if _is_safe(b) else f"\\{b:03o}" for b in body).replace("%", "%%")
        return f"printf {_word(octal, secrets)} | {' '.join(words)}"
    return " ".join(words)


def _is_safe(byte: int) -> bool:
    return 32 <= byte < 127 and chr(byte) not in "\\'"


def _is_one_word(body: bytes) -> bool:
    """Whether a shell carries it in an argument, and a terminal shows it as it is."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() and len(body) < _LONGEST_WORD


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    return body if isinstance(body, bytes) else b""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _word(text: str, secrets: Mapping[str, str]) -> str:
    """One shell word; where a secret stands in it in double quotes, so that its variable is put in."""
    for variable, secret in secrets.items():
        if secret and secret in text:
            before, _, after = text.partition(secret)
            named = f"${variable}" if not after else f"${{{variable}}}"
            return f'"{_in_double_quotes(before)}{named}{_in_double_quotes(_hidden(after, secrets))}"'
    return shlex.quote(text)


def _header_word(name: str, value: str, secrets: Mapping[str, str]) -> str:
    # A header without a value is left out by curl, unless it ends with a semicolon.
    header = f"{name}: {value}" if value else f"{name};"
    if header.isascii() and header.isprintable():
        return _word(header, secrets)
    # The bytes that were sent are Latin-1; a terminal's UTF-8 would be others.
    raw = _hidden(header, secrets).encode("latin-1", "replace")
    return "$'" + "".join(chr(b) if _is_safe(b) else f"\\x{b:02x}" for b in raw) + "'"


def _hidden(text: str, secrets: Mapping[str, str]) -> str:
    for variable, secret in secrets.items():
        text = text.replace(secret, f"${variable}") if secret else text
    return text


def _in_double_quotes(text: str) -> str:
    return "".join(f"\\{character}" if character in '\\"$`' else character for character in text)

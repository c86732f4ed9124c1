"""Looks for a secret in what was written and printed, in every form that would give it away. Knows nothing of the redactor."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

KEY = "neo_sk_test_Qw7ErTy9UiOpAs3DfGh5JkLz"
OTHER_KEY = "neo_sk_test_Mn8BvCx2ZaSq4WeDcR6fVbGt"
SIGNATURE = "5a1f0c77d2e94b3866aa10ffc3de4712"


def encodings(key: str) -> Iterator[tuple[str, str]]:
    """Name and text of each form in which a hostile server may echo a key."""
    yield "raw", key
    yield "reversed", key[::-1]
    yield "other case", key[:12] + key[12:].swapcase()
    yield "percent", "".join(f"%{ord(c):02X}" for c in key)
    yield "percent, lower case", "".join(f"%{ord(c):02x}" for c in key)
    yield "percent, twice", "".join(f"%25{ord(c):02X}" for c in key)
    yield "percent, some", "".join(f"%{ord(c):02X}" if i % 3 == 0 else c for i, c in enumerate(key))
    yield "json", "".join(f"\\u{ord(c):04x}" for c in key)
    yield "json, upper case", "".join(f"\\u{ord(c):04X}" for c in key)
    yield "json, some", "".join(f"\\u{ord(c):04x}" if i % 2 else c for i, c in enumerate(key))
    yield "html", "".join(f"&#{ord(c)};" for c in key)
    yield "html, hexadecimal", "".join(f"&#x{ord(c):x};" for c in key)
    yield "hexadecimal", key.encode().hex()
    yield "markdown", key.replace("_", "\\_")
    for before in ("", "a", "ab", "Bearer "):
        whole = f"{before}{key}{before}".encode()
        yield f"base64 behind {len(before)}", base64.b64encode(whole).decode()
        yield f"base64url behind {len(before)}", base64.urlsafe_b64encode(whole).decode().rstrip("=")
        yield f"base64 of the reverse behind {len(before)}", base64.b64encode(whole[::-1]).decode()


def leaks(text: str, key: str) -> list[str]:
    """The forms in which the key stands in the text; empty: none."""
    secret = key.rpartition("_")[2]
    found = []
    # Whatever escapes a file format adds: undone, and undone again.
    views = {"as it is": text}
    for _ in range(2):
        last = list(views.values())[-1]
        views[f"unescaped {len(views)} times"] = _unescaped(last)
    for view, content in views.items():
        lowered = content.lower()
        if secret.lower() in lowered:
            found.append(f"the secret part, {view}")
        if secret[::-1].lower() in lowered:
            found.append(f"backwards, {view}")
        if secret.encode().hex() in lowered:
            found.append(f"hexadecimal, {view}")
        for word in re.findall(r"[A-Za-z0-9+/_-]{24,}", content):
            for start in range(4):
                plain = _decoded(word[start:])
                if secret.encode() in plain or secret[::-1].encode() in plain:
                    found.append(f"base64, {view}")
    return sorted(set(found))


def deltas(frames: list[object]) -> str:
    """The text of a stream, the frames' own bounds left out: a key that lies across two of them."""
    return "".join(str(f["delta"]) for f in frames if isinstance(f, dict) and "delta" in f)


def _unescaped(text: str) -> str:
    text = re.sub(r"\\+u\{?([0-9a-fA-F]{4})\}?", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    return html.unescape(unquote(text)).replace("\\", "")


def _decoded(word: str) -> bytes:
    word = word.replace("-", "+").replace("_", "/")
    if len(word) % 4 == 1:
        word = word[:-1]
    return base64.b64decode(word + "=" * (-len(word) % 4))

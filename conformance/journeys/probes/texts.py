"""What the probes are written with: JSON in ASCII and in UTF-8, and two legal, unusual texts."""

from __future__ import annotations

import json
from typing import Any, Final

MISSING: Final[Any] = object()
"""No JSON body was given (None would be a null)."""

ODD_TEXT: Final = (
    "Family \U0001f469\u200d\U0001f469\u200d\U0001f467, Ze\u0301ro, \u05e9\u05dc\u05d5\u05dd \u202eltr\u202c, "
    '\U0001d538, line\u2028paragraph\u2029next\u0085end, tab\there, \\u0000 "quoted" </script> %00 {{7*7}} \'; --'
)
"""A legal text with no control character but TAB: emoji, combining, right to left, astral, Unicode line ends."""

BEYOND_ASCII: Final = "Zo\u00eb, \u732b \U0001f408"
"""Characters of two, three and four bytes in UTF-8, such as any name may have."""

_SUSPECT: Final = (
    b"</script",
    b"../",
    b"%00",
    b"\\u0000",
    b"\\r\\n",
    b"__proto__",
    b"' OR",
    b"\0",
    b"\xff",
    b"\xed\xa0",
)
"""What the rules of common firewalls look for in a body; the JSON escapes among them are read as what they stand for."""

MANY: Final = 20_000
"""Nested lists, and characters of a long id."""


def looks_like_an_attack(body: bytes) -> bool:
    """Whether a firewall in front of the API may refuse the body, with a page of its own (the fact ``odd_body``)."""
    return any(mark in body for mark in _SUSPECT)


def as_json(value: Any) -> bytes:
    """JSON in ASCII: a lone surrogate or a NUL leaves as its escape."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")


def as_utf_8(value: Any) -> bytes:
    """JSON whose characters leave as they are, in UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()

"""What the probes are written with: JSON in ASCII, and one legal, unusual text."""

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

MANY: Final = 20_000
"""Nested lists, and characters of a long id."""


def as_json(value: Any) -> bytes:
    """JSON in ASCII: a lone surrogate or a NUL leaves as its escape."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")

"""Cursors, session ids and queries that are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cursor:
    """A text that is no cursor, for ``?since=`` and, where ``in_header``, for ``Last-Event-Id``."""

    name: str
    text: str
    in_header: bool = True


MALFORMED_CURSORS: Final[tuple[Cursor, ...]] = (
    Cursor("word", "abc"),
    Cursor("empty", ""),
    Cursor("negative", "-1"),
    Cursor("no-sequence", "1-"),
    Cursor("three-parts", "0-0-0"),
    Cursor("far-future", "99999999999999-0"),
    Cursor("beyond-64-bit", "99999999999999999999999-0"),
    Cursor("sequence-beyond-64-bit", "1-99999999999999999999999"),
    Cursor("no-number", "1-x"),
    Cursor("fraction", "1.5-0"),
    Cursor("space-within", "1 0"),
    Cursor("spaces", "   ", in_header=False),  # a header's outer blanks are not part of its value
    Cursor("dollar", "$"),
    Cursor("plus", "+"),
    Cursor("minus", "-"),
    Cursor("greater", ">"),
    Cursor("star", "*"),
    Cursor("bracket", "(1-0"),
    Cursor("null-word", "null"),
    Cursor("percent-nul", "%00"),
    Cursor("nul", "1-0\0", in_header=False),
    Cursor("line-end", "1-0\r\n", in_header=False),
    Cursor("emoji", "\U0001f600", in_header=False),
    Cursor("other-digits", "\u0661-\u0660", in_header=False),
    Cursor("superscript", "\u00b2-0", in_header=False),  # str.isdigit() holds, int() raises
    Cursor("sql", "1' OR '1'='1"),
    Cursor("long", "9" * 2_000),
)
"""``cursors/malformed-NAME-query`` and ``-header``."""


ODD_SESSION_IDS: Final[Mapping[str, str]] = {
    "word": "no-such-session",
    "zero": "0",
    "negative": "-1",
    "beyond-64-bit": "99999999999999999999999999",
    "zero-uuid": "00000000-0000-0000-0000-000000000000",
    "nul": "%00",
    "not-utf-8": "%ff%fe",
    "emoji": "%F0%9F%98%80",
    "sql": "1%27%20OR%20%271%27%3D%271",
    "long": "9" * 1_000,
}
"""Segments for the path as they stand in the URL (already percent-encoded): ids of no session, for "no 5xx" only.

Their exchanges carry the fact ``odd_path``: a proxy may answer such a path by itself, in its own form.
"""


ODD_REPLAY_QUERIES: Final[Mapping[str, str]] = {
    "page-size-zero": "page_size=0",
    "page-size-negative": "page_size=-1",
    "page-size-huge": "page_size=99999999999999999999999999",
    "page-size-word": "page_size=abc",
    "cursor-word": "cursor=abc",
    "cursor-base64": "cursor=eyJpZCI6IG51bGx9",
    "cursor-nul": "cursor=%00",
    "cursor-not-utf-8": "cursor=%ff",
}
"""Query strings for GET messages, for "no 5xx" only: that endpoint's parameters are open."""


ODD_TAIL_QUERIES: Final[Mapping[str, str]] = {
    "since-twice": "since=0-0&since=1-0",
    "since-list": "since[]=0-0",
    "since-unknown-parameter": "since=0-0&limit=abc",
}
"""Query strings for a tail, for "no 5xx" only."""

"""Texts that are ordinary for whoever writes them, and that programs take for something else.

A random string is none of them. So each operation that takes text gets them deliberately, one in an otherwise plain
request: a request that every page allows, in which only the text is of interest. None looks like an attack: what a
firewall before the API does with such a text is on no page.
"""

from __future__ import annotations

import random
from typing import Any, Final

FIRST: Final = ("0", "null", "false", "undefined", "2026")
"""Those that real programs trip over most often; every run begins with them."""

OTHERS: Final = (
    # numbers, truth values and emptiness, as programs write them
    "-1", "1", "00", "1.0", "-0", "1e3", "1e999", "0x10", "1_000", "9007199254740993", "18446744073709551616",
    "NaN", "Infinity", "None", "nil", "true", "True", "no", "off", "yes", "NULL",
    # what is JSON, a list, a date, an address or a template of its own
    "[]", "{}", "[object Object]", "2026-02-29", "12:30", "a,b", "a=b&c=d", "100 %", "50%25", "x@example.org",
    # letters of which the length, the order, or the other case is not what it seems
    "ß", "İ", "ﬁn", "Ⅷ", "Å", "e\u0301", "\uff46\uff55\uff4c\uff4c", "٣", "五", "\U0001d4b3", "Ω≈ç√∫",
    "नमस्ते", "안녕하세요", "שלום", "مرحبا",
    "👍🏽 ok", "🇳🇴 flag", "\u00a0a\u00a0",
    # white space that may be cut off, and lengths at which columns end
    " a ", "a" * 255, "a" * 256, "ä" * 500, "a" * 2000,
)  # fmt: skip

FREE_TEXT: Final[dict[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    "createSession": (("title",), {"managed_agent_key": "NEO_SUPPORT"}),
    "appendMessage": (("message", "client_message_id"), {"message": "Hello"}),
    "requestUploadUrl": (("filename",), {"content_type": "image/png"}),
}
"""By operationId: the fields that take free text, and the rest of a body that every page allows."""

WITH_TEXT: Final = frozenset(FREE_TEXT)
"""The operations that take free text."""

_OTHER_TIERS: Final = ("fast", "ULTRA", "")
"""Words that a server may take for one of the two that there are, or for none; the pages have them refused."""

_ODD_QUERIES: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "listMessages": (
        {"page_size": "1"},
        {"page_size": "2"},
        {"page_size": "200"},
        {"page_size": "0"},
        {"page_size": "-1"},
        {"page_size": "NaN"},
        {"page_size": "99999999999999999999"},
        {"cursor": ""},
        {"cursor": "0"},
        {"cursor": "null"},
        {"cursor": "%"},
    ),
    "tailEvents": tuple(
        {"since": text} for text in ("0", "0-0", "-1", "$", "null", "-", "+", "1-", "NaN", "\u0663-\u0660")
    ),
}


def first_bodies(operation_id: str) -> list[dict[str, Any]]:
    """The bodies that every run sends first; none for an operation without text."""
    if operation_id not in FREE_TEXT:
        return []
    fields, rest = FREE_TEXT[operation_id]
    tiers = _OTHER_TIERS if operation_id == "appendMessage" else ()
    return [{**rest, fields[0]: text} for text in FIRST] + [{**rest, "model_tier": tier} for tier in tiers]


def other_bodies(operation_id: str, count: int, chance: random.Random) -> list[dict[str, Any]]:
    """So many further bodies, each with one text of ``OTHERS`` in one field."""
    if operation_id not in FREE_TEXT:
        return []
    fields, rest = FREE_TEXT[operation_id]
    texts = chance.sample(OTHERS, min(count, len(OTHERS)))
    return [{**rest, chance.choice(fields): text} for text in texts]


def queries(operation_id: str) -> list[dict[str, str]]:
    """Parameters of a read that are taken for something else; what a server does with them is mostly open."""
    return [dict(query) for query in _ODD_QUERIES.get(operation_id, ())]

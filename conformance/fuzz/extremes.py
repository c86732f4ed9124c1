"""Requests on which programs fall over: texts with a NUL or without an end, numbers past every width, deep nesting, charsets.

What is said to them is on no page, so that nothing is expected but what holds for all: an answer of the documented form,
and no 5xx (ERR-04).
"""

from __future__ import annotations

from typing import Any, Final

from conformance.fuzz.literals import FREE_TEXT

_LONG: Final = 70_000
"""Characters: more than the 65,535 bytes at which columns of databases end."""
_DEEP: Final = 600
"""Levels; a parser that calls itself for each of them gets near the bound on its stack."""
_WIDE: Final = 10**40
_CONTENT_TYPES: Final = (
    "application/json; charset=utf-8",
    "application/json; charset=x-unknown",
    "application/json; charset=UTF-16",
    "application/json; charset",
    "APPLICATION/JSON",
)


def _nested() -> Any:
    value: Any = "x"
    for _ in range(_DEEP):
        value = [value]
    return value


def extreme_bodies(operation_id: str) -> list[dict[str, Any]]:
    """Plain bodies with something extreme in one place; none for an operation without a body."""
    if operation_id not in FREE_TEXT:
        return []
    fields, rest = FREE_TEXT[operation_id]
    texts = ("a\u0000b", "a" * _LONG, "\ud83d\ude00" * 300, "\u202e\u0007\u001b[2J", "\ufffe\uffff")
    found = [{**rest, field: text} for field in fields for text in texts]
    found += [{**rest, field: value} for field in fields[:1] for value in (_WIDE, -_WIDE, 1e308)]
    return [*found, {**rest, fields[0]: _nested()}, {**rest, "extra": _nested()}]


def content_types(operation_id: str) -> tuple[str, ...]:
    """Of a plain body; none for an operation without one."""
    return _CONTENT_TYPES if operation_id in FREE_TEXT else ()


def plain_body(operation_id: str) -> dict[str, Any]:
    """The body to which the content types are given."""
    fields, rest = FREE_TEXT[operation_id]
    return {**rest, fields[0]: "Conformance run"}

"""One chunk: the `data` of one SSE event, exactly as strict as the SDK's `uiMessageChunkSchema`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.envelopes import javascript_json
from conformance.envelopes.model import ChunkType, Field, Kind, type_of

SENTINEL: Final = "[DONE]"
_QUOTED_CHARACTERS: Final = 60


@dataclass(frozen=True)
class Chunk:
    """One valid chunk. `fields` are all of its fields but `type`, the unknown ones too, as parsed from JSON."""

    type: str
    fields: Mapping[str, Any]


class NotAChunk(ValueError):  # noqa: N818 (named after what the data is)
    """The data is no chunk.

    reason: which field, what was expected, what came; one line, ASCII where it quotes the target.
    disputed: some 6.x clients accept it, or this suite cannot tell. See `parse`.
    """

    def __init__(self, reason: str, *, disputed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.disputed = disputed


def is_sentinel(data: str) -> bool:
    """Tell the end mark that the SDK's client skips. It compares the whole of the data, so `[DONE] ` is not one."""
    return data == SENTINEL


def parse(data: str) -> Chunk:
    """Parse the data of one event.

    Raises:
        NotAChunk: it is not JSON, not an object, of an unknown type, or a field is missing or of the wrong kind.
            A missing field that takes any value (`input`, `output`, `data`, `messageMetadata`) is `disputed`: the SDK's
            schema requires it, but zod before 4.4.0, which the SDK admits, does not notice. The SDK's own server leaves
            `output` out when a tool returns undefined. So is a wrong value of a field that 6.0.231 did not know, and
            JSON nested deeper than 400 levels.
    """
    try:
        value = javascript_json.loads(data)
    except javascript_json.NotJson as error:
        disputed = isinstance(error, javascript_json.TooDeep)
        raise NotAChunk(f"the data {error}: {quote(data)}", disputed=disputed) from None
    if not isinstance(value, dict):
        raise NotAChunk(f"the data must be a JSON object, got {describe(value)}")
    if "type" not in value:
        raise NotAChunk("the field type is missing: expected the name of a chunk type")
    name = value["type"]
    if not isinstance(name, str):
        raise NotAChunk(f"the field type must be a string, got {describe(name)}")
    chunk_type = type_of(name)
    if chunk_type is None:
        raise NotAChunk(f"the field type must name an AI SDK v6 chunk, got {describe(name)}")
    _check_fields(chunk_type, value)
    return Chunk(name, {key: content for key, content in value.items() if key != "type"})


def describe(value: Any) -> str:
    """A JSON value in a few words: its type, and its content if that is short."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {'true' if value else 'false'}"
    if isinstance(value, int | float):
        return f"the number {quote(value)}"
    if isinstance(value, str):
        return f"the string {quote(value)}"
    return "an array" if isinstance(value, list) else "an object"


def quote(value: Any) -> str:
    """A scalar as JSON in ASCII (a lone surrogate stays printable), cut to one short piece."""
    if isinstance(value, str) and len(value) > _QUOTED_CHARACTERS:
        return f"{json.dumps(value[:_QUOTED_CHARACTERS])}… ({len(value)} characters)"
    text = json.dumps(value)
    return text if isinstance(value, str) or len(text) <= _QUOTED_CHARACTERS else f"{text[:_QUOTED_CHARACTERS]}…"


def _check_fields(chunk_type: ChunkType, chunk: Mapping[str, Any]) -> None:
    disputed = ""  # raised last: what every client rejects is the better reason
    for field_name, field in chunk_type.fields.items():
        if field_name in chunk:
            wrong = _mismatch(field, chunk[field_name])
            if not wrong:
                continue
            reason = f"{quote(chunk['type'])}: the field {field_name} must be {field.expected}, got {wrong}"
            note = f"ai before {field.since} does not know the field" if field.since else ""
        elif field.required:
            reason = f"{quote(chunk['type'])}: the field {field_name} is missing: expected {field.expected}"
            note = "clients with zod before 4.4.0 do not notice" if field.kind is Kind.ANY else ""
        else:
            continue
        if not note:
            raise NotAChunk(reason)
        disputed = disputed or f"{reason} ({note})"
    if disputed:
        raise NotAChunk(disputed, disputed=True)


def _mismatch(field: Field, value: Any) -> str:
    """What came instead, "" if the value is of the field's kind."""
    wrong = ""
    if field.kind is Kind.STRING:
        fits = isinstance(value, str)
    elif field.kind is Kind.BOOLEAN:
        fits = isinstance(value, bool)
    elif field.kind is Kind.CHOICE:
        fits = isinstance(value, str) and value in field.choices
    elif field.kind is Kind.OBJECT:
        fits, wrong = _objects_of_json(value, levels=1)
    elif field.kind is Kind.PROVIDER_METADATA:
        fits, wrong = _objects_of_json(value, levels=2)
    else:
        fits = True
    return "" if fits else wrong or describe(value)


def _objects_of_json(value: Any, levels: int) -> tuple[bool, str]:
    """Whether this is an object whose values, `levels` - 1 objects further down, are JSON values for zod."""
    if not isinstance(value, dict):
        return False, describe(value)
    for key, inner in value.items():
        fits, wrong = _objects_of_json(inner, levels - 1) if levels > 1 else _json_value(inner)
        if not fits:
            return False, f"{wrong} in {quote(key)}"
    return True, ""


def _json_value(value: Any) -> tuple[bool, str]:
    # JSON.parse reads 1e400 as Infinity, and zod's number() refuses that: the one JSON text that is no JSON value.
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, float) and math.isinf(node):
            return False, "a number beyond the range of a double"
        if isinstance(node, dict):
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return True, ""

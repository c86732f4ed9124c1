"""For each chunk type the least and the fullest valid example, and invalid ones, by hand and not from the model.

tests/envelopes/test_agreement.py puts them before the SDK's schema, so that a mistake here cannot hide one there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_METADATA = {"openai": {"itemId": "i1", "score": 0.5, "deep": [{"a": None}]}}


@dataclass(frozen=True)
class Example:
    """`least` has the required fields only, `full` every field that the type knows; each of `bad` spoils `full`.

    It replaces fields; a field whose replacement is ABSENT is left out.
    """

    least: dict[str, Any]
    full: dict[str, Any]
    bad: tuple[dict[str, Any], ...]

    def invalid(self) -> list[dict[str, Any]]:
        merged = [{**self.full, **changes} for changes in self.bad]
        return [{name: value for name, value in chunk.items() if value is not ABSENT} for chunk in merged]


ABSENT: Any = object()


def _part(kind: str) -> dict[str, Example]:
    bad_delta = ({"id": ABSENT}, {"delta": ABSENT}, {"id": 1}, {"delta": None}, {"providerMetadata": None})
    start, delta, end = (f"{kind}-{step}" for step in ("start", "delta", "end"))
    return {
        start: Example(
            {"type": start, "id": "1"},
            {"type": start, "id": "1", "providerMetadata": _METADATA},
            ({"id": ABSENT}, {"id": 1}, {"id": None}, {"providerMetadata": {"openai": "x"}}),
        ),
        delta: Example(
            {"type": delta, "id": "1", "delta": ""},
            {"type": delta, "id": "1", "delta": "Hello", "providerMetadata": _METADATA},
            bad_delta,
        ),
        end: Example(
            {"type": end, "id": "1"},
            {"type": end, "id": "1", "providerMetadata": {}},
            ({"id": ABSENT}, {"id": []}, {"providerMetadata": []}),
        ),
    }


def _tool(name: str, least: dict[str, Any], more: dict[str, Any], *bad: dict[str, Any]) -> dict[str, Example]:
    least = {"type": name, "toolCallId": "c1", **least}
    return {name: Example(least, {**least, **more}, ({"toolCallId": ABSENT}, {"toolCallId": 1}, *bad))}


_CALL = {"providerExecuted": True, "providerMetadata": _METADATA, "toolMetadata": {"a": [1]}, "dynamic": False}
_BAD_CALL: tuple[dict[str, Any], ...] = (
    {"providerExecuted": "true"},
    {"providerMetadata": {"openai": None}},
    {"toolMetadata": None},
    {"toolMetadata": []},
    {"dynamic": None},
)
_NAMED = {"toolName": "search"}
_BAD_NAMED = ({"toolName": ABSENT}, {"toolName": None}, {"title": None})

EXAMPLES: dict[str, Example] = {
    "start": Example(
        {"type": "start"},
        {"type": "start", "messageId": "m1", "messageMetadata": {"model": "x"}},
        ({"messageId": None}, {"messageId": 1}),
    ),
    "start-step": Example({"type": "start-step"}, {"type": "start-step"}, ({"type": "start_step"}, {"type": None})),
    **_part("text"),
    **_part("reasoning"),
    **_tool(
        "tool-input-start",
        _NAMED,
        {**_CALL, "title": "Search", "inputEncoding": "text"},
        *_BAD_CALL,
        *_BAD_NAMED,
        {"inputEncoding": "xml"},
        {"inputEncoding": None},
    ),
    **_tool("tool-input-delta", {"inputTextDelta": "{"}, {}, {"inputTextDelta": ABSENT}, {"inputTextDelta": {}}),
    **_tool(
        "tool-input-available",
        {**_NAMED, "input": None},
        {**_CALL, "title": "Search", "input": {"q": "x"}},
        *_BAD_CALL,
        *_BAD_NAMED,
        {"input": ABSENT},
    ),
    **_tool(
        "tool-input-error",
        {**_NAMED, "input": "{", "errorText": "bad"},
        {**_CALL, "title": "Search"},
        *_BAD_CALL,
        *_BAD_NAMED,
        {"input": ABSENT},
        {"errorText": ABSENT},
        {"errorText": None},
    ),
    **_tool(
        "tool-approval-request",
        {"approvalId": "a1"},
        {"approvalDescriptor": {}, "inputSchemaInput": None, "signature": "s"},
        {"approvalId": ABSENT},
        {"approvalId": 1},
        {"signature": None},
    ),
    **_tool(
        "tool-output-available",
        {"output": None},
        {**_CALL, "output": {"hits": 3}, "preliminary": True},
        *_BAD_CALL,
        {"output": ABSENT},
        {"preliminary": None},
    ),
    **_tool("tool-output-error", {"errorText": "x"}, _CALL, *_BAD_CALL, {"errorText": ABSENT}, {"errorText": {}}),
    **_tool("tool-output-denied", {}, {}),
    "source-url": Example(
        {"type": "source-url", "sourceId": "s1", "url": "not checked"},
        {"type": "source-url", "sourceId": "s1", "url": "https://x", "title": "X", "providerMetadata": _METADATA},
        ({"sourceId": ABSENT}, {"url": ABSENT}, {"url": None}, {"title": None}, {"providerMetadata": 1}),
    ),
    "source-document": Example(
        {"type": "source-document", "sourceId": "s1", "mediaType": "application/pdf", "title": "X"},
        {
            "type": "source-document",
            "sourceId": "s1",
            "mediaType": "application/pdf",
            "title": "X",
            "filename": "x.pdf",
            "providerMetadata": _METADATA,
        },
        ({"sourceId": ABSENT}, {"mediaType": ABSENT}, {"title": ABSENT}, {"title": None}, {"filename": None}),
    ),
    "file": Example(
        {"type": "file", "url": "data:,x", "mediaType": "text/plain"},
        {"type": "file", "url": "data:,x", "mediaType": "text/plain", "providerMetadata": _METADATA},
        ({"url": ABSENT}, {"mediaType": ABSENT}, {"mediaType": None}, {"providerMetadata": "x"}),
    ),
    "data-*": Example(
        {"type": "data-weather", "data": None},
        {"type": "data-weather", "data": [1], "id": "d1", "transient": True},
        ({"data": ABSENT}, {"id": None}, {"id": 1}, {"transient": None}, {"transient": 1}, {"type": "data"}),
    ),
    "message-metadata": Example(
        {"type": "message-metadata", "messageMetadata": None},
        {"type": "message-metadata", "messageMetadata": {"a": 1}},
        ({"messageMetadata": ABSENT},),
    ),
    "error": Example(
        {"type": "error", "errorText": ""},
        {"type": "error", "errorText": "It broke."},
        ({"errorText": ABSENT}, {"errorText": None}, {"errorText": {"message": "x"}}),
    ),
    "finish-step": Example({"type": "finish-step"}, {"type": "finish-step"}, ({"type": "finishStep"}, {"type": 1})),
    "finish": Example(
        {"type": "finish"},
        {"type": "finish", "finishReason": "tool-calls", "messageMetadata": None},
        ({"finishReason": None}, {"finishReason": "unknown"}, {"finishReason": "Stop"}, {"finishReason": 1}),
    ),
    "abort": Example(
        {"type": "abort"}, {"type": "abort", "reason": "user"}, ({"reason": None}, {"reason": 1}, {"type": "aborted"})
    ),
}

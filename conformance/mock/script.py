"""The agent: a script. The same turn always says the same, so a replay can be compared byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from conformance.mock.policy import Policy

MODELS: Final = {"FAST": "neo-mock-standard", "SMART": "neo-mock-strong"}
"""The model that serves a turn, by tier (M5)."""

Chunk = dict[str, Any]
"""One AI SDK v6 envelope."""

_WORDS: Final = (
    *("Here ", "is ", "what ", "the ", "scripted ", "agent ", "found, "),
    # More than ASCII, in two, three and four bytes.
    *("déjà ", "vu ", "and ", "猫 ", "and ", "🐈 ", "included."),
)
_CODA: Final = ("\n\n", "It was read ", "from one source, ", "checked twice ", "and written down ", "by the mock.")


@dataclass(frozen=True)
class Turn:
    """What the script needs to know of a turn."""

    id: str
    session: str
    message_id: str
    """Id of the assistant's message."""
    tier: str
    asked: str = ""
    """The user's text."""


@dataclass(frozen=True)
class Step:
    """Envelopes written in one go, hence in one millisecond; ``final`` marks those of the turn's final state.

    ``pause``: seconds of silence before it, beside the turn's pace.
    """

    chunks: tuple[Chunk, ...]
    final: bool = False
    pause: float = 0.0


def steps(turn: Turn, policy: Policy) -> list[Step]:
    """The whole turn, in the order in which the SDK's client accepts it; its last envelope is the terminal one."""
    script = list(_steps(turn, policy))
    if policy.extra_fields:
        script = [
            Step(tuple({**chunk, "xAddedLater": {"a": None}} for chunk in step.chunks), step.final) for step in script
        ]
    return script


def answer_text(script: Iterable[Step]) -> str:
    """The text of the assistant's message: what the turn's text deltas add up to."""
    chunks = (chunk for step in script for chunk in step.chunks)
    return "".join(str(chunk.get("delta", "")) for chunk in chunks if chunk.get("type") == "text-delta")


def served_by(turn: Turn, policy: Policy) -> dict[str, str]:
    """``{"model": …}`` of the turn, or nothing when the policy does not tell."""
    return {"model": MODELS[turn.tier]} if policy.tier_visible else {}


def _deltas(policy: Policy) -> tuple[list[str], list[str]]:
    # Line separators for Unicode, but not for SSE: a reader that splits lines at them tears the envelope.
    separators = ["one\u2028two\u2029three\u0085four "] if policy.line_separators else []
    return [*_WORDS, *separators], list(_CODA)


def _steps(turn: Turn, policy: Policy) -> Iterator[Step]:
    # Part and call ids bear the turn's id: turns may run side by side in one stream.
    reasoning, text, call = f"rsn_{turn.id}", f"txt_{turn.id}", f"call_{turn.id}"
    metadata = served_by(turn, policy)
    start: Chunk = {"type": "start", "messageId": turn.message_id}
    if metadata:
        start["messageMetadata"] = metadata
    yield Step((start, {"type": "start-step"}))
    yield Step(({"type": "reasoning-start", "id": reasoning},))
    for thought in ("The user asks something. ", "A look into the knowledge base ", "should answer it."):
        yield Step(({"type": "reasoning-delta", "id": reasoning, "delta": thought},))
    yield Step(({"type": "reasoning-end", "id": reasoning},))
    yield from _tool_call(call)
    if policy.ending == "approval":
        yield Step(({"type": "tool-approval-request", "approvalId": f"apr_{turn.id}", "toolCallId": call},))
        yield Step(({"type": "finish-step"}, _finish("tool-calls", metadata)), final=True)
        return
    yield Step(({"type": "tool-output-available", "toolCallId": call, "output": {"hits": 1, "title": "Mock"}},))
    yield Step(({"type": "finish-step"}, {"type": "start-step"}))
    yield Step(
        (
            {
                "type": "source-url",
                "sourceId": f"src_{turn.id}",
                "url": "https://example.com/mock-article",
                "title": "A mock article",
            },
        )
    )
    words, coda = _deltas(policy)
    # The burst: fifteen envelopes in one millisecond, so that sequence numbers have one digit and two.
    yield Step(
        (
            {"type": "text-start", "id": text},
            *({"type": "text-delta", "id": text, "delta": word} for word in words),
        )
    )
    if policy.ending == "error":
        yield Step(({"type": "error", "errorText": "The scripted agent failed."},), final=True)
    elif policy.ending == "error-finish":
        # Two writes: a client that stops reading at the error misses what follows a moment later.
        yield Step(({"type": "error", "errorText": "The scripted agent failed."},), final=True)
        yield Step(({"type": "finish-step"}, _finish("error", metadata)), final=True)
    elif policy.ending == "abort":
        yield Step(({"type": "abort", "reason": "The scripted agent was stopped."},), final=True)
    else:
        for piece in coda:
            yield Step(({"type": "text-delta", "id": text, "delta": piece},))
        yield Step(({"type": "text-end", "id": text},))
        yield Step(({"type": "finish-step"}, _finish("stop", metadata)), final=True)


def _tool_call(call: str) -> Iterator[Step]:
    yield Step(({"type": "tool-input-start", "toolCallId": call, "toolName": "search_knowledge_base"},))
    for piece in ('{"query":', '"the mock', '"}'):
        yield Step(({"type": "tool-input-delta", "toolCallId": call, "inputTextDelta": piece},))
    yield Step(
        (
            {
                "type": "tool-input-available",
                "toolCallId": call,
                "toolName": "search_knowledge_base",
                "input": {"query": "the mock"},
            },
        )
    )


def _finish(reason: str, metadata: dict[str, str]) -> Chunk:
    finish: Chunk = {"type": "finish", "finishReason": reason}
    if metadata:
        finish["messageMetadata"] = metadata
    return finish

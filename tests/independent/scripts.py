"""What the agent says: beats of envelopes with their weight in time; the envelopes of one beat share a millisecond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .eventlog import Envelope
from .variants import Manners


@dataclass(frozen=True)
class Beat:
    """A pause, as a share of the turn's time, and what is said after it."""

    weight: float
    envelopes: list[Envelope]


MODELS = {"FAST": "meridian-2-swift", "SMART": "meridian-2-deep"}


def beats(turn: int, message_id: str, tier: str, manners: Manners) -> Iterator[Beat]:
    """The answer to the session's n-th message; three plots follow one another."""
    metadata = {"model": MODELS[tier], "model_tier": tier}
    yield Beat(0.5, [{"type": "start", "messageId": message_id, "messageMetadata": metadata}])
    yield Beat(0.5, [{"type": "start-step"}])
    plots = (_thought, _lookup, _briefing)
    yield from plots[turn % len(plots)](message_id)
    endings = (_stop, _abort, _error, _error_and_finish, _approval) if manners.varied_endings else (_stop,)
    ending = list(endings[turn % len(endings)](message_id))
    yield from ending[:-1]
    # It comes with the turn's last envelopes: one reader gets it in the same packet, another has left by then.
    title = [{"type": "data-session", "id": "session", "data": {"title": "About an invoice"}}]
    yield Beat(ending[-1].weight, [*ending[-1].envelopes, *(title if manners.title_after_finish else [])])


def _text(part: str, pieces: list[str]) -> Iterator[Beat]:
    yield Beat(1, [{"type": "text-start", "id": part}, {"type": "text-delta", "id": part, "delta": pieces[0]}])
    for piece in pieces[1:]:
        yield Beat(1, [{"type": "text-delta", "id": part, "delta": piece}])
    yield Beat(0.2, [{"type": "text-end", "id": part}])


def _thought(message_id: str) -> Iterator[Beat]:
    part = f"{message_id}:r0"
    yield Beat(0.5, [{"type": "reasoning-start", "id": part}])
    yield Beat(1, [{"type": "reasoning-delta", "id": part, "delta": "The question is about an invoice"}])
    yield Beat(
        1,
        [
            {"type": "reasoning-delta", "id": part, "delta": ", so the ledger comes first."},
            {"type": "reasoning-end", "id": part},
        ],
    )
    # Line and paragraph separators are line ends to Unicode, but not to an event stream.
    yield from _text(f"{message_id}:t0", ["Your invoice ", "is paid.\u2028Paid ", "in full\u0085", " - “thank you” 🧾"])
    source = {"type": "source-url", "sourceId": f"{message_id}:s0", "url": "https://ledger.example/4711"}
    yield Beat(0.5, [source])


def _lookup(message_id: str) -> Iterator[Beat]:
    call = f"call_{message_id}"
    yield Beat(
        0.5,
        [
            {"type": "data-progress", "id": "p", "data": {"step": "lookup", "done": 0}, "transient": True},
            {"type": "tool-input-start", "toolCallId": call, "toolName": "find_order"},
        ],
    )
    for piece in ('{"order"', ': "A-17', '", "lines": [1, 2]}'):
        yield Beat(0.5, [{"type": "tool-input-delta", "toolCallId": call, "inputTextDelta": piece}])
    order = {"order": "A-17", "lines": [1, 2]}
    yield Beat(0.5, [{"type": "tool-input-available", "toolCallId": call, "toolName": "find_order", "input": order}])
    yield Beat(
        1,
        [
            {"type": "tool-output-available", "toolCallId": call, "output": [{"line": 1, "sent": True}, None]},
            {"type": "data-progress", "id": "p", "data": None},
            {"type": "finish-step"},
        ],
    )
    yield Beat(0.3, [{"type": "start-step"}])
    # Parts of an earlier step are closed; their ids may be taken again.
    yield from _text("0", ["Line 1 has left", ", line 2", " has not."])


def _briefing(message_id: str) -> Iterator[Beat]:
    call = f"call_{message_id}"
    yield Beat(0.5, [{"type": "text-start", "id": "a"}, {"type": "text-delta", "id": "a", "delta": "Let me look"}])
    # Two parts are open at once, and one delta says nothing.
    yield Beat(0.5, [{"type": "reasoning-start", "id": "a"}, {"type": "text-delta", "id": "a", "delta": ""}])
    yield Beat(0.5, [{"type": "reasoning-end", "id": "a"}, {"type": "text-end", "id": "a"}])
    draft = {"type": "tool-input-available", "toolCallId": call, "toolName": "fetch_page", "input": {"page": 3}}
    yield Beat(1, [draft, {"type": "tool-output-error", "toolCallId": call, "errorText": "The page is gone."}])
    yield Beat(0.5, [{"type": "message-metadata", "messageMetadata": {"retries": 1}}])
    document = {"type": "source-document", "sourceId": "doc", "mediaType": "application/pdf", "title": "Briefing · Q3"}
    yield Beat(0.5, [document, {"type": "file", "url": "data:text/plain,ok", "mediaType": "text/plain"}])
    yield from _text("b", ["It is gone, ", "here is ", "the briefing."])


def _stop(message_id: str) -> Iterator[Beat]:  # noqa: ARG001 - one of several endings
    yield Beat(0.5, [{"type": "finish-step"}, {"type": "finish", "finishReason": "stop"}])


def _abort(message_id: str) -> Iterator[Beat]:
    # The part stays open: an abort does not tidy up.
    part = f"{message_id}:cut"
    yield Beat(0.5, [{"type": "text-start", "id": part}, {"type": "text-delta", "id": part, "delta": "And then"}])
    yield Beat(0.5, [{"type": "abort", "reason": "stopped by an operator"}])


def _error(message_id: str) -> Iterator[Beat]:  # noqa: ARG001 - one of several endings
    yield Beat(0.5, [{"type": "error", "errorText": "The model is overloaded."}])


def _error_and_finish(message_id: str) -> Iterator[Beat]:  # noqa: ARG001 - one of several endings
    yield Beat(0.5, [{"type": "error", "errorText": "The model is overloaded."}])
    yield Beat(0.5, [{"type": "finish-step"}, {"type": "finish", "finishReason": "error"}])


def _approval(message_id: str) -> Iterator[Beat]:
    call = f"call_{message_id}:refund"
    refund = {"type": "tool-input-available", "toolCallId": call, "toolName": "refund", "input": {"order": "A-17"}}
    yield Beat(0.5, [refund, {"type": "tool-approval-request", "approvalId": f"apr_{message_id}", "toolCallId": call}])
    yield Beat(0.5, [{"type": "finish-step"}, {"type": "finish", "finishReason": "tool-calls"}])

"""Envelopes that are no AI SDK v6 chunks (EVT-03)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.script import Chunk, Turn
from conformance.mock.sse import Frame
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_chunks, with_frames


def _typed(server: Behaviour, kind: str, change: Callable[[Chunk], Chunk]) -> Behaviour:
    """Envelopes of one type are changed."""

    def one(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        return [change(chunk) if chunk["type"] == kind else chunk]

    return with_chunks(server, one)


def _without(name: str) -> Callable[[Chunk], Chunk]:
    return lambda chunk: {key: value for key, value in chunk.items() if key != name}


def _with(**fields: Any) -> Callable[[Chunk], Chunk]:
    return lambda chunk: {**chunk, **fields}


@fault("EVT-03", mistake="the data stream protocol of AI SDK v4 is still written for text")
def text_as_v4_lines(server: Behaviour) -> Behaviour:
    """A text delta is sent as 0:"…", a line of the data stream protocol of AI SDK v4."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        chunk = json.loads(frame.chunk)
        if chunk["type"] != "text-delta":
            return [frame]
        return [replace(frame, chunk=f"0:{json.dumps(chunk['delta'], ensure_ascii=False)}")]

    return with_frames(server, change)


@fault("EVT-03", mistake="the language's own representation of a dictionary is written, not JSON")
def tool_output_is_no_json(server: Behaviour) -> Behaviour:
    """The envelope of a tool's output is written with single quotes."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        chunk = json.loads(frame.chunk)
        return [replace(frame, chunk=repr(chunk)) if chunk["type"] == "tool-output-available" else frame]

    return with_frames(server, change)


@fault("EVT-03", mistake="a score that is no number goes through a serializer that allows NaN")
def tool_output_has_nan(server: Behaviour) -> Behaviour:
    """A tool's output has the number NaN, which JSON does not know."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        return [replace(frame, chunk=frame.chunk.replace('"hits":1', '"hits":NaN'))]

    return with_frames(server, change)


@fault(
    "EVT-03", mistake="the parts of streamText's fullStream are passed on, where a text delta has its text in 'text'"
)
def text_delta_has_text(server: Behaviour) -> Behaviour:
    """A text delta has its text in a field called text, and no delta."""

    def change(chunk: Chunk) -> Chunk:
        return {"type": "text-delta", "id": chunk["id"], "text": chunk["delta"]}

    return _typed(server, "text-delta", change)


@fault("EVT-03", mistake="the names of the model's stream parts are used, not those of the interface's stream")
def tool_call_of_the_model_stream(server: Behaviour) -> Behaviour:
    """A tool's input is announced as tool-call, a type of the model's stream."""
    return _typed(server, "tool-input-available", _with(type="tool-call"))


@fault("EVT-03", mistake="AI SDK v5 knew the finish reason 'unknown', and v6 does not")
def finish_reason_of_v5(server: Behaviour) -> Behaviour:
    """The finish reason is 'unknown', which AI SDK v6 refuses."""
    return _typed(server, "finish", _with(finishReason="unknown"))


@fault("EVT-03", mistake="the model vendor's word is passed on", ending="approval")
def finish_reason_with_an_underscore(server: Behaviour) -> Behaviour:
    """A turn that ends with a pending approval has the finish reason tool_calls."""
    return _typed(server, "finish", _with(finishReason="tool_calls"))


@fault("EVT-03", mistake="the model's class has a default of None, and the serializer writes it")
def null_in_an_optional_field(server: Behaviour) -> Behaviour:
    """A source has a title that is null."""
    return _typed(server, "source-url", _with(title=None))


@fault("EVT-03", mistake="the id of the message is not known when the turn starts, and null is written for it")
def start_with_a_null_message_id(server: Behaviour) -> Behaviour:
    """The start of a turn has a messageId that is null."""
    return _typed(server, "start", _with(messageId=None))


@fault("EVT-03", mistake="there is only ever one text, so its id was thought needless")
def text_without_an_id(server: Behaviour) -> Behaviour:
    """A text delta has no id."""
    return _typed(server, "text-delta", _without("id"))


@fault("EVT-03", mistake="fields are written in snake case, as everywhere else in this API")
def tool_output_in_snake_case(server: Behaviour) -> Behaviour:
    """A tool's output has its call's id in tool_call_id."""

    def change(chunk: Chunk) -> Chunk:
        return {"type": chunk["type"], "tool_call_id": chunk["toolCallId"], "output": chunk["output"]}

    return _typed(server, "tool-output-available", change)


@fault("EVT-03", mistake="a type of one's own for progress, without the data- prefix")
def unknown_type(server: Behaviour) -> Behaviour:
    """Behind the start of a turn comes an envelope of the type agent-progress."""

    def change(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        return [chunk, {"type": "agent-progress", "step": 1}] if chunk["type"] == "start" else [chunk]

    return with_chunks(server, change)


@fault("EVT-03", mistake="an error is written as the API's error envelopes are", ending="error")
def error_without_error_text(server: Behaviour) -> Behaviour:
    """An error has a message, and no errorText."""
    return _typed(server, "error", lambda chunk: {"type": "error", "message": chunk["errorText"]})

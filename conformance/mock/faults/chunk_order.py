"""Orders of envelopes that the SDK's client refuses (EVT-04)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import split_event_id
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_chunks, with_flow, with_steps


def _flat(script: list[Step], order: list[Chunk]) -> list[Step]:
    """The script with its envelopes in another order, as many to a step as before."""
    left = iter(order)
    return [replace(step, chunks=tuple(next(left) for _ in step.chunks)) for step in script]


def _chunks(script: list[Step]) -> list[Chunk]:
    return [dict(chunk) for step in script for chunk in step.chunks]


def _place(chunks: list[Chunk], kind: str) -> int:
    return next(index for index, chunk in enumerate(chunks) if chunk["type"] == kind)


@fault("EVT-04", mistake="the start of a part is written by a callback that runs after the first token's")
def delta_before_its_start(server: Behaviour) -> Behaviour:
    """The first text delta comes before the text's start."""

    def change(_turn: Turn, script: list[Step]) -> list[Step]:
        chunks = _chunks(script)
        at = _place(chunks, "text-start")
        chunks[at], chunks[at + 1] = chunks[at + 1], chunks[at]
        return _flat(script, chunks)

    return with_steps(server, change)


@fault("EVT-04", mistake="the last token is flushed by a timer, when the part was closed already")
def delta_after_its_end(server: Behaviour) -> Behaviour:
    """The last text delta comes after the text's end."""

    def change(_turn: Turn, script: list[Step]) -> list[Step]:
        chunks = _chunks(script)
        at = _place(chunks, "text-end")
        chunks[at - 1], chunks[at] = chunks[at], chunks[at - 1]
        return _flat(script, chunks)

    return with_steps(server, change)


@fault(
    "EVT-04", mistake="the strong model's adapter closes the reasoning when the text starts, and its deltas are late"
)
def smart_reasoning_goes_on_after_its_end(server: Behaviour) -> Behaviour:
    """In SMART turns the last reasoning delta comes after the reasoning's end."""

    def change(turn: Turn, script: list[Step]) -> list[Step]:
        chunks = _chunks(script)
        at = _place(chunks, "reasoning-end")
        if turn.tier == "SMART":
            chunks[at - 1], chunks[at] = chunks[at], chunks[at - 1]
        return _flat(script, chunks)

    return with_steps(server, change)


@fault("EVT-04", mistake="two texts of one turn run at once, and both are called 0")
def parallel_texts_with_one_id(server: Behaviour) -> Behaviour:
    """Two texts are written at the same time under one id, so the second goes on after the first has ended."""

    def change(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        if chunk["type"] in ("text-start", "text-end"):
            return [{**chunk, "id": "0"}, {**chunk, "id": "0"}]
        return [{**chunk, "id": "0"}] if chunk["type"] == "text-delta" else [chunk]

    return with_chunks(server, change)


@fault("EVT-04", mistake="a step ends when the tool has answered, while the text before it is still open")
def text_across_a_finish_step(server: Behaviour) -> Behaviour:
    """A step ends in the middle of a text, which goes on in the next step under its old id."""

    def change(_turn: Turn, script: list[Step]) -> list[Step]:
        changed: list[Step] = []
        for step in script:
            changed.append(step)
            if any(chunk["type"] == "text-start" for chunk in step.chunks):
                changed.append(Step(({"type": "finish-step"}, {"type": "start-step"})))
        return changed

    return with_steps(server, change)


@fault("EVT-04", mistake="tool calls are hidden from users by a filter, and their outputs are not")
def tool_output_without_its_call(server: Behaviour) -> Behaviour:
    """A tool's output comes, and its call never does."""

    def change(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        return [] if str(chunk["type"]).startswith("tool-input-") else [chunk]

    return with_chunks(server, change)


@fault("EVT-04", mistake="the output's call id is that of the model, the input's that of the framework")
def tool_output_of_another_call(server: Behaviour) -> Behaviour:
    """A tool's output bears the id of a call that was never made."""

    def change(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        output = chunk["type"] == "tool-output-available"
        return [{**chunk, "toolCallId": f"toolu_{chunk['toolCallId']}"} if output else chunk]

    return with_chunks(server, change)


@fault("EVT-04", mistake="the start of the tool's input waits for its name, and the deltas do not")
def tool_input_delta_before_its_start(server: Behaviour) -> Behaviour:
    """The first delta of a tool's input comes before the input's start."""

    def change(_turn: Turn, script: list[Step]) -> list[Step]:
        chunks = _chunks(script)
        at = _place(chunks, "tool-input-start")
        chunks[at], chunks[at + 1] = chunks[at + 1], chunks[at]
        return _flat(script, chunks)

    return with_steps(server, change)


@fault("EVT-04", mistake="what was read is kept in a map by time, before it is sent")
def equal_milliseconds_collapsed(server: Behaviour) -> Behaviour:
    """Of the events that have one millisecond, a tail sends only the last; so the start of a text is missing."""

    def flow(_tail: Tail, sends: Sends) -> Sends:
        async def collapsed() -> AsyncIterator[Frame | Signal]:
            kept: Frame | None = None
            async for item in sends:
                if not isinstance(item, Frame):
                    yield item
                    continue
                if kept is not None and _millisecond(kept) != _millisecond(item):
                    yield kept
                kept = item
                if item.entry["last"] == "1":
                    yield item
                    kept = None

        return collapsed()

    return with_flow(server, flow)


def _millisecond(frame: Frame) -> int:
    return split_event_id(frame.event or "0-0")[0]

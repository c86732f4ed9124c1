"""What else stands in a turn: every chunk that the SDK knows, in orders that its client takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import takewhile

from conformance.mock.behaviour import Behaviour
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sse import Frame
from conformance.mock.tail import Tail
from conformance.mock.variants.registry import variant
from conformance.mock.wrapping import with_chunks, with_frames, with_steps


def _after(server: Behaviour, place: str, more: Callable[[Turn], Iterator[Chunk]]) -> Behaviour:
    """Behind the first step with a chunk of that type come steps of one chunk each."""

    def change(turn: Turn, script: list[Step]) -> list[Step]:
        index = next((i for i, step in enumerate(script) if any(c["type"] == place for c in step.chunks)), 0)
        new = [Step((chunk,)) for chunk in more(turn)]
        return [*script[: index + 1], *new, *script[index + 1 :]]

    return with_steps(server, change)


@variant("parallel parts")
def parallel_parts(server: Behaviour) -> Behaviour:
    """Two texts and a thought are open at the same time, and their deltas come in turn."""

    def more(turn: Turn) -> Iterator[Chunk]:
        parts = [(kind, f"{kind}_{n}_{turn.id}") for n, kind in enumerate(("text", "reasoning", "text"))]
        for kind, ident in parts:
            yield {"type": f"{kind}-start", "id": ident}
        for word in ("one ", "two "):
            for kind, ident in parts:
                yield {"type": f"{kind}-delta", "id": ident, "delta": word}
        for kind, ident in reversed(parts):
            yield {"type": f"{kind}-end", "id": ident}

    return _after(server, "reasoning-end", more)


@variant("data parts")
def data_parts(server: Behaviour) -> Behaviour:
    """A data part is written and then written again under its id; another has no id."""

    def more(turn: Turn) -> Iterator[Chunk]:
        for state in ("started", "half", "done"):
            yield {"type": "data-progress", "id": f"prg_{turn.id}", "data": {"state": state}}
        yield {"type": "data-citation", "data": [1, "two", None]}

    return _after(server, "start-step", more)


@variant("data parts")
def data_parts_around_the_turn(server: Behaviour) -> Behaviour:
    """A data part comes before the start of a turn."""

    def change(turn: Turn, script: list[Step]) -> list[Step]:
        return [Step(({"type": "data-queue", "data": {"turn": turn.id, "position": 0}},)), *script]

    return with_steps(server, change)


@variant("transient parts")
def transient_parts_kept(server: Behaviour) -> Behaviour:
    """Transient data parts stand in the stream like any envelope, each under an id."""

    def more(_: Turn) -> Iterator[Chunk]:
        for word in ("thinking", "searching"):
            yield {"type": "data-status", "data": word, "transient": True}

    return _after(server, "reasoning-end", more)


@variant("transient parts")
def transient_parts_not_kept(server: Behaviour) -> Behaviour:
    """Transient data parts without an id are sent among the envelopes, others on each connection."""
    sent = 0

    def change(_: Tail, frame: Frame) -> list[Frame]:
        nonlocal sent
        sent += 1
        part = f'{{"type":"data-status","data":{{"sent":{sent}}},"transient":true}}'
        return [Frame(None, part), frame] if sent % 7 == 0 else [frame]

    return with_frames(server, change)


@variant("sources and files")
def sources_and_files(server: Behaviour) -> Behaviour:
    """A turn has a source of each kind and files, one of them a picture as its URL."""

    def more(turn: Turn) -> Iterator[Chunk]:
        yield {"type": "source-document", "sourceId": f"doc_{turn.id}", "mediaType": "application/pdf", "title": "A"}
        yield {"type": "source-url", "sourceId": f"url_{turn.id}", "url": "https://example.com/?a=1&b=%20#c"}
        yield {"type": "file", "url": "https://files.example.com/report.csv", "mediaType": "text/csv"}
        yield {"type": "file", "url": "data:image/png;base64," + "iVBORw0KGgo" * 2000, "mediaType": "image/png"}

    return _after(server, "source-url", more)


@variant("metadata of a message")
def start_given_twice(server: Behaviour) -> Behaviour:
    """A turn has a second start, of the same message with more metadata, and chunks of metadata."""

    def more(turn: Turn) -> Iterator[Chunk]:
        yield {"type": "message-metadata", "messageMetadata": {"step": 1}}
        yield {"type": "start", "messageId": turn.message_id, "messageMetadata": {"title": "Found"}}
        yield {"type": "message-metadata", "messageMetadata": {"step": 2, "tokens": {"total": 99}}}

    return _after(server, "reasoning-end", more)


@variant("tool calls")
def tools_that_fail(server: Behaviour) -> Behaviour:
    """Tool calls fail: one by its input, one by its output, one is denied after an approval was asked for."""

    def more(turn: Turn) -> Iterator[Chunk]:
        bad, failing, denied = (f"{name}_{turn.id}" for name in ("bad", "failing", "denied"))
        yield {"type": "tool-input-error", "toolCallId": bad, "toolName": "x", "input": "{", "errorText": "no JSON"}
        yield {"type": "tool-input-available", "toolCallId": failing, "toolName": "x", "input": None}
        yield {"type": "tool-output-error", "toolCallId": failing, "errorText": "Error: timeout"}
        yield {"type": "tool-input-available", "toolCallId": denied, "toolName": "x", "input": []}
        yield {"type": "tool-approval-request", "approvalId": f"apr2_{turn.id}", "toolCallId": denied}
        yield {"type": "tool-output-denied", "toolCallId": denied}

    return _after(server, "reasoning-end", more)


@variant("tool calls")
def tools_in_parallel(server: Behaviour) -> Behaviour:
    """Two dynamic tools of the provider run at once, with a preliminary output and outputs of every JSON type."""

    def more(turn: Turn) -> Iterator[Chunk]:
        one, two = f"one_{turn.id}", f"two_{turn.id}"
        for call in (one, two):
            yield {"type": "tool-input-start", "toolCallId": call, "toolName": "web", "dynamic": True}
        for call in (two, one):
            yield {"type": "tool-input-delta", "toolCallId": call, "inputTextDelta": "null"}
            yield {
                "type": "tool-input-available",
                "toolCallId": call,
                "toolName": "web",
                "input": None,
                "dynamic": True,
                "providerExecuted": True,
            }
        yield {
            "type": "tool-output-available",
            "toolCallId": one,
            "output": False,
            "dynamic": True,
            "preliminary": True,
        }
        yield {"type": "tool-output-available", "toolCallId": two, "output": None, "dynamic": True}
        yield {"type": "tool-output-available", "toolCallId": one, "output": "done", "dynamic": True}

    return _after(server, "reasoning-end", more)


def _without(server: Behaviour, *types: str) -> Behaviour:
    def change(_: Turn, chunk: Chunk) -> list[Chunk]:
        return [] if chunk["type"] in types else [chunk]

    return with_chunks(server, change)


@variant("frame of a turn", hides=("CUR-11",))
def turns_without_a_start(server: Behaviour) -> Behaviour:
    """A turn has no start and no steps, which the SDK does not ask for."""
    return _without(server, "start", "start-step", "finish-step")


@variant("frame of a turn")
def parts_left_open(server: Behaviour) -> Behaviour:
    """No text and no thought is ended, which the SDK does not ask for."""
    return _without(server, "text-end", "reasoning-end")


@variant("ids of parts", concurrency="queue")
def part_ids_used_again(server: Behaviour) -> Behaviour:
    """Parts and calls have the same small ids in every turn; the turns of a session do not overlap."""

    def change(turn: Turn, chunk: Chunk) -> list[Chunk]:
        names = ("id", "toolCallId", "approvalId", "sourceId")
        return [
            {
                name: value.replace(f"_{turn.id}", "_1") if name in names and isinstance(value, str) else value
                for name, value in chunk.items()
            }
        ]

    return with_chunks(server, change)


@variant("pace of a turn")
def turn_after_a_silence(server: Behaviour) -> Behaviour:
    """The agent is silent for most of a second before its first envelope, and again before its text."""

    def change(_: Turn, script: list[Step]) -> list[Step]:
        pauses = {0: 0.3, 2 * len(script) // 3: 0.4}
        return [replace(step, pause=step.pause + pauses.get(i, 0.0)) for i, step in enumerate(script)]

    return with_steps(server, change)


@variant("pace of a turn", hides=("EVT-07",))
def turn_in_two_writes(server: Behaviour) -> Behaviour:
    """The agent writes all but the end in one go: dozens of envelopes within a millisecond."""

    def change(_: Turn, script: list[Step]) -> list[Step]:
        running = list(takewhile(lambda step: not step.final, script))
        return [Step(tuple(c for step in running for c in step.chunks)), *script[len(running) :]]

    return with_steps(server, change)


@variant("data parts")
def data_part_after_the_end(server: Behaviour) -> Behaviour:
    """A title for the session comes as a data part a moment after the end of each turn."""

    def change(_: Turn, script: list[Step]) -> list[Step]:
        return [*script, Step(({"type": "data-title", "data": {"title": "A session"}},), pause=0.15)]

    return with_steps(server, change)

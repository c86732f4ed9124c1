"""What the agent says: a model says what it likes, and may repeat what it was told."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from conformance.mock.behaviour import Behaviour
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.variants.registry import variant
from conformance.mock.wrapping import with_steps

_POINT = "text of an answer"
_WORDS = (
    "yes",
    "no",
    "the",
    "fast",
    "smart",
    "model",
    "turn",
    "two",
    "3",
    "—",
    "ünïcode",
    "猫",
    "{}",
    '"quoted"',
    "\\",
    "",
)

_OF_TEXT = ("text-start", "text-delta", "text-end")


def _saying(server: Behaviour, say: Callable[[Turn], list[str]]) -> Behaviour:
    """The text deltas of a turn are other ones: those of ``say``, in a single text part."""

    def change(turn: Turn, script: list[Step]) -> list[Step]:
        said = say(turn)
        changed: list[Step] = []
        only: str | None = None
        for step in script:
            chunks: list[Chunk] = []
            for chunk in step.chunks:
                if chunk["type"] == "text-start" and said and only is None:
                    only = chunk["id"]
                    changed.append(replace(step, chunks=(*chunks, chunk)))
                    chunks = []
                    changed += [Step(({"type": "text-delta", "id": chunk["id"], "delta": delta},)) for delta in said]
                elif chunk["type"] not in _OF_TEXT or (chunk["type"] == "text-end" and chunk["id"] == only):
                    chunks.append(chunk)
            if chunks:
                changed.append(replace(step, chunks=tuple(chunks)))
        return changed

    return with_steps(server, change)


def _pieces(text: str, size: int = 24) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


@variant(_POINT)
def answers_at_random(server: Behaviour) -> Behaviour:
    """No two answers are alike, whatever was asked: their words and their length are chance."""
    return _saying(server, lambda _: [f"{random.choice(_WORDS)} " for _ in range(random.randint(3, 30))])


@variant(_POINT)
def answers_by_echo(server: Behaviour) -> Behaviour:
    """The answer is the user's text, word for word."""
    return _saying(server, lambda turn: _pieces(turn.asked[:2000]))


@variant(_POINT)
def answers_quote_the_turn_before(server: Behaviour) -> Behaviour:
    """The answer quotes the user's text, and the text and the answer of the turn before, with its ids."""
    before: dict[str, str] = {}

    def say(turn: Turn) -> list[str]:
        said = f"You ask: “{turn.asked[:200]}” ({turn.id}). Before: {before.get(turn.session, 'nothing')}"
        before[turn.session] = f"“{turn.asked[:200]}” in {turn.id}, which {turn.message_id} answered: {said[:80]}"
        return _pieces(said)

    return _saying(server, say)


@variant(_POINT)
def answers_without_text(server: Behaviour) -> Behaviour:
    """An answer has no text at all: tools, thoughts, and an end."""
    return _saying(server, lambda _: [])


@variant(_POINT)
def answers_of_one_word(server: Behaviour) -> Behaviour:
    """Every answer is one and the same word, in one delta."""
    return _saying(server, lambda _: ["OK"])


@variant(_POINT)
def answers_of_equal_deltas(server: Behaviour) -> Behaviour:
    """An answer is one delta many times over, an empty one among them."""
    return _saying(server, lambda _: ["ha ", "ha ", "", "ha ", "ha ", "ha "])

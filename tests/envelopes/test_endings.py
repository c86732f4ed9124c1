"""When a turn is over, when it may be, and how often a list of chunks ends one."""

from __future__ import annotations

import pytest

from conformance.envelopes import Chunk, TurnEnding, TurnState, endings, is_terminal, terminal_groups
from conformance.envelopes.model import CHUNK_TYPES


def chunks_of(types: str) -> list[Chunk]:
    return [Chunk(name, {}) for name in types.split()]


def test_three_types_are_terminal() -> None:
    assert {name for name in CHUNK_TYPES if is_terminal(Chunk(name, {}))} == {"finish", "abort", "error"}


@pytest.mark.parametrize(
    ("types", "state"),
    [
        ("", TurnState.RUNNING),
        ("start start-step text-start text-end finish-step", TurnState.RUNNING),
        ("finish-step finish", TurnState.OVER),
        ("abort", TurnState.OVER),
        ("error", TurnState.ERROR),
        ("error finish-step", TurnState.ERROR),
        ("error finish-step finish", TurnState.OVER),
        ("error finish", TurnState.OVER),
        ("error abort", TurnState.OVER),
        ("error error", TurnState.ERROR),
        ("error text-delta", TurnState.ERROR),
        ("error text-delta finish", TurnState.OVER),
        ("finish error", TurnState.OVER),
        ("abort start", TurnState.OVER),
    ],
)
def test_the_state_of_a_turn(types: str, state: TurnState) -> None:
    turn = TurnEnding()
    states = [turn.feed(chunk) for chunk in chunks_of(types)]
    assert turn.state is state
    assert states[-1:] in ([], [state])


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ("", []),
        ("start text-start", []),
        ("start finish-step finish", [(2, 3)]),
        ("start abort", [(1, 2)]),
        ("start error", [(1, 2)]),
        ("start error finish-step finish", [(1, 4)]),
        ("error finish", [(0, 2)]),
        ("error message-metadata finish-step message-metadata finish", [(0, 5)]),
        ("error finish-step", [(0, 1)]),
        ("error finish-step abort", [(0, 1), (2, 3)]),
        ("error text-delta finish", [(0, 1), (2, 3)]),
        ("error error finish", [(0, 1), (1, 3)]),
        ("error finish finish", [(0, 2), (2, 3)]),
        ("finish finish", [(0, 1), (1, 2)]),
        ("finish error finish", [(0, 1), (1, 3)]),
        ("finish start finish", [(0, 1), (2, 3)]),
        ("abort finish", [(0, 1), (1, 2)]),
        ("finish finish-step", [(0, 1)]),
    ],
)
def test_endings_are_found_where_they_stand(types: str, found: list[tuple[int, int]]) -> None:
    chunks = chunks_of(types)
    assert [(ending.start, ending.stop) for ending in endings(chunks)] == found
    assert terminal_groups(chunks) == len(found)

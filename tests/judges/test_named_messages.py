"""What the ids of a 202 name in a replay of any schema."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judging.named_messages import named_otherwise

TEXT = "What is the capital of Norway?"


@pytest.mark.parametrize(
    "replay",
    [
        [{"id": "t", "chat_turn_id": "m", "role": "user"}, {"id": "a", "chat_turn_id": "m", "role": "assistant"}],
        {"items": [{"message_id": "t", "turn": {"workflow_id": "m"}}]},
        [{"id": "q", "role": "user", "text": TEXT}, {"id": "m", "role": "assistant", "text": "Oslo"}],
    ],
)
def test_another_thing_is_named(replay: Any) -> None:
    assert named_otherwise([replay], "m", "t", TEXT) is not None


@pytest.mark.parametrize(
    "replay",
    [
        [{"id": "m", "chat_turn_id": "t", "role": "user"}, {"id": "a", "chat_turn_id": "t", "role": "assistant"}],
        [{"turn": "m", "workflow": "t"}],
        [{"id": "a", "role": "assistant", "question": {"id": "m", "text": TEXT}}],
        [{"id": "m", "role": "assistant", "text": f"You asked: {TEXT}"}],
        [{"id": "m", "role": "user"}, {"id": "a", "role": "assistant", "parent_id": "m"}],
        {"ids": ["m"], "turns": ["t"]},
        [],
    ],
)
def test_nothing_is_said_where_it_cannot_be_told(replay: Any) -> None:
    assert named_otherwise([replay], "m", "t", TEXT) is None


def test_one_id_for_both_is_no_swap() -> None:
    assert named_otherwise([[{"turn_id": "m", "id": "m"}]], "m", "m", TEXT) is None

"""Append a message: the 202, its body, the tiers (M1, M2, M5 to M7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.mock.caller import Caller, number


def test_accepted_before_the_turn_has_ended(under: Callable[..., Caller]) -> None:
    caller = under(turn_seconds=3)
    session = caller.create()
    started = time.monotonic()
    data = caller.send(session)
    assert time.monotonic() - started < 3  # the length of the turn
    assert set(data) == {"chat_turn_id", "user_message_id", "since_cursor", "show_agent_progress_steps"}
    assert data["since_cursor"] is None
    assert data["show_agent_progress_steps"] is False
    assert len(caller.tail(session)) == 40


def test_the_ids_and_cursors_of_a_session_move_on(first: Caller) -> None:
    session = first.create()
    seen, cursor = set(), (0, 0)
    for turn in range(3):
        data = first.send(session)
        seen |= {data["chat_turn_id"], data["user_message_id"]}
        if turn:
            assert number(data["since_cursor"]) > cursor
            cursor = number(data["since_cursor"])
        first.tail(session, since=data["since_cursor"])
    assert len(seen) == 6


def test_a_later_cursor_is_not_null_even_before_anything_was_written(under: Callable[..., Caller]) -> None:
    caller = under(turn_seconds=0.5, concurrency="queue")
    session = caller.create()
    assert caller.send(session)["since_cursor"] is None
    assert caller.send(session)["since_cursor"] is not None


@pytest.mark.parametrize(
    "body",
    [
        {"message": "x"},
        {"message": "x", "client_message_id": None, "attachments": []},
        {"message": "x", "model_tier": "FAST", "unknown": [None]},
        {"message": "x", "model_tier": "SMART"},
        {"message": "\u0000\u2028\u2029\u0085 \U0001f408"},
        {"message": "x" * 500_000},
    ],
)
def test_valid(first: Caller, body: dict[str, Any]) -> None:
    session = first.create()
    assert first.post(session, **body).status_code == 202
    assert first.messages(session)[0]["message"] == body["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": ""},
        {"message": "", "attachments": []},
        {"message": None},
        {"message": 42},
        {"message": ["x"]},
        {"message": "x", "model_tier": "fast"},
        {"message": "x", "model_tier": "TURBO"},
        {"message": "x", "model_tier": 1},
        {"message": "x", "model_tier": None},
        {"message": "x", "model_tier": ["FAST"]},
        {"message": "x", "client_message_id": 5},
        {"message": "x", "attachments": None},
        {"message": "x", "attachments": {}},
        {"message": "x", "attachments": ["path"]},
    ],
)
def test_invalid_enqueues_nothing(first: Caller, body: dict[str, Any]) -> None:
    session = first.create()
    response = first.post(session, **body)
    assert response.status_code == 400
    assert response.json()["error"]["details"]["errors"]
    assert first.messages(session) == []
    # A turn that was enqueued all the same would run first, and be seen.
    data = first.send(session)
    assert data["since_cursor"] is None
    assert first.tail(session, stop=lambda _: True)[0].kind == "start"
    assert len(first.messages(session)) == 1


def test_smart_lasts_one_turn(first: Caller) -> None:
    session = first.create()
    models = []
    for tier in ({}, {"model_tier": "SMART"}, {}, {"model_tier": "FAST"}):
        data = first.send(session, **tier)
        chunk = first.tail(session, since=data["since_cursor"])[0].chunk
        assert chunk is not None
        models.append(chunk["messageMetadata"]["model"])
    assert models[0] == models[2] == models[3] != models[1]

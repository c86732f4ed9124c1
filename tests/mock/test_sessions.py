"""Create a session (SES-01 to SES-03)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.mock.caller import Caller


def create(caller: Caller, body: Any) -> Any:
    return caller.http.post("/chat/sessions", json=body)


def test_the_resource_has_its_fields(first: Caller) -> None:
    response = create(first, {"agent_id": 7, "title": "A title"})
    assert response.status_code == 201
    data = response.json()["data"]
    assert data["agent_id"] == 7
    assert data["title"] == "A title"
    assert data["archived_at"] is None
    assert data["client_id"] is None
    assert isinstance(data["channel"], str)
    assert isinstance(data["id"], str)
    assert data["show_agent_progress_steps"] is False
    assert datetime.fromisoformat(data["created_at"].replace("Z", "+00:00")).tzinfo is not None
    assert data["updated_at"] == data["created_at"]


@pytest.mark.parametrize(
    "body",
    [
        {"agent_id": 1},
        {"agent_id": 1, "managed_agent_key": None},
        {"managed_agent_key": "NEO_SUPPORT"},
        {"managed_agent_key": "NEO_SUPPORT", "agent_id": None},
        {"agent_id": 1.0},
        {"agent_id": 1, "unknown": {"deep": [1]}},
        {"agent_id": 1, "bot_id": 5},
        {"agent_id": 1, "bot_id": "five"},
        {"agent_id": 1, "client_id": None},
        {"agent_id": 1, "title": "\u0000 \u2028 \U0001f408"},
    ],
)
def test_accepted(first: Caller, body: Any) -> None:
    response = create(first, body)
    assert response.status_code == 201
    assert response.json()["data"].get("title") == body.get("title")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"agent_id": None},
        {"agent_id": None, "managed_agent_key": None},
        {"agent_id": 1, "managed_agent_key": "NEO_SUPPORT"},
        {"managed_agent_key": "NEO_SALES"},
        {"managed_agent_key": "neo_support"},
        {"managed_agent_key": ""},
        {"agent_id": "1"},
        {"agent_id": True},
        {"agent_id": 1.5},
        {"agent_id": 10**30},
        {"agent_id": [1]},
        {"agent_id": 1, "title": 5},
        {"agent_id": 1, "client_id": [5]},
        [],
        "agent_id",
        None,
    ],
)
def test_refused(first: Caller, body: Any) -> None:
    response = create(first, body)
    assert response.status_code == 400
    assert isinstance(response.json()["error"]["message"], str)


def test_client_id_is_for_platform_accounts(first: Caller, second: Caller, platform: Caller) -> None:
    for ordinary in (first, second):
        assert create(ordinary, {"agent_id": 1, "client_id": "c-1"}).status_code == 403
        assert create(ordinary, {"agent_id": 1, "client_id": 5}).status_code == 403
    response = create(platform, {"agent_id": 1, "client_id": "c-1"})
    assert response.status_code == 201
    assert response.json()["data"]["client_id"] == "c-1"


def test_an_agent_that_cannot_be(first: Caller) -> None:
    assert create(first, {"agent_id": -1}).status_code == 404

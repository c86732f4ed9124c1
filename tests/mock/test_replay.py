"""``GET …/messages`` (M9, G9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock.caller import Caller


def test_pages(first: Caller) -> None:
    session = first.create()
    sent = [first.send(session, message=f"m{place}")["user_message_id"] for place in range(5)]
    for _ in sent:
        first.tail(session, since="0-0", stop=lambda frames: frames[-1].kind == "finish" and len(frames) == 200)
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        response = first.http.get(f"/chat/sessions/{session}/messages", params={"page_size": 3, **cursor}).json()
        seen += response["data"]
        assert len(response["data"]) <= 3
        pagination = response["meta"]["pagination"]
        if not pagination["has_more"]:
            assert pagination["next_cursor"] is None
            break
        cursor = {"cursor": pagination["next_cursor"]}
    assert len(seen) == 10
    assert [message["id"] for message in seen if message["role"] == "user"] == sent
    assert seen == first.messages(session)


@pytest.mark.parametrize("query", [{"page_size": value} for value in ("0", "201", "-1", "x", "1.5", "", "\u0661")])
def test_wrong_page_sizes(first: Caller, query: dict[str, str]) -> None:
    assert first.http.get(f"/chat/sessions/{first.create()}/messages", params=query).status_code == 400


@pytest.mark.parametrize("cursor", ["", "x", "\u0000", "bWVzc2FnZXM6b3RoZXI6MA", "=" * 50])
def test_a_cursor_of_nobody(first: Caller, cursor: str) -> None:
    path = f"/chat/sessions/{first.create()}/messages"
    assert first.http.get(path, params={"cursor": cursor}).status_code == 400

"""Messages with one id, sent at once, written by hand."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange
from tests.judges.by_hand import post

KEY = "conformance-key"
NAMED = {"error": {"details": {"id": "message-1"}}, "meta": {}}
UNNAMED: dict[str, Any] = {"error": {}, "meta": {}}
T = "the same text"
ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:text-end 1-5:finish"
TWO = "2-1:start 2-2:text-start 2-3:text-delta 2-5:finish"
THREE = "3-1:start 3-2:text-start 3-3:text-delta 3-5:finish"
FOUR = "4-1:start 4-2:text-start 4-3:text-delta 4-5:finish"


def same(number: int, status: int = 409, **more: Any) -> Exchange:
    """One of the posts with one id, at second 10; the one that is accepted is the first turn."""
    won = {"part": "post"} if status == 202 and number == 1 else {"part": "rival"}
    values = {**won, "rival": "same", "client_message_id": KEY, "text": T, "at": 10.0, **more}
    values.setdefault("name", f"racing/same-{number}")
    return post(1, status, journey="racing", **values)

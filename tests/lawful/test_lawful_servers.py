"""Correct servers that answer the open points differently: played for real, judged in full, none of them failed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.embedded import EmbeddedMock
from conformance.journeys.run import play
from conformance.offline import judge_recording

NO_429 = {"RATE-02": "unobservable"}
NO_FUZZING = {"FUZZ-01": "untested"}
NO_TIER = {"TIER-04": "unobservable", "TIER-05": "unobservable"}
AT_ONCE = {"EVT-07": "unobservable", "ACC-07": "unobservable"}
"""A turn that is over before its tail is opened shows neither that it was streamed nor that the 202 came before its end."""
ONE_AT_A_TIME = {"CUR-11": "unobservable"}
"""A server that refuses a second post while a turn runs has no race to judge."""

SERVERS: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "other statuses, a first cursor of 0-0": (
        {"created_status": 200, "grant_status": 201, "invalid_status": 422, "first_cursor": "0-0"},
        "0.2",
        {},
    ),
    "busy while a turn runs": ({"concurrency": "refuse"}, "0.2", ONE_AT_A_TIME),
    "turns in parallel": ({"concurrency": "parallel"}, "0.2", {}),
    "CRLF, several data lines, heartbeats, names, retry": (
        {"newline": "crlf", "split_data": True, "heartbeat_seconds": 0.05, "event_name": "message", "retry_ms": 3000},
        "0.2",
        {},
    ),
    "CR, a byte order mark, [DONE], closed after the end": (
        {"newline": "cr", "bom": True, "done": True, "after_terminal": "close"},
        "0.2",
        {},
    ),
    "a turn that ends by error": ({"ending": "error"}, "0.2", {}),
    "a turn that ends by error and finish, and [DONE]": ({"ending": "error-finish", "done": True}, "0.2", {}),
    "a turn that ends by abort": ({"ending": "abort", "after_terminal": "close"}, "0.2", {}),
    "a turn that ends with a pending approval": ({"ending": "approval"}, "0.2", {}),
    "ids that say nothing": ({"event_id_form": "opaque", "id_form": "integer"}, "0.2", {}),
    "ids with a prefix, unknown fields everywhere": (
        {"id_form": "prefixed", "extra_fields": True, "line_separators": True},
        "0.2",
        {},
    ),
    "minimal meta, no visible tier": ({"meta": "minimal", "tier_visible": False}, "0.2", NO_TIER),
    "the whole past without a cursor, bad cursors served": (
        {
            "uncursored": "beginning",
            "malformed_cursor": "beginning",
            "unknown_cursor": "refuse",
            "both_cursors": "query",
        },
        "0.2",
        {},
    ),
    "the previous turn without a cursor, the id nested": (
        {"uncursored": "previous-turn", "duplicate_id_place": "nested", "null_tier": "fast", "document_types": False},
        "0.2",
        {},
    ),
    "a turn that is over at once": ({"require_upload": False}, "0", AT_ONCE),
    "opaque ids and a turn that is over at once": ({"event_id_form": "opaque"}, "0", AT_ONCE),
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_lawful_server_is_not_failed(name: str) -> None:
    policy, seconds, expected = SERVERS[name]
    with EmbeddedMock("--policy", json.dumps(policy), "--turn-seconds", seconds) as target:
        recording = play(target)
    results = judge_recording(recording)
    assert recording.breaks == ()
    assert {i: r.reason for i, r in results.items() if r.outcome == "failed"} == {}
    left = {i: r.outcome for i, r in results.items() if r.outcome != "passed"}
    may_differ = set(AT_ONCE) if seconds == "0" else set()
    assert {i: o for i, o in left.items() if i not in may_differ} == {
        i: o for i, o in {**NO_429, **NO_FUZZING, **expected}.items() if i not in may_differ
    }

"""AUTH-01 and AUTH-02 on recordings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_authentication as authentication
from conformance.scenarios import test_errors as errors
from tests.judges.by_hand import ID, exchange, found, outcome, recording

ERROR = {"error": {"code": "NO", "message": "no"}, "meta": {"request_id": ID}}


def told(
    status: int, body: Any = ERROR, name: str = "dialogue/odd", operation: Any = "list-messages", **more: Any
) -> Exchange:
    return exchange(name, operation, status, body, **more)


OPERATIONS = errors.SESSION_OPERATIONS
LET_IN = authentication.test_without_a_good_credential_every_operation_is_401
FORM_401 = authentication.test_a_401_is_an_error_envelope
KEYLESS = authentication.test_no_answer_repeats_a_key_of_the_run
CHAT = ("create-session", *OPERATIONS)


def bad(operation: Any, status: int = 401, step: str = "bad-none", **more: Any) -> Exchange:
    return told(status, name=f"strangers/{step}/{operation}", operation=operation, **{"credential": "bad-none", **more})


SHUT = [bad(operation) for operation in CHAT]


def test_without_a_good_credential_each_operation_is_401() -> None:
    assert outcome(LET_IN, recording(*SHUT)) == "kept"
    for one in SHUT:
        assert outcome(LET_IN, recording(*(e for e in SHUT if e is not one))) == "untested"


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (bad("tail-events", 200, "bad-x"), "violation"),
        (bad("tail-events", 403, "bad-x"), "violation"),
        (bad("tail-events", 400, "bad-x"), "violation"),
        (bad("tail-events", 400, "bad-x", way="since"), "kept"),
        (bad("tail-events", 422, "bad-x", way="last-event-id"), "kept"),
        (bad("tail-events", 404, "bad-x", way="since"), "violation"),
        (bad("tail-events", 400, "bad-x", way="else"), "violation"),
        (bad("tail-events", 200, "bad-x", limited=True), "kept"),
        (bad("tail-events", 200, "other-x"), "kept"),
        (bad("tail-events", 429, "bad-x"), "untested"),
        (bad("tail-events", 0, "bad-x"), "untested"),
    ],
)
def test_only_401_shuts_a_stranger_out(odd: Exchange, expected: str) -> None:
    assert outcome(LET_IN, recording(odd, *SHUT)) == expected
    open_door = bad("append-message", 202, "bad-zzz", at=9.0)
    assert outcome(LET_IN, recording(odd, *SHUT, open_door)) == "violation"


def test_a_cursor_that_was_looked_at_first_leaves_the_operation_untested() -> None:
    others = [e for e in SHUT if e.operation != "tail-events"]
    assert outcome(LET_IN, recording(*others, bad("tail-events", 400, way="since"))) == "untested"


def test_the_first_reason_is_told() -> None:
    unclear = [bad("tail-events", 429, "bad-a", at=0.1), bad("tail-events", 0, "bad-b", at=0.2)]
    assert "bad-a/tail-events met the rate limit" in found(LET_IN, recording(*SHUT, *unclear))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (bad("list-messages"), "kept"),
        (bad("list-messages", body={}), "violation"),
        (bad("list-messages", body={}, ending="broken"), "untested"),
        (bad("list-messages", 400, body={}), "untested"),
        (told(401, {}), "violation"),
    ],
)
def test_a_401_has_the_form_of_every_error(one: Exchange, expected: str) -> None:
    assert outcome(FORM_401, recording(one)) == expected


@pytest.mark.parametrize("key", ["$NEO_API_KEY", "$NEO_OTHER_API_KEY"])
def test_no_answer_repeats_a_key_whatever_its_status(key: str) -> None:
    assert outcome(KEYLESS, recording(*SHUT, told(0, name="a/0"), told(200))) == "kept"
    assert outcome(KEYLESS, recording(*SHUT, told(0, name="a/0"), told(200, {"key": key}))) == "violation"
    assert outcome(KEYLESS, recording(*SHUT, told(200, headers=(("X-Key", f"Bearer {key}"),)))) == "violation"
    assert outcome(KEYLESS, recording(told(200, {"key": key}))) == "untested"

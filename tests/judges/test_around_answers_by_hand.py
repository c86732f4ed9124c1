"""RATE and ENV on recordings written by hand: what is around every answer."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_envelope as envelope
from conformance.scenarios import test_rate_limit as rate
from tests.judges.by_hand import EPOCH, ID, exchange, outcome, recording

# --- RATE -------------------------------------------------------------------------------------------------------------


THREE = rate.test_every_authenticated_json_answer_has_the_three_headers
SECONDS = rate.test_the_reset_is_in_seconds_of_the_unix_epoch
RETRY = rate.test_a_429_says_after_how_many_seconds_to_come_back
NOW = int(EPOCH) + 1
LIMITS = {
    "content-type": "application/json",
    "X-RateLimit-Limit": "1200",
    "X-RateLimit-Remaining": "1199",
    "X-RateLimit-Reset": f"{NOW + 60}",
}


def limited(status: int = 200, change: Any = (), **more: Any) -> Exchange:
    """An answer at second 1 with the three headers, changed or (None) without one."""
    headers = {**LIMITS, **dict(change)}
    kept = tuple((name, value) for name, value in headers.items() if value is not None)
    values = {"name": "dialogue/x", "operation": "list-messages", "at": 1.0, "took": 0.0, **more}
    return exchange(values.pop("name"), values.pop("operation"), status, {}, headers=kept, **values)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, True),
        ({"X-RateLimit-Limit": None}, False),
        ({"X-RateLimit-Remaining": None}, False),
        ({"X-RateLimit-Reset": None}, False),
        ({"X-RateLimit-Remaining": "many"}, False),
        ({"X-RateLimit-Remaining": "-1"}, False),
        ({"X-RateLimit-Remaining": "0"}, True),
        ({"X-RateLimit-Limit": "0"}, False),
        ({"X-RateLimit-Limit": "0.5"}, True),
        ({"X-RateLimit-Limit": "1200, 1200;w=60"}, True),
        ({"X-RateLimit-Limit": "1200;w=60"}, True),
        ({"X-RateLimit-Limit": "1200 w=60"}, False),
        ({"X-RateLimit-Limit": " 1200 "}, True),
    ],
)
def test_every_answer_has_three_numbers(change: dict[str, Any], kept: bool) -> None:
    last = limited(change=change, name="dialogue/y")
    assert outcome(THREE, recording(limited(), last)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"credential": "other"}, True),
        ({"status": 500}, True),
        ({"credential": "bad-none"}, False),
        ({"status": 401}, False),
        ({"status": 413}, False),
        ({"status": 0}, False),
        ({"ending": "broken"}, False),
        ({"odd_path": True}, False),
        ({"odd_body": True, "status": 403}, False),
        ({"odd_body": True, "status": 404}, True),
        ({"part": "no-route"}, False),
        ({"operation": "put-blob"}, False),
        ({"change": {"content-type": "text/event-stream", "X-RateLimit-Limit": None}}, False),
    ],
)
def test_which_answers_owe_the_headers(more: dict[str, Any], counts: bool) -> None:
    bare = limited(**{"change": {"X-RateLimit-Limit": None}, **more})
    assert outcome(THREE, recording(bare)) == ("violation" if counts else "untested")
    local = limited(**{"change": {"X-RateLimit-Reset": "60"}, **more})
    if "change" not in more:
        assert outcome(SECONDS, recording(local)) == ("violation" if counts else "untested")


def date(seconds: float) -> dict[str, str]:
    return {"Date": formatdate(NOW + seconds, usegmt=True)}


@pytest.mark.parametrize(
    ("reset", "change", "kept"),
    [
        (60, {}, True),
        (-86_399, {}, True),
        (-86_401, {}, False),
        (86_400, {}, True),
        (86_401, {}, False),
        (0, date(0), True),
        (-600, date(0), True),
        (-601, date(0), False),
        (5_400, date(0), True),
        (5_401, date(0), False),
        (7_260, date(7_200), True),  # the server's clock is two hours ahead
        (60, date(7_200), True),  # or the client's is right
        (3_600 * 4, date(7_200), False),
        (86_000, {"Date": "no date"}, True),
        (86_401, {"Date": "no date"}, False),
        (86_000, {"Date": ""}, True),
    ],
)
def test_the_reset_lies_about_one_of_the_clocks(reset: int, change: dict[str, str], kept: bool) -> None:
    one = limited(change={**change, "X-RateLimit-Reset": f"{NOW + reset}"})
    assert outcome(SECONDS, recording(limited(name="dialogue/y"), one)) == ("kept" if kept else "violation")


@pytest.mark.parametrize("value", ["60", f"{NOW * 1000}", "0"])
def test_neither_milliseconds_nor_a_count_are_the_epoch(value: str) -> None:
    assert outcome(SECONDS, recording(limited(change={"X-RateLimit-Reset": value}))) == "violation"
    assert outcome(SECONDS, recording(limited(change={"X-RateLimit-Reset": "soon"}))) == "untested"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("5", True),
        ("0", True),
        (" 5 ", True),
        ("1.5", True),
        (None, False),
        ("soon", False),
        ("-1", False),
        (f"{366 * 86_400}", True),
        (f"{366 * 86_400 + 1}", False),
    ],
)
def test_a_429_says_when_to_come_back(value: str | None, kept: bool) -> None:
    good = limited(429, {"Retry-After": "1"}, name="dialogue/y")
    assert outcome(RETRY, recording(good, limited(429, {"Retry-After": value}))) == ("kept" if kept else "violation")
    assert outcome(RETRY, recording(limited(428, {"Retry-After": value}))) == "unobservable"


# --- ENV --------------------------------------------------------------------------------------------------------------


HAS_ID = envelope.test_every_json_answer_has_a_request_id
IS_UUID = envelope.test_the_request_id_is_a_uuid
OWN_ID = envelope.test_no_two_answers_share_a_request_id
TYPES = envelope.test_the_rest_of_meta_has_its_types


def around(meta: Any, name: str = "x", status: int = 200) -> Exchange:
    return exchange(f"dialogue/{name}", "list-messages", status, {"data": {}, "meta": meta})


@pytest.mark.parametrize(
    ("meta", "has", "is_uuid"),
    [
        ({"request_id": ID}, "kept", "kept"),
        ({"request_id": ID.replace("-", "")}, "kept", "kept"),
        ({"request_id": "r-1"}, "kept", "violation"),
        ({"request_id": ""}, "violation", "unobservable"),
        ({"request_id": 7}, "violation", "unobservable"),
        ({}, "violation", "unobservable"),
        (None, "violation", "unobservable"),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_every_answer_has_a_request_id(meta: Any, has: str, is_uuid: str, status: int) -> None:
    assert outcome(HAS_ID, recording(around(meta, status=status))) == has
    assert outcome(IS_UUID, recording(around(meta, status=status))) == is_uuid
    good = around({"request_id": ID.replace("1", "2")}, "y")
    assert outcome(HAS_ID, recording(good, around(meta))) == has
    assert outcome(IS_UUID, recording(good, around(meta))) == {"unobservable": "kept"}.get(is_uuid, is_uuid)
    assert outcome(OWN_ID, recording(good, around(meta))) == ("kept" if has == "kept" else "unobservable")


def test_no_two_answers_share_one() -> None:
    assert outcome(OWN_ID, recording(around({"request_id": ID}), around({"request_id": ID}, "y"))) == "violation"
    assert outcome(OWN_ID, recording(around({"request_id": ID}))) == "unobservable"
    assert outcome(HAS_ID, recording()) == "untested"


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, "unobservable"),
        ({"timings_ms": None, "pagination": None, "warnings": None}, "unobservable"),
        ({"timings_ms": {}}, "kept"),
        ({"timings_ms": 5}, "violation"),
        ({"timings_ms": []}, "violation"),
        ({"pagination": {"has_more": False, "next_cursor": None}}, "kept"),
        ({"pagination": {"has_more": True, "next_cursor": "c"}}, "kept"),
        ({"pagination": {}}, "kept"),
        ({"pagination": []}, "violation"),
        ({"pagination": {"has_more": None}}, "violation"),
        ({"pagination": {"has_more": 1}}, "violation"),
        ({"pagination": {"has_more": True, "next_cursor": 7}}, "violation"),
        ({"warnings": []}, "kept"),
        ({"warnings": ["x"]}, "kept"),
        ({"warnings": ["x", None]}, "violation"),
        ({"warnings": "x"}, "violation"),
        ({"warnings": {}}, "violation"),
    ],
)
def test_the_rest_of_meta_has_its_types(meta: dict[str, Any], expected: str) -> None:
    assert outcome(TYPES, recording(around(meta))) == expected
    assert outcome(TYPES, recording(around(meta, status=404))) == "unobservable"
    later = around({"warnings": ["x"]}, "y")
    assert outcome(TYPES, recording(around(None), around(meta, "z"), later)) == (
        "violation" if expected == "violation" else "kept"
    )

"""ERR on recordings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_errors as errors
from tests.judges.by_hand import ID, exchange, found, outcome, recording

ERROR = {"error": {"code": "NO", "message": "no"}, "meta": {"request_id": ID}}
LIMITED = (("content-type", "application/json"), ("X-RateLimit-Limit", "1200"))


UUID_1, UUID_4 = "00000000-0000-1000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def told(
    status: int, body: Any = ERROR, name: str = "dialogue/odd", operation: Any = "list-messages", **more: Any
) -> Exchange:
    return exchange(name, operation, status, body, **more)


# --- ERR-01, ERR-04, ERR-05 -------------------------------------------------------------------------------------------


FORM = errors.test_every_error_is_an_error_envelope
ROUTE = errors.test_an_unknown_route_is_an_error_like_others
FIVE = errors.test_no_request_of_the_run_is_answered_with_a_5xx
ODD = errors.test_odd_input_gets_an_answer
INSIDE = errors.test_an_error_shows_nothing_of_the_inside
TEXT = (("content-type", "text/html"),)


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (ERROR, True),
        ({**ERROR, "more": 1}, True),
        ({"error": {**ERROR["error"], "details": {}}, "meta": ERROR["meta"]}, True),
        ({"error": {**ERROR["error"], "details": None}, "meta": ERROR["meta"]}, True),
        ({"error": {**ERROR["error"], "details": []}, "meta": ERROR["meta"]}, False),
        ({"error": {"code": "", "message": "no"}, "meta": ERROR["meta"]}, False),
        ({"error": {"code": 7, "message": "no"}, "meta": ERROR["meta"]}, False),
        ({"error": {"code": "NO", "message": ""}, "meta": ERROR["meta"]}, True),
        ({"error": {"code": "NO", "message": None}, "meta": ERROR["meta"]}, False),
        ({"error": "NO", "meta": ERROR["meta"]}, False),
        ({"error": ERROR["error"]}, False),
        ({"error": ERROR["error"], "meta": {"request_id": " "}}, False),
        ({"error": ERROR["error"], "meta": {"request_id": 7}}, False),
        ([], False),
        (b"no", False),
    ],
)
def test_every_error_has_the_one_form(body: Any, kept: bool) -> None:
    assert outcome(FORM, recording(told(400, body))) == ("kept" if kept else "violation")
    no_route = told(404, body, name="strangers/no-route-1", part="no-route", headers=LIMITED)
    assert outcome(ROUTE, recording(no_route)) == ("kept" if kept else "violation")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (told(399, b""), "untested"),
        (told(400, b""), "violation"),
        (told(400, ERROR, headers=TEXT), "violation"),
        (told(400, b"", ending="broken"), "untested"),
        (told(413, b""), "untested"),
        (told(400, b"<", headers=TEXT, odd_path=True), "untested"),
        (told(400, b"<", headers=TEXT, odd_body=True), "untested"),
        (told(400, b"{", odd_body=True), "violation"),
        (told(500, b"<", headers=TEXT, odd_body=True), "violation"),
        (told(404, b"", part="no-route"), "untested"),
        (told(0), "untested"),
    ],
)
def test_which_errors_are_the_apis_own(one: Exchange, expected: str) -> None:
    assert outcome(FORM, recording(one)) == expected


def test_an_error_that_was_cut_leaves_it_untested_where_no_other_is_wrong() -> None:
    cut = told(400, b"", name="a/cut", ending="broken")
    assert "a/cut did not come whole" in found(FORM, recording(cut, told(400)))
    assert outcome(FORM, recording(cut, told(400, b""))) == "violation"
    assert outcome(FORM, recording(told(200), told(400))) == "kept"


@pytest.mark.parametrize(
    "other",
    [
        {"status": 399},
        {"ending": "broken"},
        {"headers": TEXT},
        {"headers": (("content-type", "application/json"),)},
        {"limited": True},
        {"name": "strangers/route-1"},
        {"status": 0},
    ],
)
def test_an_unknown_route_counts_where_the_answer_is_surely_the_apis_own(other: dict[str, Any]) -> None:
    values = {"status": 404, "name": "strangers/no-route-1", "headers": LIMITED, **other}
    passed = told(values.pop("status"), b"{}", part="no-route", **values)
    assert outcome(ROUTE, recording(passed)) == "kept"
    last = told(404, b"{}", name="strangers/no-route-9", part="no-route", headers=LIMITED, at=9.0)
    assert outcome(ROUTE, recording(passed, last)) == "violation"


@pytest.mark.parametrize(("status", "kept"), [(499, True), (500, False), (599, False), (0, True)])
def test_no_request_is_answered_with_a_5xx(status: int, kept: bool) -> None:
    assert outcome(FIVE, recording(told(status))) == ("kept" if kept else "violation")
    assert outcome(FIVE, recording(told(status, operation="put-blob"))) == "kept"


GONE = {"rule": "ERR-04", "problem": "RemoteProtocolError: gone", "name": "refusals/odd-1"}


@pytest.mark.parametrize(
    ("played", "expected"),
    [
        ([told(400, rule="ERR-04")], "kept"),
        ([], "untested"),
        ([told(0, **GONE)], "untested"),
        ([told(0, **GONE), told(0, **{**GONE, "name": "refusals/odd-1/outage-1"}, outage=True)], "violation"),
        ([told(0, **GONE), told(0, **{**GONE, "name": "refusals/odd-2/outage-1"}, outage=True)], "untested"),
        (
            [
                told(0, **GONE),
                told(0, **{**GONE, "name": "refusals/odd-1/outage-1", "problem": "ConnectError"}, outage=True),
            ],
            "untested",
        ),
        (
            [
                told(0, **{**GONE, "problem": "ReadTimeout"}),
                told(0, **{**GONE, "name": "refusals/odd-1/outage-1"}, outage=True),
            ],
            "untested",
        ),
        ([told(0, **GONE), told(503, **{**GONE, "name": "refusals/odd-1/outage-1"}, outage=True)], "untested"),
    ],
)
def test_odd_input_that_is_dropped_twice_is_a_server_error(played: list[Exchange], expected: str) -> None:
    assert outcome(ODD, recording(*played)) == expected


@pytest.mark.parametrize(("size", "expected"), [(99_000, "violation"), (100_000, "kept")])
def test_a_large_body_may_be_cut_off(size: int, expected: str) -> None:
    text = "x" * (size - 2)
    dropped = [told(0, request=text, **GONE)]
    dropped += [told(0, request=text, outage=True, **{**GONE, "name": "refusals/odd-1/outage-1"})]
    assert outcome(ODD, recording(*dropped)) == expected
    silent = told(0, request=text, **{**GONE, "problem": "ReadTimeout"})
    assert outcome(ODD, recording(silent)) == "untested"


TRACE = 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 12, in handle'


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (told(400), "kept"),
        (told(400, {"error": {"code": "NO", "message": TRACE}}), "violation"),
        (told(400, {"error": {"code": "NO", "details": {"deep": [TRACE]}}}), "violation"),
        (told(400, TRACE.encode(), headers=TEXT), "violation"),
        (told(400, headers=(*LIMITED, ("X-Debug", TRACE.replace("\n", " ")))), "violation"),
        (told(399, TRACE.encode()), "untested"),
        (told(200, TRACE.encode()), "untested"),
        (told(0), "untested"),
        (told(400, {"error": {"message": TRACE}}, request={"message": TRACE}), "kept"),  # our own text, repeated
    ],
)
def test_an_error_shows_nothing_of_the_inside(one: Exchange, expected: str) -> None:
    assert outcome(INSIDE, recording(one)) == expected


# --- ERR-02 -----------------------------------------------------------------------------------------------------------


UNKNOWN = errors.test_an_unknown_session_is_404
OPERATIONS = errors.SESSION_OPERATIONS


def missing(operation: Any, status: int = 404, step: str = "missing", **more: Any) -> Exchange:
    values = {"session": "real", "asked": "other", **more}
    return told(status, name=f"strangers/{step}-{operation}", operation=operation, **values)


ALL = [missing(operation) for operation in OPERATIONS]


def test_an_unknown_session_is_404_on_each_operation() -> None:
    assert outcome(UNKNOWN, recording(*ALL)) == "kept"
    for one in ALL:
        assert outcome(UNKNOWN, recording(*(e for e in ALL if e is not one))) == "untested"


@pytest.mark.parametrize(
    ("real", "asked", "strict"),
    [
        (UUID_4, ID, True),
        (UUID_4, UUID_1, False),  # of another version
        (UUID_4, "abc", False),
        ("abc", UUID_4, False),
        ("17", "18", True),
        ("17", "123456789", True),
        ("17", "1234567890", False),  # wider than this server's
        ("1234567890", "1234567891", True),
        ("123", str(2**63 - 1), False),
        (str(2**62), str(2**63 - 1), True),
        (str(2**62), str(2**63), False),  # out of the range of its integers
        (str(2**63), str(2**63 + 1), True),
        ("abc", "abd", False),
        ("17", "abc", False),
        ("abc", "17", False),
        (17, "18", False),
        ("17", 18, False),
        ("a" * 32, "b" * 32, False),
        (f"{{{UUID_4}}}", ID, False),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_an_id_of_the_servers_own_form_is_404_and_another_may_be_malformed(
    real: Any, asked: Any, strict: bool, status: int
) -> None:
    odd = missing("append-message", status, "missing-form", session=real, asked=asked)
    assert outcome(UNKNOWN, recording(*ALL, odd)) == ("violation" if strict else "kept")
    way = missing("append-message", status, "missing-form", session=real, asked=asked, way="since")
    assert outcome(UNKNOWN, recording(*ALL, way)) == "kept"


@pytest.mark.parametrize("status", [200, 202, 403, 409, 410, 500])
def test_no_other_status_says_that_it_does_not_exist(status: int) -> None:
    odd = missing("append-message", status, "missing-more")
    assert outcome(UNKNOWN, recording(*ALL, odd)) == "violation"
    for fact in ("limited", "outage"):
        interim = missing("append-message", status, "missing-more", **{fact: True})
        assert outcome(UNKNOWN, recording(*ALL, interim)) == "kept"


def test_what_could_not_be_judged_is_told_first() -> None:
    first, second = missing("append-message", 429, "missing-a"), missing("list-messages", 0, "missing-b")
    assert "missing-a-append-message met the rate limit" in found(UNKNOWN, recording(*ALL, first, second))

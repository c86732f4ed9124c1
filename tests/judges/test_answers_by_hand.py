"""What an answer says of its request, on recordings written by hand: the rules that all probes share."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.findings import Finding
from conformance.judging.answers import all_refused, json_answers, passed_over, probes, refused, unjudgeable
from conformance.recording import Exchange
from conformance.scenarios import test_errors as errors
from tests.judges.by_hand import ID, SESSION, exchange, outcome, post, recording

ERROR = {"error": {"code": "NO", "message": "no"}, "meta": {"request_id": ID}}


def told(
    status: int, body: Any = ERROR, name: str = "dialogue/odd", operation: Any = "list-messages", **more: Any
) -> Exchange:
    return exchange(name, operation, status, body, **more)


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (told(200), True),
        (told(404), True),
        (told(500), True),
        (told(0), False),
        (told(429), False),
        (told(409), True),
        (told(409, gave_up=True), False),
        (told(401, credential="bad-none"), True),
        (told(401), False),
        (told(401, credential="other"), False),
    ],
)
def test_some_answers_say_nothing_of_their_request(one: Exchange, says: bool) -> None:
    assert (unjudgeable(recording(one), one) is None) is says


@pytest.mark.parametrize(
    ("other", "dead"),
    [
        (told(401, name="a/b", at=5.0), True),
        (told(0, name="a/b", at=5.0), True),
        (told(200, name="a/b", at=5.0), False),
        (told(200, name="a/b", at=1.0), False),
        (told(200, name="a/b", at=0.5), True),
        (told(200, name="a/b", at=5.0, credential="other"), True),
    ],
)
def test_a_key_has_died_where_nothing_later_was_let_in(other: Exchange, dead: bool) -> None:
    one = told(401, at=1.0)
    assert (unjudgeable(recording(one, other), one) is not None) is dead


@pytest.mark.parametrize(
    ("earlier", "busy"),
    [
        ({}, True),
        ({"status": 409}, False),
        ({"at": 20.0}, False),
        ({"at": 21.0}, False),
        ({"session": "session-2"}, False),
        ({"journey": "refusals"}, False),
    ],
)
def test_a_409_to_a_message_may_say_that_the_session_is_busy(earlier: dict[str, Any], busy: bool) -> None:
    values = {"status": 202, "at": 10.0, **earlier}
    first = post(1, values.pop("status"), **values)
    conflict = post(2, 409, at=20.0)
    assert (unjudgeable(recording(first, conflict), conflict) is not None) is busy
    other = told(409, at=20.0, session=SESSION)
    assert unjudgeable(recording(first, other), other) is None


@pytest.mark.parametrize("status", [399, 400, 401, 408, 409, 413, 422, 429, 499, 500])
def test_a_refusal_is_a_4xx_that_is_about_the_request(status: int) -> None:
    one = told(status, credential="bad-none")

    def verdict(only: frozenset[int] | None) -> str:
        try:
            reason = refused(recording(one), one, only=only, expected="x")
        except Finding:
            return "violation"
        return "kept" if reason is None else "untested"

    if status == 429:
        assert verdict(None) == verdict(frozenset({400})) == "untested"
    else:
        assert verdict(None) == ("kept" if 400 <= status < 500 and status not in (401, 408) else "violation")
        assert verdict(frozenset({400, 422})) == ("kept" if status in (400, 422) else "violation")


def test_all_probes_are_looked_at_before_one_that_cannot_be_judged_is_told() -> None:
    unclear, accepted = told(429, name="a/1"), told(200, name="a/2")
    with pytest.raises(Finding, match="200"):
        all_refused(recording(unclear, accepted), [unclear, accepted], only=None, expected="x")
    with pytest.raises(Finding, match="rate limit"):
        all_refused(recording(unclear), [told(400), unclear], only=None, expected="x")
    all_refused(recording(), [told(400), told(422)], only=None, expected="x")


def test_the_probes_of_a_rule_are_their_last_attempts() -> None:
    one = told(400, name="a/1", rule="R")
    others = [
        told(429, name="a/2", rule="R", limited=True),
        told(503, name="a/3", rule="R", outage=True),
        told(400, rule="S"),
    ]
    assert probes(recording(one, *others), "R") == [one]
    assert probes(recording(one), "R", "list-messages") == [one]
    assert probes(recording(one), "R", "append-message") == []


def attempt(status: int, name: str = "dialogue/odd/outage-1") -> Exchange:
    return told(status, name=name, outage=True)


@pytest.mark.parametrize(
    ("last", "over"), [(200, True), (404, True), (499, True), (500, False), (0, False), (None, False)]
)
def test_an_outage_was_one_where_the_next_attempt_was_answered(last: int | None, over: bool) -> None:
    played = [attempt(503)] if last is None else [attempt(503), told(last)]
    assert passed_over(recording(*played), played[0]) is over
    assert outcome(errors.test_no_request_of_the_run_is_answered_with_a_5xx, recording(*played)) == (
        "kept" if over else "violation"
    )


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (told(200), True),
        (told(500), True),
        (told(200, headers=(("content-type", "application/problem+json"),)), True),
        (told(200, headers=(("content-type", "text/plain"),)), True),
        (told(200, ["x"], headers=(("content-type", "text/plain"),)), False),
        (told(200, headers=(("content-type", "text/event-stream"),)), False),
        (told(200, b"{", headers=(("content-type", "text/plain"),)), False),
        (told(200, b"{"), True),
        (told(204, b" "), False),
        (told(200, ending="broken"), False),
        (told(200, ending="closed"), True),
        (told(413), False),
        (told(414), False),
        (told(431), False),
        (told(200, part="no-route"), False),
        (told(0), False),
        (told(200, operation="put-blob"), False),
    ],
)
def test_which_answers_are_json_of_the_api(one: Exchange, counts: bool) -> None:
    assert (list(json_answers(recording(one))) == [one]) is counts

"""EVT-01 and EVT-02 on recordings written by hand: what a tail is answered with, and the ids of its envelopes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.recording import Break, Exchange
from conformance.scenarios import test_events as events
from conformance.sse import Event
from tests.judges.by_hand import exchange, found, outcome, post, recording, stream, tail

IS_STREAM = events.test_a_tail_is_an_event_stream
UNIQUE = events.test_every_envelope_has_an_id_of_its_own
RISING = events.test_ids_of_numbers_increase

ONE = "1-1:start 1-2:text-start 1-3:finish"
TWO = "2-1:start 2-2:text-start 2-3:finish"


def answered(status: int, kind: str | None = "text/event-stream", step: str = "tail", **more: Any) -> Exchange:
    headers = () if kind is None else (("content-type", kind),)
    values = {"credential": "own", "at": 11.0, **more}
    name = f"{values.pop('journey', 'dialogue')}/{step}"
    return exchange(name, "tail-events", status, b"", headers=headers, method="GET", **values)


# --- EVT-01 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "kept"),
    [
        (200, "text/event-stream", True),
        (200, "Text/Event-Stream; charset=utf-8", True),
        (200, "application/json", False),
        (200, None, False),
        (201, "text/event-stream", False),
        (204, "text/event-stream", False),
        (404, "text/event-stream", False),
        (500, "application/json", False),
    ],
)
def test_a_tail_is_200_and_an_event_stream(status: int, kind: str | None, kept: bool) -> None:
    assert outcome(IS_STREAM, recording(answered(200), answered(status, kind, "later"))) == (
        "kept" if kept else "violation"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"credential": "other"},
        {"journey": "cursors"},
        {"journey": "strangers"},
        {"part": "foreign"},
        {"limited": True},
        {"outage": True},
    ],
)
def test_only_tails_that_were_asked_for_lawfully_count(other: dict[str, Any]) -> None:
    assert outcome(IS_STREAM, recording(answered(200), answered(500, step="later", **other))) == "kept"
    assert found(IS_STREAM, recording(answered(200, **other))) == "untested: no tail was opened"


def test_a_status_that_is_held_back_is_no_failure_where_another_came() -> None:
    assert outcome(IS_STREAM, recording(answered(0), answered(200, step="later"))) == "kept"
    assert outcome(IS_STREAM, recording(answered(429), answered(200, step="later"))) == "kept"
    assert outcome(IS_STREAM, recording(answered(0, problem="ReadTimeout: no headers"))) == "violation"
    assert "no tail was answered: ReadTimeout" in found(
        IS_STREAM, recording(answered(0, problem="ReadTimeout"), answered(429, step="later"))
    )


def test_a_401_of_a_key_that_has_died_says_nothing() -> None:
    dead = answered(401, step="later", at=12.0)
    assert outcome(IS_STREAM, recording(answered(200), dead)) == "untested"
    alive = exchange("dialogue/messages", "list-messages", 200, at=13.0)
    assert outcome(IS_STREAM, recording(answered(200), dead, alive)) == "violation"
    wrong = answered(500, step="last", at=14.0)
    assert outcome(IS_STREAM, recording(answered(200), dead, wrong)) == "violation"


def test_without_a_tail_it_is_untested_and_says_where_it_broke_off() -> None:
    broke = Break("racing", "session", "status 500")
    assert found(IS_STREAM, recording(post(), breaks=[broke])) == (
        "untested: no tail was opened; racing broke off at session: status 500"
    )


# --- EVT-02: one id, one envelope -------------------------------------------------------------------------------------


def two_turns(one: str, two: str, **more: Any) -> list[Exchange]:
    return [post(1), tail(stream(one)), post(2, cursor="1-3", **more), tail(stream(two, 20.5), 2, **more)]


@pytest.mark.parametrize(
    ("one", "two", "kept"),
    [
        (ONE, TWO, True),
        (ONE, "2-1:start 2-1:text-start", False),
        (ONE, "2-1:start 2-1:start", False),
        (ONE, "2-1:start :text-start", False),
        (":start", TWO, False),
        (ONE, "1-1:text-start 2-2:finish", False),
        (ONE, "1-1:start 2-2:finish", True),  # it comes again: CUR-01 says so
        ("1-1:data-a 1-1:data-b", TWO, False),
        (ONE, "2-1:data-a", True),
    ],
)
def test_no_id_stands_for_two_envelopes_and_none_is_missing(one: str, two: str, kept: bool) -> None:
    assert outcome(UNIQUE, recording(*two_turns(one, two))) == ("kept" if kept else "violation")


def test_each_session_has_ids_of_its_own() -> None:
    assert outcome(UNIQUE, recording(*two_turns(ONE, "1-1:text-start", session="session-2"))) == "kept"
    assert outcome(UNIQUE, recording(*two_turns(ONE, "1-1:text-start"))) == "violation"


def transient(id: str | None, at: float = 10.6) -> Any:
    frame = stream("x:data-progress", at)[0]
    data = frame.data.replace("}", ', "transient": true}')
    return replace(frame, event=Event(data, "", id, id or "", None))


def test_a_transient_part_may_lack_an_id_or_stand_at_that_of_another() -> None:
    for id in (None, "1-1"):
        frames = [*stream("1-1:start"), transient(id), *stream("1-3:finish", 10.7)]
        assert outcome(UNIQUE, recording(post(), tail(frames))) == "kept"
    before = [transient("1-1", 10.4), *stream("1-1:start 1-3:finish")]
    assert outcome(UNIQUE, recording(post(), tail(before))) == "kept"
    behind = [*stream(ONE), transient("9-9", 10.9), *stream("9-9:text-start", 11.0)]
    assert outcome(UNIQUE, recording(post(), tail(behind))) == "kept"


def test_a_turn_that_was_not_tailed_hides_no_other() -> None:
    third = [post(3), tail(stream("3-1:start 3-1:finish", 30.5), 3)]
    assert outcome(UNIQUE, recording(post(1), post(2), tail(stream(TWO, 20.5), 2, "again"), *third)) == "violation"
    assert found(UNIQUE, recording(post(1))) == "untested: no envelope was received"
    assert found(UNIQUE, recording(post(1), tail([], ending="silence"))) == "untested: no envelope was received"
    assert outcome(UNIQUE, recording(post(1), tail(stream("1-1:start")))) == "kept"


# --- EVT-02: order ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("1-1:start 1-2:text-start 2-0:finish", True),
        ("5-9:start 5-10:text-start 10-0:finish", True),  # as numbers, not as text
        ("5-2:start 5-1:text-start", False),
        ("6-0:start 5-9:text-start", False),
        ("5-1:start 5-1:finish", True),  # a repeat has its own rule
        ("b:start a:finish", True),
        ("5-2:start a:text-start 5-1:finish", True),  # not all of that form: opaque
        ("5-2:start :text-start 5-1:finish", False),
        ("5-2:start 5-3:text-start 5-1:finish", False),
    ],
)
@pytest.mark.parametrize("kind", ["main", "header", "before", "again"])
def test_ids_of_numbers_rise_on_each_tail(words: str, kept: bool, kind: str) -> None:
    played = recording(post(), tail(stream(words), 1, kind))
    assert outcome(RISING, played) == ("kept" if kept else "violation")


@pytest.mark.parametrize("part", ["resume", "live"])
def test_ids_rise_on_a_reconnect_as_well(part: str) -> None:
    again = tail(stream("5-2:start 5-1:finish", 12.0), 1, None, part=part, name=f"dialogue/turn-1/{part}-1")
    assert outcome(RISING, recording(post(), tail(stream(ONE)), again)) == "violation"


def test_without_a_cursor_the_end_of_the_turn_before_may_stand_where_it_likes() -> None:
    falling = "5-2:start 5-1:finish"
    assert outcome(RISING, recording(post(), tail(stream(falling), 1, "none"))) == "violation"
    later = [*two_turns(ONE, TWO), tail(stream(falling, 20.5), 2, "none")]
    assert outcome(RISING, recording(*later)) == "kept"


def test_one_tail_of_opaque_ids_does_not_excuse_the_next() -> None:
    played = [post(), tail(stream("b:start a:finish")), tail(stream("5-2:start 5-1:finish"), 1, "header")]
    assert outcome(RISING, recording(*played)) == "violation"


def test_a_transient_part_has_no_place_in_the_order() -> None:
    frames = [*stream("5-2:start"), transient("5-1"), *stream("5-3:finish", 10.7)]
    assert outcome(RISING, recording(post(), tail(frames))) == "kept"


@pytest.mark.parametrize(
    ("one", "two", "kept"),
    [
        ("5-1:start 5-3:finish", "5-4:start 5-5:finish", True),
        ("5-1:start 5-3:finish", "5-2:start 5-5:finish", False),
        ("5-1:start 5-3:finish", "4-1:start 4-2:finish", False),
        ("5-1:start 5-3:finish", "a:start 5-2:finish", True),
        ("a:start 5-3:finish", "5-1:start 5-2:finish", True),
        ("5-1:start 5-3:finish", ":start 5-2:finish", True),
    ],
)
def test_ids_rise_through_the_session(one: str, two: str, kept: bool) -> None:
    assert outcome(RISING, recording(*two_turns(one, two))) == ("kept" if kept else "violation")


def test_without_any_id_the_order_is_untested() -> None:
    assert (
        found(RISING, recording(post(), tail(stream(":start :finish"))))
        == "untested: no envelope with an id was received"
    )
    assert outcome(RISING, recording(post(), tail(stream("a:start")))) == "kept"

"""EVT-06 on recordings written by hand: a turn ends once, and nothing of it follows."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_turn_ends as ends
from tests.judges.by_hand import found, outcome, post, recording, stream, tail

ONCE = ends.test_a_turn_ends_once_and_nothing_of_it_follows
ONE = "1-1:start 1-2:text-start 1-3:text-end 1-4:finish-step 1-5:finish"
TWO = "2-1:start 2-2:text-start 2-3:text-end 2-4:finish-step 2-5:finish"
OPEN = "1-1:start 1-2:text-start"


def open_turn(words: str = OPEN, **more: Any) -> list[Exchange]:
    return [post(1), tail(stream(words), **{"ending": "silence", "ended": 80.0, **more})]


def quiet(words: str, *, after: str = "1-5", at: float = 12.0, **more: Any) -> Exchange:
    values = {"part": None, "name": "dialogue/quiet-1", "opened": 11.9, "ending": "silence", **more}
    return tail(stream(words, at), None, values.pop("kind", None), after=after, **values)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("1-5:finish", True),
        ("1-5:abort", True),
        ("1-5:error", True),
        ("1-5:error 1-6:finish-step 1-7:finish", True),
        ("1-5:error 1-6:text-end 1-7:reasoning-end 1-8:message-metadata 1-9:abort", True),
        ("1-5:error 1-6:error 1-7:finish", True),
        ("1-5:error 1-6:text-delta", False),
        ("1-5:finish 1-6:finish", False),
        ("1-5:finish 1-6:finish-step", False),
        ("1-5:abort 1-6:finish", False),
        ("1-5:finish 1-6:text-start", False),
        ("1-5:error 1-6:finish 1-7:finish-step", False),
        ("1-5:finish 1-6:data-title", True),
        ("1-5:finish 1-6:data-title 1-7:text-delta", False),
        ("1-5:finish 2-1:start 2-2:text-delta", True),
    ],
)
def test_behind_its_end_nothing_of_the_turn_comes(words: str, kept: bool) -> None:
    """In the same packet as the end, or on a tail that was opened behind it."""
    expected = "kept" if kept else "violation"
    head = "1-1:start 1-2:text-start "
    together = [post(), tail(stream(head + words)), quiet("", after=words.split()[-1].partition(":")[0])]
    assert outcome(ONCE, recording(*together)) == expected
    end, _, rest = words.partition(" ")
    apart = [post(), tail(stream(head + end)), quiet(rest)]
    assert outcome(ONCE, recording(*apart)) == expected


def test_without_a_tail_behind_the_end_nothing_is_seen() -> None:
    whole = [post(), tail(stream(ONE))]
    assert found(ONCE, recording(*whole)) == "unobservable: no stream was read on behind the end of a turn"
    assert found(ONCE, recording(*open_turn())) == "untested: no turn was read to its end"
    no_ids = [post(), tail(stream(":start :finish")), quiet("")]
    assert outcome(ONCE, recording(*no_ids)) == "unobservable"
    assert outcome(ONCE, recording(post(), tail(stream("1-5:start :finish")), quiet("1-6:finish"))) == "violation"


@pytest.mark.parametrize(
    "other",
    [
        {"status": 500},
        {"after": "1-4"},
        {"session": "session-2"},
        {"part": "live"},
        {"name": "refusals/quiet-1"},
    ],
)
def test_only_a_tail_of_the_session_from_the_last_id_tells(other: dict[str, Any]) -> None:
    whole = [post(), tail(stream(ONE))]
    assert outcome(ONCE, recording(*whole, quiet("1-6:finish", **other))) == "unobservable"
    assert (
        outcome(ONCE, recording(*whole, quiet("1-6:finish", **other), quiet("1-6:finish", name="dialogue/quiet-2")))
        == "violation"
    )


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ({"at": 11.95}, True),
        ({"at": 12.0}, True),
        ({"at": 12.05}, False),
        ({"at": 11.95, "session": "session-2"}, False),
        ({"at": 11.95, "status": 409}, False),
        ({"at": 11.95, "status": 500}, True),
    ],
)
def test_what_comes_after_another_post_may_be_its_turns(posted: dict[str, Any], kept: bool) -> None:
    values = {"status": 202, "part": "probe", "name": "dialogue/probe", **posted}
    played = [post(), tail(stream(ONE)), post(7, **values), quiet("1-6:finish")]
    assert outcome(ONCE, recording(*played)) == ("kept" if kept else "violation")


def test_what_the_client_had_already_is_the_finding_of_another_rule() -> None:
    assert outcome(ONCE, recording(post(), tail(stream(ONE)), quiet("1-5:finish"))) == "kept"
    assert outcome(ONCE, recording(post(), tail(stream(ONE)), quiet("1-3:text-end 1-6:finish"))) == "violation"


def stayed(words: str, *, cursor: str | None = "1-5", main: str = TWO, beside: bool = False) -> list[Exchange]:
    """A client that stayed connected from the first turn's end to the second turn."""
    played = [
        post(1),
        tail(stream(ONE)),
        post(2, cursor=cursor),
        tail(stream(main, 20.5), 2),
        tail(stream(words, 20.5), 2, "before", after="1-5"),
    ]
    return [*played, post(8, 500, part="probe", name="dialogue/probe", at=20.2)] if beside else played


@pytest.mark.parametrize(
    ("words", "cursor", "expected"),
    [
        (TWO, "1-5", "kept"),
        (f"1-6:finish {TWO}", "1-5", "violation"),
        (f"1-6:text-delta {TWO}", "1-6", "violation"),  # by its id it was there before the turn
        (f"1-7:text-delta {TWO}", "1-6", "kept"),  # by its id it is this turn's
        (f"x:text-delta {TWO}", "1-6", "kept"),
        (f"1-6:text-delta {TWO}", "opaque", "violation"),
        (f"1-6:data-title {TWO}", "1-6", "kept"),
        (f"1-5:finish {TWO}", "1-5", "kept"),
        ("9-1:finish", "1-5", "kept"),
    ],
)
def test_a_client_that_stayed_sees_the_next_turn_and_nothing_before_it(words: str, cursor: str, expected: str) -> None:
    assert outcome(ONCE, recording(*stayed(words, cursor=cursor))) == expected


def test_a_next_turn_that_is_not_alone_tells_nothing() -> None:
    assert outcome(ONCE, recording(*stayed(f"1-6:finish {TWO}", beside=True))) == "unobservable"
    unposted = [e for e in stayed(f"1-6:finish {TWO}") if e.name != "dialogue/turn-2/post"]
    assert outcome(ONCE, recording(*unposted)) == "unobservable"


def test_what_the_main_tail_lost_at_its_beginning_is_no_rest_of_the_turn_before() -> None:
    assert outcome(ONCE, recording(*stayed(TWO, main=TWO[10:]))) == "kept"
    assert outcome(ONCE, recording(*stayed(f"1-6:finish {TWO}", main=TWO[10:]))) == "violation"

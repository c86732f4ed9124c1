"""When a turn was over, as its tails and its ids tell."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.evidence import session
from conformance.judging.turn_times import over_by
from conformance.recording import Exchange
from tests.judges.by_hand import post, recording, stream, tail


def over(*tails: Exchange) -> float | None:
    return over_by(session(recording(post(1), *tails), "dialogue").turns[0])


def test_without_an_end_nobody_knows() -> None:
    assert over() is None
    assert over(tail(stream("1-1:start 1-2:text-start"))) is None
    assert over(tail([], ending="silence")) is None


@pytest.mark.parametrize("kind", ["main", "header", "before"])
def test_the_first_end_that_arrived_tells(kind: str) -> None:
    assert over(tail(stream("a:start b:finish c:abort", 10.5, 1.0), 1, kind)) == 11.5
    both = (
        tail(stream("a:start b:finish", 10.5, 3.0)),
        tail(stream("a:start b:finish", 11.0, 1.0), 1, "before" if kind == "header" else "header"),
    )
    assert over(*both) == 12.0


@pytest.mark.parametrize("kind", ["again", "none"])
def test_a_tail_of_a_turn_that_may_be_over_tells_nothing(kind: str) -> None:
    assert over(tail(stream("a:start b:finish"), 1, kind)) is None


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("1000-0:start 1500-0:finish", 11.0),  # half a second behind the first, that arrived at 10.5
        ("1000-0:start 1000-1:finish", 10.5),
        ("x:start 1000-0:text-start 1500-0:finish", 12.0),
        (":start 1000-0:text-start 1500-0:finish", 12.0),
        ("9000-0:start 1000-0:text-start 1500-0:finish", 12.0),  # the first that is not behind the end
        ("1000-0:start x:finish", 11.5),
        ("1000-0:start 9000-0:finish", 11.5),  # arrived earlier than the ids say
    ],
)
def test_ids_of_milliseconds_tell_more_than_a_tail_that_was_read_late(words: str, moment: Any) -> None:
    assert over(tail(stream(words, 10.5, 1.0))) == pytest.approx(moment)

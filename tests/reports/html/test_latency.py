"""The distributions of the times: on recordings written by hand, to the hundredth of a second."""

from __future__ import annotations

import pytest

from conformance.recording import Recording
from conformance.report.html.latency import STRIP_WIDTH, Latency, latencies
from tests.judges.by_hand import post, recording, stream, tail, turn_of


def measured(played: Recording) -> dict[str, Latency]:
    return {one.about.removeprefix("from a post to "): one for one in latencies(played)}


def test_each_time_is_measured_from_the_post() -> None:
    found = measured(recording(post(1, took=0.25), tail(stream(turn_of("1"), at=10.5, every=0.1), 1)))
    assert found["its 202"].values == pytest.approx((0.25,))
    assert found["the turn's first envelope"].values == pytest.approx((0.5,))
    assert found["between two envelopes of a turn"].values == pytest.approx((0.1,) * 6)
    assert found["the turn's terminal envelope"].values == pytest.approx((1.1,))


def test_an_envelope_was_there_when_the_first_tail_had_it() -> None:
    late = tail(stream(turn_of("1"), at=15.0, every=0.0), 1)
    early = tail(stream(turn_of("1"), at=10.5, every=0.1), 1, "header")
    found = measured(recording(post(1), late, early))
    assert found["the turn's first envelope"].values == pytest.approx((0.5,))
    assert found["the turn's terminal envelope"].values == pytest.approx((1.1,))


def test_a_turn_that_was_not_read_to_its_end_has_no_length() -> None:
    cut = tail(stream("1-1:start 1-2:text-start"), 1, ending="time-limit")
    assert measured(recording(post(1), cut))["the turn's terminal envelope"].values == ()


def test_what_a_tail_brought_of_the_turn_before_is_not_this_turns_first_envelope() -> None:
    first = tail(stream(turn_of("1"), at=10.5), 1)
    second = tail(stream("1-7:finish " + turn_of("2"), at=20.5), 2)
    found = measured(recording(post(1), first, post(2, cursor="1-7"), second))
    assert found["the turn's first envelope"].values == pytest.approx((0.5, 0.5))


def test_the_figures_of_a_distribution() -> None:
    one = Latency("of anything", tuple(float(n) for n in range(1, 11)))
    assert (one.least, one.median, one.percentile(90), one.most) == (1.0, 5.5, 9.0, 10.0)
    assert one.dots()[-1] == STRIP_WIDTH
    assert len(Latency("of much", (0.0,) * 100_000).dots()) <= 1000

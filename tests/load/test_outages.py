"""An outage is one only where nobody was answered: what fails for some while others are served is the server's own."""

from __future__ import annotations

import pytest

from conformance.load.outages import MOST, Outages
from conformance.recording import Exchange
from tests.judges.by_hand import exchange, tail


def answer(at: float, status: int = 200, **more: object) -> Exchange:
    return exchange("session-1/x", "list-messages", status, {}, at=at, took=0.0, **more)  # type: ignore[arg-type]


def seen(*answers: tuple[int, Exchange]) -> Outages:
    outages = Outages()
    for session, one in answers:
        outages.note(session, one)
    return outages


DOWN = [(1, answer(10.0, 503)), (2, answer(10.4, 502)), (1, answer(11.0, 0)), (3, answer(12.0, 500))]


@pytest.mark.parametrize(
    ("begun", "ended", "met"),
    [(9.0, 13.0, True), (11.5, 11.6, True), (12.0, 20.0, True), (0.0, 9.9, False), (12.1, 20.0, False)],
)
def test_a_session_meets_it_or_not(begun: float, ended: float, met: bool) -> None:
    assert seen((1, answer(9.5)), *DOWN, (2, answer(12.5))).within(begun, ended) is met


def test_the_order_in_which_answers_are_told_does_not_matter() -> None:
    assert seen(*reversed(DOWN)).within(0.0, 20.0)


@pytest.mark.parametrize(
    "between",
    [answer(10.7), answer(10.7, 404), answer(10.7, 429), tail([], opened=10.7, ending="silence")],
    ids=["200", "404", "429", "a tail"],
)
def test_who_answers_one_of_them_is_not_out(between: Exchange) -> None:
    outages = seen(*DOWN[:2], (4, between), *DOWN[2:])
    assert not outages.within(0.0, 20.0)


def test_one_session_alone_or_a_moment_is_none() -> None:
    assert not seen(*((1, one) for _, one in DOWN)).within(0.0, 20.0)
    assert not seen((1, answer(10.0, 503)), (2, answer(10.1, 503)), (3, answer(10.2, 503))).within(0.0, 20.0)
    assert not seen((1, answer(10.0, 503)), (2, answer(12.0, 503))).within(0.0, 20.0)


def test_a_tail_that_breaks_is_a_failure_and_one_that_was_opened_an_answer() -> None:
    broken = [(n, tail([], opened=5.0, ended=10.0 + n, ending="broken")) for n in (1, 2, 3)]
    assert seen(*broken).within(10.0, 20.0)
    opened = [(n, tail([], opened=10.5 + n, ended=11.0 + n, ending="broken")) for n in (1, 2, 3)]
    assert not seen(*opened).within(0.0, 20.0)


def test_what_is_remembered_is_bounded() -> None:
    outages = seen(*((n % 3, answer(float(n))) for n in range(2 * MOST)))
    assert len(outages._answers) <= MOST

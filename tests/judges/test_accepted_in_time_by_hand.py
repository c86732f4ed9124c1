"""ACC-07 on recordings written by hand: what proves that a 202 waited for its turn, and what proves that it did not."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.recording import Exchange
from conformance.scenarios import test_accepted as accepted
from tests.judges.by_hand import clocked, exchange, found, outcome, post, recording, rival, stream, tail

BEFORE = accepted.test_the_202_comes_before_the_turn_has_ended
TURN = "start text-start text-delta text-delta text-end finish"
"""Six envelopes: half a second, one every 0.1."""
NOT_LONG = "unobservable: no turn ran long enough to tell whether its 202 came before its end"


def waited(turn: int, took: float, written: float = 0.6, came: float | None = None, **more: Any) -> list[Exchange]:
    """A turn whose end was written ``written`` seconds after its post, and whose 202 took ``took`` seconds."""
    at = 10.0 * turn
    frames = clocked(TURN, at + written - 0.5, at=at + (came if came is not None else max(took, written) + 0.01))
    tier = {"tier": more["tier"]} if "tier" in more else {}
    return [post(turn, took=took, **more), tail(frames, turn, opened=at + took + 0.001, **tier)]


def live(turn: int, **more: Any) -> list[Exchange]:
    """A turn that runs on when its 202 has come."""
    return [post(turn, **more), tail(clocked(TURN, 10.0 * turn + 0.1), turn)]


def test_a_server_that_answers_when_the_turn_is_over_is_found() -> None:
    assert outcome(BEFORE, recording(*waited(1, 0.6), *waited(2, 0.6))) == "violation"
    reason = found(BEFORE, recording(*waited(1, 0.6), *waited(2, 0.6)))
    assert reason.startswith("violation: dialogue turn 1: the 202 took 0.60 s and came when the turn was over")
    assert "all turns of the run" in reason


def test_one_slow_answer_alone_is_no_proof() -> None:
    assert found(BEFORE, recording(*waited(1, 0.6))) == NOT_LONG
    assert outcome(BEFORE, recording(*waited(1, 0.6), *live(2))) == "kept"


@pytest.mark.parametrize(
    ("took", "late"),
    [
        (0.65, True),
        (0.585, True),  # about when it was over: 0.03 s are the way's
        (0.57, False),
        (0.3, False),
    ],
)
def test_late_is_what_comes_when_the_turn_is_over(took: float, late: bool) -> None:
    played = recording(*waited(1, took), *waited(2, took))
    assert outcome(BEFORE, played) == ("violation" if late else "unobservable")


@pytest.mark.parametrize(("usual", "late"), [(0.01, True), (0.44, True), (0.46, False), (0.7, False)])
def test_a_way_that_is_always_slow_is_no_wait(usual: float, late: bool) -> None:
    """What posts take that start no turn is subtracted: here the 202 takes 0.6 s."""
    others = [exchange(f"uploads/grant-{n}", "request-upload-url", took=usual, at=1.0 + n) for n in range(3)]
    played = recording(*others, *waited(1, 0.6), *waited(2, 0.6))
    assert outcome(BEFORE, played) == ("violation" if late else "unobservable")


@pytest.mark.parametrize(
    "other",
    [
        {"credential": "other"},
        {"method": "GET"},
        {"status": 0},
        {"status": 202},
    ],
)
def test_only_own_posts_that_start_no_turn_tell_the_usual_time(other: dict[str, Any]) -> None:
    values = {"took": 5.0, "at": 1.0, **other}
    slow = [exchange(f"uploads/grant-{n}", "request-upload-url", **values) for n in range(3)]
    assert outcome(BEFORE, recording(*slow, *waited(1, 0.6), *waited(2, 0.6))) == "violation"


def test_the_median_tells_the_usual_time() -> None:
    times = [0.01, 0.01, 9.0]
    others = [exchange(f"uploads/grant-{n}", "request-upload-url", took=t, at=1.0) for n, t in enumerate(times)]
    assert outcome(BEFORE, recording(*others, *waited(1, 0.6), *waited(2, 0.6))) == "violation"


@pytest.mark.parametrize("kind", [{"tier": "SMART"}, {"attachments": 1}, {"client_message_id": "k"}])
def test_a_server_that_waits_in_turns_of_one_kind_is_found(kind: dict[str, Any]) -> None:
    played = [*live(1), *live(2), *waited(3, 0.6, **kind), *waited(4, 0.6, **kind)]
    assert outcome(BEFORE, recording(*played)) == "violation"
    mixed = [*live(1), *live(2), *waited(3, 0.6, **kind), *live(4, **kind)]
    assert outcome(BEFORE, recording(*mixed)) == "kept"


def test_a_server_that_waits_in_later_turns_or_in_first_ones_is_found() -> None:
    assert outcome(BEFORE, recording(*live(1), *waited(2, 0.6), *waited(3, 0.6))) == "violation"
    others = [*(e for e in waited(1, 0.6)), *live(2), *live(3), *live(4)]
    first = [
        post(1, took=0.6, journey="refusals"),
        tail(clocked(TURN, 10.1, at=10.61), journey="refusals", opened=10.601),
    ]
    assert outcome(BEFORE, recording(*others, *first)) == "violation"


def test_a_client_message_id_that_is_null_makes_no_kind() -> None:
    played = [*live(1), *waited(2, 0.6, client_message_id=None), *waited(3, 0.6, client_message_id=None), *live(4)]
    assert outcome(BEFORE, recording(*played)) == "kept"


# --- turns whose ids are no clock -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "outcome_"), [(0.06, "kept"), (0.04, "unobservable"), (5.0, "kept")])
def test_an_end_that_comes_on_an_open_tail_is_later_than_the_202(left: float, outcome_: str) -> None:
    frames = [*stream("a:start"), *stream("b:finish", 10.5 + left)]
    assert outcome(BEFORE, recording(post(), tail(frames))) == outcome_


def test_what_came_all_at_once_proves_nothing() -> None:
    """However long the tail had been open: it may have been buffered."""
    assert found(BEFORE, recording(post(), tail(stream("a:start b:finish", 12.0, 0.0), opened=10.1))) == NOT_LONG


def test_a_tail_that_was_answered_late_shows_no_turn_that_ran_on() -> None:
    frames = stream("a:start b:finish", 10.5, 1.0)
    assert outcome(BEFORE, recording(post(), tail(frames, opened=10.1, took=1.4))) == "unobservable"


def test_a_turn_without_an_end_or_with_one_envelope_proves_nothing() -> None:
    assert found(BEFORE, recording(post(), tail(stream("a:start b:text-start", 10.5, 1.0)))) == NOT_LONG
    assert found(BEFORE, recording(post(), tail(stream("b:finish", 12.5), opened=10.1))) == NOT_LONG


def test_a_turn_beside_which_another_may_run_proves_nothing() -> None:
    beside = post(8, 500, part="probe", name="dialogue/probe", at=10.2)
    assert outcome(BEFORE, recording(post(), tail(stream("a:start b:finish", 10.5, 1.0)), beside)) == "unobservable"


def test_without_an_accepted_message_it_is_untested() -> None:
    assert found(BEFORE, recording(post(1, 409))) == "untested: no message was accepted"


def test_numbers_that_are_no_clock_tell_no_time() -> None:
    """The form is that of a stream's id; what stands in it is a day and more from the client's time."""
    frames = [*stream("1000-0:start 1600-0:finish", 10.601, 0.0)]
    again = [*stream("2000-0:start 2600-0:finish", 20.601, 0.0)]
    played = recording(post(1, took=0.6), tail(frames), post(2, took=0.6), tail(again, 2))
    assert found(BEFORE, played) == NOT_LONG


def test_a_turn_too_short_to_tell_is_passed_over() -> None:
    """Its ids lie less than 0.15 s apart."""
    first = clocked("start finish", 10.5, 0.12, at=10.63)
    second = clocked("start finish", 20.5, 0.12, at=20.63)
    played = recording(post(1, took=0.62), tail(first), post(2, took=0.62), tail(second, 2))
    assert found(BEFORE, played) == NOT_LONG
    first = clocked("start finish", 10.4, 0.2, at=10.63)
    second = clocked("start finish", 20.4, 0.2, at=20.63)
    played = recording(post(1, took=0.62), tail(first), post(2, took=0.62), tail(second, 2))
    assert outcome(BEFORE, played) == "violation"


def test_the_quickest_tail_of_the_run_sets_the_clock() -> None:
    """The clocks differ by 0.2 s: taken by a slower envelope, the answers of both turns would seem early."""

    def with_way(turn: int, way: float) -> list[Exchange]:
        at = 10.0 * turn
        frames = clocked(TURN, at - 0.1, late=0.2 + way)  # the last is written at 0.4, and comes at 0.6 and more
        return [post(turn, took=0.6), tail(frames, turn, opened=at + 0.05)]

    assert outcome(BEFORE, recording(*with_way(1, 0.0), *with_way(2, 0.3))) == "violation"
    assert outcome(BEFORE, recording(*with_way(1, 0.3), *with_way(2, 0.3))) == "kept"


# --- posts that a tail was open for -----------------------------------------------------------------------------------


def raced(answers: tuple[float, float], ends: tuple[float, ...], opened: float = 19.9) -> list[Exchange]:
    """Two posts at second 20, their answers and the ends of their turns so many seconds later, on a tail of both."""
    frames = [*stream("3:start", 20.05), *(stream(f"{n}e:finish", 20.0 + end)[0] for n, end in enumerate(ends))]
    whole = tail(frames, None, None, journey="racing", name="racing/whole", opened=opened, part=None)
    return [rival(1, took=answers[0]), rival(2, took=answers[1]), whole]


def test_posts_that_are_answered_before_their_ends_keep_it() -> None:
    assert outcome(BEFORE, recording(*raced((0.1, 0.1), (0.5, 0.9)))) == "kept"


def test_no_post_is_answered_clearly_after_its_end() -> None:
    assert outcome(BEFORE, recording(*raced((0.5, 0.9), (0.3, 0.7)))) == "violation"
    assert outcome(BEFORE, recording(*raced((0.1, 0.9), (0.3, 0.7)))) == "violation"
    assert outcome(BEFORE, recording(*raced((0.4, 0.8), (0.3, 0.7)))) == "unobservable"
    assert outcome(BEFORE, recording(*raced((0.9, 0.1), (0.3, 0.7)))) == "violation"  # whichever of them it was


def test_the_second_end_may_be_that_of_the_post_that_was_answered_last() -> None:
    assert outcome(BEFORE, recording(*raced((0.1, 0.6), (0.4, 0.9)))) == "kept"


def test_ends_prove_something_only_on_a_tail_that_was_open_before() -> None:
    late = raced((0.5, 0.9), (0.3, 0.7), opened=20.01)
    assert found(BEFORE, recording(*late)) == NOT_LONG
    assert found(BEFORE, recording(*raced((0.5, 0.9), (0.3, 0.7))[:2])) == NOT_LONG


def test_ends_that_are_not_as_many_as_the_posts_prove_nothing() -> None:
    assert found(BEFORE, recording(*raced((0.5, 0.9), (0.3,)))) == NOT_LONG
    assert found(BEFORE, recording(*raced((0.1, 0.1), (0.3, 0.5, 0.7)))) == NOT_LONG


def test_an_end_must_come_clearly_after_the_last_answer() -> None:
    assert found(BEFORE, recording(*raced((0.1, 0.5), (0.2, 0.54)))) == NOT_LONG
    assert outcome(BEFORE, recording(*raced((0.1, 0.5), (0.2, 0.56)))) == "kept"


def test_an_end_that_the_client_held_is_none_of_theirs() -> None:
    before = tail(stream("2:start 0e:finish", 15.0), journey="racing", opened=14.0)
    first = post(1, journey="racing", at=14.0)
    assert found(BEFORE, recording(first, before, *raced((0.1, 0.1), (0.5, 0.9)))) == "kept"
    played = recording(first, before, *raced((0.5, 0.9), (0.1, 0.3, 0.7)))
    assert outcome(BEFORE, played) == "violation"

"""The tail: cursors, ids, order, live delivery (E1 to E7)."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from conformance.mock.embedded import running
from conformance.mock.settings import Settings
from tests.mock.caller import Caller, Frame, after_terminals, ids, kinds, number


@pytest.fixture
def two_turns(first: Caller) -> tuple[str, list[Frame], list[Frame], str]:
    """A session with two ended turns: its id, the frames of each, the second one's cursor."""
    session = first.create()
    one = first.tail(session, since=first.send(session)["since_cursor"])
    cursor = first.send(session)["since_cursor"]
    return session, one, first.tail(session, since=cursor), cursor


def test_the_first_turn_without_a_cursor(first: Caller) -> None:
    session = first.create()
    first.send(session)
    frames = first.tail(session)
    assert kinds(frames)[:2] == ["start", "start-step"]
    assert kinds(frames)[-2:] == ["finish-step", "finish"]
    assert len(frames) == 40


def test_a_tail_may_be_opened_before_the_first_post(first: Caller) -> None:
    session = first.create()
    tail = first.frames(session)
    first.send(session)
    assert next(tail).kind == "start"
    tail.close()


def test_ids_increase_as_numbers_and_have_two_digits(two_turns: tuple[str, list[Frame], list[Frame], str]) -> None:
    _, one, two, _ = two_turns
    numbers = [number(event) for event in ids(one + two)]
    assert len(numbers) == len(one) + len(two)
    assert all(earlier < later for earlier, later in pairwise(numbers))
    for turn in (one, two):
        assert max(number(event)[1] for event in ids(turn)) >= 12
        bursts = [number(event)[0] for event in ids(turn)]
        assert max(bursts.count(moment) for moment in bursts) >= 12


def test_from_the_cursor_it_is_this_turn_only(
    first: Caller, two_turns: tuple[str, list[Frame], list[Frame], str]
) -> None:
    session, one, two, cursor = two_turns
    assert cursor == one[-1].id
    assert len(two) == 40
    assert two[0].kind == "start"
    assert not set(ids(one)) & set(ids(two))
    by_header = first.tail(session, header=cursor)
    assert [(f.id, f.chunk) for f in by_header] == [(f.id, f.chunk) for f in two]


def test_a_reconnect_at_every_id(first: Caller, two_turns: tuple[str, list[Frame], list[Frame], str]) -> None:
    session, _, two, _ = two_turns
    for place, frame in enumerate(two[:-1]):
        again = first.tail(session, header=frame.id) if place % 2 else first.tail(session, since=frame.id)
        assert [(f.id, f.chunk) for f in again] == [(f.id, f.chunk) for f in two[place + 1 :]]
    assert first.tail(session, since=two[-1].id, silence=0.2) == []


def test_without_a_cursor_a_later_turn_shows_the_final_state(
    first: Caller, two_turns: tuple[str, list[Frame], list[Frame], str]
) -> None:
    session, one, two, _ = two_turns
    frames = first.tail(session, stop=after_terminals(2))
    assert ids(frames) == ids(one[-2:] + two)


def test_without_a_cursor_while_a_later_turn_runs(under: Callable[..., Caller]) -> None:
    caller = under(turn_seconds=0.6)
    session = caller.create()
    one = caller.tail(session, since=caller.send(session)["since_cursor"])
    caller.send(session)
    frames = caller.tail(session, stop=after_terminals(2))
    assert ids(frames)[:2] == ids(one[-2:])
    assert len(frames) == 42


def test_envelopes_come_while_the_turn_runs(under: Callable[..., Caller]) -> None:
    caller = under(turn_seconds=0.8)
    session = caller.create()
    started = time.monotonic()
    frames = caller.tail(session, since=caller.send(session)["since_cursor"])
    assert frames[0].arrived - started < 0.4
    assert 0.6 < frames[-1].arrived - frames[0].arrived < 2
    assert len({round(frame.arrived, 2) for frame in frames}) > 10


def test_two_tails_of_one_session(first: Caller) -> None:
    session = first.create()
    opened = [first.frames(session), first.frames(session)]
    first.send(session)
    seen = [[next(tail) for _ in range(40)] for tail in opened]
    assert ids(seen[0]) == ids(seen[1])
    for tail in opened:
        tail.close()


def test_another_session_never_appears(first: Caller) -> None:
    mine, other = first.create(), first.create()
    data = first.send(mine)
    frames = first.tail(other, silence=0.3)
    assert frames == []
    last = first.tail(mine, since=data["since_cursor"])[-1].id
    assert first.tail(other, since=last, silence=0.2) == []


@pytest.mark.parametrize(
    "cursor", ["x", "1-2-3", "-1", "1", "99999999999999999999999-0", "1-1.5", "null", "\u0661-0", "1 -0"]
)
def test_a_malformed_cursor_is_refused(first: Caller, cursor: str) -> None:
    path = f"/chat/sessions/{first.create()}/events"
    assert first.http.get(path, params={"since": cursor}).status_code == 400
    if cursor.isascii():
        assert first.http.get(path, headers={"last-event-id": cursor}).status_code == 400


@pytest.mark.parametrize("cursor", ["18446744073709551615-18446744073709551615", "9999999999999-5"])
def test_a_cursor_in_the_future_is_served(first: Caller, cursor: str) -> None:
    session = first.create()
    first.send(session)
    assert first.tail(session, since=cursor, silence=0.3) == []


def test_sequence_numbers_compare_as_numbers(first: Caller) -> None:
    session = first.create()
    frames = first.tail(session, since=first.send(session)["since_cursor"])
    nine = next(frame.id for frame in frames if frame.id is not None and number(frame.id)[1] == 9)
    assert number(ids(first.tail(session, since=nine))[0])[1] == 10


def test_of_both_cursors_the_header_counts(first: Caller, two_turns: tuple[str, list[Frame], list[Frame], str]) -> None:
    session, _, two, _ = two_turns
    assert ids(first.tail(session, since="0-0", header=two[5].id)) == ids(two[6:])


def test_a_stopping_server_ends_its_tails() -> None:
    with running(Settings()) as mock:
        caller = Caller(mock.base_url, mock.keys["first"])
        session = caller.create()
        tail = caller.frames(session)
        caller.send(session)
        assert next(tail).kind == "start"
        started = time.monotonic()
    assert time.monotonic() - started < 15  # bounded, however busy the machine is
    assert all(frame.kind for frame in tail)
    caller.close()


def test_queued_turns_run_one_after_another(first: Caller) -> None:
    session = first.create()
    for _ in range(3):
        first.send(session)
    frames = first.tail(session, since="0-0", stop=after_terminals(3))
    assert len(frames) == 120
    for turn in range(3):
        assert kinds(frames[turn * 40 : turn * 40 + 40]) == kinds(frames[:40])

"""A tail ends at the client: at what it was opened for, or at a bound."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from conformance.journeys.resuming import cuts
from conformance.journeys.tails import Goal, Progress, Until
from conformance.recording import Frame
from conformance.sse import Event


def frame(at: float, chunk: Any, identity: str | None = None, event: str = "") -> Frame:
    data = chunk if isinstance(chunk, str) else json.dumps(chunk)
    return Frame(at, Event(data=data, event=event, id=identity, last_event_id=identity or "", retry=None))


def until(**values: Any) -> Until:
    return Until(**{"seconds": 60.0, "silence": 10.0, **values})


def test_a_turn_ends_at_its_terminal_envelope() -> None:
    progress = Progress(until(endings=1), 0.0)
    assert progress.take([frame(1.0, {"type": "text-delta"}, "1-0")]) is None
    assert progress.take([frame(2.0, {"type": "finish"}, "2-0")]) == "terminal"


def test_an_earlier_turns_terminal_envelope_does_not_count() -> None:
    progress = Progress(until(endings=1, known=frozenset({"1-0"})), 0.0)
    assert progress.take([frame(1.0, {"type": "finish"}, "1-0")]) is None
    assert progress.take([frame(2.0, {"type": "abort"}, "2-0")]) == "terminal"


def test_after_an_error_a_finish_may_follow_within_the_grace() -> None:
    progress = Progress(until(endings=1, grace=1.0), 0.0)
    assert progress.take([frame(5.0, {"type": "error"}, "1-0")]) is None
    assert progress.due(5.0) == (6.0, "terminal")
    assert progress.take([frame(5.5, {"type": "finish-step"}, "2-0")]) is None
    assert progress.due(5.5) == (6.0, "terminal")
    assert progress.take([frame(5.6, {"type": "finish"}, "3-0")]) == "terminal"


def test_heartbeats_keep_no_tail_alive() -> None:
    progress = Progress(until(silence=10.0), 0.0)
    progress.take([frame(9.0, "", event="ping"), frame(9.5, {"type": "ping"}, event="ping")])
    assert progress.due(9.6) == (10.0, "silence")


def test_the_whole_tail_is_bounded() -> None:
    progress = Progress(until(seconds=20.0), 0.0)
    progress.take([frame(19.0, {"type": "text-delta"})])
    assert progress.due(19.0) == (20.0, "time-limit")


def test_a_tail_beside_another_ends_at_the_others_last_id() -> None:
    goal = Goal()
    progress = Progress(until(goal=goal, settle=3.0), 0.0)
    assert progress.take([frame(1.0, {"type": "finish"}, "7-0")]) is None
    goal.reach("7-0")
    assert progress.satisfied() == "goal"


def test_a_tail_that_never_gets_the_last_id_is_given_up() -> None:
    goal = Goal()
    progress = Progress(until(goal=goal, settle=3.0), 0.0)
    progress.take([frame(1.0, {"type": "start"}, "1-0")])
    goal.reach("7-0")
    assert progress.satisfied() is None
    assert progress.due(2.0) == (5.0, "silence")


def test_a_number_of_envelopes_ends_a_tail() -> None:
    progress = Progress(until(envelopes=2), 0.0)
    assert progress.take([frame(1.0, {"type": "start"}), frame(1.0, {"type": "start-step"})]) == "goal"


IDS = tuple(f"{ms}-{seq}" for ms in range(20) for seq in range(3))


def test_all_cuts_are_made_where_there_are_few() -> None:
    assert cuts(IDS, 200) == list(range(len(IDS)))


def test_a_spread_of_cuts_has_both_ends_and_neighbours_of_one_millisecond() -> None:
    chosen = cuts(IDS, 8)
    assert len(chosen) == 8
    assert {0, len(IDS) - 1} <= set(chosen)
    assert any(b == a + 1 and IDS[a].split("-")[0] == IDS[b].split("-")[0] for a, b in pairwise(chosen))


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_no_number_of_ids_is_too_small(count: int) -> None:
    chosen = cuts(IDS[:count], 8)
    assert len(chosen) <= 8
    assert all(0 <= index < count for index in chosen)


def settling(heard: list[float]) -> list[float]:
    """When a tail whose goal was reached at second 10 is given up, looked at each time its time is over.

    ``heard``: the moments at which the target was heard on some connection.
    """
    goal = Goal()
    progress = Progress(until(goal=goal, settle=3.0, silence=60.0, seconds=120.0), 9.0)
    goal.reach("9-9")
    assert progress.due(10.0) == (13.0, "silence")
    looks: list[float] = []
    while not looks or progress.goes_on(looks[-1], max(h for h in heard if h <= looks[-1])):
        looks.append(progress.due(10.0)[0])
    return looks


def test_silence_counts_where_others_are_answered() -> None:
    assert settling([9.0, 12.0]) == [13.0]


def test_a_target_that_stands_still_is_waited_for() -> None:
    assert settling([9.0, 17.0, 18.5]) == [13.0, 16.0, 19.0, 22.0]
    assert settling([9.0, 17.0, 21.0]) == [13.0, 16.0, 19.0, 22.0], "and the time is given anew when it is heard again"


def test_a_target_that_is_never_heard_again_is_given_up() -> None:
    assert settling([9.0]) == [13.0, 16.0, 19.0, 22.0]

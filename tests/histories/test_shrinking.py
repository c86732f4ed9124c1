"""A history that fails is made as short as it can be; without a server, for what fails is told by a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.histories.budget import BudgetSpent
from conformance.histories.playing import Played
from conformance.histories.shrinking import shrink
from conformance.histories.steps import Step
from conformance.recording import Recording
from tests.histories.server import step

EMPTY = Recording("", "", "", "", 0.0, 0.0, 1.0, ("own",), ())
NEEDED = step("post", id="fresh", header=True), step("duplicate", body="text")


def played(steps: Sequence[Step]) -> Played:
    return Played(tuple(steps), EMPTY, ())


def long_history() -> tuple[Step, ...]:
    return (
        *(step("post"), step("open"), step("messages")),
        NEEDED[0],
        *(step("finish"), step("quiet")),
        NEEDED[1],
        *(step("resume"), step("messages")),
    )


def fails_with(*needed: Callable[[Step], bool]) -> Callable[[Sequence[Step]], Played | None]:
    """It fails where such steps come in that order."""

    def again(steps: Sequence[Step]) -> Played | None:
        left = iter(steps)
        return played(steps) if all(any(one(s) for s in left) for one in needed) else None

    return again


def test_only_the_needed_steps_stay_and_they_are_plain() -> None:
    again = fails_with(lambda s: s.do == "post" and s.given["id"] == "fresh", lambda s: s.do == "duplicate")
    *_, shortest = shrink(played(long_history()), again)
    assert shortest.steps == (step("post", id="fresh"), step("duplicate"))


def test_each_history_is_no_longer_than_the_one_before() -> None:
    sizes = [one.size for one in shrink(played(long_history()), fails_with(lambda s: s.do == "resume"))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1][0] == 1


def test_what_does_not_fail_again_stays_as_it_is() -> None:
    assert list(shrink(played(long_history()), lambda _: None)) == []


def test_the_shortest_so_far_is_known_when_the_budget_is_spent() -> None:
    attempts = 0

    def again(steps: Sequence[Step]) -> Played | None:
        nonlocal attempts
        attempts += 1
        if attempts > 3:
            raise BudgetSpent
        return played(steps)

    shorter: list[Played] = []
    with pytest.raises(BudgetSpent):
        shorter.extend(shrink(played(long_history()), again))
    assert shorter
    assert len(shorter[-1].steps) < len(long_history())

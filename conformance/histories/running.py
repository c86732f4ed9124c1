"""FUZZ-02: generated histories, performed and judged until turns or time are used up, and shrunk where one fails."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain

from conformance.histories.budget import Budget, BudgetSpent
from conformance.histories.corpus import keep, kept
from conformance.histories.machine import drawn_histories
from conformance.histories.outcome import FailedHistory, HistoriesReport, HistorySettings
from conformance.histories.playing import Played, play
from conformance.histories.shrinking import shrink
from conformance.histories.stage import HistoryStage
from conformance.histories.steps import Step
from conformance.histories.walks import among
from conformance.journeys.limits import Limits
from conformance.target import Target

_SEEN_BY_VALUES = frozenset({"TIER-03", "TIER-04", "TIER-05"})
_AGAIN = 3
"""How often a history is played again before what it shows of the tier is believed."""
QUIET_SECONDS = 0.25
"""How long a tail is read where nothing is expected: many short looks see more than few long ones."""


def run_histories(target: Target, limits: Limits, given: HistorySettings) -> HistoriesReport:
    """Play histories on the target. Whatever it does is in the report; nothing is sent where no turn may begin.

    The search ends with the first broken MUST. A broken SHOULD is noted, and the search goes on without it.

    :raises Exception: a mistake of ours.
    """
    budget = Budget(given.turns, given.seconds)
    if given.turns < 1:
        return HistoriesReport((), 0, 0, 0, 0.0, given.seed)
    notes = _Notes()
    bounds = replace(limits, max_turns=given.turns, quiet=min(limits.quiet, QUIET_SECONDS))
    with HistoryStage(target, bounds, budget) as stage:
        with suppress(BudgetSpent):
            for steps in _histories(given):
                leaving_out = notes.shoulds | given.leaving_out
                notes.take(_confirmed(stage, play(stage, steps, leaving_out), leaving_out))
                if notes.found_a_must:
                    break
        budget.shrinking = True
        failures = tuple(_shrunk(stage, failed, given) for failed in notes.worst_first())
        if given.corpus is not None:
            keep(given.corpus, [failure.steps for failure in failures])
        return HistoriesReport(
            failures, stage.played, stage.turns, stage.requests, time.monotonic() - budget.started, given.seed
        )


def _confirmed(stage: HistoryStage, played: Played | None, leaving_out: Collection[str]) -> Played | None:
    """What was found, without what came of chance.

    The tier is seen by values that differ between turns; a value that is dealt by chance may differ so once in twenty-five
    histories. What is found of it counts where the same steps show it every time.

    :raises BudgetSpent: no time or no turn is left to play them again.
    """
    if played is None:
        return None
    doubted = {one.rule for one in played.broken if one.rule in _SEEN_BY_VALUES}
    for _ in range(_AGAIN if doubted else 0):
        again = play(stage, played.steps, leaving_out)
        doubted &= {one.rule for one in again.broken} if again is not None else set()
    sure = tuple(one for one in played.broken if one.rule not in _SEEN_BY_VALUES or one.rule in doubted)
    return replace(played, broken=sure) if sure else None


def _histories(given: HistorySettings) -> Iterator[Sequence[Step]]:
    """What failed in an earlier run comes first."""
    return chain(kept(given.corpus) if given.corpus is not None else (), among(drawn_histories(given.seed), given.seed))


def _shrunk(stage: HistoryStage, failed: Played, given: HistorySettings) -> FailedHistory:
    """The shortest history of that failure that turns and time allow to find, where it is asked for."""
    rule, shortest, seen = failed.broken[0].rule, failed, 1

    def again(steps: Sequence[Step]) -> Played | None:
        nonlocal seen
        played = play(stage, steps)
        if played is None or not any(one.rule == rule for one in played.broken):
            return None
        seen += 1
        first = sorted(played.broken, key=lambda one: one.rule != rule)
        return Played(played.steps, played.recording, tuple(first))

    with suppress(BudgetSpent):
        for shorter in shrink(failed, again) if given.shrinking else ():
            shortest = shorter
    return FailedHistory(shortest.steps, shortest.recording, shortest.broken, given.seed, seen)


class _Notes:
    """What was found: the first failure of each requirement."""

    def __init__(self) -> None:
        self._failed: dict[str, Played] = {}
        self.shoulds: set[str] = set()
        """Those of level SHOULD: they are not judged any more."""

    def take(self, played: Played | None) -> None:
        """Note a failure, if there was one."""
        if played is not None:
            self._failed.setdefault(played.broken[0].rule, played)
            self.shoulds.update(one.rule for one in played.broken if not one.is_must)

    @property
    def found_a_must(self) -> bool:
        return any(played.broken[0].is_must for played in self._failed.values())

    def worst_first(self) -> list[Played]:
        return sorted(self._failed.values(), key=lambda played: not played.broken[0].is_must)

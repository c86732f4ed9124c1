"""Plays a given list of steps on a stage, and judges what was recorded, as often as nothing of it is unfinished."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from conformance.histories.stage import HistoryStage
from conformance.histories.steps import Step
from conformance.histories.verdicts import Broken, broken_rules
from conformance.recording import Recording

_TURNS_BETWEEN = 3
"""Turns that are completed between two judgements; at the end of a history all of it is judged."""


@dataclass(frozen=True)
class Played:
    """``steps`` were performed, the last of them that which showed what is ``broken`` (empty: nothing)."""

    steps: tuple[Step, ...]
    recording: Recording
    broken: tuple[Broken, ...]

    @property
    def size(self) -> tuple[int, int]:
        """By which one history is shorter than another: steps, then requests."""
        return len(self.steps), len(self.recording.exchanges)


class Playing:
    """One history on a stage, step by step.

    ``leaving_out``: requirements that are not judged.
    """

    def __init__(self, stage: HistoryStage, leaving_out: Collection[str]) -> None:
        self.stage = stage
        self.history = stage.begin()
        self._leaving_out = leaving_out
        self._judged = 0
        self._lost = 0
        self._over = 0

    def perform(self, step: Step) -> Played | None:
        """What was found, if anything was.

        :raises BudgetSpent: no time or no turn is left.
        """
        self.stage.perform(self.history, step)
        lost = sum(session.lost is not None for session in self.history.sessions)
        over = sum(len(session.over) for session in self.history.sessions)
        # A judgement takes as long as some steps do: where no turn was completed, the next one will have all of it.
        due = lost > self._lost or over >= self._over + _TURNS_BETWEEN
        if not due or not self.history.quiescent:
            return None
        self._lost, self._over = lost, over
        return self._look()

    def settle(self) -> Played | None:
        """Read all to the end, and judge that.

        :raises BudgetSpent: no time is left.
        """
        self.stage.settle(self.history)
        return self._look()

    def _look(self) -> Played | None:
        recording = self.stage.recording(self.history)
        if len(recording.exchanges) == self._judged:
            return None
        self._judged = len(recording.exchanges)
        found = broken_rules(recording, self._leaving_out)
        return Played(tuple(self.history.steps), recording, tuple(found)) if found else None


def play(stage: HistoryStage, steps: Sequence[Step], leaving_out: Collection[str] = ()) -> Played | None:
    """The first failure of a history of these steps; None where nothing was found.

    :raises BudgetSpent: no time or no turn is left.
    """
    playing = Playing(stage, leaving_out)
    try:
        for step in steps:
            if (failed := playing.perform(step)) is not None:
                return failed
        return playing.settle()
    finally:
        stage.close()

"""Plays the steps of one history on a target, and judges what came."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from conformance.histories.budget import Budget, BudgetSpent
from conformance.histories.playing import Playing
from conformance.histories.stage import HistoryStage
from conformance.histories.steps import Step
from conformance.histories.verdicts import Broken
from conformance.journeys.limits import Limits
from conformance.recording import Recording
from conformance.target import Target

TURNS_OF_A_STEP = 3
"""The most that one step can begin."""


def play_history(target: Target, limits: Limits, steps: Sequence[Step]) -> tuple[Recording, list[Broken]]:
    """What was recorded, and the requirements that it shows to be broken. Bounded by the turns that the steps can begin."""
    turns = TURNS_OF_A_STEP * len(steps)
    budget = Budget(turns, seconds=(turns + 1) * limits.turn_timeout, shrinking=True)
    with HistoryStage(target, limits, budget) as stage:
        playing = Playing(stage, ())
        try:
            with suppress(BudgetSpent):
                failed = next((found for step in steps if (found := playing.perform(step)) is not None), None)
                failed = failed or playing.settle()
                if failed is not None:
                    return failed.recording, list(failed.broken)
            return stage.recording(playing.history), []
        finally:
            stage.close()

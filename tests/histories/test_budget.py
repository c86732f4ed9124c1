"""Not one turn more than the budget allows, not a second more than it has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.histories.budget import SHRINKING, Budget, BudgetSpent
from conformance.histories.outcome import HistoriesReport, HistorySettings
from conformance.histories.running import run_histories
from conformance.mock.accounts import FIRST_MOCK_KEY, SECOND_MOCK_KEY
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.embedded import running
from conformance.mock.faults.registry import FAULTS, fault
from conformance.mock.messages import Submission
from conformance.mock.settings import RateLimit, Settings
from conformance.mock.wrapping import with_accepted, with_conflicts
from conformance.target import Target
from tests.histories.server import LIMITS

BEGUN: list[str] = []
"""The sessions of the turns that the counting server began."""


@contextmanager
def counting(*, accepts_duplicates: bool = False) -> Iterator[Target]:
    """A server that notes every turn it begins; it may take duplicates for new messages."""

    def attach(server: Behaviour) -> Behaviour:
        async def note(_client: object, session: str, _submission: Submission, data: Json) -> Json:
            BEGUN.append(session)
            return data

        counted = with_accepted(server, note)

        async def again(client: object, session: str, submission: Submission, _error: object) -> Json:
            fresh = replace(submission, client_message_id=None)
            return await counted.append_message(client, server.policy, session, fresh)  # type: ignore[arg-type]

        return with_conflicts(counted, again) if accepts_duplicates else counted

    attach.__name__, attach.__doc__ = "counted", "Every turn is counted."
    fault("FUZZ-02", mistake="none")(attach)
    BEGUN.clear()
    rate = RateLimit(requests=1_000_000, seconds=60.0)
    try:
        with running(Settings(turn_seconds=0.05, rate=rate, fault="counted")) as server:
            yield Target(server.base_url, FIRST_MOCK_KEY, SECOND_MOCK_KEY)
    finally:
        del FAULTS["counted"]


def play(target: Target, turns: int, seconds: float = 6.0) -> HistoriesReport:
    return run_histories(target, LIMITS, HistorySettings(turns, seconds, seed=5))


@pytest.mark.parametrize("turns", [0, 1, 9])
def test_no_turn_more_than_allowed(turns: int) -> None:
    with counting() as target:
        report = play(target, turns)
    assert len(BEGUN) == report.turns <= turns
    assert not report.failures
    assert (report.requests > 0) == (turns > 0)


def test_not_one_more_on_a_server_that_takes_everything() -> None:
    """Duplicates that are accepted begin turns, too, and shrinking begins them as well."""
    with counting(accepts_duplicates=True) as target:
        report = play(target, 20, seconds=20.0)
    assert len(BEGUN) == report.turns <= 20
    assert [failure.rule for failure in report.musts] == ["IDEM-01"]


def test_the_time_is_kept() -> None:
    began = time.monotonic()
    with counting() as target:
        report = play(target, 1000, seconds=5.0)
    assert report.turns > 0
    assert time.monotonic() - began < 12.0


def test_a_part_is_kept_for_shrinking() -> None:
    budget = Budget(turns=10, seconds=100.0)
    budget.ask(0, 7)
    with pytest.raises(BudgetSpent):
        budget.ask(0, 8)
    searching = budget.left()
    budget.shrinking = True
    budget.ask(0, 10)
    assert budget.left() - searching == pytest.approx(100.0 * SHRINKING, abs=1.0)
    with pytest.raises(BudgetSpent):
        budget.ask(8, 3)
    assert Budget(turns=1, seconds=0.0).left() == 0.0

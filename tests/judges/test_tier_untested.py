"""Turns of which nothing is known say nothing of the tier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.offline import judge_recording
from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases_tier import asked
from tests.judges.cases_tier_outside import LATE, only_in_the_replay


def test_a_turn_that_a_lagging_replay_lacks_is_not_one_without_a_model(baseline: Recording) -> None:
    lagging = only_in_the_replay(baseline, asked("SMART"), LATE)
    results = judge_recording(lagging, ["TIER-03", "TIER-04", "TIER-05"])
    assert [results[one].outcome for one in ("TIER-03", "TIER-04", "TIER-05")] == ["passed"] * 3


def _no_answer(e: Exchange) -> Exchange:
    return replace(e, received=None, ending="no-answer", problem="ReadTimeout: ")


def _expired(e: Exchange) -> Exchange:
    assert e.received is not None
    return replace(e, received=replace(e.received, status=401))


@pytest.mark.parametrize("change", [_no_answer, _expired])
def test_a_post_that_got_no_word_on_the_tier_fails_nothing(baseline: Recording, change: Any) -> None:
    """Nothing answered, or the key expired in the middle of the run."""
    post = next(e for e in baseline.exchanges if e.name == "dialogue/turn-3/post")
    cut = edits.drop(baseline, lambda e: e.sent_at > post.sent_at)
    cut = edits.broke_off(
        edits.edit(cut, lambda e: e is post, change), "dialogue", "turn-3/post", "it was not accepted"
    )
    results = judge_recording(cut, ["TIER-01", "TIER-03"])
    assert {results[one].outcome for one in ("TIER-01", "TIER-03")} <= {"passed", "untested"}

"""Whether a 409 may be lawful because a turn of another session runs."""

from __future__ import annotations

from conformance.judging.busy import busy_elsewhere
from conformance.offline import judge_recording
from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.request_ids import answer_each

AFTER = edits.named("duplicates/after-*")


def _after_1(r: Recording) -> Exchange:
    return next(e for e in r.exchanges if e.name == "duplicates/after-1")


def _beside_one_long_turn(r: Recording) -> Recording:
    """Beside the duplicates one message was accepted, and nobody saw the end of its turn."""
    others = [
        e for e in r.exchanges if e.operation == "append-message" and e.status == 202 and e.journey != "duplicates"
    ]
    running = next(e for e in others if e.journey == "dialogue")
    new = edits.drop(r, lambda e: e in others and e is not running)
    return edits.drop(new, edits.named("dialogue/turn-1/tail*"))


def test_a_server_that_runs_turns_of_several_sessions_is_not_busy_for_them(baseline: Recording) -> None:
    assert busy_elsewhere(baseline, _after_1(baseline)) is None


def test_a_server_that_was_never_seen_to_may_be(baseline: Recording) -> None:
    r = _beside_one_long_turn(baseline)
    reason = busy_elsewhere(r, _after_1(r))
    assert reason is not None
    assert "another session" in reason


def test_without_a_turn_elsewhere_nothing_is_excused(baseline: Recording) -> None:
    r = edits.drop(baseline, lambda e: e.operation == "append-message" and e.journey != "duplicates")
    assert busy_elsewhere(r, _after_1(r)) is None


def test_a_conflict_without_the_id_is_no_failure_where_the_tenant_may_be_busy(baseline: Recording) -> None:
    r = answer_each(_beside_one_long_turn(baseline), AFTER, 409, edits.error(409, "TENANT_BUSY"))
    assert judge_recording(r, ["IDEM-02"])["IDEM-02"].outcome == "unobservable"
